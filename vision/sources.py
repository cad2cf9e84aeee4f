"""From whatever names a picture to the bytes of its file: paths, bytes, open files, data URIs, URLs."""

from __future__ import annotations

import base64
import binascii
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from ..errors import CorruptImage, ForbiddenSource, NotAnImage
from .files import read_file, shown
from .limits import Limits

if TYPE_CHECKING:
    from .fetching import Fetcher

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")  # two letters at least: C:\ is a drive
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as a file holds it.

    Attributes:
        content: the bytes of the file.
        name: the file name, empty when there is none.
    """

    content: bytes
    name: str = ""

    @property
    def label(self) -> str:
        """What messages call it."""
        return shown(self.name) if self.name else "The picture"


def read_encoded(source: object, *, allow_urls: bool, limits: Limits, fetcher: Fetcher | None = None) -> Encoded:
    """The bytes behind a path, bytes, an open binary file, a data URI, or (when allowed) an http(s) URL.

    Raises:
        NotAnImage: something that cannot name a picture.
        ImageError: whatever reading a file or fetching a URL raises.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return _given(source, limits)
    if isinstance(source, str):
        return _from_text(source, allow_urls, limits, fetcher)
    if isinstance(source, os.PathLike):
        return _from_path(os.fsdecode(source), limits)
    read = getattr(source, "read", None)
    if callable(read):
        return _from_open_file(read(limits.file_bytes + 1), getattr(source, "name", ""), limits)
    raise NotAnImage(
        f"A {type(source).__name__} is no picture.",
        remedy="Give a path, bytes, a Pillow image, a numpy array, a data URI or a URL.",
    )


def _given(content: bytes | bytearray | memoryview, limits: Limits, name: str = "") -> Encoded:
    size = content.nbytes if isinstance(content, memoryview) else len(content)
    limits.check_bytes(size, shown(name) if name else "The picture")
    return Encoded(bytes(content), name)


def _from_text(text: str, allow_urls: bool, limits: Limits, fetcher: Fetcher | None) -> Encoded:
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() == "data":
        return Encoded(_data_uri(text, limits))
    if not _URL.match(text):
        return _from_path(text, limits)
    if scheme and scheme[1].lower() in {"http", "https"}:
        return _from_url(text, allow_urls, limits, fetcher)
    raise ForbiddenSource(
        f"URLs such as {shown(text)} are not read; only http and https are.",
        remedy="Give a path, or an http(s) URL with allow_urls=True.",
    )


def _from_path(path: str, limits: Limits) -> Encoded:
    path = os.path.expanduser(path)
    # A name may hold bytes that are no UTF-8, and control characters; it goes into JSON and onto terminals.
    name = os.fsencode(Path(path).name).decode("utf-8", "replace") if "\0" not in path else ""
    content = read_file(path, limits)
    return Encoded(content, "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name))


def _from_open_file(content: object, name: object, limits: Limits) -> Encoded:
    if not isinstance(content, bytes):
        raise NotAnImage("The open file gives text, not bytes.", remedy='Open it with mode "rb".')
    return _given(content, limits, Path(name).name if isinstance(name, str) else "")


def _from_url(url: str, allow_urls: bool, limits: Limits, fetcher: Fetcher | None) -> Encoded:
    if not allow_urls:
        raise ForbiddenSource(
            f"{shown(url)} is a URL, and fetching URLs is not allowed here.",
            remedy="Pass allow_urls=True, or download it and give the path.",
        )
    from .fetching import Fetcher

    return (fetcher or Fetcher()).fetch(url, limits)


def _data_uri(text: str, limits: Limits) -> bytes:
    head, comma, body = text.partition(",")
    if not comma:
        raise CorruptImage(f"The data URI {shown(text)} has no comma before its data.", remedy="Write data:...,DATA.")
    if not head.lower().endswith(";base64"):
        limits.check_bytes(len(body) - 2 * body.count("%"), "The data URI")
        return unquote_to_bytes(body)
    limits.check_bytes(len(body) // 4 * 3 - 2, "The data URI")
    packed = "".join(body.split()).replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")
    try:
        content = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError) as error:
        remedy = "Encode the file again, whole."
        raise CorruptImage(f"The base64 of the data URI is damaged: {error}.", remedy=remedy) from error
    limits.check_bytes(len(content), "The data URI")
    return content
