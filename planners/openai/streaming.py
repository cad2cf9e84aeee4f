"""A growing reply as pieces of thought and of answer, each told once, also when the reply was asked for again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TypeAlias

from ..base import AnswerText, Emit, ThoughtText
from .dialect import Mode
from .functions import ANSWER, THOUGHT
from .replying import Reply

Piece: TypeAlias = tuple[str, type[ThoughtText] | type[AnswerText], str]
"""What a text is, whether it is thought or answer, and all of it that is known so far."""

_STRING = r'\s*:\s*"((?:[^"\\]|\\.)*)'
_ANSWER_TEXT = re.compile(r'"answer"\s*:\s*\{\s*"text"' + _STRING, re.DOTALL)
_FINAL_TEXT = re.compile(r'"text"' + _STRING, re.DOTALL)
_THOUGHT = re.compile(rf'"{THOUGHT}"' + _STRING, re.DOTALL)
_BEFORE = re.compile(r"\s*(?:<think>\s*)?([^<]*)")
_ESCAPE_LENGTH = 12  # of two \uXXXX that are one character


class Told:
    """Emits what is new of a growing reply.

    A reply that broke off and was asked for again is told from where the first one ended, as long as both say the
    same; where they differ, the new one is told from its start, on a line of its own.

    Args:
        emit: who listens.
        mode: how the model was asked to write.
        answering: whether text can only be an answer, because there are no tools.
    """

    def __init__(self, emit: Emit, mode: Mode, *, answering: bool = False) -> None:
        self._emit = emit
        self._mode = mode
        self._answering = answering
        self._said: dict[str, str] = {}

    def tell(self, reply: Reply) -> None:
        """Emit what the reply says beyond what was emitted."""
        for name, kind, text in self._pieces(reply):
            self._grow(name, kind, text)

    def tell_answer(self, text: str) -> None:
        """Emit an answer that is known only now, unless it was told while it grew."""
        if not any(name.startswith("answer") and said.strip() for name, said in self._said.items()):
            self._grow("answer", AnswerText, text)

    def _pieces(self, reply: Reply) -> Iterator[Piece]:
        yield "reasoning", ThoughtText, reply.reasoning
        if self._mode == "schema":
            yield "thought", ThoughtText, grown(_THOUGHT, reply.content)
            yield "answer", AnswerText, grown(_ANSWER_TEXT, reply.content)
        elif self._mode == "text":
            thought, _, answer = reply.content.partition("<answer>")
            yield "thought", ThoughtText, before_tags(thought)
            yield "answer", AnswerText, grown(_FINAL_TEXT, answer)
        elif self._answering and not reply.calls:
            yield "answer", AnswerText, reply.content
        else:
            yield "content", ThoughtText, reply.content
        for number, call in enumerate(reply.calls):
            yield f"thought {number}", ThoughtText, grown(_THOUGHT, call.arguments)
            if call.name == ANSWER:
                yield f"answer {number}", AnswerText, grown(_FINAL_TEXT, call.arguments)

    def _grow(self, name: str, kind: type[ThoughtText] | type[AnswerText], text: str) -> None:
        said = self._said.get(name, "")
        if said.startswith(text):
            return
        self._emit(kind(text[len(said) :] if text.startswith(said) else f"\n{text}"))
        self._said[name] = text


def before_tags(text: str) -> str:
    """The prose of an unfinished reply before its first tag; a tag that has only begun is held back."""
    prose = _BEFORE.match(text)
    return prose.group(1).rstrip() if prose else ""


def grown(pattern: re.Pattern[str], raw: str) -> str:
    """The string that a pattern finds in unfinished JSON, as far as it is there."""
    found = pattern.search(raw)
    inner = found.group(1) if found else ""
    for cut in range(min(len(inner), _ESCAPE_LENGTH) + 1):
        try:
            text = json.loads(f'"{inner[: len(inner) - cut]}"', strict=False)
        except ValueError:
            continue
        if not "\ud800" <= text[-1:] <= "\udbff":
            return str(text)
    return ""
