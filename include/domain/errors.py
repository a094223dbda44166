"""The two ways in which work on the outside world fails: worth another try, or not."""

from __future__ import annotations


class TryAgain(Exception):
    """A passing fault: the same call may succeed later (SMTP 4xx, connection refused, time-out)."""


class GiveUp(Exception):
    """A lasting fault: the same call will fail again (SMTP 5xx, an address that cannot be written)."""


class InDoubt(Exception):
    """The message may or may not have been taken over; it must never be sent again blindly."""
