"""Whatever a server does, a decision ends within its budget: recovered, or in a typed error."""

from __future__ import annotations

import email.utils
import time
from typing import Any

import pytest

from lavr.errors import EnvironmentLacks, LavrError, LimitReached, MalformedReply, PlannerError, UsageError
from lavr.planners.base import AnswerText, Decision, ThoughtText
from lavr.planners.openai.planner import OpenAIPlanner
from lavr.planners.testing import asked, reading_spec
from lavr.tests.planners.openai.loopback import (
    Loopback,
    Step,
    answers,
    body,
    breaks_off,
    call_chunks,
    chunk,
    drips,
    drips_headers,
    event,
    falls_silent,
    refuses,
    says,
    serving,
    streamed,
)

KEY = "sk-secret-0123456789"
HALF = event(chunk({"content": "Let"})) + event(chunk({"content": " me see"}))
PASSING: dict[str, Step] = {
    "429 with Retry-After in seconds": refuses(429, "slow down", Retry_After="0.2"),
    "429 without Retry-After": refuses(429, "slow down"),
    "408": refuses(408),
    "409": refuses(409),
    "500": refuses(500, "oops"),
    "503 with an HTML body": body(b"<html><h1>Bad gateway</h1></html>", status=503, kind="text/html"),
    "reset before the first byte": breaks_off(),
    "reset in mid-stream": breaks_off(HALF),
    "silence before the head": falls_silent(),
    "silence in mid-stream": falls_silent(HALF),
    "JSON that is cut": body(HALF + b'data: {"choices": [{"del'),
    "an HTML body": body(b"<!DOCTYPE html><title>Login</title>", kind="text/html"),
    "an empty body": body(b""),
    "empty choices": streamed([{"choices": []}]),
    "no choices": streamed([{"object": "chat.completion"}]),
    "a reply that says nothing": streamed([chunk({"content": ""}, finish="stop")]),
    "no end": body(HALF),
    "bytes that are no UTF-8": body(b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n'),
    "plain words": body(b"Service is fine, thank you", kind="text/plain"),
    "a list": body(b"data: [1, 2]\n\n"),
    "an error in mid-stream": body(HALF + event({"error": {"message": "worker died", "code": 500}})),
    "a body that claims to be packed": body(b"not gzip", Content_Encoding="gzip"),
}
FINAL: dict[str, tuple[Step, type[LavrError], str]] = {
    "400": (refuses(400, "messages[0] is odd"), UsageError, "messages\\[0\\] is odd"),
    "401": (refuses(401, f"Incorrect API key provided: {KEY}"), UsageError, "LAVR_OPENAI_API_KEY"),
    "403": (refuses(403, "not for you"), UsageError, "LAVR_OPENAI_API_KEY"),
    "404": (refuses(404, "no such model"), UsageError, "tiny-one"),
    "400 for a model": (refuses(400, "Server is pinned to 'x'; requested 'tiny'"), UsageError, "tiny-one"),
    "422": (refuses(422, "cache_salt: extra fields not permitted"), UsageError, "cache_salt"),
    "413": (refuses(413, "too large"), UsageError, "max_image_bytes"),
    "307": (body(b"", status=307, Location="http://example.org/v1"), UsageError, "example.org"),
    "no money": (refuses(429, "You exceeded your quota (code insufficient_quota)"), UsageError, "billing"),
    "too long": (
        refuses(400, "This model's maximum context length is 8192 tokens. However, you requested 9001 tokens."),
        LimitReached,
        "reads 8192 tokens at most. The request has 9001",
    ),
    "no pictures": (refuses(400, "tiny-one is not a multimodal model"), UsageError, "sees=False"),
    "no pictures, as a 500": (refuses(500, "image input is not supported - hint: mmproj"), UsageError, "sees=False"),
    "cut off in a call": (
        streamed(call_chunks(("ocr", '{"image": "im'), finish="length")),
        MalformedReply,
        "fewer calls at once",
    ),
    "filtered": (streamed([chunk({"content": ""}, finish="content_filter")]), PlannerError, "filter"),
    "an error of its own in the stream": (
        body(event({"error": {"message": "bad image data", "code": 400}})),
        UsageError,
        "bad image data",
    ),
}


def planner(server: Loopback, **changed: Any) -> OpenAIPlanner:
    """A planner that is quick to give up."""
    settings = {"api_key": KEY, "timeout_s": 0.3, "deadline_s": 5.0, "retries": 2, **changed}
    return OpenAIPlanner("tiny", base_url=server.url, **settings)


def decided(server: Loopback, **changed: Any) -> Decision:
    """Its decision about a question."""
    with planner(server, **changed) as made:
        return made.decide(asked("What is the total?"), (reading_spec(),))


@pytest.mark.clock
@pytest.mark.parametrize("name", PASSING)
def test_what_may_pass_is_asked_again_and_recovered_from(name: str) -> None:
    with serving(PASSING[name], answers()) as server:
        started = time.monotonic()
        decision = decided(server)
        assert time.monotonic() - started < 5
        assert decision.answer is not None
        assert decision.answer.text == "It is 9.00."
        assert len(server.chats) == 2
        assert server.chats[0].raw == server.chats[1].raw


@pytest.mark.clock
@pytest.mark.parametrize("name", PASSING)
def test_what_does_not_pass_ends_in_a_typed_error_within_the_deadline(name: str) -> None:
    with serving(PASSING[name]) as server:
        started = time.monotonic()
        with pytest.raises((PlannerError, EnvironmentLacks)) as caught:
            decided(server, deadline_s=0.8)
        assert time.monotonic() - started < 1.2
        assert caught.value.remedy
        assert server.url in caught.value.cause
        assert 1 <= len(server.chats) <= 3


@pytest.mark.parametrize("name", FINAL)
def test_what_will_not_pass_is_not_asked_again(name: str) -> None:
    step, kind, words = FINAL[name]
    with serving(step, models=["tiny-one", "other"]) as server, pytest.raises(kind, match=words) as caught:
        decided(server)
    assert len(server.chats) == 1
    assert caught.value.remedy
    assert KEY not in str(caught.value)


def test_a_reply_that_was_cut_off_is_sent_back_with_how_to_answer_shorter() -> None:
    with serving(says("I think that", finish="length")) as server:
        with pytest.raises(MalformedReply, match="cut off after 7 tokens; it ends …'I think that'") as caught:
            decided(server, mode="tools")
        assert len(server.chats) == 1
    assert "one or two sentences" in caught.value.remedy


def test_a_garbled_reply_is_the_planners_fault_and_a_server_that_is_down_is_the_environments() -> None:
    with serving(body(b"<html>", kind="text/html")) as server, pytest.raises(PlannerError, match="a web page"):
        decided(server, retries=0)
    with pytest.raises(EnvironmentLacks, match="no connection") as caught:
        decided(server, retries=1)
    assert "Start the server" in caught.value.remedy
    assert caught.value.data["tries"] == 2


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_for(form: str) -> None:
    # An HTTP date counts whole seconds, so that one two seconds off is at least one second away.
    asked_for = "1" if form == "seconds" else email.utils.formatdate(time.time() + 2, usegmt=True)
    with serving(refuses(429, "slow down", Retry_After=asked_for), answers()) as server:
        started = time.monotonic()
        decided(server)
    assert 0.95 <= time.monotonic() - started < 4


def test_a_wait_that_is_longer_than_the_deadline_is_not_begun() -> None:
    with serving(refuses(429, "slow down", Retry_After="3600")) as server:
        started = time.monotonic()
        with pytest.raises(EnvironmentLacks, match="slow down") as caught:
            decided(server)
        assert time.monotonic() - started < 1
    assert "3600 s" in caught.value.remedy
    assert len(server.chats) == 1


@pytest.mark.parametrize("step", [drips(HALF * 50), drips_headers()], ids=["body", "headers"])
def test_a_server_that_drips_does_not_outlast_the_deadline(step: Step) -> None:
    with serving(step) as server:
        started = time.monotonic()
        with pytest.raises(EnvironmentLacks, match=r"not done after 0\.6 s"):
            decided(server, deadline_s=0.6)
        assert time.monotonic() - started < 1.0


def test_a_slow_server_that_ends_in_time_is_waited_for() -> None:
    whole = b"".join(event(each) for each in call_chunks(("final_answer", {"text": "9.00"})))
    with serving(drips(whole, every_s=0.001)) as server:
        answer = decided(server).answer
    assert answer is not None
    assert answer.text == "9.00"


def test_an_endless_reply_is_cut_off() -> None:
    long = event(chunk({"content": "x" * 900}))
    with serving(body(long * 500)) as server, pytest.raises(PlannerError, match="longer than 400000 characters"):
        decided(server, retries=0, timeout_s=5.0, deadline_s=30.0)


def test_a_server_that_sends_without_pause_does_not_outlast_the_deadline() -> None:
    # Comments and empty deltas are no text, so only time bounds them.
    with serving(body(event(chunk({})) * 100_000)) as server:
        started = time.monotonic()
        with pytest.raises(EnvironmentLacks, match=r"not done after 0\.5 s"):
            decided(server, deadline_s=0.5, timeout_s=5.0, retries=0)
        assert time.monotonic() - started < 1.5


def test_a_thought_that_broke_off_is_told_once() -> None:
    told: list[ThoughtText | AnswerText] = []
    again = streamed(call_chunks(("final_answer", {"text": "9.00"}), content="Let me see it."))
    with serving(answers(), breaks_off(HALF), again) as server, planner(server) as made:
        made.decide(asked("?"), (reading_spec(),))
        made.decide(asked("?"), (reading_spec(),), emit=told.append)
    assert told[0] == ThoughtText("Let")
    assert "".join(piece.text for piece in told if isinstance(piece, ThoughtText)) == "Let me see it."


def test_an_unknown_model_is_told_with_those_that_there_are() -> None:
    with (
        serving(refuses(404, "not found"), models=["other", "tiny-one"]) as server,
        pytest.raises(UsageError) as caught,
    ):
        decided(server)
    assert "'tiny'" in caught.value.cause
    assert caught.value.data["base_url"] == server.url
    assert caught.value.remedy == "It has: tiny-one, other."


def test_a_planner_goes_on_after_a_failure() -> None:
    with serving(refuses(401), answers()) as server, planner(server) as made:
        with pytest.raises(UsageError):
            made.decide(asked("?"), (reading_spec(),))
        assert made.decide(asked("?"), (reading_spec(),)).answer is not None
