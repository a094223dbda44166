"""Inspections: coverage, the weekly plan and its draw, records to take along, credit grades."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
import yaml
from pydantic import ValidationError

from include.cli.common import (
    AsJson,
    By,
    CampaignId,
    On,
    OutFolder,
    Reason,
    at_work,
    campaign_of,
    content_of,
    day,
)
from include.cli.faults import fail
from include.cli.output import heading, listed, print_json, say
from include.domain.credit_grades import SCORECARD, Grading
from include.domain.dates import zh_date
from include.domain.faults import FAULT
from include.domain.inspection_plans import Planned, PlanState, Teams
from include.domain.milestones import Projection, Standing
from include.domain.milestones import shown as per_day
from include.steps import grade_units, inspection_coverage
from include.steps import milestones as milestone_step
from include.steps import plan_inspections as step

app = typer.Typer(help="现场检查：覆盖率、每周计划和抽签、检查记录表、信用等级。", no_args_is_help=True)

ACTOR = "命令行"
TEAM = "检查组"
Week = Annotated[
    str | None,
    typer.Option("--week", help="哪一周，写该周任一天，如 2024-06-03；不写则为本周", metavar="日期"),
]


@app.command()
def coverage(campaign_id: CampaignId, on: On = None, as_json: AsJson = False) -> None:
    """检查覆盖率（按家去重，以冻结名册为基数）和各节点每周须完成的家数。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        found = inspection_coverage.against_roster(campaign, on=asked, using=using)
    if as_json:
        print_json(
            {
                "frozen_on": found.frozen_on,
                "left": found.left,
                "groups": [
                    {
                        "group": each.group,
                        "inspected": each.inspected,
                        "total": each.total,
                        "percent": each.percent,
                    }
                    for each in found.groups
                ],
                "milestones": [
                    {
                        "title": each.title,
                        "due": each.due,
                        "needed": each.needed,
                        "missing": each.missing,
                        "working_days_left": each.days_left,
                        "per_week": each.per_week,
                    }
                    for each in found.paces
                ],
            }
        )
        return
    heading(f"检查覆盖率（截至{zh_date(asked)}，名册冻结于{zh_date(found.frozen_on)}）")
    listed([(each.group, f"{each.inspected}家", f"共{each.total}家", each.percent) for each in found.groups])
    for each in found.paces:
        say(each.sentence)
    if found.left:
        say(f"基数中有{found.left}家已退出名册，仍计入基数。")


@app.command()
def milestones(campaign_id: CampaignId, on: On = None, as_json: AsJson = False) -> None:
    """进度节点能否按期达到：目标、已完成、近期和平均进度、今后每个工作日须完成数、预计达到日期；只看，不发邮件。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        found = [
            each
            for phase in campaign.phases
            for each in milestone_step.standing(campaign, phase, on=asked, using=using)
        ]
    if as_json:
        print_json([_projected(each) for each in found])
        return
    for each in found:
        unit = each.unit
        heading(f"{each.milestone.title}（{zh_date(each.milestone.due)}）：{each.standing.zh}")
        say(
            f"目标{each.target}{unit}，已完成{each.reached}{unit}，还差{each.missing}{unit}，剩{each.days_left}个工作日"
        )
        if each.standing not in (Standing.ENDANGERED, Standing.ON_TRACK):
            continue
        say(
            f"近期每个工作日{per_day(each.pace)}{unit}，平均{per_day(each.average)}{unit}，"
            f"今后须{per_day(each.needed)}{unit}；"
            + (f"预计{zh_date(each.projected_on)}达到" if each.projected_on else "按近期进度无法达到")
        )
    if not found:
        say("本专项行动没有可以推算的进度节点")


def _projected(found: Projection) -> dict[str, object]:
    return {
        "milestone": found.milestone.key,
        "due": found.milestone.due,
        "standing": found.standing,
        "level": found.level,
        "total": found.total,
        "target": found.target,
        "reached": found.reached,
        "working_days_left": found.days_left,
        "pace": found.pace,
        "average": found.average,
        "needed": found.needed,
        "projected_on": found.projected_on,
    }


@app.command()
def plan(
    campaign_id: CampaignId,
    week: Week = None,
    teams: Annotated[Path | None, typer.Option("--teams", help="检查组文件（YAML）", metavar="文件")] = None,
    officers: Annotated[
        str | None,
        typer.Option("--officers", help="只有一个检查组时：执法证号或工号，用逗号隔开", metavar="证号"),
    ] = None,
    capacity: Annotated[
        int, typer.Option("--capacity", help="用 --officers 时，该组一周检查几家", metavar="家数")
    ] = 5,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="抽签种子，不写则随机生成；无论哪种都记入台账", metavar="整数"),
    ] = None,
    on: On = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只预排，不登记")] = False,
    as_json: AsJson = False,
) -> None:
    """排定一周的检查计划：按风险评分分级，同级抽签（双随机），逐家说明理由；一周只抽一次，再次运行显示已登记的计划。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    wanted = _teams(teams, officers, capacity)
    with at_work() as using:
        found = step.plan(
            campaign,
            wanted,
            week=_week(week, asked),
            seed=seed,
            on=asked,
            actor=ACTOR,
            dry_run=dry_run,
            using=using,
        )
    if as_json:
        print_json(
            {
                "week": found.week,
                "seed": found.inputs.seed,
                "is_new": found.is_new,
                "entered": not (found.is_new and dry_run),
                "planned": found.planned,
                "left_out": [{"unit": code, "why": why} for code, why in found.left_out],
                "settled": found.settled,
            }
        )
        return
    heading(f"{zh_date(found.week)}一周检查计划：{len(found.planned)}家，种子{found.inputs.seed}")
    for each in found.planned:
        _tell(each)
    for code, why in found.left_out:
        say(f"未排 {code}：{why}")
    for settled in found.settled:
        say(f"以前的计划 {settled.number}：{settled.state}，{settled.reason}")
    if not found.is_new:
        say("这一周的计划以前已登记，没有重新抽签。")
    else:
        say("只预排，未登记；正式抽签请用同一种子（--seed）。" if dry_run else "已登记。")


@app.command()
def verify(campaign_id: CampaignId, week: Week = None, as_json: AsJson = False) -> None:
    """按登记的种子和名单重新抽签，与登记的计划核对；不一致的退出码为1。"""
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        different = step.check(campaign, _week(week, day(None)), using=using)
    if as_json:
        print_json({"differences": different})
    else:
        for each in different:
            say(each)
        say(f"有{len(different)}处不一致。" if different else "重抽结果与登记的计划一致。")
    if different:
        raise typer.Exit(1)


@app.command()
def skip(
    campaign_id: CampaignId,
    unit: Annotated[str, typer.Option("--unit", help="机构编码", metavar="编码")],
    reason: Reason,
    by: By,
    week: Week = None,
    on: On = None,
) -> None:
    """登记计划内的一家未能检查（如关门歇业）及原因，下周优先安排。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        step.skip(campaign, _week(week, asked), unit, reason=reason, on=asked, actor=by, using=using)
    say(f"已登记：{unit}未能检查，原因：{reason}；下次排计划时优先安排。")


@app.command()
def workbooks(
    campaign_id: CampaignId, out: OutFolder, week: Week = None, on: On = None, as_json: AsJson = False
) -> None:
    """为计划内每家生成一份预填的现场检查记录，填好后用 registers import inspection 导入。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        made = step.workbooks(campaign, _week(week, asked), on=asked, using=using)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in made:
        (out / name).write_bytes(content)
    if as_json:
        print_json({"files": [out / name for name, _ in made]})
    else:
        say(f"已生成{len(made)}份现场检查记录：{out}")


@app.command()
def grades(
    campaign_id: CampaignId,
    unit: Annotated[str | None, typer.Option("--unit", help="只看这一家", metavar="编码")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="另存为工作簿", metavar="文件")] = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """定点医药机构信用等级：逐项说明扣分依据和未计入的事项；只供内部确定检查间隔。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    if out is not None and out.suffix.lower() != ".xlsx":
        raise fail("信用等级评定表导出为 .xlsx 文件，请把 --out 写成以 .xlsx 结尾的文件名")
    with at_work() as using:
        found = grade_units.grades(campaign, on=asked, using=using, only=[unit] if unit else None)
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(grade_units.workbook(found, using))
    if as_json:
        print_json({"version": SCORECARD.version, "grades": found})
        return
    for each in found:
        _tell_grade(each)
    say(f"评分规则{SCORECARD.version}版，共{len(found)}家。" + (f"已导出：{out}" if out else ""))


def _week(text: str | None, asked: date) -> date:
    return day(text) if text else asked


def _teams(file: Path | None, officers: str | None, capacity: int) -> Teams:
    """The teams named by a file or by their officers. A fault names the place and what to write."""
    if (file is None) == (officers is None):
        raise fail("请用 --teams 指定检查组文件，或用 --officers 列出执法证号，两者选一")
    if file is None:
        members = [each.strip() for each in (officers or "").replace("，", ",").split(",") if each.strip()]
        given: object = {"teams": [{"name": TEAM, "officers": members, "capacity": capacity}]}
    else:
        try:
            given = yaml.safe_load(content_of(file).decode("utf-8-sig"))
        except (yaml.YAMLError, UnicodeDecodeError) as fault:
            raise fail(f"检查组文件“{file}”不是 UTF-8 编码的 YAML，请核对缩进和冒号") from fault
    try:
        return Teams.model_validate(given)
    except ValidationError as fault:
        said = "；".join(_fault(each) for each in fault.errors(include_url=False))
        raise fail(f"检查组有误：{said}") from fault


def _fault(error: object) -> str:
    assert isinstance(error, dict)
    place = ".".join(str(part) for part in error["loc"]) or "文件"
    if error["type"] == FAULT:
        return str(error["msg"])
    if error["type"] == "string_pattern_mismatch" and {"officers", "conflicts"} & set(error["loc"]):
        return f"执法人员“{error['input']}”应写执法证号、工号或岗位代号（字母、数字），不写姓名"
    sentences = {
        "missing": "没有填写",
        "string_type": f"“{error['input']}”是数字，请加引号",
        "extra_forbidden": "没有这个栏目，可写 name、officers、capacity、regions、kinds",
    }
    unread = f"填写的“{error['input']}”不能识别"
    return f"{place}：{sentences.get(error['type'], unread)}"


def _tell(each: Planned) -> None:
    state = "" if each.state is PlanState.PLANNED else f"（{each.state}：{each.state_reason}）"
    say(
        f"{each.team} {each.number} {each.unit_code} {each.unit_name}：{each.insp_type}，"
        f"风险{each.risk}，{each.score}分，执法人员{'、'.join(each.officers)}{state}"
    )
    for reason in each.reasons:
        say(reason, lead="    ")


def _tell_grade(each: Grading) -> None:
    grade = (
        f"{each.grade}级，{each.points}分，每{SCORECARD.interval(each.grade)}日检查一次"
        if each.grade
        else "依据不足，暂不评级"
    )
    say(f"{each.unit_code} {each.unit_name}：{grade}")
    for line in each.lines or ("没有扣分事项",):
        say(str(line), lead="    ")
    for missing in each.missing:
        say(f"未计：{missing}", lead="    ")
