"""What stands around the point of a reply: special tokens, thoughts, quotations, code fences."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ENDS = re.compile(
    r"<\|(?:im_end|im_start|eot_id|eom_id|end|endoftext|end_of_text|return|start_header_id|end_header_id)\|>"
    r"|</?s>|<(?:end_of_turn|start_of_turn|eos|bos|pad)>"
)
_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>")
_THOUGHT_END = re.compile(r"</(?:think|thinking|thought|reasoning)>")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[^\n]*$", re.MULTILINE)
_UNTRUSTED = re.compile(r"<untrusted\b[^<>]*>")
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_QUOTING = {"text", "txt", "ocr", "plain", "plaintext", "quote", "output", "log"}
_SAYS = re.compile(
    r"\b(?:says|reads|said|read|printed|states|shows|contains|written|prints)\b[ \t]*:?\s*[\"'“]?\s*$", re.IGNORECASE
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


def blanked(text: str, start: int, end: int) -> str:
    """The text with a stretch turned into spaces; line breaks stay, so that lines stay lines."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


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
    quotations: list[str] = []

    def take(start: int, end: int, *, keep: bool) -> None:
        nonlocal text
        if keep:
            quotations.append(text[start:end])
        text = blanked(text, start, end)

    for opened in list(_UNTRUSTED.finditer(text)):
        close = text.find("</untrusted>", opened.end())
        take(opened.start(), len(text) if close < 0 else close + len("</untrusted>"), keep=True)
    for line in list(_QUOTED_LINE.finditer(text)):
        take(line.start(), line.end(), keep=True)
    for start, begin, end, close in _blocks(text):
        if _quotes(text, start):
            take(begin, end, keep=True)
        take(start, begin, keep=False)
        take(end, close, keep=False)
    quoted = "\n".join(re.sub(r"^[ \t]*>[ \t]?", "", piece, flags=re.MULTILINE) for piece in quotations)
    return text, (quoted,) if quoted.strip() else ()


def _blocks(text: str) -> list[tuple[int, int, int, int]]:
    """The code blocks: where each begins, where its content begins and ends, where it ends."""
    fences = list(_FENCE.finditer(text))
    blocks: list[tuple[int, int, int, int]] = []
    while fences:
        opened = fences.pop(0)
        ends = [place for place, fence in enumerate(fences) if fence.group(1)[0] == opened.group(1)[0]]
        if not ends:
            blocks.append((opened.start(), opened.end(), len(text), len(text)))
            break
        closed = fences[ends[0]]
        fences = fences[ends[0] + 1 :]
        blocks.append((opened.start(), opened.end(), closed.start(), closed.end()))
    return blocks


def _quotes(text: str, start: int) -> bool:
    """Whether a code block shows what was read, rather than what is to be done."""
    fence = _FENCE.match(text, start)
    return bool(fence and fence.group(2).lower() in _QUOTING) or says(text, start)


def says(text: str, at: int) -> bool:
    """Whether the words before a place announce a quotation: `The sign reads: ...`."""
    return _SAYS.search(text[max(0, at - 60) : at]) is not None
