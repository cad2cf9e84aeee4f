"""How many visual tokens a picture costs, family by family, from the settings of the picture processor.

These are for models whose processor is not at hand: only its settings are (`preprocessor_config.json`), or not even
those, and then the settings of the published checkpoints of the family are taken. The tests hold them against the
processors themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ...vision.frame import SizeWh

Settings: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture becomes.

    Attributes:
        tokens: visual tokens in the language model, marks around them not counted.
        patches: patches that the encoder reads.
    """

    tokens: int
    patches: int


@dataclass(frozen=True, slots=True)
class Formula:
    """How a family counts.

    Attributes:
        count: size of the picture (width, height), settings of the processor, configuration of the model -> what the
            picture becomes.
        words: the rule in a few words.
        published: the settings of the family's published checkpoints.
    """

    count: Callable[[SizeWh, Settings, Settings], Seen]
    words: str
    published: Settings = field(default_factory=dict)


def in_squares(size: SizeWh, settings: Settings, _: Settings) -> Seen:
    """Qwen-VL, GLM-V: resized to whole squares of merged patches, between a least and a most number of pixels."""
    merge = int(settings["merge_size"])
    side = int(settings["patch_size"]) * merge
    frames = int(settings.get("frames", 1))  # GLM counts the pixels of every frame
    least, most = (bound / frames for bound in _pixel_bounds(settings))
    across, down = _squares(_at_least(size, side if frames > 1 else 0), side, least, most)
    return Seen(across * down, across * down * merge**2)


def in_tiles(size: SizeWh, settings: Settings, config: Settings) -> Seen:
    """InternVL: the grid of tiles nearest in shape, and an overview; each costs the same."""
    most = int(settings["max_patches"]) if settings.get("crop_to_patches", True) else 1
    tile = settings["size"]
    columns, rows = _nearest_grid(size, (tile["width"], tile["height"]), int(settings["min_patches"]), most)
    tiles = columns * rows + (columns * rows > 1)
    patch = _side(config["vision_config"]["patch_size"])
    return Seen(tiles * int(config["image_seq_length"]), tiles * (tile["width"] // patch) * (tile["height"] // patch))


def in_pinpoints(size: SizeWh, settings: Settings, config: Settings) -> Seen:
    """LLaVA-NeXT, OneVision: the best of fixed resolutions without its padding, a token for each line, an overview."""
    vision = config["vision_config"]
    edge = _edge(settings["size"])
    patches = edge // int(vision["patch_size"])
    height, width = _best_resolution(size, settings["image_grid_pinpoints"])
    across, down = patches * (width // edge), patches * (height // edge)
    across, down = _unpadded(size, across, down)
    limit = str(config.get("vision_aspect_ratio", ""))
    if limit.startswith("anyres_max_"):
        ratio = math.sqrt(across * down / (int(limit.removeprefix("anyres_max_")) * patches**2))
        if ratio > 1.1:
            across, down = int(across // ratio), int(down // ratio)
    tiles = (width // edge) * (height // edge) + 1
    return Seen(across * down + down + patches**2, tiles * patches**2)


def in_crops(size: SizeWh, settings: Settings, config: Settings) -> Seen:
    """Idefics3, SmolVLM: resized to a longest edge, cut into crops, and an overview; each costs the same."""
    crop, crops = int(settings["max_image_size"]["longest_edge"]), 1
    if settings.get("do_image_splitting", True):
        width, height = _longest_edge(size, int(settings["size"]["longest_edge"]))
        rows, columns = math.ceil(height / crop), math.ceil(width / crop)
        crops = rows * columns + 1 if rows * columns > 1 else 1
    patches = (crop // int(config["vision_config"]["patch_size"])) ** 2
    return Seen(crops * patches // int(config["scale_factor"]) ** 2, crops * patches)


def in_rows(size: SizeWh, settings: Settings, config: Settings) -> Seen:
    """Pixtral, Mistral 3: reduced to a longest edge; a token for each square of merged patches."""
    merge = int(config.get("spatial_merge_size", 1))
    side = _side(config["vision_config"]["patch_size"]) * merge
    ratio = max(*size, longest := int(settings["size"]["longest_edge"])) / longest
    across, down = (math.ceil(math.floor(edge / ratio) / side) for edge in size)
    return Seen(across * down, across * down * merge**2)


def in_soft_tokens(size: SizeWh, settings: Settings, _: Settings) -> Seen:
    """Gemma 4: as large as a number of soft tokens allows, in whole squares of pooled patches."""
    pooling, most = int(settings["pooling_kernel_size"]), int(settings["max_soft_tokens"])
    side = int(settings["patch_size"]) * pooling
    factor = math.sqrt(most * side**2 / (size[0] * size[1]))
    across, down = (math.floor(factor * edge / side) for edge in size)
    if not across or not down:  # a strip: one square wide, and at most as long as all tokens in a row
        across, down = (max(each, 1) if each else 1 for each in (across, down))
        across, down = min(across, most), min(down, most)
    return Seen(across * down, across * down * pooling**2)


def in_lfm_tiles(size: SizeWh, settings: Settings, _: Settings) -> Seen:
    """LFM2-VL: whole squares up to a number of tokens; larger pictures in tiles, and an overview."""
    patch, factor = int(settings["encoder_patch_size"]), int(settings["downsample_factor"])
    side, most = patch * factor, int(settings["max_image_tokens"])
    across, down = _squares(size, side, int(settings["min_image_tokens"]) * side**2, most * side**2)
    tokens = across * down
    rounded = (max(patch, round(size[0] / side) * side), max(patch, round(size[1] / side) * side))
    if settings.get("do_image_splitting", True) and (
        rounded[0] * rounded[1] > most * side**2 * float(settings["max_pixels_tolerance"])
    ):
        tile = int(settings["tile_size"])
        columns, rows = _nearest_grid(size, (tile, tile), int(settings["min_tiles"]), int(settings["max_tiles"]))
        tokens = columns * rows * (tile // side) ** 2 + (tokens if settings.get("use_thumbnail", True) else 0)
    return Seen(tokens, tokens * factor**2)


def fixed(_: SizeWh, __: Settings, config: Settings) -> Seen:
    """Gemma 3: every picture costs the same."""
    vision = config["vision_config"]
    return Seen(int(config["mm_tokens_per_image"]), (int(vision["image_size"]) // int(vision["patch_size"])) ** 2)


def every_patch(_: SizeWh, __: Settings, config: Settings) -> Seen:
    """LLaVA: one token for each patch of a fixed square."""
    vision = config["vision_config"]
    patches = (int(vision["image_size"]) // int(vision["patch_size"])) ** 2
    return Seen(patches, patches)


def _pixel_bounds(settings: Settings) -> tuple[int, int]:
    size = settings.get("size") or {}
    least = settings.get("min_pixels") or size.get("shortest_edge") or size.get("min_pixels")
    most = settings.get("max_pixels") or size.get("longest_edge") or size.get("max_pixels")
    return int(least or 1), int(most or 1 << 62)


def _squares(size: SizeWh, side: int, least: float, most: float) -> tuple[int, int]:
    """Columns and rows of whole squares, for an area between two bounds in pixels."""
    width, height = size
    across, down = round(width / side), round(height / side)
    if max(across, 1) * max(down, 1) * side**2 > most:
        shrink = math.sqrt(width * height / most)
        across, down = math.floor(width / shrink / side), math.floor(height / shrink / side)
    elif across * down * side**2 < least:
        grow = math.sqrt(least / (width * height))
        across, down = math.ceil(width * grow / side), math.ceil(height * grow / side)
    return max(across, 1), max(down, 1)


def _at_least(size: SizeWh, side: int) -> SizeWh:
    scale = max(1.0, side / size[0], side / size[1])
    return (int(size[0] * scale), int(size[1] * scale)) if scale > 1 else size


def _nearest_grid(size: SizeWh, tile: SizeWh, least: int, most: int) -> tuple[int, int]:
    """Columns and rows of the grid of `least` to `most` tiles whose shape is nearest.

    The last of equals wins while the picture covers more than half of it.
    """
    grids = [
        (columns, rows)
        for columns in range(1, most + 1)
        for rows in range(1, most + 1)
        if least <= columns * rows <= most
    ]
    best, smallest = (1, 1), math.inf
    for columns, rows in sorted(grids, key=lambda grid: grid[0] * grid[1]):
        difference = abs(size[0] / size[1] - columns / rows)
        covers = size[0] * size[1] > 0.5 * tile[0] * tile[1] * columns * rows
        if difference < smallest or (difference == smallest and covers):
            best, smallest = (columns, rows), difference
    return best


def _best_resolution(size: SizeWh, pinpoints: Sequence[Sequence[int]]) -> tuple[int, int]:
    """Height and width of the fixed resolution that shows most of a picture and wastes least."""

    def shown(height: int, width: int) -> tuple[int, int]:
        scale = min(width / size[0], height / size[1])
        pixels = min(int(size[0] * scale) * int(size[1] * scale), size[0] * size[1])
        return pixels, pixels - width * height

    height, width = max(pinpoints, key=lambda each: shown(each[0], each[1]))
    return int(height), int(width)


def _unpadded(size: SizeWh, across: int, down: int) -> tuple[int, int]:
    """The grid of features without the rows or columns that are padding."""
    width, height = size
    if width / height > across / down:
        kept = int(round(height * (across / width), 7))
        return across, down - (down - kept) // 2 * 2
    kept = int(round(width * (down / height), 7))
    return across - (across - kept) // 2 * 2, down


def _longest_edge(size: SizeWh, longest: int) -> SizeWh:
    """The size with that longest edge; the other one even."""
    width, height = size
    if width >= height:
        other = int(longest / (width / height))
        return longest, max(other + other % 2, 1)
    other = int(longest * (width / height))
    return max(other + other % 2, 1), longest


def _edge(size: Settings) -> int:
    return int(size.get("shortest_edge") or min(size["height"], size["width"]))


def _side(size: Any) -> int:
    return int(size[0] if isinstance(size, list | tuple) else size)


_QWEN25 = {"patch_size": 14, "merge_size": 2, "min_pixels": 56 * 56, "max_pixels": 28 * 28 * 16384}
_QWEN3 = {"patch_size": 16, "merge_size": 2, "min_pixels": 256 * 256, "max_pixels": 4096 * 4096}
_GLM = {"patch_size": 14, "merge_size": 2, "frames": 2, "min_pixels": 112 * 112, "max_pixels": 28 * 28 * 15000}
_GRID_336 = [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]
_GRID_384 = [[384 * rows, 384 * columns] for rows in range(1, 7) for columns in range(1, 7)]
_SQUARES = "whole squares of merged patches"
_CROPS = "crops of one size and an overview"
_IDEFICS = {"size": {"longest_edge": 4 * 364}, "max_image_size": {"longest_edge": 364}}
_SMOLVLM = {"size": {"longest_edge": 4 * 384}, "max_image_size": {"longest_edge": 384}}
_LFM2 = {
    "encoder_patch_size": 16,
    "downsample_factor": 2,
    "min_image_tokens": 64,
    "max_image_tokens": 256,
    "min_tiles": 2,
    "max_tiles": 10,
    "tile_size": 512,
    "max_pixels_tolerance": 2.0,
}
_INTERNVL = {"size": {"height": 448, "width": 448}, "min_patches": 1, "max_patches": 12}
_LLAVA_NEXT = {"size": {"shortest_edge": 336}, "image_grid_pinpoints": _GRID_336}
_ONEVISION = {"size": {"height": 384, "width": 384}, "image_grid_pinpoints": _GRID_384}
_GEMMA4 = {"patch_size": 16, "pooling_kernel_size": 3, "max_soft_tokens": 280}
_TILES = "tiles of one size and an overview"
_BEST = "the best of fixed resolutions and an overview"

FORMULAS: Mapping[str, Formula] = {
    "qwen2_vl": Formula(in_squares, _SQUARES, _QWEN25),
    "qwen2_5_vl": Formula(in_squares, _SQUARES, _QWEN25),
    "qwen3_vl": Formula(in_squares, _SQUARES, _QWEN3),
    "qwen3_vl_moe": Formula(in_squares, _SQUARES, _QWEN3),
    "qwen3_5": Formula(in_squares, _SQUARES, _QWEN3),
    "qwen3_5_moe": Formula(in_squares, _SQUARES, _QWEN3),
    "qwen4_exp": Formula(in_squares, _SQUARES, _QWEN3),
    "glm4v": Formula(in_squares, _SQUARES, _GLM),
    "internvl": Formula(in_tiles, _TILES, _INTERNVL),
    "llava": Formula(every_patch, "one token for each patch"),
    "llava_next": Formula(in_pinpoints, _BEST, _LLAVA_NEXT),
    "llava_onevision": Formula(in_pinpoints, _BEST, _ONEVISION),
    "idefics3": Formula(in_crops, _CROPS, _IDEFICS),
    "smolvlm": Formula(in_crops, _CROPS, _SMOLVLM),
    "mistral3": Formula(in_rows, _SQUARES, {"size": {"longest_edge": 1540}}),
    "gemma3": Formula(fixed, "the same for every picture"),
    "gemma4": Formula(in_soft_tokens, "as large as the soft tokens allow", _GEMMA4),
    "lfm2_vl": Formula(in_lfm_tiles, "whole squares, or tiles and an overview", _LFM2),
}
