"""Ready-made eyes: open ones at a bounded size, fixed ones that see an overview and tiles, and shut ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol, Self, TypeAlias, runtime_checkable

from ...errors import LimitReached, UsageError
from ...vision import transforms
from ...vision.frame import SizeWh
from ...vision.image import Image
from ...vision.units import CoordinateUnit
from .tiles import best_grid, tile_boxes
from .turns import Eyes, View

TokenCount: TypeAlias = Callable[[SizeWh], int]
"""Width and height in pixels -> visual tokens, as the processor of the model counts them."""

SizeRule: TypeAlias = Callable[[SizeWh], SizeWh]
"""Width and height of a picture -> width and height at which a processor feeds it to its model."""


def square_patches(side: int) -> TokenCount:
    """A count of one token for each square of `side` pixels, begun ones included."""
    return lambda size: math.ceil(size[0] / side) * math.ceil(size[1] / side)


CUSTOMARY_TOKENS = square_patches(28)
"""As Qwen2.5-VL counts; the count of eyes that were told no other."""

_STEP = 0.95
_SMALLEST = 1e-4


@runtime_checkable
class Bounded(Protocol):
    """Eyes that can be told to spend no more than so many visual tokens on one picture."""

    def within(self, tokens: int) -> Eyes:
        """The same eyes, seeing each picture as large as `tokens` visual tokens allow."""
        ...


@dataclass(frozen=True, slots=True)
class OpenEyes:
    """Eyes that see the whole picture, at its own size or smaller.

    Attributes:
        unit: the unit in which the model reads and writes boxes.
        tokens: counts the visual tokens of a picture that is fed at a size.
        max_pixels: more pixels than this are never shown; None for no bound.
        max_side: no longer side is ever shown; None for no bound.
        min_pixels: a picture of fewer is enlarged, as some processors do; 0 for no bound.
        multiple_of: both sides are rounded to multiples of it.
        max_aspect: longer strips are stretched until the sides are as 1 to this; None for no bound.
        max_tokens: a picture is shown as small as it must be to cost no more; None for no bound.
        processor: the processor's own rule, when it resizes pictures itself: it is handed the original then (or a
            smaller picture where a bound asks for one), and the size the model sees is what the rule says.
    """

    unit: CoordinateUnit = CoordinateUnit.PER_MILLE
    tokens: TokenCount = CUSTOMARY_TOKENS
    max_pixels: int | None = 1280 * 28 * 28
    max_side: int | None = None
    min_pixels: int = 0
    multiple_of: int = 1
    max_aspect: float | None = None
    max_tokens: int | None = None
    processor: SizeRule | None = None

    def within(self, tokens: int) -> Self:
        """The same eyes, seeing each picture as large as `tokens` visual tokens allow."""
        return replace(self, max_tokens=min(tokens, self.max_tokens or tokens))

    def shown_wh(self, image: Image) -> SizeWh:
        """The size at which the model sees it.

        Raises:
            LimitReached: when it costs more than `max_tokens` however small it is.
        """
        return self._seen(self._handed_wh(image))

    def views(self, image: Image) -> tuple[View, ...]:
        """The one view: the picture at the size at which it is handed over. Errors as for `shown_wh`."""
        handed = self._handed_wh(image)
        seen = self._seen(handed)
        return (View(resized(image, handed), seen, self.tokens(seen)),)

    def _seen(self, handed: SizeWh) -> SizeWh:
        return handed if self.processor is None else self.processor(handed)

    def _handed_wh(self, image: Image) -> SizeWh:
        if self.max_tokens is None:
            return self._bounded_wh(image.size_wh, 1.0)
        for factor in _factors():
            handed = self._bounded_wh(image.size_wh, factor)
            if self.tokens(self._seen(handed)) <= self.max_tokens:
                return handed
        raise too_small_a_budget(image, self.tokens(self._seen(handed)), self.max_tokens)

    def _bounded_wh(self, size: SizeWh, factor: float) -> SizeWh:
        width, height = self._widened(size)
        scale = min(1.0, self._most(width, height)) * factor
        if self.min_pixels and width * height * scale**2 < self.min_pixels:
            scale = max(scale, math.sqrt(self.min_pixels / (width * height)) * factor)
        return self._rounded(width * scale, height * scale)

    def _most(self, width: float, height: float) -> float:
        """The largest factor that both bounds allow."""
        pixels = math.inf if self.max_pixels is None else math.sqrt(self.max_pixels / (width * height))
        return pixels if self.max_side is None else min(pixels, self.max_side / max(width, height))

    def _widened(self, size: SizeWh) -> tuple[float, float]:
        least = 0.0 if self.max_aspect is None else max(size) / self.max_aspect
        return max(size[0], least), max(size[1], least)

    def _rounded(self, width: float, height: float) -> SizeWh:
        # Nearest, unless that steps over a bound: then down.
        unit = self.multiple_of
        near = max(unit, round(width / unit) * unit), max(unit, round(height / unit) * unit)
        if self._most(*near) >= 1.0:
            return near
        return max(unit, int(width / unit) * unit), max(unit, int(height / unit) * unit)


@dataclass(frozen=True, slots=True)
class TiledEyes:
    """Eyes of a small fixed input whose processor does not tile: an overview and, for large pictures, tiles.

    Attributes:
        unit: the unit in which the model reads and writes boxes, always on the whole picture.
        side: the encoder sees squares of this many pixels a side.
        view_tokens: visual tokens of one such square.
        max_tiles: no picture is cut into more.
    """

    unit: CoordinateUnit = CoordinateUnit.PER_MILLE
    side: int = 336
    view_tokens: int = 576
    max_tiles: int = 4

    def within(self, tokens: int) -> Self:
        """The same eyes with as few tiles as `tokens` visual tokens ask for.

        Raises:
            UsageError: when not even the overview fits.
        """
        if tokens < self.view_tokens:
            raise UsageError(
                f"An overview costs {self.view_tokens} visual tokens; {tokens} are allowed for a picture.",
                remedy=f"Raise `per_picture` of the visual budget to {self.view_tokens}.",
            )
        return replace(self, max_tiles=min(self.max_tiles, tokens // self.view_tokens - 1))

    def shown_wh(self, image: Image) -> SizeWh:  # noqa: ARG002 - every overview has one size
        """The size of the overview, on which boxes are read and written."""
        return (self.side, self.side)

    def views(self, image: Image) -> tuple[View, ...]:
        """The overview, then the tiles row by row; the overview alone when it loses nothing."""
        grid = best_grid(image.size_wh, self.side, self.max_tiles)
        parts = [transforms.crop(image, box) for box in tile_boxes(image.size_wh, grid)] if grid != (1, 1) else []
        size = (self.side, self.side)
        return tuple(View(resized(part, size), size, self.view_tokens) for part in (image, *parts))


@dataclass(frozen=True, slots=True)
class ShutEyes:
    """The eyes of a text-only model: it is told that there is a picture, and what its tools see."""

    unit: CoordinateUnit = CoordinateUnit.PER_MILLE

    def shown_wh(self, image: Image) -> SizeWh:
        """The picture's own size: there is no other."""
        return image.size_wh

    def views(self, image: Image) -> tuple[View, ...]:  # noqa: ARG002 - the eyes are shut
        """Nothing."""
        return ()


def bounded(eyes: Eyes, tokens: int | None) -> Eyes:
    """Eyes that spend at most `tokens` visual tokens on a picture.

    Raises:
        UsageError: for a bound on eyes that cannot be bounded.
    """
    if tokens is None:
        return eyes
    if isinstance(eyes, ShutEyes):
        return eyes
    if not isinstance(eyes, Bounded):
        raise UsageError(
            f"{type(eyes).__name__} cannot be told to see a picture with at most {tokens} visual tokens.",
            remedy="Give it a method `within(tokens) -> Eyes`, or leave `per_picture` out of the budget.",
        )
    return eyes.within(tokens)


def resized(image: Image, size_wh: SizeWh) -> Image:
    """The picture at a size; itself when it has that size."""
    return image if image.size_wh == size_wh else transforms.resize(image, size_wh)


def too_small_a_budget(image: Image, cost: int, allowed: int) -> LimitReached:
    """The error for a picture that costs too much however small it is shown."""
    name = image.handle or image.name or "a picture"
    return LimitReached(
        f"{name} costs {cost} visual tokens at the smallest size; {allowed} are allowed for a picture.",
        remedy=f"Raise `per_picture` of the visual budget to {cost}.",
        limit="visual_tokens",
    )


def _factors() -> Iterator[float]:
    factor = 1.0
    while factor > _SMALLEST:
        yield factor
        factor *= _STEP
