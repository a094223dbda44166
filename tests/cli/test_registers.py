"""Every register by Excel and back: looked at first, entered as a whole or not at all, exported as imported."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from cryptography.fernet import Fernet
from openpyxl import Workbook, load_workbook

from include.domain.registers import parts
from tests.cli.conftest import CAMPAIGN, archive_of, forms, ledger_of, run
from tests.gateways.workbook_builders import address, write

REGISTERS = [key for key, form in forms().items() if form.office_register]
OF_CAMPAIGN = ("--campaign", CAMPAIGN)
IMPORT = (*OF_CAMPAIGN, "--on", "2024-12-31")
SENTENCE = '=HYPERLINK("http://evil.example","点此")'


def ending(key: str) -> str:
    return "zip" if forms()[key].cards else "xlsx"


WHY = ("--with-tipsters", "--reason", "核实举报内容", "--by", "office_director")


def exported(key: str, folder: Path, *flags: str) -> Path:
    file = folder / f"{key}.{ending(key)}"
    run("registers", "export", key, *OF_CAMPAIGN, "--out", file, *flags)
    return file


def opened(file: Path) -> Workbook:
    content = file.read_bytes()
    if file.suffix == ".zip":
        with ZipFile(BytesIO(content)) as package:
            (name,) = package.namelist()
            content = package.read(name)
    return load_workbook(BytesIO(content))


def filled(key: str, folder: Path, *flags: str, **changes: Any) -> Path:
    """The register as a clerk fills it in: the exported workbook with one record of examples."""
    book = opened(exported(key, folder, *flags))
    for spec in forms()[key].filled_sheets:
        if spec.title in book.sheetnames:
            line: dict[str, Any] = {column.field: column.example for column in spec.columns if column.example}
            line |= (
                {"unit_code": "F15062600001", "unit_name": "示例旗医保分局"} if spec.key == "cover" else {}
            )
            line |= {field: value for field, value in changes.items() if spec.has(field)}
            write(book[spec.title], spec, [line])
    file = folder / f"{key}-filled.xlsx"
    book.save(file)
    return file


def tables(home: Path) -> list[str]:
    """The ledger without its trail."""
    return [line for line in ledger_of(home) if '"audit"' not in line]


def taken(key: str, file: Path, *flags: str, code: int = 0) -> Mapping[str, Any]:
    told: Mapping[str, Any] = run("registers", "import", key, file, *IMPORT, *flags, "--json", code=code).json
    return told


@pytest.mark.parametrize("key", REGISTERS)
def test_a_register_goes_in_once_and_comes_out_as_it_went_in(key: str, home: Path, tmp_path: Path) -> None:
    file = filled(key, tmp_path)
    before = ledger_of(home)
    looked = taken(key, file, "--dry-run")
    assert looked["added"]
    assert (looked["changed"], looked["errors"], looked["entered"]) == ([], 0, {})
    assert ledger_of(home) == before, "a dry run enters nothing"
    assert archive_of(home) == []

    entered = taken(key, file)["entered"]
    assert entered == {"新增": len(looked["added"]), "修改": 0, "未变": 0}
    assert len(archive_of(home)) == 1, "the original is kept"

    there = ledger_of(home)
    for again in (file, exported(key, tmp_path)):
        told = taken(key, again)
        assert (told["added"], told["changed"]) == ([], []), again.name
        assert told["entered"] == {"新增": 0, "修改": 0, "未变": len(looked["added"])}
    assert ledger_of(home) == there, "nothing that is there already is entered, changed or noted again"
    assert run("registers", "list", key, *OF_CAMPAIGN, "--json").json["records"] == 1


def test_a_change_is_shown_old_and_new_and_noted_and_a_missing_row_stays(home: Path, tmp_path: Path) -> None:
    spec = forms()["rectification"].sheet("rectifications")
    taken("rectification", filled("rectification", tmp_path, rect_no="ZG-1", payable=1, paid=0, **OPEN))
    file = filled("rectification", tmp_path, rect_no="ZG-2", payable=1, paid=0, **OPEN)
    book = load_workbook(file)
    book[spec.title][address(spec, "measure")].value = "已改收费系统"
    book.save(file)
    told = run("registers", "import", "rectification", file, *IMPORT).out
    assert "修改" not in told.splitlines()[0]
    book[spec.title][address(spec, "measure")].value = "已停收"
    book.save(file)
    told = run("registers", "import", "rectification", file, *IMPORT).out
    assert "修改 ZG-2：整改措施 “已改收费系统” → “已停收”" in told
    assert run("registers", "list", "rectification", *OF_CAMPAIGN, "--json").json["records"] == 2
    (noted,) = [line for line in ledger_of(home) if "台账导入：修改" in line]
    assert '{"measure":"已改收费系统"}' in noted
    assert '{"measure":"已停收"}' in noted


OPEN = {
    "status": "整改中",
    "measure": None,
    "pay_way": None,
    "paid_on": None,
    "voucher_no": None,
    "fund_account": None,
    "checker": None,
    "checked_on": None,
    "check_result": None,
    "closed_on": None,
}


def test_a_state_goes_along_its_machine_and_never_back(home: Path, tmp_path: Path) -> None:
    taken("rectification", filled("rectification", tmp_path))
    before = ledger_of(home)
    back = filled("rectification", tmp_path, payable=1, paid=0, **OPEN)
    told = taken("rectification", back, "--annotated", str(tmp_path / "marked"), code=1)
    (fault,) = told["findings"]["rectification-filled.xlsx"]
    assert (fault["sheet"], fault["cell"], fault["rule"]) == ("整改及退费台账", "K4", "register.move")
    assert "“已销号”是最后一步，不能再改" in fault["sentence"]
    assert told["entered"] == {}
    assert ledger_of(home) == before
    marked = load_workbook(tmp_path / "marked" / "rectification-filled_退回说明.xlsx")
    assert marked.sheetnames[0] == "退回说明"


def test_one_row_in_error_keeps_the_whole_file_outside(home: Path, tmp_path: Path) -> None:
    run("ledger", "upgrade")
    before = ledger_of(home)
    told = run("registers", "import", "clue", filled("clue", tmp_path, risk_level="很高"), *IMPORT, code=1)
    assert "疑点线索台账!R4" in told.out
    assert "未登记。" in told.out
    assert ledger_of(home) == before
    assert archive_of(home) == []


def test_somebodys_formula_stays_a_text(tmp_path: Path) -> None:
    spec = forms()["blacklist"].sheet("entries")
    file = filled("blacklist", tmp_path)
    book = load_workbook(file)
    for field, words in (
        ("memo", SENTENCE),
        ("reason", "-5元以下不追究的说明"),
        ("published_where", "@网站"),
    ):
        cell = book[spec.title][address(spec, field)]
        cell.value, cell.data_type = words, "s"
    book.save(file)
    taken("blacklist", file)
    sheet = opened(exported("blacklist", tmp_path))[spec.title]
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    assert sheet[address(spec, "memo")].value == SENTENCE
    assert sheet[address(spec, "reason")].value == "-5元以下不追究的说明"
    assert taken("blacklist", exported("blacklist", tmp_path))["changed"] == []


def test_tips_without_a_number_are_numbered_on_and_the_same_file_again_adds_none(tmp_path: Path) -> None:
    taken("tip", filled("tip", tmp_path))
    file = filled("tip", tmp_path, tip_no=None, content="反映该店空刷医保卡套取现金")
    assert [each["number"] for each in taken("tip", file)["added"]] == ["2"]
    told = taken("tip", file)
    assert (told["added"], told["changed"], told["unchanged"]["tip"]) == ([], [], 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tip_no": 3, "content": "反映该店空刷医保卡套取现金"}, "按顺序应为2"),
        ({"tip_no": None, "memo": "补充"}, "与台账第1号是同一件"),
        (
            {"received_at": "2024-06-06", "channel": "网络", "real_name": "否", "subject_name": "示例药店",
             "content": "反映另一家药店串换药品"},
            "第1号已登记为另一件",
        ),
    ],
)  # fmt: skip
def test_no_tip_is_skipped_doubled_or_written_over(
    home: Path, tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    taken("tip", filled("tip", tmp_path))
    before = ledger_of(home)
    told = run("registers", "import", "tip", filled("tip", tmp_path, **changes), *IMPORT, code=1)
    assert said in told.out
    assert ledger_of(home) == before


SECRETS = ("样例某", "0999-1234567", "990000190001010016")


def test_who_gave_a_tip_lies_in_the_ledger_encrypted_and_comes_out_only_when_asked_for(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_TIPSTER_KEY", Fernet.generate_key().decode())
    file = filled("tip", tmp_path, *WHY)
    told = run("registers", "import", "tip", file, *IMPORT)
    assert "举报人信息：拟新增1条" in told.out
    assert not any(secret in told.out for secret in SECRETS)
    assert not any(secret in line for line in ledger_of(home) for secret in SECRETS)
    assert archive_of(home) == [], "a file with personal data is not kept beside the ledger"
    assert taken("tip", file)["entered"]["未变"] == 2

    assert opened(exported("tip", tmp_path)).sheetnames == ["举报线索登记表"]
    sheet = opened(exported("tip", tmp_path, *WHY))["举报人信息"]
    assert tuple(cell.value for cell in sheet[4]) == (1, *SECRETS)
    assert sum("导出举报人信息" in line for line in ledger_of(home)) == 2, "before and after the import"


def test_who_gave_a_tip_is_looked_up_only_for_a_reason_and_on_record(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_TIPSTER_KEY", Fernet.generate_key().decode())
    taken("tip", filled("tip", tmp_path, *WHY))
    asked = ("tips", "identity", *OF_CAMPAIGN, "--number")
    before = ledger_of(home)
    for wrong, said in (
        (("1", "--reason", " ", "--by", "office_director"), "请写明理由"),
        (("1", "--reason", "核实", "--by", "nobody"), "没有岗位“nobody”"),
        (("2", "--reason", "核实", "--by", "office_director"), "没有登记举报人信息"),
    ):
        told = run(*asked, *wrong, code=1)
        assert said in told.err
        assert not any(secret in told.out + told.err for secret in SECRETS)
    assert ledger_of(home) == before
    told = run(*asked, "1", "--reason", "约谈举报人核实", "--by", "office_director")
    assert all(secret in told.out for secret in SECRETS)
    (noted,) = [line for line in ledger_of(home) if "查看举报人信息：约谈举报人核实" in line]
    assert "领导小组办公室主任" in noted or "office" in noted or "主任" in noted
    assert not any(secret in line for line in ledger_of(home) for secret in SECRETS)


def test_personal_data_is_not_exported_without_reason_and_post(tmp_path: Path) -> None:
    out = tmp_path / "none.xlsx"
    told = run("registers", "export", "tip", *OF_CAMPAIGN, "--out", out, "--with-tipsters", code=1)
    assert "须写明理由（--reason）和岗位（--by）" in told.err
    assert not out.exists()


def test_the_key_is_changed_and_the_old_one_then_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    monkeypatch.setenv("DUBAN_TIPSTER_KEY", old)
    taken("tip", filled("tip", tmp_path, *WHY))
    monkeypatch.setenv("DUBAN_TIPSTER_KEY", f"{new},{old}")
    assert run("tips", "reseal", "--json").json == {"resealed": 1}
    monkeypatch.setenv("DUBAN_TIPSTER_KEY", new)
    sheet = opened(exported("tip", tmp_path, *WHY))["举报人信息"]
    assert tuple(cell.value for cell in sheet[4]) == (1, *SECRETS)
    monkeypatch.setenv("DUBAN_TIPSTER_KEY", old)
    out = tmp_path / "none.xlsx"
    assert "密钥不一致" in run("registers", "export", "tip", *OF_CAMPAIGN, "--out", out, *WHY, code=1).err


def test_what_is_wrong_with_personal_data_is_said_without_repeating_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_TIPSTER_KEY", Fernet.generate_key().decode())
    file = filled("tip", tmp_path, *WHY, tipster_phone="电话七七七", tipster_cert="不便填写")
    told = run("registers", "import", "tip", file, *IMPORT, code=1)
    assert "举报人信息!C4" in told.out
    assert "七七七" not in told.out
    assert "不便填写" not in told.out


def test_without_a_key_personal_data_is_refused_and_the_rest_goes_on(home: Path, tmp_path: Path) -> None:
    file = filled("tip", tmp_path, *WHY)
    before = tables(home)
    told = run("registers", "import", "tip", file, *IMPORT, code=1)
    assert "举报人信息!A4" in told.out
    assert "没有设置密钥 DUBAN_TIPSTER_KEY" in told.out
    assert tables(home) == before
    taken("tip", filled("tip", tmp_path))
    assert run("registers", "list", "tip", *OF_CAMPAIGN).out.startswith("举报线索登记表：1条")


def test_personal_data_is_not_opened_with_another_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_TIPSTER_KEY", Fernet.generate_key().decode())
    taken("tip", filled("tip", tmp_path, *WHY))
    for key, said in (
        (Fernet.generate_key().decode(), "与登记时的密钥不一致"),
        ("short", "格式不对"),
        ("", "没有设置"),
    ):
        monkeypatch.setenv("DUBAN_TIPSTER_KEY", key)
        out = tmp_path / "none.xlsx"
        told = run("registers", "export", "tip", *OF_CAMPAIGN, "--out", out, *WHY, code=1)
        assert said in told.err
        assert not out.exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("list", "roster", *OF_CAMPAIGN), "没有台账“roster”；可选：blacklist（"),
        (("export", "clue", *OF_CAMPAIGN, "--out", "a.zip"), "以 .xlsx 结尾"),
        (("export", "branch_progress", *OF_CAMPAIGN, "--out", "a.xlsx"), "以 .zip 结尾"),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(args: tuple[str, ...], said: str) -> None:
    assert said in run("registers", *args, code=1).err


def test_what_is_no_workbook_is_told_and_nothing_entered(home: Path, tmp_path: Path) -> None:
    run("ledger", "upgrade")
    before = ledger_of(home)
    (tmp_path / "线索.xlsx").write_bytes(b"PK\x03\x04 cut off")
    told = run("registers", "import", "clue", tmp_path / "线索.xlsx", *IMPORT, code=1)
    assert "须改正：整个文件" in told.out
    assert ledger_of(home) == before


def test_rows_entered_later_than_the_day_asked_for_stay_out(tmp_path: Path) -> None:
    taken("clue", filled("clue", tmp_path))
    spec = forms()["clue"].sheet("clues")
    for day, number in (("2024-12-30", None), ("2024-12-31", "XS-150626-20240603-0001")):
        assert opened(exported("clue", tmp_path, "--on", day))[spec.title]["A4"].value == number


def test_every_part_of_a_register_keeps_each_of_its_columns_once() -> None:
    for key in REGISTERS:
        for part in parts(forms()[key]):
            names = [each.name for each in part.kept]
            assert len(names) == len(set(names)), (key, part.table)


def test_a_campaign_without_feeds_has_none_to_show() -> None:
    assert "数据源：0个" in run("registers", "feeds", "--campaign", CAMPAIGN).out
    assert run("registers", "feeds", "--campaign", CAMPAIGN, "--json").json == []
