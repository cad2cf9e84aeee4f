"""Results by content: the same tool on the same pixels with the same arguments is not run twice."""

from __future__ import annotations

import re
import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any
from weakref import WeakKeyDictionary

from ..jsonable import Json, canonical, digest_of
from ..vision.image import Image
from ..vision.region import Region
from .calls import Observation
from .tool import Function, Tool

MEMORY_BYTES = 64 * 1024 * 1024
_functions: WeakKeyDictionary[Function, str] = WeakKeyDictionary()
_HANDLE = re.compile(r"\bimg_\d+\b")


@dataclass(frozen=True, slots=True)
class _Entry:
    """What was found, and the pictures of the call that asked first."""

    observation: Observation
    asked: tuple[Image, ...]
    size: int


class ResultCache:
    """Observations by (tool, version, recipe, pixels, arguments), the least recently used dropped first.

    What is given out is attached to the pictures of the call that asks now: their handles, frames and lineage, not
    those of the call that asked first. Safe to use from several threads.

    Args:
        memory_bytes: about how many bytes of text, regions and data are kept. Pictures are kept by the store.
    """

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, tool: Tool, arguments: Mapping[str, object]) -> Observation | None:
        """What is known about a call, or None."""
        asking = images_in(arguments)
        key = _key(tool, arguments, asking)
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
        if _mentions_other_handles(entry, asking):
            return None
        return _attached(entry.observation, entry.asked, asking)

    def put(self, tool: Tool, arguments: Mapping[str, object], observation: Observation) -> None:
        """Keep what a call gave."""
        asked = images_in(arguments)
        key = _key(tool, arguments, asked)
        entry = _Entry(observation, asked, _size(observation))
        with self._lock:
            self._drop(key)
            if entry.size > self._memory_bytes:
                return
            self._entries[key] = entry
            self._used += entry.size
            while self._used > self._memory_bytes:
                self._drop(next(iter(self._entries)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._used = 0

    def _drop(self, key: str) -> None:
        dropped = self._entries.pop(key, None)
        if dropped is not None:
            self._used -= dropped.size


def images_in(arguments: Mapping[str, object]) -> tuple[Image, ...]:
    """The pictures among the arguments, those that regions lie on included, each once, in order."""
    return tuple(dict.fromkeys(image for value in arguments.values() for image in _images(value)))


def _images(value: object) -> Iterator[Image]:
    if isinstance(value, Image):
        yield value
    elif isinstance(value, Region):
        yield value.image
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _images(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _images(item)


def _key(tool: Tool, arguments: Mapping[str, object], images: tuple[Image, ...]) -> str:
    plain = {name: _plain(arguments[name], images) for name in sorted(arguments)}
    return digest_of([tool.name, tool.version, _identity(tool), [_place(image, images) for image in images], plain])


def _identity(tool: Tool) -> Json:
    """What tells a tool from others: its recipe, or its very function where no recipe makes it again (a closure)."""
    if not tool.recipe.obstacle:
        return tool.recipe.to_json()
    return _functions.setdefault(tool.function, uuid.uuid4().hex)


def _place(image: Image, images: tuple[Image, ...]) -> Any:
    """A picture's pixels, and where it lies relative to the first one of its lineage: a tool may relate the two."""
    kin = next(number for number, other in enumerate(images) if other.lineage == image.lineage)
    path = image.frame.then(images[kin].frame.inverse())
    # What a perspective adds per pixel is small.
    return [image.digest, kin, [round(value, 6 if at < 6 else 12) for at, value in enumerate(path.to_json())]]


def _plain(value: object, images: tuple[Image, ...]) -> Any:
    """An argument as JSON that is equal for equal content. Regions keep their handles: marks show them."""
    if isinstance(value, Image):
        return {"image": images.index(value)}
    if isinstance(value, Region):
        return {"region": {**value.to_json(), "image": images.index(value.image)}}
    if isinstance(value, list | tuple):
        return [_plain(item, images) for item in value]
    if isinstance(value, dict):
        return {"dict": {key: _plain(item, images) for key, item in value.items()}}
    if isinstance(value, Enum) or not isinstance(value, str | int | float | bool | None):
        return {type(value).__name__: repr(value)}
    return value


def _size(observation: Observation) -> int:
    regions = [region.to_json() for region in observation.regions]
    return 1000 + len(observation.text) + len(canonical([regions, observation.data]))


def _mentions_other_handles(entry: _Entry, asking: tuple[Image, ...]) -> bool:
    """Whether the text names pictures that are called otherwise in the call that asks."""
    if [image.handle for image in entry.asked] == [image.handle for image in asking]:
        return False
    said = [entry.observation.text, canonical(entry.observation.data), *(i.name for i in entry.observation.images)]
    mine = {image.handle for image in entry.asked}
    return any(handle in mine for text in said for handle in _HANDLE.findall(text))


def _attached(observation: Observation, asked: tuple[Image, ...], asking: tuple[Image, ...]) -> Observation:
    """An observation made for some pictures, as if it had been made for others of the same pixels."""
    fresh: dict[str, str] = {}

    def moved(image: Image) -> Image:
        for before, now in zip(asked, asking, strict=True):
            if image == before:
                return now
        kin = [pair for pair in zip(asked, asking, strict=True) if pair[0].lineage == image.lineage]
        if not kin:
            return replace(image, lineage=fresh.setdefault(image.lineage, uuid.uuid4().hex))
        before, now = next((pair for pair in kin if pair[0].handle == image.parent), kin[0])
        path = image.frame.then(before.frame.inverse())
        parent = now.handle if image.parent == before.handle else image.parent
        return replace(image, frame=path.then(now.frame), lineage=now.lineage, stored=now.stored, parent=parent)

    return replace(
        observation,
        regions=tuple(replace(region, image=moved(region.image)) for region in observation.regions),
        images=tuple(moved(image) for image in observation.images),
    )
