"""Calls written as Python: `ocr(image="img_1")`, alone on their line or in a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...errors import MalformedReply
from ...jsonable import Json
from .loose import Broken, read_keywords
from .signs import Sign, unreadable
from .toolbook import EXAMPLE, RawCall, Toolbook

_FRONT = re.compile(r"^[ \t]*(?:[-*]\s+|\d+[.)]\s+)?`?[ \t]*(?:(\[)\s*)?", re.MULTILINE)
_NAME = re.compile(r"([^\W\d][\w.-]*)\(")
_COMMA = re.compile(r"\s*,\s*")
_BACK = re.compile(r"[ \t`;]*(?:#[^\n]*)?(?=\n|$)")


def python_calls(text: str, book: Toolbook) -> Iterator[Sign]:
    """Every line that is a call, or a list of calls."""
    at = 0
    while front := _FRONT.search(text, at):
        at = front.end()
        found = _calls(text, at, book, listed=bool(front.group(1)))
        if found is not None:
            calls, at = found
            yield Sign(front.start(), at, tuple(calls))
        line = text.find("\n", at)
        if line < 0:
            return
        at = line + 1


def _calls(text: str, at: int, book: Toolbook, *, listed: bool) -> tuple[list[RawCall], int] | None:
    """The calls that begin at a place, and where they end; None when there is only prose."""
    calls: list[RawCall] = []
    while name := _NAME.match(text, at):
        call = _call(text, name, book)
        if call is None:
            return None
        calls.append(call[0])
        comma = _COMMA.match(text, call[1])
        at = comma.end() if comma and listed else call[1]
        if not (comma and listed):
            break
    if listed and calls:
        closing = re.compile(r"\s*\]").match(text, at)
        at = closing.end() if closing else at
    back = _BACK.match(text, at)
    return (calls, back.end()) if calls and back else None


def _call(text: str, name: re.Match[str], book: Toolbook) -> tuple[RawCall, int] | None:
    written = name.group(1).removesuffix(".call")
    spec = book.meant(written)
    try:
        placed, reading = read_keywords(text, name.end())
    except Broken as error:
        if spec is None:
            return None
        raise unreadable(text, name.start(), error.what) from error
    named = dict(reading.value) if isinstance(reading.value, Mapping) else {}
    if spec is None and not (
        named and (named.keys() <= book.argument_names or _alone(text, name.start(), reading.end))
    ):
        return None
    if placed and named:
        raise MalformedReply(f"A call of {written[:60]!r} gives arguments without names.", remedy=f"Write {EXAMPLE}")
    arguments: Json = placed or named
    return RawCall(written, arguments), reading.end


def _alone(text: str, start: int, end: int) -> bool:
    """Whether a reply is nothing but this call: then it was meant as one, of whatever tool."""
    return not text[:start].strip(" \n\t`[") and not text[end:].strip(" \n\t`]")
