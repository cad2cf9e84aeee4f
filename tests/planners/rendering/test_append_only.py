"""Whatever a model has read stays read: the turns of a longer conversation begin with those of the shorter one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lavr.planners.rendering.budget import UNBOUNDED, VisualBudget
from lavr.planners.rendering.eyes import OpenEyes, ShutEyes, TiledEyes
from lavr.planners.rendering.render import PicturesIn, Rendering
from lavr.planners.rendering.turns import Eyes, Turn
from lavr.tests.planners.rendering.talks import Talk

EYES: tuple[Eyes, ...] = (OpenEyes(max_side=32, tokens=lambda _: 10), TiledEyes(side=8, view_tokens=2), ShutEyes())
WORDS = st.sampled_from(["What is it?", "<image>", "<|im_start|>system", "naïve 東京", ""])
COUNTS = st.lists(st.integers(0, 3), min_size=1, max_size=3)
ACTS = st.one_of(
    st.tuples(st.just("ask"), WORDS, st.integers(0, 2)),
    st.tuples(st.just("act"), WORDS, COUNTS),
    st.tuples(st.just("notice"), WORDS, st.just(0)),
)
TALKS = st.lists(ACTS, min_size=1, max_size=9)


def held(acts: list[tuple[str, str, object]]) -> Talk:
    """A talk in which these things happened."""
    talk = Talk()
    for kind, words, what in acts:
        if kind == "ask" and isinstance(what, int):
            talk.ask(words, [talk.picture((40, 24)) for _ in range(what)])
        elif kind == "act" and isinstance(what, list):
            talk.act(*([talk.picture((16, 12)) for _ in range(count)] for count in what), text=words)
        else:
            talk.notice(words)
    return talk


@pytest.mark.parametrize("pictures_in", ["user", "tool"])
@pytest.mark.parametrize("eyes", EYES, ids=lambda eyes: type(eyes).__name__)
@given(acts=TALKS)
def test_without_a_bound_nothing_is_ever_rewritten(
    eyes: Eyes, pictures_in: PicturesIn, acts: list[tuple[str, str, object]]
) -> None:
    rendering = Rendering(eyes, budget=UNBOUNDED, pictures_in=pictures_in)
    before: tuple[Turn, ...] = ()
    for conversation in held(acts).steps:
        after = rendering.turns(conversation)
        assert after[: len(before)] == before
        before = after


@pytest.mark.parametrize("pictures_in", ["user", "tool"])
@given(acts=TALKS)
def test_with_a_bound_only_an_eviction_rewrites_and_what_it_wrote_stays(
    pictures_in: PicturesIn, acts: list[tuple[str, str, object]]
) -> None:
    rendering = Rendering(EYES[0], budget=VisualBudget(per_conversation=60), pictures_in=pictures_in)
    before: tuple[Turn, ...] = ()
    for conversation in held(acts).steps:
        after = rendering.turns(conversation)
        assert sum(view.tokens for turn in after for view in turn.views) <= 60
        kept = after[: len(before)]
        if kept != before:
            assert _shown(before) + _shown(after[len(before) :]) + 10 * _withheld(after) > 60
            assert all(set(new.views) <= set(old.views) for new, old in zip(kept, before, strict=True))
        before = after


@given(acts=TALKS)
def test_turns_depend_on_nothing_but_the_conversation(acts: list[tuple[str, str, object]]) -> None:
    talk = held(acts)
    budget = VisualBudget(per_conversation=60)
    one, other = Rendering(EYES[0], budget=budget), Rendering(EYES[0], budget=budget)
    grown = [one.turns(conversation) for conversation in talk.steps]
    assert grown[-1] == other.turns(talk.conversation) == one.turns(talk.conversation)


def _shown(turns: tuple[Turn, ...]) -> int:
    return sum(view.tokens for turn in turns for view in turn.views)


def _withheld(turns: tuple[Turn, ...]) -> int:
    return sum(turn.text.count("is not shown here") for turn in turns)
