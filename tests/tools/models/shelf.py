"""A server on this machine that gives out one file, well or badly."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lavr.tools.models.catalogue import Weights

CONTENT = bytes(range(256)) * 12_000
"""Three megabytes."""

NAME = "shapes.pt"


@dataclass
class Shelf:
    """What the server does.

    Attributes:
        url: of the file.
        content: of the file.
        cuts: after how many bytes of the body each of the next answers breaks off; 0 gives none at all.
        status: of its answers, where they are no 200 or 206.
        kind: the content type.
        location: where it redirects to.
        ranges: whether it can begin in the middle.
        asked: the `Range` of each request, empty for none.
    """

    url: str = ""
    content: bytes = CONTENT
    cuts: list[int] = field(default_factory=list)
    status: int = 0
    kind: str = "application/octet-stream"
    location: str = ""
    ranges: bool = True
    asked: list[str] = field(default_factory=list)

    def weights(self, **changes: Any) -> Weights:
        """An entry for a catalogue that has the file as it should be."""
        sound = Weights(
            "shapes",
            "detect",
            "shapes",
            "Apache-2.0",
            len(CONTENT),
            file=NAME,
            url=self.url,
            sha256=hashlib.sha256(CONTENT).hexdigest(),
        )
        return replace(sound, **changes)


@contextmanager
def served() -> Iterator[Shelf]:
    """A shelf that is served."""
    shelf = Shelf()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, shelf)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # so that closing it waits for its answers
    shelf.url = f"http://127.0.0.1:{server.server_port}/{NAME}"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    serving.start()
    try:
        yield shelf
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


def _answer(handler: BaseHTTPRequestHandler, shelf: Shelf) -> None:
    asked = handler.headers.get("Range", "")
    shelf.asked.append(asked)
    start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and shelf.ranges else 0
    if start > len(shelf.content):
        handler.send_error(416)
        return
    if shelf.status >= 400:
        handler.send_error(shelf.status)
        return
    body = shelf.content[start:]
    handler.send_response(shelf.status or (206 if start else 200))
    handler.send_header("Content-Type", shelf.kind)
    handler.send_header("Content-Length", str(len(body)))
    if shelf.location:
        handler.send_header("Location", shelf.location)
    handler.end_headers()
    with contextlib.suppress(ConnectionError):  # who asked has had enough
        handler.wfile.write(body[: shelf.cuts.pop(0)] if shelf.cuts else body)
    handler.close_connection = True
