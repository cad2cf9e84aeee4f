"""What keeps a picture within a number of visual tokens: one knob a family, and what it must be turned to."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

Options: TypeAlias = dict[str, Any]

BoundRule: TypeAlias = Callable[[Any, Any, int], Options]
"""The network, its processor and the most tokens of a picture -> arguments of every processor call."""

SOFT_TOKENS = (70, 140, 280, 560, 1120)
"""What Gemma 4's processor can be told."""


def unbounded(_: Any, __: Any, ___: int) -> Options:
    """For families whose pictures all cost the same, and for those without an entry."""
    return {}


def pixels(_: Any, processor: Any, tokens: int) -> Options:
    """Qwen-VL: so many pixels; a token is a square of merged patches."""
    images = processor.image_processor
    return _area(images, tokens * _token_side(images) ** 2)


def pixels_of_frames(_: Any, processor: Any, tokens: int) -> Options:
    """GLM-V: the same, counted over the frames that a picture is repeated to."""
    images = processor.image_processor
    return _area(images, tokens * _token_side(images) ** 2 * int(images.temporal_patch_size))


def patches(_: Any, processor: Any, tokens: int) -> Options:
    """InternVL: so many square tiles besides an overview, each of the same cost."""
    most = min(tokens // int(processor.image_seq_length) - 1, int(processor.image_processor.max_patches))
    return {"crop_to_patches": True, "max_patches": most} if most > 1 else {"crop_to_patches": False}


def pinpoints(network: Any, processor: Any, tokens: int) -> Options:
    """LLaVA: fewer resolutions to choose from.

    They must be the same in the processor and the configuration of the network, so both are changed; an argument of a
    call would leave the number of placeholders as it was.
    """
    images = processor.image_processor
    points: list[list[int]] = [[int(side) for side in each] for each in images.image_grid_pinpoints]
    cheapest = min(points, key=lambda each: _grid_cost(network, each))
    kept = [each for each in points if _grid_cost(network, each) <= tokens] or [cheapest]
    images.image_grid_pinpoints = kept
    network.config.image_grid_pinpoints = kept
    return {}


def tiles(_: Any, processor: Any, tokens: int) -> Options:
    """Idefics 3, SmolVLM: a picture of at most n x n tiles besides an overview, or the overview alone."""
    images = processor.image_processor
    side = int(images.max_image_size["longest_edge"])
    longest = int(images.size.longest_edge)
    across = math.isqrt(max(0, tokens // int(processor.image_seq_len) - 1))
    return {"size": {"longest_edge": min(longest, across * side)}} if across > 1 else {"do_image_splitting": False}


def soft_tokens(_: Any, processor: Any, tokens: int) -> Options:
    """Gemma 4: the largest of the counts that its processor knows."""
    most = min(tokens, int(processor.image_processor.max_soft_tokens))
    return {"max_soft_tokens": max((each for each in SOFT_TOKENS if each <= most), default=SOFT_TOKENS[0])}


def longest_edge(_: Any, processor: Any, tokens: int) -> Options:
    """Mistral 3: a side; each row of tokens ends with one more."""
    images = processor.image_processor
    side = int(images.patch_size["height"]) * int(getattr(processor, "spatial_merge_size", 1))
    across = max(1, (math.isqrt(4 * tokens + 1) - 1) // 2)
    return {"size": {"longest_edge": min(across * side, int(images.size.longest_edge))}}


def image_tokens(_: Any, processor: Any, tokens: int) -> Options:
    """LFM2-VL: so many tokens a tile, and no tiles when they would be too many."""
    images = processor.image_processor
    most = min(tokens, int(images.max_image_tokens))
    options: Options = {"max_image_tokens": most, "min_image_tokens": min(most, int(images.min_image_tokens))}
    return options if tokens >= (int(images.max_tiles) + 1) * most else {**options, "do_image_splitting": False}


def _token_side(images: Any) -> int:
    return int(images.patch_size) * int(images.merge_size)


def _area(images: Any, most: int) -> Options:
    least, most = int(images.size.shortest_edge), min(most, int(images.size.longest_edge))
    return {"size": {"shortest_edge": min(least, most), "longest_edge": most}}


def _grid_cost(network: Any, pinpoint: list[int]) -> int:
    """The most tokens at a resolution: the overview, the tiles, and an end of line for each row of tokens."""
    vision = network.config.vision_config
    across = int(vision.image_size) // int(vision.patch_size)
    rows, columns = (each // int(vision.image_size) for each in pinpoint)
    return across**2 * (1 + rows * columns) + rows * across
