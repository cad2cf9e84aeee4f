"""Chat models of LangChain that say what they are told to say, as real ones say it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import Field

Says: TypeAlias = Callable[[list[BaseMessage], list[dict[str, Any]]], AIMessage]
"""Messages and the tools that were bound -> what the model says."""

USAGE: Any = {"input_tokens": 100, "output_tokens": 7, "total_tokens": 107, "input_token_details": {"cache_read": 80}}


class Talker(BaseChatModel):
    """A model that calls tools natively and does not stream."""

    says: Says
    asked: list[list[BaseMessage]] = Field(default_factory=list)
    bound: list[list[dict[str, Any]]] = Field(default_factory=list)
    model_name: str = "talker"

    @property
    def _llm_type(self) -> str:
        return "talker"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.bind(tools=list(tools), **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._said(messages, kwargs.get("tools", [])))])

    def _said(self, messages: list[BaseMessage], tools: list[dict[str, Any]]) -> AIMessage:
        self.asked.append(messages)
        self.bound.append(tools)
        return self.says(messages, tools)


class Streamer(Talker):
    """The same in chunks of a few characters, arguments of calls too."""

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        said = self._said(messages, kwargs.get("tools", []))
        reasoning = str(said.additional_kwargs.get("reasoning_content", ""))
        for piece in pieces(reasoning):
            yield _chunk(AIMessageChunk(content="", additional_kwargs={"reasoning_content": piece}))
        for piece in pieces(said.text):
            yield _chunk(AIMessageChunk(content=piece))
        calls = [(str(call["id"]), call["name"], json.dumps(call["args"])) for call in said.tool_calls]
        calls += [(str(call["id"]), str(call["name"]), str(call["args"])) for call in said.invalid_tool_calls]
        for index, (call_id, name, arguments) in enumerate(calls):
            for number, piece in enumerate(pieces(arguments) or [""]):
                first = number == 0
                part = tool_call_chunk(
                    name=name if first else None, id=call_id if first else None, args=piece, index=index
                )
                yield _chunk(AIMessageChunk(content="", tool_call_chunks=[part]))
        yield _chunk(
            AIMessageChunk(content="", usage_metadata=said.usage_metadata, response_metadata=said.response_metadata)
        )


class Mute(Talker):
    """A model that cannot be told of tools: `bind_tools` is what BaseChatModel makes of it."""

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        return BaseChatModel.bind_tools(self, tools, **kwargs)


def pieces(text: str, size: int = 6) -> list[str]:
    """A text in pieces of a few characters."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def called(*calls: tuple[str, dict[str, Any]], text: str = "", **more: Any) -> AIMessage:
    """A message that calls tools natively."""
    made = [
        {"type": "tool_call", "id": f"call_{number}", "name": name, "args": arguments}
        for number, (name, arguments) in enumerate(calls)
    ]
    return AIMessage(content=text, tool_calls=made, usage_metadata=USAGE, **more)


def _chunk(message: AIMessageChunk) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=message)
