"""Key-value caches that are forked, never cropped.

A fork shares the keys and values with its origin: `DynamicLayer.update` rebinds them (`torch.cat`) and never writes
into them. The states of linear-attention and convolution layers, which are kept in dictionaries, are written in
place, so a fork clones them; they are small.
Cropping is not used: recurrent states cannot be rolled back, and sliding windows have forgotten what a crop would need.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from typing import Any

import torch
from transformers import DynamicCache

_SPARE = 1.25
"""A stored tensor may hold this much more memory than it shows before it is copied."""


def cache_argument(network: Any) -> str:
    """What a network's `forward` calls its cache: `cache`, or `past_key_values` before transformers 5.24."""
    return "cache" if "cache" in inspect.signature(network.forward).parameters else "past_key_values"


def fork(cache: DynamicCache) -> DynamicCache:
    """A cache that goes its own way from here; costs microseconds a layer, whatever the length."""
    twin = copy.copy(cache)
    twin.layers = [_fork_layer(layer) for layer in cache.layers]
    return twin


def compact(cache: DynamicCache) -> DynamicCache:
    """A fork that holds no more memory than it shows: a sliding window is a view of all that it slid over."""
    twin = fork(cache)
    for layer in twin.layers:
        for name, value in vars(layer).items():
            if isinstance(value, torch.Tensor) and value.untyped_storage().nbytes() > _SPARE * value.nbytes:
                setattr(layer, name, value.clone())
    return twin


def tensors_of(cache: DynamicCache) -> Iterator[torch.Tensor]:
    """Every tensor that a cache holds."""
    for layer in cache.layers:
        for value in vars(layer).values():
            held = value.values() if isinstance(value, dict) else (value,)
            yield from (tensor for tensor in held if isinstance(tensor, torch.Tensor))


def _fork_layer(layer: Any) -> Any:
    twin = copy.copy(layer)
    for name, value in vars(layer).items():
        if isinstance(value, dict):
            setattr(twin, name, {key: _cloned(each) for key, each in value.items()})
    return twin


def _cloned(value: Any) -> Any:
    return value.clone() if isinstance(value, torch.Tensor) else value
