"""What staff ask of the returns that came in, and decide about them, as typed. Nothing of it may send anything."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from include.assembly import Assembly, looking
from include.domain.notices import NoticeKind
from include.domain.obligations import ObligationState
from include.domain.returns import Verdict
from include.domain.units import Unit
from include.rehearsal.clerks import MISTAKES, fill, make_items, with_mistakes
from include.settings import Settings
from include.steps import check, collect
from tests import factories
from tests.cli.conftest import CAMPAIGN, KEY, UNITS, issued, ledger_of, run
from tests.factories import SHANGHAI

FIRST, SECOND = date(2024, 5, 24), date(2024, 5, 27)
CHANGED_HIS_MIND, NOTHING_FOUND, COPIED, NAMELESS, SILENT = UNITS
ASKED = ("--campaign", CAMPAIGN, "--on", "2024-05-28")
BY = ("--by", "office_staff", "--reason", "与单位电话核实")


def drop(folder: Path, name: str, content: bytes, on: date) -> None:
    inbox = folder / "inbox" / CAMPAIGN
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / name).write_bytes(content)
    at = datetime(on.year, on.month, on.day, 10, tzinfo=SHANGHAI).timestamp()
    os.utime(inbox / name, (at, at))


def workbook(unit: Unit, on: date, *, problems: int = 2, mistakes: bool = False) -> bytes:
    rows = make_items(unit.kind, problems, on, random.Random(1))
    return fill(issued(unit), with_mistakes(rows, MISTAKES) if mistakes else rows, on, phone="0477-1234567")


def without_identity(content: bytes) -> bytes:
    book = load_workbook(BytesIO(content))
    del book["_duban_identity"]
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


@pytest.fixture(scope="module")
def played(opened: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of returns: one sent back and put right, a zero return, a copied one, three nobody's files."""
    folder = tmp_path_factory.mktemp("played") / "duban"
    folder.mkdir()
    shutil.copy(opened, folder / "ledger.db")
    settings = Settings(home=folder, token_key=KEY, send_mode="live")  # type: ignore[arg-type]
    using = looking(settings, ledger_url=settings.ledger_default_url)
    campaign = factories.campaign()
    own = f"{CHANGED_HIS_MIND.code}_{CHANGED_HIS_MIND.name}_自查自纠情况表.xlsx"
    drop(folder, own, workbook(CHANGED_HIS_MIND, FIRST, mistakes=True), FIRST)
    drop(folder, f"{NOTHING_FOUND.code}_表.xlsx", workbook(NOTHING_FOUND, FIRST, problems=0), FIRST)
    drop(folder, f"{COPIED.code}_表.xlsx", workbook(COPIED, FIRST), FIRST)
    for unit in (CHANGED_HIS_MIND, NOTHING_FOUND, COPIED):
        drop(folder, f"{unit.code}_盖章.pdf", b"%PDF-1.4 " + unit.code.encode(), FIRST)
    drop(folder, "自查表.xlsx", without_identity(workbook(NAMELESS, FIRST)), FIRST)
    drop(folder, "优惠活动.docx", b"a greeting", FIRST)
    drop(folder, f"{NAMELESS.name}扫描件.pdf", b"%PDF-1.4 nameless", FIRST)
    for day in (FIRST, SECOND):
        if day is SECOND:
            drop(folder, own, workbook(CHANGED_HIS_MIND, SECOND), SECOND)
        collect.returns(campaign, on=day, using=using)
        check.returns(campaign, on=day, using=using)
    assert using.ledger.returns.counts(CAMPAIGN) == {
        Verdict.RETURNED: 1,
        Verdict.ACCEPTED: 3,
        Verdict.KEPT: 3,
        Verdict.UNCLAIMED: 3,
    }
    using.close()
    return folder


@pytest.fixture
def office(home: Path, played: Path) -> Iterator[Assembly]:
    shutil.copytree(played, home, dirs_exist_ok=True)
    settings = Settings()
    using = looking(settings, ledger_url=settings.ledger_default_url)
    yield using
    using.close()


def unclaimed(name: str) -> int:
    [found] = [
        each["return"] for each in run("returns", "unclaimed", *ASKED, "--json").json if name in each["file"]
    ]
    return int(found)


def notices(using: Assembly) -> int:
    return len(using.ledger.outbox.rows(CAMPAIGN))


def test_every_version_is_listed_and_the_one_in_force_is_marked(office: Assembly) -> None:
    asked = ("returns", "versions", "--unit", CHANGED_HIS_MIND.code.lower(), *ASKED)
    kept = run(*asked, "--json").json
    assert [(each["number"], each["verdict"], each["in_force"]) for each in kept] == [
        (1, "returned", False),
        (2, "accepted", True),
    ]
    text = run(*asked).out
    assert text.count("以此版为准") == 1
    assert "退回重报" in text


def test_two_versions_are_compared_cell_by_cell_with_their_totals(office: Assembly) -> None:
    asked = ("returns", "diff", "--unit", CHANGED_HIS_MIND.code, *ASKED)
    found = run(*asked, "--json").json
    assert (found["from"]["number"], found["to"]["number"]) == (1, 2)
    amount = next(each for each in found["differences"] if each["header"] == "违规金额（元）")
    assert amount["before"] == "约三千元左右（无法识别）"
    assert run(*asked, "--from", 1, "--to", 2, "--json").json == found
    assert "约三千元左右" in run(*asked).out
    assert run(*asked, "--from", 2, "--to", 2, "--json").json["differences"] == []


@pytest.mark.parametrize(
    ("unit", "numbers", "said"),
    [
        (NOTHING_FOUND, (), "没有可比较的"),
        (SILENT, (), "还没有收到过"),
        (CHANGED_HIS_MIND, ("--to", 3), "没有第3版报送件，现有第1版至第2版"),
    ],
)
def test_versions_that_are_not_there_are_told(
    office: Assembly, unit: Unit, numbers: tuple[object, ...], said: str
) -> None:
    assert said in run("returns", "diff", "--unit", unit.code, *ASKED, *numbers, code=1).err


def test_under_unchanged_rules_no_verdict_changes(home: Path, office: Assembly) -> None:
    before = ledger_of(home)
    assert run("returns", "recheck", *ASKED, "--json").json == []
    assert "没有报送件的结论会改变" in run("returns", "recheck", *ASKED).out
    assert ledger_of(home) == before


def test_a_changed_rule_shows_what_appears_and_what_vanishes_and_changes_nothing(
    home: Path, office: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = office.forms["self_check"]
    items = form.sheet("items")
    at_most_one = [
        column.model_copy(update={"max": 1}) if column.field == "visits" else column
        for column in items.columns
    ]
    strict = items.model_copy(update={"columns": tuple(at_most_one)})
    sheets = tuple(strict if sheet.key == "items" else sheet for sheet in form.sheets)
    forms = {**office.forms, "self_check": form.model_copy(update={"sheets": sheets})}
    monkeypatch.setattr("include.gateways.form_files.load_forms", lambda: forms)
    before = ledger_of(home)
    changed = run("returns", "recheck", *ASKED, "--json").json
    assert {(each["unit"], each["verdict"], each["would_be"]) for each in changed} == {
        (CHANGED_HIS_MIND.code, "accepted", "returned"),
        (COPIED.code, "accepted", "returned"),
    }
    for each in changed:
        assert {finding["rule"] for finding in each["appear"]} == {"visits.range"}
        assert each["vanish"] == []
    assert ledger_of(home) == before


def test_flags_are_ranked_explained_and_written_to_a_list(tmp_path: Path, office: Assembly) -> None:
    out = tmp_path / "名单" / "抽查.xlsx"
    flagged = run("returns", "flags", *ASKED, "--out", out, "--json").json
    assert [each["rank"] for each in flagged] == list(range(1, len(flagged) + 1))
    assert {each["unit"] for each in flagged} == {CHANGED_HIS_MIND.code, COPIED.code}
    assert all("same_words" in {flag["flag"] for flag in each["flags"]} for each in flagged)
    text = run("returns", "flags", *ASKED).out
    sheet = load_workbook(out).active
    assert sheet is not None
    written = "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    for why in (flag["why"] for each in flagged for flag in each["flags"]):
        assert why in text
        assert why in written
    assert "不得发给单位" in written


def test_each_unclaimed_file_comes_with_a_suggestion_and_its_reason(home: Path, office: Assembly) -> None:
    before = ledger_of(home)
    waiting = {each["file"]: each for each in run("returns", "unclaimed", *ASKED, "--json").json}
    table = waiting["自查表.xlsx"]["suggestions"][0]
    assert table["unit"] == NAMELESS.code
    assert "封面中写的是其编码" in table["reasons"][0]
    scan = waiting[f"{NAMELESS.name}扫描件.pdf"]["suggestions"]
    assert [each["unit"] for each in scan] == [NAMELESS.code]
    assert waiting["优惠活动.docx"]["suggestions"] == []
    text = run("returns", "unclaimed", *ASKED).out
    assert "看不出是哪个单位的" in text
    assert f"{NAMELESS.code} {NAMELESS.name}：" in text
    assert ledger_of(home) == before


def test_a_claimed_file_is_judged_as_that_units_return_by_the_next_check_and_by_nothing_earlier(
    office: Assembly,
) -> None:
    sent = notices(office)
    for name in ("自查表", "扫描件"):
        told = run("returns", "claim", unclaimed(name), "--unit", NAMELESS.code, *ASKED, *BY, "--json").json
        assert (told["unit"], told["note"]) == (NAMELESS.code, "")
    owed = office.ledger.obligations.of_unit(CAMPAIGN, NAMELESS.code, "self_check")
    assert owed is not None
    assert owed.state is ObligationState.OPEN
    assert notices(office) == sent, "a claim answers nobody"
    check.returns(factories.campaign(), on=date(2024, 5, 28), using=office)
    owed = office.ledger.obligations.of_unit(CAMPAIGN, NAMELESS.code, "self_check")
    assert owed is not None
    assert owed.state is ObligationState.RETURNED, "claimed or not, a table must be the one that was issued"
    assert owed.received_on == FIRST, "what counts is when it came in, not when it was claimed"
    [answer] = office.ledger.outbox.rows(CAMPAIGN)[sent:]
    assert (answer.unit_code, answer.kind) == (NAMELESS.code, NoticeKind.RETURNED)
    assert office.ledger.returns.counts(CAMPAIGN)[Verdict.KEPT] == 4, "the scan is that unit's"
    assert office.ledger.audit.verify() is None


def test_claiming_for_a_unit_with_an_accepted_return_says_so(office: Assembly) -> None:
    told = run("returns", "claim", unclaimed("自查表"), "--unit", COPIED.code, *ASKED, *BY)
    assert f"{COPIED.name}已有于2024年5月24日校验通过的报送件" in told.out


@pytest.mark.parametrize(
    ("name", "unit", "by", "said"),
    [
        ("自查表", "P15062600909", "office_staff", "名册中没有编码为“P15062600909”的单位"),
        ("自查表", NAMELESS.code, "nobody", "没有岗位“nobody”"),
        ("优惠活动", NAMELESS.code, "office_staff", "认领后仍无法校验"),
    ],
)
def test_a_claim_that_cannot_hold_is_refused_and_changes_nothing(
    home: Path, office: Assembly, name: str, unit: str, by: str, said: str
) -> None:
    number, before = unclaimed(name), ledger_of(home)
    told = run("returns", "claim", number, "--unit", unit, *ASKED, "--by", by, "--reason", "核实", code=1)
    assert said in told.err
    assert ledger_of(home) == before


def test_what_was_set_aside_waits_no_longer_and_is_never_judged_or_answered(office: Assembly) -> None:
    number, sent = unclaimed("优惠活动"), notices(office)
    assert "原件留存" in run("returns", "set-aside", number, *ASKED, *BY).out
    assert number not in {each["return"] for each in run("returns", "unclaimed", *ASKED, "--json").json}
    assert check.returns(factories.campaign(), on=date(2024, 5, 28), using=office) == {}
    assert notices(office) == sent
    assert "可能已经处理" in run("returns", "set-aside", number, *ASKED, *BY, code=1).err


def test_pages_of_the_last_check_name_every_broken_rule_and_call_no_other_host(
    home: Path, tmp_path: Path, office: Assembly, capfd: pytest.CaptureFixture[str]
) -> None:
    before, out = ledger_of(home), tmp_path / "校验记录"
    page = Path(
        run("returns", "data-docs", "--campaign", CAMPAIGN, "--out", out, "--last", 2, "--json").json["page"]
    )
    assert capfd.readouterr() == ("", ""), "Great Expectations stays quiet"
    pages = {file.name: file.read_text(encoding="utf-8") for file in out.iterdir()}
    assert page == out / "index.html"
    assert {name.partition("_")[0] for name in pages} == {"index.html", "2024-05-24", "2024-05-27"}
    broken = pages["2024-05-24_self_check_items.html"]
    for words in ("“整改措施”必填", CHANGED_HIS_MIND.name, "只看有不符合的规则"):
        assert words in broken
    assert not any("http" in text or "<script" in text for text in pages.values())
    assert ledger_of(home) == before


WAIVED = ("--campaign", CAMPAIGN, "--form", "self_check", "--unit", COPIED.code, "--rule", "lines_add_up")
GRANTED = (*WAIVED, "--reason", "结算系统迁移", "--approved-by", "office_director", "--until", "2024-06-30")


def test_a_waiver_is_granted_listed_and_revoked(office: Assembly) -> None:
    run("waivers", "grant", *GRANTED, "--on", "2024-05-20")
    [listed] = run("waivers", "list", "--campaign", CAMPAIGN, "--on", "2024-05-28", "--json").json
    assert (listed["unit"], listed["rule"], listed["holds"]) == (COPIED.code, "lines_add_up", True)
    assert "有效" in run("waivers", "list", "--campaign", CAMPAIGN, "--on", "2024-05-28").out
    run("waivers", "revoke", *WAIVED, *BY, "--on", "2024-05-28")
    [listed] = run("waivers", "list", "--campaign", CAMPAIGN, "--on", "2024-05-28", "--json").json
    assert (listed["holds"], listed["expires_on"]) == (False, "2024-05-27")
    assert "与单位电话核实" in listed["reason"]
    assert office.ledger.audit.verify() is None
    assert "没有仍然有效的" in run("waivers", "revoke", *WAIVED, *BY, "--on", "2024-05-28", code=1).err


def test_a_waiver_held_already_is_not_silently_granted_again(office: Assembly) -> None:
    run("waivers", "grant", *GRANTED, "--on", "2024-05-20")
    assert "请先撤销" in run("waivers", "grant", *GRANTED, "--on", "2024-05-21", code=1).err


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--rule", "lines_ad_up", "没有规则“lines_ad_up”"),
        ("--rule", "lines_ad_up", "lines_add_up"),
        ("--rule", "violation_type.choice", "不能豁免"),
        ("--unit", "P15062600O03", COPIED.name),
        ("--form", "selfcheck", "可选："),
        ("--approved-by", "王主任", "没有岗位“王主任”"),
        ("--until", "2024-05-01", "早于批准日"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_known_ones(
    office: Assembly, option: str, value: str, said: str
) -> None:
    given = list(GRANTED)
    given[given.index(option) + 1] = value
    assert said in run("waivers", "grant", *given, "--on", "2024-05-20", code=1).err
    assert run("waivers", "list", "--campaign", CAMPAIGN, "--json").json == []


def test_the_rules_that_can_be_waived_are_listed_with_what_they_ask(office: Assembly) -> None:
    known = run("waivers", "rules", "--form", "self_check", "--json").json
    assert known["measure.required"] == "自查问题明细：“整改措施”必填"
    assert "violation_type.choice" not in known
