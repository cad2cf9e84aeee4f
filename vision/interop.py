"""Regions to and from what others use: supervision, COCO, YOLO.

What a format cannot hold is lost on the way: supervision and COCO keep labels, scores, texts and masks; YOLO keeps
a class, a box or an outline, and a score if there is one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ..errors import InvalidRegion
from ..extras import need
from ..jsonable import Json, JsonObject
from . import boxes, polygons, rle
from .frame import Points, Xyxy
from .image import Image
from .mask import Mask
from .region import Region
from .regions import Regions

if TYPE_CHECKING:
    import supervision


def to_supervision(regions: Iterable[Region], image: Image) -> supervision.Detections:
    """The regions as `supervision.Detections` on one picture.

    Labels are `data["class_name"]`, numbered by first appearance; texts `data["text"]`; handles `data["handle"]`. A
    score of None is NaN. If any region has a mask, the others get one from their outline.

    Raises:
        MissingExtra: when supervision is not installed.
        UnknownLineage: for a region of another picture.
    """
    package = need("supervision", extra="supervision")
    placed = Regions(regions).on(image)
    numbers = {label: number for number, label in enumerate(placed.labels())}
    scores = [math.nan if region.score is None else region.score for region in placed]
    found: supervision.Detections = package.Detections(
        xyxy=placed.xyxy,
        mask=_dense(placed) if any(region.mask is not None for region in placed) else None,
        confidence=None if all(map(math.isnan, scores)) else np.array(scores),
        class_id=np.array([numbers[region.label] for region in placed], dtype=np.int64),
        data={
            "class_name": np.array([region.label for region in placed], dtype=np.str_),
            "text": np.array([region.text or "" for region in placed], dtype=np.str_),
            "handle": np.array([region.handle for region in placed], dtype=np.str_),
        },
    )
    return found


def from_supervision(
    detections: supervision.Detections, image: Image, *, classes: Sequence[str] | None = None
) -> Regions:
    """The regions of `supervision.Detections` that were found on a picture.

    Args:
        detections: boxes, and masks if there are any.
        image: the picture.
        classes: the label of each class number, where the detections carry no `class_name` themselves.
    """
    return Regions(_from_detection(detections, index, image, classes) for index in range(len(detections)))


def to_coco(regions: Iterable[Region], image: Image, *, image_id: int = 1) -> JsonObject:
    """A COCO data set of one picture: images, annotations (bbox as xywh, segmentation) and categories.

    A mask becomes uncompressed run lengths, an outline a polygon. Scores and texts are kept as `score` and `text`.
    """
    placed = Regions(regions).on(image)
    numbers = {label: number for number, label in enumerate(placed.labels(), start=1)}
    width, height = image.size_wh
    return {
        "images": [{"id": image_id, "width": width, "height": height, "file_name": image.name}],
        "annotations": [
            {"id": number, "image_id": image_id, "category_id": numbers[region.label], **_annotation(region)}
            for number, region in enumerate(placed, start=1)
        ],
        "categories": [{"id": number, "name": label} for label, number in numbers.items()],
    }


def from_coco(data: Mapping[str, Json], image: Image, *, image_id: int | None = None) -> Regions:
    """The annotations of one picture in a COCO data set.

    Args:
        data: a COCO data set; compressed and uncompressed run lengths are read.
        image: the picture they belong to.
        image_id: its number in the data set; all annotations are taken when it is None.

    Raises:
        InvalidRegion: for an annotation without a box of four numbers or with a segmentation that is none.
    """
    names = {entry["id"]: str(entry["name"]) for entry in _entries(data, "categories")}
    return Regions(
        _from_annotation(entry, image, names)
        for entry in _entries(data, "annotations")
        if image_id is None or entry.get("image_id") == image_id
    )


def to_yolo(regions: Iterable[Region], image: Image, classes: Sequence[str], *, outlines: bool = False) -> str:
    """YOLO label lines for one picture: `class cx cy w h`, as parts of its width and height.

    Args:
        regions: those outside the picture are left out, those half outside are clipped: the format demands it.
        image: the picture.
        classes: the labels in the order of their numbers.
        outlines: whether to write `class x1 y1 x2 y2 ...` instead (masks to half a pixel).

    Raises:
        InvalidRegion: for a label that is not among `classes`.
    """
    placed = Regions(regions).visible_on(image)
    return "".join(f"{_class_number(region, classes)} {_normalised(region, outlines)}\n" for region in placed)


def from_yolo(text: str, image: Image, classes: Sequence[str]) -> Regions:
    """The regions of YOLO label lines, boxes and outlines alike, with or without a score at the end.

    Raises:
        InvalidRegion: for a line that is none, with its number.
    """
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), start=1)]
    return Regions(_from_line(number, fields, image, classes) for number, fields in lines if fields)


def _dense(placed: Regions) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """N x H x W bools."""
    sheets = [
        polygons.fill(region.outline, region.image.size_wh) if region.mask is None else region.mask.array()
        for region in placed
    ]
    return np.stack(sheets)


def _from_detection(
    detections: supervision.Detections, index: int, image: Image, classes: Sequence[str] | None
) -> Region:
    data: Mapping[str, Any] = detections.data
    label = str(data["class_name"][index]) if "class_name" in data else ""
    if not label and "class_name" not in data and detections.class_id is not None:
        number = int(detections.class_id[index])
        label = classes[number] if classes is not None and 0 <= number < len(classes) else str(number)
    score = math.nan if detections.confidence is None else float(detections.confidence[index])
    left, top, right, bottom = (float(value) for value in detections.xyxy[index])
    return Region(
        image=image,
        xyxy=(left, top, right, bottom),
        label=label,
        score=None if math.isnan(score) else score,
        text=(str(data["text"][index]) or None) if "text" in data else None,
        mask=None if detections.mask is None else Mask.of(np.asarray(detections.mask[index], dtype=bool)),
        handle=str(data["handle"][index]) if "handle" in data else "",
    )


def _annotation(region: Region) -> JsonObject:
    xywh = boxes.xyxy_to_xywh(boxes.as_boxes([region.xyxy]))[0]
    annotation: JsonObject = {"bbox": [float(value) for value in xywh], "area": region.area, "iscrowd": 0}
    if region.mask is not None:
        annotation["segmentation"] = region.mask.to_json()
    elif region.polygon is not None:
        annotation["segmentation"] = [[value for point in region.polygon for value in point]]
        annotation["area"] = polygons.area(region.outline)
    if region.score is not None:
        annotation["score"] = region.score
    if region.text is not None:
        annotation["text"] = region.text
    return annotation


def _entries(data: Mapping[str, Json], key: str) -> Iterator[Mapping[str, Any]]:
    entries = data.get(key)
    if not isinstance(entries, list | tuple) or not all(isinstance(entry, Mapping) for entry in entries):
        raise InvalidRegion(f"This is no COCO data set: it has no list of {key}.", remedy=f"Give {key}: [...].")
    yield from (entry for entry in entries if isinstance(entry, Mapping))


def _from_annotation(entry: Mapping[str, Any], image: Image, names: Mapping[Any, str]) -> Region:
    xyxy = boxes.xywh_to_xyxy(boxes.as_boxes([entry.get("bbox", ())]))
    if len(xyxy) != 1:
        remedy = "Give bbox: [left, top, width, height]."
        raise InvalidRegion(f"Annotation {entry.get('id')} has no box.", remedy=remedy)
    left, top, right, bottom = (float(value) for value in xyxy[0])
    score, text = entry.get("score"), entry.get("text")
    polygon, mask = _segmentation(entry.get("segmentation"), image)
    return Region(
        image=image,
        xyxy=(left, top, right, bottom),
        label=names.get(entry.get("category_id"), str(entry.get("category_id", ""))),
        score=None if score is None else float(score),
        text=None if text is None else str(text),
        polygon=polygon,
        mask=mask,
    )


def _segmentation(value: Any, image: Image) -> tuple[tuple[tuple[float, float], ...] | None, Mask | None]:
    """COCO's segmentation as an outline or a mask; several outlines become one mask."""
    if not value:
        return None, None
    if isinstance(value, Mapping):
        return None, rle.read(value)
    if not isinstance(value, list | tuple) or not all(isinstance(flat, list | tuple) for flat in value):
        remedy = "Give [[x1, y1, x2, y2, ...], ...] or {size, counts}."
        raise InvalidRegion(f"A segmentation is outlines or run lengths, not {value!r}.", remedy=remedy)
    outlines = [polygons.as_polygon([flat[at : at + 2] for at in range(0, len(flat), 2)]) for flat in value]
    if len(outlines) == 1:
        return polygons.pairs(outlines[0]), None
    return None, Mask.of(np.logical_or.reduce([polygons.fill(outline, image.size_wh) for outline in outlines]))


def _class_number(region: Region, classes: Sequence[str]) -> int:
    if region.label not in classes:
        remedy = f"Add it to the classes: {', '.join(classes) or 'none yet'}."
        raise InvalidRegion(f"The label {region.label!r} has no class number.", remedy=remedy)
    return list(classes).index(region.label)


def _normalised(region: Region, outlines: bool) -> str:
    width, height = region.image.size_wh
    if outlines:
        values = (_trace(region) / (width, height)).ravel()
    else:
        values = boxes.xyxy_to_cxcywh(boxes.as_boxes([region.xyxy]))[0] / (width, height, width, height)
    return " ".join(f"{value:.8f}" for value in values)


def _trace(region: Region) -> Points:
    """The outline of a region; that of a mask runs through the centres of its outermost pixels."""
    if region.mask is None or region.polygon is not None:
        return region.outline
    found, _ = cv2.findContours(region.mask.array().astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    traces: list[Points] = [contour.reshape(-1, 2).astype(np.float64) + 0.5 for contour in found]
    largest = max(traces, key=polygons.area, default=region.outline)
    return largest if len(largest) >= 3 else region.outline


def _from_line(number: int, fields: Sequence[str], image: Image, classes: Sequence[str]) -> Region:
    try:
        index, values = int(fields[0]), [float(field) for field in fields[1:]]
    except ValueError:
        index, values = -1, []
    if not 0 <= index < len(classes) or len(values) < 4:
        remedy = f"Give `class cx cy w h` with a class below {len(classes)}, or `class x1 y1 x2 y2 x3 y3 ...`."
        raise InvalidRegion(f"Line {number} is no YOLO label: {' '.join(fields)[:60]!r}.", remedy=remedy)
    score = values.pop() if len(values) % 2 else None
    width, height = image.size_wh
    if len(values) > 4:
        points = np.array(values).reshape(-1, 2) * (width, height)
        return Region.of_polygon(image, points, label=classes[index], score=score)
    return Region(image, _pixels(values, image), classes[index], score)


def _pixels(cxcywh: Sequence[float], image: Image) -> Xyxy:
    width, height = image.size_wh
    scaled = boxes.as_boxes([cxcywh]) * (width, height, width, height)
    left, top, right, bottom = (float(value) for value in boxes.cxcywh_to_xyxy(scaled)[0])
    return (left, top, right, bottom)
