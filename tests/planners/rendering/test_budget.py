"""Which pictures go when there are too many, and that it is settled by what came before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lavr.errors import LimitReached, UsageError
from lavr.planners.rendering import budget as budgets
from lavr.planners.rendering.budget import UNBOUNDED, Fate, Showing, VisualBudget

SHOWN, DROPPED, WITHHELD = Fate.SHOWN, Fate.DROPPED, Fate.WITHHELD


def showings(*groups: tuple[str, list[int]]) -> list[Showing]:
    """`("ask", [10])` is a question with a picture of 10 tokens, `("act", [5, 5])` a step with two pictures."""
    return [Showing(at, kind == "ask", cost) for at, (kind, costs) in enumerate(groups) for cost in costs]


def fates(seen: list[Showing], budget: VisualBudget) -> list[Fate]:
    """What becomes of them when the last question with pictures is to be answered."""
    return budgets.fates(seen, budget, question=max((each.message for each in seen if each.asked), default=-1))


def test_everything_is_shown_while_it_fits() -> None:
    seen = showings(("ask", [40]), ("act", [30]), ("act", [30]))
    assert fates(seen, VisualBudget(per_conversation=100)) == [SHOWN] * 3


def test_the_oldest_pictures_of_tools_go_in_one_batch_down_to_the_low_water() -> None:
    seen = showings(("ask", [20]), *[("act", [20])] * 5)
    budget = VisualBudget(per_conversation=100, low_water=60)
    assert fates(seen[:5], budget) == [SHOWN] * 5
    assert fates(seen, budget) == [SHOWN, DROPPED, DROPPED, DROPPED, SHOWN, SHOWN]


def test_the_next_steps_after_an_eviction_rewrite_nothing() -> None:
    seen = showings(("ask", [20]), *[("act", [20])] * 7)
    budget = VisualBudget(per_conversation=100, low_water=60)
    assert fates(seen, budget)[:6] == fates(seen[:6], budget)


def test_pictures_of_an_earlier_question_go_after_those_of_tools_and_only_for_a_later_question_with_pictures() -> None:
    budget = VisualBudget(per_conversation=100, low_water=50)
    asked_anew = showings(("ask", [50]), ("act", [30]), ("ask", [40]))
    assert fates(asked_anew, budget) == [SHOWN, DROPPED, SHOWN]
    assert fates(showings(("ask", [50]), ("act", [30]), ("ask", [90])), budget) == [DROPPED, DROPPED, SHOWN]
    assert fates(showings(("ask", [80]), ("act", [15]), ("act", [30])), budget) == [SHOWN, DROPPED, WITHHELD]


def test_of_a_step_that_brings_too_much_the_first_pictures_are_shown() -> None:
    seen = showings(("ask", [10]), ("act", [30, 30, 5, 30]))
    assert fates(seen, VisualBudget(per_step=65)) == [SHOWN, SHOWN, SHOWN, SHOWN, WITHHELD]
    assert fates(showings(("act", [99])), VisualBudget(per_step=10)) == [SHOWN]


def test_a_question_whose_pictures_do_not_fit_is_refused_with_what_it_needs() -> None:
    with pytest.raises(LimitReached, match="2 pictures of the question cost 120") as caught:
        fates(showings(("act", [30]), ("ask", [60, 60])), VisualBudget(per_conversation=100))
    assert caught.value.data == {"limit": "visual_tokens", "needed": 120, "allowed": 100}
    assert "120" in caught.value.remedy


def test_a_question_that_was_refused_does_not_spoil_the_session() -> None:
    seen = showings(("ask", [60, 60]), ("ask", [50]))
    assert fates(seen, VisualBudget(per_conversation=100, low_water=60)) == [DROPPED, WITHHELD, SHOWN]


def test_budgets_that_cannot_be_are_refused() -> None:
    assert VisualBudget(per_conversation=100).floor == 50
    assert VisualBudget(low_water=0).floor == 0
    for wrong in ({"per_picture": 0}, {"per_step": -1}, {"per_conversation": 10, "low_water": 11}):
        with pytest.raises(UsageError):
            VisualBudget(**wrong)


GROUPS = st.lists(
    st.tuples(st.sampled_from(["ask", "act", "act", "act"]), st.lists(st.integers(0, 40), min_size=1, max_size=4)),
    max_size=14,
)


@given(GROUPS)
def test_no_bound_means_that_all_is_shown(groups: list[tuple[str, list[int]]]) -> None:
    assert set(fates(showings(*groups), UNBOUNDED)) <= {SHOWN}


@given(GROUPS, st.integers(160, 300), st.integers(0, 160), st.integers(1, 200))
def test_the_budget_holds_and_questions_are_last_to_go(
    groups: list[tuple[str, list[int]]], most: int, low: int, step: int
) -> None:
    seen = showings(*groups)
    budget = VisualBudget(per_step=step, per_conversation=most, low_water=low)
    decided = fates(seen, budget)
    assert sum(each.tokens for each, fate in zip(seen, decided, strict=True) if fate is SHOWN) <= most
    for each, fate in zip(seen, decided, strict=True):
        if each.asked:
            assert fate is not WITHHELD
            if fate is DROPPED:
                assert any(later.asked and later.message > each.message for later in seen)


@given(GROUPS, st.integers(160, 300), st.integers(0, 160))
def test_what_went_never_comes_back_and_each_batch_makes_room(
    groups: list[tuple[str, list[int]]], most: int, low: int
) -> None:
    budget = VisualBudget(per_conversation=most, low_water=low)
    before: list[Fate] = []
    for count in range(1, len(groups) + 1):
        seen = showings(*groups[:count])
        after = fates(seen, budget)
        rewritten = [at for at, (old, new) in enumerate(zip(before, after, strict=False)) if old is not new]
        assert all(before[at] is SHOWN and after[at] is DROPPED for at in rewritten)
        if rewritten:
            old = sum(each.tokens for each, fate in zip(seen, before, strict=False) if fate is SHOWN)
            new = sum(each.tokens for each in seen[len(before) :])
            assert old + new > most
        before = after
