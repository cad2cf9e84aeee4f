"""What a server takes is found out from its first replies, and remembered with the reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lavr.errors import MalformedReply, UsageError
from lavr.planners.base import AnswerText, ThoughtText, Tokens
from lavr.planners.openai.dialect import Dialect, adapted
from lavr.planners.openai.planner import OpenAIPlanner
from lavr.planners.testing import asked, check_planner, reading_spec
from lavr.tests.planners.openai.loopback import (
    Body,
    Loopback,
    Request,
    Step,
    Wire,
    answers,
    call_chunks,
    chats,
    refuses,
    says,
    serving,
    streamed,
    text_chunks,
)
from lavr.tools.spec import ToolCard, ToolSpec

READ = ("ocr", {"thought": "Read it.", "image": "img_1"})
SCHEMA_CALL = json.dumps(
    {"thought": "Read it.", "calls": [{"name": "ocr", "arguments": {"image": "img_1"}}], "answer": None}
)


def ask(server: Loopback, times: int = 1, **settings: Any) -> OpenAIPlanner:
    """A planner that has decided that often."""
    planner = OpenAIPlanner("tiny", base_url=server.url, api_key="", retries=0, timeout_s=5, **settings)
    for _ in range(times):
        decision = planner.decide(asked("What does it say?"), (reading_spec(),))
        assert [call.name for call in decision.calls] == ["ocr"]
        assert dict(decision.calls[0].arguments) == {"image": "img_1"}
    return planner


def refusing(field: str, status: int, message: str, then: Step, wanted: object = None) -> Step:
    """A server that refuses a field (or one value of it) and otherwise goes on."""

    def step(wire: Wire, request: Request) -> None:
        odd = field in request.body and wanted in {None, str(request.body[field])}
        (refuses(status, message) if odd else then)(wire, request)

    return step


def test_native_tools_are_tried_first_and_kept() -> None:
    with serving(streamed(call_chunks(READ))) as server:
        planner = ask(server, times=2)
    assert (planner.mode, planner.reason) == ("tools", "the server calls tools natively")
    assert len(server.chats) == 2
    assert [request.body["tool_choice"] for request in server.chats] == ["required", "required"]
    names = [tool["function"]["name"] for tool in server.chats[0].body["tools"]]
    assert names == ["ocr", "final_answer"]


@pytest.mark.parametrize(
    ("field", "message", "wanted"),
    [
        ("stream_options", "Unknown field stream_options", None),
        ("max_tokens", "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", None),
        ("temperature", "Unsupported value: 'temperature' does not support 0.0 with this model.", None),
        ("seed", "seed: extra inputs are not permitted", None),
        ("tool_choice", "tool_choice 'required' is not available", "required"),
    ],
)
def test_a_field_that_is_refused_is_left_out_from_then_on(field: str, message: str, wanted: object) -> None:
    with serving(refusing(field, 400, message, streamed(call_chunks(READ)), wanted)) as server:
        planner = ask(server, times=2)
    assert planner.mode == "tools"
    assert len(server.chats) == 3
    assert field in server.chats[0].body
    assert [field in chat.body and wanted in {None, chat.body[field]} for chat in server.chats[1:]] == [False, False]


def test_a_server_that_refuses_tools_is_asked_for_a_schema() -> None:
    step = refusing("tools", 400, "registry.ollama.ai/library/tiny does not support tools", says(SCHEMA_CALL))
    with serving(step) as server:
        planner = ask(server, times=2)
    assert planner.mode == "schema"
    assert "does not support tools" in planner.reason
    assert len(server.chats) == 3
    assert server.chats[1].body["response_format"]["json_schema"]["strict"] is True


def test_a_server_that_refuses_both_is_spoken_to_in_plain_text() -> None:
    plain = says('I read it.\n<tool_call>{"name": "ocr", "arguments": {"image": "img_1"}}</tool_call>')
    inner = refusing("response_format", 422, "response_format: not implemented", plain)
    with serving(refusing("tools", 400, "tools param requires --jinja flag", inner)) as server:
        planner = ask(server, times=2)
    assert planner.mode == "text"
    assert len(server.chats) == 4
    assert "<tool_call>" in server.chats[-1].body["messages"][0]["content"]
    assert not {"tools", "tool_choice", "response_format"} & set(server.chats[-1].body)


def silent_server(*, shows_tools: bool, keeps_schema: bool) -> Step:
    """A server that takes every field and ignores what it does not know, as `transformers serve` does."""

    def model(body: Body) -> list[Body]:
        read = 100 + (50 if shows_tools and "tools" in body else 0)
        usage = {"prompt_tokens": read, "completion_tokens": 3}
        if "response_format" in body and keeps_schema:
            return text_chunks(SCHEMA_CALL, usage=usage)
        told = "<tool_call>" in str(body["messages"][0]["content"])
        call = '<tool_call>{"name": "ocr", "arguments": {"image": "img_1"}}</tool_call>'
        return text_chunks(call if told else "I would like to see more of it.", usage=usage)

    return chats(model)


def test_tools_that_are_silently_ignored_are_noticed_by_the_length_of_the_prompt() -> None:
    with serving(silent_server(shows_tools=False, keeps_schema=True)) as server:
        planner = ask(server, times=2)
    assert planner.mode == "schema"
    assert planner.reason == (
        "the server takes tools and does not show them to the model; the reply kept to the JSON schema"
    )
    assert [len(server.chats), "tools" in server.chats[1].body, server.chats[1].body["max_tokens"]] == [4, False, 1]


def test_a_model_that_babbles_because_it_is_not_shown_the_tools_is_found_out_as_well() -> None:
    def babble(body: Body) -> list[Body]:
        told = "<tool_call>" in str(body["messages"][0]["content"])
        call = '<tool_call>{"name": "ocr", "arguments": {"image": "img_1"}}</tool_call>'
        usage = {"prompt_tokens": 100, "completion_tokens": 3}
        return text_chunks(call if told else "Hello! " * 9, finish="stop" if told else "length", usage=usage)

    with serving(chats(babble)) as server:
        assert ask(server).mode == "text"


def test_a_schema_that_is_silently_ignored_is_noticed_by_the_reply() -> None:
    with serving(silent_server(shows_tools=False, keeps_schema=False)) as server:
        planner = ask(server, times=2)
    assert planner.mode == "text"
    assert planner.reason.endswith("the reply did not keep to the JSON schema")
    assert len(server.chats) == 5


def test_replies_that_led_to_another_mode_are_counted() -> None:
    with serving(silent_server(shows_tools=False, keeps_schema=True)) as server:
        planner = OpenAIPlanner("tiny", base_url=server.url, api_key="")
        first, second = (planner.decide(asked("?"), (reading_spec(),)).tokens for _ in range(2))
    assert (first, second) == (Tokens(200, 0, 6), Tokens(100, 0, 3))


def test_prose_of_a_model_that_was_shown_the_tools_is_an_answer() -> None:
    step = silent_server(shows_tools=True, keeps_schema=False)
    with serving(step) as server, OpenAIPlanner("tiny", base_url=server.url, api_key="") as planner:
        answer = planner.decide(asked("?"), (reading_spec(),)).answer
        planner.decide(asked("?"), (reading_spec(),))
    assert answer is not None
    assert answer.text == "I would like to see more of it."
    assert planner.mode == "tools"
    assert "does not insist" in planner.reason
    assert [chat.body.get("tool_choice") for chat in server.chats] == ["required", None, "auto"]


def test_calls_that_the_server_leaves_in_the_text_are_read_there() -> None:
    call = '<tool_call>\n{"name": "ocr", "arguments": {"image": "img_1"}}\n</tool_call>'
    with serving(says(f"I read it.\n{call}")) as server:
        planner = ask(server, times=2)
    assert planner.mode == "tools"
    assert "does not tell them apart" in planner.reason
    assert [chat.body["tool_choice"] for chat in server.chats] == ["required", "auto"]


def test_a_mode_that_was_asked_for_is_not_left() -> None:
    step = refusing("tools", 400, "tiny does not support tools", says(SCHEMA_CALL))
    with serving(step) as server, pytest.raises(UsageError, match="does not support tools"):
        ask(server, mode="tools")
    with serving(says(SCHEMA_CALL)) as server:
        assert ask(server, mode="schema").reason == "it was asked for"
    assert "tools" not in server.chats[0].body


def test_a_server_without_a_role_for_the_instruction_gets_it_with_the_first_turn() -> None:
    def picky(wire: Wire, request: Request) -> None:
        roles = [message["role"] for message in request.body["messages"]]
        step = refuses(400, "System role not supported") if "system" in roles else says(SCHEMA_CALL)
        step(wire, request)

    with serving(picky) as server:
        ask(server, mode="schema")
    (message,) = server.chats[-1].body["messages"]
    assert [part["type"] for part in message["content"]] == ["text", "text", "image_url", "text"]


def test_refusals_end() -> None:
    step = refuses(400, "tools, response_format, seed, temperature: I take nothing")
    with serving(step) as server, pytest.raises(UsageError, match="I take nothing"):
        ask(server)
    assert 3 <= len(server.chats) <= 8


def test_a_refusal_that_names_nothing_changes_nothing() -> None:
    assert adapted(Dialect("tools", "first"), "something is wrong", free=True) is None


@pytest.mark.parametrize("name", ["tiny", "Qwen/Qwen2.5-VL-7B-Instruct"])
@pytest.mark.parametrize("mode", ["tools", "schema", "text"])
def test_the_planner_keeps_the_contract_of_planners(name: str, mode: Any) -> None:
    with serving(chats(_answering)) as server:
        check_planner(OpenAIPlanner(name, base_url=server.url, api_key="", mode=mode), streams=True)
    with serving(chats(_looking_first)) as server:
        blind = OpenAIPlanner(name, base_url=server.url, api_key="", mode=mode, sees=False)
        check_planner(blind, streams=True, sees=False)


def _answering(body: Body) -> list[Body]:
    if "tools" in body:
        return call_chunks(("final_answer", {"thought": "Easy.", "text": "It says hello."}))
    if "response_format" in body:
        return text_chunks('{"thought": "Easy.", "next": {"answer": {"text": "It says hello."}}}')
    return text_chunks('It is easy.\n\nSee.\n<answer>{"text": "It says hello."}</answer>')


def _looking_first(body: Body) -> list[Body]:
    """Reads the first picture, and answers once something was called or nothing can be."""
    talk = json.dumps(body["messages"])
    called = any(message["role"] == "assistant" for message in body["messages"])
    must_answer = "final_answer" in json.dumps(body.get("tool_choice")) or "Tools can no longer be called" in talk
    if called or must_answer:
        return _answering(body)
    if "tools" in body:
        return call_chunks(READ)
    if "response_format" in body:
        return text_chunks('{"thought": "", "next": {"calls": [{"name": "ocr", "arguments": {"image": "img_1"}}]}}')
    return text_chunks('Read it.\n<tool_call>{"name": "ocr", "arguments": {"image": "img_1"}}</tool_call>')


@pytest.mark.parametrize("mode", ["tools", "schema", "text"])
def test_what_a_blind_model_guesses_is_refused_before_anybody_reads_it(mode: Any) -> None:
    pieces: list[ThoughtText | AnswerText] = []
    with serving(chats(_answering)) as server:
        blind = OpenAIPlanner("tiny", base_url=server.url, api_key="", mode=mode, sees=False)
        with pytest.raises(MalformedReply, match="Nothing of the picture is known yet"):
            blind.decide(asked("What does it say?"), (reading_spec(),), emit=pieces.append)
    assert not [piece for piece in pieces if isinstance(piece, AnswerText)]


def test_a_call_on_the_last_turn_is_sent_back() -> None:
    with serving(streamed(call_chunks(READ))) as server, pytest.raises(MalformedReply, match="no longer be called"):
        OpenAIPlanner("tiny", base_url=server.url, api_key="").decide(asked("?"), ())


def test_on_the_last_turn_the_prompt_begins_as_before_and_the_answer_is_named() -> None:
    planner_of: Sequence[Step] = [streamed(call_chunks(READ)), answers()]
    with serving(*planner_of) as server, OpenAIPlanner("tiny", base_url=server.url, api_key="") as planner:
        conversation = asked("What does it say?")
        planner.decide(conversation, (reading_spec(),))
        planner.decide(conversation, ())
    first, last = (chat.body for chat in server.chats)
    assert first["tools"] == last["tools"]
    assert first["messages"] == last["messages"]
    assert last["tool_choice"] == {"type": "function", "function": {"name": "final_answer"}}


def test_a_tool_that_is_called_like_the_final_answer_is_not_offered() -> None:
    rival = ToolSpec("final_answer", ToolCard("Mine."), {"type": "object", "properties": {}})
    with serving(answers()) as server, OpenAIPlanner("tiny", base_url=server.url, api_key="") as planner:
        assert planner.decide(asked("?"), (rival, reading_spec())).answer is not None
    (offered,) = [chat.body["tools"] for chat in server.chats]
    assert [each["function"]["description"][:6] for each in offered] == ["Read t", "Answer"]


def test_one_planner_serves_several_threads() -> None:
    with serving(chats(_answering)) as server, ThreadPoolExecutor(8) as pool:
        planner = OpenAIPlanner("tiny", base_url=server.url, api_key="")
        made = list(pool.map(lambda n: planner.decide(asked(f"{n}?"), (reading_spec(),)), range(24)))
    assert {decision.answer.text for decision in made if decision.answer} == {"It says hello."}
    assert len(server.chats) == 24
