"""A schema of a whole reply lets a model write only what can be done at this step."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from lavr.planners.base import Kind, Message, Role, TextPart
from lavr.planners.handles import Handles
from lavr.planners.openai.naming import parameters_of
from lavr.planners.openai.planner import OpenAIPlanner
from lavr.planners.openai.replying import Reply
from lavr.planners.openai.replyschema import MOST_CALLS, MOST_WORDS, can_look, reply_schema
from lavr.planners.rehearsal import asked, gradient, looked
from lavr.tools.registry import default_tools
from lavr.tools.spec import ToolCard, ToolSpec
from lavr.vision.region import Region
from lavr.vision.scene import Scene
from lavr.vision.units import CoordinateUnit

SPECS = tuple(tool.spec for tool in default_tools())
PICTURE = Handles(images=("img_1",))
SEEN = Handles(images=("img_1", "img_2"), regions=("r1", "r2"), calls=("c1",))


def allowed(reply: dict[str, Any], live: Handles | None, tools: tuple[ToolSpec, ...] = SPECS, **how: Any) -> bool:
    """Whether the schema lets a reply through."""
    schema = reply_schema(tools, CoordinateUnit.PER_MILLE, live, **how)
    return bool(jsonschema.Draft202012Validator(schema).is_valid(reply))


def reading(image: str, region: str | None = None) -> dict[str, Any]:
    """A call of `ocr`."""
    arguments = {"image": image, "region": region, "box": None, "find": "total", "level": "line"}
    return {"name": "ocr", "arguments": arguments}


def called(*calls: dict[str, Any]) -> dict[str, Any]:
    """A reply with calls."""
    return {"thought": "Read.", "next": {"calls": list(calls)}}


def answered(handle: str) -> dict[str, Any]:
    """A reply with an answer that rests on something."""
    citations = [{"quote": "9.00", "handle": handle}]
    return {
        "thought": "Seen.",
        "next": {"answer": {"text": "It is 9.00.", "value": "9.00", "citations": citations, "complete": True}},
    }


def test_only_handles_that_there_are_can_be_named() -> None:
    assert allowed(called(reading("img_2", "r2")), SEEN)
    assert not allowed(called(reading("img_3")), SEEN)
    assert not allowed(called(reading("img_1", "r3")), SEEN)
    assert not allowed(called(reading("img_1", "img_1")), SEEN)


def test_a_place_cannot_be_named_before_one_was_found() -> None:
    assert allowed(called(reading("img_1")), PICTURE, may_answer=False)
    without_region = {key: value for key, value in reading("img_1")["arguments"].items() if key != "region"}
    either = (reading("img_1"), {"name": "ocr", "arguments": without_region})
    assert any(allowed(called(each), PICTURE) for each in either)
    assert not allowed(called(reading("img_1", "r1")), PICTURE)


def test_an_answer_rests_on_places_pictures_and_calls_that_there_are() -> None:
    assert all(allowed(answered(handle), SEEN) for handle in ("r1", "img_2", "c1"))
    assert not any(allowed(answered(handle), SEEN) for handle in ("r9", "img_3", "c2", "the picture"))


def test_an_answer_without_anything_to_rest_on_cites_nothing() -> None:
    bare = {"thought": "Hm.", "next": {"answer": {"text": "Hello.", "value": None, "complete": None}}}
    assert allowed(bare, Handles())
    assert not allowed(answered("img_1"), Handles())


def test_a_tool_that_needs_a_place_is_offered_once_there_is_one() -> None:
    place: dict[str, Any] = {"type": "string", "format": "region"}
    parameters: dict[str, Any] = {"type": "object", "properties": {"region": place}, "required": ["region"]}
    cut = ToolSpec("cut", ToolCard("Cut a place out."), parameters)
    reply = called({"name": "cut", "arguments": {"region": "r1"}})
    assert allowed(reply, SEEN, (*SPECS, cut))
    assert not allowed(reply, PICTURE, (*SPECS, cut))
    assert allowed(answered("img_1"), PICTURE, (cut,), may_answer=False), "otherwise nothing could be said at all"


def test_a_schema_never_lists_more_words_than_servers_take_and_shuts_out_nothing_for_it() -> None:
    for number in (30, 120, 700):
        many = Handles(images=("img_1",), regions=tuple(f"r{each}" for each in range(1, number + 1)), calls=("c1",))
        schema = json.dumps(reply_schema(SPECS, CoordinateUnit.PER_MILLE, many))
        listed = sum(len(words.split(",")) for words in re.findall(r'"enum": \[([^]]*)\]', schema))
        assert listed <= MOST_WORDS
        for place in (many.regions[0], many.regions[-1]):
            assert allowed(called(reading("img_1", place)), many)
            assert allowed(answered(place), many)
        assert not allowed(called(reading("img_2")), many), "there is always room for so few pictures"
        assert allowed(answered("r999"), many) == (number > 500)


def test_who_cannot_look_yet_may_do_whatever_can_be_done() -> None:
    place: dict[str, Any] = {"type": "string", "format": "region"}
    parameters: dict[str, Any] = {"type": "object", "properties": {"region": place}, "required": ["region"]}
    cut = ToolSpec("cut", ToolCard("Cut a place out."), parameters)
    (adds,) = (spec for spec in SPECS if spec.name == "calculate")
    assert not can_look((cut, adds), PICTURE)
    assert can_look((cut, adds), SEEN)
    sum_up = called({"name": "calculate", "arguments": {"expression": "1 + 1"}})
    assert allowed(sum_up, PICTURE, (cut, adds), may_answer=False)
    assert not allowed(sum_up, SEEN, (cut, adds), may_answer=False)


def test_a_place_that_the_user_points_at_can_be_named_at_once() -> None:
    scene = Scene()
    image = scene.add_image(gradient((160, 120)))
    region = scene.add_region(Region(image, (10.0, 20.0, 30.0, 40.0), label="selection"))
    question = Message(Role.USER, Kind.QUESTION, (TextPart("What does this say?"),), pointed=(region,))
    live = Handles.of(asked("Hello?", [image]).extended([question]))
    assert live.regions == (region.handle,)
    assert allowed(called(reading(image.handle, region.handle)), live)


def test_openais_own_server_gets_the_same_schema_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    before, after = looked()
    planner = OpenAIPlanner("gpt", base_url="https://api.openai.com/v1", api_key="k", mode="schema")
    reply = Reply(content=json.dumps(answered("img_1")), finish="stop")

    def ask(body: Any, **_: Any) -> Reply:
        sent.append(body)
        return reply

    monkeypatch.setattr(planner._server, "ask", ask)
    for conversation in (before, after):
        planner.decide(conversation, SPECS)
    first, second = (body["response_format"] for body in sent)
    assert first == second


def test_any_handle_can_be_named_where_none_are_told() -> None:
    assert allowed(called(reading("img_7", "r70")), None)
    assert not allowed(called(reading("the picture")), None)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", 1.5e9),
        ("HuggingFaceTB/SmolLM2-135M-Instruct", 135e6),
        ("llama3.2-vision:11b", 11e9),
        ("Qwen/Qwen3-VL-30B-A3B-Instruct", 30e9),
        ("gpt-4.1-mini", None),
        ("qwen2.5vl", None),
        ("my-model-v2b3", None),
        ("moondream-0_5b", 0.5e9),
        ("claude-sonnet-4-1m", None),
        ("Qwen2.5-7B-Instruct-1M", 7e9),
    ],
)
def test_the_name_of_a_model_tells_its_size_or_nothing(name: str, parameters: float | None) -> None:
    assert parameters_of(name) == parameters


@pytest.mark.parametrize(
    ("name", "asked", "most"),
    [("smol-135m", None, 1), ("qwen-7b", None, MOST_CALLS), ("gpt", None, MOST_CALLS), ("smol-135m", 3, 3)],
)
def test_small_models_make_one_call_at_a_time_unless_they_are_allowed_more(
    name: str, asked: int | None, most: int
) -> None:
    planner = OpenAIPlanner(name, base_url="http://127.0.0.1:9/v1", api_key="", mode="schema", calls_per_turn=asked)
    conversation, _ = looked()
    body: Any = planner.request(planner._rendering.turns(conversation), SPECS, live=Handles.of(conversation))
    schema = body["response_format"]["json_schema"]["schema"]
    assert jsonschema.Draft202012Validator(schema).is_valid(called(*[reading("img_1")] * most))
    assert not jsonschema.Draft202012Validator(schema).is_valid(called(*[reading("img_1")] * (most + 1)))
