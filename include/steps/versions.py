"""Every version of a unit's returns that was kept, and the difference of two."""

from __future__ import annotations

from dataclasses import dataclass

from include.domain.campaign import Campaign
from include.domain.comparison import Difference, Total, differences, totals
from include.domain.forms import Form
from include.domain.returns import Reading, ReturnFile, Verdict
from include.steps.ports import Gateways

ACCEPTED = frozenset({Verdict.ACCEPTED, Verdict.ACCEPTED_WITH_WARNINGS})


@dataclass(frozen=True, slots=True)
class Version:
    """``number`` counts the unit's returns in order of arrival from 1; ``in_force``: its figures are counted."""

    number: int
    file: ReturnFile
    form: Form
    in_force: bool


@dataclass(frozen=True, slots=True)
class Compared:
    before: Version
    after: Version
    differences: tuple[Difference, ...]
    totals: tuple[Total, ...]


def of_unit(campaign: Campaign, unit_code: str, *, using: Gateways) -> list[Version]:
    """In order of arrival. Of each obligation the newest accepted one is in force."""
    files = using.ledger.returns.of_unit(campaign.id, unit_code)
    in_force = {file.obligation_id: file.id for file in files if file.verdict in ACCEPTED}
    return [
        Version(number, file, _form(file, using), in_force.get(file.obligation_id) == file.id)
        for number, file in enumerate(files, start=1)
    ]


def compare(
    campaign: Campaign, unit_code: str, *, first: int | None, second: int | None, using: Gateways
) -> Compared:
    """Two versions by number; without numbers the newest and the one of the same obligation before it.

    Raise ValueError when there are no two such versions, or one of them cannot be read.
    """
    versions = of_unit(campaign, unit_code, using=using)
    after = _numbered(versions, second) if second is not None else _last(versions)
    before = _numbered(versions, first) if first is not None else _previous(versions, after)
    if before.form.key != after.form.key:
        raise ValueError(
            f"第{before.number}版是《{before.form.title}》，第{after.number}版是《{after.form.title}》，"
            "不同的表不能比较"
        )
    old, new = (_read(version, using) for version in (before, after))
    return Compared(
        before, after, tuple(differences(after.form, old, new)), tuple(totals(after.form, old, new))
    )


def _form(file: ReturnFile, using: Gateways) -> Form:
    assert file.obligation_id is not None, "a version was judged as the return of an obligation"
    return using.forms[using.ledger.obligations.get(file.obligation_id).form]


def _last(versions: list[Version]) -> Version:
    if not versions:
        raise ValueError("该单位还没有收到过可以比较的报送件")
    return versions[-1]


def _previous(versions: list[Version], after: Version) -> Version:
    earlier = [
        version
        for version in versions
        if version.number < after.number and version.file.obligation_id == after.file.obligation_id
    ]
    if not earlier:
        raise ValueError(f"第{after.number}版《{after.form.title}》之前没有收到过别的版本，没有可比较的")
    return earlier[-1]


def _numbered(versions: list[Version], number: int) -> Version:
    for version in versions:
        if version.number == number:
            return version
    known = f"现有第1版至第{len(versions)}版" if versions else "还没有收到过报送件"
    raise ValueError(f"该单位没有第{number}版报送件，{known}")


def _read(version: Version, using: Gateways) -> Reading:
    reading = using.workbooks.read(using.archive.get(version.file.sha256), using.forms)
    if not reading.is_readable:
        why = "；".join(finding.message for finding in reading.findings)
        raise ValueError(f"第{version.number}版“{version.file.name}”读不出内容，不能比较：{why}")
    return reading
