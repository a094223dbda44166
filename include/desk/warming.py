"""What the first visitor of a day would wait for, done before anybody comes."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

from fastapi import FastAPI

from include.desk.office import Office
from include.desk.paper import compile_templates

log = logging.getLogger(__name__)


def warm(office: Office) -> None:
    """Connect, read campaigns and forms, compile the pages. What cannot be done now the first page will say."""
    try:
        compile_templates()
        using = office.using
        using.ledger.surveys.trail()
        known = (office.registry.campaigns, using.forms, using.calendar, using.workbooks)
    except Exception as fault:
        log.warning("督办台未能预先准备，打开第一个页面时会再试：%s", fault)
    else:
        log.info("督办台已就绪：%d个专项行动", len(known[0]))


@asynccontextmanager
async def warming(app: FastAPI) -> AsyncIterator[None]:
    """The lifespan of the desk: its preparation runs beside the server's own start, which does not wait for it."""
    Thread(target=warm, args=(app.state.office,), name="duban-desk-warming", daemon=True).start()
    yield
