"""What stands around the point of a reply: special tokens, thoughts, quotations, code fences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
"""Where something begins and ends in a text."""

_ENDS = re.compile(
    r"<\|(?:im_end|im_start|eot_id|eom_id|end|endoftext|end_of_text|return|start_header_id|end_header_id)\|>"
    r"|</?s>|<(?:end_of_turn|start_of_turn|eos|bos|pad)>"
)
_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>")
_THOUGHT_END = re.compile(r"</(?:think|thinking|thought|reasoning)>")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[^\n]*$", re.MULTILINE)
_BLACK = re.compile(r"[^\n]")
_UNTRUSTED = re.compile(r"<untrusted\b[^<>]*>")
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_QUOTING = {"text", "txt", "ocr", "plain", "plaintext", "quote", "output", "log"}
_SAYS = re.compile(
    r"\b(?:(?:says|reads|states|prints|printed)\b[^.!?;,\n]{0,20}|(?:said|shows|contains|written)\b[ \t]*)"
    r":?\s*[\"'“]?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Framed:
    """A reply, taken apart.

    Attributes:
        thought: what stood in tags for thoughts.
        words: the rest, as it is.
        bare: the same with quotations and fences blanked, every place as before.
        quotations: what was blanked as a quotation.
        unended: whether the thought did not end.
    """

    thought: str
    words: str
    bare: str
    quotations: tuple[str, ...]
    unended: bool = False


def framed(text: str) -> Framed:
    """Take a reply apart."""
    clean = _ENDS.sub("", text.replace("\r\n", "\n").replace("\ufeff", ""))
    thought, words, unended = _thought_and_rest(clean)
    bare, quotations = _without_quotations(words)
    return Framed(thought, words, bare, quotations, unended)


def blanked(text: str, spans: Iterable[Span]) -> str:
    """The text with stretches turned into spaces; line breaks stay, so that lines stay lines."""
    pieces: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if end > at:
            pieces += [text[at:start], _BLACK.sub(" ", text[max(at, start) : end])]
            at = end
    return "".join([*pieces, text[at:]])


def _thought_and_rest(text: str) -> tuple[str, str, bool]:
    thoughts: list[str] = []
    rest: list[str] = []
    at = 0
    first_end = _THOUGHT_END.search(text)
    opened = _THOUGHT.search(text)
    if first_end and (opened is None or first_end.start() < opened.start()):
        # Templates that open the thought for the model leave only its end in the reply.
        thoughts.append(text[: first_end.start()])
        at = first_end.end()
    while opened := _THOUGHT.search(text, at):
        rest.append(text[at : opened.start()])
        closed = _THOUGHT_END.search(text, opened.end())
        thoughts.append(text[opened.end() : closed.start() if closed else len(text)])
        if closed is None:
            return _joined(thoughts), "".join(rest), True
        at = closed.end()
    rest.append(text[at:])
    return _joined(thoughts), "".join(rest), False


def _joined(pieces: list[str]) -> str:
    return "\n".join(piece.strip() for piece in pieces if piece.strip())


def _without_quotations(text: str) -> tuple[str, tuple[str, ...]]:
    quoted = [*_untrusted(text), *(line.span() for line in _QUOTED_LINE.finditer(text))]
    fences: list[Span] = []
    for opened, closed in _blocks(text):
        if _quotes(text, opened):
            quoted.append((opened.end(), closed[0]))
        fences += [opened.span(), closed]
    words = "\n".join(text[start:end] for start, end in sorted(quoted))
    inner = re.sub(r"^[ \t]*>[ \t]?", "", words, flags=re.MULTILINE)
    return blanked(text, [*quoted, *fences]), (inner,) if inner.strip() else ()


def _untrusted(text: str) -> Iterator[Span]:
    """What stands between marks of untrusted text, marks included."""
    at = 0
    while opened := _UNTRUSTED.search(text, at):
        close = text.find("</untrusted>", opened.end())
        at = len(text) if close < 0 else close + len("</untrusted>")
        yield opened.start(), at


def _blocks(text: str) -> Iterator[tuple[re.Match[str], Span]]:
    """The code blocks: their opening fence, and where the closing one is."""
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            opened = fence
        elif fence.group(1)[0] == opened.group(1)[0]:
            yield opened, fence.span()
            opened = None
    if opened is not None:
        yield opened, (len(text), len(text))


def _quotes(text: str, fence: re.Match[str]) -> bool:
    """Whether a code block shows what was read, rather than what is to be done."""
    return fence.group(2).lower() in _QUOTING or says(text, fence.start())


def says(text: str, at: int) -> bool:
    """Whether the words before a place announce a quotation: `The sign reads: ...`."""
    return _SAYS.search(text[max(0, at - 60) : at]) is not None
