"""Photographs whose contents are planted, and fake vision tools that look them up: detection, depth, editing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lavr.jsonable import Json
from lavr.tests.planners.world import SPECS, World, spec
from lavr.tools.calls import Observation
from lavr.tools.spec import ToolSpec
from lavr.vision.frame import IDENTITY, Xyxy
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.transforms import crop, rotate

COCO = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant",
    "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard",
    "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange", "broccoli",
    "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant", "bed", "dining table", "toilet",
    "tv", "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink",
    "refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip
"""What detectors trained on COCO find."""

_LABELS: Json = {"type": "array", "items": {"type": "string"}, "default": []}
_REGIONS: Json = {"type": "array", "items": {"type": "string", "format": "region"}, "default": None}
_REGION: Json = {"type": "string", "format": "region", "default": None}
_BOX: Json = {"type": "array", "format": "xyxy", "default": None}
_TEXT: Json = {"type": "string", "default": ""}

CLOSED = spec("detect", finds=COCO, labels=_LABELS)
OPEN = spec("detect", finds=("*",), labels=_LABELS)
EDITING = (
    spec("redact", regions=_REGIONS, box=_BOX, how=_TEXT),
    spec("cutout", region=_REGION, box=_BOX),
    spec("inpaint", regions=_REGIONS, box=_BOX),
    spec("highlight", regions=_REGIONS, box=_BOX),
    spec("rotate", degrees={"type": "number"}),
    spec("enhance", how=_TEXT),
)
SEGMENT = spec("segment", regions=_REGIONS, box=_BOX, label=_TEXT)
DEPTH = spec("depth", regions=_REGIONS)
SEARCH = spec("search", label=_TEXT)
READING = (spec("ocr", region=_REGION, box=_BOX, find=_TEXT), *(one for one in SPECS if one.name != "ocr"))
SEEING = (SEGMENT, DEPTH, SEARCH)


def scenery(size_wh: tuple[int, int] = (600, 400)) -> tuple[World, Image]:
    """A world with these tools, and an empty photograph in it."""
    world = World(more=RUN)
    return world, world.image(size_wh=size_wh)


def with_detector(detector: ToolSpec = CLOSED) -> Sequence[ToolSpec]:
    """Every tool, with that detector."""
    return (*READING, detector, *SEEING, *EDITING)


def _visible(world: World, image: Image, kept: Mapping[str, list[tuple[str, str, Xyxy]]]) -> list[Region]:
    """What is planted on the root of a picture, as far as it is seen on that picture."""
    roots = [world.scene.image(handle) for handle in kept]
    there = [
        Region(root, xyxy, label, attributes={"planted": color})
        for root in roots
        if root.lineage == image.lineage
        for label, color, xyxy in kept[root.handle]
    ]
    seen = (region.visible_on(image) for region in there)
    return [region for region in seen if region is not None]


def _detect(world: World, arguments: Mapping[str, Json]) -> Observation:
    labels = arguments.get("labels") or []
    assert isinstance(labels, list)
    found = _visible(world, world.given(arguments), world.shapes)
    return Observation("found", tuple(one for one in found if not labels or one.label in labels))


def _ocr(world: World, arguments: Mapping[str, Json]) -> Observation:
    rows = {handle: [(text, "", xyxy) for text, xyxy in lines] for handle, lines in world.lines.items()}
    image, find = world.given(arguments), str(arguments.get("find", ""))
    lines = [
        replace(one, label="line", text=one.label, score=0.9, attributes={"row": number})
        for number, one in enumerate(_visible(world, image, rows))
    ]
    if arguments.get("region"):
        place = world.scene.region(str(arguments["region"])).on(image).xyxy
        lines = [one for one in lines if Region(image, place).contains(one.center)]
    if find:
        return Observation("searched", tuple(hit for line in lines for hit in _hits(line, find)), untrusted=True)
    turned: Json = {"turned_degrees": 90 if world.codes.get("turned") else 0}
    return Observation("read", tuple(lines), data=turned, untrusted=True)


def _hits(line: Region, wanted: str) -> list[Region]:
    """Where a text stands on a line, all letters being equally wide."""
    text, low = line.text or "", wanted.casefold()
    at = text.casefold().find(low)
    if at < 0:
        return []
    left, top, right, bottom = line.xyxy
    wide = (right - left) / len(text)
    box = (left + at * wide, top, left + (at + len(low)) * wide, bottom)
    return [Region(line.image, box, "match", 1.0, text[at : at + len(low)])]


def _color(world: World, arguments: Mapping[str, Json]) -> Observation:
    """The planted colour of a region; grass and a little of it where its box is looked at."""
    handle = str(arguments.get("region") or "")
    if not handle and not arguments.get("box"):
        rows: list[Json] = [{"name": "green", "basic": "green", "share": 0.5}, {"name": "gray", "share": 0.5}]
        return Observation("colors", data={"colors": rows, "background": None})
    region = world.scene.region(handle) if handle else None
    box = arguments.get("box")
    image = world.given(arguments)
    planted = _visible(world, image, world.shapes)
    place = region.on(image).xyxy if region is not None else _pixels(box, image)
    best = max(planted, key=lambda one: one.iou(Region(image, place)), default=None)
    name = str(best.attributes["planted"]) if best is not None else "white"
    covers = 1.0 if region is None or region.mask is not None else 0.3
    colors: list[Json] = [{"name": "green", "basic": "green", "share": 1 - covers}] if covers < 1 else []
    return Observation("colors", data={"colors": [*colors, {"name": name, "share": covers}], "background": None})


def _pixels(box: Json, image: Image) -> Xyxy:
    assert isinstance(box, list)
    left, top, right, bottom = (float(str(edge)) for edge in box)
    width, height = image.size_wh
    return left * width, top * height, right * width, bottom * height


def _segment(world: World, arguments: Mapping[str, Json]) -> Observation:
    image = world.given(arguments)
    return Observation("outlined", tuple(_ellipse(world.scene.region(handle), image) for handle in _handles(arguments)))


def _handles(arguments: Mapping[str, Json]) -> list[str]:
    handles = arguments.get("regions") or []
    assert isinstance(handles, list)
    return [str(handle) for handle in handles]


def _ellipse(region: Region, image: Image) -> Region:
    left, top, right, bottom = region.on(image).xyxy
    y, x = np.mgrid[: image.size_wh[1], : image.size_wh[0]]
    (middle_x, middle_y), wide, high = region.on(image).center, max(right - left, 1), max(bottom - top, 1)
    inside = ((x - middle_x) / wide) ** 2 + ((y - middle_y) / high) ** 2 <= 0.25
    cut = Region.of_mask(image, Mask.of(inside), label=region.label, score=0.9)
    return replace(cut, attributes={"cut_from": region.handle})


def _depth(world: World, arguments: Mapping[str, Json]) -> Observation:
    """The lower on the picture, the nearer."""
    near = {handle: world.scene.region(handle).xyxy[3] / 400 for handle in _handles(arguments)}
    rows: list[Json] = [{"region": handle, "nearness": value} for handle, value in near.items()]
    return Observation("depth", data={"nearest_first": rows})


def _search(world: World, arguments: Mapping[str, Json]) -> Observation:
    image = world.given(arguments)
    hidden = _visible(world, image, {image.handle: world.hidden.get(image.handle, [])})
    return Observation("searched", tuple(one for one in hidden if one.label == arguments["label"]))


def _edited(world: World, arguments: Mapping[str, Json]) -> Observation:
    image = world.given(arguments)
    return Observation("edited", images=(image.derive(image.pixels() + 1, IDENTITY, "edited"),))


def _part(world: World, arguments: Mapping[str, Json]) -> Observation:
    image = world.given(arguments)
    if arguments.get("region"):
        return Observation("part", images=(crop(image, world.scene.region(str(arguments["region"])).on(image).xyxy),))
    return Observation("part", images=(crop(image, _pixels(arguments["box"], image)),))


def _rotated(world: World, arguments: Mapping[str, Json]) -> Observation:
    return Observation("turned", images=(rotate(world.given(arguments), float(str(arguments["degrees"]))),))


RUN: Mapping[str, Callable[[World, Mapping[str, Json]], Observation]] = {
    "detect": _detect,
    "ocr": _ocr,
    "color": _color,
    "segment": _segment,
    "depth": _depth,
    "search": _search,
    "redact": _edited,
    "inpaint": _edited,
    "highlight": _edited,
    "enhance": _edited,
    "zoom": _part,
    "cutout": _part,
    "rotate": _rotated,
}

__all__ = ["CLOSED", "COCO", "DEPTH", "EDITING", "OPEN", "READING", "SEARCH", "SEGMENT", "scenery", "with_detector"]
