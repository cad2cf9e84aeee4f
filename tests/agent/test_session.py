"""Sessions: several questions, one conversation; going on after an interruption."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

from lavr import Agent, ImageStore, ScriptedPlanner
from lavr.agent.events import AnswerReady, CallFinished, RunStarted
from lavr.agent.memory import Memory
from lavr.errors import MalformedReply, UsageError
from lavr.planners.base import Kind, Message
from lavr.tests.agent.tables import RUNS, TOOLS, Watching, call, calls, events_of, of_kind, picture, says
from lavr.tools.calls import ToolResult


def test_a_later_question_knows_the_earlier_ones_and_handles_stay() -> None:
    find = calls(call("find", image="img_1"))
    planner = Watching(find, says("two"), calls(call("find", image="img_2", n=1)), says("one", ("one", "r2")))
    session = Agent(planner, tools=TOOLS).session()
    session.ask("first?", [picture()])
    answer = session.ask("second?", picture(9, 9))
    conversation = planner.seen[-1]
    assert [message.text.splitlines()[-1] for message in of_kind(conversation, Kind.QUESTION)] == ["first?", "second?"]
    assert len(of_kind(conversation, Kind.INSTRUCTION)) == 1
    assert [image.handle for image in conversation.images] == ["img_1", "img_2"]
    assert [came.call.id for came in conversation.results] == ["c1", "c2"]
    assert [evidence.call_id for evidence in answer.evidence] == ["c1"]


def test_a_follow_up_without_pictures_is_about_the_earlier_ones() -> None:
    planner = Watching(says(), calls(call("find", image="img_1")), says("it is there", ("there", "r1")))
    session = Agent(planner, tools=TOOLS).session()
    session.ask("first?", picture())
    answer = session.ask("and where?")
    assert [evidence.image.handle for evidence in answer.evidence if evidence.image] == ["img_1"]


def test_usage_and_limits_count_for_each_question() -> None:
    session = Agent(Watching(calls(call("add", a=1)), says(), says()), tools=TOOLS).session()
    assert (session.ask("?").usage.steps, session.ask("?").usage.steps) == (2, 1)


def test_a_failed_question_leaves_the_session_as_it_was() -> None:
    bad = [MalformedReply("bad")] * 3
    planner = Watching(says("first"), *bad, says("third"))
    session = Agent(planner, tools=TOOLS).session()
    session.ask("first?")
    with pytest.raises(MalformedReply):
        session.ask("second?")
    assert session.ask("third?").text == "third"
    assert [message.text for message in of_kind(planner.seen[-1], Kind.QUESTION)] == ["first?", "third?"]


def test_closing_a_stream_leaves_the_session_usable() -> None:
    session = Agent(Watching(calls(call("add", a=1)), says("late"), says("next")), tools=TOOLS).session()
    stream = session.stream("first?")
    assert isinstance(next(stream), RunStarted)
    stream.close()  # type: ignore[attr-defined]  # it is a generator
    events = events_of(session, "second?")
    assert isinstance(events[-1], AnswerReady)


def test_a_session_goes_on_by_its_id_with_a_checkpointer(tmp_path: Path) -> None:
    saver, store = InMemorySaver(), ImageStore(tmp_path)
    first = Agent(Watching(says("one")), tools=TOOLS, store=store, checkpointer=saver).session()
    first.ask("first?", picture())
    planner = Watching(says("two"))
    Agent(planner, tools=TOOLS, store=ImageStore(tmp_path), checkpointer=saver).session(first.id).ask("second?")
    assert len(of_kind(planner.seen[0], Kind.QUESTION)) == 2
    assert planner.seen[0].images[0].pixels().shape == (40, 50, 3)


def test_a_session_cannot_go_on_without_a_checkpointer() -> None:
    with pytest.raises(UsageError, match="checkpointer"):
        Agent(Watching(), tools=TOOLS).session("some-id")
    with pytest.raises(UsageError, match="no interrupted run"):
        Agent(Watching(), tools=TOOLS).session().resume()


def test_a_run_that_failed_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    RUNS.clear()
    saver, store = InMemorySaver(), ImageStore(tmp_path)
    bad = [MalformedReply("bad")] * 3
    before = Watching(calls(call("count_runs", mark="once")), *bad)
    session = Agent(before, tools=TOOLS, store=store, checkpointer=saver).session()
    with pytest.raises(MalformedReply):
        session.ask("?", picture())
    after = Watching(says("resumed", ("once", "c1")))
    resumed = Agent(after, tools=TOOLS, store=ImageStore(tmp_path), checkpointer=saver).session(session.id).resume()
    assert (resumed.text, resumed.evidence[0].call_id, RUNS) == ("resumed", "c1", ["once"])
    assert (resumed.usage.steps, resumed.usage.calls) == (2, 1)


def test_calls_of_a_run_that_ended_are_answered_before_the_next_question(tmp_path: Path) -> None:
    saver = InMemorySaver()
    planner = Watching(calls(call("find", image="img_1"), call("gate")), says("next"))
    session = Agent(planner, tools=TOOLS, store=ImageStore(tmp_path), checkpointer=saver).session()
    stream = session.stream("first?", picture())
    next(event for event in stream if isinstance(event, CallFinished))
    stream.close()  # type: ignore[attr-defined]  # it is a generator
    session.ask("second?")
    results = of_kind(planner.seen[-1], Kind.RESULT)
    assert [message.result.call.id for message in results if message.result] == ["c1", "c2"]
    assert "ended before" in results[0].text


KILLED = """
import os, sys
from langgraph.checkpoint.sqlite import SqliteSaver
from lavr import Agent, ImageStore
from lavr.tests.agent.tables import TOOLS, Watching, call, calls, picture
class Kills(Watching):
    def decide(self, conversation, tools, *, emit):
        if conversation.results:
            os._exit(9)
        return super().decide(conversation, tools, emit=emit)
with SqliteSaver.from_conn_string(sys.argv[1] + "/checkpoints.sqlite") as saver:
    planner = Kills(calls(call("cut", image="img_1")))
    agent = Agent(planner, tools=TOOLS, store=ImageStore(sys.argv[1] + "/store"), checkpointer=saver)
    session = agent.session()
    session.id = "the-thread"
    session.ask("?", picture())
"""


def test_a_run_whose_process_was_killed_goes_on_in_another_process(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], env={**os.environ}, timeout=60, check=False)
    assert done.returncode == 9
    with SqliteSaver.from_conn_string(str(tmp_path / "checkpoints.sqlite")) as saver:
        store = ImageStore(tmp_path / "store")
        planner = Watching(says("went on", ("corner", "r1")))
        answer = Agent(planner, tools=TOOLS, store=store, checkpointer=saver).session("the-thread").resume()
    assert answer.text == "went on"
    assert [evidence.region.xyxy for evidence in answer.evidence if evidence.region] == [(11, 7, 13, 9)]
    assert [came.call.name for came in planner.seen[0].results] == ["cut"]
    assert len(of_kind(planner.seen[0], Kind.PICTURES)) == 1


def test_a_memory_read_from_the_log_equals_the_one_that_wrote_it() -> None:
    steps = (calls(call("cut", image="img_1"), call("broken")), calls(call("read", image="img_2")), says())
    planner = Watching(*steps)
    agent = Agent(planner, tools=TOOLS)
    session = agent.session()
    session.ask("?", picture())
    memory = Memory(agent.store, session.head)
    before = planner.seen[-1].messages
    # Errors compare by identity; their words are in the messages.
    words = [(message.role, message.kind, message.parts) for message in memory.conversation.messages]
    assert words[:-1] == [(message.role, message.kind, message.parts) for message in before]
    assert [came.observation for came in memory.results.values()] == [
        came.observation for came in before_results(before)
    ]
    assert [image.handle for image in memory.scene.images] == ["img_1", "img_2"]
    assert [region.handle for region in memory.scene.regions] == ["r1", "r2"]


def before_results(messages: tuple[Message, ...]) -> list[ToolResult]:
    """The results that messages carry."""
    return [message.result for message in messages if message.result is not None]


def test_one_scripted_planner_serves_several_questions() -> None:
    session = Agent(ScriptedPlanner([calls(call("add", a=1)), says("done")]), tools=TOOLS).session()
    assert [session.ask("?").text, session.ask("?").text] == ["done", "done"]
