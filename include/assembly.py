"""Puts the gateways together out of settings and credentials, with or without Airflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from include.campaigns.registry import load_calendar
from include.domain.campaign import TIMEZONE
from include.domain.forms import Form
from include.domain.letters import Office
from include.domain.notices import SendMode
from include.domain.penalties import Law
from include.domain.plans import SendingRules
from include.domain.quota import QuietHours
from include.domain.workdays import WorkdayCalendar
from include.gateways.watermark import Watermark
from include.settings import Settings

if TYPE_CHECKING:
    from include.gateways.mail_server import SmtpAccount
    from include.steps import ports


def sending(
    settings: Settings, *, ledger_url: str, smtp: SmtpAccount | None, approvals_page: str = ""
) -> Assembly:
    """The gateways of a task. Raise ValueError when sending is on and no mail account is given."""
    return Assembly(settings, ledger_url, mail_server(settings, smtp), approvals_page=approvals_page)


def looking(settings: Settings, *, ledger_url: str) -> Assembly:
    """The gateways of the command line: they see what a task sees and send nothing, whatever the mode."""
    from include.gateways.mail_server import NoMailServer

    return Assembly(settings, ledger_url, NoMailServer(SendMode(settings.send_mode)))


def mail_server(settings: Settings, smtp: SmtpAccount | None) -> ports.MailServer:
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


class Assembly:
    """Each gateway is imported and built when it is first used: most tasks use two or three of them,
    and the libraries behind the others would cost every task a second.
    """

    def __init__(
        self,
        settings: Settings,
        ledger_url: str,
        mail: ports.MailServer,
        *,
        approvals_page: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._ledger_url = ledger_url
        self.mail_server = mail
        self.mail_domain = settings.mail_domain
        self.sending = _sending_rules(settings, approvals_page)
        self.watermark = Watermark(settings.home / "marks" / "sending_mark")
        self.office = Office(
            name="",
            mailbox=settings.office_mailbox,
            phone=settings.office_phone,
            post=settings.office_post,
        )

    @cached_property
    def ledger(self) -> ports.Ledger:
        from include.gateways.ledger import Ledger

        key = self._settings.tipster_key.get_secret_value()
        return Ledger(self._ledger_url, tipster_key=key)

    @cached_property
    def inbox(self) -> ports.Inbox:
        from include.gateways.inbox import FolderInbox

        return FolderInbox(self._settings.inbox_url)

    @cached_property
    def archive(self) -> ports.Archive:
        from include.gateways.archive import Archive

        return Archive(self._settings.archive_url)

    @cached_property
    def mail_reader(self) -> ports.MailReader:
        from include.gateways.incoming_mail import MailReader

        return MailReader()

    @cached_property
    def workbooks(self) -> ports.Workbooks:
        """Raise ValueError without a token key: nobody could tell our workbooks from others."""
        from include.gateways.workbooks import Workbooks

        return Workbooks(_token_key(self._settings))

    @cached_property
    def quality(self) -> ports.Quality:
        from include.gateways.quality import Quality

        return Quality()

    @cached_property
    def data_docs(self) -> ports.DataDocs:
        from include.gateways.data_docs import DataDocs

        return DataDocs()

    @cached_property
    def letters(self) -> ports.Letters:
        from include.gateways.letters import Letters

        return Letters(overrides=self._settings.campaigns)

    @cached_property
    def statistics(self) -> ports.StatisticsWorkbooks:
        from include.gateways.statistics_workbooks import StatisticsWorkbooks

        return StatisticsWorkbooks()

    @cached_property
    def documents(self) -> ports.Documents:
        from include.gateways.documents import Documents

        return Documents(campaigns=self._settings.campaigns)

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        from include.gateways.form_files import load_forms

        return load_forms()

    @cached_property
    def law(self) -> Law:
        from include.gateways.penalty_file import load_law

        return load_law()

    @cached_property
    def calendar(self) -> WorkdayCalendar:
        return load_calendar()

    def now(self) -> datetime:
        """The only clock the steps know."""
        return self._clock()

    def close(self) -> None:
        """Give back the ledger's connections, if any were opened."""
        if "ledger" in self.__dict__:
            self.ledger.close()


def today() -> date:
    """The day in Shanghai, for a person at the command line who names none."""
    return moment().date()


def moment() -> datetime:
    """Now, in Shanghai: what a folder is named by that nobody named."""
    return datetime.now(ZoneInfo(TIMEZONE))


def _sending_rules(settings: Settings, approvals_page: str) -> SendingRules:
    quiet = None
    if settings.sending_hours:
        opens, closes = (time.fromisoformat(each) for each in settings.sending_hours.split("-"))
        quiet = QuietHours(until=opens, since=closes, on_free_days=False)
    return SendingRules(
        approve_above=settings.approve_above,
        quiet_hours=quiet,
        approval_hours=settings.approval_hours,
        approvals_page=approvals_page,
    )


def _token_key(settings: Settings) -> bytes:
    key = settings.token_key.get_secret_value()
    if len(key) < 32:
        raise ValueError(
            "DUBAN_TOKEN_KEY 未设置或过短（至少32个字符）：专用表的防伪校验需要它，所有组件须使用同一个值"
        )
    return key.encode()
