"""The contract of planners: decisions, conversations, drafts."""

from __future__ import annotations

import pytest

from lavr.planners.base import Conversation, Decision, Draft, Kind, Message, Role, TextPart, Tokens
from lavr.planners.testing import asked, blank_image, continued
from lavr.tools.calls import Observation, ToolCall, ToolResult

CALL = ToolCall("c1", "ocr", {"image": "img_1"})


def test_a_decision_has_either_calls_or_an_answer() -> None:
    assert Decision(calls=(CALL,)).answer is None
    assert Decision(answer=Draft("yes")).calls == ()
    with pytest.raises(ValueError, match="either"):
        Decision()
    with pytest.raises(ValueError, match="either"):
        Decision(calls=(CALL,), answer=Draft("yes"))


def test_a_conversation_grows_at_its_end_and_knows_its_last_question() -> None:
    first = asked("What does it say?", [blank_image()])
    second = first.extended(asked("And now?", []).messages)
    assert first.question.text == "What does it say?"
    assert second.question.text == "And now?"
    assert second.messages[: len(first.messages)] == first.messages


def test_a_conversation_without_a_question_says_so() -> None:
    notice = Message(Role.SYSTEM, Kind.INSTRUCTION, (TextPart("Be kind."),))
    with pytest.raises(ValueError, match="Nothing was asked"):
        _ = Conversation((notice,)).question


def test_a_picture_given_twice_counts_once_and_results_come_in_order() -> None:
    image = blank_image()
    conversation = asked("a", [image]).extended(asked("b", [image]).messages)
    results = [ToolResult(CALL, Observation("one")), ToolResult(CALL, Observation("two"))]
    conversation = continued(conversation, Decision(calls=(CALL,)), results)
    assert conversation.images == (image,)
    assert [result.observation and result.observation.text for result in conversation.results] == ["one", "two"]


def test_tokens_add_up() -> None:
    assert Tokens(1, 2, 3) + Tokens(10, 20, 30) == Tokens(11, 22, 33)
