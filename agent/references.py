"""`{"$ref": "c1.regions"}`: a call's argument that is a part of another call's result.

c1                   the whole result: its data when there is any, otherwise its text
c1.text              the text
c1.regions           the handles of its regions         c1.regions[0]        of the first one
c1.images            the handles of its images          c1.images[0]         of the first one
c1.regions[0].text   the text, label or score of one    c1.data.total[2]     a place in its data
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..errors import InvalidArguments
from ..jsonable import Json, JsonObject
from ..tools.calls import Observation, ToolCall, ToolResult
from ..vision.region import Region

REF = "$ref"
_CALL = re.compile(r"[^.\[\]]+")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(-?\d+)\]")


def references(value: Json) -> Iterator[str]:
    """Every reference in an argument, outermost first, in order."""
    if isinstance(value, str):
        return
    if isinstance(value, Mapping):
        if set(value) == {REF}:
            yield str(value[REF])
        else:
            for inner in value.values():
                yield from references(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from references(inner)


def needs(call: ToolCall) -> frozenset[str]:
    """The ids of the calls whose results it waits for."""
    return frozenset(called(reference) for reference in references(call.arguments))


def called(reference: str) -> str:
    """The id of the call that a reference names: "c1" of "c1.regions[0]"; empty when it names none."""
    match = _CALL.match(reference)
    return match.group() if match else ""


def next_wave(todo: Sequence[ToolCall]) -> tuple[list[ToolCall], bool]:
    """The calls that can run now, in call order, and whether they are stuck: each waits, in the end, for itself.

    A call waits for those it refers to, and for an identical one before it, whose result it will be given.
    """
    waiting = {call.id: needs(call) for call in todo}
    ready = [
        call
        for place, call in enumerate(todo)
        if not waiting[call.id] & waiting.keys() and not _twin(call, todo[:place])
    ]
    if ready:
        return ready, False
    return [call for call in todo if call.id in _reach(call.id, waiting)], True


def _twin(call: ToolCall, before: Sequence[ToolCall]) -> bool:
    return any(other.name == call.name and other.arguments == call.arguments for other in before)


def _reach(start: str, waiting: Mapping[str, frozenset[str]]) -> set[str]:
    reached: set[str] = set()
    edge = set(waiting[start])
    while edge:
        reached |= edge
        edge = {further for call in edge for further in waiting.get(call, frozenset())} - reached
    return reached


def renamed(value: Json, ids: Mapping[str, str]) -> Json:
    """The same arguments with the calls in their references renamed; unknown ones stay."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        if set(value) == {REF}:
            reference = str(value[REF])
            name = called(reference)
            return {REF: ids.get(name, name) + reference[len(name) :]}
        return {key: renamed(inner, ids) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [renamed(inner, ids) for inner in value]
    return value


def resolved(call: ToolCall, results: Mapping[str, ToolResult]) -> ToolCall:
    """The call with its references replaced by what they stand for.

    Args:
        call: as the planner wrote it.
        results: every result so far, by call id; regions and images have handles.

    Raises:
        InvalidArguments: for a reference to a call that is not there or failed, or to a part that its result lacks.
    """
    arguments = _resolved(call.arguments, results)
    assert isinstance(arguments, dict)  # noqa: S101 - a mapping that is no reference stays a mapping
    return ToolCall(call.id, call.name, arguments)


def _resolved(value: Json, results: Mapping[str, ToolResult]) -> Json:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        if set(value) == {REF}:
            return look_up(str(value[REF]), results)
        return {key: _resolved(inner, results) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_resolved(inner, results) for inner in value]
    return value


def look_up(reference: str, results: Mapping[str, ToolResult]) -> Json:
    """What one reference stands for. Raises `InvalidArguments`; see `resolved`."""
    name = called(reference)
    path = _path(reference, name)
    result = results.get(name)
    if result is None:
        known = ", ".join(results) or "none yet"
        raise _wrong(reference, f"there is no call {name!r}", f"Calls with results: {known}.")
    if result.observation is None:
        why = result.error.cause if result.error else "it gave nothing"
        raise _wrong(reference, f"the call {name} failed: {why}", f"Mend {name} first, or do without it.")
    if not path:
        observation = result.observation
        return observation.text if observation.data is None else observation.data
    return _walk(reference, _parts(result.observation), path)


def _path(reference: str, name: str) -> list[str | int]:
    rest = reference[len(name) :]
    found = list(_STEP.finditer(rest))
    if not name or sum(len(step.group()) for step in found) != len(rest):
        remedy = 'Write it like "c1.regions", "c1.regions[0]", "c1.images[0]", "c1.text" or "c1.data.total".'
        raise InvalidArguments(f"{reference!r} is no reference.", remedy=remedy, reference=reference)
    return [step.group(1) if step.group(1) is not None else int(step.group(2)) for step in found]


def _parts(observation: Observation) -> JsonObject:
    return {
        "text": observation.text,
        "regions": [_Region(region) for region in observation.regions],
        "images": [image.handle for image in observation.images],
        "data": observation.data,
    }


class _Region(str):
    """A region's handle that also has named parts."""

    parts: JsonObject

    def __new__(cls, region: Region) -> _Region:
        made = super().__new__(cls, region.handle)
        made.parts = {"text": region.text, "label": region.label, "score": region.score}
        return made


def _walk(reference: str, value: Json, path: Sequence[str | int]) -> Json:
    for step in path:
        value = _part(reference, value, step)
    return _plain(value)


def _part(reference: str, value: Json, step: str | int) -> Json:
    fields = value.parts if isinstance(value, _Region) else value
    if isinstance(step, str):
        if isinstance(fields, Mapping) and step in fields:
            return fields[step]
        there = ", ".join(fields) if isinstance(fields, Mapping) else "no named parts"
        raise _wrong(reference, f"there is no {step!r}", f"There: {there}.")
    if not isinstance(fields, Sequence) or isinstance(fields, str):
        raise _wrong(reference, f"[{step}] was asked of something that is no list", "Leave the index out.")
    if not -len(fields) <= step < len(fields):
        raise _wrong(reference, f"there is no [{step}]: the list has {len(fields)}", "Use an index that is there.")
    return fields[step]


def _plain(value: Json) -> Json:
    if isinstance(value, _Region):
        return str.__str__(value)
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _wrong(reference: str, cause: str, remedy: str) -> InvalidArguments:
    return InvalidArguments(f"The reference {reference!r} leads nowhere: {cause}.", remedy=remedy, reference=reference)
