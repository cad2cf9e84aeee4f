"""Configurations of published models, typed in: the sizes that matter, and the total that each page says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lavr.tests.planners.local.tiny_parts import T


@dataclass(frozen=True)
class Published:
    """A model as it is published.

    Attributes:
        config: makes its configuration.
        billions: parameters, as the page of the model says.
        tokens: visual tokens of a picture of 1920 x 1080 by its processor's own settings; 0 for a text-only model.
    """

    config: Callable[[], Any]
    billions: float
    tokens: int = 0


SO400M = {"hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27, "num_attention_heads": 16}
QWEN25_7B = {
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
}
LLAMA31_8B = {
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "max_position_embeddings": 131072,
}


def qwen2_5_vl_7b() -> Any:
    vision = {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "out_hidden_size": 3584}
    text = {**QWEN25_7B, "vocab_size": 152064, "max_position_embeddings": 128000}
    return T.Qwen2_5_VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=False)


def qwen3_vl(hidden: int, inner: int, vision: dict[str, Any], *, tied: bool) -> Any:
    text = {
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": 36,
        "vocab_size": 151936,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "max_position_embeddings": 262144,
    }
    vision = {**vision, "num_heads": 16, "out_hidden_size": hidden, "patch_size": 16, "num_position_embeddings": 2304}
    return T.Qwen3VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=tied)


def qwen3_vl_4b() -> Any:
    vision = {"depth": 24, "hidden_size": 1024, "intermediate_size": 4096, "deepstack_visual_indexes": [5, 11, 17]}
    return qwen3_vl(2560, 9728, vision, tied=True)


def qwen3_vl_8b() -> Any:
    vision = {"depth": 27, "hidden_size": 1152, "intermediate_size": 4304, "deepstack_visual_indexes": [8, 16, 24]}
    return qwen3_vl(4096, 12288, vision, tied=False)


def llava_next_7b() -> Any:
    text = T.LlamaConfig(vocab_size=32064, max_position_embeddings=4096)
    return T.LlavaNextConfig(text_config=text)


def llava_onevision_7b() -> Any:
    text = T.Qwen2Config(**QWEN25_7B, vocab_size=152000, max_position_embeddings=32768)
    vision = {**SO400M, "num_hidden_layers": 26, "image_size": 384, "patch_size": 14, "vision_use_head": False}
    vision_config = T.SiglipVisionConfig(**vision)
    return T.LlavaOnevisionConfig(text_config=text, vision_config=vision_config, tie_word_embeddings=False)


def internvl3_8b() -> Any:
    text = T.Qwen2Config(**QWEN25_7B, vocab_size=151674, max_position_embeddings=32768)
    return T.InternVLConfig(text_config=text, tie_word_embeddings=False)


def idefics3_8b() -> Any:
    text = T.LlamaConfig(**LLAMA31_8B, vocab_size=128259)
    vision = {**SO400M, "image_size": 364, "patch_size": 14}
    return T.Idefics3Config(text_config=text, vision_config=vision, scale_factor=2)


def smolvlm2_2b() -> Any:
    text = T.LlamaConfig(
        hidden_size=2048,
        intermediate_size=8192,
        num_hidden_layers=24,
        vocab_size=49280,
        num_attention_heads=32,
        num_key_value_heads=32,
        max_position_embeddings=8192,
    )
    vision = {**SO400M, "image_size": 384, "patch_size": 14}
    return T.SmolVLMConfig(text_config=text, vision_config=vision, scale_factor=3)


def gemma3_4b() -> Any:
    text = {
        "hidden_size": 2560,
        "intermediate_size": 10240,
        "num_hidden_layers": 34,
        "vocab_size": 262208,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "sliding_window": 1024,
    }
    vision = {**SO400M, "image_size": 896, "patch_size": 14, "vision_use_head": False}
    return T.Gemma3Config(text_config=text, vision_config=vision, mm_tokens_per_image=256)


def llama31_8b() -> Any:
    return T.LlamaConfig(**LLAMA31_8B, vocab_size=128256)


PUBLISHED = {
    "Qwen/Qwen2.5-VL-7B-Instruct": Published(qwen2_5_vl_7b, 8.29, 2691),
    "Qwen/Qwen3-VL-4B-Instruct": Published(qwen3_vl_4b, 4.44, 2040),
    "Qwen/Qwen3-VL-8B-Instruct": Published(qwen3_vl_8b, 8.77, 2040),
    "llava-hf/llava-v1.6-vicuna-7b-hf": Published(llava_next_7b, 7.06, 1948),
    "llava-hf/llava-onevision-qwen2-7b-ov-hf": Published(llava_onevision_7b, 8.03, 7269),
    "OpenGVLab/InternVL3-8B-hf": Published(internvl3_8b, 7.94, 2304),
    "HuggingFaceM4/Idefics3-8B-Llama3": Published(idefics3_8b, 8.46, 2197),
    "HuggingFaceTB/SmolVLM2-2.2B-Instruct": Published(smolvlm2_2b, 2.25, 1053),
    "google/gemma-3-4b-it": Published(gemma3_4b, 4.30, 256),
    "meta-llama/Llama-3.1-8B-Instruct": Published(llama31_8b, 8.03),
}
