"""How model families write calls: Hermes and Qwen tags, Llama's bare JSON, Mistral's list."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ...errors import MalformedReply
from ...jsonable import Json
from ...tools.calls import ToolCall
from . import grammar


class CallStyle(Protocol):
    """The way a family writes the calls of one decision."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def key(self) -> str:
        """Under which name the arguments stand."""
        ...

    @property
    def openings(self) -> tuple[str, ...]:
        """The texts that calls may begin with."""
        ...

    @property
    def marks(self) -> tuple[str, ...]:
        """Every fixed text that may be a token of its own."""
        ...

    @property
    def most_calls(self) -> int:
        """How many calls a decision may have."""
        ...

    def rules(self, call: str, added: Mapping[str, int]) -> str:
        """Lark rules; the first one is `calls`.

        Args:
            call: the rule of the JSON of one call.
            added: ids of the tokens that are matched by id.
        """
        ...

    def overhead(self) -> int:
        """The most bytes around the JSON of one call."""
        ...

    def read(self, text: str) -> tuple[ToolCall, ...]:
        """The calls in a text that begins with one of `openings`. Raises `MalformedReply`."""
        ...

    def write(self, calls: Sequence[ToolCall]) -> str:
        """Calls as the family writes them."""
        ...


@dataclass(frozen=True, slots=True)
class _TaggedCalls:
    """`<tool_call>`, a line of JSON, `</tool_call>`; one after another. Hermes, Qwen, and families without a style."""

    name: str = "tags"
    most_calls: int = 4
    key: str = "arguments"
    openings: tuple[str, ...] = ("<tool_call>",)
    marks: tuple[str, ...] = ("<tool_call>", "</tool_call>")

    def rules(self, call: str, added: Mapping[str, int]) -> str:
        begin, end = (grammar.mark(text, added) for text in self.marks)
        more = f' ("\\n" tagged){{0,{self.most_calls - 1}}}' if self.most_calls > 1 else ""
        return f'calls: tagged{more}\ntagged: {begin} "\\n" {call} "\\n" {end}\n'

    def overhead(self) -> int:
        return len("".join(self.marks)) + 3

    def read(self, text: str) -> tuple[ToolCall, ...]:
        # A newline inside JSON is escaped, so that the first one before the closing tag ends the call.
        one = re.compile("{}\n(.*)\n{}\n?".format(*self.marks))
        calls, at = [], 0
        while match := one.match(text, at):
            calls.append(_read_call(match.group(1), self.key))
            at = match.end()
        if at != len(text) or not calls:
            raise malformed(f"{text[at:][:80]!r} is no call between {' and '.join(self.marks)}.")
        return tuple(calls)

    def write(self, calls: Sequence[ToolCall]) -> str:
        begin, end = self.marks
        return "\n".join(f"{begin}\n{_call_json(call, self.key)}\n{end}" for call in calls)


@dataclass(frozen=True, slots=True)
class _BareCall:
    """One JSON object and nothing around it, except a python tag where the tokenizer has one. Llama 3."""

    name: str = "llama"
    most_calls: int = 1
    key: str = "parameters"
    openings: tuple[str, ...] = ("<|python_tag|>", "{")
    marks: tuple[str, ...] = ("<|python_tag|>",)

    def rules(self, call: str, added: Mapping[str, int]) -> str:
        tags = [f"({grammar.mark(text, added)})? " for text in self.marks if text in added]
        return f"calls: {''.join(tags)}{call}\n"

    def overhead(self) -> int:
        return 1

    def read(self, text: str) -> tuple[ToolCall, ...]:
        return (_read_call(text.removeprefix(*self.marks), self.key),)

    def write(self, calls: Sequence[ToolCall]) -> str:
        return "; ".join(_call_json(call, self.key) for call in calls)


@dataclass(frozen=True, slots=True)
class _ListedCalls:
    """`[TOOL_CALLS]` and a JSON list. Mistral."""

    name: str = "mistral"
    most_calls: int = 4
    key: str = "arguments"
    openings: tuple[str, ...] = ("[TOOL_CALLS]",)
    marks: tuple[str, ...] = ("[TOOL_CALLS]",)

    def rules(self, call: str, added: Mapping[str, int]) -> str:
        more = f' (", " {call}){{0,{self.most_calls - 1}}}' if self.most_calls > 1 else ""
        return f'calls: {grammar.mark(self.marks[0], added)} " "? "[" {call}{more} "]"\n'

    def overhead(self) -> int:
        return len("".join(self.marks)) + 5

    def read(self, text: str) -> tuple[ToolCall, ...]:
        listed = _loaded(text.removeprefix(*self.marks).strip())
        if not isinstance(listed, list) or not listed:
            raise malformed("What stands after [TOOL_CALLS] is no list of calls.")
        return tuple(_as_call(call, self.key) for call in listed)

    def write(self, calls: Sequence[ToolCall]) -> str:
        return f"{self.marks[0]} [{', '.join(_call_json(call, self.key) for call in calls)}]"


TAGS: CallStyle = _TaggedCalls()
"""For families that have no style of their own."""

HERMES: CallStyle = _TaggedCalls("hermes")
LLAMA: CallStyle = _BareCall()
MISTRAL: CallStyle = _ListedCalls()


def malformed(cause: str) -> MalformedReply:
    """The error for text that a style's grammar could not have written."""
    return MalformedReply(cause, remedy="Write calls or an answer as the instructions say.")


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise malformed(f"This is not JSON ({error}): {text[:80]!r}") from error


def _read_call(text: str, key: str) -> ToolCall:
    return _as_call(_loaded(text), key)


def _as_call(value: Json, key: str) -> ToolCall:
    if not isinstance(value, dict) or set(value) != {"name", key}:
        raise malformed(f"A call has a name and {key}: {str(value)[:80]!r}")
    name, arguments = value["name"], value[key]
    if not isinstance(name, str) or not isinstance(arguments, dict):
        raise malformed(f"The name of a call is text and its {key} are an object: {str(value)[:80]!r}")
    return ToolCall("", name, arguments)


def _call_json(call: ToolCall, key: str) -> str:
    return json.dumps({"name": call.name, key: dict(call.arguments)}, ensure_ascii=False)
