"""Prefixes are kept by what was really fed, within their memory, and nobody can spoil them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch

from lavr.planners.local.keys import keys_along
from lavr.planners.local.memory import held_by
from lavr.planners.local.prefixes import PrefixStore
from lavr.planners.local.session import Session
from lavr.planners.local.spans import Span, SpanEncoder, token_span
from lavr.tests.planners.local import tiny
from lavr.tests.planners.local.talks import TOLERANCE, Talk, fitting, greedy, talk


def computed(family: str, *spans: Span) -> Session:
    """A session that has computed these spans."""
    session = Session(tiny.load(family))
    for span in spans:
        session.append(span)
    session.logits()
    return session


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_a_session_taken_up_from_the_store_goes_on_exactly(family: str) -> None:
    model, store = tiny.load(family), PrefixStore()
    parts = fitting(model, talk())
    first = Talk(model)
    for part in parts[:3]:
        first.feed(part)
    first.session.logits()
    store.keep(first.session)
    expected = first.fork()
    first.session.push([300, 301])  # the origin goes on, what is kept does not

    spans = [first.encoder.encode(part.text.replace("*", model.placeholder), part.pictures) for part in parts[:3]]
    found = store.longest(keys_along(model, spans))
    assert found is not None
    assert found[0] == 2
    expected.session = found[1]
    expected.feed(parts[5])
    assert expected.difference() <= TOLERANCE
    assert found[1].reading.reused == sum(map(len, spans))
    whole = expected.whole()
    assert greedy(found[1], 3) == whole.greedy(3)


def test_the_longest_known_prefix_is_found() -> None:
    model, store = tiny.load("llama"), PrefixStore()
    spans = [token_span(range(start, start + 5)) for start in (300, 400, 500, 600)]
    store.keep(computed("llama", *spans[:1]))
    store.keep(computed("llama", *spans[:3]))
    found = store.longest(keys_along(model, spans))
    assert found is not None
    assert (found[0], len(found[1])) == (2, 15)
    assert store.longest(keys_along(model, spans[1:])) is None


def test_a_key_does_not_depend_on_how_the_tokens_were_cut() -> None:
    whole, pushed = Session(tiny.load("llama")), Session(tiny.load("llama"))
    whole.append(token_span([300, 301, 302]))
    for token in (300, 301, 302):
        pushed.push([token])
    assert whole.key == pushed.key == keys_along(whole.model, [token_span([300, 301]), token_span([302])])[-1]


def test_a_key_tells_models_pictures_and_tokens_apart() -> None:
    model = tiny.load("qwen3_vl")
    encoder, text = SpanEncoder(model), f"{model.placeholder}What?"
    spans = [
        encoder.encode(text, [tiny.picture(90, 90, 1)]),
        encoder.encode(text, [tiny.picture(90, 90, 2)]),
        encoder.encode(text + "?", [tiny.picture(90, 90, 1)]),
    ]
    assert spans[0].ids == spans[1].ids
    keys = [keys_along(model, [span])[0] for span in spans]
    keys.append(keys_along(tiny.load("qwen3_vl", fresh=True), spans[:1])[0])  # other weights of the same name
    assert len(set(keys)) == 4
    assert keys_along(replace(model, notes=("a note",)), spans[:1]) == keys[:1]  # the same weights


def test_the_key_of_a_session_is_the_key_along_its_spans() -> None:
    model = tiny.load("gemma3")
    fed = Talk(model)
    spans = []
    for part in talk():
        fed.feed(part)
        spans.append(SpanEncoder(model).encode(part.text.replace("*", model.placeholder), part.pictures))
    assert fed.session.key == keys_along(model, spans)[-1]


def test_the_least_recently_used_go_when_the_memory_is_full() -> None:
    sessions = [computed("llama", token_span(range(start, start + 50))) for start in (300, 400, 500)]
    sizes = [session.size_bytes for session in sessions]
    store = PrefixStore(max_bytes=sizes[0] + sizes[1])
    store.keep(sessions[0])
    store.keep(sessions[1])
    assert store.size_bytes == sizes[0] + sizes[1]
    assert store.longest([sessions[0].key]) is not None  # used again: the other one is older now
    store.keep(sessions[2])
    assert sessions[1].key not in store
    assert sessions[0].key in store
    assert (len(store), store.evictions) == (2, 1)
    assert store.size_bytes <= store.max_bytes


def test_a_session_larger_than_the_store_is_not_kept_and_nothing_goes_for_it() -> None:
    small, large = computed("llama", token_span([300])), computed("llama", token_span(range(300, 900)))
    store = PrefixStore(max_bytes=small.size_bytes)
    assert store.keep(small)
    assert not store.keep(large)
    assert small.key in store
    assert store.evictions == 0


def test_memory_that_sessions_share_is_counted_once() -> None:
    session = computed("llama", token_span(range(300, 500)))
    store = PrefixStore()
    store.keep(session)
    alone = store.size_bytes
    session.push([300])  # not computed yet: the keys and values are the same
    store.keep(session)
    assert len(store) == 2
    assert alone < store.size_bytes < 1.1 * alone


@pytest.mark.parametrize("family", ["llama", "qwen3_5", "gemma4", "lfm2_vl"])
def test_bytes_are_those_of_the_keys_values_and_states(family: str) -> None:
    session = computed(family, token_span(range(300, 360)))
    config = tiny.load(family).network.config.get_text_config()
    least = 2 * 4 * 60 * config.num_key_value_heads * 16  # one layer of full attention in float32
    assert session.size_bytes >= least
    assert session.size_bytes == sum(held_by(session.tensors()).values())


def test_what_is_kept_of_a_sliding_window_holds_no_memory_of_what_it_slid_over() -> None:
    session = computed("gemma3", token_span([300] * 2000))
    store = PrefixStore()
    store.keep(session)
    assert store.size_bytes < session.size_bytes / 2


def test_threads_keep_and_take_up_together() -> None:
    model = tiny.load("qwen3_5")
    spans = [token_span(range(start, start + 20)) for start in range(300, 1300, 100)]
    sessions = [computed("qwen3_5", span) for span in spans]
    expected = []
    for session in sessions:
        fork = session.fork()
        fork.push([777])
        expected.append(fork.logits())
    store = PrefixStore(max_bytes=6 * sessions[0].size_bytes)

    def use(turn: int) -> float:
        index = turn % len(spans)
        store.keep(sessions[index])
        found = store.longest(keys_along(model, [spans[index]]))
        if found is None:
            return 0.0
        found[1].push([777])
        return float((found[1].logits() - expected[index]).abs().max())

    with ThreadPoolExecutor(6) as pool:
        assert max(pool.map(use, range(60))) <= TOLERANCE
    assert store.size_bytes <= store.max_bytes
    assert store.evictions > 0


def test_a_store_that_was_cleared_is_empty() -> None:
    store = PrefixStore()
    store.keep(computed("llama", token_span([300])))
    store.clear()
    assert (len(store), store.size_bytes) == (0, 0)


def test_tensors_of_no_size_hold_nothing() -> None:
    assert held_by([torch.empty(0)]) == {}
