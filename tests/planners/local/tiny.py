"""Tiny models of real families, made offline: a trained tokenizer, an image processor, random weights.

`load(family)` gives a model that is ready to be fed (made once for a process; give `fresh=True` to spoil one), `save`
writes a folder that `AutoProcessor` and `AutoModelForImageTextToText` (or `AutoModelForCausalLM`) load.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy
import torch
from PIL import Image

from lavr.planners.local.loaded import LoadedModel
from lavr.tests.planners.local import tiny_families as some
from lavr.tests.planners.local import tiny_families_more as more
from lavr.tests.planners.local.tiny_parts import Recipe, T

_RECIPES: dict[str, Callable[[], Recipe]] = {
    "llama": some.llama,
    "qwen2": some.qwen2,
    "gemma2": some.gemma2,
    "qwen2_5_vl": some.qwen2_5_vl,
    "qwen3_vl": some.qwen3_vl,
    "qwen3_5": some.qwen3_5,
    "glm4v": some.glm4v,
    "llava_next": some.llava_next,
    "llava_onevision": some.llava_onevision,
    "idefics3": some.idefics3,
    "smolvlm": some.smolvlm,
    "internvl": more.internvl,
    "gemma3": more.gemma3,
    "gemma4": more.gemma4,
    "mistral3": more.mistral3,
    "lfm2_vl": more.lfm2_vl,
}
TEXT = ("llama", "qwen2", "gemma2")
FAMILIES = tuple(_RECIPES)
SEEING = tuple(family for family in FAMILIES if family not in TEXT)

torch.set_num_threads(1)


def load(family: str, *, fresh: bool = False) -> LoadedModel:
    """The tiny model of a family, in float32 on the CPU."""
    return _made(family) if fresh else _kept(family)


def save(family: str, folder: Path) -> Path:
    """Write the model, its tokenizer and its processor into a folder."""
    model = load(family)
    model.network.save_pretrained(folder)
    (model.processor or model.tokenizer).save_pretrained(folder)
    return folder


def picture(width: int, height: int, seed: int = 0) -> Image.Image:
    """A picture of noise, the same for the same seed."""
    pixels = numpy.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=numpy.uint8)
    return Image.fromarray(pixels)


@cache
def _kept(family: str) -> LoadedModel:
    return _made(family)


def _made(family: str) -> LoadedModel:
    recipe = _RECIPES[family]()
    return LoadedModel(
        name=f"tiny-{family}",
        network=_network(recipe),
        tokenizer=recipe.tokenizer,
        processor=recipe.processor,
        placeholder=recipe.placeholder,
        reason="a tiny model for tests",
    )


def _network(recipe: Recipe) -> Any:
    kind = T.AutoModelForImageTextToText if recipe.processor else T.AutoModelForCausalLM
    torch.manual_seed(0)
    network = kind.from_config(recipe.config).eval().float()
    for weights in network.parameters():
        if weights.ndim >= 2:  # the usual deviation of 0.02 gives logits that hardly depend on what was fed
            torch.nn.init.normal_(weights, std=0.08)
    return network
