"""Builds the gateways out of settings and credentials, with or without Airflow."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from include.campaigns.registry import load_calendar
from include.domain.campaign import TIMEZONE
from include.domain.letters import Office
from include.domain.notices import SendMode
from include.settings import Settings
from include.steps.ports import Gateways, MailServer

if TYPE_CHECKING:
    from include.gateways.mail_server import SmtpAccount


def sending(settings: Settings, *, ledger_url: str, smtp: SmtpAccount | None) -> Gateways:
    """The gateways of a task. They open what they need when it is first used.

    Raise ValueError when sending is on and no mail account or no token key is given.
    """
    return _gateways(settings, ledger_url, mail_server(settings, smtp))


def looking(settings: Settings, *, ledger_url: str) -> Gateways:
    """The gateways of the command line: they see what a task sees and send nothing, whatever the mode."""
    from include.gateways.mail_server import NoMailServer

    return _gateways(settings, ledger_url, NoMailServer(SendMode(settings.send_mode)))


def _gateways(settings: Settings, ledger_url: str, mail: MailServer) -> Gateways:
    from include.gateways.archive import Archive
    from include.gateways.form_files import load_forms
    from include.gateways.inbox import FolderInbox
    from include.gateways.ledger import Ledger
    from include.gateways.letters import Letters
    from include.gateways.quality import Quality
    from include.gateways.statistics_workbooks import StatisticsWorkbooks
    from include.gateways.workbooks import Workbooks

    return Gateways(
        ledger=Ledger(ledger_url),
        inbox=FolderInbox(settings.inbox_url),
        archive=Archive(settings.archive_url),
        workbooks=Workbooks(_token_key(settings)),
        quality=Quality(),
        letters=Letters(overrides=settings.campaigns),
        mail_server=mail,
        statistics=StatisticsWorkbooks(),
        forms=load_forms(),
        calendar=load_calendar(),
        office=Office(name="", mailbox=settings.office_mailbox, phone=settings.office_phone),
        mail_domain=settings.mail_domain,
        now=lambda: datetime.now(UTC),
    )


def today() -> date:
    """The day in Shanghai, for a person at the command line who names none."""
    return datetime.now(ZoneInfo(TIMEZONE)).date()


def mail_server(settings: Settings, smtp: SmtpAccount | None) -> MailServer:
    """The one place where the send mode is turned into a gateway, so that no caller can forget it."""
    from include.gateways.mail_server import FolderMailServer, SmtpMailServer

    mode = SendMode(settings.send_mode)
    if mode is SendMode.OFF:
        return FolderMailServer(settings.rendered_mails, from_address=settings.office_mailbox)
    if smtp is None:
        raise ValueError(
            "DUBAN_SEND_MODE 已开启发送，但没有邮箱连接 duban_smtp，请在 Airflow“管理—连接”中配置"
        )
    return SmtpMailServer(smtp, mode=mode, allow_list=settings.team_addresses)


def _token_key(settings: Settings) -> bytes:
    key = settings.token_key.get_secret_value()
    if len(key) < 32:
        raise ValueError(
            "DUBAN_TOKEN_KEY 未设置或过短（至少32个字符）：专用表的防伪校验需要它，所有组件须使用同一个值"
        )
    return key.encode()
