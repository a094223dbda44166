"""Returns: what the intake would say of a file, and what staff ask and decide about those that came in."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from include.assembly import Assembly
from include.cli import returns_claims, returns_consolidated, returns_review
from include.cli.common import AsJson, CampaignId, On, at_work, campaign_of, content_of, day
from include.cli.output import findings, heading, print_json, say
from include.domain.model import Severity
from include.domain.returns import Verdict
from include.steps import look as step
from include.steps.look import Look

app = typer.Typer(help="报送件：试校验、复核、比较、认领。", no_args_is_help=True)
app.command("recheck")(returns_review.recheck)
app.command("versions")(returns_review.versions)
app.command("diff")(returns_review.diff)
app.command("flags")(returns_review.flags)
app.command("data-docs")(returns_review.data_docs)
app.command("unclaimed")(returns_claims.unclaimed)
app.command("claim")(returns_claims.claim)
app.command("set-aside")(returns_claims.set_aside)
app.command("consolidate")(returns_consolidated.consolidate)
app.command("assess")(returns_consolidated.assess)

REFUSED = frozenset({Verdict.RETURNED, Verdict.UNCLAIMED})


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="报送的工作簿或扫描件", metavar="文件...")],
    campaign_id: CampaignId,
    on: On = None,
    annotated: Annotated[
        Path | None,
        typer.Option("--annotated", help="把标注了问题的工作簿写到这个文件夹", metavar="文件夹"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """试校验报送件：是谁的、能否通过、每处问题在哪里、怎样改；不登记、不答复。有退回或待认领的，退出码为1。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    named = [(_readable(file.name), content_of(file)) for file in files]
    with at_work() as using:
        looks = step.at_files(campaign, named, on=asked, using=using)
        if annotated is not None:
            for look in looks:
                _annotate(look, annotated, using)
    if as_json:
        print_json([_facts(look) for look in looks])
    else:
        for look in looks:
            _tell(look)
    if any(look.verdict in REFUSED for look in looks):
        raise typer.Exit(1)


def _annotate(look: Look, folder: Path, using: Assembly) -> None:
    """The sender's own workbook, marked; none for a right one or a file that cannot be opened."""
    if look.verdict is not Verdict.RETURNED or look.form is None:
        return
    try:
        unit_name = look.unit.name if look.unit else ""
        marked = using.workbooks.annotated(look.content, look.form, look.findings, unit_name=unit_name)
    except ValueError:
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{Path(look.name).stem}_退回说明.xlsx").write_bytes(marked)


def _facts(look: Look) -> dict[str, object]:
    return {
        "file": look.name,
        "verdict": look.verdict.value,
        "unit": look.unit.code if look.unit else None,
        "form": look.form.key if look.form else None,
        "scan_required": look.scan_required,
        "findings": look.findings,
    }


def _readable(name: str) -> str:
    """The name as text; a file unpacked from a Windows archive may bear it in GB 18030."""
    written = os.fsencode(name)
    try:
        return written.decode("utf-8")
    except UnicodeDecodeError:
        return written.decode("gb18030", errors="replace")


def _tell(look: Look) -> None:
    counts = Counter(finding.severity for finding in look.findings)
    shown = "，".join(f"{severity.zh}{counts[severity]}处" for severity in Severity if counts[severity])
    heading(f"{look.name}：{look.verdict.zh}" + (f"（{shown}）" if shown else ""))
    if look.unit is not None:
        say(f"{look.unit.code} {look.unit.name}", lead="  单位：")
    if look.form is not None:
        scan = "（另须报送盖章扫描件）" if look.scan_required else ""
        say(f"{look.form.title}{scan}", lead="  报送表：")
    findings(look.findings)
