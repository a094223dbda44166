"""Backup and restore of the whole office: ledger, originals, campaigns, rights, Airflow's own database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from include.assembly import looking, moment, today
from include.cli.common import AsJson
from include.cli.output import heading, listed, print_json, say
from include.settings import Settings
from include.steps import stop_sending

if TYPE_CHECKING:
    from include.gateways.backup import Manifest, Place, Restored

Airflow = Annotated[
    str,
    typer.Option(
        "--airflow",
        help="Airflow 元数据库地址；不写则取 AIRFLOW__DATABASE__SQL_ALCHEMY_CONN，再无则不含 Airflow",
        envvar="AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        show_envvar=False,
        metavar="地址",
    ),
]
KEYS = "密钥（DUBAN_TOKEN_KEY、DUBAN_TIPSTER_KEY 等）不在备份中，请另行保管"
NAMED_AT_MOST = 20


def backup(
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", help="写到哪个新文件夹；不写则为数据目录下 backups 中以时刻命名的文件夹", metavar="文件夹"
        ),
    ] = None,
    keep: Annotated[
        int,
        typer.Option("--keep", min=0, help="同一目录下保留最近几份，更早的删除；0为全部保留", metavar="份数"),
    ] = 0,
    airflow: Airflow = "",
    as_json: AsJson = False,
) -> None:
    """备份台账、原件档案、专项行动文件夹、权限文件和 Airflow 元数据库；可在运行中进行，附全部文件的校验值。"""
    from include.gateways import backup as backups

    settings = Settings()
    folder = (to or settings.home / "backups" / f"{moment():%Y-%m-%d_%H%M%S}").absolute()
    manifest = backups.make(_place(settings, airflow), folder, at=moment())
    pruned = backups.prune(folder.parent, keep=keep)
    if as_json:
        print_json({"folder": folder, "deleted": pruned, **_facts(manifest)})
    else:
        say(f"备份完成：{folder}")
        say(
            f"文件{len(manifest.files)}个，台账记录{sum(manifest.picture.rows.values())}条，各文件的校验值见清单"
        )
        for each in pruned:
            say(f"已删除较早的备份：{each}")
        say(KEYS)
    for name in manifest.damaged:
        typer.echo(f"原件档案中的 {name} 已损坏，且没有完好的备份，请查找原件", err=True)


def restore(
    source: Annotated[Path, typer.Option("--from", help="哪一份备份的文件夹", metavar="文件夹")],
    airflow: Airflow = "",
    as_json: AsJson = False,
) -> None:
    """从备份恢复：先核对全部校验值，原有数据库改名保留；恢复后停止一切发送，直到核对后用 outbox resume 确认。须先停止全部组件。"""
    from include.gateways import backup as backups

    settings = Settings()

    def lock(manifest: Manifest) -> None:
        reason = f"台账已于{moment():%Y-%m-%d %H:%M}从{manifest.made_at:%Y-%m-%d %H:%M}的备份恢复，请对照邮箱“已发送”核对其后发出的邮件"
        using = looking(settings, ledger_url=settings.ledger_default_url)
        try:
            stop_sending.lock_restored(reason, attempts=manifest.picture.attempts, on=today(), using=using)
        finally:
            using.close()

    restored = backups.put_back(_place(settings, airflow), source.absolute(), at=moment(), lock=lock)
    if as_json:
        print_json(_outcome(restored))
    else:
        _tell(restored)
    if restored.missing:
        raise typer.Exit(1)


def _place(settings: Settings, airflow: str) -> Place:
    from include.gateways.backup import Place

    return Place(
        ledger_url=settings.ledger_default_url,
        archive=settings.archive_url,
        campaigns=settings.campaigns,
        access=settings.access_file,
        airflow_url=airflow,
    )


def _facts(manifest: Manifest) -> dict[str, object]:
    return {
        "made_at": manifest.made_at.isoformat(),
        "revision": manifest.picture.revision,
        "rows": sum(manifest.picture.rows.values()),
        "audit_end": manifest.picture.audit_end,
        "files": len(manifest.files),
        "has_airflow": manifest.airflow is not None,
        "damaged": manifest.damaged,
    }


def _outcome(restored: Restored) -> dict[str, object]:
    return {
        **_facts(restored.manifest),
        "airflow_restored": restored.has_airflow,
        "aside": restored.aside,
        "originals": restored.originals,
        "missing": restored.missing,
        "unknown": restored.unknown,
        "different": restored.different,
        "sending": "stopped",
    }


def _tell(restored: Restored) -> None:
    made = restored.manifest
    heading(f"已恢复到{made.made_at:%Y-%m-%d %H:%M}的备份，核对如下")
    listed(
        [
            ("备份文件", f"{len(made.files)}个，校验值全部相符"),
            ("台账记录", f"{sum(made.picture.rows.values())}条，与清单相同"),
            ("留痕记录", "完整，末条校验值与清单相同"),
            ("原件档案", f"已放回{restored.originals}个；台账所引用的缺{len(restored.missing)}个"),
            ("备份后的原件", f"{len(restored.unknown)}个，仍在档案中，台账没有记录"),
            ("未放回的文件", "、".join(restored.different) or "无"),
            ("Airflow", "元数据库已恢复" if restored.has_airflow else "未恢复"),
            ("原有数据库", "、".join(restored.aside) or "无"),
        ]
    )
    for name in restored.missing[:NAMED_AT_MOST]:
        say(f"缺原件 {name}")
    say(
        "已停止一切发送。请对照邮箱“已发送”核对备份以来的邮件，再运行 outbox resume 确认；"
        "可能已经发出的不会再发，列在 outbox doubts。"
    )
