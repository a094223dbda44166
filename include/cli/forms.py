"""Forms: build a unit's workbook."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, Out, at_work, campaign_of, fail, show

app = typer.Typer(help="报送表：列出、生成专用表。", no_args_is_help=True)


@app.command("list")
def list_forms(as_json: AsJson = False) -> None:
    """列出全部报送表。"""
    from include.gateways.form_files import load_forms

    forms = load_forms()
    show(
        {key: {"title": form.title, "version": form.version} for key, form in forms.items()},
        as_json=as_json,
        text="\n".join(f"{key}  {form.title}（{form.version}版）" for key, form in forms.items()),
    )


@app.command()
def build(
    form: Annotated[str, typer.Argument(help="报送表，如 self_check")],
    campaign_id: CampaignId,
    unit: Annotated[str, typer.Option("--unit", help="机构编码")],
    out: Out,
) -> None:
    """为一个单位生成预填好的专用表。"""
    campaign = campaign_of(campaign_id)
    phase = next((p for p in campaign.phases for owed in p.returns if owed.form == form), None)
    if phase is None:
        raise fail(f"“{campaign.short_title}”不使用报送表“{form}”")
    with at_work() as using:
        known = using.ledger.roster.unit(campaign.id, unit)
        if known is None:
            raise fail(f"名册中没有编码为“{unit}”的单位，请核对编码或先导入名册")
        out.write_bytes(using.workbooks.prefilled(using.forms[form], campaign, phase, known))
    typer.echo(f"已生成：{out}")
