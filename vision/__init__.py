"""What is seen: pictures and their lineage, regions, coordinates, drawing, the store.

Everything here is loaded when it is first used: importing `lavr.vision` loads neither OpenCV nor numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .drawing import Drawing, draw_marks, highlight
    from .frame import Frame
    from .image import Image
    from .interop import from_coco, from_supervision, from_yolo, to_coco, to_supervision, to_yolo
    from .mask import Mask
    from .orientation import exif_frame
    from .reading import reading_order, rows, skew
    from .region import Region
    from .regions import Regions
    from .scene import Scene
    from .store import ImageStore
    from .transforms import crop, fitted, flip, pad, resize, rotate, scaled
    from .units import CoordinateUnit

__all__ = [
    "CoordinateUnit",
    "Drawing",
    "Frame",
    "Image",
    "ImageStore",
    "Mask",
    "Region",
    "Regions",
    "Scene",
    "crop",
    "draw_marks",
    "exif_frame",
    "fitted",
    "flip",
    "from_coco",
    "from_supervision",
    "from_yolo",
    "highlight",
    "pad",
    "reading_order",
    "resize",
    "rotate",
    "rows",
    "scaled",
    "skew",
    "to_coco",
    "to_supervision",
    "to_yolo",
]

_HOMES = {
    "CoordinateUnit": "units",
    "Drawing": "drawing",
    "Frame": "frame",
    "Image": "image",
    "ImageStore": "store",
    "Mask": "mask",
    "Region": "region",
    "Regions": "regions",
    "Scene": "scene",
    "crop": "transforms",
    "draw_marks": "drawing",
    "exif_frame": "orientation",
    "fitted": "transforms",
    "flip": "transforms",
    "from_coco": "interop",
    "from_supervision": "interop",
    "from_yolo": "interop",
    "highlight": "drawing",
    "pad": "transforms",
    "reading_order": "reading",
    "resize": "transforms",
    "rotate": "transforms",
    "rows": "reading",
    "scaled": "transforms",
    "skew": "reading",
    "to_coco": "interop",
    "to_supervision": "interop",
    "to_yolo": "interop",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
