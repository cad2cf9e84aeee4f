"""The size at which a processor really feeds a picture to its model, read off from what it made of one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ...vision.frame import SizeWh

ShownRule: TypeAlias = Callable[[Any, Mapping[str, Any], SizeWh], SizeWh]
"""The image processor, what it made of a picture, and the picture's size -> the size that is fed."""


def as_it_is(_: Any, __: Mapping[str, Any], size_wh: SizeWh) -> SizeWh:
    """Of families that nothing is known about: the picture's own size."""
    return size_wh


def by_grid(processor: Any, batch: Mapping[str, Any], _: SizeWh) -> SizeWh:
    """Qwen-VL, GLM-V: a grid of patches."""
    rows, columns = (int(each) for each in batch["image_grid_thw"][0][1:])
    return columns * int(processor.patch_size), rows * int(processor.patch_size)


def by_size(_: Any, batch: Mapping[str, Any], __: SizeWh) -> SizeWh:
    """Pixtral: the processor says the size it resized to."""
    height, width = (int(each) for each in batch["image_sizes"][0])
    return width, height


def by_positions(processor: Any, batch: Mapping[str, Any], _: SizeWh) -> SizeWh:
    """Gemma 4: patches with their columns and rows."""
    columns, rows = (int(each) + 1 for each in batch["image_position_ids"][0].amax(0))
    return columns * int(processor.patch_size), rows * int(processor.patch_size)


def by_shapes(processor: Any, batch: Mapping[str, Any], _: SizeWh) -> SizeWh:
    """LFM2-VL: rows and columns of patches; of a picture that is cut up, rows and columns of square tiles."""
    rows, columns, side = int(batch["image_rows"][0]), int(batch["image_cols"][0]), int(processor.tile_size)
    if rows * columns == 1:
        rows, columns = (int(each) for each in batch["spatial_shapes"][0])
        side = int(processor.encoder_patch_size)
    return columns * side, rows * side


def whole_square(processor: Any, _: Mapping[str, Any], __: SizeWh) -> SizeWh:
    """Gemma 3: squeezed into one square."""
    return int(processor.size.width), int(processor.size.height)


def by_canvas(processor: Any, batch: Mapping[str, Any], size_wh: SizeWh) -> SizeWh:
    """InternVL: squeezed into a canvas of square tiles, besides an overview."""
    from transformers.models.got_ocr2.image_processing_got_ocr2 import get_optimal_tiled_canvas

    side = whole_square(processor, batch, size_wh)
    tiles = int(batch["num_patches"][0]) - 1
    if tiles < 1:
        return side
    columns, rows = get_optimal_tiled_canvas(size_wh[::-1], side[::-1], tiles, tiles)
    return columns * side[0], rows * side[1]


def by_pinpoint(processor: Any, _: Mapping[str, Any], size_wh: SizeWh) -> SizeWh:
    """LLaVA: as large as fits, its shape kept, into the best of a list of resolutions."""
    from transformers.image_processing_utils import select_best_resolution

    height, width = select_best_resolution(size_wh[::-1], processor.image_grid_pinpoints)
    scale = min(width / size_wh[0], height / size_wh[1])
    return min(width, math.ceil(size_wh[0] * scale)), min(height, math.ceil(size_wh[1] * scale))


def by_tiles(_: Any, batch: Mapping[str, Any], __: SizeWh) -> SizeWh:
    """Idefics 3, SmolVLM: squeezed into rows and columns of square tiles, besides an overview; or one padded square."""
    seen = batch["pixel_attention_mask"][0]
    side = int(seen.shape[-1])
    if len(seen) == 1:
        return int(seen[0].any(0).sum()), int(seen[0].any(1).sum())
    columns, rows = int(batch["cols"][0][0]), int(batch["rows"][0][0])
    return columns * side, rows * side
