"""A growing reply as pieces of thought and of answer: only what is sure to be one or the other, and each piece once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from ..base import AnswerText, Decision, Emit, ThoughtText
from .dialect import Dialect
from .functions import ANSWER, THOUGHT
from .replying import Reply

_STRING = r'\s*:\s*"((?:[^"\\]|\\.)*)'
_ANSWER_TEXT = re.compile(r'"answer"\s*:\s*\{\s*"text"' + _STRING, re.DOTALL)
_FINAL_TEXT = re.compile(r'"text"' + _STRING, re.DOTALL)
_THOUGHT = re.compile(rf'"{THOUGHT}"' + _STRING, re.DOTALL)
_BEFORE_TAG = re.compile(r"([^<`{\[]*)<(?:tool_call|answer)>")
_IN_TAG = re.compile(r"\s*<think>([^<]*)")
_ESCAPE_LENGTH = 12  # of two \uXXXX that are one character


class Told:
    """Emits what is new of a growing reply; what was emitted is, in the end, the decision's own thought and answer.

    A reply that broke off and was asked for again is told from where the first one ended, as long as both say the
    same; where they differ, the new one is told from its start, on a line of its own.

    Args:
        emit: who listens.
        dialect: how the model was asked to write.
    """

    def __init__(self, emit: Emit, dialect: Dialect) -> None:
        self._emit = emit
        self._dialect = dialect
        self._thought = ""
        self._answer = ""

    def tell(self, reply: Reply) -> None:
        """Emit what the reply says beyond what was emitted."""
        self._tell(joined([reply.reasoning, *self._thoughts(reply)]), self._answer_of(reply))

    def tell_rest(self, decision: Decision) -> None:
        """Emit what became known only when the reply was whole."""
        self._tell(decision.thought, decision.answer.text if decision.answer else "")

    def _thoughts(self, reply: Reply) -> Iterable[str]:
        mode, content = self._dialect.mode, reply.content
        if mode == "schema":
            return [grown(_THOUGHT, content)]
        if mode == "text":
            found = _BEFORE_TAG.match(content) or _IN_TAG.match(content)
            return [re.sub(r"[ \t]*\n\s*", "\n", found.group(1))] if found else []
        # Words without a call are the answer, where no call is insisted on.
        sure = bool(reply.calls) or (self._dialect.settled and self._dialect.forced)
        first = reply.calls[0].arguments if reply.calls else ""
        return [content, grown(_THOUGHT, first)] if sure else []

    def _answer_of(self, reply: Reply) -> str:
        if self._dialect.mode == "schema":
            return grown(_ANSWER_TEXT, reply.content).strip()
        if self._dialect.mode == "text":
            return grown(_FINAL_TEXT, reply.content.partition("<answer>")[2]).strip()
        final = [call.arguments for call in reply.calls if call.name == ANSWER]
        return grown(_FINAL_TEXT, final[0]).strip() if final else ""

    def _tell(self, thought: str, answer: str) -> None:
        if new := beyond(self._thought, thought):
            self._emit(ThoughtText(new))
            self._thought = thought
        if new := beyond(self._answer, answer):
            self._emit(AnswerText(new))
            self._answer = answer


def joined(pieces: Iterable[str]) -> str:
    """The pieces of a thought, a line each, those that say nothing left out."""
    return "\n".join(piece.strip() for piece in pieces if piece.strip())


def beyond(said: str, text: str) -> str:
    """What a text has beyond what was said of it."""
    if said.startswith(text):
        return ""
    return text[len(said) :] if text.startswith(said) else f"\n{text}"


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


def without_answers(emit: Emit) -> Emit:
    """An `emit` that tells thoughts only, where an answer would not be taken."""
    return lambda piece: emit(piece) if isinstance(piece, ThoughtText) else None
