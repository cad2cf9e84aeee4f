"""The state of the graph: plain JSON and digests, the same size for a thumbnail and for forty large pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias, TypedDict

Record: TypeAlias = dict[str, Any]
"""A JSON object. LangGraph evaluates these annotations and cannot evaluate the recursive `Json`."""


def merged(before: Mapping[str, str], now: Mapping[str, str] | None) -> dict[str, str]:
    """How the branches of `act` come together: side by side; None empties it for the next wave."""
    return {} if now is None else {**before, **now}


class Question(TypedDict, total=False):
    """What goes into the graph.

    Attributes:
        question: what is asked.
        images: the pictures that come with it: paths, data URIs, or `Image.to_json()` of pictures in the agent's store.
        pointed: the regions that the user points at, as `records.regions_record` writes them; None for none.
        session: which session goes on; a new one when left out, or that of the thread with a checkpointer.
        head: where it goes on; see `Answered`.
    """

    question: str
    images: list[Any]
    pointed: Record | None
    session: str
    head: str


class Answered(TypedDict, total=False):
    """What comes out of the graph.

    Attributes:
        answer: text, value, complete, evidence and usage, plain JSON; None before there is one.
        session: the session, to ask on in it.
        head: digest of the last page of the session's log.
    """

    answer: Record | None
    session: str
    head: str


class LoopState(TypedDict, total=False):
    """What the graph keeps between two nodes.

    Attributes:
        question: see `Question`.
        images: see `Question`.
        pointed: see `Question`.
        answer: see `Answered`.
        session: which memory belongs to it.
        head: digest of the last page of the session's log.
        step: decisions made for this question.
        calls: calls made for this question.
        tokens: read, reused, written for this question.
        seconds: spent on this question.
        limit: the limit that was reached, or empty.
        todo: calls of the last decision that have no result yet, in call order.
        results: digests of the raw results of the calls at work, by call id.
        draft: the planner's answer, or None.
    """

    question: str
    images: list[Any]
    pointed: Record | None
    answer: Record | None
    session: str
    head: str
    step: int
    calls: int
    tokens: list[Any]
    seconds: float
    limit: str
    todo: list[Record]
    results: Annotated[dict[str, str], merged]
    draft: Record | None


class Branch(TypedDict):
    """What one branch of `act` is given.

    Attributes:
        session: see `LoopState`.
        head: see `LoopState`.
        seconds: see `LoopState`.
        step: see `LoopState`.
        call: the call, as the planner wrote it.
        stuck: whether it waits, through its references, for itself.
    """

    session: str
    head: str
    seconds: float
    step: int
    call: Record
    stuck: bool
