"""The stream of events: what comes, and in which order."""

from __future__ import annotations

from lavr import Agent
from lavr.agent.events import (
    AnswerReady,
    CallFinished,
    CallStarted,
    DecisionMade,
    Event,
    ImageShown,
    Observed,
    RunStarted,
    StepStarted,
    ThoughtDelta,
)
from lavr.tests.agent.tables import TOOLS, Watching, agent_of, call, calls, events_of, picture, says


def _names(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events if not isinstance(event, ThoughtDelta)]


def test_the_events_of_a_run_come_in_order() -> None:
    events = events_of(agent_of(calls(call("cut", image="img_1")), says()), images=picture())
    assert _names(events) == [
        "RunStarted",
        "ImageShown",
        "StepStarted",
        "DecisionMade",
        "CallStarted",
        "CallFinished",
        "Observed",
        "ImageShown",
        "StepStarted",
        "AnswerDelta",
        "DecisionMade",
        "AnswerReady",
    ]


def test_the_first_event_names_the_planner_the_tools_and_the_pictures() -> None:
    first = events_of(Agent(Watching(says()), tools=TOOLS), "What?", picture())[0]
    assert isinstance(first, RunStarted)
    assert (first.question, first.planner, [image.handle for image in first.images]) == ("What?", "watching", ["img_1"])
    assert first.tools[:2] == ("find", "cut")


def test_every_call_begins_once_and_ends_once() -> None:
    made = calls(call("add", a=1), call("broken"), call("nothing"), call("add", a={"$ref": "c1.data"}))
    events = events_of(agent_of(made, made, says()))
    begun = [event.call.id for event in events if isinstance(event, CallStarted)]
    ended = [event.result.call.id for event in events if isinstance(event, CallFinished)]
    taken = [came.call.id for event in events if isinstance(event, Observed) for came in event.results]
    assert sorted(begun) == sorted(ended) == sorted(taken) == [f"c{number}" for number in range(1, 9)]


def test_a_result_gets_its_handles_when_it_is_taken_in() -> None:
    events = events_of(agent_of(calls(call("find", image="img_1")), says()), images=picture())
    finished = next(event.result for event in events if isinstance(event, CallFinished))
    (taken,) = next(event.results for event in events if isinstance(event, Observed))
    assert finished.observation is not None
    assert taken.observation is not None
    assert [region.handle for region in finished.observation.regions] == ["", ""]
    assert [region.handle for region in taken.observation.regions] == ["r1", "r2"]


def test_a_picture_is_shown_with_the_call_that_brought_it() -> None:
    events = events_of(agent_of(calls(call("cut", image="img_1")), says()), images=picture())
    shown = [(event.image.handle, event.call_id) for event in events if isinstance(event, ImageShown)]
    assert shown == [("img_1", ""), ("img_2", "c1")]


def test_thoughts_stream_before_the_decision() -> None:
    events = events_of(agent_of(calls(call("add", a=1), thought="hm"), says()))
    thought = next(place for place, event in enumerate(events) if isinstance(event, ThoughtDelta))
    decided = next(place for place, event in enumerate(events) if isinstance(event, DecisionMade))
    assert thought < decided


def test_the_trace_of_the_answer_is_the_stream() -> None:
    events = events_of(agent_of(calls(call("add", a=1)), says()))
    last = events[-1]
    assert isinstance(last, AnswerReady)
    trace = last.answer.trace
    assert trace.events[:-1] == tuple(events[:-1])
    ending = trace.events[-1]
    assert isinstance(ending, AnswerReady)
    assert ending.answer.text == last.answer.text
    assert ending.answer.trace.events == ()


def test_steps_count_from_one() -> None:
    events = events_of(agent_of(calls(call("add", a=1)), says()))
    assert [event.step for event in events if isinstance(event, StepStarted)] == [1, 2]
