"""Airflow's own pages: Chinese and Shanghai's clock for whoever has not chosen otherwise.

Airflow has no setting for either; its pages look both up in the browser's storage.
"""

from __future__ import annotations

from typing import Any

from include.domain.campaign import TIMEZONE

LANGUAGE = "zh-CN"
_CHOICES = {"i18nextLng": LANGUAGE, "timezone": f'"{TIMEZONE}"'}
SCRIPT = (
    "<script>try{"
    + "".join(
        f"localStorage.getItem('{key}')||localStorage.setItem('{key}','{value}');"
        for key, value in _CHOICES.items()
    )
    + "}catch(e){}</script>"
).encode()
_NOT_PAGES = ("/api/", "/ui/", "/execution", "/static/", "/auth/token", "/duban")


class InChinese:
    """ASGI middleware: puts a script first into every page of Airflow's, and leaves all else as it is."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_NOT_PAGES):
            await self._app(scope, receive, send)
            return
        held: list[dict[str, Any]] = []

        async def forward(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                if not dict(message["headers"]).get(b"content-type", b"").startswith(b"text/html"):
                    await send(message)
                    return
                held.append(message)
                return
            if held and message["type"] == "http.response.body":
                start = held.pop()
                body = message.get("body", b"").replace(b"<head>", b"<head>" + SCRIPT, 1)
                await send({**start, "headers": _lengthened(start["headers"], len(body), message)})
                message = {**message, "body": body}
            await send(message)

        await self._app(scope, receive, forward)


def _lengthened(headers: Any, length: int, message: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    """The headers with the new length; without one while more of the body is still to come."""
    kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    return kept if message.get("more_body") else [*kept, (b"content-length", str(length).encode())]
