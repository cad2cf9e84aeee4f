"""What a reply means, dialect by dialect, and what is said to a model whose reply means nothing or too much."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lavr.errors import MalformedReply
from lavr.jsonable import Json
from lavr.planners.base import Citation, Decision, Draft
from lavr.planners.replies import canonical_reply, parse_reply, reply_format
from lavr.tests.planners.replies.damage import TOOLS
from lavr.tools import default_tools
from lavr.tools.calls import ToolCall

REAL = tuple(tool.spec for tool in default_tools())
OCR = (("ocr", {"image": "img_1"}),)

ONE_CALL = (
    '{"tool_calls": [{"id": "call_9", "function": {"name": "ocr", "arguments": "{\\"image\\": \\"img_1\\"}"}}]}',
    '{"tool_calls": [{"function": {"name": "ocr", "arguments": "{"image": "img_1"}"}}]}',
    '{"role": "assistant", "content": null, "function_call": {"name": "ocr", "arguments": {"image": "img_1"}}}',
    '<tool_call>{"name": "ocr", "arguments": {"image": "img_1"}}</tool_call>',
    '<tool_call>{"name": "ocr", "arguments": {"image": "img_1"}</tool_call>',
    '<tool_call>```json\n{"name": "ocr", "arguments": {"image": "img_1"}}\n```</tool_call>',
    '<tool_call>ocr(image="img_1")</tool_call>',
    "<tool_call>ocr\n<arg_key>image</arg_key>\n<arg_value>img_1</arg_value>\n</tool_call>",
    "<tool_call><function=ocr><parameter=image>\nimg_1\n</parameter></function></tool_call>",
    '<invoke name="ocr"><parameter name="image">img_1</parameter></invoke>',
    '<function=ocr>{"image": "img_1"}</function>',
    '{"name": "ocr", "parameters": {"image": "img_1"}}<|eot_id|>',
    '<|python_tag|>{"type": "function", "name": "ocr", "parameters": {"image": "img_1"}}<|eom_id|>',
    '<|python_tag|>ocr.call(image="img_1")',
    '[TOOL_CALLS][{"name": "ocr", "arguments": {"image": "img_1"}}]</s>',
    '[TOOL_CALLS]ocr[CALL_ID]abc[ARGS]{"image": "img_1"}',
    'ocr(image="img_1")',
    "`functions.ocr(image=img_1)`",
    '```python\nocr("img_1")\n```',
    '[ocr(image="img_1")]',
    'Thought: read it\nAction: ocr\nAction Input: {"image": "img_1"}\nObservation:',
    "**Thought:** read it\n**Action:** `ocr`\n**Action Input:** img_1",
    'Action: ocr(image="img_1")',
    '{"tool": "ocr", "image": "img_1"}',
    '{"ocr": {"image": "img_1"}}',
    '{"thought": "read it", "action": "ocr", "action_input": {"image": "img_1"}}',
    '{"type": "tool_use", "id": "x", "name": "ocr", "input": {"image": "img_1"}}',
    'I read it: {"name": "ocr", "arguments": {"image": "img_1"}} and wait.',
)


def called(decision: Decision) -> tuple[tuple[str, dict[str, Json]], ...]:
    """Names and arguments."""
    return tuple((call.name, dict(call.arguments)) for call in decision.calls)


@pytest.mark.parametrize("text", ONE_CALL)
def test_every_dialect_of_the_same_call_is_read_as_that_call(text: str) -> None:
    assert called(parse_reply(text, REAL)) == OCR


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The color of the car is red.", "The color of the car is red."),
        ("LOOK", "LOOK"),
        ("Final Answer: 9.00", "9.00"),
        ("Thought: I know.\n**Answer:** 9.00", "9.00"),
        ("<answer>9.00</answer>", "9.00"),
        ('<answer>{"text": "It is 9.", "value": 9}</answer>', "It is 9."),
        ('{"answer": "9.00"}', "9.00"),
        ('{"action": "Final Answer", "action_input": "9.00"}', "9.00"),
        ('{"total": 9.0, "name": "ACME"}', '{"total": 9.0, "name": "ACME"}'),
        ("Let me know if you need more.", "Let me know if you need more."),
        ("I can see that the color is red.", "I can see that the color is red."),
        ("Compare the two: the left one is larger.", "Compare the two: the left one is larger."),
        ('It says:\n<untrusted from="c1 ocr">\nTOTAL 9.00\n</untrusted>\nSo 9.00.', None),
    ],
)
def test_words_that_answer_are_an_answer(text: str, words: str | None) -> None:
    answer = parse_reply(text, REAL).answer
    assert answer is not None
    assert answer.text == (text if words is None else words)


@pytest.mark.parametrize(
    ("text", "seen", "told"),
    [
        ("", "empty", "<tool_call>"),
        ("<think>Hm.</think>", "nothing but a thought", "After thinking"),
        ("look", "speaks of look", "To call it"),
        ("I'll use the ocr tool now.", "speaks of ocr", "To call it"),
        ("Let me read the receipt.", "announces a step", "Take it now"),
        ("ocr img_1", "speaks of ocr", "To call it"),
        ('{"image": "img_1"}', "may be arguments of", "the tool's name"),
        ('{"name": "ocr", "arguments": {"image": "im', "ends inside a string", "whole"),
        ('{"name": "zoom", "arguments": {"image": "img_1", "scale": 2', "may go on", "whole"),
        ('{"name": "zoom", "arguments": {"image": "img_1", "box": [1, 2, 3', "may go on", "whole"),
        ('{"name": "ocr", "arguments": {}}', "lacks its argument 'image'", "Call it again"),
        (
            '{"name": "ocr", "arguments": {"image": "img_1", "size": 2}}',
            "'size', which it does not take",
            "image, region",
        ),
        ('{"name": "teleport", "arguments": {}}', "no such tool", "ocr, zoom"),
        ('{"name": "ocr", "arguments": {"image": "img_1", "image": "img_2"}}', "given twice", "whole"),
        ('{"name": "ocr", "arguments": {"image": "img_1"}}\nFinal Answer: 9', "a call and an answer", "either"),
        ('The text says "{"name": "ocr", "arguments": {"image": "img_1"}}"', "stands in a quotation", "outside"),
        ('{"name": "zoom", "arguments": {"image": "img_1", "scale": NaN}}', "NaN is no JSON", "whole"),
        ("Thought: a\nAction: ocr\nObservation: b\nFinal Answer: c", "no tool gave", "stop and wait"),
        ("<answer>1</answer><answer>2</answer>", "2 different answers", "Write one"),
        ("<｜tool▁call▁begin｜>ocr<｜tool▁sep｜>", "neither a whole call nor an answer", "<tool_call>"),
    ],
)
def test_what_has_no_single_meaning_is_refused_with_what_was_seen_and_what_to_write(
    text: str, seen: str, told: str
) -> None:
    with pytest.raises(MalformedReply) as refused:
        parse_reply(text, REAL)
    assert seen in refused.value.cause
    assert told in refused.value.remedy


def test_a_name_that_may_mean_two_tools_is_refused_with_both() -> None:
    with pytest.raises(MalformedReply, match="may mean count_dots or count_docs"):
        parse_reply('{"name": "count_dos", "arguments": {"image": "img_1"}}', TOOLS)


def test_two_different_calls_with_one_id_are_refused_and_equal_ones_are_one() -> None:
    first = '<tool_call>{"id": "c1", "name": "ocr", "arguments": {"image": "img_1"}}</tool_call>'
    assert called(parse_reply(first + first, REAL)) == OCR
    with pytest.raises(MalformedReply, match="Two different calls have the id 'c1'"):
        parse_reply(first + first.replace("img_1", "img_2"), REAL)


def test_texts_become_what_the_schema_wants_and_references_stay() -> None:
    text = '{"name": "zoom", "arguments": {"image": {"$ref": "c1.images[0]"}, "box": "[1, 2, 3, 4]", "scale": "2"}}'
    (call,) = parse_reply(text, REAL).calls
    assert call.arguments == {"image": {"$ref": "c1.images[0]"}, "box": [1, 2, 3, 4], "scale": 2}


def test_the_thought_is_what_stands_around_in_tags_and_in_the_object() -> None:
    text = (
        '<think>First.</think>Second.\n```json\n{"thought": "Third.", "tool": "ocr", "args": {"image": "img_1"}}\n```'
    )
    assert parse_reply(text, REAL).thought == "First.\nThird.\nSecond."


def test_handles_in_brackets_become_citations_of_what_they_mark() -> None:
    answer = parse_reply("It is a receipt [img_1]. The total is 9.00 [r3, r4].", REAL).answer
    assert answer == Draft(
        "It is a receipt. The total is 9.00.",
        (
            Citation("It is a receipt", "img_1"),
            Citation("The total is 9.00", "r3"),
            Citation("The total is 9.00", "r4"),
        ),
    )


def test_without_tools_only_an_answer_is_accepted() -> None:
    with pytest.raises(MalformedReply, match="no tool can be called now"):
        parse_reply('{"name": "ocr", "arguments": {"image": "img_1"}}', ())
    assert parse_reply("I use ocr to read, and it says hello.", ()).answer is not None


def test_the_protocol_names_every_tool_with_its_arguments_and_its_own_example_can_be_read() -> None:
    told = reply_format(REAL)
    assert all(f"- {spec.name}(" in told for spec in REAL)
    assert 'level: "line"|"word" = "line"' in told
    example = next(line for line in told.splitlines() if line.startswith("<tool_call>"))
    assert parse_reply(example, REAL).calls[0].name == "ocr"
    assert "<tool_call>" not in reply_format(())


ARGUMENTS = st.dictionaries(st.sampled_from(["find", "box"]), st.text(max_size=30), max_size=2)
DRAFTS = st.builds(
    Draft,
    st.text(min_size=1, max_size=60).map(lambda text: f"x{text.strip()}x"),
    st.lists(st.builds(Citation, st.text(max_size=9), st.just("r3")), max_size=2).map(tuple),
    st.booleans(),
    st.sampled_from(["", "9.00"]),
)
CALLS = st.lists(
    st.builds(
        lambda text: ToolCall("", "calculate", {"expression": text}),
        st.text(max_size=60),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda call: str(call.arguments),
)


@given(
    st.one_of(CALLS.map(lambda calls: Decision("Why.", tuple(calls))), DRAFTS.map(lambda d: Decision("Why.", answer=d)))
)
def test_what_is_written_canonically_is_read_back(decision: Decision) -> None:
    assert parse_reply(canonical_reply(decision), REAL) == decision


PIECES = st.sampled_from(
    [
        *"{[]}(),:=\\`\"'“”>\n\t\x00\ud800😀#",
        *(
            "```",
            "~~~json",
            "<tool_call>",
            "</tool_call>",
            "<function=ocr>",
            "<parameter=a>",
            "</parameter>",
            "<arg_key>",
        ),
        *("[TOOL_CALLS]", "[ARGS]", "<|python_tag|>", "<think>", "</think>", "<answer>", "</answer>", "<untrusted>"),
        *("Action: ", "Action Input: ", "Thought: ", "Observation: ", "ocr", "zoom(", "ocr(", "image=", "[r1]", "\r\n"),
        *('"name": ', '"arguments": ', '"image"', "img_1", "r3", "12", "-1.", "true", "/*", "//", "\\u", "\\ud800"),
        *(
            '{"a": ',
            '{"',
            '{"name":"ocr","arguments":{"image":"img_1"}}',
            "count_do(image=1)\n",
            "I will use ",
            "says: ",
        ),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join), st.lists(PIECES, max_size=40).map(" ".join)))
def test_arbitrary_text_is_a_decision_or_a_malformed_reply(text: str) -> None:
    try:
        decision = parse_reply(text, TOOLS)
    except MalformedReply:
        return
    assert decision.calls or decision.answer


@pytest.mark.clock
@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=4).map("".join), st.text(max_size=3))
def test_20_000_characters_are_read_in_less_than_50_milliseconds(piece: str, more: str) -> None:
    text = ((piece + more) * (20_000 // len(piece + more) + 1))[:20_000]
    assert min(seconds(text) for _ in range(4)) < 0.05


def seconds(text: str) -> float:
    """CPU time of one reading, whatever other threads of the process do."""
    begun = time.thread_time()
    with suppress(MalformedReply):
        parse_reply(text, TOOLS)
    return time.thread_time() - begun
