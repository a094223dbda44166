"""Returns: what the checks would say of a file, before anybody sends it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, at_work, campaign_of, day, show, show_table
from include.domain.model import Severity
from include.steps import check as step

app = typer.Typer(help="报送件校验。", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep ``check`` a command of its own."""


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="报送的工作簿", exists=True, dir_okay=False)],
    campaign_id: CampaignId,
    on: On,
    annotated: Annotated[
        Path | None, typer.Option("--annotated", help="把标注了问题的工作簿写到这个文件夹")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """试校验工作簿：列出每处问题的工作表、单元格和改正方法，不登记、不答复。"""
    campaign = campaign_of(campaign_id)
    results, failed = {}, False
    with at_work() as using:
        for file in files:
            content = file.read_bytes()
            form, findings = step.look_at(campaign, content, on=day(on), using=using)
            errors = [finding for finding in findings if finding.severity is Severity.ERROR]
            failed |= bool(errors)
            results[file.name] = {"verdict": "returned" if errors else "accepted", "findings": findings}
            if annotated is not None and errors and form is not None:
                annotated.mkdir(parents=True, exist_ok=True)
                marked = using.workbooks.annotated(content, form, findings, unit_name="")
                (annotated / f"{file.stem}_退回说明.xlsx").write_bytes(marked)
            if not as_json:
                show_table(
                    f"{file.name}：{'退回重报' if errors else '校验通过'}",
                    ["工作表", "单元格", "填写内容", "规则", "问题与改正方法"],
                    [[f.sheet, f.cell, f.value, f.rule, f.message] for f in findings],
                )
    show(results, as_json=as_json)
    if failed:
        raise typer.Exit(1)
