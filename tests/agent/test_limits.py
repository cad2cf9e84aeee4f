"""Limits: what a run may use up, and how it ends when it did."""

from __future__ import annotations

import pytest

from lavr import Agent, Decision, Limits
from lavr.agent.events import AnswerReady, CallFinished, DecisionMade, LimitHit, Observed
from lavr.agent.limits import Spent, reached
from lavr.errors import LimitReached, UsageError
from lavr.planners.base import Draft, Kind, Tokens
from lavr.tests.agent.tables import RUNS, TOOLS, Watching, call, calls, events_of, of_kind, picture, says


@pytest.mark.parametrize(
    ("spent", "limit"),
    [
        (Spent(), ""),
        (Spent(steps=11, calls=39, seconds=299, tokens=199_999), ""),
        (Spent(steps=12), "steps"),
        (Spent(calls=40), "calls"),
        (Spent(seconds=300), "seconds"),
        (Spent(tokens=200_000), "tokens"),
    ],
)
def test_a_limit_is_reached_when_it_is_used_up(spent: Spent, limit: str) -> None:
    assert reached(Limits(), spent) == limit


@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"calls": -1}, {"seconds": 0.0}, {"tokens": 0}, {"repeats": -1}, {"seconds": float("nan")}]
)
def test_impossible_limits_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        Limits(**wrong)


def test_after_the_last_step_the_planner_is_told_and_answers_without_tools() -> None:
    planner = Watching(calls(call("add", a=1)), calls(call("add", a=2)), says("It is 3, I think."))
    events = events_of(Agent(planner, tools=TOOLS, limits=Limits(steps=2)))
    assert planner.tools == [len(TOOLS), len(TOOLS), 0]
    notice = planner.seen[-1].messages[-1]
    assert notice.kind is Kind.NOTICE
    assert "last turn" in notice.text
    assert "2 turns" in notice.text
    assert [event.limit for event in events if isinstance(event, LimitHit)] == ["steps"]
    answer = events[-1].answer  # type: ignore[union-attr]  # the last event is AnswerReady, or the test fails here
    assert (answer.text, answer.complete, answer.usage.steps) == ("It is 3, I think.", False, 3)


def test_an_answer_within_the_limits_is_complete() -> None:
    answer = Agent(Watching(calls(call("add", a=1)), says()), tools=TOOLS, limits=Limits(steps=2)).ask(None, "?")
    assert answer.complete


def test_a_planner_that_calls_tools_in_its_last_turn_is_answered_for() -> None:
    planner = Watching(calls(call("add", a=1, b=2)), calls(call("add", a=5)))
    answer = Agent(planner, tools=TOOLS, limits=Limits(steps=1)).ask(None, "?")
    assert not answer.complete
    assert "within the limit of 1 turns" in answer.text
    assert "add: 3" in answer.text
    assert answer.usage.calls == 1


def test_calls_beyond_the_limit_never_come_into_being() -> None:
    planner = Watching(calls(call("add", a=1), call("add", a=2), call("add", a=3)), says())
    events = events_of(Agent(planner, tools=TOOLS, limits=Limits(calls=2)))
    made = next(event.decision.calls for event in events if isinstance(event, DecisionMade))
    assert [one.id for one in made] == ["c1", "c2"]
    assert sum(isinstance(event, CallFinished) for event in events) == 2
    assert [event.limit for event in events if isinstance(event, LimitHit)] == ["calls"]
    assert planner.tools[-1] == 0


def test_tokens_that_were_reused_do_not_count() -> None:
    def costs(tokens: Tokens, *, last: bool = False) -> Decision:
        return Decision(calls=() if last else (call("add", a=1),), answer=Draft("x") if last else None, tokens=tokens)

    cheap = Watching(costs(Tokens(read=10, reused=900, written=5)), costs(Tokens(), last=True))
    assert Agent(cheap, tools=TOOLS, limits=Limits(tokens=100)).ask(None, "?").complete
    dear = Watching(costs(Tokens(read=90, written=10)), costs(Tokens(1), last=True))
    answer = Agent(dear, tools=TOOLS, limits=Limits(tokens=100)).ask(None, "?")
    assert not answer.complete
    assert answer.usage.tokens == Tokens(91, 0, 10)


def test_a_tool_is_cut_off_when_the_seconds_are_used_up() -> None:
    planner = Watching(calls(call("wait", seconds=20)), says("too slow"))
    answer = Agent(planner, tools=TOOLS, limits=Limits(seconds=0.3)).ask(None, "?")
    assert answer.text == "too slow"
    assert not answer.complete
    assert answer.usage.seconds < 2
    assert planner.seen[-1].results[0].error is not None


def test_a_repeated_call_is_answered_from_its_result_and_then_refused() -> None:
    RUNS.clear()
    same = calls(call("count_runs", mark="x"))
    planner = Watching(same, same, same, same, says())
    events = events_of(Agent(planner, tools=TOOLS, limits=Limits(repeats=2)))
    results = [came for event in events if isinstance(event, Observed) for came in event.results]
    assert RUNS == ["x"]
    assert [came.ok for came in results] == [True, True, True, False]
    assert "same call as c1" in results[1].notes[-1]
    assert [came.cached for came in results[:3]] == [False, True, True]
    assert isinstance(results[3].error, LimitReached)
    assert "4 times" in of_kind(planner.seen[-1], Kind.NOTICE)[0].text


def test_a_planner_that_goes_in_circles_is_asked_to_answer() -> None:
    same = calls(call("count_runs", mark="circle"))
    planner = Watching(same, same, same, same, says("So be it."), same)
    events = events_of(Agent(planner, tools=TOOLS, limits=Limits(repeats=2)))
    answer = next(event.answer for event in events if isinstance(event, AnswerReady))
    assert (answer.text, answer.complete, answer.usage.steps) == ("So be it.", True, 5)
    assert planner.tools[-1] == 0
    assert [event.limit for event in events if isinstance(event, LimitHit)] == ["repeats", "repeats"]


def test_one_new_call_beside_a_repeated_one_is_no_circle() -> None:
    same, more = call("count_runs", mark="a"), call("count_runs", mark="b")
    planner = Watching(calls(same), calls(same), calls(same), calls(same, more), says())
    Agent(planner, tools=TOOLS, limits=Limits(repeats=2)).ask(None, "?")
    assert planner.tools[-1] > 0


def test_a_call_that_is_made_twice_in_one_decision_runs_once() -> None:
    RUNS.clear()
    twice = calls(call("count_runs", mark="y"), call("count_runs", mark="y"))
    planner = Watching(twice, says())
    Agent(planner, tools=TOOLS).ask(None, "?")
    assert RUNS == ["y"]
    assert [came.call.id for came in planner.seen[-1].results] == ["c1", "c2"]


def test_a_tool_whose_results_may_differ_runs_each_time() -> None:
    RUNS.clear()
    same = calls(call("tick", mark="z"))
    Agent(Watching(same, same, same, same, says()), tools=TOOLS).ask(None, "?")
    assert RUNS == ["z"] * 4


def test_regions_of_a_repeated_call_keep_their_handles() -> None:
    same = calls(call("find", image="img_1"))
    planner = Watching(same, same, says())
    Agent(planner, tools=TOOLS).ask(picture(), "?")
    first, second = (came.observation for came in planner.seen[-1].results)
    assert first is not None
    assert second is not None
    assert first.regions == second.regions


def test_a_failed_call_may_be_tried_again() -> None:
    same = calls(call("broken"))
    planner = Watching(same, same, same, same, says())
    Agent(planner, tools=TOOLS).ask(None, "?")
    errors = [came.error.code for came in planner.seen[-1].results if came.error]
    assert errors == ["tool.failed", "tool.failed", "tool.failed", "limit"]
