"""ReAct: `Thought:`, `Action:`, `Action Input:`, `Final Answer:`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from ...errors import MalformedReply
from ...jsonable import Json
from .loose import Broken, read_keywords
from .objects import objects_in, one_object
from .pythonic import python_calls
from .shapes import ANSWER_NAMES
from .signs import Sign
from .toolbook import RawCall, Toolbook

_LABEL = re.compile(
    r"^[ \t*_#]{0,12}(Thought|Action Input|Action|Observation|Final Answer|Answer)[ \t*_]{0,12}:[*_]{0,3}[ \t]*",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Section:
    label: str
    start: int
    begin: int
    end: int


def react(text: str, book: Toolbook) -> Iterator[Sign]:
    """Its actions with their inputs, and its final answer."""
    sections = _sections(text)
    _check_observations(sections)
    for section, following in zip_longest(sections, sections[1:]):
        content = text[section.begin : section.end]
        if section.label in {"final answer", "answer"}:
            if content.strip():
                yield Sign(section.start, section.end, answer=_answer(content, book))
        elif section.label == "action":
            given = following if following and following.label == "action input" else None
            yield from _action(text, section, given, book)
        elif section.label in {"thought", "observation"}:
            kept = content.strip() if section.label == "thought" else ""
            end = section.begin if kept else section.end
            yield Sign(section.start, end)


def _sections(text: str) -> list[_Section]:
    labels = list(_LABEL.finditer(text))
    ends = [*(found.start() for found in labels), len(text)][1:]
    sections = [
        _Section(found.group(1).lower(), found.start(), found.end(), end)
        for found, end in zip(labels, ends, strict=True)
    ]
    known = {section.label for section in sections}
    # Prose may have a line with "Action:" or "Thought:"; a ReAct text acts with an input, or ends.
    return sections if known & {"action", "action input", "final answer", "answer"} else []


def _check_observations(sections: Sequence[_Section]) -> None:
    labels = [section.label for section in sections]
    if "observation" in labels and {"action", "final answer"} & {*labels[labels.index("observation") + 1 :]}:
        raise MalformedReply(
            "The reply has an Observation that no tool gave, and goes on from it.",
            remedy="Write one action, then stop and wait for its observation.",
        )


def _action(text: str, section: _Section, given: _Section | None, book: Toolbook) -> Iterator[Sign]:
    content = text[section.begin : section.end].strip().strip("*`\"' ")
    if given is None:
        yield from _without_input(text, section, content, book)
        return
    words = text[given.begin : given.end]
    if content.lower() in ANSWER_NAMES and not book.has(content):
        yield Sign(section.start, given.end, answer=_answer(words, book))
        return
    arguments, used = _input(words)
    yield Sign(section.start, given.begin + used, (RawCall(content, arguments),))


def _input(words: str) -> tuple[Json, int]:
    """The input of an action, and how much of the text it takes."""
    lead = re.match(r"[\s`]*(?:json\s*)?", words)
    at = lead.end() if lead else 0
    if words[at : at + 1] == "{":
        arguments, used = one_object(words[at:], sealed=False)
        return arguments, at + used
    line = words[at:].split("\n", 1)[0]
    if re.match(r"\w+\s*=", line):
        try:
            return read_keywords(line.rstrip(" `)") + ")", 0)[1].value, at + len(line)
        except Broken:
            return line, at + len(line)
    return line.strip().strip("`\"' "), at + len(line)


def _without_input(text: str, section: _Section, content: str, book: Toolbook) -> Iterator[Sign]:
    """`Action: ocr(image="img_1")`, `Action: {...}`, `Action: look`; anything else is prose."""
    if content.startswith("{"):
        shapes, used = objects_in(text[section.begin : section.end], book, sealed=False)
        for shape in shapes:
            yield Sign(section.start, section.begin + used, shape.calls, shape.answer, shape.thought)
        return
    signs = list(python_calls(text[section.begin : section.end], book))
    if signs:
        for sign in signs:
            yield Sign(section.start, section.begin + sign.end, sign.calls)
    elif book.has(content):
        yield Sign(section.start, section.end, (RawCall(content, {}),))


def _answer(content: str, book: Toolbook) -> Json:
    inner = content.strip().removeprefix("```json").strip("`\n ")
    if not inner.startswith("{"):
        return content.strip()
    shapes, _ = objects_in(inner, book, sealed=False)
    return next((shape.answer for shape in shapes if shape.answer is not None), content.strip())
