"""The gate before Gradio: who may ask for what, how much they may send, and what the browser may do with the answer.

Gradio serves its files, and fetches addresses, for everybody who names them, and knows its sessions by a number that
the browser makes up. Here only what the chat needs goes through; a session's number belongs to the visitor who used
it first; and everything carries headers that keep a page from loading anything from elsewhere.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from .rooms import Rooms
from .safety import DATA_POLICY, HEADERS, with_nonce

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "lavr_visitor"
MOST_SAID = 1024 * 1024
"""Bytes of any request but a picture, which has a limit of its own: a question and the settings."""

_API = "/gradio_api"
_OPEN = re.compile(
    r"/|/config/?|/login/?|/logout/?|/favicon\.ico|/robots\.txt|/manifest\.json|/theme\.css"
    r"|/(?:assets|static|svelte)/.*"
    r"|/gradio_api/(?:info/?|startup-events|theme\.css|app_id/?|login_check/?|user/?|token/?)"
    r"|/gradio_api/(?:queue/(?:join|data|status)|run/predict/?|api/predict/?|cancel|reset/?)"
    r"|/gradio_api/(?:run|api)/[\w-]+/?"
    r"|/gradio_api/heartbeat/[\w-]+"
    r"|/example/\d+|/room/[^/]+/.+"
)
"""Paths that are answered at all. Gradio's own uploads, files, proxies and tools for developers are not among them."""

_FOR_STRANGERS = re.compile(
    r"/|/config/?|/login/?|/logout/?|/favicon\.ico|/robots\.txt|/manifest\.json|/theme\.css"
    r"|/(?:assets|static|svelte)/.*"
    r"|/gradio_api/(?:startup-events|theme\.css|app_id/?|login_check/?)"
)
"""What Gradio's page to log in is made of; `/` and `/config` give nothing more to who is not logged in."""

_PICTURES = re.compile(r"/room/[^/]+/pictures")
_TOKEN = re.compile(r"[\w-]{20,80}")


class Gate:
    """ASGI middleware around the whole app.

    Args:
        app: what is behind it.
        rooms: who owns which session.
        logged_in: whether cookies are those of somebody who may come in; everybody may when left out.
    """

    def __init__(self, app: App, rooms: Rooms, logged_in: Callable[[Mapping[str, str]], bool] | None = None) -> None:
        self._app = app
        self._rooms = rooms
        self._logged_in = logged_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        request = _Request(scope, receive)
        answer = _Answer(send, request.new_visitor)
        if not _OPEN.fullmatch(request.path) or request.foreign:
            await answer.refuse(404)
            return
        if self._is_locked_for(request):
            await answer.refuse(401)
            return
        scope.setdefault("state", {})["visitor"] = request.visitor
        said = b"" if not request.posts or _PICTURES.fullmatch(request.path) else await request.body(MOST_SAID)
        if said is None:
            await answer.refuse(413)
            return
        claimed = request.sessions(said) if request.path.startswith(_API) else []
        if not all(self._rooms.claim(key, request.visitor) for key in claimed):
            await answer.refuse(403)
            return
        # Pages are rewritten on their way out, so they must not come compressed.
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding" or request.path != "/"]
        await self._app(scope, request.receive, answer.send)

    def _is_locked_for(self, request: _Request) -> bool:
        """Whether only those who are logged in get an answer. Gradio asks for a login at some of its own paths only."""
        if self._logged_in is None or _FOR_STRANGERS.fullmatch(request.path):
            return False
        return not self._logged_in(request.cookies)


class _Request:
    """What is asked, by whom."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._read: list[Message] = []
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self.path = str(scope["path"])
        self.posts = scope["method"] == "POST"
        self.query = parse_qs(bytes(scope.get("query_string", b"")).decode("latin-1"))
        self.cookies = _cookies(headers.get(b"cookie", ""))
        cookie = self.cookies.get(COOKIE, "")
        known = bool(_TOKEN.fullmatch(cookie))
        self.visitor = cookie if known else secrets.token_urlsafe(32)
        self.new_visitor = "" if known else self.visitor
        origin, host = headers.get(b"origin", ""), headers.get(b"host", "")
        # Another site's page must not speak for the visitor. A browser always says where a POST comes from.
        self.foreign = self.posts and bool(origin) and origin.partition("://")[2] != host

    async def body(self, most: int) -> bytes | None:
        """The body, kept so that the app can read it again; None when it is larger than it may be."""
        size = 0
        while True:
            message = await self._receive()
            self._read.append(message)
            size += len(message.get("body", b""))
            if size > most:
                return None
            if message["type"] != "http.request" or not message.get("more_body"):
                return b"".join(part.get("body", b"") for part in self._read)

    async def receive(self) -> Message:
        """What the app reads: first what was read here."""
        return self._read.pop(0) if self._read else await self._receive()

    def sessions(self, said: bytes) -> list[str]:
        """The numbers of sessions that a request of Gradio's names, wherever it does."""
        found = [*self.query.get("session_hash", ())]
        if self.path.startswith(f"{_API}/heartbeat/"):
            found.append(self.path.rpartition("/")[2])
        try:
            value = json.loads(said) if said else None
        except ValueError:
            value = None
        if isinstance(value, dict) and value.get("session_hash"):
            found.append(str(value["session_hash"]))
        return found


class _Answer:
    """What goes out: with its headers, its policy, and the visitor's cookie where there was none."""

    def __init__(self, send: Send, new_visitor: str) -> None:
        self._send = send
        self._new = new_visitor
        self._page: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Pass a message on. Pages wait until they are whole."""
        if message["type"] == "http.response.start":
            kind = dict(message["headers"]).get(b"content-type", b"")
            if kind.startswith(b"text/html") and not _is_download(message):
                self._page = message
                return
            await self._send(self._headed(message, DATA_POLICY))
        elif self._page is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._page)

    async def refuse(self, status: int) -> None:
        """Say no, without saying why."""
        start = {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]}
        await self._send(self._headed(start, DATA_POLICY))
        await self._send({"type": "http.response.body", "body": b"Not here."})

    async def _send_page(self, start: Message) -> None:
        html, policy = with_nonce(self._body.decode("utf-8"))
        body = html.encode("utf-8")
        start["headers"] = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        start["headers"].append((b"content-length", str(len(body)).encode()))
        await self._send(self._headed(start, policy))
        await self._send({"type": "http.response.body", "body": body})

    def _headed(self, start: Message, policy: str) -> Message:
        ours = {**HEADERS, "content-security-policy": policy}
        given = [pair for pair in start["headers"] if pair[0].decode().lower() not in ours]
        added = [(name.encode(), value.encode()) for name, value in ours.items()]
        if self._new:
            cookie = f"{COOKIE}={self._new}; Path=/; HttpOnly; SameSite=Strict"
            added.append((b"set-cookie", cookie.encode()))
        return {**start, "headers": [*given, *added]}


def _is_download(start: Message) -> bool:
    headers: dict[bytes, bytes] = dict(start["headers"])
    return headers.get(b"content-disposition", b"").startswith(b"attachment")


def _cookies(header: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: value for name, _, value in pairs}
