"""Call formats: chosen by the tokenizer, written and read back, and written as their grammars allow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("llguidance")

from lavr.errors import MalformedReply
from lavr.planners.base import Citation, Decision, Draft
from lavr.planners.handles import Handles
from lavr.planners.local.callformats import CallFormat, Thinking
from lavr.planners.local.callstyles import HERMES, LLAMA, MISTRAL, TAGS
from lavr.planners.local.matching import Constraint
from lavr.tests.planners.local.deciders import formats, random_logits, write
from lavr.tests.planners.local.tiny_words import tokenizer
from lavr.tools.calls import ToolCall
from lavr.tools.registry import default_tools
from lavr.vision.units import CoordinateUnit

LIVE = Handles(("img_1", "img_2"), ("r1",), ("c1",), (640, 480))
UNIT = CoordinateUnit.PER_MILLE
SPECS = default_tools().specs

READ = Decision("I read it.", (ToolCall("", "ocr", {"image": "img_1", "box": [1, 2, 30, 1000], "level": "word"}),))
LOOK = Decision("", (ToolCall("", "look", {"image": "img_2"}),))
TWO = Decision("Both.", (*LOOK.calls, ToolCall("", "calculate", {"expression": '"1"\n+ 2 é <answer>'})))
SHORT = Decision(answer=Draft("9.00"))
LONG = Decision(
    "So it is.",
    answer=Draft('It is "9.00" </answer>.', (Citation("9.00", "r1"), Citation("It", "c1")), complete=False, value="9"),
)


@pytest.fixture(scope="module")
def words() -> Any:
    return tokenizer()


@pytest.fixture(scope="module")
def constraint(words: Any) -> Constraint:
    return Constraint(words, len(words))


def styled(words: Any, name: str) -> CallFormat:
    return next(each for each in formats(words) if each.name == name)


@pytest.mark.parametrize("style", ["tags", "hermes", "llama", "mistral"])
@pytest.mark.parametrize("decision", [READ, LOOK, TWO, SHORT, LONG], ids=["read", "look", "two", "short", "long"])
def test_what_is_written_is_read_back_and_allowed_by_the_grammar(
    words: Any, constraint: Constraint, style: str, decision: Decision
) -> None:
    made = styled(words, style)
    decision = replace(decision, calls=decision.calls[: made.style.most_calls])
    text = made.written(decision)
    assert made.parse(text) == decision
    matcher = constraint.matcher(made.grammar(SPECS, LIVE, UNIT))
    tokens = words(text, add_special_tokens=False).input_ids
    for token in tokens:
        assert matcher.allows(token), f"{words.decode([token])!r} of {text!r}"
        matcher.accept(token)
    assert matcher.complete
    assert len(tokens) < made.max_tokens(SPECS, LIVE, UNIT)


@pytest.mark.parametrize("style", [TAGS, MISTRAL])
def test_marks_inside_an_argument_are_text(style: Any) -> None:
    call = ToolCall("", "calculate", {"expression": "</tool_call>\n<tool_call> [TOOL_CALLS] <answer>"})
    assert CallFormat(style).parse(CallFormat(style).written(Decision("", (call, call)))).calls == (call, call)


@pytest.mark.parametrize(
    ("style", "text"),
    [
        (HERMES, 'Hm.\n<tool_call>\n{"name": "look", "arguments": {"image": "img_2"}}\n</tool_call>'),
        (LLAMA, 'Hm.\n{"name": "look", "parameters": {"image": "img_2"}}'),
        (LLAMA, 'Hm.<|python_tag|>{"name": "look", "parameters": {"image": "img_2"}}'),
        (MISTRAL, 'Hm. [TOOL_CALLS] [{"name": "look", "arguments": {"image": "img_2"}}]'),
    ],
)
def test_the_native_forms_are_read(style: Any, text: str) -> None:
    assert CallFormat(style).parse(text) == Decision("Hm.", LOOK.calls)


def test_only_an_answer_can_be_written_without_tools(words: Any, constraint: Constraint) -> None:
    for made in formats(words):
        rules = made.grammar((), LIVE, UNIT)
        for seed in range(5):
            written = write(
                constraint, rules, random_logits(constraint.vocabulary, seed), most=made.max_tokens((), LIVE, UNIT)
            )
            assert made.parse(words.decode(written, skip_special_tokens=False)).answer is not None


def test_a_tool_that_cannot_be_called_is_not_in_the_grammar(words: Any) -> None:
    made = styled(words, "hermes")
    blind = made.grammar(SPECS, Handles(), UNIT)
    assert "calculate" in blind
    assert "ocr" not in blind
    assert "measure" not in made.grammar(SPECS, Handles(("img_1",)), UNIT)


def test_citations_are_left_out_when_nothing_can_be_cited() -> None:
    assert "citations" not in CallFormat().grammar((), Handles(), UNIT)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Just words.", "neither calls nor an answer"),
        ('<answer>{"text": "x"}', "not closed"),
        ("<answer>plain</answer>", "not JSON"),
        ('<answer>{"value": "x"}</answer>', "with a text"),
        ('<answer>{"text": "x", "mood": 1}</answer>', "no 'mood'"),
        ('<answer>{"text": "x", "citations": ["r1"]}</answer>', "A citation"),
        ('<tool_call>\n{"name": "a", "arguments": {}}</tool_call>', "no call between"),
        ('<tool_call>\n{"name": "a"}\n</tool_call>', "A call has"),
        ('<tool_call>\n{"name": 1, "arguments": {}}\n</tool_call>', "name of a call"),
        ('<tool_call>\n{"name": "a", "arguments": {}}\n</tool_call> And?', "no call between"),
        ("<tool_call>\n{name: a}\n</tool_call>", "not JSON"),
    ],
)
def test_what_no_grammar_could_have_written_is_refused(text: str, cause: str) -> None:
    with pytest.raises(MalformedReply, match=cause):
        CallFormat().parse(text)


@pytest.mark.parametrize(
    ("text", "thought"),
    [
        ('<think>\nHm.\n</think>\n\nSo.<answer>{"text": "x"}</answer>', "Hm.\nSo."),
        ('Hm.</think><answer>{"text": "x"}</answer>', "Hm."),
        ('So.<answer>{"text": "</think>"}</answer>', "So."),
        ('Cut \ufffd<answer>{"text": "x"}</answer>', "Cut"),
    ],
)
def test_the_thought_is_what_was_thought_and_said_before(text: str, thought: str) -> None:
    assert CallFormat(HERMES, thinking=Thinking.SOMETIMES).parse(text).thought == thought


def test_the_style_is_that_of_the_chat_template(words: Any) -> None:
    chosen = CallFormat.choose(words)
    assert chosen.style is HERMES
    assert chosen.thinking is Thinking.NEVER
    assert set(chosen.added) == {"<tool_call>", "</tool_call>", "<think>", "</think>"}


@pytest.mark.parametrize(
    ("template", "tokens", "style"),
    [
        ("{{ messages }}", [], TAGS),
        ("{{ '[TOOL_CALLS]' }}", [], MISTRAL),
        ("{{ messages }}", ["[TOOL_CALLS]"], MISTRAL),
        ("{{ messages }}", ["<|python_tag|>"], LLAMA),
        ("""{{ '"parameters": ' }}{{ message.tool_calls }}""", [], LLAMA),
        ({"default": "{{ messages }}", "tool_use": "{{ '<tool_call>' }}"}, [], HERMES),
        (None, [], TAGS),
    ],
)
def test_other_families_have_their_own(template: Any, tokens: list[str], style: Any) -> None:
    words = tokenizer()
    words.chat_template = template
    words.add_tokens(tokens)
    chosen = CallFormat.choose(words)
    assert chosen.style is style
    assert set(tokens) <= set(chosen.added)


@pytest.mark.parametrize(
    ("ending", "thinking"),
    [
        ("<|im_start|>assistant\n<think>\n", Thinking.OPENED),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", Thinking.NEVER),
        ("<|im_start|>assistant\n{# <think> #}", Thinking.SOMETIMES),
    ],
)
def test_whether_a_model_thinks_shows_in_its_prompt(ending: str, thinking: Thinking) -> None:
    words = tokenizer()
    words.chat_template = f"<tool_call>{ending}"
    assert CallFormat.choose(words).thinking is thinking
