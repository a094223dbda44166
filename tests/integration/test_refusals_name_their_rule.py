"""What may not be is refused in its row, with the rule or article in the sentence, while the row beside it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest

from demo.registers import CASE, CASE_ENDS, CLUE, CLUE_ENDS, THE_CASE, THE_CLUE, THE_INSPECTION, Line
from include.assembly import Assembly, looking
from include.domain.registers import office_form
from include.gateways.ledger.database import upgrade
from include.settings import Settings
from include.steps import registers
from include.steps.registers import Reviewed
from tests import factories

DAY = date(2024, 8, 30)
DECIDED: Line = {**THE_CASE, **CASE_ENDS}
CLOSED: Line = {**THE_CLUE, **CLUE_ENDS}
REFERRAL: Line = {
    "referral_no": "YS-1",
    "direction": "移出",
    "kind": "涉嫌犯罪",
    "to_org": "公安机关",
    "from_org": "医保部门",
    "party": "示例旗第三药店",
    "suspected": "涉嫌诈骗罪",
    "amount": Decimal(52000),
    "proposed_on": date(2024, 7, 8),
    "approver_post": "局长",
    "approved_on": date(2024, 7, 10),
    "sent_on": date(2024, 7, 11),
    "referral_doc_no": "示医保移〔2024〕1号",
    "materials": "移送书；案件调查报告；涉案物品清单",
}


@dataclass(frozen=True)
class Refusal:
    register: str
    key: str
    right: Line
    wrong: Line
    said: str
    before: Line = field(default_factory=dict)
    """What the ledger has of the wrong one already."""


REFUSALS = (
    Refusal("case", "case_no", THE_CASE, THE_CASE, "依《医疗保障行政处罚程序暂行规定》", before=DECIDED),
    Refusal("clue", "clue_no", THE_CLUE, THE_CLUE, "依通知“逐条核查、逐条反馈”的要求", before=CLOSED),
    Refusal("case", "case_no", DECIDED, {"fine_amt": Decimal(20000), "told_fine_amt": Decimal(20000), "fine_paid": Decimal(20000)}, "条例第三十八条为"),
    Refusal("case", "case_no", DECIDED, {"legal_on": None}, "行政处罚法第五十八条"),
    Refusal("clue", "clue_no", CLOSED, {"result": "不属实", "explain": None, "confirmed_amt": None, "confirmed_fund": None}, "逐条核查、逐条反馈"),
    Refusal("inspection", "insp_no", THE_INSPECTION, {"officers": "MN0001"}, "《医疗保障行政处罚程序暂行规定》"),
    Refusal("case", "case_no", THE_CASE, {"officers": "MN0001"}, "《医疗保障行政处罚程序暂行规定》"),
    Refusal("inspection", "insp_no", THE_INSPECTION, {"recused": "MN0001"}, "《医疗保障行政处罚程序暂行规定》"),
    Refusal("referral", "referral_no", REFERRAL, {"materials": None}, "医保发〔2021〕49号"),
)  # fmt: skip


@pytest.fixture(scope="module")
def using(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assembly]:
    home = tmp_path_factory.mktemp("office")
    settings = Settings(home=home, send_mode="off", token_key="0123456789abcdef" * 4)  # type: ignore[arg-type]
    upgrade(settings.ledger_default_url)
    using = looking(settings, ledger_url=settings.ledger_default_url)
    yield using
    using.close()


def looked_at(using: Assembly, key: str, *lines: Line) -> Reviewed:
    form = office_form(using.forms[key])
    content = using.workbooks.register(form, {form.sheets[0].key: lines})
    return registers.review(factories.campaign(), key, "台账.xlsx", content, on=DAY, using=using)


@pytest.mark.parametrize("number", range(len(REFUSALS)))
def test_the_wrong_row_is_refused_with_its_rule_and_the_right_one_goes_on(
    using: Assembly, number: int
) -> None:
    each = REFUSALS[number]
    # Numbers of its own, so that no case meets what another has entered.
    stem = {"clue_no": CLUE[:-4], "case_no": CASE[:-4]}.get(each.key, "")
    right, wrong = (f"{stem}{number + 1:02d}{place:02d}" for place in (1, 2))
    if each.before:
        first = looked_at(using, each.register, {**each.before, each.key: wrong})
        registers.enter(factories.campaign(), first, on=DAY, actor="test", using=using)
    rows = ({**each.right, each.key: right}, {**each.right, **each.wrong, each.key: wrong})
    reviewed = looked_at(using, each.register, *rows)
    assert reviewed.errors
    assert any(each.said in error.message for error in reviewed.errors), reviewed.errors
    assert len({error.cell.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for error in reviewed.errors}) == 1
    assert right in {change.number for change in reviewed.changes}
