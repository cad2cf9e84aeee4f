"""Replies with special tokens: Mistral's `[TOOL_CALLS]`, Llama's `<|python_tag|>`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from .objects import calls_in, one_object
from .pythonic import python_calls
from .signs import Sign, unreadable
from .toolbook import RawCall, Toolbook

_MARK = re.compile(r"\[TOOL_CALLS\]|<\|python_tag\|>")
_NAMED = re.compile(r"\s*([\w.-]+)\s*(?:\[CALL_ID\]\s*([\w-]+)\s*)?(?:\[ARGS\])?\s*(?=\{)")


def marked(text: str, book: Toolbook) -> Iterator[Sign]:
    """What stands after a marker, up to the next one."""
    marks = list(_MARK.finditer(text))
    for mark, following in zip_longest(marks, marks[1:]):
        end = following.start() if following else len(text)
        content = text[mark.end() : end]
        calls, used = _calls(content, book, sealed=following is not None)
        if not calls:
            raise unreadable(text, mark.start(), "no call follows the marker")
        yield Sign(mark.start(), mark.end() + used, calls)


def _calls(content: str, book: Toolbook, *, sealed: bool) -> tuple[tuple[RawCall, ...], int]:
    if named := _NAMED.match(content):
        arguments, used = one_object(content[named.end() :], sealed=sealed)
        return (RawCall(named.group(1), arguments, named.group(2) or ""),), named.end() + used
    calls, used = calls_in(content, book, sealed=sealed)
    if calls:
        return calls, used
    signs = list(python_calls(content, book))
    return tuple(call for sign in signs for call in sign.calls), max((sign.end for sign in signs), default=0)
