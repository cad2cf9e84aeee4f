"""What the configurations of the tiny models are put together from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import transformers

from lavr.tests.planners.local.tiny_words import tokenizer

T: Any = transformers
"""The library without its types: its classes are made lazily and take what their configurations say."""


@dataclass(frozen=True)
class Recipe:
    """What a model is made from.

    Attributes:
        config: of the network.
        processor: with its tokenizer; None for a text-only family.
        tokenizer: of the network.
        placeholder: of one picture; empty for a text-only family.
    """

    config: Any
    processor: Any
    tokenizer: Any
    placeholder: str = ""


VISION = {"hidden_size": 32, "intermediate_size": 64}
ENCODER = {**VISION, "num_hidden_layers": 2, "num_attention_heads": 2}
TOWER = {**VISION, "depth": 2, "num_heads": 2, "out_hidden_size": 64, "spatial_merge_size": 2, "temporal_patch_size": 2}
PADDED = 2432
"""Rows of an output layer that is larger than the tokenizer's vocabulary, as Qwen's are."""

PINPOINTS = [[56, 112], [112, 56], [112, 112]]
QWEN = "<|vision_start|><|image_pad|><|vision_end|>"


def part(module: str, name: str) -> Any:
    return getattr(import_module(f"transformers.models.{module}"), name)


def token_id(token: str) -> int:
    return int(tokenizer().convert_tokens_to_ids(token))


def text_shape(**changed: Any) -> dict[str, Any]:
    shape = {
        "vocab_size": len(tokenizer()),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 8192,
        "pad_token_id": token_id("<|endoftext|>"),
        "bos_token_id": None,
        "eos_token_id": token_id("<|im_end|>"),
    }
    return {**shape, **changed}


def rope(sections: list[int], theta: float = 1e6, **more: Any) -> dict[str, Any]:
    return {"rope_type": "default", "rope_theta": theta, "mrope_section": sections, **more}


def qwen_ids() -> dict[str, int]:
    return {
        "image_token_id": token_id("<|image_pad|>"),
        "video_token_id": token_id("<|video_pad|>"),
        "vision_start_token_id": token_id("<|vision_start|>"),
        "vision_end_token_id": token_id("<|vision_end|>"),
    }


def recipe(config: Any, make: Callable[..., Any], placeholder: str, roles: dict[str, str], **parts: Any) -> Recipe:
    words = tokenizer(placeholder, **roles)
    processor = make(tokenizer=words, **parts)
    processor.chat_template = words.chat_template
    return Recipe(config, processor, words, placeholder)
