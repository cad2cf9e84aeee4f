"""What is sent: append-only, byte for byte the same, pictures small and in their place."""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import numpy as np
import PIL.Image
import pytest

from lavr.errors import LimitReached, MissingExtra, UsageError
from lavr.planners.base import Conversation, Decision, Draft
from lavr.planners.openai.dialect import Dialect
from lavr.planners.openai.functions import functions
from lavr.planners.openai.planner import OpenAIPlanner
from lavr.planners.openai.replyschema import reply_schema
from lavr.planners.rehearsal import looked
from lavr.planners.testing import asked, continued
from lavr.tools.registry import default_tools
from lavr.tools.spec import ToolSpec
from lavr.vision.image import Image
from lavr.vision.scene import Scene
from lavr.vision.units import CoordinateUnit

SPECS = tuple(tool.spec for tool in default_tools())
MODES = ("tools", "schema", "text")


def planner_of(mode: Any = "tools", **settings: Any) -> OpenAIPlanner:
    """A planner that is never asked to speak."""
    return OpenAIPlanner("tiny", base_url="http://127.0.0.1:9/v1", api_key="", mode=mode, **settings)


def request_of(planner: OpenAIPlanner, conversation: Conversation, tools: Sequence[ToolSpec] = SPECS) -> dict[str, Any]:
    """The body of the request about a conversation."""
    return dict(planner.request(planner._rendering.turns(conversation), tools))


def talk() -> list[Conversation]:
    """A conversation at five moments: asked, looked, answered, asked again, answered again."""
    before, after = looked()
    answered = continued(after, Decision("Now I know.", answer=Draft("It says 9.00.", value="9.00")), [])
    again = answered.extended(asked("And what else?", []).messages)
    return [before, after, answered, again, continued(again, Decision(answer=Draft("Nothing.")), [])]


@pytest.mark.parametrize("pictures_in", ["user", "tool"])
@pytest.mark.parametrize("mode", MODES)
def test_a_longer_conversation_begins_with_the_bytes_of_the_shorter_one(mode: str, pictures_in: Any) -> None:
    planner = planner_of(mode, pictures_in=pictures_in)
    written = [json.dumps(request_of(planner, each)["messages"]) for each in talk()]
    for shorter, longer in pairwise(written):
        assert longer.startswith(shorter[:-1])
        assert len(longer) > len(shorter)
    bodies = [request_of(planner_of(mode, pictures_in=pictures_in), each) for each in talk()]
    assert [json.dumps(body["messages"]) for body in bodies] == written
    assert len({json.dumps({**body, "messages": None}) for body in bodies}) == 1


@pytest.mark.parametrize("mode", MODES)
def test_every_call_is_answered_by_a_message_right_behind_it(mode: str) -> None:
    messages = cast("list[dict[str, Any]]", request_of(planner_of(mode), talk()[-1])["messages"])
    waiting: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] == waiting.pop(0)
        else:
            assert waiting == []
        waiting += [call["id"] for call in message.get("tool_calls", ())]
    assert waiting == []
    assert ("tool" in {message["role"] for message in messages}) == (mode == "tools")


def test_pictures_of_results_follow_the_results_or_are_in_them() -> None:
    for place, role in (("user", "user"), ("tool", "tool")):
        messages = request_of(planner_of(pictures_in=place), talk()[1])["messages"]
        holders = [
            message["role"]
            for message in messages
            if isinstance(message.get("content"), list) and any("image_url" in part for part in message["content"])
        ]
        assert holders == ["user", role]


def test_a_model_that_does_not_see_is_told_of_pictures_and_sent_none() -> None:
    body = json.dumps(request_of(planner_of(sees=False), talk()[1]))
    assert "image_url" not in body
    assert "img_1" in body


def noise(size_wh: tuple[int, int]) -> Image:
    """A picture that cannot be packed."""
    pixels = np.random.default_rng(0).integers(0, 255, (size_wh[1], size_wh[0], 3), np.uint8)
    return Scene().add_image(Image.of(pixels, name="noise.png"))


def sent_picture(planner: OpenAIPlanner, image: Image) -> tuple[str, bytes]:
    """The MIME type and the bytes of the picture in a request."""
    (message,) = request_of(planner, asked("?", [image]))["messages"][-1:]
    (url,) = [part["image_url"]["url"] for part in message["content"] if "image_url" in part]
    head, data = url.split(",", 1)
    return head, base64.b64decode(data)


@pytest.mark.parametrize("max_bytes", [20_000, 200_000, 2_000_000, 9_000_000])
def test_a_picture_is_sent_under_the_bounds_at_the_size_that_the_agent_is_told(max_bytes: int) -> None:
    planner = planner_of(max_image_bytes=max_bytes, max_side=1_000)
    image = noise((1_500, 900))
    head, data = sent_picture(planner, image)
    with PIL.Image.open(io.BytesIO(data)) as opened:
        assert opened.size == planner.shown_wh(image)
        assert max(opened.size) <= 1_000
        assert opened.format is not None
        assert head == f"data:image/{opened.format.lower()};base64"
    assert len(data) <= max_bytes
    assert (head == "data:image/png;base64") == (max_bytes > 1_900_000)


def test_a_small_picture_is_sent_as_it_is() -> None:
    image = noise((40, 30))
    _, data = sent_picture(planner_of(), image)
    with PIL.Image.open(io.BytesIO(data)) as opened:
        assert np.array_equal(np.asarray(opened), image.pixels())


def test_a_picture_that_cannot_be_made_small_enough_is_refused() -> None:
    with pytest.raises(LimitReached, match="300 bytes") as caught:
        planner_of(max_image_bytes=300).shown_wh(noise((900, 900)))
    assert "max_image_bytes" in caught.value.remedy


def test_pictures_of_a_family_have_sides_that_its_processor_keeps() -> None:
    planner = OpenAIPlanner("Qwen/Qwen2.5-VL-7B-Instruct", base_url="http://localhost:1/v1", api_key="")
    assert planner.unit is CoordinateUnit.PIXELS
    assert planner.shown_wh(noise((1_000, 701))) == (1008, 700)
    assert planner_of().unit is CoordinateUnit.PER_MILLE


def test_pictures_carry_their_digest_where_it_is_asked_for() -> None:
    image = noise((40, 30))
    for named in (True, False):
        body = request_of(planner_of(image_uuids=named), asked("?", [image]))
        (part,) = [part for part in body["messages"][-1]["content"] if "image_url" in part]
        assert part.get("uuid") == (image.digest if named else None)


def test_sampling_limits_and_more_fields_are_sent() -> None:
    body = request_of(planner_of(temperature=None, seed=7, max_tokens=99, extra_body={"cache_salt": "me"}), talk()[0])
    assert "temperature" not in body
    assert (body["seed"], body["max_tokens"], body["cache_salt"], body["stream"]) == (7, 99, "me", True)
    hosted = OpenAIPlanner("gpt-x", base_url="https://api.openai.com/v1", api_key="sk-x", mode="tools")
    assert "max_completion_tokens" in request_of(hosted, talk()[0])


@pytest.mark.parametrize("unit", list(CoordinateUnit))
def test_functions_say_the_formats_of_lavr_in_words(unit: CoordinateUnit) -> None:
    offered = json.dumps(functions(SPECS, unit, thoughts=True))
    assert '"format"' not in offered
    assert "The handle of a picture" in offered
    assert {CoordinateUnit.PIXELS: "in pixels of", CoordinateUnit.PER_MILLE: "(0-1000)", CoordinateUnit.UNIT: "(0-1)"}[
        unit
    ] in offered


def test_each_function_asks_for_the_thought_first() -> None:
    for each in cast("list[dict[str, Any]]", functions(SPECS, CoordinateUnit.PIXELS, thoughts=True)):
        parameters = each["function"]["parameters"]
        assert next(iter(parameters["properties"])) == parameters["required"][0] == "thought"
    plain = json.dumps(functions(SPECS, CoordinateUnit.PIXELS, thoughts=False))
    assert '"thought"' not in plain


def check_strict(schema: Any) -> None:
    """Every object closed, every property required: what OpenAI demands of a strict schema."""
    if isinstance(schema, list):
        for each in schema:
            check_strict(each)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object":
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])
    assert not {"default", "format"} & {key for key in schema if isinstance(schema[key], str)}
    if schema.get("type") == "string":
        assert {"enum", "pattern", "maxLength"} & set(schema), f"nothing ends {schema}"
    for key, value in schema.items():
        if key not in {"enum", "required"}:
            check_strict(value)


def test_the_schema_of_a_reply_is_strict() -> None:
    for tools in (SPECS, ()):
        schema = reply_schema(tools, CoordinateUnit.PER_MILLE)
        assert schema["type"] == "object"
        check_strict(schema)


def test_neighbouring_turns_of_the_user_can_be_one() -> None:
    planner = planner_of("schema")
    turns = planner._rendering.turns(talk()[1])
    body: dict[str, Any] = planner.request(turns, SPECS, Dialect("schema", "a test", alternating=True))
    roles = [message["role"] for message in body["messages"]]
    assert all(first != second for first, second in pairwise(roles))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"mode": "magic"}, "no mode 'magic'"),
        ({"max_tokens": 0}, "below 1"),
        ({"calls_per_turn": 0}, "below 1"),
        ({"timeout_s": 0.0}, "cannot be waited for"),
        ({"retries": -1}, "cannot be waited for"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        planner_of(**settings)


def test_without_httpx_the_line_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(MissingExtra) as caught:
        planner_of()
    assert caught.value.remedy == 'pip install "lavr[openai]"'


def test_a_model_without_a_name_is_refused() -> None:
    with pytest.raises(UsageError, match="no name"):
        OpenAIPlanner(" ", api_key="")
