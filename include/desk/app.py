"""The desk as a web application, mounted by Airflow's API server under ``/duban``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from pkgutil import iter_modules

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from include.desk import pages
from include.desk.office import Office
from include.desk.paper import HERE, show
from include.desk.session import log_in, wants_a_page
from include.desk.warming import warming
from include.domain.errors import GiveUp, NotFound

TITLE = "督办台"

HEADERS = {
    # Styles within drawn charts are the only thing not in a file of ours.
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
NO_PAGE = "没有这个页面，请核对网址，或从上方菜单进入。"
ASSETS_KEEP = "public, max-age=3600"


def make_app(office: Office) -> FastAPI:
    """Every module in ``pages`` brings a ``router``; none is open to somebody without a session."""
    # FastAPI's own pages would be open to anybody.
    app = FastAPI(title=TITLE, docs_url=None, redoc_url=None, openapi_url=None, lifespan=warming)
    app.state.office = office
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for module in iter_modules(pages.__path__):
        app.include_router(import_module(f"{pages.__name__}.{module.name}").router)
    app.middleware("http")(_with_headers)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(NotFound, _not_found)
    app.add_exception_handler(GiveUp, _cannot)
    return app


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    answer = await call_next(request)
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if "/static/" in request.url.path:
        answer.headers["Cache-Control"] = ASSETS_KEEP
    return answer


async def _refused(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    if not wants_a_page(request):
        return JSONResponse({"detail": fault.detail}, status_code=fault.status_code)
    if fault.status_code == 401:
        return log_in(request)
    sentence = NO_PAGE if fault.detail == "Not Found" else fault.detail
    code = fault.status_code
    return show(request, "refused.html.j2", status=code, code=code, sentence=sentence)


async def _not_found(request: Request, fault: Exception) -> Response:
    return await _refused(request, HTTPException(404, str(fault)))


async def _cannot(request: Request, fault: Exception) -> Response:
    """A lasting fault that says itself what to do, such as a ledger newer than this program."""
    return await _refused(request, HTTPException(503, str(fault)))
