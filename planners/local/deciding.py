"""Writing a decision, token by token."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from ...errors import LimitReached, MalformedReply
from .matching import Matcher
from .session import Session


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen.

    Attributes:
        temperature: 0 for the likeliest.
        top_p: sampled are only the likeliest tokens that together have this probability.
        seed: sampling depends on it and on what was read, and on nothing else.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0

    def picker(self, key: str) -> Callable[[torch.Tensor], int]:
        """A chooser for a session with this key."""
        if self.temperature <= 0:
            return lambda logits: int(logits.argmax())
        state = hashlib.sha256(f"{self.seed}\0{key}".encode()).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(state[:8], "little") >> 1)

        def pick(logits: torch.Tensor) -> int:
            chances = torch.softmax(logits / self.temperature, -1)
            if self.top_p < 1:
                ordered, at = chances.sort(descending=True)
                ordered[ordered.cumsum(-1) - ordered >= self.top_p] = 0
                return int(at[torch.multinomial(ordered, 1, generator=generator)])
            return int(torch.multinomial(chances, 1, generator=generator))

        return pick


@dataclass(frozen=True, slots=True)
class Bounds:
    """When writing has to end.

    Attributes:
        tokens: after so many, the reply counts as cut off.
        context: positions that the model has; None when it does not say.
    """

    tokens: int
    context: int | None = None


def write(
    session: Session,
    *,
    pick: Callable[[torch.Tensor], int],
    matcher: Matcher | None,
    stop_ids: frozenset[int],
    bounds: Bounds,
) -> Iterator[list[int]]:
    """Let a model write until it stops; gives the tokens as they come, several where they are forced.

    What it wrote is in the session afterwards, without the token that stopped it: what opens the next turn begins
    with that one.

    Raises:
        MalformedReply: when the reply is longer than it may be.
        LimitReached: when the context is full.
    """
    written = 0
    while matcher is None or not matcher.done:
        logits = session.logits()
        token = pick(logits if matcher is None else matcher.mask(logits))
        if matcher is not None:
            matcher.accept(token)
        if token in stop_ids and (matcher is None or matcher.stopped_by is not None):
            return
        forced = _accepted(matcher) if matcher is not None else []
        session.push([token, *forced])
        written += 1 + len(forced)
        yield [token, *forced]
        if bounds.context is not None and len(session) >= bounds.context:
            raise full(len(session), 1, bounds.context)
        if written >= bounds.tokens and not (matcher is not None and matcher.done):
            raise MalformedReply(
                f"The reply was cut off after {written} tokens.", remedy="Reply in fewer words.", tokens=written
            )


def _accepted(matcher: Matcher) -> list[int]:
    """The tokens that must come next."""
    forced: list[int] = []
    for token in matcher.forced():
        matcher.accept(token)
        if matcher.stopped_by is None:
            forced.append(token)
    return forced


def full(length: int, wanted: int, context: int) -> LimitReached:
    """The error for a conversation that does not fit into the model's context."""
    return LimitReached(
        f"The conversation has {length} tokens and the reply needs up to {wanted} more; the model has {context} "
        "positions.",
        remedy="Ask in a new session, show fewer or smaller pictures (VisualBudget), or take a model with a longer "
        "context.",
        limit="context",
        tokens=length,
        wanted=wanted,
        allowed=context,
    )
