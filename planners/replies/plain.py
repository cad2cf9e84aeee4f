"""Answers in plain words, and words that are no answer because they only speak of calling something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...errors import MalformedReply
from ..base import Citation, Draft
from .signs import ANSWER_EXAMPLE
from .toolbook import EXAMPLE, Toolbook

_MARKERS = re.compile(
    r"</?(?:tool_calls?|function_calls?|tool_use|invoke|parameter|arg_key|arg_value|answer)\b|<function\b"
    r"|\[TOOL_CALLS\]|<[|｜]|[\"'“]?(?:arguments|parameters|action_input|tool_calls|function_call)[\"'”]?\s*:\s*[\[{\"“]"
    r"|^\W*(?:Thought|Action|Action Input)\W*:",
    re.MULTILINE,
)
_HANDLES = re.compile(r"[ \t]?\[((?:r\d+|img_\d+|c\d+)(?:\s*,\s*(?:r\d+|img_\d+|c\d+))*)\]")
_SENTENCE = re.compile(r"(?:[.!?]\s|\n)")
_USES = r"(?:us(?:e|es|ing)|call(?:s|ing)?|run(?:s|ning)?|invok(?:e|es|ing)|apply(?:ing)?|try(?:ing)?|execut(?:e|ing))"
_WILL = r"(?:I(?:'ll| will| would| should| must| can|'m going to| am going to| need to| want to)|let me|let's|going to)"
_LOOKS = (
    r"(?:look|read|check|use|call|examine|inspect|start|begin|first|find|analy[sz]e|extract|run|search|take|open|view"
    r"|measure|compare|count|crop|zoom|get|see|try|see|identify|determine)"
)
_ANNOUNCES = re.compile(rf"^\W*(?:(?:so|now|next|first|then|okay|ok|sure)\W+)*{_WILL}\s+(?:\w+ly\s+|now\s+|first\s+|then\s+)?{_LOOKS}\b", re.IGNORECASE)  # fmt: skip


def plain_answer(text: str, book: Toolbook) -> Draft:
    """The answer that prose is; handles in brackets become citations.

    Raises:
        MalformedReply: when it speaks of a tool instead of answering, or has the ruins of a call in it.
    """
    _check_markers(text)
    _check_mentions(text, book)
    return _cited(text.strip())


def _check_markers(text: str) -> None:
    if found := _MARKERS.search(text):
        raise MalformedReply(
            f"The reply has {found.group().strip()!r} in it, and neither a whole call nor an answer.",
            remedy=f"Write {EXAMPLE} or {ANSWER_EXAMPLE}",
        )


def _check_mentions(text: str, book: Toolbook) -> None:
    name = next((name for name in book.names if _speaks_of(text, name)), None)
    if name is not None:
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


def _speaks_of(text: str, name: str) -> bool:
    word = re.escape(name)
    if text.strip(" \n\t.`*'\"()[]") == name:
        return True
    patterns = (
        rf"\b{word}\(",
        rf"\b{_USES}\s+(?:(?:the|a|an|tool|function)\s+)?[`'\"*]*{word}\b",
        rf"\b{_WILL}\s+(?:\w+ly\s+|now\s+|first\s+|then\s+|also\s+)?[`'\"*]*{word}\b",
        rf"\b{word}[`'\"*]*\s+(?:tool|function)\b",
        rf"\b(?:tool|function)\s+[`'\"*]*{word}\b",
    )
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


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
