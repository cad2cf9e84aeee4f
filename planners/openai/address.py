"""Where a server is, which key it is given, and what must never be shown of either."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from ...errors import UsageError

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_HOST = "api.openai.com"
ANY_VARIABLE = "LAVR_OPENAI_API_KEY"
OPENAI_VARIABLE = "OPENAI_API_KEY"
ANY_URL_VARIABLE = "LAVR_OPENAI_BASE_URL"
OPENAI_URL_VARIABLE = "OPENAI_BASE_URL"
_HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Address:
    """A server and the key for it.

    Attributes:
        url: its base, such as "http://localhost:8000/v1", without user and password.
        key: the API key; empty for none.
    """

    url: str
    key: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """The name or number of the machine."""
        return urlsplit(self.url).hostname or ""

    @property
    def hosted(self) -> bool:
        """Whether it is OpenAI's own server."""
        return self.host == OPENAI_HOST

    @property
    def local(self) -> bool:
        """Whether it is this machine."""
        return _is_loopback(self.host)

    @property
    def variable(self) -> str:
        """The environment variable that holds a key for it."""
        return OPENAI_VARIABLE if self.hosted else ANY_VARIABLE

    @property
    def headers(self) -> dict[str, str]:
        """What a request says about itself and the key."""
        own = {"Accept": "text/event-stream, application/json", "Content-Type": "application/json"}
        return {**own, "Authorization": f"Bearer {self.key}"} if self.key else own

    def at(self, path: str) -> str:
        """The URL of a path below the base; a query of the base stays."""
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{path}"))

    def redacted(self, text: str) -> str:
        """A text without the key."""
        return text.replace(self.key, _HIDDEN) if self.key else text


def address_of(
    base_url: str | None, api_key: str | None, *, allow_http: bool, environ: Mapping[str, str] | None = None
) -> Address:
    """The address of a server.

    The URL is the argument, then `LAVR_OPENAI_BASE_URL`, then `OPENAI_BASE_URL`, then that of OpenAI. The key is the
    argument, then `LAVR_OPENAI_API_KEY`; `OPENAI_API_KEY` goes to OpenAI's own server and to the one that
    `OPENAI_BASE_URL` names, so that it never reaches another one by an oversight.

    Raises:
        UsageError: for a URL that is none, and for a key that would go over the network in the clear.
    """
    environ = os.environ if environ is None else environ
    paired = environ.get(OPENAI_URL_VARIABLE, "").strip()
    base_url = (base_url or environ.get(ANY_URL_VARIABLE, "") or paired or OPENAI_URL).strip()
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(
            f"{base_url!r} is no address of a server.", remedy='Give one such as base_url="http://localhost:8000/v1".'
        )
    if parts.username or parts.password:
        raise UsageError("The base_url has a user or a password in it.", remedy="Pass the key as api_key=... instead.")
    address = Address(urlunsplit(parts._replace(fragment="")))
    fallback = environ.get(OPENAI_VARIABLE, "") if address.hosted or base_url == paired else ""
    key = (environ.get(ANY_VARIABLE, "") or fallback) if api_key is None else api_key
    _check_key(key.strip())
    if key.strip() and parts.scheme == "http" and not (address.local or allow_http):
        raise UsageError(
            f"The API key would go to {address.host} over plain http, readable for everybody on the way.",
            remedy="Use https, pass api_key='' if the server needs none, or allow_http=True if the network is yours.",
        )
    return Address(address.url, key.strip())


def _check_key(key: str) -> None:
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError("The API key has characters that no key has.", remedy="Copy it again, without line ends.")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
