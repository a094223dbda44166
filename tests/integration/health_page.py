"""Airflow's health page on a socket, saying what a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from include.gateways.watching import HEALTH


class Page(BaseHTTPRequestHandler):
    server: HealthPage

    def do_GET(self) -> None:
        assert self.path == HEALTH
        body = self.server.body.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class HealthPage(ThreadingHTTPServer):
    daemon_threads = True
    body = ""

    def show(self, silent_for: timedelta = timedelta(), **changed: Any) -> None:
        beat = (datetime.now(UTC) - silent_for).isoformat()
        facts = {
            "metadatabase": {"status": "healthy"},
            "scheduler": {"status": "healthy", "latest_scheduler_heartbeat": beat},
            "triggerer": {"status": None, "latest_triggerer_heartbeat": None},
            "dag_processor": {
                "status": "healthy",
                "latest_dag_processor_heartbeat": datetime.now(UTC).isoformat(),
            },
        }
        self.body = json.dumps(facts | changed)


@contextmanager
def health_page() -> Iterator[tuple[str, HealthPage]]:
    with HealthPage(("127.0.0.1", 0), Page) as server:
        server.show()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", server
        server.shutdown()
        thread.join()
