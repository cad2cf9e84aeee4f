"""Messages and results as plain JSON and back: what the store keeps of a session.

A result record stands on its own: its pictures are listed once and its regions name them by their place in that list,
so that it can be read before any handle was allotted and without any scene.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import cast

from ..errors import LavrError, UsageError, from_json
from ..jsonable import Json, JsonObject
from ..planners.base import Citation, Decision, Draft, ImagePart, Kind, Message, Part, Role, TextPart, Tokens
from ..tools.calls import Observation, ToolCall, ToolResult
from ..vision.image import Image
from ..vision.mask import Mask
from ..vision.region import Region
from ..vision.store import ImageStore
from .answer import Answer


def call_from(record: Mapping[str, Json]) -> ToolCall:
    """The call that `ToolCall.to_json` described."""
    return ToolCall(str(record["id"]), str(record["name"]), cast("Mapping[str, Json]", record["arguments"]))


def result_record(result: ToolResult) -> JsonObject:
    """A result as plain JSON; its pictures by digest."""
    return {
        "call": result.call.to_json(),
        "observation": None if result.observation is None else _observation_record(result.observation),
        "error": None if result.error is None else result.error.to_json(),
        "seconds": result.seconds,
        "cached": result.cached,
        "notes": list(result.notes),
    }


def result_from(record: Mapping[str, Json], store: ImageStore) -> ToolResult:
    """The result that `result_record` described, its pictures in `store`."""
    observation, error = _maybe(record["observation"]), _maybe(record["error"])
    return ToolResult(
        call=call_from(_mapping(record["call"])),
        observation=None if observation is None else _observation_from(observation, store),
        error=None if error is None else error_from(error),
        seconds=_number(record["seconds"]),
        cached=bool(record["cached"]),
        notes=tuple(str(note) for note in _list(record["notes"])),
    )


def error_from(record: Mapping[str, Json]) -> LavrError:
    """The error that `LavrError.to_json` described."""
    return from_json(dict(record))


def _observation_record(observation: Observation) -> JsonObject:
    pictures = list(dict.fromkeys([*observation.images, *(region.image for region in observation.regions)]))
    return {
        "text": observation.text,
        **regions_record(observation.regions, pictures),
        "images": [pictures.index(image) for image in observation.images],
        "data": observation.data,
        "untrusted": observation.untrusted,
        "marked": observation.marked,
    }


def regions_record(regions: Sequence[Region], pictures: Sequence[Image] = ()) -> JsonObject:
    """Regions as plain JSON, each naming its picture by its place in the list of them."""
    listed = pictures or list(dict.fromkeys(region.image for region in regions))
    return {
        "pictures": [picture.to_json() for picture in listed],
        "regions": [{**region.to_json(), "image": listed.index(region.image)} for region in regions],
    }


def regions_from(record: Mapping[str, Json], store: ImageStore) -> tuple[Region, ...]:
    """The regions that `regions_record` described, their pictures in `store`."""
    pictures = [Image.from_json(_mapping(picture), store) for picture in _list(record["pictures"])]
    return tuple(_region_from(_mapping(region), pictures) for region in _list(record["regions"]))


def _observation_from(record: Mapping[str, Json], store: ImageStore) -> Observation:
    pictures = [Image.from_json(_mapping(picture), store) for picture in _list(record["pictures"])]
    return Observation(
        text=str(record["text"]),
        regions=regions_from(record, store),
        images=tuple(pictures[int(_number(place))] for place in _list(record["images"])),
        data=record["data"],
        untrusted=bool(record["untrusted"]),
        marked=bool(record.get("marked")),
    )


def _region_from(record: Mapping[str, Json], pictures: Sequence[Image]) -> Region:
    left, top, right, bottom = (_number(value) for value in _list(record["xyxy"]))
    score, text, polygon, mask = (record.get(name) for name in ("score", "text", "polygon", "mask"))
    return Region(
        image=pictures[int(_number(record["image"]))],
        xyxy=(left, top, right, bottom),
        label=str(record.get("label", "")),
        score=None if score is None else _number(score),
        text=None if text is None else str(text),
        polygon=None if polygon is None else tuple(_point(point) for point in _list(polygon)),
        mask=None if mask is None else _mask_from(_mapping(mask)),
        attributes=_mapping(record.get("attributes", {})),
        handle=str(record["handle"]),
    )


def _point(value: Json) -> tuple[float, float]:
    x, y = _list(value)
    return (_number(x), _number(y))


def _mask_from(record: Mapping[str, Json]) -> Mask:
    height, width = (int(_number(value)) for value in _list(record["size"]))
    return Mask((width, height), tuple(int(_number(count)) for count in _list(record["counts"])))


def draft_record(draft: Draft) -> JsonObject:
    """A draft as plain JSON."""
    # asdict leaves the citations in a tuple, which is no JSON and comes back from a checkpoint as a list.
    return {**asdict(draft), "citations": [asdict(citation) for citation in draft.citations]}


def draft_from(record: Mapping[str, Json]) -> Draft:
    """The draft that `draft_record` described."""
    citations = (_mapping(citation) for citation in _list(record["citations"]))
    return Draft(
        text=str(record["text"]),
        citations=tuple(Citation(str(citation["quote"]), str(citation["handle"])) for citation in citations),
        complete=bool(record["complete"]),
        value=str(record["value"]),
    )


def _decision_record(decision: Decision) -> JsonObject:
    return {
        "thought": decision.thought,
        "calls": [call.to_json() for call in decision.calls],
        "answer": None if decision.answer is None else draft_record(decision.answer),
        "tokens": tokens_record(decision.tokens),
    }


def _decision_from(record: Mapping[str, Json]) -> Decision:
    answer = _maybe(record["answer"])
    return Decision(
        thought=str(record["thought"]),
        calls=tuple(call_from(_mapping(call)) for call in _list(record["calls"])),
        answer=None if answer is None else draft_from(answer),
        tokens=tokens_from(record["tokens"]),
    )


def tokens_record(tokens: Tokens) -> list[Json]:
    """Tokens read, reused, written."""
    return [tokens.read, tokens.reused, tokens.written]


def tokens_from(record: Json) -> Tokens:
    """The tokens that `tokens_record` described."""
    return Tokens(*(int(_number(count)) for count in _list(record)))


def message_record(message: Message) -> JsonObject:
    """A message as plain JSON; its result by the id of its call, since results are kept once, beside the messages."""
    return {
        "role": message.role.value,
        "kind": message.kind.value,
        "parts": [_part_record(part) for part in message.parts],
        "decision": None if message.decision is None else _decision_record(message.decision),
        "result": None if message.result is None else message.result.call.id,
        "pointed": regions_record(message.pointed),
    }


def message_from(record: Mapping[str, Json], results: Mapping[str, ToolResult], store: ImageStore) -> Message:
    """The message that `message_record` described; `results` by call id."""
    decision, result = _maybe(record["decision"]), record["result"]
    return Message(
        role=Role(record["role"]),
        kind=Kind(record["kind"]),
        parts=tuple(_part_from(_mapping(part), store) for part in _list(record["parts"])),
        decision=None if decision is None else _decision_from(decision),
        result=None if result is None else results[str(result)],
        pointed=regions_from(_mapping(record["pointed"]), store) if "pointed" in record else (),
    )


def answer_record(answer: Answer) -> JsonObject:
    """An answer as plain JSON, without its trace."""
    return {
        "text": answer.text,
        "value": answer.value,
        "complete": answer.complete,
        "evidence": [evidence.to_json() for evidence in answer.evidence],
        "usage": cast("JsonObject", asdict(answer.usage)),
    }


def _part_record(part: Part) -> JsonObject:
    if isinstance(part, ImagePart):
        return {"image": part.image.to_json()}
    return {"text": part.text, "untrusted": part.untrusted}


def _part_from(record: Mapping[str, Json], store: ImageStore) -> Part:
    if "image" in record:
        return ImagePart(Image.from_json(_mapping(record["image"]), store))
    return TextPart(str(record["text"]), bool(record["untrusted"]))


def _mapping(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise _damaged("an object", value)
    return value


def _maybe(value: Json) -> Mapping[str, Json] | None:
    return None if value is None else _mapping(value)


def _list(value: Json) -> Sequence[Json]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise _damaged("a list", value)
    return value


def _number(value: Json) -> float:
    if not isinstance(value, int | float):
        raise _damaged("a number", value)
    return value


def _damaged(wanted: str, value: Json) -> UsageError:
    return UsageError(f"A record in the store is damaged: {wanted} was expected, not {str(value)[:60]!r}.")
