"""From a type hint to what a planner may fill in: lavr's own types by handle, and small slips forgiven.

Supported are str, int, float, bool, Literal, Enum, `X | None` and other unions, list[X], tuple[...], dict[str, X],
Annotated with pydantic's `Field`, pydantic models, dataclasses, and what lavr adds: `Image` and `Region` (strings in
the schema: their handles), `Box` (an array of four numbers) and `Point` (of two). Pydantic does the work and is
imported at first use.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Annotated, Any, Literal, LiteralString, Protocol, TypeAlias

from ..errors import InvalidTool, LavrError
from ..jsonable import JsonObject
from ..vision.frame import Xyxy
from ..vision.image import Image
from ..vision.region import Region


class BoxHint:
    """Marks four numbers as a box on the picture that the call names."""


Box: TypeAlias = Annotated[Xyxy, BoxHint()]
"""A parameter that takes a box: left, top, right, bottom in pixels of the call's picture.

The planner writes it in its own unit; the function gets pixels, clipped to the picture. The picture is the parameter
`image`, or else the first one of type `Image`, or else the one that the first `Region` was found on.
"""


class PointHint:
    """Marks two numbers as a point on the picture that the call names."""


Point: TypeAlias = Annotated[tuple[float, float], PointHint()]
"""A parameter that takes a point: x, y in pixels of the call's picture. Written and read like a `Box`."""


class Reader(Protocol):
    """Turns what a planner writes into what a function takes. Its methods may raise any `LavrError`."""

    def image(self, value: object) -> Image:
        """The picture of a handle."""
        ...

    def region(self, value: object) -> Region:
        """The region of a handle."""
        ...

    def box(self, xyxy: Xyxy) -> Xyxy:
        """A box in pixels, from one in the planner's unit."""
        ...

    def point(self, xy: tuple[float, float]) -> tuple[float, float]:
        """A point in pixels, from one in the planner's unit."""
        ...


SUPPORTED = (
    "Supported are str, int, float, bool, Literal, Enum, X | None, list[X], tuple[X, Y], dict[str, X], Image, Region, "
    "Box, Point, dataclasses and pydantic models."
)
_PLAIN = (str, int, float, bool, types.NoneType)


def planner_type(hint: Any, where: str) -> Any:
    """The type a planner fills in: like the hint, with handles for pictures and regions and some kindness."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _annotated(inner[0], hint.__metadata__, where)
    if hint in _PLAIN or hint is None:
        return hint
    if hint is Image or hint is Region:
        return Annotated[Any, _Handle("image" if hint is Image else "region")]
    if origin is Literal or (inspect.isclass(hint) and issubclass(hint, Enum)):
        return Annotated[hint, _AnyCase(_choices(hint, inner))]
    if origin in {typing.Union, types.UnionType}:
        return typing.Union[tuple(planner_type(part, where) for part in inner)]  # noqa: UP007 - built from a tuple
    if origin in {list, tuple, dict}:
        return _container(origin, inner, where)
    if dataclasses.is_dataclass(hint) or _is_model(hint):
        return hint
    shown = getattr(hint, "__name__", None) or str(hint)
    bare = hint in {list, tuple, dict}
    remedy = f"Say what is in it, such as `{shown}[str]`." if bare and hint is not dict else SUPPORTED
    raise InvalidTool(f"{where}: a planner cannot fill in the type {shown}.", remedy=remedy)


def _annotated(hint: Any, metadata: tuple[object, ...], where: str) -> Any:
    for kind, reading in ((BoxHint, _Numbers("box")), (PointHint, _Numbers("point"))):
        if any(isinstance(mark, kind) for mark in metadata):
            others = tuple(mark for mark in metadata if not isinstance(mark, kind))
            return _with_metadata(Annotated[Any, reading], others)
    return _with_metadata(planner_type(hint, where), metadata)


def _with_metadata(hint: Any, metadata: tuple[object, ...]) -> Any:
    for mark in metadata:
        hint = Annotated[hint, mark]
    return hint


def _container(origin: Any, inner: tuple[Any, ...], where: str) -> Any:
    if origin is dict:
        if len(inner) != 2 or inner[0] is not str:
            raise InvalidTool(f"{where}: the keys of a dict must be str.", remedy="Write dict[str, X].")
        return dict[str, planner_type(inner[1], where)]  # type: ignore[misc] # the type is made at run time
    if origin is tuple:
        parts = tuple(part if part is Ellipsis else planner_type(part, where) for part in inner)
        return Annotated[tuple[parts], _AsList()]  # type: ignore[valid-type] # made at run time
    item = planner_type(inner[0], where)
    handles, points = inner[0] is Image or inner[0] is Region, inner[0] is Point
    return Annotated[list[item], _AsList(handles=handles, points=points)]  # type: ignore[valid-type] # made at run time


def _choices(hint: Any, inner: tuple[object, ...]) -> tuple[str, ...]:
    values = inner or tuple(member.value for member in hint)
    return tuple(value for value in values if isinstance(value, str))


def _is_model(hint: Any) -> bool:
    return inspect.isclass(hint) and hasattr(hint, "model_json_schema")


def _parts(hint: Any) -> Iterator[Any]:
    """The hint and everything inside it, the marks of Annotated included."""
    yield hint
    if typing.get_origin(hint) is Literal:
        return
    for inner in (*typing.get_args(hint), *getattr(hint, "__metadata__", ())):
        yield from _parts(inner)


def mentions(hint: Any, kind: type) -> bool:
    """Whether a hint is, or has inside it, a type or a mark of `Annotated`."""
    return any(part is kind or (not inspect.isclass(part) and isinstance(part, kind)) for part in _parts(hint))


def mentions_typed(hint: Any) -> bool:
    """Whether a hint has an enum, a dataclass or a model inside it, other than pictures and regions."""
    return any(
        inspect.isclass(part)
        and part not in {Image, Region}
        and (issubclass(part, Enum) or dataclasses.is_dataclass(part) or _is_model(part))
        for part in _parts(hint)
    )


def picture_parameter(hints: Mapping[str, Any]) -> str:
    """The parameter whose picture boxes lie on: `image`, or the first `Image`, or the first `Region`; or empty."""
    single = {name: hint for name, hint in hints.items() if name != "return" and not _holds_several(hint)}
    pictures = [name for name, hint in single.items() if mentions(hint, Image)]
    regions = [name for name, hint in single.items() if mentions(hint, Region)]
    return "image" if "image" in pictures else next(iter([*pictures, *regions]), "")


def _holds_several(hint: Any) -> bool:
    return any(typing.get_origin(part) in {list, tuple, dict} for part in _parts(hint))


class _Handle:
    """An image or a region, by its handle."""

    def __init__(self, kind: Literal["image", "region"]) -> None:
        self.kind = kind

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> Any:
        from pydantic_core import core_schema

        def read(value: object, info: Any) -> object:
            only = value[0] if isinstance(value, list) and len(value) == 1 else value
            return _told(getattr(info.context, self.kind), only)

        return core_schema.with_info_plain_validator_function(read)

    def __get_pydantic_json_schema__(self, core: object, handler: object) -> JsonObject:
        return {"type": "string", "format": self.kind}


class _Numbers:
    """A box or a point: four or two finite numbers in the planner's unit."""

    def __init__(self, kind: Literal["box", "point"]) -> None:
        self.kind = kind
        self.count, self.format = (4, "xyxy") if kind == "box" else (2, "xy")

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> Any:
        from pydantic_core import core_schema

        number = core_schema.float_schema(allow_inf_nan=False)
        numbers = core_schema.tuple_schema([number] * self.count)

        def read(value: object, info: Any) -> object:
            return _told(getattr(info.context, self.kind), value)

        inner = core_schema.with_info_after_validator_function(read, numbers)
        return core_schema.no_info_before_validator_function(self._listed, inner)

    def __get_pydantic_json_schema__(self, core: object, handler: object) -> JsonObject:
        sides: JsonObject = {"minItems": self.count, "maxItems": self.count, "format": self.format}
        return {"type": "array", "items": {"type": "number"}, **sides}

    def _listed(self, value: object) -> object:
        """The numbers, told apart from everything else before pydantic speaks of tuples."""
        from pydantic_core import PydanticCustomError

        numbers = _parsed(value)
        if not isinstance(numbers, list | tuple) or len(numbers) != self.count:
            raise PydanticCustomError(self.kind, _FORMS[self.kind])
        return numbers


_FORMS: Mapping[str, LiteralString] = {
    "box": "Give a box as four numbers: [left, top, right, bottom].",
    "point": "Give a point as two numbers: [x, y].",
}


class _AsList:
    """A list; one thing where a list is asked is a list of one, and a list written as a string is read."""

    def __init__(self, *, handles: bool = False, points: bool = False) -> None:
        self.handles = handles
        self.points = points

    def __get_pydantic_core_schema__(self, source: object, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self._listed, handler(source))

    def _listed(self, value: object) -> object:
        value = _parsed(value)
        if self.handles and isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        if self.points and isinstance(value, list | tuple) and len(value) == 2 and not isinstance(value[0], list):
            return [value]
        return value if value is None or isinstance(value, list | tuple) else [value]


class _AnyCase:
    """One of some words, in whatever case it was written."""

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.choices = choices

    def __get_pydantic_core_schema__(self, source: object, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self._known, handler(source))

    def _known(self, value: object) -> object:
        if not isinstance(value, str) or value in self.choices:
            return value
        alike = [choice for choice in self.choices if choice.casefold() == value.strip().casefold()]
        return alike[0] if len(alike) == 1 else value


def _parsed(value: object) -> object:
    """The list that a string such as "[1, 2]" is meant to be; everything else as it is."""
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _told(read: Callable[[Any], object], value: object) -> object:
    """What the reader makes of a value; its error becomes one of pydantic's, so that all problems are collected."""
    from pydantic_core import PydanticCustomError

    try:
        return read(value)
    except LavrError as error:
        # The code as a literal type is for pydantic's own errors; custom ones take any text.
        raise PydanticCustomError(error.code, "{told}", {"told": str(error)}) from error
