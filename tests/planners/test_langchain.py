"""An agent whose planner is a chat model of LangChain: pictures go out, results come back, evidence resolves."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import PIL.Image
import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from lavr import Agent, Image
from lavr.agent.events import AnswerDelta, AnswerReady, DecisionRefused, ThoughtDelta
from lavr.errors import MalformedReply, PlannerError, UsageError
from lavr.planners.base import Tokens
from lavr.planners.langchain import LangChainPlanner
from lavr.planners.rehearsal import asked, looked, reading_spec
from lavr.planners.testing import check_planner
from lavr.tests.agent.tables import events_of
from lavr.tests.planners.langchain_models import Mute, Says, Streamer, Talker, called
from lavr.tools.color import color
from lavr.tools.zoom import zoom
from lavr.vision.units import CoordinateUnit

RED = (220, 30, 30)
BOX = [0, 0, 500, 1000]
FINAL = {"text": "The left half is red.", "value": "red", "citations": [{"quote": "red", "handle": "c2"}]}
KINDS = [Talker, Streamer]


def drawn() -> Image:
    """A picture whose left half is red."""
    pixels = np.full((300, 400, 3), 255, np.uint8)
    pixels[:, :200] = RED
    return Image.of(pixels, name="drawn.png")


def look_and_tell(messages: list[BaseMessage], tools: list[dict[str, Any]]) -> AIMessage:
    """Enlarge the left half and name its colour at once, then answer."""
    if any(isinstance(message, ToolMessage) for message in messages):
        return called(("final_answer", FINAL), text="Now I know.")
    first = ("zoom", {"image": "img_1", "box": BOX})
    return called(first, ("color", {"image": "img_1", "box": BOX}), text="Look closer at the left half.")


def planner_of(kind: type[Talker], says: Says, **options: Any) -> tuple[LangChainPlanner, Talker]:
    """A planner and its model."""
    model = kind(says=says)
    return LangChainPlanner(model, **options), model


def agent_of(planner: LangChainPlanner) -> Agent:
    """An agent with two light tools."""
    return Agent(planner, tools=[zoom, color])


def blocks(message: BaseMessage) -> list[dict[str, Any]]:
    """The content blocks of a message."""
    return [block for block in message.content if isinstance(block, dict)] if isinstance(message.content, list) else []


def pixels_of(block: dict[str, Any]) -> np.ndarray[Any, Any]:
    """The pixels of a picture block."""
    return np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(block["base64"]))).convert("RGB"))


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_go_out_results_come_back_and_the_answer_has_its_evidence(kind: type[Talker]) -> None:
    planner, model = planner_of(kind, look_and_tell)
    answer = agent_of(planner).ask(drawn(), "Which colour is the left half?")
    assert (answer.text, answer.value) == ("The left half is red.", "red")
    assert [piece.quote for piece in answer.evidence] == ["red"]
    assert answer.usage.tokens == Tokens(40, 160, 14)
    assert answer.usage.calls == 2
    names = [each["function"]["name"] for each in model.bound[0]]
    assert names == ["zoom", "color", "final_answer"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_sees_the_question_first_and_the_results_each_in_its_place(kind: type[Talker]) -> None:
    planner, model = planner_of(kind, look_and_tell)
    agent_of(planner).ask(drawn(), "Which colour is the left half?")
    first, second = model.asked
    assert second[: len(first)] == first
    assert [type(message) for message in second] == [
        SystemMessage,
        HumanMessage,
        AIMessage,
        ToolMessage,
        ToolMessage,
        HumanMessage,
    ]
    said = second[2]
    assert isinstance(said, AIMessage)
    assert said.content == "Look closer at the left half."
    results = [message for message in second if isinstance(message, ToolMessage)]
    assert [result.tool_call_id for result in results] == [call["id"] for call in said.tool_calls]
    assert "red" in str(results[1].content)


def test_pictures_are_standard_blocks_with_the_pixels_that_were_drawn() -> None:
    planner, model = planner_of(Talker, look_and_tell)
    agent_of(planner).ask(drawn(), "Which colour is the left half?")
    question, shown = model.asked[1][1], model.asked[1][5]
    (whole,) = [block for block in blocks(question) if block["type"] == "image"]
    assert whole["mime_type"] == "image/png"
    assert np.array_equal(pixels_of(whole), drawn().pixels())
    (enlarged,) = [block for block in blocks(shown) if block["type"] == "image"]
    assert (pixels_of(enlarged) == RED).all(axis=2).mean() > 0.8


def test_pictures_of_results_go_into_the_messages_of_the_tools_where_that_is_taken() -> None:
    planner, model = planner_of(Talker, look_and_tell, images_in_tool_results=True)
    agent_of(planner).ask(drawn(), "Which colour is the left half?")
    enlarged = model.asked[1][3]
    assert isinstance(enlarged, ToolMessage)
    assert [block["type"] for block in blocks(enlarged)] == ["text", "image"]
    assert not any(isinstance(message, HumanMessage) for message in model.asked[1][3:])


def test_large_pictures_are_sent_small_and_as_jpeg_when_png_is_too_heavy() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (900, 1200, 3), dtype=np.uint8)
    planner, model = planner_of(Talker, look_and_tell, max_side=600, max_image_bytes=250_000)
    image = Image.of(noise, name="noise.png")
    agent_of(planner).ask(image, "Which colour is the left half?")
    (block,) = [block for block in blocks(model.asked[0][1]) if block["type"] == "image"]
    assert block["mime_type"] == "image/jpeg"
    assert len(base64.b64decode(block["base64"])) <= 250_000
    assert pixels_of(block).shape[1::-1] == planner.shown_wh(image) == (600, 450)


def test_thought_and_answer_are_told_as_they_come() -> None:
    planner, _ = planner_of(Streamer, look_and_tell)
    events = events_of(agent_of(planner), "Which colour is the left half?", drawn())
    thoughts = [event.text for event in events if isinstance(event, ThoughtDelta)]
    answers = [event.text for event in events if isinstance(event, AnswerDelta)]
    assert "".join(thoughts) == "Look closer at the left half.Now I know."
    assert "".join(answers) == "The left half is red."
    assert len(answers) > 2


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_model_reasons_is_the_thought(kind: type[Talker]) -> None:
    def reason(messages: list[BaseMessage], tools: list[dict[str, Any]]) -> AIMessage:
        return called(("final_answer", FINAL), additional_kwargs={"reasoning_content": "Red is what I see."})

    planner, _ = planner_of(kind, reason)
    assert planner.decide(asked("Which?"), ()).thought == "Red is what I see."


def test_words_without_a_call_are_the_answer() -> None:
    planner, _ = planner_of(Streamer, lambda messages, tools: AIMessage("It is a red car [img_1]."))
    answer = planner.decide(asked("What is it?"), (reading_spec(),)).answer
    assert answer is not None
    assert answer.text == "It is a red car."
    assert [(one.quote, one.handle) for one in answer.citations] == [("It is a red car", "img_1")]


def test_a_call_that_is_written_in_the_text_is_read_there() -> None:
    text = 'I read it.\n<tool_call>{"name": "ocr", "arguments": {"image": "img_1"}}</tool_call>'
    planner, _ = planner_of(Streamer, lambda messages, tools: AIMessage(text))
    (call,) = planner.decide(asked("What does it say?"), (reading_spec(),)).calls
    assert (call.name, call.arguments) == ("ocr", {"image": "img_1"})


def damaged(arguments: str) -> AIMessage:
    """A message whose only call has arguments that are no JSON."""
    call: Any = {"type": "invalid_tool_call", "id": "x", "name": "ocr", "args": arguments, "error": None}
    return AIMessage("", invalid_tool_calls=[call])


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_that_are_damaged_and_clear_are_repaired(kind: type[Talker]) -> None:
    planner, _ = planner_of(kind, lambda messages, tools: damaged("{'image': 'img_1',}"))
    (call,) = planner.decide(asked("What does it say?"), (reading_spec(),)).calls
    assert (call.name, call.arguments) == ("ocr", {"image": "img_1"})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("arguments", ['{"image": "im', '{"image": "img_1", "image": "img_2"}', "image img_1"])
def test_arguments_that_are_cut_or_unclear_are_asked_again_and_never_closed(kind: type[Talker], arguments: str) -> None:
    planner, _ = planner_of(kind, lambda messages, tools: damaged(arguments))
    with pytest.raises(MalformedReply, match="ocr"):
        planner.decide(asked("What does it say?"), (reading_spec(),))


def test_a_reply_that_cannot_be_used_is_answered_with_the_reason_and_the_run_goes_on() -> None:
    def learn(messages: list[BaseMessage], tools: list[dict[str, Any]]) -> AIMessage:
        told = str(messages[-1].content)
        return called(("final_answer", FINAL)) if "no JSON object" in told else damaged('{"image": "im')

    planner, _ = planner_of(Streamer, learn)
    events = events_of(agent_of(planner), "Which colour is the left half?", drawn())
    assert [type(event.error) for event in events if isinstance(event, DecisionRefused)] == [MalformedReply]
    (ready,) = [event for event in events if isinstance(event, AnswerReady)]
    assert ready.answer.text == "The left half is red."


@pytest.mark.parametrize("reason", [{"finish_reason": "length"}, {"stop_reason": "max_tokens"}])
def test_a_reply_that_was_cut_off_is_malformed_and_says_where(reason: dict[str, str]) -> None:
    planner, _ = planner_of(Streamer, lambda messages, tools: AIMessage("The total", response_metadata=reason))
    with pytest.raises(MalformedReply, match="cut off"):
        planner.decide(asked("What is the total?"), (reading_spec(),))


def test_a_reply_that_was_withheld_is_an_error_that_says_so() -> None:
    said = AIMessage("", response_metadata={"finish_reason": "content_filter"})
    planner, _ = planner_of(Talker, lambda messages, tools: said)
    with pytest.raises(PlannerError, match="withheld"):
        planner.decide(asked("What is it?"), (reading_spec(),))


def plainly(messages: list[BaseMessage], tools: list[dict[str, Any]]) -> AIMessage:
    """The plain-text protocol: first a call, then the answer."""
    assert not tools
    if any("c1 color" in str(message.content) for message in messages):
        return AIMessage(f"<think>Red.</think><answer>{json.dumps(FINAL)}</answer>")
    call = {"name": "color", "arguments": {"image": "img_1", "box": BOX}}
    return AIMessage(f"I name its colour.\n<tool_call>{json.dumps(call)}</tool_call>")


def test_a_model_that_cannot_be_told_of_tools_is_told_a_protocol_in_plain_text_and_the_reason_is_kept() -> None:
    planner, model = planner_of(Mute, plainly)
    answer = agent_of(planner).ask(drawn(), "Which colour is the left half?")
    assert answer.text == "The left half is red."
    assert (planner.mode, planner.reason) == ("text", "Mute cannot be told of tools")
    assert "- color(image: image" in str(model.asked[0][0].content)
    assert not any(isinstance(message, ToolMessage) for message in model.asked[-1])


def test_langchains_own_fake_model_answers_in_plain_text() -> None:
    planner = LangChainPlanner(GenericFakeChatModel(messages=iter([AIMessage("<answer>It is red.</answer>")])))
    assert planner.name == "langchain:GenericFakeChatModel"
    answer = planner.decide(asked("Which colour?"), (reading_spec(),)).answer
    assert answer is not None
    assert answer.text == "It is red."


def test_a_model_without_eyes_gets_words_only() -> None:
    planner, model = planner_of(Talker, look_and_tell, sees=False)
    agent_of(planner).ask(drawn(), "Which colour is the left half?")
    assert not any(blocks(message) for messages in model.asked for message in messages)
    assert "cannot see" in str(model.asked[0][1].content)


def test_a_signed_thought_goes_back_word_for_word_with_the_ids_that_it_was_given() -> None:
    def think(messages: list[BaseMessage], tools: list[dict[str, Any]]) -> AIMessage:
        if any(isinstance(message, ToolMessage) for message in messages):
            return called(("final_answer", FINAL))
        said = called(("color", {"image": "img_1"}))
        signed = {"type": "thinking", "thinking": "Which <b>colour</b> or <think>?", "signature": "s1gned"}
        return said.model_copy(update={"content": [signed]})

    planner, model = planner_of(Talker, think)
    agent_of(planner).ask(drawn(), "Which colour is it?")
    said, result = model.asked[1][2], model.asked[1][3]
    assert blocks(said)[0]["signature"] == "s1gned"
    assert isinstance(result, ToolMessage)
    assert result.tool_call_id == "call_0"


def decide_anything(messages: list[BaseMessage], tools: list[dict[str, Any]]) -> AIMessage:
    """Call what reads while it can be called, otherwise answer."""
    if "ocr" in [tool["function"]["name"] for tool in tools]:
        return called(("ocr", {"image": "img_1"}), text="I read.")
    return called(("final_answer", {"text": "It says 9.00."}), text="I see.")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("places", [False, True])
def test_a_langchain_planner_keeps_the_contract(kind: type[Talker], places: bool) -> None:
    planner, _ = planner_of(kind, decide_anything, images_in_tool_results=places)
    check_planner(planner, streams=True)


def test_what_it_says_it_feeds_is_what_it_sends() -> None:
    planner, model = planner_of(Talker, decide_anything)
    _, later = looked()
    planner.decide(later, (reading_spec(),))
    sent = [block for message in model.asked[-1] for block in blocks(message) if block["type"] == "image"]
    assert planner.fed(later, (reading_spec(),)).pictures == len(sent) > 1


def test_the_unit_is_that_of_the_family_or_the_one_that_was_given() -> None:
    assert LangChainPlanner(Talker(says=look_and_tell, model_name="qwen2.5vl:7b")).unit is CoordinateUnit.PIXELS
    assert LangChainPlanner(Talker(says=look_and_tell)).unit is CoordinateUnit.PER_MILLE
    assert LangChainPlanner(Talker(says=look_and_tell), unit=CoordinateUnit.UNIT).unit is CoordinateUnit.UNIT


def test_arguments_that_cannot_be_are_refused_with_a_remedy() -> None:
    with pytest.raises(UsageError, match="no mode 'json'"):
        LangChainPlanner(Talker(says=look_and_tell), mode="json")  # type: ignore[arg-type]  # what a user may write
    with pytest.raises(UsageError, match="made already"):
        LangChainPlanner(Talker(says=look_and_tell), temperature=0)
    with pytest.raises(UsageError, match="is no chat model"):
        LangChainPlanner(3)  # type: ignore[arg-type]  # what a user may write
    planner, _ = planner_of(Mute, plainly, mode="tools")
    with pytest.raises(UsageError, match='mode="text"'):
        planner.decide(asked("Which?"), (reading_spec(),))
