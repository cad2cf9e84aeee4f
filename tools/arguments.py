"""From the JSON that a planner wrote to the objects a tool takes; every problem of a call is told at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from ..errors import InvalidArguments, UnknownHandle
from ..jsonable import Json
from ..vision.frame import Xyxy
from ..vision.image import Image
from ..vision.region import Region
from ..vision.scene import Scene
from .tool import Tool

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Found = TypeVar("Found")

SLACK = 0.01
"""How far (in pixels) a box may reach beyond its picture before it is worth a note: rounding is not."""

SHOWN_CHARACTERS = 80
_BRANCHES = {"str", "int", "float", "bool", "none", "list", "tuple", "dict", "enum", "literal"}


class ReadBox(Protocol):
    """Reads a box as a planner wrote it: its unit -> pixels of the image."""

    def __call__(self, image: Image, xyxy: Xyxy, /) -> Xyxy:
        """The box in pixels of the image; it may reach beyond it."""
        ...


@dataclass(frozen=True, slots=True)
class Bound:
    """Arguments that fit.

    Attributes:
        arguments: what the tool's function is called with; what was left out stays out.
        notes: what was put right and the planner should know.
    """

    arguments: dict[str, object]
    notes: tuple[str, ...] = ()


def in_pixels(image: Image, xyxy: Xyxy, /) -> Xyxy:
    """The reading of boxes that are in pixels of the image already."""
    del image
    return xyxy


def bind(tool: Tool, arguments: Mapping[str, Json], scene: Scene, *, read_box: ReadBox = in_pixels) -> Bound:
    """Check the arguments of a call and turn handles, boxes and points into objects and pixels.

    Small slips are forgiven: a number written as text, one handle where a list is asked, a word in another case, null
    for something that may be left out. Boxes are clipped to their picture, with a note. Nothing is guessed.

    Raises:
        UnknownHandle: when nothing is wrong but handles that are not there; the remedy lists the live ones.
        InvalidArguments: for everything else, one line for each problem.
    """
    from pydantic import ValidationError

    reader = _SceneReader(tool, arguments, scene, read_box)
    given, notes = _without_nulls(tool, arguments)
    unknown = [name for name in given if name not in tool.parameters.names]
    known = {name: value for name, value in given.items() if name not in unknown}
    problems = [_unknown_argument(tool, name) for name in unknown]
    bound: dict[str, object] = {}
    try:
        bound = tool.parameters.read(known, reader)
    except ValidationError as error:
        details = error.errors(include_url=False)
        if not problems and all(detail["type"] == UnknownHandle.code for detail in details):
            raise _unknown_handles(tool, reader.unknown) from error
        problems.extend(_problems(tool, details))
    if problems:
        raise InvalidArguments("\n".join(problems), remedy=_usage(tool), tool=tool.name, problems=problems)
    return Bound(bound, tuple(dict.fromkeys([*notes, *reader.notes])))


class _SceneReader:
    """Reads handles from a scene, and boxes on the picture that the call names."""

    def __init__(self, tool: Tool, arguments: Mapping[str, Json], scene: Scene, read_box: ReadBox) -> None:
        self.scene = scene
        self.read_box = read_box
        self.parameter = tool.parameters.picture
        self.on = _named_picture(scene, arguments, self.parameter)
        self.given = arguments.get(self.parameter) is not None
        self.notes: list[str] = []
        self.unknown: list[UnknownHandle] = []

    def image(self, value: object) -> Image:
        return self._find(value, "image", "img_1", self.scene.image)

    def region(self, value: object) -> Region:
        return self._find(value, "region", "r1", self.scene.region)

    def box(self, xyxy: Xyxy) -> Xyxy:
        if not self._placed("box") or self.on is None:
            return xyxy
        read, whole = self.read_box(self.on, xyxy), self.on.box
        clipped = (
            min(max(read[0], whole[0]), whole[2]),
            min(max(read[1], whole[1]), whole[3]),
            min(max(read[2], whole[0]), whole[2]),
            min(max(read[3], whole[1]), whole[3]),
        )
        self._check_box(self.on, xyxy, read, clipped)
        if max(abs(before - after) for before, after in zip(read, clipped, strict=True)) > SLACK:
            self.notes.append(f"The box {_numbers(xyxy)} reached beyond {_name(self.on)} and was clipped to it.")
        return clipped

    def point(self, xy: tuple[float, float]) -> tuple[float, float]:
        if not self._placed("point") or self.on is None:
            return xy
        x, y, _, _ = self.read_box(self.on, (*xy, *xy))
        width, height = self.on.size_wh
        if not (-SLACK <= x <= width + SLACK and -SLACK <= y <= height + SLACK):
            across, down = self._whole(self.on)[2:]
            remedy = f"Give [x, y] with x from 0 to {across:.4g} and y from 0 to {down:.4g}."
            raise InvalidArguments(f"The point {_numbers(xy)} lies outside {_name(self.on)}.", remedy=remedy)
        # On the far edges the point means the last pixel.
        return min(max(x, 0.0), width - 0.5), min(max(y, 0.0), height - 0.5)

    def _placed(self, kind: str) -> bool:
        """Whether a box or a point can be judged; not so when its picture is wrong, which is told already."""
        if self.on is None and not self.given:
            raise InvalidArguments(f"A {kind} needs the picture it lies on: give {self.parameter!r} too.")
        return self.on is not None

    def _check_box(self, on: Image, xyxy: Xyxy, read: Xyxy, clipped: Xyxy) -> None:
        form = f"Give [left, top, right, bottom]; the whole of {_name(on)} is {_numbers(self._whole(on))}."
        if read[0] >= read[2] or read[1] >= read[3]:
            raise InvalidArguments(f"The box {_numbers(xyxy)} is empty: it ends before it begins.", remedy=form)
        if clipped[0] >= clipped[2] or clipped[1] >= clipped[3]:
            raise InvalidArguments(f"The box {_numbers(xyxy)} lies outside {_name(on)}.", remedy=form)

    def _whole(self, on: Image) -> Xyxy:
        """The box of the whole picture in the planner's own unit: units are proportional to pixels."""
        unit = self.read_box(on, (0.0, 0.0, 1.0, 1.0))
        return (0.0, 0.0, on.size_wh[0] / (unit[2] - unit[0]), on.size_wh[1] / (unit[3] - unit[1]))

    def _find(self, value: object, kind: str, example: str, find: Callable[[str], Found]) -> Found:
        if not isinstance(value, str):
            raise InvalidArguments(f"Give the handle of the {kind}, such as {example!r}.")
        try:
            return find(value.strip())
        except UnknownHandle as error:
            self.unknown.append(error)
            raise


def _named_picture(scene: Scene, arguments: Mapping[str, Json], parameter: str) -> Image | None:
    value = arguments.get(parameter)
    handle = value[0] if isinstance(value, list) and len(value) == 1 else value
    if not isinstance(handle, str):
        return None
    images = {image.handle: image for image in scene.images}
    images.update({region.handle: region.image for region in scene.regions})
    return images.get(handle.strip())


def _without_nulls(tool: Tool, arguments: Mapping[str, Json]) -> tuple[dict[str, Json], list[str]]:
    """The arguments without those that are null where null is no value and a default stands in."""
    parameters = tool.parameters
    optional = set(parameters.names) - set(parameters.required)
    nulls = [name for name, value in arguments.items() if value is None and name in optional]
    dropped = [name for name in nulls if not parameters.takes_null(name)]
    given = {name: value for name, value in arguments.items() if name not in dropped}
    return given, [f"{name} was null; its default was used." for name in dropped]


def _unknown_argument(tool: Tool, name: str) -> str:
    close = difflib.get_close_matches(name, tool.parameters.names, 1, cutoff=0.5)
    if close:
        return f"There is no argument {name!r}; did you mean {close[0]!r}?"
    listed = ", ".join(tool.parameters.names)
    return f"There is no argument {name!r}; {f'there are {listed}' if listed else 'the tool takes none'}."


def _problems(tool: Tool, details: Iterable[ErrorDetails]) -> list[str]:
    """One line for each argument that does not fit, in pydantic's order; branches of a union are joined by "or"."""
    lines: dict[str, list[str]] = {}
    values: dict[str, str] = {}
    for detail in details:
        name = str(detail["loc"][0]) if detail["loc"] else ""
        lines.setdefault(name, []).append(_problem(tool, name, detail))
        values[name] = _given(detail)
    return [f"{name}: {' Or: '.join(_without_null_branch(lines[name]))}{values[name]}" for name in lines]


def _problem(tool: Tool, name: str, detail: ErrorDetails) -> str:
    if detail["type"] == "missing" and len(detail["loc"]) == 1:
        described = tool.parameters.describe(name)
        return f"it is missing ({described.rstrip('.')})." if described else "it is missing."
    place = "".join(f"{_step(part)}: " for part in detail["loc"][1:] if _is_place(part))
    return f"{place}{detail['msg'].rstrip('.')}."


def _is_place(part: int | str) -> bool:
    """Whether a step on pydantic's way to a value is an index or a field, not the branch of a union."""
    return isinstance(part, int) or (part.isidentifier() and part not in _BRANCHES)


def _step(part: int | str) -> str:
    return f"item {part}" if isinstance(part, int) else part


def _given(detail: ErrorDetails) -> str:
    if detail["type"] == "missing" or "." in detail["type"]:
        return ""
    shown = repr(detail["input"])
    return f" You gave {shown if len(shown) <= SHOWN_CHARACTERS else shown[:SHOWN_CHARACTERS] + '...'}."


def _without_null_branch(lines: list[str]) -> list[str]:
    told = [line for line in dict.fromkeys(lines) if not line.endswith("Input should be None.")]
    return told or lines


def _unknown_handles(tool: Tool, unknown: Iterable[UnknownHandle]) -> UnknownHandle:
    """One error for all handles that are not there."""
    by_cause = {error.cause: error for error in unknown}
    remedies = dict.fromkeys(error.remedy for error in by_cause.values())
    handles = [error.data.get("handle") for error in by_cause.values()]
    return UnknownHandle("\n".join(by_cause), remedy=" ".join(remedies), tool=tool.name, handles=handles)


def _usage(tool: Tool) -> str:
    required = tool.parameters.required
    listed = [name if name in required else f"{name}?" for name in tool.parameters.names]
    return f"Arguments of {tool.name}: {', '.join(listed)}." if listed else f"{tool.name} takes no arguments."


def _numbers(values: Iterable[float]) -> str:
    return "[" + ", ".join(f"{value:.4g}" if abs(value) < 10 else f"{value:.0f}" for value in values) + "]"


def _name(image: Image) -> str:
    return image.handle or image.name or "the picture"
