"""What comes over the wire as JSON objects: server-sent events, or one body of a server that does not stream."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeAlias

MAX_REPLY_BYTES = 16 * 1024 * 1024
"""No reply to one decision is longer; what is, is no reply."""

Chunk: TypeAlias = Mapping[str, Any]
"""A JSON object as it came."""

_END = "[DONE]"
_FIELDS = ("data:", "event:", "id:", "retry:", ":")
_EXCERPT = 80


class BrokenReply(Exception):
    """What came is no reply. It may be the network's or the server's bad moment, so it is worth asking again."""


def chunks(body: Iterable[bytes]) -> Iterator[Chunk]:
    """The JSON objects of a body as they come in, whatever its content type claims.

    Raises:
        BrokenReply: for bytes that are no UTF-8, text that is no JSON, a web page, too much of anything.
    """
    lines = _lines(body)
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise BrokenReply("the body is empty")
    if first.startswith(_FIELDS):
        yield from _events(first, lines)
    elif first.lstrip().startswith("{"):
        yield _object("\n".join([first, *lines]))
    else:
        kind = "a web page" if first.lstrip().startswith("<") else "no JSON"
        raise BrokenReply(f"it is {kind}: {first.strip()[:_EXCERPT]!r}")


def _events(first: str, lines: Iterable[str]) -> Iterator[Chunk]:
    data: list[str] = []
    for line in chain([first], lines):
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            text, data = "\n".join(data), []
            if text.strip() == _END:
                return
            yield _object(text)
    if data and "\n".join(data).strip() != _END:
        yield _object("\n".join(data))


def _object(text: str) -> Chunk:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise BrokenReply(f"its JSON is cut or damaged: {text[-_EXCERPT:]!r}") from error
    if not isinstance(value, dict):
        raise BrokenReply(f"it is no JSON object: {text[:_EXCERPT]!r}")
    return value


def _lines(body: Iterable[bytes]) -> Iterator[str]:
    """Lines without their ends (LF, CR LF or CR), each as soon as it is whole."""
    rest = ""
    for text in _decoded(body):
        rest += text
        # A CR at the very end may be half of a CR LF.
        whole = len(rest) - 1 if rest.endswith("\r") else len(rest)
        *lines, last = rest[:whole].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        rest = last + rest[whole:]
        yield from lines
    yield from rest.replace("\r", "\n").split("\n")


def _decoded(body: Iterable[bytes]) -> Iterator[str]:
    decoder, size = codecs.getincrementaldecoder("utf-8-sig")(), 0
    try:
        for piece in body:
            size += len(piece)
            if size > MAX_REPLY_BYTES:
                raise BrokenReply(f"it is longer than {MAX_REPLY_BYTES} bytes")
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise BrokenReply(f"its bytes are no UTF-8: {error.object[error.start : error.end]!r}") from error
