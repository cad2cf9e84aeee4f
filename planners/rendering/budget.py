"""How many visual tokens a conversation may hold, and which pictures go when there are too many.

What a picture costs is fixed by its eyes; what becomes of it is a function of the conversation up to a point, so that
turns stay as they are from one decision to the next. Only an eviction rewrites some, and it makes room for many steps
at once: a prefix cache is lost once, not at every step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from ...errors import LimitReached, UsageError


@dataclass(frozen=True, slots=True)
class VisualBudget:
    """Bounds in visual tokens; None is no bound.

    Attributes:
        per_picture: a picture that would cost more is shown smaller.
        per_step: pictures of one step's results beyond it are named, not shown; the first is always shown.
        per_conversation: when it is exceeded, the oldest pictures of tools are dropped in one batch.
        low_water: down to which they are dropped; half of `per_conversation` when left out.

    Raises:
        UsageError: for a bound below 1, or a low water above `per_conversation`.
    """

    per_picture: int | None = None
    per_step: int | None = 8_192
    per_conversation: int | None = 16_384
    low_water: int | None = None

    def __post_init__(self) -> None:
        bounds = (self.per_picture, self.per_step, self.per_conversation)
        if any(bound is not None and bound < 1 for bound in bounds):
            raise UsageError("A visual budget is at least 1 token.", remedy="Leave the bound out for no bound.")
        if self.per_conversation is not None and not 0 <= self.floor <= self.per_conversation:
            raise UsageError(
                f"The low water {self.low_water} is not between 0 and {self.per_conversation}.",
                remedy="Give a low water below `per_conversation`.",
            )

    @property
    def floor(self) -> int:
        """The low water in force."""
        return (self.per_conversation or 0) // 2 if self.low_water is None else self.low_water


UNBOUNDED = VisualBudget(per_step=None, per_conversation=None)
"""Everything is shown for ever."""


class Fate(Enum):
    """What becomes of one showing of a picture."""

    SHOWN = "shown"
    DROPPED = "was shown, and made room"
    WITHHELD = "never shown: too many at once"


@dataclass(frozen=True, slots=True)
class Showing:
    """One time that a picture is put before a model.

    Attributes:
        message: the number of its message.
        asked: whether it came with a question; otherwise a tool brought it.
        tokens: what it costs.
    """

    message: int
    asked: bool
    tokens: int


def fates(showings: Sequence[Showing], budget: VisualBudget, *, question: int) -> list[Fate]:
    """What becomes of each showing, by the order of messages.

    When there is too much, the oldest pictures of tools go first, then those of questions that a later question with
    pictures came after; the pictures of the last question that had some never go.

    Args:
        showings: in the order of messages.
        budget: what they may cost.
        question: the number of the message that is to be answered.

    Raises:
        LimitReached: when the pictures of the question alone are too many. Those of an earlier question, which was
            refused for that, are withheld: a session can go on with another question.
    """
    ledger = _Ledger(showings, budget)
    for message, group in groupby(range(len(showings)), key=lambda at: showings[at].message):
        ledger.add(list(group), refuse=message == question)
    return ledger.fates


class _Ledger:
    def __init__(self, showings: Sequence[Showing], budget: VisualBudget) -> None:
        self.fates: list[Fate] = []
        self._showings = showings
        self._budget = budget
        self._subject: list[int] = []

    def add(self, group: list[int], *, refuse: bool) -> None:
        """Take in the showings of one message; if they are too many, refuse them or withhold the last."""
        asked = self._showings[group[0]].asked
        self._subject = group if asked else self._subject
        self.fates += [Fate.SHOWN for _ in group] if asked else self._first_of(group)
        most = self._budget.per_conversation
        if most is None or self._total() <= most:
            return
        older = range(group[0])
        self._drop(at for at in older if not self._showings[at].asked)
        if self._total() > most:
            self._drop(at for at in older if self._showings[at].asked and at not in self._subject)
        if self._total() > most:
            self._refuse(group, most) if refuse else self._withhold(group, most)

    def _first_of(self, group: Sequence[int]) -> list[Fate]:
        """As many pictures of a step as its bound allows, from the first."""
        most, spent, given = self._budget.per_step, 0, []
        for at in group:
            cost = self._showings[at].tokens
            fits = most is None or at == group[0] or spent + cost <= most
            spent += cost if fits else 0
            given.append(Fate.SHOWN if fits else Fate.WITHHELD)
        return given

    def _total(self) -> int:
        shown = zip(self._showings, self.fates, strict=False)
        return sum(showing.tokens for showing, fate in shown if fate is Fate.SHOWN)

    def _drop(self, oldest_first: Iterable[int]) -> None:
        total = self._total()
        for at in oldest_first:
            if total <= self._budget.floor:
                return
            if self.fates[at] is Fate.SHOWN:
                self.fates[at] = Fate.DROPPED
                total -= self._showings[at].tokens

    def _withhold(self, group: Sequence[int], most: int) -> None:
        for at in reversed(group):
            if self._total() > most:
                self.fates[at] = Fate.WITHHELD

    def _refuse(self, group: Sequence[int], most: int) -> None:
        cost = sum(self._showings[at].tokens for at in group)
        raise LimitReached(
            f"The {len(group)} pictures of the question cost {cost} visual tokens; {most} are allowed.",
            remedy=f"Ask about fewer or smaller pictures, or raise `per_conversation` of the visual budget to {cost}.",
            limit="visual_tokens",
            needed=cost,
            allowed=most,
        )
