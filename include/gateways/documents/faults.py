"""What stops a document, in a sentence that says where."""

from __future__ import annotations

from include.domain.errors import GiveUp


class BadDocument(GiveUp):
    """A document that cannot be built: its skeleton is wrong, or a figure it needs does not exist."""
