"""What a chat model says, chunk by chunk, as one reply, whichever provider's form it comes in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..base import Tokens
from ..openai.replying import RawCall, Reply

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage

_LENGTH = ("length", "max_tokens", "max_output_tokens")
_FILTER = ("content_filter", "safety", "recitation", "prohibited", "blocklist")
_ENDS = ("finish_reason", "stop_reason", "done_reason", "finishReason", "stopReason")


class Heard:
    """A growing reply. Chunks are merged by LangChain itself; the reply is what they say so far."""

    def __init__(self) -> None:
        self.reply = Reply()
        self.message: Any = None

    def take(self, chunk: BaseMessage) -> Reply:
        """Add a chunk, or a whole message of a model that does not stream."""
        self.message = chunk if self.message is None else self.message + chunk
        for block in chunk.content_blocks:
            if block["type"] == "reasoning":
                self.reply.reasoning += str(block.get("reasoning") or "")
            elif block["type"] == "text":
                self.reply.content += str(block.get("text") or "")
        self.reply.calls = calls_of(self.message)
        return self.reply

    def ended(self) -> Reply:
        """The reply, after its last chunk."""
        if self.message is None:
            return self.reply
        self.reply.finish = _finish(self.message)
        self.reply.tokens = _tokens(getattr(self.message, "usage_metadata", None))
        self.reply.prompt_tokens = self.reply.tokens.read + self.reply.tokens.reused
        self.reply.refusal = str(self.message.additional_kwargs.get("refusal") or "")
        return self.reply


def calls_of(message: AIMessage) -> list[RawCall]:
    """The calls as they were written.

    LangChain closes the arguments of unfinished calls (`{"image": "im` becomes `{"image": "im"}`), so of streamed
    calls the text is taken, and never what it made of it.
    """
    chunks = getattr(message, "tool_call_chunks", None)
    if chunks:
        return [RawCall(each.get("id") or "", each.get("name") or "", _text(each.get("args"))) for each in chunks]
    whole = [RawCall(each.get("id") or "", each["name"], json.dumps(each["args"])) for each in message.tool_calls]
    damaged = [
        RawCall(each.get("id") or "", each.get("name") or "", _text(each.get("args")))
        for each in message.invalid_tool_calls
    ]
    return [*whole, *damaged]


def _text(arguments: object) -> str:
    return json.dumps(arguments, ensure_ascii=False) if isinstance(arguments, Mapping) else str(arguments or "")


def _finish(message: AIMessage) -> str:
    said = " ".join(str(message.response_metadata.get(key) or "") for key in _ENDS).lower()
    if any(word in said for word in _LENGTH):
        return "length"
    if any(word in said for word in _FILTER):
        return "content_filter"
    return "tool_calls" if message.tool_calls or message.invalid_tool_calls else "stop"


def _tokens(usage: Mapping[str, Any] | None) -> Tokens:
    if not usage:
        return Tokens()
    details = usage.get("input_token_details") or {}
    read = int(usage.get("input_tokens") or 0)
    reused = min(read, int(details.get("cache_read") or 0))
    return Tokens(read - reused, reused, int(usage.get("output_tokens") or 0))
