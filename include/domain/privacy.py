"""Words without persons: what may stand in a log that many can read."""

from __future__ import annotations

import re

HIDDEN = "***"
_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-]+@(?=[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)")
# With a date of birth, and not behind a letter: codes of institutions are long numbers too.
_BIRTH = r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])"
_IDENTITY = re.compile(rf"(?<![0-9A-Za-z])(\d{{6}}){_BIRTH}(\d{{3}}[\dXx])(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])(1[3-9]\d)\d{4}(\d{4})(?![0-9A-Za-z])")
_LANDLINE = re.compile(r"(?<![0-9A-Za-z-])(0\d{2,3}-)\d{3,4}(\d{4})(?![0-9A-Za-z])")


def without_persons(text: str) -> str:
    """The text with the names of mail addresses, the dates of birth of identity numbers and the middles of telephone
    numbers hidden. What remains (domain, division, last digits) is enough to find the case in the ledger.
    """
    text = _ADDRESS.sub(f"{HIDDEN}@", text)
    text = _IDENTITY.sub(rf"\1{HIDDEN}\2", text)
    text = _MOBILE.sub(rf"\1{HIDDEN}\2", text)
    return _LANDLINE.sub(rf"\1{HIDDEN}\2", text)
