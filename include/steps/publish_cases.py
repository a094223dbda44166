"""Typical cases (典型案例) for publication: the approved ones as a workbook, the others each with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from include.domain.campaign import Campaign
from include.domain.errors import GiveUp
from include.domain.forms import Form
from include.domain.publication import Published, typical
from include.steps.ports import Gateways

CASE = "case"
FORM = Form.model_validate(
    {
        "key": "typical_cases",
        "title": "违法违规使用医保基金典型案例",
        "version": "2026.1",
        "identified": False,
        "purpose": "经2个不同岗位审批后对外曝光的典型案例；个人只写姓氏，不含证件号。",
        "sheets": [
            {
                "key": "cases",
                "title": "典型案例",
                "layout": "table",
                "rows": 1,
                "columns": [
                    {"field": "place", "header": "序号", "type": "count", "width": 8},
                    {"field": "party", "header": "当事人", "type": "text", "width": 28},
                    {"field": "conduct", "header": "违法违规行为", "type": "text", "width": 40},
                    {"field": "basis", "header": "处理依据", "type": "text", "width": 26},
                    {"field": "dispositions", "header": "处理结果", "type": "text", "width": 34},
                    {
                        "field": "fund",
                        "header": "责令退回医保基金",
                        "type": "money",
                        "unit": "元",
                        "width": 16,
                    },
                    {"field": "fine", "header": "罚款", "type": "money", "unit": "元", "width": 14},
                    {"field": "decided_on", "header": "决定日期", "type": "date", "width": 13},
                ],
            }
        ],
    }
)


def cases(campaign: Campaign, *, using: Gateways) -> list[Published]:
    """Every case meant for exposure. Raise GiveUp for a campaign that is not public."""
    if not campaign.is_public:
        raise GiveUp("本专项行动不是主动公开，不得曝光或导出典型案例")
    found = using.ledger.registers.records(campaign.id, using.forms[CASE])[CASE]
    return typical({**record.values, "number": record.number} for record in found.values())


def workbook(found: Sequence[Published], using: Gateways) -> bytes:
    """The cases that may be published. Raise GiveUp when there is none."""
    ready = [each for each in found if not each.hindrance]
    if not ready:
        raise GiveUp("没有可以曝光的案例：须已决定、已送达，处理方式含“公开曝光”，并经2个不同岗位审批")
    return using.workbooks.register(
        FORM,
        {
            "cases": [
                {
                    "place": place,
                    "party": each.party,
                    "conduct": each.conduct,
                    "basis": each.basis,
                    "dispositions": each.dispositions,
                    "fund": each.fund,
                    "fine": each.fine,
                    "decided_on": each.decided_on,
                }
                for place, each in enumerate(ready, start=1)
            ]
        },
    )
