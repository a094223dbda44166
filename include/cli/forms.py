"""Forms: list them, build a unit's workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.assembly import Assembly
from include.cli.common import AsJson, CampaignId, at_work, campaign_of
from include.cli.faults import fail
from include.cli.output import listed, print_json, say
from include.domain.campaign import Campaign, Phase
from include.domain.units import Unit
from include.steps.write import workbook_name

app = typer.Typer(help="报送表：列出、生成专用表。", no_args_is_help=True)


@app.command("list")
def list_forms(as_json: AsJson = False) -> None:
    """列出全部报送表。"""
    from include.gateways.form_files import load_forms

    forms = load_forms()
    if as_json:
        print_json({key: {"title": form.title, "version": form.version} for key, form in forms.items()})
    else:
        listed([("编号", "版本", "名称"), *((key, f.version, f.title) for key, f in forms.items())], indent=0)


@app.command()
def build(
    form: Annotated[str, typer.Argument(help="报送表编号，如 self_check", metavar="报送表")],
    campaign_id: CampaignId,
    unit: Annotated[str, typer.Option("--unit", help="机构编码", metavar="编码")],
    out: Annotated[
        Path, typer.Option("--out", help="写到哪个文件；写文件夹则用规定的文件名", metavar="文件")
    ],
    as_json: AsJson = False,
) -> None:
    """为一个单位生成预填好的专用表，与邮件所附的相同。"""
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        known = using.ledger.roster.unit(campaign.id, unit.strip().upper())
        if known is None:
            raise fail(
                f"“{campaign.id}”的名册中没有编码为“{unit}”的单位，请核对编码；名册尚未导入的请先导入名册"
            )
        phase = _phase(campaign, form, known, using)
        content = using.workbooks.prefilled(using.forms[form], campaign, phase, known)
        file = out / workbook_name(known, using.forms[form].title) if out.is_dir() else out
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    if as_json:
        print_json({"file": file, "unit": known.code, "form": form, "phase": phase.key})
    else:
        say(f"已生成：{file}")


def _phase(campaign: Campaign, form: str, unit: Unit, using: Assembly) -> Phase:
    """The phase in which that unit owes the form."""
    owed = [(phase, owed) for phase in campaign.phases for owed in phase.returns if owed.filled_by == "unit"]
    if form not in using.forms or all(one.form != form for _, one in owed):
        usable = "、".join(dict.fromkeys(one.form for _, one in owed if one.form in using.forms)) or "无"
        raise fail(
            f"“{campaign.short_title}”没有由单位填报的报送表“{form}”，可选：{usable}；全部报送表见 forms list"
        )
    for phase, one in owed:
        if one.form == form and unit.kind in one.owed_by:
            return phase
    raise fail(f"“{unit.name}”是{unit.kind.zh}，在“{campaign.short_title}”中不需要报送“{form}”")
