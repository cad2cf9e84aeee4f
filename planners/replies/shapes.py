"""The shapes in which JSON values hold calls or answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ...errors import MalformedReply
from ...jsonable import Json
from ..base import Citation, Draft
from .toolbook import EXAMPLE, RawCall, Toolbook

NAME_KEYS = ("name", "tool", "tool_name", "function_name", "function", "action")
ARGUMENT_KEYS = ("arguments", "args", "parameters", "input", "action_input", "tool_input", "params", "kwargs")
LIST_KEYS = ("tool_calls", "function_calls", "calls", "actions")
ID_KEYS = ("id", "call_id", "tool_call_id")
THOUGHT_KEYS = ("thought", "thoughts", "reasoning", "reasoning_content", "explanation", "content")
BESIDE = {*ID_KEYS, *THOUGHT_KEYS, "type", "role", "index", "refusal"}
ANSWER_NAMES = {"final_answer", "final answer", "finalanswer", "answer", "finish"}
ANSWER_KEYS = ("final_answer", "answer", "text")
ANSWER_BESIDE = {"value", "citations", "complete", *THOUGHT_KEYS}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a JSON value holds: calls or an answer, and a thought."""

    calls: tuple[RawCall, ...] = ()
    answer: Json = None
    thought: str = ""


def shape_of(value: Json, book: Toolbook) -> Shape | None:
    """The calls or the answer in a value; None when it is mere data.

    Raises:
        MalformedReply: when it is a call by its shape, and something in it contradicts that.
    """
    if isinstance(value, list):
        return _of_list(value, book)
    if not isinstance(value, Mapping):
        return None
    return _of_wrapper(value, book) or _of_call(value, book) or _of_answer(value)


def _of_list(values: Sequence[Json], book: Toolbook) -> Shape | None:
    shapes = [shape_of(value, book) for value in values]
    found = [shape for shape in shapes if shape is not None and shape.calls]
    if not found:
        return None
    if len(found) < len(shapes):
        raise MalformedReply(
            "A list holds calls and something else.", remedy=f"Write each call as {EXAMPLE} and nothing between them."
        )
    return Shape(tuple(call for shape in found for call in shape.calls), thought=_joined(found))


def _joined(shapes: Sequence[Shape]) -> str:
    return "\n".join(shape.thought for shape in shapes if shape.thought)


def _of_wrapper(value: Mapping[str, Json], book: Toolbook) -> Shape | None:
    """`{"tool_calls": [...]}`, `{"function_call": {...}}`, `{"function": {...}}`, a message with content only."""
    thought = _thought(value)
    for key in LIST_KEYS:
        inner = value.get(key)
        if isinstance(inner, list) and inner:
            shape = _of_list(inner, book)
            if shape is None:
                raise MalformedReply(f"{key!r} holds no calls.", remedy=f"Write each call as {EXAMPLE}.")
            return _beside(replace(shape, thought=thought or shape.thought), value, {key, *BESIDE})
    for key in ("function_call", "function", "tool_call"):
        inner = value.get(key)
        if isinstance(inner, Mapping) and (shape := _of_call(inner, book)) is not None:
            calls = tuple(replace(call, id=call.id or _id(value)) for call in shape.calls)
            return _beside(Shape(calls, thought=thought or shape.thought), value, {key, *BESIDE, *LIST_KEYS})
    if value.get("role") == "assistant" and isinstance(value.get("content"), str):
        return Shape(answer=value["content"])
    return None


def _beside(shape: Shape, value: Mapping[str, Json], known: set[str]) -> Shape:
    strange = [key for key in value if key not in known and value[key] is not None]
    if not strange:
        return shape
    if {*strange} & {*ANSWER_KEYS}:
        raise both()
    raise MalformedReply(
        f"{strange[0][:60]!r} stands beside a call, and does not belong there.",
        remedy=f"Write {EXAMPLE} with nothing beside.",
    )


def both() -> MalformedReply:
    """The complaint about a reply that calls and answers."""
    return MalformedReply(
        "The reply has a call and an answer.",
        remedy="Write either calls, and wait for what comes back, or the answer, and no calls.",
    )


def _of_call(value: Mapping[str, Json], book: Toolbook) -> Shape | None:
    names = [key for key in NAME_KEYS if isinstance(value.get(key), str)]
    names.sort(key=lambda key: not book.has(str(value[key])))
    arguments = [key for key in ARGUMENT_KEYS if key in value]
    if not names:
        return _of_named_key(value, book)
    name = str(value[names[0]])
    if name.strip().lower() in ANSWER_NAMES and not book.has(name) and arguments:
        return Shape(answer=value[arguments[0]], thought=_thought(value))
    if arguments:
        if len({repr(value[key]) for key in arguments}) > 1:
            raise MalformedReply(f"A call of {name[:60]!r} has two sets of arguments.", remedy=f"Write {EXAMPLE}")
        call = RawCall(name, value[arguments[0]], _id(value))
        return _beside(Shape((call,), thought=_thought(value)), value, {names[0], *arguments, *BESIDE})
    rest = {key: item for key, item in value.items() if key != names[0] and key not in BESIDE}
    # Without a key for arguments it is a call only when everything fits: data may have a name, too.
    if book.has(name) and book.fits(book.named(name), rest):
        return Shape((RawCall(name, rest, _id(value)),), thought=_thought(value))
    return None


def _of_named_key(value: Mapping[str, Json], book: Toolbook) -> Shape | None:
    """`{"ocr": {"image": "img_1"}}`."""
    calls = [RawCall(key, inner) for key, inner in value.items() if book.has(key) and isinstance(inner, Mapping)]
    if len(calls) == 1 and set(value) <= {calls[0].name, *THOUGHT_KEYS}:
        return Shape((calls[0],), thought=_thought(value))
    return None


def _of_answer(value: Mapping[str, Json]) -> Shape | None:
    keys = [key for key in ANSWER_KEYS if key in value]
    if len(keys) != 1 or not set(value) <= {keys[0], *ANSWER_BESIDE}:
        return None
    return Shape(answer=value, thought=_thought(value))


def _thought(value: Mapping[str, Json]) -> str:
    found = [value[key] for key in THOUGHT_KEYS if isinstance(value.get(key), str)]
    return str(found[0]).strip() if found else ""


def _id(value: Mapping[str, Json]) -> str:
    return next((str(value[key]) for key in ID_KEYS if isinstance(value.get(key), str | int)), "")


def draft_of(answer: Json) -> Draft:
    """The answer that a JSON value or a text is.

    Raises:
        MalformedReply: when it has no text.
    """
    if not isinstance(answer, Mapping):
        return Draft(_words(answer))
    text = next((answer[key] for key in ANSWER_KEYS if key in answer), None)
    if isinstance(text, Mapping):
        return draft_of(text)
    words, value = _words(text), _words(answer.get("value"))
    complete = str(answer.get("complete", True)).lower() not in {"false", "no"}
    return Draft(words or value, tuple(_citations(answer.get("citations"))), complete, value)


def _words(value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return "\n".join(map(_words, value))
    return str(value) if isinstance(value, int | float) else ""


def _citations(value: Json) -> Iterator[Citation]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("quote"), str) and isinstance(one.get("handle"), str):
            yield Citation(str(one["quote"]), str(one["handle"]).strip("[] "))
