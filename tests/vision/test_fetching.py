"""Fetching pictures from a real server on this machine, and refusing to reach anything that is not public."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lavr.errors import FetchFailed, ForbiddenSource, ImageTooLarge, NotAnImage
from lavr.tests.vision.samples import saved
from lavr.vision.addresses import is_public
from lavr.vision.fetching import MAX_REDIRECTS, Fetcher, system_addresses
from lavr.vision.limits import Limits
from lavr.vision.loading import open_image

PNG = saved("PNG")

# ------------------------------------------------------------------------------------------------ the address rule

PUBLIC = """
    1.1.1.1 8.8.8.8 93.184.216.34 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 192.169.0.1 198.17.0.1
    198.20.0.1 223.255.255.255 2606:2800:220:1:248:1893:25c8:1946 2a00:1450:4001::8a 2001:4860:4860::8888
    ::ffff:8.8.8.8 64:ff9b::8.8.8.8
"""

NOT_PUBLIC = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.1.2.3
    168.63.129.16 169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1
    192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:100.64.0.1 ::ffff:192.0.0.192
    64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::1 100::1 2001::1 2001:0:7f00:1::
    2001:db8::1 2001:20::1 2002:7f00:1:: 2002:0a00:0001::1 2002:0808:0808::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254
    fe80::1 fe80::1%eth0 2606:4700::1%eth0 fec0::1 ff02::1 ff0e::1 4000::1 localhost 127.1 0x7f000001 1.2.3 256.1.1.1
"""


@pytest.mark.parametrize("address", PUBLIC.split())
def test_an_address_of_the_public_internet_may_be_dialled(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_an_address_that_is_not_of_the_public_internet_may_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:7f00:1]"]
)
def test_no_spelling_of_this_machine_is_fetched_from(host: str) -> None:
    with pytest.raises((ForbiddenSource, FetchFailed)) as caught:
        open_image(f"http://{host}:8080/a.png", allow_urls=True)
    # Where the resolver of the system does not know the odd spellings, there is no such host.
    assert "no address of the public Internet" in caught.value.cause or "there is no host" in caught.value.cause


# ------------------------------------------------------------------------------------------------ a server


@dataclass
class Served:
    """What the server answers, by path, and what it was asked."""

    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "pictures.example") -> str:
        return f"http://{host}:{self.port}{path}"


def _body(content: bytes, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content_Length": str(len(content)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def _to(location: str, status: int = 302) -> Callable[[BaseHTTPRequestHandler], None]:
    return _body(b"", status, Location=location)


def _serve(served: Served, tls: ssl.SSLContext | None = None) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append((self.path, self.headers["Host"]))
            served.answers.get(self.path, _body(b"", 404))(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    served.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    server = _serve(served)
    yield served
    served.stop.set()
    server.shutdown()
    server.server_close()


NAMES = {"pictures.example": ["127.0.0.1"], "inside.example": ["10.0.0.5"], "mixed.example": ["8.8.8.8", "10.0.0.5"]}


def _resolve(host: str, port: int) -> Sequence[str]:
    return NAMES.get(host) or system_addresses(host, port)


HERE = Fetcher(is_allowed=lambda address: address == "127.0.0.1" or is_public(address), resolve=_resolve)
"""May reach the server of the test, and otherwise what everybody may reach."""


def test_a_picture_is_fetched_from_the_address_that_was_checked(served: Served) -> None:
    served.answers["/some/a%20b.png?x=1"] = _body(PNG)
    image = open_image(served.url("/some/a b.png?x=1#top"), allow_urls=True, fetcher=HERE)
    assert (image.size_wh, image.name) == ((64, 48), "a b.png")
    assert served.asked == [("/some/a%20b.png?x=1", f"pictures.example:{served.port}")]


def test_a_name_is_resolved_once_for_each_request(served: Served) -> None:
    """A second answer of the resolver could differ from the one that was checked."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.5"]

    served.answers["/a.png"] = _body(PNG)
    fetcher = Fetcher(is_allowed=lambda address: address == "127.0.0.1", resolve=resolve)
    assert fetcher.fetch(served.url("/a.png"), Limits()).content == PNG
    assert asked == ["pictures.example"]


def test_redirects_are_followed(served: Served) -> None:
    served.answers["/0"] = _to("/1", 301)
    served.answers["/1"] = _to(served.url("/2"), 307)
    served.answers["/2"] = _body(PNG)
    assert HERE.fetch(served.url("/0"), Limits()).content == PNG


@pytest.mark.parametrize(
    "location",
    [
        "http://inside.example/a.png",
        "http://mixed.example/a.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:8080/",
        "http://[::ffff:10.0.0.1]/",
        "file:///etc/passwd",
        "gopher://pictures.example/",
        "http://me:secret@pictures.example/",
        "http://pictures.example:22/",
    ],
)
def test_a_redirect_to_a_forbidden_place_is_not_followed(served: Served, location: str) -> None:
    served.answers["/a.png"] = _to(location)
    with pytest.raises(ForbiddenSource) as caught:
        HERE.fetch(served.url("/a.png"), Limits())
    assert "secret" not in str(caught.value)
    assert len(served.asked) == 1


def test_redirects_in_a_circle_end(served: Served) -> None:
    served.answers["/a"] = _to("/a")
    with pytest.raises(FetchFailed, match=f"more than {MAX_REDIRECTS}"):
        HERE.fetch(served.url("/a"), Limits())
    assert len(served.asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    "url",
    [
        "http://me:secret@a.example/b.png",
        "http://a.example:22/",
        "http://a.example:99999/",
        "http:///a.png",
        "http://[::1/",
        "ftp://a.example/",
    ],
)
def test_an_unsound_url_is_forbidden(url: str) -> None:
    with pytest.raises(ForbiddenSource) as caught:
        HERE.fetch(url, Limits())
    assert "secret" not in str(caught.value)


# ------------------------------------------------------------------------------------------------ bad answers


def _endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    try:
        while True:
            request.wfile.write(bytes(1 << 16))
    except OSError:
        request.close_connection = True


def _cut_off(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(len(PNG)))
    request.end_headers()
    request.wfile.write(PNG[:50])


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (_body(b"no", 404), FetchFailed, "answered 404"),
        (_body(b"no", 500), FetchFailed, "answered 500"),
        (_body(b"", 302), FetchFailed, "answered 302"),
        (_body(PNG, Content_Encoding="gzip"), FetchFailed, "packed"),
        (_cut_off, FetchFailed, f"cut off after 50 of {len(PNG)}"),
        (_body(b"", Content_Length="99999999999"), ImageTooLarge, "99,999,999,999 bytes"),
        (_endless, ImageTooLarge, "at most 1,000,000"),
        (_body(b"<html>Please log in</html>"), NotAnImage, "an HTML page"),
        (lambda request: request.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n"), FetchFailed, "cannot be fetched"),
        (lambda request: None, FetchFailed, "cannot be fetched"),
    ],
    ids=["404", "500", "nowhere", "gzip", "cut off", "announced", "endless", "html", "no http", "nothing"],
)
def test_a_bad_answer_is_told_as_what_it_is(
    served: Served, answer: Callable[[BaseHTTPRequestHandler], None], error: type[Exception], says: str
) -> None:
    served.answers["/a.png"] = answer
    with pytest.raises(error, match=says):
        open_image(served.url("/a.png"), allow_urls=True, fetcher=HERE, limits=Limits(file_bytes=1_000_000))


def _dripping(part: str) -> Callable[[Served, BaseHTTPRequestHandler], None]:
    def answer(served: Served, request: BaseHTTPRequestHandler) -> None:
        if part == "body":
            request.send_response(200)
            request.end_headers()
        else:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        try:
            while not served.stop.wait(0.02):
                request.wfile.write(b"x")
        except OSError:
            request.close_connection = True

    return answer


@pytest.mark.clock
@pytest.mark.parametrize("part", ["header", "body"])
def test_a_server_that_drips_does_not_outlast_the_deadline(served: Served, part: str) -> None:
    served.answers["/a.png"] = lambda request: _dripping(part)(served, request)
    began = time.monotonic()
    with pytest.raises(FetchFailed, match=r"did not answer within 0\.3 s"):
        HERE.fetch(served.url("/a.png"), Limits(timeout_s=0.3))
    assert time.monotonic() - began < 1.0


@pytest.mark.clock
def test_a_resolver_that_hangs_does_not_outlast_the_deadline() -> None:
    stop = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        stop.wait(30)
        return ["127.0.0.1"]

    began = time.monotonic()
    with pytest.raises(FetchFailed, match=r"within 0\.2 s"):
        Fetcher(resolve=resolve).fetch("http://slow.example/a.png", Limits(timeout_s=0.2))
    assert time.monotonic() - began < 1.0
    stop.set()


def test_a_host_that_is_not_there_is_named() -> None:
    with pytest.raises(FetchFailed, match=r"no host 'nowhere\.invalid'"):
        Fetcher().fetch("http://nowhere.invalid/a.png", Limits(timeout_s=5))


def test_a_closed_port_is_told(served: Served) -> None:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(FetchFailed, match="refused"):
        HERE.fetch(f"http://pictures.example:{port}/", Limits(timeout_s=5))


def test_proxies_of_the_environment_are_not_used(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://10.0.0.5:3128")
    served.answers["/a.png"] = _body(PNG)
    assert HERE.fetch(served.url("/a.png"), Limits()).content == PNG


# ------------------------------------------------------------------------------------------------ https


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key for pictures.example in one file, signed by itself."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl, which makes the certificate of the test server, is not installed")
    folder = tmp_path_factory.mktemp("tls")
    command = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=pictures.example -keyout key.pem"
    subprocess.run(
        [openssl, *command.split(), "-addext", "subjectAltName=DNS:pictures.example", "-out", "certificate.pem"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    both = folder / "both.pem"
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "certificate.pem").read_bytes())
    return both


@pytest.fixture
def secured(certificate: Path) -> Iterator[Served]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    served = Served(answers={"/a.png": _body(PNG)})
    server = _serve(served, tls)
    yield served
    server.shutdown()
    server.server_close()


def _trusting(certificate: Path, **names: str) -> Fetcher:
    resolve = {"pictures.example": "127.0.0.1", "other.example": "127.0.0.1", **names}
    return Fetcher(
        is_allowed=lambda address: address == "127.0.0.1",
        resolve=lambda host, port: [resolve[host]],
        tls=ssl.create_default_context(cafile=str(certificate)),
    )


def test_https_checks_the_certificate_against_the_name_while_it_dials_the_address(
    secured: Served, certificate: Path
) -> None:
    url = f"https://pictures.example:{secured.port}/a.png"
    assert _trusting(certificate).fetch(url, Limits(timeout_s=5)).content == PNG
    assert secured.asked == [("/a.png", f"pictures.example:{secured.port}")]


def test_https_refuses_the_certificate_of_another_name(secured: Served, certificate: Path) -> None:
    with pytest.raises(FetchFailed, match="certificate is not valid"):
        _trusting(certificate).fetch(f"https://other.example:{secured.port}/a.png", Limits(timeout_s=5))


def test_https_refuses_a_certificate_that_nobody_vouches_for(secured: Served) -> None:
    with pytest.raises(FetchFailed, match="certificate is not valid"):
        HERE.fetch(f"https://pictures.example:{secured.port}/a.png", Limits(timeout_s=5))


def test_https_does_not_fall_back_to_http(secured: Served, certificate: Path) -> None:
    secured.answers["/b.png"] = _to("http://pictures.example/a.png")
    with pytest.raises(ForbiddenSource, match="from https to http"):
        _trusting(certificate).fetch(f"https://pictures.example:{secured.port}/b.png", Limits(timeout_s=5))
