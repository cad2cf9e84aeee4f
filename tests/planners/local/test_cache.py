"""Forks of caches share what may be shared and copy what is written in place."""

from __future__ import annotations

import time
from typing import Any

import pytest
import torch
from transformers import DynamicCache

from lavr.planners.local.cache import cache_argument, compact, fork, tensors_of
from lavr.planners.local.session import Session
from lavr.planners.local.spans import token_span
from lavr.tests.planners.local import tiny


def filled(family: str, count: int = 60) -> DynamicCache:
    """The cache of a session that was fed some tokens."""
    session = Session(tiny.load(family))
    session.append(token_span(range(300, 300 + count)))
    session.logits()
    return session._cache


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_what_is_done_to_a_fork_does_not_touch_its_origin(family: str) -> None:
    cache = filled(family)
    before = [tensor.clone() for tensor in tensors_of(cache)]
    twin = fork(cache)
    with torch.no_grad():
        network = tiny.load(family).network
        network(input_ids=torch.tensor([[300, 301]]), **{cache_argument(network): twin})
    after = list(tensors_of(cache))
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert twin.get_seq_length() == cache.get_seq_length() + 2


def test_keys_and_values_are_shared_and_states_are_not() -> None:
    cache: Any = filled("qwen3_5")
    twin: Any = fork(cache)
    linear, full = (0, 3)
    assert twin.layers[full].keys is cache.layers[full].keys
    states = cache.layers[linear].recurrent_states[0]
    assert torch.equal(twin.layers[linear].recurrent_states[0], states)
    assert twin.layers[linear].recurrent_states[0].data_ptr() != states.data_ptr()


def test_the_cost_of_a_fork_does_not_grow_with_the_length() -> None:
    def seconds(cache: DynamicCache) -> float:
        start = time.process_time()
        for _ in range(200):
            fork(cache)
        return time.process_time() - start

    short, long = filled("llama", 20), filled("llama", 1600)
    assert min(seconds(long) for _ in range(3)) < 3 * min(seconds(short) for _ in range(3))


def test_a_compacted_cache_is_the_same_and_holds_only_what_it_shows() -> None:
    cache = filled("gemma3", 1000)
    twin = compact(cache)
    pairs = list(zip(tensors_of(cache), tensors_of(twin), strict=True))
    assert all(torch.equal(one, other) for one, other in pairs)
    windows = [(one, other) for one, other in pairs if one.untyped_storage().nbytes() > 2 * one.nbytes]
    assert windows
    assert all(other.untyped_storage().nbytes() == other.nbytes for _, other in windows)
