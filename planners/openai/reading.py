"""From a server's reply to a decision."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from ...errors import MalformedReply, PlannerError
from ...jsonable import Json, JsonObject
from ...tools.calls import ToolCall
from ...tools.spec import ToolSpec
from ..base import Decision, Draft
from ..replies.loose import Broken, read_whole
from ..replies.parse import parse_reply
from ..replies.shapes import draft_of
from .dialect import Mode
from .functions import ANSWER, THOUGHT, takes_thought, without_idle_nulls
from .replying import RawCall, Reply
from .replyschema import NEXT
from .streaming import joined

_EXCERPT = 120


def decision_of(reply: Reply, tools: Sequence[ToolSpec], *, mode: Mode, max_tokens: int) -> Decision:
    """The decision that a reply is, with what it cost.

    Args:
        reply: a whole reply.
        tools: what may be called; empty when there must be an answer.
        mode: how the model was asked to write.
        max_tokens: where the server cut it off, if it did.

    Raises:
        MalformedReply: when it is cut off, cannot be read, or calls and answers at once.
        PlannerError: when the server withheld it.
    """
    _check_end(reply, max_tokens)
    if reply.calls:
        thought, calls, answer = _called(reply, tools)
    elif reply.refusal and not reply.content.strip():
        thought, calls, answer = "", (), Draft(reply.refusal, complete=False)
    else:
        thought, calls, answer = _written(reply.content, tools, mode)
    if calls and not tools:
        raise MalformedReply(
            f"The reply calls {calls[0].name}, and tools can no longer be called.",
            remedy="Answer with what is known, and say what could not be established.",
        )
    return Decision(joined([reply.reasoning, thought]), calls, answer, reply.tokens)


def follows_schema(reply: Reply) -> bool:
    """Whether a reply is one JSON object of the schema that was asked for, or the beginning of one."""
    if reply.finish == "length":
        return reply.content.lstrip().startswith("{")
    try:
        value = json.loads(reply.content)
    except ValueError:
        return False
    return isinstance(value, dict) and bool({NEXT, "calls", "answer"} & value.keys())


def writes_calls(reply: Reply, tools: Sequence[ToolSpec]) -> bool:
    """Whether the text of a reply calls tools."""
    try:
        return bool(parse_reply(reply.content, tools).calls)
    except MalformedReply:
        return False


def _check_end(reply: Reply, max_tokens: int) -> None:
    if reply.finish == "length":
        said = reply.content or (reply.calls[-1].arguments if reply.calls else reply.reasoning)
        raise MalformedReply(
            f"The reply was cut off after {reply.tokens.written or max_tokens} tokens; it ends …{said[-40:]!r}.",
            remedy="Think in one or two sentences, make fewer calls at once, answer in fewer words. "
            f"(For people: max_tokens={max_tokens} can be raised.)",
            max_tokens=max_tokens,
        )
    if reply.finish == "content_filter":
        raise PlannerError("The server's filter withheld the reply.", remedy="Ask in other words.")


_Said = tuple[str, tuple[ToolCall, ...], Draft | None]


def _called(reply: Reply, tools: Sequence[ToolSpec]) -> _Said:
    """Thought, calls and answer of native calls."""
    specs = {tool.name: tool for tool in tools}
    thoughts = [reply.content.strip()]
    calls: list[ToolCall] = []
    answers: list[Draft] = []
    for raw in reply.calls:
        arguments = _arguments(raw)
        spec = specs.get(raw.name)
        if spec is None or not takes_thought(spec):
            thoughts.append(str(arguments.pop(THOUGHT, None) or "").strip())
        if raw.name == ANSWER and spec is None:
            answers.append(_draft(arguments))
        else:
            calls.append(ToolCall(raw.id, raw.name, without_idle_nulls(arguments, spec) if spec else arguments))
    if calls and answers:
        raise both_at_once()
    if len(set(answers)) > 1:
        raise MalformedReply(f"{ANSWER} was called {len(answers)} times.", remedy="Call it once, with one answer.")
    return "\n".join(dict.fromkeys(filter(None, thoughts))), tuple(calls), answers[0] if answers else None


def _written(content: str, tools: Sequence[ToolSpec], mode: Mode) -> _Said:
    """Thought, calls and answer of a text: by the schema where one was asked for, by whatever it looks like else."""
    value = _opened(_read_object(content)) if mode == "schema" else None
    if value is None or not ({"calls", "answer"} & value.keys()):
        parsed = parse_reply(content, tools)
        return parsed.thought, parsed.calls, parsed.answer
    specs = {tool.name: tool for tool in tools}
    listed = value.get("calls") or []
    calls = tuple(
        _schema_call(each, specs) for each in cast("Sequence[Json]", listed if isinstance(listed, list) else [listed])
    )
    answer = None if value.get("answer") is None else _draft(value["answer"])
    if calls and answer:
        raise both_at_once()
    if not calls and answer is None:
        raise MalformedReply("The reply neither calls a tool nor answers.", remedy="Fill in `calls` or `answer`.")
    thought = value.get(THOUGHT)
    return thought.strip() if isinstance(thought, str) else "", calls, answer


def _opened(value: JsonObject | None) -> JsonObject | None:
    """The reply with what is `next` beside the thought, which is where some models put it anyway."""
    then = value.get(NEXT) if value else None
    return {**value, **then} if value and isinstance(then, Mapping) else value


def _schema_call(value: Json, specs: Mapping[str, ToolSpec]) -> ToolCall:
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        raise MalformedReply(
            f"This is no call: {json.dumps(value, ensure_ascii=False)[:_EXCERPT]}",
            remedy='Write each call as {"name": "...", "arguments": {...}}.',
        )
    name, given = str(value["name"]), value.get("arguments")
    arguments = dict(given) if isinstance(given, Mapping) else {}
    spec = specs.get(name)
    return ToolCall("", name, without_idle_nulls(arguments, spec) if spec else arguments)


def _draft(value: Json) -> Draft:
    draft = draft_of(value)
    if not draft.text:
        raise MalformedReply("The answer has no text.", remedy='Give it as "text".')
    return draft


def _arguments(raw: RawCall) -> JsonObject:
    """The arguments of a native call, read as leniently as has one meaning only."""
    if not raw.arguments.strip():
        return {}
    value = _read_object(raw.arguments)
    if value is None:
        raise MalformedReply(
            f"The arguments of {raw.name} are no JSON object: {raw.arguments[:_EXCERPT]!r}",
            remedy="Write them as one JSON object, closed and properly quoted.",
        )
    return value


def _read_object(text: str) -> JsonObject | None:
    """The JSON object that a text is, repaired where that has one meaning only; None when it is none."""
    try:
        value = json.loads(text, strict=False, parse_constant=_refused, object_pairs_hook=_unambiguous)
    except ValueError:
        value = _repaired(text)
    return dict(value) if isinstance(value, Mapping) else None


def _repaired(text: str) -> Json:
    try:
        reading = read_whole(text)
    except Broken:
        return None
    value = reading.value
    cut = isinstance(value, Mapping) and any(map(reading.is_cut, value.values()))
    return None if cut else value


def _unambiguous(pairs: Sequence[tuple[str, Json]]) -> JsonObject:
    made = dict(pairs)
    if any(repr(made[key]) != repr(value) for key, value in pairs):
        raise ValueError("a key has two values")
    return made


def _refused(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")


def both_at_once() -> MalformedReply:
    """The complaint about a reply that calls and answers."""
    return MalformedReply(
        "The reply calls a tool and answers at once.",
        remedy="Either call tools and wait for what comes back, or answer.",
    )
