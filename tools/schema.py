"""The arguments of a tool: a closed JSON schema for planners, and the reading of what they write."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ..errors import InvalidTool
from ..jsonable import Json, JsonObject
from .docstring import Docstring
from .hints import SUPPORTED, BoxHint, PointHint, Reader, mentions, mentions_typed, picture_parameter, planner_type

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


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

    def takes_null(self, name: str) -> bool:
        """Whether null is a value of a parameter."""
        properties = cast("Mapping[str, Mapping[str, Any]]", self.json_schema["properties"])
        return any(option.get("type") == "null" for option in properties[name].get("anyOf", ()))

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
    picture = picture_parameter(hints)
    for kind, mark in (("box", BoxHint), ("point", PointHint)):
        placed = [name for name in fields if mentions(hints[name], mark)]
        if placed and not picture:
            raise InvalidTool(
                f"{function.__name__}: the {kind} {placed[0]!r} lies on no picture.",
                remedy="Add a parameter `image: Image`.",
            )
    typed = frozenset(name for name in fields if mentions_typed(hints[name]))
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
    return planner_type(hint, where), Field(default, description=description, alias=parameter.name)


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
        raise InvalidTool(f"{function.__name__}: {first}", remedy=SUPPORTED) from error


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
        raise InvalidTool(f"{function.__name__}: {error}", remedy=SUPPORTED) from error
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
