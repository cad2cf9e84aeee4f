"""A reply as it grows, chunk by chunk, and when it is whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..base import Tokens
from .wire import BrokenReply, Chunk

THOUGHT_KEYS = ("reasoning_content", "reasoning")
"""Where servers put the thoughts of a reasoning model."""

MAX_TEXT = 400_000
"""Characters. No decision takes more, and every piece that streams is compared with what was told before."""

BLANK = 120
"""Characters. A model that has written so much white space in a row has said what it had to say."""


@dataclass(slots=True)
class RawCall:
    """A call of a function as the model wrote it; `arguments` should be JSON."""

    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class Reply:
    """What the model said.

    Attributes:
        content: its text.
        reasoning: its thoughts, where the server tells them apart.
        refusal: why it declines, where the server tells that apart.
        calls: its calls, in order.
        finish: why it ended: "stop", "tool_calls", "length", "content_filter"; empty while it has not.
        tokens: what it cost; zero when the server does not count.
        prompt_tokens: what it read, from the server's cache or not.
    """

    content: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: list[RawCall] = field(default_factory=list)
    finish: str = ""
    tokens: Tokens = field(default_factory=Tokens)
    prompt_tokens: int = 0
    _places: dict[int, RawCall] = field(default_factory=dict)

    def take(self, chunk: Chunk) -> None:
        """Add what came. Raises `BrokenReply` for what is no part of a chat completion, and for what has no end."""
        usage = chunk.get("usage")
        if isinstance(usage, dict):
            self._count(usage)
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            raise BrokenReply(f"it has no choices, only {sorted(chunk)[:8]}")
        if choices:
            self._choose(choices[0])
        if self.size > MAX_TEXT:
            raise BrokenReply(f"it is longer than {MAX_TEXT} characters")

    @property
    def size(self) -> int:
        """Its characters, thoughts and arguments included."""
        return len(self.content) + len(self.reasoning) + sum(len(call.arguments) for call in self.calls)

    @property
    def trails_off(self) -> bool:
        """Whether it goes on with nothing but white space, as small models do that miss their stop token."""
        growing = self.calls[-1].arguments if self.calls else self.content
        return len(growing) > BLANK and growing[-BLANK:].isspace()

    def end(self) -> None:
        """Take it as whole, though the model would go on."""
        self.finish = "stop"

    def check_whole(self) -> None:
        """Raise `BrokenReply` when it ended before its end, or nothing was in it."""
        if not self.finish:
            started = self.content or self.reasoning or self.calls
            raise BrokenReply("it broke off" if started else "its list of choices is empty")
        said = self.content.strip() or self.refusal or self.calls
        if not said and self.finish not in {"length", "content_filter"}:
            raise BrokenReply("it says nothing")

    def _choose(self, choice: object) -> None:
        if not isinstance(choice, dict):
            raise BrokenReply("a choice in it is no object")
        said = choice.get("delta") or choice.get("message")
        if isinstance(said, dict):
            self._add(said)
        self.finish = _text(choice.get("finish_reason")) or self.finish

    def _add(self, said: Mapping[str, Any]) -> None:
        self.content += _text(said.get("content"))
        self.refusal += _text(said.get("refusal"))
        self.reasoning += next((text for key in THOUGHT_KEYS if (text := _text(said.get(key)))), "")
        called = said.get("tool_calls")
        for number, part in enumerate(called if isinstance(called, list) else ()):
            if isinstance(part, dict):
                self._add_call(part, number)

    def _add_call(self, part: Mapping[str, Any], number: int) -> None:
        place = part.get("index")
        place = place if isinstance(place, int) else number
        new_id = _text(part.get("id"))
        call = self._places.get(place)
        if call is None or (new_id and call.id and new_id != call.id):
            # Some servers give every call the index 0; a new id then begins a new call.
            call = self._places[place] = RawCall()
            self.calls.append(call)
        function = part.get("function")
        function = function if isinstance(function, dict) else {}
        call.id = call.id or new_id
        call.name = call.name or _text(function.get("name"))
        call.arguments += _arguments(function.get("arguments"))

    def _count(self, usage: Mapping[str, Any]) -> None:
        details = usage.get("prompt_tokens_details")
        cached = _number(details.get("cached_tokens")) if isinstance(details, dict) else 0
        self.prompt_tokens = _number(usage.get("prompt_tokens"))
        reused = min(cached, self.prompt_tokens)
        self.tokens = Tokens(self.prompt_tokens - reused, reused, _number(usage.get("completion_tokens")))


def _text(value: object) -> str:
    """Text, or the text parts of a list of parts, joined."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        parts = [part.get("text") for part in value if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return ""


def _arguments(value: object) -> str:
    # The protocol says a string of JSON; some servers give the object itself.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else _text(value)


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
