"""Deployment switches, typed, from environment variables with the prefix ``DUBAN_``.

Credentials are not here: the ledger and the mailbox are Airflow connections.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What a deployment decides. Sending is off until somebody turns it on."""

    model_config = SettingsConfigDict(env_prefix="DUBAN_", frozen=True)

    home: Path = Field(
        default=ROOT / ".airflow" / "duban",
        description="数据目录：台账（单机版）、原件档案、收件箱、样件默认都在其下",
    )
    campaigns: Path = Field(default=ROOT / "include" / "campaigns", description="各专项行动文件夹所在目录")
    inbox: str = Field(default="", description="收件箱目录或对象存储地址；空则为数据目录下的 inbox")
    archive: str = Field(default="", description="原件档案目录或对象存储地址；空则为数据目录下的 archive")
    ledger_url: str = Field(
        default="",
        description="台账数据库地址（命令行使用）；空则为数据目录下的 ledger.db。Airflow 任务用连接 duban_ledger",
    )
    send_mode: Literal["off", "team", "live"] = Field(
        default="off", description="off：只生成样件；team：只发给 team_addresses；live：正式发送"
    )
    team_addresses: tuple[str, ...] = Field(default=(), description="team 模式下允许的邮箱或域名")
    office_mailbox: str = Field(
        default="office@duban.example", description="办公室公用邮箱：发件、回复和收取报送件都用它"
    )
    watch_mailbox: str = Field(
        default="", description="系统告警发给谁（watch 命令）：信息人员的邮箱；空则为办公室公用邮箱"
    )
    office_phone: str = Field(default="", description="办公室联系电话，写入邮件落款；可空")
    office_post: str = Field(
        default="基金监管岗", description="联系岗位，写在联系电话之前；只写岗位，不写姓名"
    )
    mail_domain: str = Field(default="duban.example", description="Message-ID 使用的域名")
    token_key: SecretStr = Field(
        default=SecretStr(""), description="专用表防伪校验的密钥；不少于32个字符，所有组件须一致"
    )
    tipster_key: SecretStr = Field(
        default=SecretStr(""),
        description="举报人信息的加密密钥（32字节 Base64，Fernet 格式）；空则不能登记、导出举报人信息。须另行备份，丢失后无法解密",
    )
    access: Path | None = Field(
        default=None,
        description="权限文件：写明每个 Airflow 用户在督办台的角色、专项行动和县区；空则为数据目录下的 access.yaml。没有写的用户不能使用督办台",
    )
    approvers: dict[str, str] = Field(
        default_factory=dict,
        description='岗位到 Airflow 用户，如 {"office_staff": "staff", "office_director": "director", "deputy_bureau": "deputy"}；'
        "没有写的岗位任何有权用户可签，但同一人不得签批两道",
    )
    approval_hours: int = Field(
        default=48, ge=1, description="每道签批、每次审批等待的小时数，超时不报送、不发送"
    )

    settlements: str = Field(default="", description="结算数据所在目录或对象存储地址；空则不筛查")
    settlement_connection: str = Field(
        default="",
        description="结算数据所在数据库的 Airflow 连接名；空则直接读 DUBAN_SETTLEMENTS 目录，写明的先按区划、月份读入该目录（须为本机目录）",
    )
    settlement_queries: Path = Field(
        default=ROOT / "include" / "screening" / "queries",
        description="结算数据查询语句目录：partitions.sql、settlements.sql、details.sql",
    )
    settlement_lists: str = Field(default="", description="筛查用的本局清单（CSV）所在目录；可空")
    screening_engine: str = Field(
        default="duckdb",
        description="筛查引擎：duckdb 在本机；数据超出一台机器的，填已有 Spark 集群的地址，如 spark://主机:7077、yarn；spark 为本机的 Spark",
    )
    screening_memory: str = Field(
        default="6GB", description="筛查引擎的内存上限，如 6GB；用完写入数据目录所在磁盘"
    )
    screening_hours: int = Field(
        default=6,
        ge=1,
        le=72,
        description="读入结算数据、筛查一个地市各至多几小时，超过即停止并报失败；一千万条明细在两核上需数分钟",
    )
    approve_above: int = Field(
        default=500, ge=0, description="一次拟发超过多少封时须经批准才发送；0 表示每一批都须批准"
    )
    sending_hours: str = Field(
        default="08:00-20:00",
        pattern=r"^$|^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$",
        description="每天可以发送邮件的时段（北京时间），其余为静默时段；留空则全天可发",
    )

    @property
    def inbox_url(self) -> str:
        return self.inbox or str(self.home / "inbox")

    @property
    def access_file(self) -> Path:
        return self.access or self.home / "access.yaml"

    @property
    def archive_url(self) -> str:
        return self.archive or str(self.home / "archive")

    @property
    def ledger_default_url(self) -> str:
        return self.ledger_url or f"sqlite:///{self.home / 'ledger.db'}"

    @property
    def rendered_mails(self) -> Path:
        return self.home / "rendered"
