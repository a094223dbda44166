"""Files nobody could be found for: whose they probably are, and what staff decide. Nothing is sent from here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from include.domain.campaign import Campaign
from include.domain.claims import Clues, Suggestion, Suggestions
from include.domain.dates import zh_date
from include.domain.obligations import REPORTED, Obligation
from include.domain.returns import FileKind, ReturnFile
from include.domain.self_check import COVER
from include.domain.units import Unit
from include.steps import named
from include.steps.ports import Gateways


@dataclass(frozen=True, slots=True)
class Unclaimed:
    file: ReturnFile
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """``note`` tells what staff must know of the unit's earlier returns; empty when there is nothing."""

    file: ReturnFile
    unit: Unit
    note: str


def waiting(campaign: Campaign, *, on: date, using: Gateways) -> list[Unclaimed]:
    """Files to be claimed, in order of arrival, with the units they probably are from."""
    files = using.ledger.claims.waiting(campaign.id)
    if not files:
        return []
    known = Suggestions(using.ledger.roster.units(campaign.id, on=on))
    return [Unclaimed(file, tuple(known.about(_clues(file, using)))) for file in files]


def assign(
    campaign: Campaign,
    return_id: int,
    unit_code: str,
    *,
    by: str,
    reason: str,
    signed_by: str = "",
    dry_run: bool = False,
    on: date,
    using: Gateways,
) -> Claimed:
    """Give a file to a unit, unless it is a dry run: the next check judges it as that unit's return. Raise ValueError.

    The claim is written into the file's name, because that is where a check looks for the owner.
    """
    file, post = _waiting_file(campaign, return_id, using), _decided_by(campaign, by, reason)
    if file.kind is FileKind.OTHER:
        raise ValueError(
            f"“{file.name}”既不是Excel表格也不是扫描件，认领后仍无法校验；请联系单位重报，本件可搁置"
        )
    unit = named.unit(campaign, unit_code, on=on, using=using)
    owed = _owed(campaign, unit, using)
    if not owed:
        raise ValueError(f"{unit.name}（{unit.code}）在本次专项行动中没有需要报送的表格，不能认领给它")
    name = claimed_name(file.name, unit.code)
    if not dry_run:
        actor = named.signed(post, signed_by)
        using.ledger.claims.assign(file.id, unit.code, name=name, on=on, actor=actor, reason=reason)
    return Claimed(using.ledger.returns.get(file.id), unit, _note(unit, owed))


def set_aside(
    campaign: Campaign,
    return_id: int,
    *,
    by: str,
    reason: str,
    signed_by: str = "",
    dry_run: bool = False,
    on: date,
    using: Gateways,
) -> ReturnFile:
    """Keep a file that is no return (an advertisement, a greeting) and judge it no more, unless it is a dry run.

    Raise ValueError.
    """
    file, post = _waiting_file(campaign, return_id, using), _decided_by(campaign, by, reason)
    if not dry_run:
        actor = named.signed(post, signed_by)
        using.ledger.claims.set_aside(file.id, on=on, actor=actor, reason=reason)
    return using.ledger.returns.get(file.id)


def claimed_name(name: str, unit_code: str) -> str:
    """The name with the code behind it; of several codes in a name the last one counts."""
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}（认领{unit_code}）{path.suffix}"))


def _waiting_file(campaign: Campaign, return_id: int, using: Gateways) -> ReturnFile:
    for file in using.ledger.claims.waiting(campaign.id):
        if file.id == return_id:
            return file
    raise ValueError(
        f"待认领的文件中没有编号{return_id}，可能已经处理；请用 returns unclaimed 查看现有的待认领文件"
    )


def _decided_by(campaign: Campaign, by: str, reason: str) -> str:
    if not reason.strip():
        raise ValueError("须写明理由，以便事后核查")
    return named.post(campaign, by)


def _owed(campaign: Campaign, unit: Unit, using: Gateways) -> list[Obligation]:
    forms = {owed.form for phase in campaign.phases for owed in phase.returns if owed.filled_by == "unit"}
    found = (using.ledger.obligations.of_unit(campaign.id, unit.code, form) for form in sorted(forms))
    return [obligation for obligation in found if obligation is not None]


def _note(unit: Unit, owed: list[Obligation]) -> str:
    days = [each.accepted_on for each in owed if each.state in REPORTED and each.accepted_on]
    if not days:
        return ""
    return (
        f"{unit.name}已有于{zh_date(max(days))}校验通过的报送件：本件校验通过且收到较晚的，以本件数据为准；"
        "不通过的，原报送件继续有效"
    )


def _clues(file: ReturnFile, using: Gateways) -> Clues:
    clues = Clues(file.name, sender=file.sender or "", mail_code=file.hint_unit_code or "")
    if file.kind is not FileKind.WORKBOOK:
        return clues
    sheets = using.workbooks.read(using.archive.get(file.sha256), using.forms).sheets
    said: dict[str, str] = {}
    for row in sheets.get(COVER, ())[:1]:
        said = dict(row.raw) | {field: text for field, text in row.values.items() if isinstance(text, str)}
    return replace(
        clues,
        cover_code=said.get("unit_code", ""),
        cover_name=said.get("unit_name", ""),
        cover_words=" ".join(said.values()),
    )
