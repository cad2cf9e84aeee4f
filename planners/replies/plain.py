"""Answers in plain words, and words that are no answer because they only speak of calling something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ...errors import MalformedReply
from ..base import Citation, Draft
from .loose import Broken, read_value
from .signs import ANSWER_EXAMPLE
from .toolbook import EXAMPLE, Toolbook

_MARKERS = re.compile(
    r"</?(?:tool_calls?|function_calls?|tool_use|invoke|parameter|arg_key|arg_value|answer)\b|<function\b"
    r"|\[TOOL_CALLS\]|<[|｜]|[\"'“]?(?:arguments|parameters|action_input|tool_calls|function_call)[\"'”]?\s*:\s*[\[{\"“]"
    r"|^[^\w\n]{0,12}(?:Thought|Action|Action Input)[^\w\n]{0,4}:",
    re.MULTILINE,
)
_HANDLES = re.compile(r"[ \t]?\[((?:r\d+|img_\d+|c\d+)(?:\s*,\s*(?:r\d+|img_\d+|c\d+))*)\]")
_SENTENCE = re.compile(r"(?:[.!?]\s|\n)")
_USES = r"(?:us(?:e|es|ing)|call(?:s|ing)?|run(?:s|ning)?|invok(?:e|es|ing)|apply(?:ing)?|try(?:ing)?|execut(?:e|ing))"
_WILL = r"(?:I(?:'ll| will| would| should| must|'m going to| am going to| need to| want to)|let me|let's|going to)"
_LOOKS = (
    r"(?:look|read|check|use|call|examine|inspect|start|begin|first|find|analy[sz]e|extract|run|search|take|open|view"
    r"|measure|compare|count|crop|zoom|get|see|try|identify|determine)"
)
_SOON = r"(?:\w+ly\s+|now\s+|first\s+|then\s+|also\s+)?"
_LEAD = r"^\W*(?:(?:so|now|next|first|then|okay|ok|sure)\W+)*"
_ANNOUNCES = re.compile(rf"{_LEAD}{_WILL}\s+{_SOON}{_LOOKS}\b", re.IGNORECASE)


def plain_answer(text: str, book: Toolbook) -> Draft:
    """The answer that prose is; handles in brackets become citations.

    Raises:
        MalformedReply: when it speaks of a tool instead of answering, or has the ruins of a call in it.
    """
    _check_words(text, book)
    _check_markers(text)
    _check_mentions(text, book)
    return _cited(text.strip())


def _check_words(text: str, book: Toolbook) -> None:
    if not any(map(str.isalnum, text)) or text.strip() in {"null", "None"}:
        raise MalformedReply("The reply has no words.", remedy=f"Write {EXAMPLE} or {ANSWER_EXAMPLE}")
    if text.lstrip().startswith("{") and (tool := _tool_of_arguments(text, book)):
        raise MalformedReply(
            f"The reply may be arguments of {tool}, and names no tool.",
            remedy=f"Write {EXAMPLE} with the tool's name, or {ANSWER_EXAMPLE}",
        )


def _tool_of_arguments(text: str, book: Toolbook) -> str:
    try:
        value = read_value(text).value
    except Broken:
        return ""
    return next((spec.name for spec in book.specs if value and book.fits(spec, value)), "")


def _check_markers(text: str) -> None:
    if found := _MARKERS.search(text):
        raise MalformedReply(
            f"The reply has {found.group().strip()!r} in it, and neither a whole call nor an answer.",
            remedy=f"Write {EXAMPLE} or {ANSWER_EXAMPLE}",
        )


def _check_mentions(text: str, book: Toolbook) -> None:
    name = _spoken_of(text, book.names)
    if name:
        raise MalformedReply(
            f"The reply speaks of {name} and does not call it.",
            remedy=f"To call it, write {EXAMPLE} with its name and arguments; to answer, write {ANSWER_EXAMPLE}",
        )
    last = [sentence for sentence in _SENTENCE.split(text) if sentence.strip()][-1:]
    if book.names and (text.rstrip().endswith(":") or (last and _ANNOUNCES.match(last[0]))):
        raise MalformedReply(
            "The reply announces a step and does not take it.",
            remedy=f"Take it now with {EXAMPLE}, or answer with {ANSWER_EXAMPLE}",
        )


def _spoken_of(text: str, names: tuple[str, ...]) -> str:
    """The tool that prose speaks of using; empty when there is none: the words `color` and `look` are no mention."""
    alone = text.strip(" \n\t.`*'\"()[]")
    if alone in names:
        return alone
    found = _mentions(names).search(text) if names else None
    return next(filter(None, found.groups())) if found else ""


@lru_cache(maxsize=64)
def _mentions(names: tuple[str, ...]) -> re.Pattern[str]:
    tool = f"({'|'.join(map(re.escape, names))})"
    marked = rf"[`'\"*]*{tool}"
    patterns = (
        rf"\A\W*{tool}\W+(?:img_\d|r\d)",
        rf"\b{tool}\(",
        rf"\b{_USES}\s+(?:(?:the|a|an|tool|function)\s+)?{marked}\b",
        rf"\b{_WILL}\s+{_SOON}{marked}\b",
        rf"\b{tool}[`'\"*]*\s+(?:tool|function)\b",
        rf"\b(?:tool|function)\s+{marked}\b",
    )
    return re.compile("|".join(patterns), re.IGNORECASE)


def _cited(text: str) -> Draft:
    """`The total is 9.00 [r3].` -> the text without the mark, and what it marks cited."""
    words = _HANDLES.sub("", text)
    if words == text or not words.strip():
        return Draft(text)
    return Draft(words.strip(), tuple(_citations(text, words)))


def _citations(text: str, words: str) -> Iterator[Citation]:
    begin = 0
    for mark in _HANDLES.finditer(text):
        quote = _last_sentence(text[begin : mark.start()])
        begin = mark.end()
        if quote and quote in words:
            yield from (Citation(quote, handle.strip()) for handle in mark.group(1).split(","))


def _last_sentence(text: str) -> str:
    pieces: Sequence[str] = _SENTENCE.split(text)
    return pieces[-1].strip(" \t,;") if pieces[-1].strip(" \t,;.") else ""
