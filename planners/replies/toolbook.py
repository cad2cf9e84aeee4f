"""The tools as a reader of replies needs them: whom a name means, and whether arguments are a call of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...errors import MalformedReply
from ...jsonable import Json, JsonObject
from ...tools.spec import ToolSpec
from .loose import Broken, read_whole

EXAMPLE = '<tool_call>{"name": "...", "arguments": {...}}</tool_call>'
_NAMESPACE = re.compile(r"^(?:functions?|tools?|default_api|self)[.:/]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RawCall:
    """A call as it was written.

    Attributes:
        name: as written; perhaps misspelt.
        arguments: an object, or a text that may hold one, or the values by place.
        id: as written, or empty.
        texts: whether every argument was written as text (between tags), whatever its type.
    """

    name: str
    arguments: Json
    id: str = ""
    texts: bool = False


@dataclass(frozen=True)
class Toolbook:
    """The tools at hand."""

    specs: Sequence[ToolSpec]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the tools."""
        return tuple(spec.name for spec in self.specs)

    @cached_property
    def _by_name(self) -> Mapping[str, ToolSpec]:
        return {spec.name: spec for spec in self.specs}

    @cached_property
    def _meanings(self) -> dict[str, list[str]]:
        return {}

    def has(self, name: str) -> bool:
        """Whether a tool has exactly this name."""
        return name in self._by_name

    def meant(self, name: str) -> ToolSpec | None:
        """The one tool that a name means, be it misspelt; None when there is none, or more than one."""
        near = self._near(_NAMESPACE.sub("", name.strip()))
        return self._by_name[near[0]] if len(near) == 1 else None

    @cached_property
    def argument_names(self) -> frozenset[str]:
        """The names of the arguments of all tools."""
        return frozenset(name for spec in self.specs for name in properties_of(spec))

    def named(self, name: str) -> ToolSpec:
        """The one tool that a name means. Raises `MalformedReply`."""
        found = self.meant(name)
        if found is not None:
            return found
        near = self._near(_NAMESPACE.sub("", name.strip()))
        shown = repr(name[:60])
        if not self.specs:
            raise MalformedReply(
                f"The reply calls {shown}, and no tool can be called now.",
                remedy='Answer with what you know: <answer>{"text": "..."}</answer>',
            )
        if near:
            raise MalformedReply(
                f"The reply calls {shown}, which may mean {' or '.join(near)}.", remedy="Write the tool's exact name."
            )
        raise MalformedReply(
            f"The reply calls {shown}, and there is no such tool.", remedy=f"Tools: {', '.join(self.names)}."
        )

    def _near(self, name: str) -> list[str]:
        """The names that one may mean: itself, else those spelt alike, else those a slip or two away."""
        if name not in self._meanings:
            self._meanings[name] = self._looked_up(name)
        return self._meanings[name]

    def _looked_up(self, name: str) -> list[str]:
        if self.has(name):
            return [name]
        if alike := [known for known in self.names if _plain(known) == _plain(name)]:
            return alike
        if len(_plain(name)) < 3 or len(name) > 80:
            return []
        return self._misspelt(_plain(name))

    def _misspelt(self, name: str) -> list[str]:
        from rapidfuzz.distance import OSA

        slips = {known: OSA.distance(_plain(known), name, score_cutoff=4) for known in self.names}
        least = min(slips.values(), default=9)
        if least > (2 if len(name) >= 8 else 1):
            return []
        # Another one that is only one slip further away is meant as likely.
        return [known for known, count in slips.items() if count <= least + 1]

    def fitted(self, spec: ToolSpec, raw: RawCall) -> JsonObject:
        """The arguments of a call: those of the schema, none missing, texts turned into what the schema wants.

        Raises:
            MalformedReply: when they are no arguments of this tool.
        """
        properties = properties_of(spec)
        required = required_of(spec)
        given = _object(spec, raw.arguments, required)
        strange = [key for key in given if key not in properties]
        if strange and spec.parameters.get("additionalProperties") is False:
            raise MalformedReply(
                f"The call of {spec.name} has the argument {strange[0][:60]!r}, which it does not take.",
                remedy=f"It takes: {', '.join(properties) or 'no arguments'}.",
            )
        missing = [key for key in required if key not in given]
        if missing:
            raise MalformedReply(
                f"The call of {spec.name} lacks its argument {missing[0]!r}.",
                remedy=f"Call it again with {', '.join(required)}.",
            )
        return {key: typed(value, properties.get(key, {}), texts=raw.texts) for key, value in given.items()}

    def fits(self, spec: ToolSpec, arguments: Json) -> bool:
        """Whether an object holds arguments of a tool."""
        if not isinstance(arguments, Mapping):
            return False
        return set(required_of(spec)) <= set(arguments) <= set(properties_of(spec))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def properties_of(spec: ToolSpec) -> Mapping[str, Any]:
    """The schemas of a tool's arguments, by name."""
    found = spec.parameters.get("properties")
    return found if isinstance(found, Mapping) else {}


def required_of(spec: ToolSpec) -> list[str]:
    """The names of the arguments that a call must have."""
    found = spec.parameters.get("required")
    return [str(each) for each in found] if isinstance(found, list | tuple) else []


def _object(spec: ToolSpec, arguments: Json, required: Sequence[str]) -> Mapping[str, Json]:
    if isinstance(arguments, Mapping):
        return arguments
    if arguments is None or (isinstance(arguments, str) and not arguments.strip()):
        return {}
    if isinstance(arguments, str) and arguments.lstrip().startswith("{"):
        return _parsed(spec, arguments)
    placed = [arguments] if isinstance(arguments, str) else arguments
    if isinstance(placed, list) and len(placed) == len(required):
        return dict(zip(required, placed, strict=True))
    raise MalformedReply(
        f"The arguments of {spec.name} are no JSON object.",
        remedy=f"Write {EXAMPLE} with the arguments as an object.",
    )


def _parsed(spec: ToolSpec, text: str) -> Mapping[str, Json]:
    try:
        reading = read_whole(text)
    except Broken as error:
        raise MalformedReply(
            f"The arguments of {spec.name} cannot be read, because {error.what}.", remedy=f"Write {EXAMPLE}"
        ) from error
    value = reading.value
    if not isinstance(value, Mapping) or any(map(reading.is_cut, value.values())):
        raise MalformedReply(f"The arguments of {spec.name} are cut off.", remedy="Write the whole call again.")
    return value


def typed(value: Json, schema: Any, *, texts: bool) -> Json:
    """A text where the schema wants something else, read as that; what does not fit is left to the tool to refuse."""
    if not isinstance(value, str):
        return value
    wanted = _types(schema)
    if texts and "null" in wanted and value.strip() in {"null", "None"}:
        return None
    if not wanted or "string" in wanted:
        return value
    try:
        found = read_whole(value).value
    except Broken:
        return value
    return value if isinstance(found, str) else found


def _types(schema: Any) -> set[str]:
    if not isinstance(schema, Mapping):
        return set()
    own = schema.get("type")
    types = {own} if isinstance(own, str) else set(own or ())
    if "enum" in schema:
        types |= {"string"} if any(isinstance(each, str) for each in schema["enum"]) else set()
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        types |= _types(option)
    return types
