"""How one server wants to be spoken to: what it takes, what it refuses, and why that was concluded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["tools", "schema", "text"]
"""Native calls of functions, one JSON schema for the whole reply, or a protocol in plain text."""

TOOLS_ASSUMED = "native tool calls were tried first"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is sent to a server.

    Attributes:
        mode: how the model is asked to decide.
        reason: why that mode.
        forced: in the mode "tools", whether `tool_choice` is "required", so that every reply calls a function.
        limit_key: how the greatest number of tokens is called.
        limit_renamed: whether the other name was refused.
        dropped: optional fields that the server refuses.
        alternating: whether neighbouring turns of the user must be one.
        system: whether there is a role for the instruction; otherwise it opens the first turn of the user.
        settled: whether a reply has shown that the mode works.
    """

    mode: Mode
    reason: str
    forced: bool = True
    limit_key: str = "max_tokens"
    limit_renamed: bool = False
    dropped: frozenset[str] = frozenset()
    alternating: bool = False
    system: bool = True
    settled: bool = False

    @property
    def thoughts_in_calls(self) -> bool:
        """Whether a call carries its thought, because the server leaves no room for words before it."""
        return self.mode == "tools" and self.forced


def first_dialect(mode: Mode | Literal["auto"], *, hosted: bool) -> Dialect:
    """What is tried first. `hosted`: whether the server is OpenAI's own."""
    limit_key = "max_completion_tokens" if hosted else "max_tokens"
    if mode == "auto":
        return Dialect("tools", TOOLS_ASSUMED, limit_key=limit_key)
    return Dialect(mode, "it was asked for", limit_key=limit_key, settled=mode in {"schema", "text"})


def adapted(dialect: Dialect, message: str, *, free: bool) -> Dialect | None:
    """The dialect without what a server refused, or None when it names nothing that can be left out.

    Each step leaves something out for good, so a chain of refusals ends.

    Args:
        dialect: what was sent.
        message: the server's words, with the parameter that it names.
        free: whether the mode may change.
    """
    for pattern, change in (*_SMALL, *(_LARGE if free else ())):
        if pattern.search(message):
            changed = change(dialect, f"the server said {_quoted(message)}")
            if changed != dialect:
                return changed
    return None


def kept_tools(dialect: Dialect, why: str, *, called: bool) -> Dialect:
    """The dialect after a first reply to a request with tools, when it is right; `called`: whether it insists."""
    return replace(dialect, reason=why, forced=dialect.forced and called, settled=True)


def ignored_tools(dialect: Dialect) -> Dialect:
    """The dialect after a first reply of a model that was not shown the tools."""
    return replace(dialect, mode="schema", reason="the server takes tools and does not show them to the model")


def after_schema(dialect: Dialect, *, kept: bool) -> Dialect:
    """The dialect after a first reply to a request with a schema; `kept`: whether the reply fits it."""
    if kept:
        return replace(dialect, reason=f"{dialect.reason}; the reply kept to the JSON schema", settled=True)
    why = f"{dialect.reason}; the reply did not keep to the JSON schema"
    return replace(dialect, mode="text", reason=why, settled=True)


def _dropping(name: str) -> Callable[[Dialect, str], Dialect]:
    return lambda dialect, _: replace(dialect, dropped=dialect.dropped | {name})


def _other_limit(dialect: Dialect, _: str) -> Dialect:
    if dialect.limit_renamed:
        return dialect
    other = "max_completion_tokens" if dialect.limit_key == "max_tokens" else "max_tokens"
    return replace(dialect, limit_key=other, limit_renamed=True)


def _unforced(dialect: Dialect, why: str) -> Dialect:
    if dialect.mode != "tools" or not dialect.forced:
        return dialect
    return replace(dialect, forced=False, reason=f"{dialect.reason}; tool_choice is left to the model, because {why}")


def _to_schema(dialect: Dialect, why: str) -> Dialect:
    return replace(dialect, mode="schema", reason=why) if dialect.mode == "tools" else dialect


def _to_text(dialect: Dialect, why: str) -> Dialect:
    return replace(dialect, mode="text", reason=why, settled=True) if dialect.mode == "schema" else dialect


def _alternating(dialect: Dialect, _: str) -> Dialect:
    return replace(dialect, alternating=True)


def _without_system(dialect: Dialect, _: str) -> Dialect:
    return replace(dialect, system=False, alternating=True)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_SMALL: tuple[tuple[re.Pattern[str], Callable[[Dialect, str], Dialect]], ...] = (
    (_pattern(r"stream_options"), _dropping("stream_options")),
    (_pattern(r"\bmax_(completion_)?tokens\b"), _other_limit),
    (_pattern(r"\btemperature\b"), _dropping("temperature")),
    (_pattern(r"\bseed\b"), _dropping("seed")),
    (_pattern(r"\buuid\b"), _dropping("uuid")),
    (_pattern(r"system role|role.{0,10}system.{0,30}not"), _without_system),
    (_pattern(r"roles? must alternate|alternate user/assistant"), _alternating),
    (_pattern(r"tool[_ ]choice|\brequired\b.{0,40}tool"), _unforced),
)
_LARGE: tuple[tuple[re.Pattern[str], Callable[[Dialect, str], Dialect]], ...] = (
    (_pattern(r"response_format|json_schema|structured.?output|grammar"), _to_text),
    (_pattern(r"\btools?\b|\bfunctions?\b|function.calling"), _to_schema),
)


def _quoted(message: str) -> str:
    words = " ".join(message.split())
    return f"“{words[:160]}{'…' if len(words) > 160 else ''}”"
