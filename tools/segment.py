"""Cut things out of a picture: their masks, from places, points or a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import InvalidArguments, MissingModel
from ..jsonable import Json
from ..vision.image import Image
from ..vision.region import Region
from .calls import Observation
from .labels import TAKEN_AS, taken_as, taken_note
from .models.segmenters.choose import backend_for, segmenter
from .models.segmenters.prompts import Cut, Prompt, Segmenter
from .tool import Box, Point, Tool, tool, tool_factory

MOST = 100
"""Things of one call."""

_LIMITS = {
    "grabcut": "It goes by colour alone: what is coloured like its surroundings, or has many colours, is cut wrongly.",
    "model": "What is small on a large picture is cut coarsely: zoom first, and cut it out of the enlarged part.",
}
_NO_DETECTOR = " A label alone finds nothing here: no detector is configured."


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One thing to cut out: where it is, what it is called, and the handle of the region that shows it, if one does."""

    prompt: Prompt
    label: str
    source: str = ""


@tool_factory
def segment_tool(
    *, weights: str = "", backend: str = "", detector: Tool | None = None, host: str = "", timeout_s: float = 300.0
) -> Tool:
    """The tool `segment`, configured.

    Args:
        weights: a name that lavr knows ("sam-vit-b", "sam2.1-tiny": both Apache-2.0), the path of a checkpoint of
            segment-anything, an id of the hub or a model folder of transformers (SAM, SAM-HQ, SAM 2). Without any,
            GrabCut cuts, which needs no model.
        backend: "grabcut", "segment-anything" or "transformers"; told from the weights when left out.
        detector: a tool that finds things by `labels`, for calls with nothing but a label.
        host: where it runs; in a worker when left out, but inline when neither it nor the detector is a model.
        timeout_s: seconds a call may take.

    Raises:
        UsageError: for a backend that there is not.
    """
    has_model = backend_for(weights, backend) != "grabcut"
    model = segmenter(weights, backend)

    @tool(
        name="segment",
        host=host or ("worker" if has_model or detector else "inline"),
        timeout_s=timeout_s,
        version="1",
        avoid="Finding or counting things: a box is enough. Cropping: `zoom` does.",
        limits=_LIMITS["model" if has_model else "grabcut"] + ("" if detector else _NO_DETECTOR),
        example={"image": "img_1", "regions": ["r1", "r2"]},
    )
    def segment(
        image: Image,
        region: Region | None = None,
        box: Box | None = None,
        regions: list[Region] = [],  # noqa: B006 - never changed
        points: list[Point] = [],  # noqa: B006 - never changed
        outside: list[Point] = [],  # noqa: B006 - never changed
        label: str = "",
    ) -> Observation:
        """Cut things out of a picture exactly: a mask for each region, box or point, or for all that a word names.

        Args:
            image: the picture.
            region: the place of one thing.
            box: a box around one thing.
            regions: the places of several things.
            points: a point on each thing; with a region or a box, points on the one thing there.
            outside: points that do not belong to the thing.
            label: what to look for and cut out; with a place or a point, what the thing there is called.
        """
        places = [*([] if region is None else [region]), *regions]
        if not places and box is None and not points:
            if not label.strip():
                raise InvalidArguments(
                    "Nothing says what to cut out.", remedy="Give a region, a box, points or a label."
                )
            return _cut_by_name(model, detector, image, label.strip(), outside)
        return _cut(model, image, _wanted(image, places, box, points, outside, label.strip()))

    return segment


def _cut_by_name(
    model: Segmenter, detector: Tool | None, image: Image, label: str, outside: Sequence[Point]
) -> Observation:
    """The masks of what a detector finds by a label."""
    found = _found(detector, image, label)
    if not found.regions:
        return Observation(text=f"There is nothing to cut out. {found.text}", data={"things": []})
    wanted = _wanted(image, _by_their_names(found, label), None, (), outside, "")
    return _noted(_cut(model, image, wanted), found, label)


def _found(detector: Tool | None, image: Image, label: str) -> Observation:
    if detector is None:
        raise MissingModel(
            f"segment has no detector that could look for {label!r}.",
            remedy="Give a region, a box or points; or configure one: segment_tool(detector=detect_tool(weights=...)).",
        )
    return detector.observe(image=image, labels=[label])


def _by_their_names(found: Observation, asked: str) -> list[Region]:
    """What a detector found keeps the name that it gave: that may be broader than what was asked for."""
    return [each if each.label else replace(each, label=asked) for each in found.regions]


def _noted(seen: Observation, found: Observation, asked: str) -> Observation:
    """With a note on what was cut out in place of what was asked for, where it was something broader."""
    classes = taken_as(found.data, asked)
    if not classes or not isinstance(seen.data, Mapping):
        return seen
    data: Json = {**seen.data, TAKEN_AS: list(classes)}
    return replace(seen, text=f"{seen.text} {taken_note(asked, classes)}", data=data)


def _wanted(
    image: Image,
    places: Sequence[Region],
    box: Box | None,
    points: Sequence[Point],
    outside: Sequence[Point],
    label: str,
) -> list[_Wanted]:
    """The things of a call, in its order: regions, the box, single points."""
    on, off = tuple(points), tuple(outside)
    if len(places) + (box is not None) > 1 and (on or off):
        raise InvalidArguments(
            "Points lie on one thing, but several places are given.", remedy="Give one of the places."
        )
    if not places and box is None:
        wanted = [_Wanted(Prompt(None, (point,), off), label or "thing") for point in on]
    else:
        wanted = [_pointed_out(each.on(image).clipped(), on, off, label) for each in places]
        wanted += [] if box is None else [_Wanted(Prompt(box, on, off), label or "thing")]
    if len(wanted) > MOST:
        raise InvalidArguments(f"{len(wanted)} things are too many at once.", remedy=f"Give {MOST} or fewer.")
    return wanted


def _pointed_out(place: Region, on: tuple[Point, ...], off: tuple[Point, ...], label: str) -> _Wanted:
    """What is at a place: a thing of about its size, or, where somebody clicked, whatever is under the point."""
    if place.is_point:
        return _Wanted(Prompt(None, (place.center, *on), off), label or "thing", place.handle)
    return _Wanted(Prompt(place.xyxy, on, off), label or place.label or "thing", place.handle)


def _cut(model: Segmenter, image: Image, wanted: Sequence[_Wanted]) -> Observation:
    """The masks of things."""
    cuts = model.cut(image, [each.prompt for each in wanted])
    pairs = list(zip(wanted, cuts, strict=True))
    regions = tuple(_region(image, each, cut) for each, cut in pairs if cut.mask.area)
    missed = [each.source or each.label for each, cut in pairs if not cut.mask.area]
    told = [_told(region, image) for region in regions]
    text = f"Cut out by {model.method}: {'; '.join(told)}." if told else f"Nothing was cut out by {model.method}."
    if missed:
        text += f" Nothing stands out from its surroundings for {', '.join(missed)}."
    things: list[Json] = [_summary(region, image) for region in regions]
    data: Json = {"method": model.method, "things": things, "missed": list(missed)}
    return Observation(text, regions, data=data, marked=bool(regions))


def _region(image: Image, wanted: _Wanted, cut: Cut) -> Region:
    score = None if cut.score is None else round(cut.score, 4)
    region = Region.of_mask(image, cut.mask, label=wanted.label, score=score, outlined=True)
    return replace(region, attributes={"cut_from": wanted.source}) if wanted.source else region


def _told(region: Region, image: Image) -> str:
    source = region.attributes.get("cut_from")
    fit = "" if region.score is None else f", fit {region.score:.2f} by its own guess"
    share = f"{region.area / _area(image):.1%} of the picture ({region.area:.0f} pixels)"
    return f"{region.label}{f' from {source}' if source else ''}, {share}{fit}"


def _summary(region: Region, image: Image) -> Json:
    return {
        "label": region.label,
        "pixels": int(region.area),
        "share": round(region.area / _area(image), 6),
        "score": region.score,
    }


def _area(image: Image) -> int:
    return image.size_wh[0] * image.size_wh[1]
