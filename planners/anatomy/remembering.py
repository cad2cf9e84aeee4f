"""What each decoder layer of a `transformers` configuration keeps of what it has read.

Sliding windows keep their last tokens, linear attention and convolutions a state of fixed size, and layers that share
the keys and values of an earlier one nothing; so does the library's cache, which the tests measure this against.
"""

from __future__ import annotations

from typing import Any

from .parts import LayerMemory

_SLIDING = {"sliding_attention", "chunked_attention", "hybrid_sliding", "reference_sliding_attention"}
_STATES = {"linear_attention", "conv", "hybrid", "hybrid_sliding", "mamba"}
_STATES_ONLY = {"linear_attention", "conv", "mamba"}


def layer_memories(decoder: Any) -> tuple[LayerMemory, ...]:
    """One entry for each layer of a decoder's configuration (`config.get_text_config(decoder=True)`)."""
    from transformers.cache_utils import get_layer_types_and_kwargs

    kinds, options = get_layer_types_and_kwargs(decoder)
    configs = list(decoder.per_layer_config)
    return tuple(
        _memory(kind, each, option.get("sliding_window"))
        for kind, each, option in zip(kinds, configs, options, strict=False)
    )


def _memory(kind: str, layer: Any, window: int | None) -> LayerMemory:
    if kind == "dummy":
        return LayerMemory()
    conv, recurrent = _states(layer) if kind in _STATES else (0, 0)
    per_token = 0 if kind in _STATES_ONLY else keys_and_values(layer)
    # A sliding layer needs its window but for the token that is being read.
    kept = window - 1 if kind in _SLIDING and window else None
    return LayerMemory(per_token, kept, conv, recurrent)


def keys_and_values(layer: Any) -> int:
    """Numbers that an attention layer keeps of a token, over all its key-value heads."""
    if getattr(layer, "kv_lora_rank", None):  # multi-head latent attention is kept compressed, for all heads together
        return int(layer.kv_lora_rank) + int(layer.qk_rope_head_dim)
    heads = int(layer.num_attention_heads)
    size = int(getattr(layer, "head_dim", None) or layer.hidden_size // heads)
    return 2 * int(getattr(layer, "num_key_value_heads", None) or heads) * size


def _states(layer: Any) -> tuple[int, int]:
    """Numbers of the convolution state and of the recurrent state."""
    if hasattr(layer, "conv_L_cache"):
        return int(layer.hidden_size) * int(layer.conv_L_cache), 0
    if hasattr(layer, "linear_num_value_heads"):
        keys = int(layer.linear_num_key_heads) * int(layer.linear_key_head_dim)
        values = int(layer.linear_num_value_heads) * int(layer.linear_value_head_dim)
        recurrent = (
            int(layer.linear_num_value_heads) * int(layer.linear_key_head_dim) * int(layer.linear_value_head_dim)
        )
        return (2 * keys + values) * int(layer.linear_conv_kernel_dim), recurrent
    return 0, 0
