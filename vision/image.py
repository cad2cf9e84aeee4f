"""The image handle: who a picture is and where it comes from; its pixels live in the store."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..jsonable import Json, JsonObject
from .frame import IDENTITY, Frame, SizeWh, Xyxy
from .store import ImageStore, Pixels, default_store

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage


@dataclass(frozen=True, slots=True)
class Image:
    """An immutable picture: RGB, 8 bit, upright.

    Attributes:
        digest: SHA-256 of its pixels; the key into the store.
        size_wh: width and height in pixels.
        lineage: shared by all pictures cut, scaled or turned from one root.
        frame: maps its pixels to its root's pixels.
        stored: maps the root's pixels to those of the file as it was stored (they differ by the EXIF orientation).
        handle: its name in a session, such as `img_1`; empty until a session took it in.
        parent: the handle of the picture it was made from; empty for a root.
        name: what people call it: a file name, or how it was made ("crop of img_1").
        notes: what opening it changed that its reader should know, such as "16-bit values were scaled to 8 bit."
        store: where the pixels are.
    """

    digest: str
    size_wh: SizeWh
    lineage: str
    frame: Frame = IDENTITY
    stored: Frame = IDENTITY
    handle: str = ""
    parent: str = ""
    name: str = ""
    notes: tuple[str, ...] = ()
    store: ImageStore = field(default_factory=default_store, repr=False, compare=False)

    @classmethod
    def open(cls, source: object, *, allow_urls: bool = False, store: ImageStore | None = None) -> Image:
        """Open a picture and normalise it; see `lavr.vision.loading.open_image` for sources, limits and errors."""
        from .loading import open_image

        return open_image(source, allow_urls=allow_urls, store=store)

    @classmethod
    def of(
        cls,
        pixels: Pixels,
        *,
        name: str = "",
        stored: Frame = IDENTITY,
        notes: tuple[str, ...] = (),
        store: ImageStore | None = None,
    ) -> Image:
        """A new root from H x W x 3 RGB uint8 pixels that are known to be good."""
        kept = store if store is not None else default_store()
        digest = kept.put(pixels)
        height, width = pixels.shape[:2]
        return cls(digest, (width, height), uuid.uuid4().hex, stored=stored, name=name, notes=notes, store=kept)

    def derive(self, pixels: Pixels, frame: Frame, name: str) -> Image:
        """A picture made from this one: `frame` maps its pixels to mine."""
        digest = self.store.put(pixels)
        height, width = pixels.shape[:2]
        return replace(
            self,
            digest=digest,
            size_wh=(width, height),
            frame=frame.then(self.frame),
            handle="",
            parent=self.handle,
            name=name,
            notes=(),
        )

    @property
    def box(self) -> Xyxy:
        """The box of the whole picture."""
        return (0.0, 0.0, float(self.size_wh[0]), float(self.size_wh[1]))

    def pixels(self) -> Pixels:
        """H x W x 3, RGB, uint8, read-only."""
        return self.store.get(self.digest)

    def pil(self) -> PilImage:
        """A Pillow picture of its own."""
        import PIL.Image

        return PIL.Image.fromarray(self.pixels())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file; the suffix decides the format. Raises `UsageError` for a suffix that is none."""
        try:
            self.pil().save(path)
        except ValueError as error:
            raise UsageError(f"{os.fsdecode(path)!r} names no picture format.", remedy="End it in .png.") from error

    def to_json(self) -> JsonObject:
        """Everything but the pixels."""
        return {
            "digest": self.digest,
            "size_wh": list(self.size_wh),
            "lineage": self.lineage,
            "frame": self.frame.to_json(),
            "stored": self.stored.to_json(),
            "handle": self.handle,
            "parent": self.parent,
            "name": self.name,
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Json], store: ImageStore) -> Image:
        """The image that `to_json` described, its pixels in `store`. Raises `UsageError` when fields do not fit."""
        notes = data.get("notes", [])
        return cls(
            digest=_text(data, "digest"),
            size_wh=_size(data),
            lineage=_text(data, "lineage"),
            frame=Frame.from_json(data.get("frame")),
            stored=Frame.from_json(data.get("stored")),
            handle=_text(data, "handle"),
            parent=_text(data, "parent"),
            name=_text(data, "name"),
            notes=tuple(str(note) for note in notes) if isinstance(notes, list | tuple) else (),
            store=store,
        )


def _text(data: Mapping[str, Json], field_name: str) -> str:
    value = data.get(field_name)
    if not isinstance(value, str):
        raise UsageError(f"An image needs {field_name}: a text, not {value!r}.")
    return value


def _size(data: Mapping[str, Json]) -> SizeWh:
    size = data.get("size_wh")
    if not isinstance(size, list | tuple) or len(size) != 2:
        raise UsageError(f"An image needs size_wh: two whole numbers, not {size!r}.")
    width, height = size
    if not isinstance(width, int) or not isinstance(height, int) or min(width, height) < 1:
        raise UsageError(f"An image needs size_wh: two whole numbers above 0, not {size!r}.")
    return (width, height)
