"""Events as lines of JSON, and back.

One event is one line, such as `{"event": "StepStarted", "step": 1}`. Values that are dataclasses carry their class
under `"is"`. A picture is described once, without its pixels, under `"pictures"` of the line that is the first to
mention it; everywhere its key (the handle, where it has one) stands for it.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, get_args

from ..errors import LavrError, UsageError, from_json
from ..jsonable import Json, JsonObject
from ..planners.base import Citation, Decision, Draft, Tokens
from ..tools.calls import Observation, ToolCall, ToolResult
from ..vision.image import Image
from ..vision.mask import Mask
from ..vision.region import Region
from ..vision.store import ImageStore
from .answer import Answer, Evidence, Usage
from .events import Event

if TYPE_CHECKING:
    from .trace import Trace

EVENTS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}

VALUES: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        *(Answer, Evidence, Usage),
        *(Citation, Decision, Draft, Tokens),
        *(Observation, ToolCall, ToolResult),
        *(Mask, Region),
    )
}

OMITTED = {"trace"}  # an answer's trace is the lines before it


def objects_of(events: Iterable[Event]) -> Iterator[JsonObject]:
    """Each event as plain JSON."""
    writer = _Writer()
    for event in events:
        yield writer.line(event)


def lines_of(events: Iterable[Event]) -> Iterator[str]:
    """Each event as one line of JSON, without the line break."""
    for line in objects_of(events):
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def events_of(
    lines: Iterable[str], store: ImageStore, trace_of: Callable[[tuple[Event, ...]], Trace]
) -> tuple[Event, ...]:
    """The events of `lines_of`. Pixels are looked for in `store`.

    Raises:
        UsageError: for a line that is not an event, with its number.
    """
    reader = _Reader(store, trace_of)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            reader.read(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"Line {number} of the trace is no event of lavr: {type(error).__name__}: {str(error)[:120]}.",
                remedy="Give a .jsonl file that `Trace.save` wrote.",
                line=number,
            ) from error
    return tuple(reader.events)


class _Writer:
    """Turns values to JSON, and remembers which pictures were described already."""

    def __init__(self) -> None:
        self.known: dict[str, Image] = {}
        self.new: JsonObject = {}

    def line(self, event: Event) -> JsonObject:
        """One event, with the pictures that it is the first to mention."""
        self.new = {}
        fields = self._fields(event)
        head: JsonObject = {"event": type(event).__name__}
        return head | fields | ({"pictures": self.new} if self.new else {})

    def _fields(self, value: Any) -> JsonObject:
        return {
            field.name: self.value(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.name not in OMITTED
        }

    def value(self, value: Any) -> Json:
        if isinstance(value, Image):
            return self._key(value)
        if isinstance(value, LavrError):
            return {"is": "error", **value.to_json()}
        if dataclasses.is_dataclass(value):
            return {"is": type(value).__name__, **self._fields(value)}
        return plain(value, self.value)

    def _key(self, image: Image) -> str:
        key = image.handle or f"picture {image.digest[:12]}"
        if self.known.get(key, image) != image:
            key = f"{key} {image.digest[:12]}"
        if key not in self.known:
            self.known[key] = image
            self.new[key] = image.to_json()
        return key


def plain(value: Any, each: Callable[[Any], Json] | None = None) -> Json:
    """A value as JSON that every reader takes: numbers that are not finite become null, numpy scalars numbers."""
    inner = each or plain
    if isinstance(value, Mapping):
        return {str(key): inner(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [inner(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    return plain(value.item()) if hasattr(value, "item") else str(value)


class _Reader:
    """Builds the values again."""

    def __init__(self, store: ImageStore, trace_of: Callable[[tuple[Event, ...]], Trace]) -> None:
        self.store = store
        self.trace_of = trace_of
        self.images: dict[str, Image] = {}
        self.events: list[Event] = []

    def read(self, line: dict[str, Any]) -> None:
        for key, image in line.get("pictures", {}).items():
            self.images[key] = Image.from_json(image, self.store)
        self.events.append(self._build(EVENTS[line["event"]], line))

    def _build(self, kind: type[Any], data: dict[str, Any]) -> Any:
        given = {
            field.name: self._field(str(field.type), data[field.name])
            for field in dataclasses.fields(kind)
            if field.name in data and field.name not in OMITTED
        }
        if kind is Answer:
            given["trace"] = self.trace_of(tuple(self.events))
        return kind(**given)

    def _field(self, declared: str, value: Any) -> Any:
        """`declared` is the annotation as written: it tells plain JSON, which stays as it is, from values of ours."""
        if declared.startswith(("Mapping", "Json")):
            return value
        if declared.startswith("Image") and isinstance(value, str):
            return self.images[value]
        if declared.startswith("tuple[Image"):
            return tuple(self.images[key] for key in value)
        return self._value(value)

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return tuple(self._value(item) for item in value)
        if not isinstance(value, dict):
            return value
        if value["is"] == "error":
            return from_json(value)
        return self._build(VALUES[value["is"]], value)
