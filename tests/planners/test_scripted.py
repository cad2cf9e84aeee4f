"""The scripted planner plays what it was given."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lavr.errors import UsageError
from lavr.planners.base import AnswerText, Conversation, Decision, Draft, ThoughtText
from lavr.planners.scripted import ScriptedPlanner
from lavr.planners.testing import asked, check_planner, continued
from lavr.tools.calls import Observation, ToolCall, ToolResult
from lavr.tools.spec import ToolSpec

CALL = ToolCall("c1", "ocr", {"image": "img_1"})
LOOK, SAY = Decision("Read it.", calls=(CALL,)), Decision("Say it.", answer=Draft("It says hello."))


def played(planner: ScriptedPlanner, conversation: Conversation) -> tuple[Decision, Conversation]:
    """One decision, and the conversation after it."""
    decision = planner.decide(conversation, ())
    return decision, continued(conversation, decision, [ToolResult(call, Observation()) for call in decision.calls])


def test_a_list_is_played_in_order_and_from_its_start_for_every_question() -> None:
    planner = ScriptedPlanner([LOOK, SAY])
    first, conversation = played(planner, asked("What does it say?"))
    second, conversation = played(planner, conversation)
    again, _ = played(planner, conversation.extended(asked("Once more?").messages))
    assert [first, second, again] == [LOOK, SAY, LOOK]


def test_the_position_is_in_the_conversation_and_not_in_the_planner() -> None:
    planner = ScriptedPlanner([LOOK, SAY])
    _, later = played(planner, asked("What does it say?"))
    assert planner.decide(later, ()) == SAY
    assert planner.decide(asked("Somebody else asks?"), ()) == LOOK


def test_a_script_that_runs_out_says_how_long_it_was_and_what_to_do() -> None:
    planner = ScriptedPlanner([LOOK], name="short")
    _, conversation = played(planner, asked("What does it say?"))
    with pytest.raises(UsageError, match="'short' has 1 decisions, and number 2") as caught:
        planner.decide(conversation, ())
    assert "End the list with a decision that has an answer" in caught.value.remedy


def test_a_function_decides_from_what_it_is_given() -> None:
    def decide(conversation: Conversation, tools: Sequence[ToolSpec]) -> Decision:
        return Decision(answer=Draft(f"{len(conversation.messages)} messages, {len(tools)} tools"))

    answer = ScriptedPlanner(decide).decide(asked("Well?"), ()).answer
    assert answer is not None
    assert answer.text == "1 messages, 0 tools"


def test_thought_and_answer_are_streamed() -> None:
    heard: list[object] = []
    ScriptedPlanner([SAY]).decide(asked("Well?"), (), emit=heard.append)
    assert heard == [ThoughtText("Say it."), AnswerText("It says hello.")]


def test_a_scripted_planner_keeps_the_contract() -> None:
    check_planner(ScriptedPlanner([SAY, SAY]), streams=True)


def test_the_conformance_checks_catch_a_planner_that_breaks_the_contract() -> None:
    with pytest.raises(AssertionError, match="not among"):
        check_planner(ScriptedPlanner([Decision(calls=(ToolCall("c1", "teleport"),))]))
    with pytest.raises(AssertionError, match="its answer is empty"):
        check_planner(ScriptedPlanner([Decision(answer=Draft(" "))]))
    with pytest.raises(AssertionError, match=r"not among \[\]"):
        check_planner(ScriptedPlanner(lambda _conversation, _tools: LOOK))
