"""What a model writes, as it writes it: tokens to text, and text to the pieces of a thought and of an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from ..base import AnswerText, Decision, Emit, ThoughtText
from .callformats import ANSWER, THINK, THINK_END

_PATIENCE = 8
"""Tokens that are waited for to complete a character."""

_TEXT = re.compile(r'\s*\{\s*"text"\s*:\s*"((?:[^"\\]|\\[^u]|\\u[0-9a-fA-F]{4})*)')


class Detokenizer:
    """Text of tokens that come one by one; a character that is not complete yet is held back."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._start = self._told = 0

    def feed(self, token_ids: Sequence[int]) -> str:
        """The text that is complete with these."""
        pieces = []
        for token_id in token_ids:
            self._ids.append(token_id)
            pieces.append(self._next(final=False))
        return "".join(pieces)

    def close(self) -> str:
        """The rest."""
        return self._next(final=True)

    def _next(self, *, final: bool) -> str:
        # Decoded with some tokens before it, because a tokenizer may join a token to the one before.
        before = self._decoded(self._ids[self._start : self._told])
        text = self._decoded(self._ids[self._start :])
        waiting = text.endswith("\ufffd") and len(self._ids) - self._told < _PATIENCE
        if waiting and not final:
            return ""
        self._start, self._told = self._told, len(self._ids)
        return text[len(before) :]

    def _decoded(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False))


class DecisionStream:
    """Emits the thought and the answer out of a text that grows, so that the pieces join to those of the decision.

    Args:
        emit: who listens.
        opens_with_thinking: whether the prompt opened the tag of a thought already.
        openings: what calls begin with.
    """

    def __init__(self, emit: Emit, *, openings: Sequence[str], opens_with_thinking: bool = False) -> None:
        self._emit = emit
        self._marks = (ANSWER, *openings)
        self._opened = opens_with_thinking
        self.text = ""
        self._thought = ""
        self._answer = ""

    def feed(self, piece: str) -> None:
        """Go on with what was written next."""
        if not piece:
            return
        self.text += piece
        thought, rest = self._parted()
        self._tell_thought(thought)
        if rest.startswith(ANSWER):
            self._tell_answer(_partial_text(rest.removeprefix(ANSWER)))

    def close(self, decision: Decision) -> None:
        """Emit what was held back."""
        self._tell_thought(decision.thought)
        if decision.answer is not None:
            self._tell_answer(decision.answer.text)

    def _parted(self) -> tuple[str, str]:
        """What is known of the thought, and what begins with a mark."""
        thinking, closed, rest = self.text.partition(THINK_END)
        begins = self._opened or thinking.lstrip().startswith(THINK)
        if begins and not closed:
            return self._safe(thinking.lstrip().removeprefix(THINK)), ""
        if not begins:
            thinking, rest = "", self.text
        found = [at for mark in self._marks if (at := rest.find(mark)) >= 0]
        said = _whole(rest[: min(found)]) if found else self._safe(rest)
        parts = (_whole(thinking.strip().removeprefix(THINK)), said)
        return "\n".join(part for part in parts if part), rest[min(found) :] if found else ""

    def _safe(self, text: str) -> str:
        """The text without what may turn out to be blank at its end, or the beginning of a mark."""
        for mark in (*self._marks, THINK, THINK_END):
            for length in range(min(len(mark) - 1, len(text)), 0, -1):
                if text.endswith(mark[:length]):
                    text = text[:-length]
                    break
        return _whole(text)

    def _tell_thought(self, thought: str) -> None:
        if len(thought) > len(self._thought) and thought.startswith(self._thought):
            self._emit(ThoughtText(thought[len(self._thought) :]))
            self._thought = thought

    def _tell_answer(self, answer: str) -> None:
        if len(answer) > len(self._answer) and answer.startswith(self._answer):
            self._emit(AnswerText(answer[len(self._answer) :]))
            self._answer = answer


def _whole(thought: str) -> str:
    """A thought without the character that its limit may have cut in two."""
    return thought.rstrip().rstrip("\ufffd").strip()


def _partial_text(written: str) -> str:
    """The text of an answer whose JSON is not complete yet."""
    found = _TEXT.match(written)
    if found is None:
        return ""
    try:
        text = str(json.loads(f'"{found[1]}"', strict=False))
    except ValueError:
        return ""
    return text if not "\ud800" <= text[-1:] <= "\udbff" else text[:-1]
