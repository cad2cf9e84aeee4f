"""What dialects recognise in a reply, and the complaints about what none can make sense of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ...errors import MalformedReply
from ...jsonable import Json
from .toolbook import EXAMPLE, RawCall, Toolbook

ANSWER_EXAMPLE = '<answer>{"text": "..."}</answer>'


@dataclass(frozen=True, slots=True)
class Sign:
    """Something in a reply that is more than prose.

    Attributes:
        start: where it begins.
        end: where it ends.
        calls: the calls in it.
        answer: the answer in it, as text or as JSON; None when there is none.
        thought: the thought in it.
    """

    start: int
    end: int
    calls: tuple[RawCall, ...] = ()
    answer: Json = None
    thought: str = ""


Dialect: TypeAlias = Callable[[str, Toolbook], Iterator[Sign]]
"""Finds what is written in one dialect. Raises `MalformedReply` for what is clearly its own, and damaged."""


def excerpt(text: str, at: int = 0, length: int = 60) -> str:
    """A piece of a reply to show in a complaint, on one line."""
    piece = " ".join(text[max(0, at) : at + length].split())
    return repr(piece + ("..." if at + length < len(text) else ""))


def unreadable(text: str, at: int, what: str) -> MalformedReply:
    """The complaint about a call or an answer that cannot be read."""
    return MalformedReply(
        f"{excerpt(text, at)} cannot be read, because {what}.",
        remedy=f"Write it again, whole and as plain JSON: {EXAMPLE} or {ANSWER_EXAMPLE}",
    )
