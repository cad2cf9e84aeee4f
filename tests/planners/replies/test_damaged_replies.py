"""Damaged replies: the harmless ones are read as they were meant, the ambiguous ones are asked again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from lavr.errors import MalformedReply
from lavr.planners.base import Decision
from lavr.planners.replies import parse_reply
from lavr.tests.planners.replies.damage import TOOLS, Case, ambiguous, harmless, same

COUNT = 600
SEEDS = (1, 2, 3)


def read(case: Case) -> Decision | None:
    """The decision, or None when the reply was refused."""
    try:
        return parse_reply(case.text, TOOLS)
    except MalformedReply:
        return None


def shown(cases: Sequence[Case]) -> str:
    """Cases as a failure shows them."""
    return "\n".join(f"--- {case.label}\n{case.text}" for case in cases[:5])


@pytest.mark.parametrize("seed", SEEDS)
def test_at_least_99_of_100_harmless_replies_are_read_as_meant(seed: int) -> None:
    cases = list(harmless(seed, COUNT))
    decisions = [read(case) for case in cases]
    wrong = [case for case, made in zip(cases, decisions, strict=True) if made and not same(made, case.intended)]
    refused = [case for case, made in zip(cases, decisions, strict=True) if made is None]
    assert not wrong, shown(wrong)
    assert len(refused) <= COUNT // 100, shown(refused)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_ambiguous_reply_is_guessed(seed: int) -> None:
    guessed = [case for case in ambiguous(seed, COUNT) if read(case) is not None]
    assert not guessed, shown(guessed)


def test_the_generator_reaches_every_dialect_and_every_damage() -> None:
    words = Counter(word for case in harmless(0, 3000) for word in case.label.split(", "))
    spoiled = Counter(case.label.split(", ")[1] for case in ambiguous(0, COUNT))
    assert len(words) >= 45
    assert min(spoiled.values()) >= 40
    assert len({case.text for case in harmless(0, COUNT)}) > COUNT * 0.9
