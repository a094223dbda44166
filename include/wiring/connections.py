"""The Airflow connections of the office: its ledger and its mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseHook
from sqlalchemy import URL

from include.domain.errors import GiveUp
from include.settings import Settings

if TYPE_CHECKING:
    from include.domain.campaign import Campaign
    from include.domain.feeds import Feed
    from include.gateways.mail_server import SmtpAccount
    from include.gateways.sql_source import SqlSource
    from include.steps.ports import Mailbox, Source

LEDGER_CONNECTION = "duban_ledger"
SMTP_CONNECTION = "duban_smtp"
IMAP_CONNECTION = "duban_imap"


def ledger_url() -> str:
    """The ledger's address from the Airflow connection ``duban_ledger`` (sqlite or postgres)."""
    connection = BaseHook.get_connection(LEDGER_CONNECTION)
    if connection.conn_type == "sqlite":
        return f"sqlite:///{connection.host}"
    address = URL.create(
        "postgresql+psycopg",
        username=connection.login,
        password=connection.password,
        host=connection.host,
        port=connection.port,
        database=connection.schema,
        query={name: str(value) for name, value in connection.extra_dejson.items() if name.startswith("ssl")},
    )
    return address.render_as_string(hide_password=False)


def smtp_account() -> SmtpAccount | None:
    """The office's mailbox from the Airflow connection ``duban_smtp``; None while sending is off."""
    from include.gateways.mail_server import SmtpAccount

    settings = Settings()
    if settings.send_mode == "off":
        return None
    connection = BaseHook.get_connection(SMTP_CONNECTION)
    return SmtpAccount.of(
        host=connection.host,
        port=connection.port,
        login=connection.login,
        password=connection.password,
        extra=connection.extra_dejson,
        office=settings.office_mailbox,
        connection=SMTP_CONNECTION,
    )


def imap_mailbox() -> Mailbox | None:
    """The mailbox returns arrive in, from the Airflow connection ``duban_imap``; None where there is none.

    An office may have its returns laid into a folder instead.
    """
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    from include.gateways.incoming_mail import ImapAccount, ImapMailbox
    from include.gateways.mail_server.account import stated

    try:
        connection = BaseHook.get_connection(IMAP_CONNECTION)
    except AirflowNotFoundException:
        return None
    extra = connection.extra_dejson
    account = ImapAccount(
        host=connection.host,
        port=connection.port,
        login=connection.login or "",
        password=connection.password or "",
        address=extra.get("address") or Settings().office_mailbox,
        connection=IMAP_CONNECTION,
        **stated(extra, security=str, folder=str, done_folder=str, failed_folder=str, timeout=float),
    )
    return ImapMailbox(account)


def feed_source(feed: Feed) -> Source:
    """The bureau database of a feed, from the Airflow connection it names: whatever provider's.

    Raise GiveUp when there is no such connection, or its kind is not one of databases.
    """
    return database(feed.connection, of=feed.title)


def database(name: str, *, of: str) -> SqlSource:
    """The database behind an Airflow connection, read only; ``of`` says in a fault what it is wanted for."""
    from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException
    from sqlalchemy import create_engine

    from include.gateways.sql_source import SqlSource

    where = f"“{of}”的连接“{name}”"
    try:
        connection = BaseHook.get_connection(name)
        if connection.conn_type == "sqlite":
            engine = create_engine(f"sqlite:///file:{connection.host}?mode=ro&uri=true")
        else:
            engine = connection.get_hook().get_sqlalchemy_engine()
    except AirflowNotFoundException as fault:
        raise GiveUp(f"{where}不存在，请在 Airflow“管理—连接”中新建") from fault
    except (AirflowException, AttributeError, ImportError) as fault:
        raise GiveUp(
            f"{where}不是可用的数据库连接（{connection.conn_type}），请核对连接类型，并安装相应的驱动（provider）"
        ) from fault
    return SqlSource(engine, connection=name)


def feed_query(campaign: Campaign, feed: Feed) -> str:
    """The query of a feed, from the campaign's facts or the file beside them. Raise GiveUp for a missing file."""
    if feed.query is not None:
        return feed.query
    file = Settings().campaigns / campaign.id / str(feed.file)
    if not file.is_file():
        raise GiveUp(
            f"“{feed.title}”的语句文件“{feed.file}”不在专项文件夹 {campaign.id} 中，请放入或改正 file"
        )
    return file.read_text(encoding="utf-8-sig")
