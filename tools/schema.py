"""The arguments of a tool: from type hints to a JSON schema, and from JSON to the objects the function takes.

Supported are str, int, float, bool, Literal, Enum, `X | None` and other unions, list[X], tuple[...], dict[str, X],
Annotated with pydantic's `Field`, pydantic models, dataclasses, and what lavr adds: `Image` and `Region` (strings in
the schema: their handles) and `Box` (an array of four numbers). Pydantic does the work and is imported at first use.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, TypeAlias, cast

from ..errors import InvalidTool
from ..jsonable import Json, JsonObject
from ..vision.frame import Xyxy
from ..vision.image import Image
from ..vision.region import Region
from .docstring import Docstring

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


class BoxHint:
    """Marks four numbers as a box on the picture that the call names."""


Box: TypeAlias = Annotated[Xyxy, BoxHint()]
"""A parameter that takes a box: left, top, right, bottom in pixels of the call's picture.

The planner writes it in its own unit; the function gets pixels, clipped to the picture. The picture is the parameter
`image`, or else the first one of type `Image`, or else the one that the first `Region` was found on.
"""


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


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a tool's function takes.

    Attributes:
        json_schema: of the object of arguments, draft 2020-12, closed (`additionalProperties: false`).
        model: the pydantic model that validates such an object; its context is a `Reader`.
        picture: the parameter whose picture boxes lie on; empty when there is none.
        typed: the parameters whose values are more than JSON, pictures and regions (enums, dataclasses, models).
    """

    json_schema: JsonObject
    model: type[BaseModel]
    picture: str
    typed: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parameters, in order."""
        return tuple(self._fields)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of those without a default."""
        return tuple(name for name, field in self._fields.items() if field.is_required())

    def describe(self, name: str) -> str:
        """What the docstring says about a parameter; may be empty."""
        return self._fields[name].description or ""

    def read(self, arguments: Mapping[str, Any], reader: Reader) -> dict[str, object]:
        """The arguments as the function takes them; those left out stay out. Raises pydantic's `ValidationError`."""
        model = self.model.model_validate(dict(arguments), context=reader)
        given = model.model_fields_set
        return {str(field.alias): getattr(model, key) for key, field in self.model.model_fields.items() if key in given}

    @property
    def _fields(self) -> dict[str, FieldInfo]:
        return {str(field.alias): field for field in self.model.model_fields.values()}


def parameters_of(function: Callable[..., object], docstring: Docstring) -> Parameters:
    """What a function takes, from its signature, type hints and docstring.

    Raises:
        InvalidTool: when it has a parameter that a planner could not fill in; the cause names it.
    """
    hints = _hints(function)
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        _check_kind(function, parameter, hints)
        fields[parameter.name] = _field(function, parameter, hints[parameter.name], docstring)
    model = _model(function, fields)
    picture = _picture(hints, list(fields))
    boxes = [name for name in fields if _mentions(hints[name], BoxHint)]
    if boxes and not picture:
        raise InvalidTool(
            f"{function.__name__}: the box {boxes[0]!r} lies on no picture.",
            remedy="Add a parameter `image: Image`.",
        )
    typed = frozenset(name for name in fields if _mentions_typed(hints[name]))
    return Parameters(_json_schema(function, model), model, picture, typed)


def _hints(function: Callable[..., object]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        raise InvalidTool(
            f"{function.__name__}: a type hint names {error.name!r}, which cannot be found when the program runs.",
            remedy="Import it at the top of the module, outside `if TYPE_CHECKING`.",
        ) from error
    except TypeError as error:
        raise InvalidTool(f"{function.__name__}: a type hint is not valid: {error}.", remedy="Correct it.") from error


def _check_kind(function: Callable[..., object], parameter: inspect.Parameter, hints: Mapping[str, Any]) -> None:
    where = f"{function.__name__}, parameter {parameter.name!r}"
    if parameter.kind in {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
        raise InvalidTool(
            f"{where}: a planner cannot fill in * or ** parameters.",
            remedy="Name each argument, or take a list or a dict.",
        )
    if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
        raise InvalidTool(f"{where}: it can only be given by position.", remedy="Remove the / of the signature.")
    if parameter.name not in hints:
        raise InvalidTool(f"{where}: it has no type hint.", remedy=f"Write `{parameter.name}: str` or another type.")


def _field(
    function: Callable[..., object], parameter: inspect.Parameter, hint: object, docstring: Docstring
) -> tuple[object, object]:
    from pydantic import Field

    where = f"{function.__name__}, parameter {parameter.name!r}"
    default = ... if parameter.default is inspect.Parameter.empty else parameter.default
    description = docstring.arguments.get(parameter.name)
    return _planner_type(hint, where), Field(default, description=description, alias=parameter.name)


def _model(function: Callable[..., object], fields: dict[str, Any]) -> type[BaseModel]:
    from pydantic import ConfigDict, PydanticUserError, create_model
    from pydantic.errors import PydanticSchemaGenerationError

    config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, allow_inf_nan=False, protected_namespaces=())
    try:
        # Fields are numbered and the names are aliases, so that a parameter may be called `copy` or `json`.
        numbered = {f"p{number}": field for number, field in enumerate(fields.values())}
        return cast("type[BaseModel]", create_model(function.__name__, __config__=config, **numbered))
    except (PydanticSchemaGenerationError, PydanticUserError, NameError, TypeError) as error:
        first = str(error).splitlines()[0]
        raise InvalidTool(f"{function.__name__}: {first}", remedy=_SUPPORTED) from error


# ---------------------------------------------------------------------------------------------------------------------
# From the hint in the signature to the type that pydantic validates.

_SUPPORTED = (
    "Supported are str, int, float, bool, Literal, Enum, X | None, list[X], tuple[X, Y], dict[str, X], Image, Region, "
    "Box, dataclasses and pydantic models."
)
_PLAIN = (str, int, float, bool, types.NoneType)


def _planner_type(hint: Any, where: str) -> Any:
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
        return typing.Union[tuple(_planner_type(part, where) for part in inner)]  # noqa: UP007 - built from a tuple
    if origin in {list, tuple, dict}:
        return _container(origin, inner, where)
    if dataclasses.is_dataclass(hint) or _is_model(hint):
        return hint
    shown = getattr(hint, "__name__", None) or str(hint)
    bare = hint in {list, tuple, dict}
    remedy = f"Say what is in it, such as `{shown}[str]`." if bare and hint is not dict else _SUPPORTED
    raise InvalidTool(f"{where}: a planner cannot fill in the type {shown}.", remedy=remedy)


def _annotated(hint: Any, metadata: tuple[object, ...], where: str) -> Any:
    if any(isinstance(mark, BoxHint) for mark in metadata):
        others = tuple(mark for mark in metadata if not isinstance(mark, BoxHint))
        return _with_metadata(Annotated[Any, _BoxReading()], others)
    return _with_metadata(_planner_type(hint, where), metadata)


def _with_metadata(hint: Any, metadata: tuple[object, ...]) -> Any:
    for mark in metadata:
        hint = Annotated[hint, mark]
    return hint


def _container(origin: Any, inner: tuple[Any, ...], where: str) -> Any:
    if origin is dict:
        if len(inner) != 2 or inner[0] is not str:
            raise InvalidTool(f"{where}: the keys of a dict must be str.", remedy="Write dict[str, X].")
        return dict[str, _planner_type(inner[1], where)]  # type: ignore[misc] # the type is made at run time
    if origin is tuple:
        parts = tuple(part if part is Ellipsis else _planner_type(part, where) for part in inner)
        return Annotated[tuple[parts], _AsList(handles=False)]  # type: ignore[valid-type] # made at run time
    item = _planner_type(inner[0], where)
    handles = inner[0] is Image or inner[0] is Region
    return Annotated[list[item], _AsList(handles=handles)]  # type: ignore[valid-type] # made at run time


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


def _mentions(hint: Any, kind: type) -> bool:
    return any(part is kind or (not inspect.isclass(part) and isinstance(part, kind)) for part in _parts(hint))


def _mentions_typed(hint: Any) -> bool:
    return any(
        inspect.isclass(part)
        and part not in {Image, Region}
        and (issubclass(part, Enum) or dataclasses.is_dataclass(part) or _is_model(part))
        for part in _parts(hint)
    )


def _picture(hints: Mapping[str, Any], names: list[str]) -> str:
    """The parameter whose picture boxes lie on."""
    pictures = [name for name in names if _mentions(hints[name], Image) and not _mentions(hints[name], list)]
    pictures = [name for name in pictures if typing.get_origin(hints[name]) not in {list, tuple, dict}]
    regions = [name for name in names if _mentions(hints[name], Region)]
    if "image" in pictures:
        return "image"
    return next(iter([*pictures, *regions]), "")


# ---------------------------------------------------------------------------------------------------------------------
# What pydantic is told about lavr's own types, and where a model's small slips are forgiven.


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


class _BoxReading:
    """A box: four finite numbers in the planner's unit."""

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> Any:
        from pydantic_core import core_schema

        number = core_schema.float_schema(allow_inf_nan=False)
        four = core_schema.tuple_schema([number] * 4)

        def read(value: Xyxy, info: Any) -> object:
            return _told(info.context.box, value)

        inner = core_schema.with_info_after_validator_function(read, four)
        return core_schema.no_info_before_validator_function(_parsed, inner)

    def __get_pydantic_json_schema__(self, core: object, handler: object) -> JsonObject:
        return {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4, "format": "xyxy"}


class _AsList:
    """A list; one thing where a list is asked is a list of one, and a list written as a string is read."""

    def __init__(self, *, handles: bool) -> None:
        self.handles = handles

    def __get_pydantic_core_schema__(self, source: object, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self._listed, handler(source))

    def _listed(self, value: object) -> object:
        value = _parsed(value)
        if self.handles and isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
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
    import json

    if isinstance(value, str) and value.strip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _told(read: Callable[[Any], object], value: object) -> object:
    """What the reader makes of a value; its error becomes one of pydantic's, so that all problems are collected."""
    from pydantic_core import PydanticCustomError

    from ..errors import LavrError

    try:
        return read(value)
    except LavrError as error:
        raise PydanticCustomError("lavr", "{told}", {"told": str(error)}) from error


# ---------------------------------------------------------------------------------------------------------------------
# The JSON schema that planners see.


def _json_schema(function: Callable[..., object], model: type[BaseModel]) -> JsonObject:
    from pydantic.errors import PydanticInvalidForJsonSchema
    from pydantic.json_schema import GenerateJsonSchema

    class Strict(GenerateJsonSchema):
        def emit_warning(self, kind: object, detail: str) -> None:  # noqa: ARG002 - pydantic's signature
            raise InvalidTool(
                f"{function.__name__}: {detail}.", remedy="Use a default that is plain JSON, such as None."
            )

    try:
        schema = model.model_json_schema(schema_generator=Strict)
    except PydanticInvalidForJsonSchema as error:
        raise InvalidTool(f"{function.__name__}: {error}", remedy=_SUPPORTED) from error
    tidied = _tidy(schema, schema.get("$defs", {}), ())
    tidied.setdefault("properties", {})
    tidied.pop("description", None)
    return tidied


def _tidy(node: Mapping[str, Any], definitions: Mapping[str, Any], open_names: tuple[str, ...]) -> JsonObject:
    """Without titles and references, and with every object closed."""
    name = str(node.get("$ref", "")).removeprefix("#/$defs/")
    if name:
        if name in open_names:
            raise InvalidTool(f"The type {name} contains itself.", remedy="Use a type that does not.")
        others = {key: value for key, value in node.items() if key != "$ref"}
        return _tidy({**definitions[name], **others}, definitions, (*open_names, name))
    tidied = {
        key: _tidy_value(key, value, definitions, open_names)
        for key, value in node.items()
        if key not in {"title", "$defs"}
    }
    if tidied.get("type") == "object" and "properties" in tidied:
        tidied["additionalProperties"] = False
    return tidied


def _tidy_value(key: str, value: Any, definitions: Mapping[str, Any], open_names: tuple[str, ...]) -> Json:
    if key == "properties":
        return {name: _tidy(inner, definitions, open_names) for name, inner in value.items()}
    if key in {"default", "const", "enum", "examples", "required"}:
        return cast("Json", value)
    if isinstance(value, dict):
        return _tidy(value, definitions, open_names)
    if isinstance(value, list):
        return [_tidy(item, definitions, open_names) if isinstance(item, dict) else item for item in value]
    return cast("Json", value)
