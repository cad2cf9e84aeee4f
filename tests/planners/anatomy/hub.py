"""A small hub on loopback: it lists the files of its repositories, gives them out, and writes down what was asked."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """The hub.

    Attributes:
        url: where it listens.
        asked: the paths that were asked for, in order.
    """

    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def a_hub(files: Mapping[str, bytes]) -> Iterator[Hub]:
    """A hub with files by `owner/name/path`; a repository of an owner called `gated` is not given out."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.asked.append(f"{self.command} {self.path}")
            parts = self.path.strip("/").split("/")
            if parts[:2] == ["api", "models"]:
                self._info("/".join(parts[2:4]))
            else:
                self._file("/".join(parts[:2]), "/".join(parts[4:]))

        def do_HEAD(self) -> None:
            self.do_GET()

        def _info(self, name: str) -> None:
            there = [path.removeprefix(f"{name}/") for path in files if path.startswith(f"{name}/")]
            if name.startswith("gated/"):
                self._answer(403, b"{}", {"X-Error-Code": "GatedRepo"})
            elif not there:
                self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
            else:
                told = {"id": name, "sha": COMMIT, "siblings": [{"rfilename": path} for path in there]}
                self._answer(200, json.dumps(told).encode(), {"Content-Type": "application/json"})

        def _file(self, name: str, path: str) -> None:
            data = files.get(f"{name}/{path}")
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

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
