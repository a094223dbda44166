"""The hidden sheet that says whose workbook it is, and the token (HMAC-SHA256, RFC 2104) that proves it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from openpyxl import Workbook

from include.domain.returns import Identity
from include.domain.values import Cell

SHEET = "_duban_identity"
_HEADING = "duban identity 1"
_FIELDS = ("campaign_id", "phase_key", "form", "form_version", "unit_code", "token")


def token(key: bytes, campaign_id: str, phase_key: str, form: str, form_version: str, unit_code: str) -> str:
    """The proof that an identity was issued by us. Raise ValueError without a key."""
    if not key:
        raise ValueError("没有设置专用表防伪密钥（DUBAN_TOKEN_KEY），不能下发或核验专用表")
    parts = "\n".join((_HEADING, campaign_id, phase_key, form, form_version, unit_code))
    return hmac.new(key, parts.encode(), hashlib.sha256).hexdigest()


def is_genuine(key: bytes, identity: Identity) -> bool:
    """Whether exactly this identity was issued under the key."""
    expected = token(
        key,
        identity.campaign_id,
        identity.phase_key,
        identity.form,
        identity.form_version,
        identity.unit_code,
    )
    return hmac.compare_digest(expected.encode(), identity.token.encode())


def write(workbook: Workbook, identity: Identity) -> None:
    """Add the hidden sheet; Excel's own menus cannot show it."""
    sheet = workbook.create_sheet(SHEET)
    sheet.append([_HEADING])
    for name in _FIELDS:
        sheet.append([name, getattr(identity, name)])
    sheet.sheet_state = "veryHidden"
    sheet.protection.sheet = True


def parse(rows: Iterable[Sequence[Cell]]) -> Identity | None:
    """The identity on the hidden sheet, or None when a part of it is missing."""
    facts = {str(row[0]): str(row[1] or "") for row in rows if len(row) > 1}
    if not all(facts.get(name) for name in _FIELDS):
        return None
    return Identity(**{name: facts[name] for name in _FIELDS})
