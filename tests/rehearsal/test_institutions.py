from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from demo.roster import demo_campaign, make_roster
from include.domain.campaign import Campaign, PhaseKind
from include.domain.returns import FileKind
from include.gateways.form_files import load_forms
from include.gateways.workbooks import Workbooks
from include.rehearsal import institutions
from include.rehearsal.behaviours import CAST, Behaviour
from include.rehearsal.institutions import RETURNED, SHANGHAI, Cast, Player
from include.rehearsal.rosters import Roster
from include.rehearsal.scans import stamped_scan

LAUNCH, DUE, END = date(2024, 5, 6), date(2024, 5, 31), date(2024, 6, 14)


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return demo_campaign()


@pytest.fixture(scope="module")
def roster() -> Roster:
    return make_roster()


@pytest.fixture
def cast(roster: Roster, campaign: Campaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The whole cast with workbooks that are only a few words; filling in real ones is tested below."""
    monkeypatch.setattr(
        institutions, "fill", lambda workbook, items, on, **_: workbook + f" {len(items)} {on}".encode()
    )
    for unit in roster.units:
        if unit not in roster.phone_only and unit not in roster.refused:
            _mail(
                tmp_path,
                unit.contact_email,
                f"{unit.code}_{unit.name}_自查自纠情况表.xlsx",
                unit.code.encode(),
            )
    return _cast(roster, campaign, tmp_path, fetch=lambda code: f"by hand {code}".encode())


def _cast(roster: Roster, campaign: Campaign, folder: Path, fetch: Callable[[str], bytes]) -> Cast:
    return Cast(roster, campaign, mails=folder / "mails", inbox=folder / "inbox", fetch=fetch)


def _mail(folder: Path, to: object, name: str, content: bytes, number: int = 1) -> None:
    place = folder / "mails" / str(to) / f"{number}_附件"
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(content)


def _answer_mistakes(cast: Cast, folder: Path) -> None:
    for player in cast.players:
        if player.behaviour is Behaviour.CORRECTED:
            name = f"{player.unit.code}_{player.unit.name}_表_{RETURNED}.xlsx"
            _mail(folder, player.unit.contact_email, name, b"annotated", number=2)


def _days() -> list[date]:
    return [LAUNCH + timedelta(days=day) for day in range((END - LAUNCH).days + 1)]


def _files(folder: Path, player: Player, suffix: str) -> list[Path]:
    inbox = folder / "inbox" / "wushen_2024"
    return sorted(inbox.glob(f"{player.unit.code}_*{suffix}"), key=lambda file: file.stat().st_mtime)


def _arrived(file: Path) -> date:
    return datetime.fromtimestamp(file.stat().st_mtime, tz=SHANGHAI).date()


def _of(cast: Cast, behaviour: Behaviour) -> list[Player]:
    return [player for player in cast.players if player.behaviour is behaviour]


def test_every_unit_plays_exactly_one_part(cast: Cast, roster: Roster) -> None:
    assert [player.unit for player in cast.players] == list(roster.units)
    assert Counter(player.behaviour for player in cast.players) == {
        role: part.count for role, part in CAST.items()
    }


def test_the_same_seed_gives_the_same_cast(
    cast: Cast, roster: Roster, campaign: Campaign, tmp_path: Path
) -> None:
    assert _cast(roster, campaign, tmp_path, fetch=str.encode).players == cast.players


def test_everybody_sends_what_the_part_says_and_nothing_else(cast: Cast, tmp_path: Path) -> None:
    _answer_mistakes(cast, tmp_path)
    for day in _days():
        cast.drops(day)
    wanted = {
        Behaviour.CORRECTED: (2, 1),
        Behaviour.TWICE: (2, 1),
        Behaviour.BETTER: (2, 1),
        Behaviour.DAMAGED: (1, 0),
        Behaviour.NEVER: (0, 0),
    }
    for player in cast.players:
        sent = len(_files(tmp_path, player, ".xlsx")), len(_files(tmp_path, player, ".pdf"))
        assert sent == wanted.get(player.behaviour, (1, 1)), player


def test_nothing_arrives_before_its_day_and_only_the_late_are_late(cast: Cast, tmp_path: Path) -> None:
    for day in _days():
        cast.drops(day)
        inbox = tmp_path / "inbox" / "wushen_2024"
        assert all(LAUNCH < _arrived(file) <= day for file in inbox.iterdir())
    for player in cast.players:
        late = any(_arrived(file) > DUE for file in _files(tmp_path, player, ".xlsx"))
        assert late is (player.behaviour is Behaviour.LATE)


def test_a_skipped_day_changes_no_arrival(
    cast: Cast, roster: Roster, campaign: Campaign, tmp_path: Path
) -> None:
    for day in _days():
        cast.drops(day)
    one_by_one = {file.name: _arrived(file) for file in (tmp_path / "inbox" / "wushen_2024").iterdir()}
    other = Cast(
        roster, campaign, mails=tmp_path / "mails", inbox=tmp_path / "other", fetch=lambda code: code.encode()
    )
    other.drops(END)
    assert {
        file.name: _arrived(file) for file in (tmp_path / "other" / "wushen_2024").iterdir()
    } == one_by_one


def test_a_second_call_for_the_same_day_sends_nothing(cast: Cast) -> None:
    assert cast.drops(DUE)
    assert not cast.drops(DUE)


def test_counts_are_units_by_behaviour(cast: Cast) -> None:
    counts = cast.drops(END)
    assert counts[Behaviour.ON_TIME] == CAST[Behaviour.ON_TIME].count
    assert Behaviour.NEVER not in counts


def test_nobody_answers_before_the_launch_mail_except_by_telephone(
    roster: Roster, campaign: Campaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(institutions, "fill", lambda workbook, items, on, **_: workbook)
    cast = _cast(roster, campaign, tmp_path, fetch=str.encode)
    cast.drops(END)
    reached = {unit.code for unit in (*roster.phone_only, *roster.refused)}
    assert {file.name[:12] for file in (tmp_path / "inbox" / "wushen_2024").iterdir()} <= reached


def test_a_correction_waits_for_the_mail_that_asks_for_it(cast: Cast, tmp_path: Path) -> None:
    cast.drops(date(2024, 5, 29))
    player = _of(cast, Behaviour.CORRECTED)[0]
    assert len(_files(tmp_path, player, ".xlsx")) == 1
    _answer_mistakes(cast, tmp_path)
    assert cast.drops(date(2024, 5, 30))[Behaviour.CORRECTED] == CAST[Behaviour.CORRECTED].count
    corrected = _files(tmp_path, player, ".xlsx")[-1]
    assert corrected.read_bytes().startswith(b"annotated")
    assert _arrived(corrected) == date(2024, 5, 30)


def test_only_units_that_mail_reaches_are_to_answer_a_correction_mail(cast: Cast, roster: Roster) -> None:
    unreachable = (*roster.phone_only, *roster.refused)
    assert not [player for player in _of(cast, Behaviour.CORRECTED) if player.unit in unreachable]


def test_the_second_copy_is_the_same_file(cast: Cast, tmp_path: Path) -> None:
    cast.drops(END)
    for player in _of(cast, Behaviour.TWICE):
        first, second = _files(tmp_path, player, ".xlsx")
        assert first.read_bytes() == second.read_bytes()


def test_a_foreign_workbook_comes_under_the_senders_own_code(cast: Cast, tmp_path: Path) -> None:
    cast.drops(END)
    for player in _of(cast, Behaviour.FOREIGN):
        [file] = _files(tmp_path, player, ".xlsx")
        assert player.unit.code.encode() not in file.read_bytes()


def test_real_workbooks_are_filled_in_so_that_they_can_be_read(
    roster: Roster, campaign: Campaign, tmp_path: Path
) -> None:
    forms = load_forms()
    workbooks = Workbooks(b"k" * 32)
    phase = campaign.phases_of(PhaseKind.SELF_CHECK)[0]
    units = {unit.code: unit for unit in roster.units}

    def issued(code: str) -> bytes:
        return workbooks.prefilled(forms["self_check"], campaign, phase, units[code])

    whole = _cast(roster, campaign, tmp_path, fetch=issued)
    unreachable = (*roster.phone_only, *roster.refused)
    wanted = {p.behaviour: p.unit.code for p in whole.players if p.unit not in unreachable}
    for code in wanted.values():
        unit = units[code]
        _mail(tmp_path, unit.contact_email, f"{code}_{unit.name}_自查自纠情况表.xlsx", issued(code))
    whole.drops(END)
    for role, code in wanted.items():
        files = list((tmp_path / "inbox" / "wushen_2024").glob(f"{code}_*.xlsx"))
        assert files or role in {Behaviour.NEVER, Behaviour.FOREIGN}
        for file in files:
            reading = workbooks.read(file.read_bytes(), forms)
            assert reading.is_readable is (role is not Behaviour.DAMAGED), role
            if role in {Behaviour.EARLY, Behaviour.ON_TIME, Behaviour.LATE}:
                assert reading.sheets["items"]
                assert not any(row.problems for rows in reading.sheets.values() for row in rows)
            if role is Behaviour.ZERO:
                assert not reading.sheets["items"]


def test_a_scan_is_taken_for_one() -> None:
    scan = stamped_scan("H15062690001", date(2024, 5, 17))
    assert Workbooks(b"k" * 32).file_kind(scan) is FileKind.SCAN
    assert scan == stamped_scan("H15062690001", date(2024, 5, 17))
    assert scan != stamped_scan("H15062690002", date(2024, 5, 17))
