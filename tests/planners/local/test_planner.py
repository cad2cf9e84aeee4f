"""The local planner: valid decisions, reuse of what was read, and nothing that one run leaves behind for another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lavr import Agent
from lavr.agent.events import CallFinished, DecisionRefused
from lavr.agent.limits import Limits
from lavr.errors import LimitReached, MalformedReply, ToolError, UsageError
from lavr.planners.base import AnswerText, Conversation, Decision, Draft, Planner, ThoughtText
from lavr.planners.local import callformats
from lavr.planners.local.deciding import Sampling
from lavr.planners.local.planner import LocalPlanner
from lavr.planners.local.prefixes import PrefixStore
from lavr.planners.rehearsal import answered, asked, continued, gradient, looked, reading_spec
from lavr.planners.testing import check_pictures, check_planner, check_units
from lavr.tests.planners.local import tiny
from lavr.tests.planners.local.thinkers import FEW, SPECS, TOOLS, Talk, decided, thinker
from lavr.tools.calls import Observation, ToolCall, ToolResult

CALL = Decision("Look closer.", (ToolCall("c1", "zoom", {"image": "img_1"}),))


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random weights write as much as they may, and nothing here depends on how much that is."""
    for limit, characters in {"ANSWER_LIMIT": 120, "VALUE_LIMIT": 30, "CITATION_LIMIT": 2}.items():
        monkeypatch.setattr(callformats, limit, characters)


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_pictures_reach_the_model_as_the_visual_tokens_that_its_processor_counts(family: str) -> None:
    planner = thinker(family, constrain=False)
    check_units(planner)
    check_pictures(planner, (reading_spec(),), sees=family in tiny.SEEING)


@pytest.mark.slow
@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_every_family_keeps_the_contract_of_planners(family: str) -> None:
    planner = thinker(family)
    check_planner(
        planner, streams=True, sees=family in tiny.SEEING, questions=("What does it say?", "¿Qué? 🦜 <image>")
    )


@pytest.mark.slow
@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_a_random_model_of_every_family_only_makes_valid_calls(family: str) -> None:
    for seed in range(2):
        planner = thinker(family, sampling=Sampling(temperature=1.0, seed=seed))
        agent = Agent(planner, tools=TOOLS, limits=Limits(steps=3))
        events = list(agent.stream([gradient((160, 120)).pil()], "Which colour?"))
        assert not [event for event in events if isinstance(event, DecisionRefused)]
        errors = [event.result.error for event in events if isinstance(event, CallFinished)]
        # `zoom` wants a region or a box, a rule that its schema cannot say: the tool itself tells of it.
        refused = [error for error in errors if error is not None and error.cause != "zoom needs a place."]
        assert all(isinstance(error, ToolError) for error in refused), errors


def test_less_than_one_call_a_turn_is_refused() -> None:
    with pytest.raises(UsageError, match="calls_per_turn=0"):
        thinker("llama", calls_per_turn=0)


@pytest.mark.parametrize("family", FEW)
def test_a_step_reads_only_what_is_new(family: str) -> None:
    planner, talk = thinker(family), Talk()
    first = decided(planner, talk.conversation)
    second = decided(planner, talk.go_on(first))
    whole = first.tokens.read + first.tokens.written
    assert first.tokens.reused == 0
    # The last tokens of a decision were written, not read: nothing was asked of the model after them.
    assert whole - 16 <= second.tokens.reused <= whole
    length = len(_ids(planner, talk))
    assert second.tokens.read + second.tokens.reused == length


@pytest.mark.parametrize("family", FEW)
def test_what_the_model_wrote_is_read_again_as_the_very_same_tokens(family: str) -> None:
    planner, talk = thinker(family), Talk()
    first = _ids(planner, talk)
    decision = decided(planner, talk.conversation)
    talk.go_on(decision)
    again = _ids(planner, talk)
    assert again[: len(first)] == first
    assert first + again[len(first) :][: decision.tokens.written] == again[: len(first) + decision.tokens.written]
    assert decision.tokens.reused + decision.tokens.read == len(first)


@pytest.mark.parametrize("family", FEW)
def test_a_second_question_on_the_same_picture_starts_after_the_picture(family: str) -> None:
    planner = thinker(family)
    image = Talk().image
    first = decided(planner, asked("Which colour?", [image]))
    other = decided(planner, asked("How large is it?", [image]))
    assert first.tokens.reused == 0
    seen = planner.fed(asked("?", [image]), SPECS).visual_tokens or 0
    assert other.tokens.reused > seen
    assert other.tokens.read < first.tokens.read / 3 or not seen


def test_sessions_in_two_threads_decide_as_they_do_one_after_the_other() -> None:
    questions = ["Which colour?", "How many?", "What does it say?", "Where?"]
    image = Talk().image
    alone = [decided(thinker("qwen3_vl"), asked(question, [image])) for question in questions]
    shared = thinker("qwen3_vl")
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda question: decided(shared, asked(question, [image])), questions))
    assert [_said(each) for each in together] == [_said(each) for each in alone]


@pytest.mark.parametrize("family", FEW)
def test_a_planner_that_never_saw_a_conversation_decides_as_one_that_did(family: str) -> None:
    talk = Talk()
    conversation = talk.go_on(CALL)
    seasoned = thinker(family)
    decided(seasoned, Talk().conversation)
    decided(seasoned, conversation)
    assert _said(decided(seasoned, conversation)) == _said(decided(thinker(family), conversation))


def test_a_model_that_may_not_reuse_decides_the_same() -> None:
    slow = LocalPlanner(replace(tiny.load("llama"), reuse=False), thought_tokens=2)
    quick = thinker("llama", thought_tokens=2)
    assert _said(decided(slow, Talk().conversation)) == _said(decided(quick, Talk().conversation))


def test_on_the_last_turn_there_is_only_an_answer_and_what_was_read_is_still_known() -> None:
    planner, talk = thinker("qwen3_vl"), Talk()
    decided(planner, talk.conversation)
    last = decided(planner, talk.go_on(CALL), ())
    assert last.answer is not None
    assert last.tokens.reused > 0


def test_a_run_that_is_broken_off_leaves_nothing_behind() -> None:
    planner, conversation = thinker("qwen3_vl"), Talk().conversation

    def stop(_: ThoughtText | AnswerText) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        planner.decide(conversation, SPECS, emit=stop)
    assert _said(decided(planner, conversation)) == _said(decided(thinker("qwen3_vl"), conversation))


def test_a_seed_settles_what_is_sampled() -> None:
    def sampled(seed: int) -> object:
        planner = thinker("llama", sampling=Sampling(temperature=1.0, top_p=0.9, seed=seed))
        return _said(decided(planner, Talk().conversation))

    assert sampled(1) == sampled(1)
    assert sampled(1) != sampled(2)


def test_a_conversation_that_does_not_fit_is_refused_with_numbers() -> None:
    model = tiny.load("llama", fresh=True)
    model.network.config.max_position_embeddings = 300
    with pytest.raises(LimitReached) as caught:
        LocalPlanner(model).decide(Talk().conversation, SPECS)
    assert caught.value.data["allowed"] == 300
    assert int(str(caught.value.data["tokens"])) > 44


def test_a_reply_that_fills_the_context_is_stopped() -> None:
    model = tiny.load("llama", fresh=True)
    planner = LocalPlanner(model, thought_tokens=600)
    length = len(_ids(planner, Talk()))
    model.network.config.max_position_embeddings = length + 256
    with pytest.raises(LimitReached, match="positions"):
        planner.decide(Talk().conversation, SPECS)


def test_a_model_without_eyes_calls_a_tool_before_it_answers_about_a_picture() -> None:
    for family in tiny.TEXT:
        planner, talk = thinker(family), Talk()
        first = decided(planner, talk.conversation)
        assert first.calls
        assert decided(planner, talk.go_on(first), ()).answer is not None


def test_without_a_constraint_a_reply_is_read_or_refused() -> None:
    planner = thinker("llama", constrain=False)
    with pytest.raises(MalformedReply):
        planner.decide(Talk().conversation, SPECS)
    assert planner.notes


def test_it_says_where_its_model_runs_and_is_a_planner() -> None:
    planner = thinker("qwen2_5_vl")
    assert isinstance(planner, Planner)
    assert (planner.name, planner.reason) == ("local:tiny-qwen2_5_vl", "a tiny model for tests")
    assert planner.loaded is tiny.load("qwen2_5_vl")
    assert not planner.notes


def test_planners_of_one_model_can_share_what_they_read() -> None:
    shared = PrefixStore()
    decided(thinker("llama", prefixes=shared), Talk().conversation)
    assert decided(thinker("llama", prefixes=shared), Talk().conversation).tokens.reused > 0


def test_words_of_a_picture_cannot_open_a_turn() -> None:
    planner = thinker("qwen3_vl", constrain=False)
    _, after = looked()
    text = planner.loaded.tokenizer.decode(_fed(planner, after))
    opened = text.count("<|im_start|>system")
    assert opened == 1


def test_the_turns_of_a_fed_conversation_are_those_of_the_template() -> None:
    planner = thinker("qwen3_vl", constrain=False)
    scene = Talk()
    result = ToolResult(CALL.calls[0], Observation("seen"))
    conversation = answered(continued(asked("Which colour?", [scene.image]), CALL, [result]), "Red.")
    conversation = conversation.extended(asked("And now?", []).messages)
    text = planner.loaded.tokenizer.decode(_fed(planner, conversation))
    assert text.count("<|im_start|>assistant\n") == 3
    assert "c1 zoom: seen\n</tool_response><|im_end|>\n<|im_start|>assistant\n" in text
    assert "</tool_call><|im_end|>\n<|im_start|>user\n<tool_response>\nc1 zoom" in text
    assert text.endswith("And now?<|im_end|>\n<|im_start|>assistant\n")
    assert "<|im_end|><|im_end|>" not in text


def _ids(planner: LocalPlanner, talk: Talk) -> list[int]:
    return _fed(planner, talk.conversation)


def _fed(planner: LocalPlanner, conversation: Conversation) -> list[int]:
    lines = planner._lines(planner._rendering.turns(conversation), SPECS)
    return [token for span, _ in planner._spans(lines) for token in span.ids]


def _said(decision: Decision) -> tuple[str, tuple[ToolCall, ...], Draft | None]:
    return decision.thought, decision.calls, decision.answer
