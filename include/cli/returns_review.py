"""What staff ask of the returns that came in. Nothing is changed and nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, OutFolder, at_work, campaign_of, day
from include.cli.output import heading, listed, print_json, say
from include.domain.comparison import Total
from include.domain.returns import Finding
from include.steps import data_docs as docs_step
from include.steps import flags as flags_step
from include.steps import named
from include.steps import recheck as recheck_step
from include.steps import versions as versions_step
from include.steps.flags import FlaggedUnit
from include.steps.recheck import Changed
from include.steps.versions import Compared, Version

UnitCode = Annotated[str, typer.Option("--unit", help="机构编码", metavar="编码")]


def recheck(campaign_id: CampaignId, on: On = None, as_json: AsJson = False) -> None:
    """按现行规则重新校验已收的报送件，列出结论会改变的；只看不改，不通知任何单位。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        changed = recheck_step.returns(campaign, on=asked, using=using)
    if as_json:
        print_json([_changed(each) for each in changed])
        return
    say(f"按{asked}的规则，结论会改变的报送件{len(changed)}份" if changed else "没有报送件的结论会改变")
    for each in changed:
        later = "" if each.is_newest else "（该单位已有后报件）"
        was = each.file.verdict.zh if each.file.verdict else ""
        heading(f"{each.file.unit_code} {each.file.name}：{was} → {each.verdict.zh}{later}")
        _tell_findings("新出现", each.appear)
        _tell_findings("不再有", each.vanish)


def versions(campaign_id: CampaignId, unit: UnitCode, on: On = None, as_json: AsJson = False) -> None:
    """列出一个单位报送过的每一版，标明以哪一版为准。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        owner = named.unit(campaign, unit, on=asked, using=using)
        kept = versions_step.of_unit(campaign, owner.code, using=using)
    if as_json:
        print_json([_version(each) for each in kept])
        return
    say(f"{owner.code} {owner.name}：报送过{len(kept)}版")
    listed(
        [
            (
                f"第{each.number}版",
                each.file.received_on,
                each.form.title,
                each.file.verdict.zh if each.file.verdict else "",
                each.file.receipt_no or "",
                "以此版为准" if each.in_force else "",
                each.file.name,
            )
            for each in kept
        ]
    )


def diff(
    campaign_id: CampaignId,
    unit: UnitCode,
    first: Annotated[
        int | None, typer.Option("--from", help="较早的版次；不写则为前一版", min=1, metavar="版次")
    ] = None,
    second: Annotated[
        int | None, typer.Option("--to", help="较晚的版次；不写则为最新一版", min=1, metavar="版次")
    ] = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """比较一个单位报送的两版：新增、删除的行，改动的单元格，合计的变化。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        owner = named.unit(campaign, unit, on=asked, using=using)
        compared = versions_step.compare(campaign, owner.code, first=first, second=second, using=using)
    if as_json:
        print_json(
            {
                "from": _version(compared.before),
                "to": _version(compared.after),
                "differences": compared.differences,
                "totals": compared.totals,
            }
        )
        return
    heading(f"{owner.code} {owner.name}《{compared.after.form.title}》")
    _tell_differences(compared)


def flags(
    campaign_id: CampaignId,
    out: Annotated[
        Path | None, typer.Option("--out", help="同时写成一份Excel名单", metavar="文件.xlsx")
    ] = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """抽查选点参考：自查可能敷衍了事、避重就轻、隐瞒不报的单位，按轻重排列并逐条说明；只供办公室内部使用。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        flagged = flags_step.of_returns(campaign, on=asked, using=using)
    if out is not None:
        from include.gateways.red_flag_list import workbook

        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(workbook(campaign.title, asked, [_row(each) for each in flagged]))
    if as_json:
        print_json([_flagged(each) for each in flagged])
        return
    say(
        f"可列入抽查的单位{len(flagged)}家（线索不是结论，不得发给单位）" if flagged else "没有需要提示的单位"
    )
    for each in flagged:
        heading(f"{each.rank}. {each.unit.code} {each.unit.name}（{flags_step.peers_of(each.unit)}）")
        for flag in each.flags:
            say(flag.why, lead=f"  {flag.flag.zh}：")
    if out is not None:
        say(f"名单已写到：{out}")


def data_docs(
    campaign_id: CampaignId,
    out: OutFolder,
    last: Annotated[int, typer.Option("--last", help="最近几次（天）校验", min=1, metavar="次数")] = 1,
    as_json: AsJson = False,
) -> None:
    """生成最近几次校验的记录网页：每条规则、多少报送件符合、哪些行不符合；只供办公室内部查看。"""
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        page = docs_step.build(campaign, out, last=last, using=using)
    if as_json:
        print_json({"page": page})
    else:
        say(f"已生成，请用浏览器打开：{page}" if page else "还没有校验过报送件，没有可生成的记录")


def _tell_findings(title: str, found: Sequence[Finding]) -> None:
    for finding in found:
        say(
            f"{finding.severity.zh}，{finding.place}：{finding.message} [{finding.rule}]", lead=f"  {title}："
        )


def _tell_differences(compared: Compared) -> None:
    say(
        f"第{compared.before.number}版（{compared.before.file.received_on}） → 第{compared.after.number}版（{compared.after.file.received_on}）"
    )
    if not compared.differences:
        say("两版内容相同")
        return
    listed(
        [
            (
                each.change.zh,
                f"{each.sheet}{each.row}",
                each.header,
                " → ".join(part for part in (each.before, each.after) if part),
            )
            for each in compared.differences
        ]
    )
    say("合计：")
    listed(
        [
            (*_place(total), f"{total.before:,} → {total.after:,}")
            for total in compared.totals
            if total.before != total.after
        ]
    )


def _place(total: Total) -> tuple[str, str]:
    return total.sheet, total.header


def _changed(each: Changed) -> dict[str, object]:
    return {
        "return": each.file.id,
        "unit": each.file.unit_code,
        "file": each.file.name,
        "verdict": each.file.verdict,
        "would_be": each.verdict,
        "passes": each.passes,
        "is_newest": each.is_newest,
        "appear": each.appear,
        "vanish": each.vanish,
    }


def _version(each: Version) -> dict[str, object]:
    return {
        "number": each.number,
        "return": each.file.id,
        "file": each.file.name,
        "form": each.form.key,
        "received_on": each.file.received_on,
        "verdict": each.file.verdict,
        "receipt_no": each.file.receipt_no,
        "in_force": each.in_force,
    }


def _flagged(each: FlaggedUnit) -> dict[str, object]:
    return {
        "rank": each.rank,
        "unit": each.unit.code,
        "unit_name": each.unit.name,
        "peers": flags_step.peers_of(each.unit),
        "weight": each.weight,
        "flags": [{"flag": flag.flag, "title": flag.flag.zh, "why": flag.why} for flag in each.flags],
    }


def _row(each: FlaggedUnit) -> tuple[object, ...]:
    whys = "\n".join(f"{flag.flag.zh}：{flag.why}" for flag in each.flags)
    return each.rank, each.unit.code, each.unit.name, flags_step.peers_of(each.unit), whys
