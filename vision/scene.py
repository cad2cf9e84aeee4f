"""The live handles of a session: which `img_3` and which `r7` there are."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Reversible
from dataclasses import replace

from ..errors import UnknownHandle
from .image import Image
from .region import Region
from .store import ImageStore, default_store

SHOWN_HANDLES = 40


class Scene:
    """Allots handles to images (`img_1`, `img_2` ...) and regions (`r1`, `r2` ...), never twice, and finds them again.

    Safe to use from several threads.
    """

    def __init__(self, store: ImageStore | None = None) -> None:
        self.store = store or default_store()
        self._images: dict[str, Image] = {}
        self._regions: dict[str, Region] = {}
        self._lock = threading.Lock()

    @classmethod
    def restored(cls, images: Iterable[Image], regions: Iterable[Region], store: ImageStore | None = None) -> Scene:
        """A scene of images and regions that have their handles already; it goes on counting behind them."""
        scene = cls(store)
        scene._images = {image.handle: image for image in sorted(images, key=lambda image: _number(image.handle))}
        scene._regions = {
            region.handle: region for region in sorted(regions, key=lambda region: _number(region.handle))
        }
        return scene

    @property
    def images(self) -> tuple[Image, ...]:
        """All images, oldest first."""
        with self._lock:
            return tuple(self._images.values())

    @property
    def regions(self) -> tuple[Region, ...]:
        """All regions, oldest first."""
        with self._lock:
            return tuple(self._regions.values())

    def add_image(self, image: Image) -> Image:
        """Take an image in under a new handle. One that is here already is given back as it is."""
        with self._lock:
            known = self._images.get(image.handle)
            if known is not None and known.digest == image.digest and known.lineage == image.lineage:
                return known
            taken = replace(image, handle=f"img_{_next(self._images)}")
            self._images[taken.handle] = taken
            return taken

    def add_region(self, region: Region) -> Region:
        """Take a region in under a new handle. One that is here already is given back as it is."""
        with self._lock:
            known = self._regions.get(region.handle)
            if known is not None and known == region:
                return known
            taken = replace(region, handle=f"r{_next(self._regions)}")
            self._regions[taken.handle] = taken
            return taken

    def image(self, handle: str) -> Image:
        """The image of a handle. Raises `UnknownHandle`, which lists the live ones."""
        found = self._images.get(handle)
        if found is None:
            raise self._unknown("image", handle, self._images)
        return found

    def region(self, handle: str) -> Region:
        """The region of a handle. Raises `UnknownHandle`, which lists the live ones."""
        found = self._regions.get(handle)
        if found is None:
            raise self._unknown("region", handle, self._regions)
        return found

    def _unknown(self, kind: str, handle: str, live: Iterable[str]) -> UnknownHandle:
        handles = list(live)
        shown = ", ".join(handles[-SHOWN_HANDLES:]) or "none yet"
        more = f" (the last {SHOWN_HANDLES} of {len(handles)})" if len(handles) > SHOWN_HANDLES else ""
        remedy = f"Live {kind} handles: {shown}{more}."
        return UnknownHandle(f"There is no {kind} {handle!r}.", remedy=remedy, handle=handle)


def _number(handle: str) -> int:
    """3 of `img_3` and of `r3`."""
    return int("".join(filter(str.isdigit, handle)) or 0)


def _next(handles: Reversible[str]) -> int:
    """The number of the next handle. Handles are allotted in order, so the newest comes last."""
    return _number(next(reversed(handles), "")) + 1
