"""Arguments and observations as plain JSON and back; pictures travel by digest through a store both sides open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...errors import ToolFailed
from ...vision.image import Image
from ...vision.mask import Mask
from ...vision.region import Region
from ...vision.store import ImageStore
from ..calls import Observation

MAX_TEXT = 200_000
"""Characters of text that travel; the runner cuts far below that and says so."""


class Packer:
    """Packs values; every picture once, its pixels made sure of in the store."""

    def __init__(self, store: ImageStore) -> None:
        self.store = store
        self.images: list[Image] = []

    def arguments(self, arguments: Mapping[str, object]) -> dict[str, Any]:
        """The arguments of a call."""
        packed = {name: self.value(value) for name, value in arguments.items()}
        return {"arguments": packed, "images": self._listed()}

    def observation(self, observation: Observation) -> dict[str, Any]:
        """What a tool gave back."""
        regions = [self._region(region) for region in observation.regions]
        shown = [self._image(image) for image in observation.images]
        return {
            "text": observation.text[:MAX_TEXT],
            "regions": regions,
            "shown": shown,
            "data": observation.data,
            "untrusted": observation.untrusted,
            "marked": observation.marked,
            "notes": list(observation.notes),
            "images": self._listed(),
        }

    def value(self, value: object) -> Any:
        """One argument: JSON as it is, everything else under a key that says what it is."""
        if value is None or (isinstance(value, str | bool | int | float) and type(value) in {str, bool, int, float}):
            return value
        if isinstance(value, Image):
            return {"image": self._image(value)}
        if isinstance(value, Region):
            return {"region": self._region(value)}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, tuple):
            return {"tuple": [self.value(item) for item in value]}
        if isinstance(value, dict):
            return {"dict": {key: self.value(item) for key, item in value.items()}}
        from pydantic_core import to_jsonable_python

        return {"json": to_jsonable_python(value)}

    def _image(self, image: Image) -> int:
        if image in self.images:
            return self.images.index(image)
        if image.store.folder != self.store.folder and not self.store.path(image.digest).is_file():
            self.store.put(image.pixels())
        self.images.append(image)
        return len(self.images) - 1

    def _region(self, region: Region) -> dict[str, Any]:
        packed = {**region.to_json(), "image": self._image(region.image)}
        if region.text is not None:
            packed["text"] = region.text[:MAX_TEXT]
        return packed

    def _listed(self) -> list[Any]:
        return [image.to_json() for image in self.images]


class Unpacker:
    """Unpacks what a `Packer` packed."""

    def __init__(self, store: ImageStore, images: Sequence[Mapping[str, Any]]) -> None:
        self.images = [Image.from_json(image, store) for image in images]

    def arguments(self, packed: Mapping[str, Any]) -> dict[str, object]:
        """The arguments of a call."""
        return {name: self.value(value) for name, value in packed.items()}

    def observation(self, packed: Mapping[str, Any]) -> Observation:
        """What a tool gave back."""
        return Observation(
            text=str(packed["text"]),
            regions=tuple(self._region(region) for region in packed["regions"]),
            images=tuple(self.images[index] for index in packed["shown"]),
            data=packed["data"],
            untrusted=bool(packed["untrusted"]),
            marked=bool(packed["marked"]),
            notes=tuple(packed["notes"]),
        )

    def value(self, packed: Any) -> object:
        """One argument."""
        if isinstance(packed, list):
            return [self.value(item) for item in packed]
        if not isinstance(packed, dict):
            return packed
        ((kind, inner),) = packed.items()
        if kind == "image":
            return self.images[inner]
        if kind == "region":
            return self._region(inner)
        if kind == "tuple":
            return tuple(self.value(item) for item in inner)
        if kind == "dict":
            return {key: self.value(item) for key, item in inner.items()}
        return inner

    def _region(self, packed: Mapping[str, Any]) -> Region:
        mask, polygon = packed.get("mask"), packed.get("polygon")
        left, top, right, bottom = packed["xyxy"]
        region = Region(
            image=self.images[packed["image"]],
            xyxy=(left, top, right, bottom),
            label=packed.get("label", ""),
            score=packed.get("score"),
            text=packed.get("text"),
            polygon=None if polygon is None else tuple((x, y) for x, y in polygon),
            attributes=packed.get("attributes", {}),
            handle=packed["handle"],
        )
        if mask is None:
            return region
        height, width = mask["size"]
        return replace(region, mask=Mask((width, height), tuple(mask["counts"])))


def unpack_observation(packed: Mapping[str, Any], store: ImageStore, tool: str) -> Observation:
    """An observation that another process packed.

    Raises:
        ToolFailed: when it is none.
    """
    try:
        return Unpacker(store, packed["images"]).observation(packed)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ToolFailed(f"What the process of {tool} sent is no observation: {error!r}.", tool=tool) from error
