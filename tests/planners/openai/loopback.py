"""A server on loopback that answers as it is told: properly, badly, late, or not at all."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

Body = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One request that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Body
    raw: bytes


class Wire:
    """The connection of one request, to answer on."""

    def __init__(self, handler: BaseHTTPRequestHandler, released: threading.Event) -> None:
        self._handler = handler
        self._released = released

    def head(self, status: int = 200, *, kind: str = "text/event-stream", **headers: str) -> None:
        """Send status and headers."""
        self._handler.send_response(status)
        self._handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.send_header("Connection", "close")
        self._handler.end_headers()
        self._handler.wfile.flush()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def pause(self, seconds: float) -> None:
        """Do nothing, until the test is over at the latest."""
        self._released.wait(seconds)

    def reset(self) -> None:
        """Tear the connection down."""
        linger = struct.pack("ii", 1, 0)
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._handler.connection.close()


Step = Callable[[Wire, Request], None]


@dataclass
class Loopback:
    """What the server is told, and what it was asked.

    Attributes:
        steps: how each request for a chat is answered, in order; the last one answers all that follow.
        requests: every request that came.
        models: what `/models` lists.
    """

    steps: list[Step]
    requests: list[Request] = field(default_factory=list)
    models: Sequence[str] = ()
    url: str = ""

    @property
    def chats(self) -> list[Request]:
        """The requests for a chat."""
        return [request for request in self.requests if request.path.endswith("/chat/completions")]


@contextmanager
def serving(*steps: Step, models: Sequence[str] = ()) -> Iterator[Loopback]:
    """A server that runs while the context is open."""
    told, released = Loopback(list(steps), models=models), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            request = Request("POST", self.path, dict(self.headers), json.loads(raw), raw)
            told.requests.append(request)
            step = told.steps[min(len(told.chats), len(told.steps)) - 1]
            self.close_connection = True
            # The client may have left, and a step may have torn the connection down.
            with suppress(ValueError, OSError):
                step(Wire(self, released), request)

        def do_GET(self) -> None:
            told.requests.append(Request("GET", self.path, dict(self.headers), {}, b""))
            self.close_connection = True
            listed = json.dumps({"data": [{"id": name} for name in told.models]}).encode()
            Wire(self, released).head(200 if told.models else 404, kind="application/json")
            self.wfile.write(listed if told.models else b"{}")

        def finish(self) -> None:
            with suppress(ValueError, OSError):  # a connection that was reset has nothing to flush
                super().finish()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield told
    finally:
        released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def event(value: Mapping[str, Any]) -> bytes:
    """One server-sent event."""
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def chunk(delta: Mapping[str, Any] | None = None, *, finish: str | None = None, **more: Any) -> Body:
    """One chunk of a streamed chat completion."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return {"id": "chat-1", "object": "chat.completion.chunk", "choices": [choice], **more}


USAGE = {"prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 80}}


def text_chunks(text: str, *, finish: str = "stop", usage: Mapping[str, Any] | None = USAGE) -> list[Body]:
    """A text in pieces of a few characters."""
    pieces = [text[at : at + 5] for at in range(0, len(text), 5)]
    return [*(chunk({"content": piece}) for piece in pieces), chunk(finish=finish), *_counted(usage)]


def call_chunks(
    *calls: tuple[str, Mapping[str, Any] | str],
    content: str = "",
    finish: str = "tool_calls",
    usage: Mapping[str, Any] | None = USAGE,
) -> list[Body]:
    """Native calls, their arguments in pieces of a few characters."""
    made = [chunk({"content": content})] if content else []
    for index, (name, arguments) in enumerate(calls):
        begun = {"index": index, "id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": ""}}
        made.append(chunk({"tool_calls": [begun]}))
        written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        pieces = [written[at : at + 7] for at in range(0, len(written), 7)]
        made += [chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}) for piece in pieces]
    return [*made, chunk(finish=finish), *_counted(usage)]


def _counted(usage: Mapping[str, Any] | None) -> list[Body]:
    return [{"choices": [], "usage": usage}] if usage else []


def streamed(chunks: Sequence[Mapping[str, Any]]) -> Step:
    """A proper reply."""

    def step(wire: Wire, _: Request) -> None:
        wire.head()
        wire.send(b"".join(map(event, chunks)) + b"data: [DONE]\n\n")

    return step


def answers(text: str = "It is 9.00.", **more: Any) -> Step:
    """A proper native answer."""
    return streamed(call_chunks(("final_answer", {"thought": "Easy.", "text": text, **more})))


def says(text: str, *, finish: str = "stop") -> Step:
    """A proper reply in plain text."""
    return streamed(text_chunks(text, finish=finish))


def whole(message: Mapping[str, Any], *, finish: str = "stop") -> Step:
    """A proper reply of a server that does not stream."""
    value = {"choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": USAGE}
    return body(json.dumps(value).encode(), kind="application/json")


def body(data: bytes, *, status: int = 200, kind: str = "text/event-stream", **headers: str) -> Step:
    """These very bytes."""

    def step(wire: Wire, _: Request) -> None:
        wire.head(status, kind=kind, **headers)
        wire.send(data)

    return step


def refuses(status: int, message: str = "no", **headers: str) -> Step:
    """An error as OpenAI words it."""
    data = json.dumps({"error": {"message": message, "type": "invalid_request_error", "code": None}}).encode()
    return body(data, status=status, kind="application/json", **headers)


def breaks_off(data: bytes = b"") -> Step:
    """A reset, before the first byte or in the midst of the body."""

    def step(wire: Wire, _: Request) -> None:
        if data:
            wire.head()
            wire.send(data)
            time.sleep(0.05)  # so that the bytes are read before the reset reaches the client
        wire.reset()

    return step


def falls_silent(data: bytes = b"", *, seconds: float = 30.0) -> Step:
    """Silence, before the head or in the midst of the body."""

    def step(wire: Wire, _: Request) -> None:
        if data:
            wire.head()
            wire.send(data)
        wire.pause(seconds)

    return step


def drips(data: bytes, *, every_s: float = 0.05) -> Step:
    """A byte now and then."""

    def step(wire: Wire, _: Request) -> None:
        wire.head()
        for byte in data:
            wire.send(bytes([byte]))
            wire.pause(every_s)

    return step


def drips_headers(*, every_s: float = 0.05) -> Step:
    """Headers that never end, a byte at a time."""

    def step(wire: Wire, _: Request) -> None:
        wire.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
        for _byte in range(2_000):
            wire.send(b"a")
            wire.pause(every_s)

    return step


def chats(model: Callable[[Body], list[Body]]) -> Step:
    """A server whose model is a function of the request."""

    def step(wire: Wire, request: Request) -> None:
        streamed(model(request.body))(wire, request)

    return step


def contents(request: Request | Body) -> list[Any]:
    """The contents of the messages of a request."""
    found = request.body if isinstance(request, Request) else request
    return [message.get("content") for message in cast("list[Body]", found["messages"])]
