"""Key-value caches that are forked, never cropped.

A fork shares the keys and values with its origin: `DynamicLayer.update` rebinds them (`torch.cat`) and never writes
into them. The states of linear-attention and convolution layers are written in place, so a fork clones them; they are small.
Cropping is not used: recurrent states cannot be rolled back and sliding windows have forgotten what a crop would need.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import torch
from transformers import DynamicCache

_STATES = ("conv_states", "recurrent_states")
_FLAGS = (
    "is_conv_states_initialized",
    "is_recurrent_states_initialized",
    "has_previous_state",
    "conv_kernel_size",
)


def fork(cache: DynamicCache) -> DynamicCache:
    """A cache that goes its own way from here; costs microseconds a layer, whatever the length."""
    twin = copy.copy(cache)
    twin.layers = [_fork_layer(layer) for layer in cache.layers]
    return twin


def _fork_layer(layer: Any) -> Any:
    twin = copy.copy(layer)
    for name in _STATES:
        states = getattr(layer, name, None)
        if isinstance(states, dict):
            setattr(twin, name, {key: value.clone() if _is_tensor(value) else value for key, value in states.items()})
    for name in _FLAGS:
        flags = getattr(layer, name, None)
        if isinstance(flags, dict):
            setattr(twin, name, dict(flags))
    return twin


def tensors_of(cache: DynamicCache) -> Iterator[torch.Tensor]:
    """Every tensor that a cache holds."""
    for layer in cache.layers:
        held = [getattr(layer, "keys", None), getattr(layer, "values", None)]
        for name in _STATES:
            states = getattr(layer, name, None)
            held += list(states.values()) if isinstance(states, dict) else []
        yield from (tensor for tensor in held if isinstance(tensor, torch.Tensor))


def size_bytes(cache: DynamicCache) -> int:
    """Bytes of keys, values and states."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors_of(cache))


def _is_tensor(value: object) -> bool:
    return isinstance(value, torch.Tensor)
