"""The agent: questions in, answers out, whatever planners and tools do."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
import traceback

import pytest

from lavr import Agent, Decision, Observation, ScriptedPlanner, tool
from lavr.agent.events import (
    AnswerReady,
    CallFinished,
    DecisionMade,
    DecisionRefused,
    ImageShown,
    Observed,
    RunFailed,
    RunStarted,
)
from lavr.errors import (
    ImageNotFound,
    InvalidArguments,
    InvalidTool,
    MalformedReply,
    MissingExtra,
    PlannerError,
    UnknownHandle,
    UnknownTool,
)
from lavr.planners.base import Kind, Role
from lavr.tests.agent.tables import GATE, TOOLS, Watching, agent_of, call, calls, events_of, of_kind, picture, says
from lavr.tools.calls import ToolCall


def test_a_question_is_answered_with_a_scripted_planner() -> None:
    script = [calls(call("find", image="img_1", n=3)), says("There are 3.", ("3", "r2"))]
    answer = Agent(ScriptedPlanner(script), tools=TOOLS).ask(picture(), "How many?")
    assert (answer.text, answer.complete) == ("There are 3.", True)
    assert [evidence.region.xyxy for evidence in answer.evidence if evidence.region] == [(1, 1, 6, 6)]
    assert (answer.usage.steps, answer.usage.calls) == (2, 1)
    assert isinstance(answer.trace.events[0], RunStarted)
    assert isinstance(answer.trace.events[-1], AnswerReady)


def test_the_conversation_is_append_only_and_begins_with_the_instruction_and_the_question() -> None:
    planner = Watching(calls(call("cut", image="img_1")), calls(call("add", a=1)), says())
    Agent(planner, tools=TOOLS).ask(picture(), "Well?")
    for before, after in zip(planner.seen, planner.seen[1:], strict=False):
        assert after.messages[: len(before.messages)] == before.messages
    kinds = [message.kind for message in planner.seen[-1].messages]
    assert kinds == [
        Kind.INSTRUCTION,
        Kind.QUESTION,
        Kind.DECISION,
        Kind.RESULT,
        Kind.PICTURES,
        Kind.DECISION,
        Kind.RESULT,
    ]
    question = planner.seen[0].question
    assert [image.handle for image in question.images] == ["img_1"]
    assert 'img_1 "grey.png": 50 x 40' in question.text
    assert "Well?" in question.text


def test_a_result_names_its_handles_and_its_pictures_follow_in_one_message() -> None:
    planner = Watching(calls(call("cut", image="img_1"), call("find", image="img_1", n=1)), says())
    Agent(planner, tools=TOOLS).ask(picture(), "?")
    first, second = of_kind(planner.seen[-1], Kind.RESULT)
    assert "r1 corner [1, 2, 3, 4] on img_2" in first.text
    assert "r2 thing 0.50 [0, 0, 5, 5] on img_1" in second.text
    (shown,) = of_kind(planner.seen[-1], Kind.PICTURES)
    assert shown.role is Role.USER
    assert [image.handle for image in shown.images] == ["img_2"]
    assert "20 x 20" in shown.text


def test_text_out_of_a_picture_is_fenced_and_cannot_close_the_fence() -> None:
    planner = Watching(calls(call("read", image="img_1")), says())
    Agent(planner, tools=TOOLS).ask(picture(), "?")
    (result,) = of_kind(planner.seen[-1], Kind.RESULT)
    own, foreign = result.parts
    assert "SAY" not in getattr(own, "text", "")
    assert getattr(foreign, "untrusted", False)
    text = getattr(foreign, "text", "")
    assert text.startswith('<untrusted from="c1 read">')
    assert text.count("</untrusted>") == 1
    assert text.endswith("</untrusted>")
    assert r"\"hi\"" in text


def test_the_planners_own_ids_become_unique_also_inside_references() -> None:
    own = calls(
        ToolCall("7", "size", {"regions": {"$ref": "x.regions"}}), ToolCall("x", "find", {"image": "img_1", "n": 3})
    )
    planner = Watching(own, own, says())
    Agent(planner, tools=TOOLS).ask(picture(), "?")
    decided = [message.decision for message in of_kind(planner.seen[-1], Kind.DECISION)]
    ids = [one.id for decision in decided if decision for one in decision.calls]
    assert ids == ["c1", "c2", "c3", "c4"]
    texts = [came.observation.text for came in planner.seen[-1].results if came.observation]
    assert texts == ["3", "3 things", "3", "3 things"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (call("no_such_tool"), UnknownTool),
        (call("find", image="img_7"), UnknownHandle),
        (call("add", a="much"), InvalidArguments),
        (call("add", a={"$ref": "c9.text"}), InvalidArguments),
        (call("add", a={"$ref": "c1.text"}), InvalidArguments),
    ],
)
def test_a_wrong_call_becomes_a_result_and_the_run_goes_on(wrong: ToolCall, error: type[PlannerError]) -> None:
    planner = Watching(calls(wrong, call("add", a=1)), says())
    answer = Agent(planner, tools=TOOLS).ask(picture(), "?")
    assert answer.complete
    first, second = planner.seen[-1].results
    assert isinstance(first.error, error)
    assert second.ok


def test_a_call_that_needs_a_failed_one_is_told_so() -> None:
    planner = Watching(calls(call("broken"), call("add", a={"$ref": "c1.data"})), says())
    Agent(planner, tools=TOOLS).ask(None, "?")
    first, second = planner.seen[-1].results
    assert first.error is not None
    assert first.error.code == "tool.failed"
    assert second.error is not None
    assert "the call c1 failed" in second.error.cause


def test_an_error_of_the_planner_is_told_to_it_and_it_tries_again() -> None:
    planner = Watching(MalformedReply("no JSON at character 12"), MalformedReply("still none"), says("at last"))
    agent = Agent(planner, tools=TOOLS)
    events = events_of(agent)
    assert isinstance(events[-1], AnswerReady)
    assert events[-1].answer.text == "at last"
    assert sum(isinstance(event, DecisionRefused) for event in events) == 2
    notices = of_kind(planner.seen[-1], Kind.NOTICE)
    assert ["character 12" in notices[0].text, "still none" in notices[1].text] == [True, True]


def test_a_planner_that_cannot_decide_fails_the_run_with_its_error_and_the_trace() -> None:
    agent = Agent(Watching(*(MalformedReply(f"bad {number}") for number in range(3))), tools=TOOLS)
    with pytest.raises(MalformedReply, match="bad 2") as caught:
        agent.ask(picture(), "?")
    trace = caught.value.trace
    assert isinstance(trace.events[0], RunStarted)
    assert isinstance(trace.events[-1], RunFailed)


def test_a_broken_planner_is_not_asked_again_and_its_traceback_is_kept() -> None:
    planner = Watching(ZeroDivisionError("oops"))
    with pytest.raises(PlannerError, match="watching raised ZeroDivisionError: oops") as caught:
        Agent(planner, tools=TOOLS).ask(None, "?")
    assert len(planner.seen) == 1
    assert "in decide" in "".join(traceback.format_exception(caught.value))


def test_what_the_environment_lacks_ends_the_run_at_once() -> None:
    planner = Watching(MissingExtra("torch is not installed"))
    with pytest.raises(MissingExtra):
        Agent(planner, tools=TOOLS).ask(None, "?")
    assert len(planner.seen) == 1


def test_a_planner_that_gives_back_no_decision_is_told_so() -> None:
    planner = Watching(None, says("fine"))
    assert Agent(planner, tools=TOOLS).ask(None, "?").text == "fine"
    assert "NoneType, not a Decision" in planner.seen[-1].messages[-1].text


def test_data_that_is_no_json_becomes_an_error_result() -> None:
    @tool
    def odd() -> Observation:
        """Give back what cannot be written down."""
        return Observation("odd", data={"x": float("nan")})

    planner = Watching(calls(call("odd")), says())
    Agent(planner, tools=[odd]).ask(None, "?")
    assert planner.seen[-1].results[0].error is not None


def test_plain_functions_are_made_into_tools_and_bad_ones_refused() -> None:
    def double(number: float) -> float:
        """Double a number."""
        return 2 * number

    planner = Watching(calls(call("double", number=4)), says())
    Agent(planner, tools=[], extra_tools=[double]).ask(None, "?")
    assert planner.seen[-1].results[0].observation is not None
    assert planner.seen[-1].results[0].observation.data == 8
    with pytest.raises(InvalidTool):
        Agent(planner, tools=[lambda x: x])


def test_several_pictures_get_handles_in_order() -> None:
    planner = Watching(says())
    events = events_of(Agent(planner, tools=TOOLS), images=[picture(10, 10), picture(20, 10).pixels()])
    shown = [event.image for event in events if isinstance(event, ImageShown)]
    assert [(image.handle, image.size_wh) for image in shown] == [("img_1", (10, 10)), ("img_2", (20, 10))]


def test_a_picture_that_is_not_there_is_refused_before_anything_runs() -> None:
    planner = Watching(says())
    with pytest.raises(ImageNotFound):
        Agent(planner, tools=TOOLS).ask("no-such-file.png", "?")
    assert planner.seen == []


def test_events_come_while_things_happen_and_closing_the_stream_ends_the_run() -> None:
    GATE.clear()
    planner = Watching(calls(call("gate"), call("add", a=1)), says())
    stream = Agent(planner, tools=TOOLS).stream(None, "?")
    finished = next(event for event in stream if isinstance(event, CallFinished))
    assert finished.result.call.name == "add"
    stream.close()  # type: ignore[attr-defined]  # it is a generator
    GATE.set()
    time.sleep(0.1)
    assert len(planner.seen) == 1


def test_handles_are_allotted_in_call_order_whichever_call_is_faster() -> None:
    planner = Watching(calls(call("wait", seconds=0.15, mark="slow"), call("wait", seconds=0.0)), says())
    events = events_of(Agent(planner, tools=TOOLS))
    finished = [event.result.call.id for event in events if isinstance(event, CallFinished)]
    (observed,) = [event for event in events if isinstance(event, Observed)]
    assert finished == ["c2", "c1"]
    assert [came.call.id for came in observed.results] == ["c1", "c2"]
    assert [came.call.id for came in planner.seen[-1].results] == ["c1", "c2"]


def test_the_same_question_can_be_asked_under_asyncio() -> None:
    agent = agent_of(calls(call("add", a=1)), says("async"))
    assert asyncio.run(agent.aask(picture(), "?")).text == "async"


@pytest.mark.clock
def test_cancelling_an_asyncio_question_ends_it_promptly() -> None:
    GATE.clear()
    planner = Watching(calls(call("gate")), says())

    async def ask_and_cancel() -> float:
        task = asyncio.create_task(Agent(planner, tools=TOOLS).aask(None, "?"))
        while not planner.seen and not task.done():
            await asyncio.sleep(0.01)
        begin = time.perf_counter()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.perf_counter() - begin

    assert asyncio.run(ask_and_cancel()) < 0.5
    GATE.set()


INTERRUPTED = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite run in the background ignores interrupts
from lavr import Agent
from lavr.agent.events import CallStarted
from lavr.tests.agent.tables import TOOLS, Watching, call, calls
import _thread
try:
    for event in Agent(Watching(calls(call("wait", seconds=25))), tools=TOOLS).stream(None, "?"):
        if isinstance(event, CallStarted):
            _thread.interrupt_main()
except KeyboardInterrupt:
    print("interrupted")
"""


def test_an_interrupt_from_the_keyboard_ends_the_run_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=20, check=False)
    assert (done.stdout.strip(), done.stderr, done.returncode) == ("interrupted", "", 0)


def test_agents_can_be_asked_from_several_threads() -> None:
    def script(*_: object) -> Decision:
        return says("ok")

    agent = Agent(ScriptedPlanner(script), tools=TOOLS)
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(agent.ask(picture(), "?").text)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["ok"] * 6


def test_a_decision_made_event_carries_the_final_ids() -> None:
    events = events_of(agent_of(calls(call("add", "mine", a=1)), says()))
    made = next(event for event in events if isinstance(event, DecisionMade))
    assert made.decision.calls[0].id == "c1"
