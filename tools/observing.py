"""From whatever a tool's function gives back to an `Observation`."""

from __future__ import annotations

import sys
import types
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

import numpy as np

from ..errors import ToolFailed
from ..jsonable import Json, canonical
from ..vision.image import Image
from ..vision.region import Region
from ..vision.store import ImageStore, session_store
from .calls import Observation
from .plain import NotJson, plain

Thing = TypeVar("Thing")

_MIX_DEPTH = 3
_DATA = (types.NoneType, str, bool, int, float, np.generic, list, tuple, dict)

SHOWN_CHARACTERS = 2000
"""How much of JSON data is repeated as text."""


def as_observation(value: object, *, tool: str, store: ImageStore | None = None) -> Observation:
    """Normalise what a tool gave back.

    Taken are an Observation, str, numbers, bool, None, a dict or list of JSON, a picture (lavr's, Pillow's, or an
    H x W x 3 RGB uint8 array), a Region, a list or tuple of those, and a mix such as `(text, image)`.

    Args:
        value: what the function returned.
        tool: the tool's name, for messages.
        store: where new pictures are kept; the store of this process when left out.

    Raises:
        ToolFailed: for anything else; the cause names its type.
        ImageError: for a picture that is refused, such as one of too many pixels.
    """
    return _well_formed(_observation(value, tool, store), tool)


def _observation(value: object, tool: str, store: ImageStore | None) -> Observation:
    if isinstance(value, Observation):
        return value
    if value is None:
        return Observation(text="Done; there is nothing to report.")
    if isinstance(value, str):
        return Observation(text=value)
    if isinstance(value, Region):
        return Observation(text=said_of_regions([value]), regions=(value,))
    picture = _picture(value, tool, store)
    if picture is not None:
        return Observation(text=said_of_images([picture]), images=(picture,))
    if isinstance(value, list | tuple) and _holds_more_than_data(value):
        return _mixed(value, tool, store)
    return _of_data(value, tool)


def said_of_regions(regions: Sequence[Region]) -> str:
    """A short line: how many, and of which labels."""
    counts = Counter(region.label for region in regions if region.label)
    labels = ", ".join(f"{count} {label}" if count > 1 else label for label, count in counts.most_common(8))
    return _counted(len(regions), "region") + (f": {labels}." if labels else ".")


def said_of_images(images: Sequence[Image]) -> str:
    """A short line: how many pictures, and their sizes."""
    sizes = ", ".join(f"{image.size_wh[0]} x {image.size_wh[1]}" for image in images[:8])
    return f"{_counted(len(images), 'picture')} ({sizes} pixels)."


def _well_formed(given: Observation, tool: str) -> Observation:
    """An observation whose fields hold what they should: a tool's author may have filled them with anything."""
    text: object = given.text
    regions, images = _all(given.regions, Region, "regions", tool), _all(given.images, Image, "images", tool)
    if not isinstance(text, str):
        raise ToolFailed(f"The tool {tool} gave back an Observation whose text is {_article(type(text).__name__)}.")
    try:
        data = plain(given.data)
    except NotJson as error:
        raise ToolFailed(f"The tool {tool} gave back an Observation whose data is no JSON: {error}") from error
    plain_regions = tuple(_plain_region(region, tool) for region in regions)
    notes = _all(given.notes, str, "notes", tool)
    return Observation(text, plain_regions, images, data, bool(given.untrusted), bool(given.marked), notes)


def _plain_region(region: Region, tool: str) -> Region:
    """The region with Python's own numbers and text instead of numpy's, and attributes that are JSON."""
    try:
        left, top, right, bottom = (float(value) for value in region.xyxy)
        outline = None if region.polygon is None else tuple((float(x), float(y)) for x, y in region.polygon)
        return replace(
            region,
            xyxy=(left, top, right, bottom),
            label=str(region.label),
            score=None if region.score is None else float(region.score),
            text=None if region.text is None else str(region.text),
            polygon=outline,
            attributes=_json_object(region.attributes),
        )
    except (TypeError, ValueError) as error:
        raise ToolFailed(f"The tool {tool} gave back a region that is none: {error}", tool=tool) from error


def _json_object(value: object) -> Mapping[str, Json]:
    copied = plain(value)
    if not isinstance(copied, Mapping):
        raise NotJson(f"its attributes are {_article(type(value).__name__)}, not a dict.")
    return copied


def _all(things: object, kind: type[Thing], noun: str, tool: str) -> tuple[Thing, ...]:
    wrong = (
        [things] if not isinstance(things, list | tuple) else [item for item in things if not isinstance(item, kind)]
    )
    if wrong:
        found = _article(type(wrong[0]).__name__)
        raise ToolFailed(f"The tool {tool} gave back an Observation with {found} among its {noun}.", tool=tool)
    return tuple(cast("Sequence[Thing]", things))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _holds_more_than_data(values: Sequence[object], depth: int = 0) -> bool:
    """Whether there are pictures, regions or the like among some values; quick also for millions of them."""
    kinds = set(map(type, values))
    if any(not issubclass(kind, _DATA) for kind in kinds):
        return True
    if depth == _MIX_DEPTH or kinds.isdisjoint({list, tuple}):
        return False
    return any(_holds_more_than_data(value, depth + 1) for value in values if isinstance(value, list | tuple))


def _mixed(values: Iterable[object], tool: str, store: ImageStore | None) -> Observation:
    """One observation of several things: texts joined, regions and pictures in order, data in a list if several."""
    parts = [_observation(value, tool, store) for value in values if value is not None]
    regions = [region for part in parts for region in part.regions]
    images = [image for part in parts for image in part.images]
    data = [part.data for part in parts if part.data is not None]
    said = [part.text for part in parts if part.text and not (part.regions or part.images)]
    if not said:
        said = ([said_of_regions(regions)] if regions else []) + ([said_of_images(images)] if images else [])
    return Observation(
        text="\n".join(said),
        regions=tuple(regions),
        images=tuple(images),
        data=data[0] if len(data) == 1 else (data or None),
        untrusted=any(part.untrusted for part in parts),
        marked=any(part.marked for part in parts),
        notes=tuple(note for part in parts for note in part.notes),
    )


def _of_data(value: object, tool: str) -> Observation:
    if isinstance(value, list | tuple) and not value:
        return Observation(text="Nothing was found.", data=[])
    try:
        data = plain(value)
    except NotJson as error:
        raise ToolFailed(
            f"The tool {tool} gave back {_article(type(value).__name__)}: {error}",
            remedy="Give back text, a number, a dict or list of JSON, a picture, regions or an Observation.",
            type=type(value).__name__,
        ) from error
    return Observation(text=_shown(data), data=data)


def _shown(data: Json) -> str:
    text = canonical(data) if not isinstance(data, str) else data
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]} ... (cut; all of it is in the data)"


def _article(noun: str) -> str:
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def _picture(value: object, tool: str, store: ImageStore | None) -> Image | None:
    """The picture that a value is, or None when it is none."""
    if isinstance(value, Image):
        return value
    made = None
    if isinstance(value, np.ndarray):
        made = _of_array(value, tool, store)
    elif _is_pillow(value):
        made = Image.open(value, store=store or session_store())
    return None if made is None else replace(made, name=f"made by {tool}")


def _of_array(array: np.ndarray[Any, Any], tool: str, store: ImageStore | None) -> Image:
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8 or 0 in array.shape:
        raise ToolFailed(
            f"The tool {tool} gave back an array of shape {array.shape} and type {array.dtype}, which is no picture.",
            remedy="Give back H x W x 3 RGB uint8 for a picture, or a list of numbers.",
            type="ndarray",
        )
    return Image.open(array, store=store or session_store())


def _is_pillow(value: object) -> bool:
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(value, pillow.Image)
