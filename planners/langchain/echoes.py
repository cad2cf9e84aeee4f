"""What models said, word for word, where providers want it back.

Reasoning models of some providers sign their thoughts, and refuse a conversation in which a signed thought is missing
before its calls. A decision has no room for signatures, so the message itself is kept for a while, under what it
decided. This is no state of a run: a message that was forgotten is written anew from its decision, without thoughts.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...jsonable import digest_of
from ..base import Decision
from ..rendering.neutral import neutralised_decision

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

KEPT = 256
_SIGNED = ("signature", "thought_signature", "encrypted_content", "redacted_thinking")


class Echoes:
    """The last signed messages. Any thread may use it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, AIMessage] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, decision: Decision, message: AIMessage | None) -> None:
        """Keep a message when it is signed and decided for calls."""
        if message is None or not decision.calls or not is_signed(message):
            return
        with self._lock:
            self._kept[_key(decision)] = message
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def of(self, decision: Decision) -> AIMessage | None:
        """The message that decided so, word for word."""
        if not self._kept or not decision.calls:
            return None
        with self._lock:
            found = self._kept.get(_key(decision))
        return found if found is not None and len(found.tool_calls) == len(decision.calls) else None


def is_signed(message: AIMessage) -> bool:
    """Whether a provider put a signature on a part of it."""
    return any(
        key in _SIGNED or "thought_signatures" in key for key in _keys([message.content, message.additional_kwargs])
    )


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if inner:
                yield str(key)
                yield from _keys(inner)
        if value.get("type") == "redacted_thinking":
            yield "redacted_thinking"
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def _key(decision: Decision) -> str:
    # What comes back was neutralised on its way.
    decision = neutralised_decision(decision)
    return digest_of([decision.thought, *([call.name, dict(call.arguments)] for call in decision.calls)])
