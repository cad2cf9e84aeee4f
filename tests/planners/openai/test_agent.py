"""An agent whose planner speaks to a server: pictures go out as data, results come back, evidence resolves."""

from __future__ import annotations

import base64
import io
import json
import re
from typing import Any

import numpy as np
import PIL.Image
import pytest

from lavr import Agent, Image, Observation, tool
from lavr.agent.events import AnswerDelta, ImageShown, Observed, ThoughtDelta
from lavr.planners.openai.planner import OpenAIPlanner
from lavr.tests.agent.tables import events_of
from lavr.tests.planners.openai.loopback import Body, Loopback, call_chunks, chats, contents, serving, text_chunks
from lavr.tools.look import look
from lavr.tools.zoom import zoom
from lavr.vision.region import Region

MODES = ("tools", "schema", "text")
RED, BLUE = (220, 30, 30), (30, 30, 220)


@tool
def find_red(image: Image) -> Observation:
    """Find what is red."""
    ys, xs = np.nonzero((image.pixels() == RED).all(axis=2))
    box = (float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))
    return Observation("1 red thing", (Region(image, box, "red", 1.0),))


def drawn() -> Image:
    """A white picture, twice as large as it is shown, with a red and a blue rectangle."""
    pixels = np.full((600, 800, 3), 255, np.uint8)
    pixels[100:200, 80:240] = RED
    pixels[300:500, 400:700] = BLUE
    return Image.of(pixels, name="drawn.png")


def pictures(body: Body) -> list[tuple[int, np.ndarray[Any, np.dtype[np.uint8]]]]:
    """The pictures of a request, each with the number of its message."""
    found = []
    for number, content in enumerate(contents(body)):
        for part in content if isinstance(content, list) else ():
            if "image_url" in part:
                data = base64.b64decode(part["image_url"]["url"].split(",", 1)[1])
                found.append((number, np.asarray(PIL.Image.open(io.BytesIO(data)).convert("RGB"))))
    return found


def wrote(
    body: Body, thought: str, calls: list[tuple[str, dict[str, Any]]], answer: dict[str, Any] | None
) -> list[Body]:
    """A decision as the model of that server writes it."""
    if "tools" in body:
        named = [(name, {"thought": thought, **arguments}) for name, arguments in calls]
        return call_chunks(*(named or [("final_answer", {"thought": thought, **(answer or {})})]))
    made: list[dict[str, Any]] = [{"name": name, "arguments": arguments} for name, arguments in calls]
    if "response_format" in body:
        return text_chunks(json.dumps({"thought": thought, "calls": made, "answer": answer}))
    tags = [f"<tool_call>{json.dumps(each)}</tool_call>" for each in made] or [f"<answer>{json.dumps(answer)}</answer>"]
    return text_chunks("\n".join([thought, *tags]))


def model(body: Body) -> list[Body]:
    """A model that looks: it reads sizes and handles from what it is shown, zooms, and answers from pixels."""
    told = json.dumps(body["messages"])
    shown = pictures(body)
    region = re.search(r"(r\d+) red", told)
    if len(shown) == 1 and region is None:
        return wrote(body, "I look for red.", [("find_red", {"image": "img_1"})], None)
    if len(shown) == 1 and region is not None:
        # The blue rectangle in thousandths of the picture as it was shown.
        ys, xs = np.nonzero(_blue(shown[0][1]))
        height, width = shown[0][1].shape[:2]
        box = [xs.min() / width, ys.min() / height, (xs.max() + 1) / width, (ys.max() + 1) / height]
        return wrote(
            body, "Now the blue one.", [("zoom", {"image": "img_1", "box": [round(1000 * x) for x in box]})], None
        )
    inside = float(_blue(shown[-1][1]).mean())
    citations = [{"quote": "red", "handle": region.group(1) if region else "?"}, {"quote": "blue", "handle": "img_2"}]
    text = f"One is red, one is blue ({inside:.0%} of the close-up)."
    return wrote(body, "I know.", [], {"text": text, "value": "2", "citations": citations})


def _blue(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray((pixels[:, :, 2] > 180) & (pixels[:, :, 0] < 90))


def agent_for(server: Loopback, mode: Any) -> Agent:
    planner = OpenAIPlanner("tiny", base_url=server.url, api_key="", mode=mode, max_side=400)
    return Agent(planner, tools=[find_red, zoom, look])


@pytest.mark.parametrize("mode", MODES)
def test_an_agent_answers_through_a_server(mode: str) -> None:
    with serving(chats(model)) as server:
        agent = agent_for(server, mode)
        answer = agent.ask(drawn(), "Which rectangles are there?")
    assert answer.complete
    assert answer.value == "2"
    share = re.search(r"(\d+)%", answer.text)
    assert share is not None
    assert int(share.group(1)) > 75  # a padding of 5 % on each side of the box is white
    red, blue = answer.evidence
    assert red.region is not None
    assert list(red.region.xyxy) == [80, 100, 240, 200]
    assert blue.image is not None
    assert (answer.usage.steps, answer.usage.calls, answer.usage.tokens.reused) == (3, 2, 240)
    assert len(server.chats) == 3


@pytest.mark.parametrize("mode", MODES)
def test_pictures_arrive_where_they_belong_and_what_was_sent_is_sent_again(mode: str) -> None:
    with serving(chats(model)) as server:
        agent_for(server, mode).ask(drawn(), "Which rectangles are there?")
    first, second, third = (chat.body for chat in server.chats)
    assert [pixels.shape for _, pixels in pictures(first)] == [(300, 400, 3)]
    (asked_at, _), (made_at, made) = pictures(third)
    assert "shown at 400 x 300" in json.dumps(contents(first)[asked_at])
    assert made_at == len(third["messages"]) - 1 > asked_at
    assert max(made.shape) <= 400
    for shorter, longer in ((first, second), (second, third)):
        assert longer["messages"][: len(shorter["messages"])] == shorter["messages"]
    raw = [chat.raw[: chat.raw.index(b'],"stream"')] for chat in server.chats]
    assert raw[1].startswith(raw[0])
    assert raw[2].startswith(raw[1])


@pytest.mark.parametrize("mode", MODES)
def test_thoughts_and_the_answer_stream(mode: str) -> None:
    with serving(chats(model)) as server:
        events = events_of(agent_for(server, mode), "Which rectangles are there?", drawn())
    thoughts = [event.text for event in events if isinstance(event, ThoughtDelta)]
    answer = [event.text for event in events if isinstance(event, AnswerDelta)]
    assert "".join(thoughts) == "I look for red.Now the blue one.I know."
    assert "".join(answer).startswith("One is red")
    assert len(answer) > 3
    assert sum(isinstance(event, ImageShown) for event in events) == 2


@pytest.mark.parametrize("mode", MODES)
def test_a_call_with_an_unknown_handle_is_refused_in_words_that_the_model_reads(mode: str) -> None:
    def slip(body: Body) -> list[Body]:
        told = json.dumps(body["messages"])
        if "img_7" not in told:
            return wrote(body, "Hm.", [("look", {"image": "img_7"})], None)
        return wrote(body, "I see.", [], {"text": "Two." if "img_1" in told and "failed" in told else "?"})

    with serving(chats(slip)) as server:
        agent = agent_for(server, mode)
        events = events_of(agent, "How many?", drawn())
    (observed,) = [event for event in events if isinstance(event, Observed)]
    assert observed.results[0].error is not None
    assert observed.results[0].error.name == "UnknownHandle"
    assert "img_1" in str(observed.results[0].error)


def test_a_second_question_goes_on_with_the_same_prompt() -> None:
    with serving(chats(model)) as server:
        session = agent_for(server, "tools").session()
        session.ask("Which rectangles are there?", drawn())
        session.ask("Say it again.")
    before, after = server.chats[-2].body, server.chats[-1].body
    assert after["messages"][: len(before["messages"])] == before["messages"]
    assert after["tools"] == before["tools"]
    roles = [message["role"] for message in after["messages"][len(before["messages"]) :]]
    assert roles == ["assistant", "tool", "user"]
