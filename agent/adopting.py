"""Bringing pictures from other stores into the agent's own, so that a digest in its state can always be read."""

from __future__ import annotations

from dataclasses import replace

from ..tools.calls import ToolResult
from ..vision.image import Image
from ..vision.store import ImageStore


def adopted(image: Image, store: ImageStore) -> Image:
    """The same picture, its pixels in `store`."""
    if image.store is store:
        return image
    if not store.path(image.digest).exists():
        store.put(image.pixels())
    return replace(image, store=store)


def adopted_result(came: ToolResult, store: ImageStore) -> ToolResult:
    """The same result, all its pictures in `store`."""
    seen = came.observation
    if seen is None:
        return came
    images = tuple(adopted(image, store) for image in seen.images)
    regions = tuple(replace(region, image=adopted(region.image, store)) for region in seen.regions)
    return replace(came, observation=replace(seen, images=images, regions=regions))
