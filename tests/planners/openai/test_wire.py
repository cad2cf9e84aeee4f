"""Bytes of a body become objects, however they are cut, and replies become decisions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lavr.errors import MalformedReply
from lavr.planners.base import AnswerText, Citation, Decision, ThoughtText, Tokens
from lavr.planners.openai.dialect import Dialect
from lavr.planners.openai.reading import decision_of
from lavr.planners.openai.replying import BLANK, Reply
from lavr.planners.openai.replyschema import reply_schema
from lavr.planners.openai.streaming import Told
from lavr.planners.openai.wire import BrokenReply, chunks
from lavr.planners.testing import reading_spec
from lavr.tests.planners.openai.loopback import Body, call_chunks, chunk, event, text_chunks
from lavr.tools.spec import ToolCard, ToolSpec
from lavr.vision.units import CoordinateUnit

READ: dict[str, Any] = {"image": "img_1"}
FORCED = Dialect("tools", "a test", settled=True)


def replied(said: list[Body]) -> Reply:
    """A reply from its chunks."""
    reply = Reply()
    for each in said:
        reply.take(each)
    reply.check_whole()
    return reply


def decided(said: list[Body], tools: tuple[ToolSpec, ...] = (reading_spec(),), mode: Any = "tools") -> Decision:
    """The decision of a reply."""
    return decision_of(replied(said), tools, mode=mode, max_tokens=100)


@given(st.data())
def test_events_are_the_same_wherever_the_network_cuts_them(data: st.DataObject) -> None:
    said = [chunk({"content": text}) for text in ("größe ", "🦜", "\u2028x\r\n")]
    ends = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    lines = [": hello", *(f"event: x\nid: 1\ndata: {json.dumps(each, ensure_ascii=False)}\n" for each in said)]
    raw = ("\n".join([*lines, "data: [DONE]", "", ""])).replace("\n", ends).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    pieces = [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert list(chunks(pieces)) == said


@pytest.mark.parametrize(
    "raw",
    [
        b'\xef\xbb\xbfdata: {"a": 1}\n\n',
        b'data:{"a":\ndata: 1}\n\n',
        b'data: {"a": 1}',
        b'\n\n{"a":\n 1}\n',
        b'data: {"a": 1}\n\ndata: [DONE]\n\ndata: nonsense\n\n',
    ],
)
def test_events_are_read_as_the_standard_says_and_bodies_as_well(raw: bytes) -> None:
    assert list(chunks([raw])) == [{"a": 1}]


@pytest.mark.parametrize(
    "raw", [b"", b"\n\n", b"[1]", b"data: [1]\n\n", b"data: {\n\n", b"\xff\xfe", b"data: {}\xe2\x82"]
)
def test_what_is_no_reply_is_broken(raw: bytes) -> None:
    with pytest.raises(BrokenReply):
        list(chunks([raw]))


def test_pieces_of_several_calls_are_put_together_by_their_index() -> None:
    first, second = (
        {"index": index, "id": f"x{index}", "function": {"name": "ocr", "arguments": '{"image": '}} for index in (0, 1)
    )
    rest = [{"index": index, "function": {"arguments": f'"img_{index + 1}"}}'}} for index in (1, 0)]
    said = [chunk({"tool_calls": [first, second]}), *(chunk({"tool_calls": [each]}) for each in rest)]
    calls = decided([*said, chunk(finish="tool_calls")]).calls
    assert [(call.id, dict(call.arguments)) for call in calls] == [
        ("x0", {"image": "img_1"}),
        ("x1", {"image": "img_2"}),
    ]


def test_calls_that_all_have_the_index_0_are_told_apart_by_their_ids() -> None:
    said = [
        chunk({"tool_calls": [{"index": 0, "id": name, "function": {"name": "ocr", "arguments": READ}}]})
        for name in ("a", "b")
    ]
    assert [call.id for call in decided([*said, chunk(finish="tool_calls")]).calls] == ["a", "b"]


def test_tokens_are_those_read_reused_and_written() -> None:
    assert decided(call_chunks(("ocr", READ))).tokens == Tokens(20, 80, 7)
    assert decided(call_chunks(("ocr", READ), usage=None)).tokens == Tokens()
    odd = {"prompt_tokens": 10, "completion_tokens": "many", "prompt_tokens_details": None}
    assert decided(call_chunks(("ocr", READ), usage=odd)).tokens == Tokens(10, 0, 0)


@pytest.mark.parametrize(
    "arguments", ["{'image': 'img_1'}", '{"image": "img_1",}', '{"image": "img_1"', "{image: img_1}"]
)
def test_arguments_with_one_meaning_are_repaired(arguments: str) -> None:
    assert dict(decided(call_chunks(("ocr", arguments))).calls[0].arguments) == READ


@pytest.mark.parametrize("arguments", ['{"image": "im', "img_1", "[1, 2]", '{"image": ["img_1"', '{"x": NaN}'])
def test_arguments_with_none_are_sent_back(arguments: str) -> None:
    with pytest.raises(MalformedReply, match="arguments of ocr"):
        decided(call_chunks(("ocr", arguments)))


def test_nulls_of_arguments_that_take_none_are_left_out() -> None:
    number: dict[str, Any] = {"type": "number", "default": 1}
    either: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": "x"}
    spec = ToolSpec("t", ToolCard("T"), {"type": "object", "properties": {"n": number, "e": either}})
    calls = decided(call_chunks(("t", {"n": None, "e": None})), (spec,)).calls
    assert dict(calls[0].arguments) == {"e": None}


def test_the_thought_of_a_call_is_taken_out_unless_the_tool_asks_for_one() -> None:
    mine: dict[str, Any] = {"type": "object", "properties": {"thought": {"type": "string"}}}
    thinker = ToolSpec("muse", ToolCard("Muse."), mine)
    made = decided(
        call_chunks(("ocr", {"thought": "Read.", **READ}), ("muse", {"thought": "Deep."}), content="First."),
        (reading_spec(), thinker),
    )
    assert made.thought == "First.\nRead."
    assert [dict(call.arguments) for call in made.calls] == [READ, {"thought": "Deep."}]


def test_a_final_answer_is_a_draft() -> None:
    said = {"text": "It is 9.00.", "value": "9.00", "citations": [{"quote": "9.00", "handle": "r3"}], "complete": False}
    draft = decided(call_chunks(("final_answer", said))).answer
    assert draft is not None
    assert (draft.text, draft.value, draft.complete) == ("It is 9.00.", "9.00", False)
    assert draft.citations == (Citation("9.00", "r3"),)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (call_chunks(("ocr", READ), ("final_answer", {"text": "x"})), "at once"),
        (call_chunks(("final_answer", {"text": "x"}), ("final_answer", {"text": "y"})), "called 2 times"),
        (call_chunks(("final_answer", {"value": ""})), "no text"),
    ],
)
def test_a_reply_without_one_meaning_is_sent_back(said: list[Body], words: str) -> None:
    with pytest.raises(MalformedReply, match=words):
        decided(said)


def test_a_reply_in_the_schema_has_what_is_next_beside_its_thought_or_in_a_place_of_its_own() -> None:
    call, answer = {"name": "ocr", "arguments": READ}, {"text": "It is 9.00."}
    for said in (
        {"thought": "Look.", "next": {"calls": [call]}},
        {"thought": "Look.", "calls": [call], "answer": None},
    ):
        made = decided(text_chunks(json.dumps(said)), mode="schema")
        assert (made.thought, [each.name for each in made.calls], made.answer) == ("Look.", ["ocr"], None)
    made = decided(text_chunks(json.dumps({"thought": "Seen.", "next": {"answer": answer}})), mode="schema")
    assert made.answer is not None
    assert made.answer.text == "It is 9.00."


@pytest.mark.parametrize(
    ("tools", "may_answer", "kinds"),
    [
        ((reading_spec(),), True, [["calls"], ["answer"]]),
        ((reading_spec(),), False, [["calls"]]),
        ((), True, [["answer"]]),
        ((), False, [["answer"]]),
    ],
)
def test_a_schema_lets_a_reply_call_or_answer_and_never_both(
    tools: tuple[ToolSpec, ...], may_answer: bool, kinds: list[list[str]]
) -> None:
    schema: Any = reply_schema(tools, CoordinateUnit.PER_MILLE, may_answer=may_answer)
    following = schema["properties"]["next"]
    options = following.get("anyOf", [following])
    assert [list(option["properties"]) for option in options] == kinds
    assert all(option["required"] == list(option["properties"]) for option in options)
    assert all(option["properties"].get("calls", {"minItems": 1})["minItems"] == 1 for option in options)


def test_who_knows_nothing_yet_can_only_look() -> None:
    adds = ToolSpec("add", ToolCard("Add numbers."), {"type": "object", "properties": {"a": {"type": "number"}}})

    def callable_now(*tools: ToolSpec, may_answer: bool) -> list[str]:
        schema: Any = reply_schema(tools, CoordinateUnit.PER_MILLE, may_answer=may_answer)
        following = schema["properties"]["next"]
        calls = next(each for each in following.get("anyOf", [following]) if "calls" in each["properties"])
        return [call["properties"]["name"]["enum"][0] for call in calls["properties"]["calls"]["items"]["anyOf"]]

    assert callable_now(adds, reading_spec(), may_answer=False) == ["ocr"]
    assert callable_now(adds, reading_spec(), may_answer=True) == ["add", "ocr"]
    assert callable_now(adds, may_answer=False) == ["add"]


def test_a_reply_that_trails_off_into_white_space_can_be_taken_as_whole() -> None:
    reply = Reply()
    for each in text_chunks('{"name": "ocr"}' + "\n" * (BLANK - 1), finish="")[:-1]:
        reply.take(each)
    before = reply.trails_off
    reply.take(chunk({"content": "\n\n"}))
    assert (before, reply.trails_off) == (False, True)
    reply.end()
    reply.check_whole()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"thought": "", "calls": [], "answer": null}', "neither"),
        ('{"calls": [{"name": "ocr", "arguments": {}}], "answer": {"text": "x"}}', "at once"),
        ('{"calls": [{"tool": 1}], "answer": null}', "no call"),
    ],
)
def test_a_reply_in_the_schema_without_one_meaning_is_sent_back(text: str, words: str) -> None:
    with pytest.raises(MalformedReply, match=words):
        decided(text_chunks(text), mode="schema")


def test_a_refusal_is_an_incomplete_answer() -> None:
    draft = decided([chunk({"refusal": "I cannot help with that."}, finish="stop")]).answer
    assert draft is not None
    assert (draft.text, draft.complete) == ("I cannot help with that.", False)


def told_by(said: list[Body], dialect: Dialect = FORCED) -> list[ThoughtText | AnswerText]:
    """What is streamed of a reply."""
    heard: list[ThoughtText | AnswerText] = []
    told, reply = Told(heard.append, dialect), Reply()
    for each in said:
        reply.take(each)
        told.tell(reply)
    return heard


def test_thought_and_answer_stream_out_of_unfinished_json() -> None:
    said = call_chunks(("final_answer", {"thought": 'It "is" \n 🦜.', "text": "Größe: 9\\10 🦜"}))
    heard = told_by(said)
    assert len(heard) > 5
    assert "".join(piece.text for piece in heard if isinstance(piece, ThoughtText)) == 'It "is" \n 🦜.'
    assert "".join(piece.text for piece in heard if isinstance(piece, AnswerText)) == "Größe: 9\\10 🦜"


def test_the_arguments_of_a_tool_are_no_answer() -> None:
    heard = told_by(call_chunks(("find_text", {"thought": "Look.", "text": "TOTAL"})))
    assert "".join(piece.text for piece in heard) == "Look."
    assert not any(isinstance(piece, AnswerText) for piece in heard)


def test_reasoning_is_thought() -> None:
    said = [chunk({"reasoning_content": "Hmm."}), chunk({"reasoning": " Well."}), *call_chunks(("ocr", READ))]
    assert decided(said).thought == "Hmm. Well."
    assert told_by(said)[:2] == [ThoughtText("Hmm."), ThoughtText(" Well.")]


def test_words_that_may_be_the_answer_are_held_back_where_no_call_is_insisted_on() -> None:
    free = Dialect("tools", "a test", forced=False, settled=True)
    assert told_by(text_chunks("It is 9.00."), free) == []
    heard = told_by(call_chunks(("ocr", READ), content="I read it."), free)
    assert heard == [ThoughtText("I read it.")]


def test_a_body_that_is_not_streamed_is_read_whole() -> None:
    message = {
        "content": "I read.",
        "tool_calls": [{"id": "a", "function": {"name": "ocr", "arguments": json.dumps(READ)}}],
    }
    value = {"choices": [{"message": message, "finish_reason": "tool_calls"}]}
    (only,) = chunks([json.dumps(value).encode()])
    made = decided([dict(only)])
    assert (made.thought, dict(made.calls[0].arguments)) == ("I read.", READ)
    assert list(chunks([event(value)])) == [value]
