"""Tell what is nearer on a picture, and show its depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from ..errors import InvalidRegion
from ..jsonable import Json
from ..vision.drawing import draw_marks
from ..vision.image import Image
from ..vision.region import Region
from ..vision.transforms import fitted
from .calls import Observation
from .depthmap import Depth, DepthMap
from .models.depths import DepthModel, depth_model
from .models.pool import PooledModel, shared_pool
from .tool import Tool, tool, tool_factory

LONGEST = 1024
"""Pixels. Depth is given at no larger a size: models see pictures of half of it."""

RECENT = 8
"""Pictures whose depth is remembered in this process: what is asked next is often about the same one."""

SAME = 0.03
"""Nearness, 0 to 1. Two places that differ by less are told to be about as near."""

LISTED = 30
"""Of more regions than this only the nearest are named."""

_PARTS = ("top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right")


@dataclass(frozen=True, slots=True)
class Placed:
    """A region, what it is called, and its depth."""

    name: str
    region: Region
    depth: Depth

    def __str__(self) -> str:
        near, metres = self.depth.nearness, self.depth.metres
        value = f"{near:.2f}" if metres is None else f"about {metres:.2g} m"
        return f"{self.name} {self.region.label}".rstrip() + f" ({value})"

    def to_json(self) -> dict[str, Json]:
        """Name, label and depth."""
        metres = self.depth.metres
        return {
            "region": self.name,
            "label": self.region.label,
            "nearness": round(self.depth.nearness, 4),
            "metres": None if metres is None else round(metres, 3),
        }


@tool_factory
def depth_tool(
    *,
    weights: str = "depth-anything-v2-small",
    values: Literal["auto", "nearness", "metres"] = "auto",
    host: str = "worker",
    timeout_s: float = 120.0,
) -> Tool:
    """The tool `depth`, configured.

    Args:
        weights: a depth model of transformers (Depth Anything, DPT, ZoeDepth, Depth Pro ...): a name that lavr knows,
            an id of the Hugging Face hub, or a folder.
        values: what the model gives for each pixel: "metres", or "nearness" for a number that grows as things come
            nearer; "auto" for what is known of its kind.
        host: where it runs.
        timeout_s: seconds a call may take.
    """
    model = depth_model(weights, values)

    @tool(
        name="depth",
        host=host,
        timeout_s=timeout_s,
        version="1",
        avoid="Distances across the picture: `measure` tells them. Telling which thing is larger.",
        limits="A guess from one picture: mirrors, glass, screens and pictures on walls mislead it. A box also holds "
        "what lies behind the thing: regions with masks are surer.",
        example={"image": "img_1", "regions": ["r1", "r2"]},
    )
    def depth(image: Image, regions: list[Region] | None = None) -> Observation:
        """Tell which of some regions is nearer to the camera, and show the depth of a picture: bright is near.

        Args:
            image: the picture.
            regions: what to compare, on any picture of the same origin; without them, only the whole is told.
        """
        seen = _depth_of(model, image, str(image.store.folder))
        placed, left_out = _placed(seen, regions or [])
        if regions and not placed:
            raise InvalidRegion("The regions lie outside the picture.", remedy="Give regions that lie on it.")
        text = _compared(placed, left_out) if placed else _overview(seen)
        picture = seen.shown()
        marked = draw_marks(picture, regions, masks=False).image if regions else picture
        data = _summary(weights, seen, placed, left_out)
        return Observation(text=f"{text} {_legend(seen)}", images=(marked,), data=data)

    return depth


@lru_cache(RECENT)
def _depth_of(model: PooledModel[DepthModel], image: Image, _store: str) -> DepthMap:
    """The depth of a picture in its store: what is made of it belongs there, and equal pictures may be in others."""
    base = fitted(image, LONGEST)

    def measured(loaded: DepthModel) -> DepthMap:
        values = loaded.measure(image, base.size_wh)
        return DepthMap.of(base, values, metric=loaded.values == "metres")

    return shared_pool().run(model, measured)


def _placed(seen: DepthMap, regions: Sequence[Region]) -> tuple[list[Placed], list[str]]:
    """The regions with their depth, the nearest first, and the names of those that lie outside the picture."""
    placed, left_out = [], []
    for number, region in enumerate(regions, start=1):
        depth, name = seen.of_region(region), region.handle or str(number)
        if depth is None:
            left_out.append(name)
        else:
            placed.append(Placed(name, region, depth))
    return sorted(placed, key=lambda each: -each.depth.nearness), left_out


def _compared(placed: Sequence[Placed], left_out: Sequence[str]) -> str:
    """The regions in order, such as: Nearest first: r2 cup (0.91); r1 (0.40) and about as near r3 (0.39)."""
    parts = [str(placed[0])]
    for before, each in pairwise(placed[:LISTED]):
        between = " and about as near " if before.depth.nearness - each.depth.nearness < SAME else "; "
        parts.append(f"{between}{each}")
    more = f"; and {len(placed) - LISTED} more" if len(placed) > LISTED else ""
    outside = f" Outside the picture: {', '.join(left_out)}." if left_out else ""
    return f"Nearest first: {''.join(parts)}{more}.{outside}"


def _overview(seen: DepthMap) -> str:
    """Where the nearest and the farthest parts are."""
    if seen.is_flat:
        return "No part of the picture is nearer than another."
    cells = seen.cells()
    return f"The nearest part is at the {_PARTS[cells.argmax()]}, the farthest at the {_PARTS[cells.argmin()]}."


def _legend(seen: DepthMap) -> str:
    if seen.metres is None:
        return "Bright is near, from 0 (the farthest part of the picture) to 1; this model knows no metres."
    return f"Bright is near; all lies between about {seen.metres.min():.2g} and {seen.metres.max():.2g} m."


def _summary(weights: str, seen: DepthMap, placed: Sequence[Placed], left_out: Sequence[str]) -> Json:
    return {
        "weights": weights,
        "metric": seen.metres is not None,
        "nearest_first": [each.to_json() for each in placed],
        "left_out": list(left_out),
        "nearness_of_parts": [[round(float(part), 4) for part in row] for row in seen.cells()],
    }
