"""The office's registers: import, export and count them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.assembly import Assembly
from include.cli.common import AsJson, CampaignId, On, at_work, campaign_of, content_of, day
from include.cli.faults import fail
from include.cli.output import findings, heading, listed, print_json, say
from include.domain.forms import Form
from include.domain.record_changes import field_changes
from include.domain.registers import Change, parts
from include.steps import named, pull
from include.steps import registers as step

app = typer.Typer(
    help="办公室台账：整改、检查、线索、举报、案件、移送、黑名单、进展情况。", no_args_is_help=True
)

ACTOR = "命令行"
MOST_SHOWN = 50
FormKey = Annotated[str, typer.Argument(help="台账，如 clue", metavar="台账")]


@app.command("import")
def import_register(
    form: FormKey,
    file: Annotated[Path, typer.Argument(help="台账工作簿，或内有多个工作簿的 zip", metavar="文件")],
    campaign_id: CampaignId,
    on: On = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查、列出变动，不登记")] = False,
    annotated: Annotated[
        Path | None,
        typer.Option("--annotated", help="把标注了问题的工作簿写到这个文件夹", metavar="文件夹"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """导入台账：先列出新增、修改（原值→新值）和未变，有一处须改正就整份不登记，退出码为1；文件中没有的行不会被删除。"""
    campaign, asked, content = campaign_of(campaign_id), day(on), content_of(file)
    with at_work() as using:
        reviewed = step.review(campaign, form, file.name, content, on=asked, using=using)
        if annotated is not None:
            _annotate(reviewed, annotated, using)
        if not as_json:
            _tell(reviewed)
        entered = {}
        if not dry_run and not reviewed.errors:
            entered = step.enter(campaign, reviewed, on=asked, actor=ACTOR, using=using)
    if as_json:
        print_json(_facts(reviewed) | {"entered": entered})
    elif entered:
        say("已登记：" + "，".join(f"{name}{number}条" for name, number in entered.items()) + "。")
    else:
        say("只检查，未登记。" if dry_run and not reviewed.errors else "未登记。")
    if reviewed.errors:
        raise typer.Exit(1)


@app.command()
def export(
    form: FormKey,
    campaign_id: CampaignId,
    out: Annotated[
        Path, typer.Option("--out", help="写到哪个文件；一条记录一个工作簿的台账写成 zip", metavar="文件")
    ],
    on: Annotated[
        str | None, typer.Option("--on", help="只导出到这一天为止登记的记录；不写则为全部", metavar="日期")
    ] = None,
    with_tipsters: Annotated[
        bool,
        typer.Option("--with-tipsters", help="连同举报人信息导出，须有密钥，写明理由和岗位，并留下记录"),
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="导出举报人信息的理由，记入留痕", metavar="理由")
    ] = "",
    by: Annotated[
        str, typer.Option("--by", help="由哪个岗位导出举报人信息，写岗位代号或名称", metavar="岗位")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """按表样导出台账，可在 Excel 中修改后再导入；没有记录的，导出空白表。"""
    campaign, until = campaign_of(campaign_id), day(on) if on else None
    if with_tipsters and not (reason.strip() and by.strip()):
        raise fail("导出举报人信息须写明理由（--reason）和岗位（--by），并留痕")
    with at_work() as using:
        ending = ".zip" if step.is_zip(form, using) else ".xlsx"
        if out.suffix.lower() != ending:
            raise fail(f"台账“{form}”导出为 {ending} 文件，请把 --out 写成以 {ending} 结尾的文件名")
        content = step.workbook(
            campaign,
            form,
            entered_until=until,
            confidential=with_tipsters,
            on=day(None),
            actor=named.post(campaign, by) if by else ACTOR,
            reason=reason,
            using=using,
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(content)
    if as_json:
        print_json({"file": out, "form": form, "with_tipsters": with_tipsters})
    else:
        say(f"已导出：{out}")


@app.command("list")
def list_register(form: FormKey, campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """台账有多少条记录，按办理状态等计数。"""
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        by = step.counts(campaign, form, using=using)
        title = step.register(form, using).title
    total = sum(next(iter(by.values())).values())
    if as_json:
        print_json({"form": form, "records": total, "by": by})
        return
    heading(f"{title}：{total}条")
    for header, numbers in by.items():
        say(f"按{header}")
        listed([(value or "（空白）", f"{number}条") for value, number in numbers.items()])


@app.command()
def feeds(campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """数据源最近一次导入：时间、行数、装载时间、结果；数据过时的说明原因。"""
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        found = pull.standing(campaign, using=using)
    if as_json:
        print_json([{"feed": feed.key, "last": last, "stale": why or None} for feed, last, why in found])
        return
    heading(f"数据源：{len(found)}个")
    for feed, last, why in found:
        if last is None:
            say(f"{feed.title}：还没有导入过")
        else:
            loaded = f"，装载时间{last.loaded_at:%Y-%m-%d %H:%M}" if last.loaded_at else ""
            say(f"{feed.title}：{last.at:%Y-%m-%d %H:%M}读取{last.rows}行，{last.state.zh}{loaded}")
            if last.detail:
                say(last.detail, lead="    ")
        if why:
            say(why, lead="    不能用于报表：")


def _annotate(reviewed: step.Reviewed, folder: Path, using: Assembly) -> None:
    """Every workbook with something wrong, marked; none for a file that cannot be opened."""
    for file in reviewed.files:
        if file.errors:
            try:
                marked = using.workbooks.annotated(file.content, reviewed.form, file.findings, unit_name="")
            except ValueError:
                continue
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{Path(file.name).stem}_退回说明.xlsx").write_bytes(marked)


def _tell(reviewed: step.Reviewed) -> None:
    for file in reviewed.files:
        if file.findings and len(reviewed.files) > 1:
            heading(file.name)
        findings(file.findings)
    for change in reviewed.changes[:MOST_SHOWN]:
        say(_sentence(reviewed.form, change))
    if len(reviewed.changes) > MOST_SHOWN:
        say(f"……另有{len(reviewed.changes) - MOST_SHOWN}条变动，用 --json 查看全部。")
    for part in parts(reviewed.form):
        here = [change for change in reviewed.changes if change.part.table == part.table]
        added = sum(change.old is None for change in here)
        same = reviewed.unchanged.get(part.table, 0)
        if here or same or not part.is_detail:
            title = reviewed.form.title if not part.is_detail else part.sheets[0].title
            say(f"{title}：拟新增{added}条，拟修改{len(here) - added}条，未变{same}条。")
    if reviewed.errors:
        say(f"须改正{len(reviewed.errors)}处，改正前整份不登记。")


def _sentence(form: Form, change: Change) -> str:
    title = f"{change.part.sheets[0].title} " if change.part.is_detail else ""
    number = f"第{change.number}号" if change.part.is_numbered else change.number
    if change.old is None:
        return f"新增 {title}{number}"
    return f"修改 {title}{number}：{'；'.join(field_changes(change))}"


def _facts(reviewed: step.Reviewed) -> dict[str, object]:
    return {
        "form": reviewed.form.key,
        "added": [
            {"table": change.part.table, "number": change.number}
            for change in reviewed.changes
            if change.old is None
        ],
        "changed": [
            {
                "table": change.part.table,
                "number": change.number,
                "fields": [
                    {
                        "field": each.column.field,
                        "header": each.column.header,
                        "old": None if each.sheet.confidential else old.get(each.name),
                        "new": None if each.sheet.confidential else change.new.get(each.name),
                    }
                    for each in change.fields
                ],
            }
            for change in reviewed.changes
            if (old := change.old) is not None
        ],
        "unchanged": dict(reviewed.unchanged),
        "errors": len(reviewed.errors),
        "findings": {file.name: file.findings for file in reviewed.files},
    }
