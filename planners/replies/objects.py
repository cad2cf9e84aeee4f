"""Replies that hold JSON objects: bare, in prose, in code blocks; OpenAI's, Llama's and everybody's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...errors import MalformedReply
from ...jsonable import Json
from .loose import Broken, Cut, Reading, read_value
from .shapes import ANSWER_KEYS, ARGUMENT_KEYS, LIST_KEYS, NAME_KEYS, Shape, both, shape_of
from .signs import Sign, unreadable
from .toolbook import RawCall, Toolbook

BROKEN = 48
"""Broken objects that are looked at before a reply is given up."""

MOST = 400
"""Objects that are looked at before a reply is given up."""

_BEGIN = re.compile(r"\[\s*(?=\{)|\{(?!\s*\})")
_SEPARATORS = re.compile(r"[\s;,]*")
_STRAY = re.compile(r"(?:\s*[}\]])+")
_KEYS = "|".join((*NAME_KEYS, *ARGUMENT_KEYS, *LIST_KEYS, *ANSWER_KEYS, "function_call", "tool_call"))
_CALLISH = re.compile(rf"[\"'“‘]?\b(?:{_KEYS})\b[\"'”’]?\s*:")


def objects(text: str, book: Toolbook) -> Iterator[Sign]:
    """Every object or list of objects that holds calls or an answer."""
    at, seen, broken = 0, 0, 0
    while found := _BEGIN.search(text, at):
        start, seen = found.start(), seen + 1
        if seen > MOST or broken > BROKEN:
            raise unreadable(text, start, "the reply has too many objects")
        try:
            reading = read_value(text, start)
        except Broken as error:
            _check_harmless(text, start, error, book)
            at, broken = start + 1, broken + 1
            continue
        at = reading.end
        shape = shape_of(reading.value, book)
        if shape is not None:
            check_whole(text, start, reading, shape)
            yield Sign(start, _past_strays(text, at, found.group()), shape.calls, shape.answer, shape.thought)


def calls_in(text: str, book: Toolbook, *, sealed: bool) -> tuple[tuple[RawCall, ...], int]:
    """The same where nothing but calls may stand."""
    shapes, used = objects_in(text, book, sealed=sealed)
    if any(shape.answer is not None for shape in shapes):
        raise both()
    return tuple(call for shape in shapes for call in shape.calls), used


def objects_in(text: str, book: Toolbook, *, sealed: bool) -> tuple[tuple[Shape, ...], int]:
    """The calls that a stretch of text consists of, parted by white space, commas or semicolons, and where they end.

    Raises:
        MalformedReply: when one of them cannot be read or is no call.
    """
    shapes: list[Shape] = []
    at = _separated(text, 0)
    while text[at : at + 1] in {"{", "["}:
        try:
            reading = read_value(text, at, sealed=sealed)
        except Broken as error:
            raise unreadable(text, error.at - 30 if error.at > at + 30 else at, error.what) from error
        shape = shape_of(reading.value, book)
        if shape is None:
            raise unreadable(text, at, "it names no tool and has no arguments")
        check_whole(text, at, reading, shape)
        shapes.append(shape)
        at = _separated(text, _past_strays(text, reading.end, text[at]))
    return tuple(shapes), at


def _separated(text: str, at: int) -> int:
    found = _SEPARATORS.match(text, at)
    return found.end() if found else at


def _past_strays(text: str, end: int, opened: str) -> int:
    """Behind closers that are too many."""
    stray = _STRAY.match(text, end)
    return stray.end() if stray and not opened.startswith("[") else end


def check_whole(text: str, at: int, reading: Reading, shape: Shape) -> None:
    """Refuse a call of which more is missing than the closers of the call itself."""
    values = [value for call in shape.calls for value in _members(call.arguments)]
    if shape.answer is not None:
        values += _members(shape.answer)
    if any(map(reading.is_cut, values)):
        raise unreadable(text, at, "it is cut off inside a value")


def _members(value: Json) -> list[Json]:
    return list(value.values()) if isinstance(value, Mapping) else [value]


def _check_harmless(text: str, start: int, error: Broken, book: Toolbook) -> None:
    """Raise when what is broken was to be a call or an answer, rather than prose with braces."""
    close = text.find("}", start) + 1 or len(text)
    head = text[start : min(close, start + 200)]
    begins = re.match(r"\{\s*(?:[\"'“‘]|\w+\s*:|$)", head)
    if (isinstance(error, Cut) and begins) or _CALLISH.search(head) or _names_tool(head, book):
        raise unreadable(text, start, error.what) from error


def _names_tool(head: str, book: Toolbook) -> bool:
    return any(re.search(rf"[\"'“‘]{re.escape(name)}[\"'”’]", head) for name in book.names)


def one_object(text: str, *, sealed: bool) -> tuple[Mapping[str, Json], int]:
    """The object of arguments at the start of a text, and where it ends. Raises `MalformedReply`."""
    try:
        reading = read_value(text, sealed=sealed)
    except Broken as error:
        raise unreadable(text, 0, error.what) from error
    value = reading.value
    if not isinstance(value, Mapping):
        raise MalformedReply("The arguments of a call are no object.", remedy='Write {"name": value}.')
    if any(map(reading.is_cut, value.values())):
        raise unreadable(text, 0, "it is cut off inside a value")
    return value, _past_strays(text, reading.end, "{")
