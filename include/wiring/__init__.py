"""Where Airflow meets the gateways. Nothing here decides anything about a campaign."""

from __future__ import annotations

from include.wiring.approvals import REJECT, SIGN, Answer, approvers
from include.wiring.bulk_sending import sending
from include.wiring.chasing import office_notices, with_mail
from include.wiring.connections import (
    IMAP_CONNECTION,
    LEDGER_CONNECTION,
    SMTP_CONNECTION,
    feed_query,
    feed_source,
    imap_mailbox,
    ledger_url,
    smtp_account,
)
from include.wiring.dags import (
    DEFAULT_ARGS,
    OWNER,
    REPORT_AT,
    broken_campaigns,
    follow_dag,
    intake_dag,
    phase_dag,
    phases,
    pull_dag,
    report_dag,
    reports,
    say_what_failed,
    screen_dag,
    screening_time,
)
from include.wiring.forms import AUTO_STEP, DIALECT, SECTION, day_params, phase_params
from include.wiring.metrics import report_figures
from include.wiring.running import Running, begun, running
from include.wiring.signing import signing
from include.wiring.surveying import surveyed
from include.wiring.tasks import SHANGHAI, Run, is_rehearsal, run_day, work

__all__ = [
    "AUTO_STEP",
    "DEFAULT_ARGS",
    "DIALECT",
    "IMAP_CONNECTION",
    "LEDGER_CONNECTION",
    "OWNER",
    "REJECT",
    "REPORT_AT",
    "SECTION",
    "SHANGHAI",
    "SIGN",
    "SMTP_CONNECTION",
    "Answer",
    "Run",
    "Running",
    "approvers",
    "begun",
    "broken_campaigns",
    "day_params",
    "feed_query",
    "feed_source",
    "follow_dag",
    "imap_mailbox",
    "intake_dag",
    "is_rehearsal",
    "ledger_url",
    "office_notices",
    "phase_dag",
    "phase_params",
    "phases",
    "pull_dag",
    "report_dag",
    "report_figures",
    "reports",
    "run_day",
    "running",
    "say_what_failed",
    "screen_dag",
    "screening_time",
    "sending",
    "signing",
    "smtp_account",
    "surveyed",
    "with_mail",
    "work",
]
