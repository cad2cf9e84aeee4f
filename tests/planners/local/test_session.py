"""A session says what one full pass over everything says, for every family, however it was fed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from lavr.errors import UsageError
from lavr.planners.local.session import Session
from lavr.planners.local.spans import token_span
from lavr.tests.planners.local import tiny
from lavr.tests.planners.local.talks import TOLERANCE, Talk, fitting, greedy, talk

EVERY_FAMILY = pytest.mark.parametrize("family", tiny.FAMILIES)


@EVERY_FAMILY
def test_logits_after_every_span_are_those_of_one_full_pass(family: str) -> None:
    model = tiny.load(family)
    fed = Talk(model)
    for part in fitting(model, talk()):
        fed.feed(part)
        assert fed.difference() <= TOLERANCE


@EVERY_FAMILY
def test_all_spans_computed_at_once_give_the_same_logits_and_the_same_greedy_tokens(family: str) -> None:
    model = tiny.load(family)
    fed = Talk(model)
    for part in fitting(model, talk()):
        fed.feed(part)
    assert fed.difference() <= TOLERANCE
    assert fed.whole().greedy(8) == greedy(fed.session, 8)


@EVERY_FAMILY
def test_a_fork_and_its_origin_both_go_on_without_harm(family: str) -> None:
    model = tiny.load(family)
    parts = fitting(model, talk())
    origin = Talk(model)
    for part in parts[:3]:
        origin.feed(part)
    origin.session.logits()
    branch = origin.fork()
    for one, other in zip(parts[5:], parts[3:6], strict=True):
        branch.feed(one)
        branch.session.logits()
        origin.feed(other)
        origin.session.logits()
    assert branch.difference() <= TOLERANCE
    assert origin.difference() <= TOLERANCE


@EVERY_FAMILY
def test_two_sessions_of_one_model_take_turns_without_harm(family: str) -> None:
    model = tiny.load(family)
    parts = fitting(model, talk())
    one, other = Talk(model), Talk(model)
    for mine, its in zip(parts[:6], [parts[3], *parts[5:], *parts[:2]], strict=True):
        one.feed(mine)
        other.feed(its)
        assert max(one.difference(), other.difference()) <= TOLERANCE


@pytest.mark.parametrize("family", ["llama", "qwen3_vl", "qwen3_5", "gemma4", "lfm2_vl"])
def test_threads_share_a_model(family: str) -> None:
    model = tiny.load(family)
    parts = fitting(model, talk())

    def difference(start: int) -> float:
        fed = Talk(model)
        for part in [*parts[start:6], *parts[:start]]:
            fed.feed(part)
            fed.session.logits()
        return fed.difference()

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(difference, [0, 2, 3, 5])) <= TOLERANCE


def test_a_session_accounts_for_what_it_computed_and_what_it_took_up() -> None:
    fed = Talk(tiny.load("qwen3_vl"))
    parts = talk()
    fed.feed(parts[0])
    fed.session.logits()
    first = len(fed.session)
    assert (fed.session.reading.computed, fed.session.reading.pictures) == (first, 1)

    taken = fed.session.taken_up()
    taken.push([300, 301])
    taken.logits()
    assert taken.reading.reused == first
    assert (taken.reading.computed, taken.reading.written, taken.reading.pictures) == (2, 2, 0)


def test_a_pass_that_fails_leaves_the_session_as_it_was() -> None:
    model = tiny.load("qwen3_5", fresh=True)
    fed = Talk(model)
    parts = talk()
    fed.feed(parts[0])
    fed.session.logits()
    fed.feed(parts[1])
    layer = model.network.model.language_model.layers[2]
    handle = layer.register_forward_hook(_out_of_memory)
    with pytest.raises(MemoryError):
        fed.session.logits()
    handle.remove()
    assert fed.difference() <= TOLERANCE


def _out_of_memory(*_: object) -> None:
    raise MemoryError("in the middle of a pass")


def test_logits_may_be_changed_at_will() -> None:
    session = Session(tiny.load("llama"))
    session.append(token_span([5, 6, 7]))
    first = session.logits()
    first.fill_(0)
    assert not torch.equal(session.logits(), first)


def test_a_session_that_was_fed_nothing_has_no_logits() -> None:
    session = Session(tiny.load("llama"))
    session.append(token_span([]))
    with pytest.raises(UsageError, match="no logits yet"):
        session.logits()


def test_the_logits_have_a_row_for_every_output_even_those_without_a_token() -> None:
    model = tiny.load("qwen3_vl")
    session = Session(model)
    session.append(token_span([5]))
    assert session.logits().shape == (model.vocabulary,)
    assert model.vocabulary > len(model.tokenizer)
