"""Fetching a picture from a URL without becoming a door into the network behind us.

The host is resolved here, every address it has is judged, and exactly the judged address is dialled (the name goes into
the Host header, SNI and the certificate check). That is repeated for each redirect. Ports: 80, 443, and 1024 or above.
No proxy of the environment is used, no cookie or password sent. Bytes are counted while they arrive, and one deadline
holds for everything: resolving, connecting, redirects, every single read.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import quote, unquote, urljoin, urlsplit

from ..errors import FetchFailed, ForbiddenSource
from .addresses import is_public
from .files import shown
from .limits import Limits
from .sources import Encoded

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
"""From host and port to addresses."""

AddressRule: TypeAlias = Callable[[str], bool]
"""Whether an address may be dialled."""

MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "lavr", "Connection": "close"}


@dataclass(frozen=True, slots=True)
class _Target:
    """One URL, taken apart. `host` is ASCII, without brackets."""

    url: str
    scheme: str
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class _Deadline:
    """The moment by which everything must be done."""

    ends: float
    url: str
    total_s: float

    def left_s(self) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise FetchFailed(
                f"{shown(self.url)} did not answer within {self.total_s:g} s.",
                remedy="Try again, or download the picture and give its path.",
                timeout_s=self.total_s,
            )
        return left


def system_addresses(host: str, port: int) -> list[str]:
    """What the resolver of the system says, in its order. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Fetcher:
    """Fetches pictures by http and https.

    Attributes:
        is_allowed: which addresses may be dialled; those of the public Internet when left out.
        resolve: from host names to addresses.
        tls: how certificates are checked; as the system does when left out.
    """

    is_allowed: AddressRule = is_public
    resolve: Resolver = system_addresses
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def fetch(self, url: str, limits: Limits) -> Encoded:
        """The body of a URL, following up to five redirects, and the last part of its path as the name.

        Raises:
            ForbiddenSource: a scheme, port, password or address that is not allowed, here or after a redirect.
            FetchFailed: no such host, no answer in time, another status than 200, a bad certificate, a cut-off body.
            ImageTooLarge: more bytes than the limit.
        """
        deadline = _Deadline(time.monotonic() + limits.timeout_s, url, limits.timeout_s)
        target = _parse(url)
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._request(target, deadline, limits)
            if isinstance(answer, bytes):
                return Encoded(answer, _name(target))
            target = _redirected(target, answer)
        raise FetchFailed(f"{shown(url)} redirects more than {MAX_REDIRECTS} times.", remedy="Give the last URL.")

    def _request(self, target: _Target, deadline: _Deadline, limits: Limits) -> bytes | str:
        """The body, or where it has gone."""
        connection = http.client.HTTPConnection(target.host, target.port)
        try:
            with self._dial(target, deadline) as dialled:
                # http.client uses three methods of a socket; ours has those, with the deadline on each read.
                connection.sock = _Timed(dialled, deadline)
                connection.putrequest("GET", target.path, skip_host=True, skip_accept_encoding=True)
                for name, value in {"Host": _host_header(target), **_HEADERS}.items():
                    connection.putheader(name, value)
                connection.endheaders()
                return _answer(connection.getresponse(), target, limits)
        except (OSError, http.client.HTTPException) as error:
            deadline.left_s()  # a time-out that comes from the deadline says so
            raise _failed(target, error) from error
        finally:
            connection.close()

    def _dial(self, target: _Target, deadline: _Deadline) -> socket.socket:
        addresses = self._addresses(target, deadline)
        refused: OSError | None = None
        for address in addresses:
            try:
                plain = socket.create_connection((address, target.port), timeout=deadline.left_s())
            except OSError as error:
                refused = error
                continue
            if target.scheme == "http":
                return plain
            return self._secured(plain, target, deadline)
        raise refused or OSError("the name has no address")

    def _secured(self, plain: socket.socket, target: _Target, deadline: _Deadline) -> socket.socket:
        try:
            plain.settimeout(deadline.left_s())
            return self.tls.wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise

    def _addresses(self, target: _Target, deadline: _Deadline) -> Sequence[str]:
        addresses = _in_time(lambda: self.resolve(target.host, target.port), deadline)
        for address in addresses:
            if not self.is_allowed(address):
                raise ForbiddenSource(
                    f"{shown(target.host)} is at {address}, which is no address of the public Internet.",
                    remedy="Give a public URL, or download the picture and give its path.",
                    host=target.host,
                    address=address,
                )
        return addresses


class _Timed:
    """What http.client needs of a socket, each read within what is left of the deadline."""

    def __init__(self, dialled: socket.socket, deadline: _Deadline) -> None:
        self._dialled = dialled
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._dialled.settimeout(self._deadline.left_s())
        self._dialled.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._dialled, self._deadline))

    def close(self) -> None:
        """The socket is closed by the `with` around it."""


class _TimedReader(io.RawIOBase):
    def __init__(self, dialled: socket.socket, deadline: _Deadline) -> None:
        self._dialled = dialled
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # wider in typeshed
        self._dialled.settimeout(self._deadline.left_s())
        return self._dialled.recv_into(buffer)


def _in_time(resolve: Callable[[], Sequence[str]], deadline: _Deadline) -> Sequence[str]:
    """The system's resolver takes no time-out, so it runs beside us, and is left behind when it is late."""
    answer: list[Sequence[str]] = []
    failure: list[OSError] = []

    def ask() -> None:
        try:
            answer.append(resolve())
        except (OSError, UnicodeError) as error:
            failure.append(error if isinstance(error, OSError) else OSError(str(error)))

    asking = threading.Thread(target=ask, name="lavr-resolve", daemon=True)
    asking.start()
    asking.join(deadline.left_s())
    if failure:
        raise failure[0]
    if not answer:
        deadline.left_s()
        raise OSError("the resolver gave no answer")
    return answer[0]


def _parse(url: str) -> _Target:
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii_host(parts.hostname or "")
    except (ValueError, UnicodeError) as error:
        raise ForbiddenSource(f"{shown(url)} is no sound URL: {error}.", remedy="Check it.") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise ForbiddenSource(f"{shown(url)} is no http or https URL.", remedy="Give one, or a path.")
    if parts.username is not None or parts.password is not None:
        raise ForbiddenSource(
            "A URL with a user name or password in it is not fetched.", remedy="Download the picture and give its path."
        )
    port = port if port is not None else (443 if parts.scheme == "https" else 80)
    if port not in {80, 443} and port < 1024:
        raise ForbiddenSource(f"Port {port} is not for pictures.", remedy="Use 80, 443, or 1024 and above.", port=port)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?[]|')}" if parts.query else ""
    return _Target(url, parts.scheme, host, port, path + query)


def _ascii_host(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _host_header(target: _Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == (443 if target.scheme == "https" else 80) else f"{host}:{target.port}"


def _redirected(target: _Target, location: str) -> _Target:
    following = _parse(urljoin(target.url, location))
    if target.scheme == "https" and following.scheme == "http":
        raise ForbiddenSource(f"{shown(target.url)} redirects from https to http.", remedy="Give the last URL.")
    return following


def _answer(response: http.client.HTTPResponse, target: _Target, limits: Limits) -> bytes | str:
    location = response.getheader("Location")
    if response.status in _REDIRECTS and location:
        return location
    if response.status != 200:
        raise FetchFailed(
            f"{shown(target.url)} answered {response.status} {response.reason[:40]}.",
            remedy="Check the URL in a browser.",
            status=response.status,
        )
    if response.getheader("Content-Encoding", "identity").lower() != "identity":
        raise FetchFailed(f"{shown(target.url)} answered with a packed body, unasked.", remedy="Download it yourself.")
    return _body(response, target, limits)


def _body(response: http.client.HTTPResponse, target: _Target, limits: Limits) -> bytes:
    announced = response.length  # None when the body is chunked, or ends with the connection
    limits.check_bytes(announced or 0, shown(target.url))
    body = bytearray()
    while piece := response.read(1 << 16):
        body += piece
        limits.check_bytes(len(body), shown(target.url))
    if announced is not None and len(body) < announced:
        raise FetchFailed(
            f"{shown(target.url)} was cut off after {len(body):,} of {announced:,} bytes.",
            remedy="Try again.",
            bytes=len(body),
            announced=announced,
        )
    return bytes(body)


def _failed(target: _Target, error: Exception) -> FetchFailed:
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = f"its certificate is not valid: {error.verify_message}"
    elif isinstance(error, socket.gaierror):
        reason = f"there is no host {shown(target.host)}"
    else:
        reason = str(error) or type(error).__name__
    return FetchFailed(f"{shown(target.url)} cannot be fetched: {reason}.", remedy="Check the URL in a browser.")


def _name(target: _Target) -> str:
    name = unquote(target.path.partition("?")[0].rpartition("/")[2]) or target.host
    return "".join(letter for letter in name if letter.isprintable())[:120]
