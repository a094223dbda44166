"""Task logs are read by everybody who may look at a run: no person is named in them, whatever went wrong."""

from __future__ import annotations

import logging
import traceback
from functools import cache
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from include.domain.errors import GiveUp
from include.domain.privacy import without_persons

OURS = "include"

log = logging.getLogger(__name__)


@cache
def keep_persons_out_of_logs() -> None:
    """From now on, in this process, our own log lines and the tracebacks in them."""
    make = logging.getLogRecordFactory()

    def made(*given: Any, **named: Any) -> logging.LogRecord:
        record = make(*given, **named)
        # structlog copies records by way of one without a name.
        if (record.name or "").partition(".")[0] == OURS:
            record.msg = without_persons(_words(record))
            record.args = record.exc_info = None
        return record

    logging.setLogRecordFactory(made)


def told(fault: Exception) -> tuple[Exception, Exception | None]:
    """What Airflow is to log of a fault, and because of what: a lasting one ends the task, others are tried again.

    A fault that names a person, itself or in its traceback, is logged here without, and goes on without its cause.
    """
    whole = "".join(traceback.format_exception(fault))
    is_clean = without_persons(whole) == whole
    words = without_persons(str(fault))
    if not is_clean:
        log.error("%s", whole)
    if isinstance(fault, GiveUp):
        return AirflowFailException(words), fault if is_clean else None
    if is_clean:
        return fault, None
    return AirflowException(f"{type(fault).__name__}: {words}"), None


def _words(record: logging.LogRecord) -> str:
    said = record.getMessage()
    if record.exc_info and record.exc_info[0] is not None:
        said += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
    return said
