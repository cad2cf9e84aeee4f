"""What a Google-style docstring says: its first sentence and a line about each argument."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass

_SECTION = re.compile(r"^(Args|Arguments|Parameters|Returns|Raises|Yields|Examples?|Notes?):\s*$")
_ARGUMENT = re.compile(r"^\*{0,2}(\w+)\s*(?:\([^)]*\))?:\s*(.*)$")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")


@dataclass(frozen=True, slots=True)
class Docstring:
    """The parts of a docstring that a tool's card needs.

    Attributes:
        purpose: the first sentence, on one line; empty when there is no docstring.
        arguments: what is said about each argument, on one line each.
    """

    purpose: str
    arguments: dict[str, str]

    @classmethod
    def of(cls, function: object) -> Docstring:
        """Read the docstring of a function."""
        lines = (inspect.getdoc(function) or "").splitlines()
        return cls(_first_sentence(lines), dict(_arguments(lines)))


def _first_sentence(lines: list[str]) -> str:
    paragraph: list[str] = []
    for line in lines:
        if not line.strip() or _SECTION.match(line):
            break
        paragraph.append(line.strip())
    return _SENTENCE_END.split(" ".join(paragraph), maxsplit=1)[0]


def _arguments(lines: list[str]) -> Iterator[tuple[str, str]]:
    name, words = "", []
    for line in _argument_lines(lines):
        begins = _ARGUMENT.match(line.strip()) if _indent(line) <= _indent(_argument_lines(lines)[0]) else None
        if begins is None:
            words.append(line.strip())
            continue
        if name:
            yield name, " ".join(words).strip()
        name, words = begins[1], [begins[2]]
    if name:
        yield name, " ".join(words).strip()


def _argument_lines(lines: list[str]) -> list[str]:
    """The indented lines under the heading "Args:"."""
    starts = [number for number, line in enumerate(lines) if re.match(r"^(Args|Arguments|Parameters):\s*$", line)]
    if not starts:
        return []
    under: list[str] = []
    for line in lines[starts[0] + 1 :]:
        if line.strip() and not line[0].isspace():
            break
        if line.strip():
            under.append(line)
    return under


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
