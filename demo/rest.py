"""A small client of Airflow's REST API v2, as one user."""

from __future__ import annotations

from typing import Any

import httpx


class Refused(Exception):
    """The API answered with an error; ``status`` is the HTTP status, the message the API's own words."""

    def __init__(self, request: str, status: int, detail: str) -> None:
        super().__init__(f"{request}：{status} {detail}")
        self.status = status


class Api:
    """Paths are given without ``/api/v2``: ``api.get("/dags")``."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._login = {"username": user, "password": password}
        # A proxy in the environment must not be asked for an address on this machine.
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._token = ""

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def token(self) -> str:
        """Fetched once, at the first call."""
        if not self._token:
            answer = _checked(self._http.post("/auth/token", json=self._login))
            self._token = answer["access_token"]
        return self._token

    def get(self, path: str, **query: Any) -> Any:
        return self._call("GET", path, params=query)

    def post(self, path: str, body: object) -> Any:
        return self._call("POST", path, json=body)

    def patch(self, path: str, body: object) -> Any:
        return self._call("PATCH", path, json=body)

    def _call(self, method: str, path: str, **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token()}"}
        return _checked(self._http.request(method, f"/api/v2{path}", headers=headers, **content))


def _checked(answer: httpx.Response) -> Any:
    if answer.is_error:
        request = f"{answer.request.method} {answer.request.url.path}"
        raise Refused(request, answer.status_code, answer.text[:500])
    return answer.json() if answer.content else None
