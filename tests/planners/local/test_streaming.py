"""Streams: characters that are whole, and pieces that join to the decision."""

from __future__ import annotations

import pytest

from lavr.planners.base import AnswerText, ThoughtText
from lavr.planners.local.callformats import CallFormat, Thinking
from lavr.planners.local.callstyles import HERMES, LLAMA, MISTRAL, CallStyle
from lavr.planners.local.streaming import DecisionStream, Detokenizer
from lavr.tests.planners.local.tiny_words import tokenizer

CALL = '<tool_call>\n{"name": "zoom", "arguments": {"image": "img_1"}}\n</tool_call>'
TEXTS = [
    (HERMES, "", f"I look at it.\n{CALL}"),
    (HERMES, "", CALL),
    (HERMES, "", f"  a < b, and <3 \n\n{CALL}\n{CALL}"),
    (HERMES, "", 'It says 9.\n<answer>{"text": "It says \\"9\\"\\nand \\\\ é 🦜.", "value": "9"}</answer>'),
    (HERMES, "", '<answer>{"text": "x"}</answer>'),
    (HERMES, "", f"<think>First this,\nthen that.</think>\nI look.\n{CALL}"),
    (HERMES, "opened", f"First this,\nthen that.\n</think>\n\nI look.\n{CALL}"),
    (LLAMA, "", 'I look. {"name": "zoom", "parameters": {"image": "img_1"}}'),
    (MISTRAL, "", 'I look [1]. [TOOL_CALLS] [{"name": "zoom", "arguments": {"image": "img_1"}}]'),
]


@pytest.mark.parametrize(("style", "opened", "text"), TEXTS)
@pytest.mark.parametrize("width", [1, 3, 1000])
def test_the_pieces_of_a_stream_join_to_the_decision(style: CallStyle, opened: str, text: str, width: int) -> None:
    pieces: list[ThoughtText | AnswerText] = []
    stream = DecisionStream(pieces.append, openings=style.openings, opens_with_thinking=bool(opened))
    for at in range(0, len(text), width):
        stream.feed(text[at : at + width])
    thinking = Thinking.OPENED if opened else Thinking.SOMETIMES
    decision = CallFormat(style, thinking=thinking).parse(text)
    stream.close(decision)
    assert "".join(piece.text for piece in pieces if isinstance(piece, ThoughtText)) == decision.thought
    said = decision.answer.text if decision.answer else ""
    assert "".join(piece.text for piece in pieces if isinstance(piece, AnswerText)) == said
    assert all(piece.text for piece in pieces)


def test_an_answer_streams_before_it_is_complete() -> None:
    pieces: list[str] = []
    stream = DecisionStream(lambda piece: pieces.append(piece.text), openings=("<tool_call>",))
    stream.feed('<answer>{"text": "It is r')
    stream.feed("ed\\")
    assert pieces == ["It is r", "ed"]


@pytest.mark.parametrize("text", ["naïve café", "🦜🦜 parrots", "日本語のテキスト", "plain", "a\u0301 ẞ"])
def test_characters_of_several_tokens_come_whole(text: str) -> None:
    words = tokenizer()
    ids = words(text, add_special_tokens=False)["input_ids"]
    detokenizer = Detokenizer(words)
    pieces = [detokenizer.feed([each]) for each in ids]
    assert "".join([*pieces, detokenizer.close()]) == text
    assert not any("\ufffd" in piece for piece in pieces)


def test_bytes_that_are_no_character_do_not_stop_the_stream() -> None:
    words = tokenizer()
    broken = words("🦜", add_special_tokens=False)["input_ids"][0]
    detokenizer = Detokenizer(words)
    text = detokenizer.feed([broken] * 9) + detokenizer.feed(words("ok", add_special_tokens=False)["input_ids"])
    assert (text + detokenizer.close()).endswith("ok")


def test_tags_that_are_tokens_stay_in_the_text() -> None:
    words = tokenizer()
    detokenizer = Detokenizer(words)
    assert detokenizer.feed(words(CALL, add_special_tokens=False)["input_ids"]) + detokenizer.close() == CALL
