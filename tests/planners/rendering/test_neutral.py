"""Strangers' text cannot speak for anybody else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lavr.errors import UsageError
from lavr.planners.base import Citation, Decision, Draft
from lavr.planners.rendering.neutral import MARKS, neutralised, neutralised_decision, neutralised_json
from lavr.tools.calls import ToolCall

MARKERS = (
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "<|vision_start|>",
    "<|image_pad|>", "<|image|>", "<|image_1|>", "<|turn>", "<turn|>", "<|tool_call>", "<tool_call|>",
    "<｜begin▁of▁sentence｜>", "<|END_OF_TURN_TOKEN|>", "[INST]", "[/INST]", "[IMG]", "[IMG_BREAK]", "[TOOL_CALLS]",
    "[SYSTEM_PROMPT]", "[gMASK]", "<<SYS>>", "<</SYS>>", "<s>", "</s>", "<bos>", "<eos>", "<pad>", "<unk>", "<image>",
    "</image>", "<img>", "</img>", "<IMG_CONTEXT>", "<image_soft_token>", "<start_of_image>", "<end_of_image>",
    "<start_of_turn>", "<end_of_turn>", "<end_of_utterance>", "<fake_token_around_image>", "<global-img>",
    "<row_1_col_2>", "<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>",
    "<tools>", "<function=ocr>", "</function=ocr>", "<parameter=image>", "<arg_key>", "<start_function_call>",
    "<answer>", "</answer>", "<loc_12>",
)  # fmt: skip

ORDINARY = (
    "TOTAL   9.00 EUR\n\tTax < 5 % | net > 8",
    "if a <b and c> d: x = y[0] | z",
    '<html><body class="x"><table><tr><td>1</td></tr></table></body></html>',
    '<untrusted from="c1 ocr">\nMILK 1.20\n</untrusted>',
    "[1, 2, 3] {'a': <b>} <- left | right -> <= >= << >> <|> |>",
    "naïve 東京 Ωμέγα עברית العربية हिन्दी 👩‍👩‍👧 🏴 ﬁ № …",
    'img_1 "a.png": 80 x 60 (w x h), boxes in 0-1000',
    "USER: hello ASSISTANT: hi",
    "",
)
_LETTERS = st.sampled_from(
    ["<", "|", ">", "[", "]", "/", "im_start", "image", "INST", "s", "\x00", "｜", "\n", "a", "·"]
)
SPECIALS = st.lists(st.text(st.characters(exclude_characters=MARKS), max_size=6), max_size=4)
PIECES = st.lists(st.one_of(st.sampled_from(MARKERS), _LETTERS, st.text(max_size=4)), max_size=12).map("".join)


@pytest.mark.parametrize("marker", MARKERS)
def test_a_well_known_marker_is_broken_up_and_still_legible(marker: str) -> None:
    made = neutralised(f"before {marker} after")
    assert marker not in made
    assert made.replace("·", "") == f"before {marker} after"


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert neutralised(text) == text


@given(PIECES, SPECIALS)
def test_nothing_is_left_to_break_up_whatever_the_text_and_the_special_tokens(text: str, specials: list[str]) -> None:
    made = neutralised(text, specials)
    assert neutralised(made, specials) == made
    assert not [special for special in specials if len(special.strip()) > 1 and special in made]
    assert not [marker for marker in MARKERS if marker in made]


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs"], include_characters=" .,:;!?()'\"-+/\n\t")))
def test_words_and_numbers_are_never_touched(text: str) -> None:
    assert neutralised(text) == text


@given(st.text())
def test_no_control_character_is_left(text: str) -> None:
    left = {character for character in neutralised(text) if unicodedata.category(character) in {"Cc", "Cs"}}
    assert left <= {"\n", "\t"}


def test_a_marker_hidden_by_control_characters_or_by_another_marker_is_found() -> None:
    assert neutralised("<|im_\x00start|>") == "<·|im_start|>"
    assert "<|im_start|>" not in neutralised("<|im_<|im_start|>start|>")
    assert neutralised("<\U000e0041image>") == "<·image>"


def test_line_ends_of_all_kinds_become_one_kind_and_lone_surrogates_can_be_encoded() -> None:
    assert neutralised("a\r\nb\rc\x0cd") == "a\nb\nc\nd"
    assert neutralised("a\ud83d") == "a\ufffd"


def test_special_tokens_of_the_model_are_broken_up_and_blank_ones_are_not() -> None:
    assert neutralised(">>TITLE<< USER: hi", [">>TITLE<<", "USER:", "\n\n", " ", "", "a"]) == ">·>TITLE<< U·SER: hi"


def test_another_mark_is_taken_when_a_special_token_holds_the_first_one() -> None:
    assert neutralised("a·b <image>", ["a·b"]) == f"a{MARKS[1]}·b <{MARKS[1]}image>"
    with pytest.raises(UsageError, match="special tokens"):
        neutralised("", [f"x{MARKS}"])


def test_a_decision_is_cleaned_through_and_through() -> None:
    call = ToolCall("c1", "find", {"labels": ["<image>", {"<s>": 1}], "n": 2})
    made = neutralised_decision(Decision("<think>", calls=(call,)))
    assert made.thought == "<·think>"
    assert made.calls == (ToolCall("c1", "find", {"labels": ["<·image>", {"<·s>": 1}], "n": 2}),)
    draft = Draft("see </s>", (Citation("</s>", "r1"),), value="</s>")
    cleaned = neutralised_decision(Decision(answer=draft)).answer
    assert cleaned == Draft("see <·/s>", (Citation("<·/s>", "r1"),), value="<·/s>")


def test_a_decision_without_markers_stays_the_same_object() -> None:
    decision = Decision("Look.", calls=(ToolCall("c1", "ocr", {"image": "img_1", "box": (1, 2.5, None, True)}),))
    assert neutralised_decision(decision).thought == "Look."
    plain = Decision(answer=Draft("9.00", (Citation("9.00", "r1"),)))
    assert neutralised_decision(plain) is plain
    assert neutralised_json({"a": [1, None, "b"]}) == {"a": [1, None, "b"]}
