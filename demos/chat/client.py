"""A page of the chat without a browser, for tests and measurements: what the page sends, and what it is sent."""

from __future__ import annotations

import html
import json
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ...extras import need

_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Reply:
    """What the page shows when a question is over.

    Attributes:
        pieces: the HTML of the conversation, by key.
        first_s: seconds until something was shown.
        seconds: seconds until it was over.
    """

    pieces: dict[str, str]
    first_s: float
    seconds: float

    @property
    def text(self) -> str:
        """Everything that is shown, without its tags."""
        return html.unescape(_TAG.sub(" ", "\n".join(self.pieces.values())))

    @property
    def last(self) -> str:
        """The last piece, without its tags."""
        return html.unescape(_TAG.sub(" ", list(self.pieces.values())[-1]))


class Visitor:
    """One page of one browser.

    Args:
        url: of the chat.
        timeout_s: how long an answer may take.
    """

    def __init__(self, url: str, *, timeout_s: float = 300.0) -> None:
        httpx = need("httpx", extra="demo")
        self.key = secrets.token_hex(8)
        self.http = httpx.Client(base_url=url, timeout=timeout_s)
        config = self.http.get("/config").raise_for_status().json()
        self.events = {each["api_name"]: each["id"] for each in config["dependencies"]}
        self.settings = [
            each["props"].get("value")
            for each in config["components"]
            if each["type"] in {"dropdown", "checkboxgroup", "slider"}
        ]
        opened = {"data": [], "fn_index": self.events["enter"], "session_hash": self.key}
        self.http.post("/gradio_api/run/predict", json=opened).raise_for_status()

    def __enter__(self) -> Visitor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def add(self, picture: bytes | Path, name: str = "") -> dict[str, Any]:
        """Send a picture for the next question. Returns the JSON of the answer, which may be an error."""
        content = picture.read_bytes() if isinstance(picture, Path) else picture
        shown = name or (picture.name if isinstance(picture, Path) else "picture.png")
        address = f"/room/{self.key}/pictures"
        said: dict[str, Any] = self.http.post(address, content=content, headers={"x-name": shown}).json()
        return said

    def ask(self, question: str) -> Reply:
        """Ask, and wait until it is over."""
        return self.follow("ask", [question, *self.settings])

    def do(self, event: str, said: dict[str, Any] | None = None) -> Reply:
        """What a button of the page does: `edit`, `again`, `stop`, `new_chat`, `point` ..."""
        data = list(self.settings) if event in {"again", "example"} else []
        return self.follow(event, data, said)

    def follow(self, event: str, data: Sequence[Any], said: dict[str, Any] | None = None) -> Reply:
        """Send one event and read everything that comes back."""
        begun = time.perf_counter()
        first = 0.0
        final: list[Any] = []
        for message in self.messages(event, data, said):
            output = message.get("output") or {}
            if not first and output.get("data"):
                first = time.perf_counter() - begun
            if message["msg"] == "process_completed":
                final = output.get("data") or []
        entries = final[0] if final and isinstance(final[0], list) else []
        pieces = {key: piece for key, piece in entries}  # noqa: C416 - pairs are lists here
        return Reply(pieces, first, time.perf_counter() - begun)

    def messages(self, event: str, data: Sequence[Any], said: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Everything that the server says about one event, as it comes."""
        body = {"data": list(data), "fn_index": self.events[event], "session_hash": self.key, "event_data": said}
        self.http.post("/gradio_api/queue/join", json=body).raise_for_status()
        with self.http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.key}) as stream:
            stream.raise_for_status()
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    message: dict[str, Any] = json.loads(line[5:])
                    if message["msg"] == "close_stream":
                        return
                    yield message
