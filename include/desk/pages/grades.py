"""信用等级 of one institution: the grade with every point and its reason, for the office's eyes."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from include.desk.paper import show
from include.desk.session import Seen, Visitor
from include.desk.tables import Column, Table, export
from include.domain.campaign import Campaign
from include.domain.credit_grades import SCORECARD, Grading
from include.domain.errors import NotFound
from include.steps import grade_units

router = APIRouter()

OFFICE_ONLY = "信用等级只供办公室安排检查频次使用，县区查看员不能查看。"
NOT_GRADED = "“{campaign}”的在册定点医药机构中没有编码为“{code}”的，经办机构、分局和已退出的单位不评级。"

_LINES = (Column("why", "原因", width=70), Column("points", "分值", "count"))


@router.get("/units/{campaign_id}/{code}/grade")
def grade(request: Request, who: Seen, campaign_id: str, code: str) -> Response:
    campaign = who.campaign(campaign_id)
    if who.regions:
        raise HTTPException(403, OFFICE_ONLY)
    found = _gradings(campaign, who).get(code)
    if found is None:
        raise NotFound(NOT_GRADED.format(campaign=campaign.short_title, code=code))
    rows = [
        {"points": each.points, "why": each.why, "tone": "bad" if each.points else ""} for each in found.lines
    ]
    table = Table("grade", "扣分和原因", _LINES, rows, empty="没有扣分事项。")
    about = f"{campaign.title}；{found.unit_code} {found.unit_name}；日期：{who.on}；评分规则{found.version}"
    return export(request, [table], about=about) or show(
        request,
        "grade.html.j2",
        who,
        campaign=campaign,
        grading=found,
        interval=SCORECARD.interval(found.grade),
        table=table,
    )


def _gradings(campaign: Campaign, who: Visitor) -> dict[str, Grading]:
    """By unit code. All are graded at once: the ledger's registers are read whole for the first who asks."""
    return who.office.answers.reckoned(
        ("grades", campaign.id, who.on),
        lambda: {each.unit_code: each for each in grade_units.grades(campaign, on=who.on, using=who.using)},
    )
