"""A small hub on loopback: it lists the files of its repositories, gives them out, and writes down what was asked."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """The hub.

    Attributes:
        files: what it has, by `owner/name/path`; repositories of an owner called `gated` are not given out.
        asked: the methods and paths that were asked for, in order.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.files = files
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        hub = cast(Hub, self.server)
        hub.asked.append(f"{self.command} {self.path}")
        parts = self.path.strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            self._tell(hub, "/".join(parts[2:4]))
        else:
            self._give(hub.files.get("/".join(parts[:2] + parts[4:])))

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def _tell(self, hub: Hub, name: str) -> None:
        there = [path.removeprefix(f"{name}/") for path in hub.files if path.startswith(f"{name}/")]
        if name.startswith("gated/"):
            self._answer(403, b"{}", {"X-Error-Code": "GatedRepo"})
        elif not there:
            self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        else:
            told = {"id": name, "sha": COMMIT, "siblings": [{"rfilename": path} for path in there]}
            self._answer(200, json.dumps(told).encode(), {"Content-Type": "application/json"})

    def _give(self, data: bytes | None) -> None:
        if data is None:
            self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})
        else:
            self._answer(200, data, {"X-Repo-Commit": COMMIT, "ETag": f'"{hashlib.sha1(data).hexdigest()}"'})

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for header, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(header, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


@contextmanager
def a_hub(files: Mapping[str, bytes]) -> Iterator[Hub]:
    """A running hub with these files."""
    hub = Hub(files)
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()
