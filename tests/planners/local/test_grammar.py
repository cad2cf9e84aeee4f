"""Grammars as llguidance reads them: boxes in order, free text, marks, objects with what may be left out."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

pytest.importorskip("llguidance")

from lavr.planners.handles import Handles
from lavr.planners.local import grammar
from lavr.planners.local.bounding import bounded
from lavr.planners.local.boxes import box_rules, orderable
from lavr.planners.local.callformats import answer_schema
from lavr.planners.local.matching import Constraint
from lavr.tests.planners.local.deciders import random_logits, write
from lavr.tests.planners.local.tiny_words import tokenizer
from lavr.vision.units import CoordinateUnit


@pytest.fixture(scope="module")
def words() -> Any:
    return tokenizer()


@pytest.fixture(scope="module")
def constraint(words: Any) -> Constraint:
    return Constraint(words, len(words) + 7)


def fits(constraint: Constraint, words: Any, rules: str, text: str) -> bool:
    """Whether a whole text is one that a grammar allows, token by token."""
    matcher = constraint.matcher(rules)
    for token in words(text, add_special_tokens=False).input_ids:
        if not matcher.allows(token):
            return False
        matcher.accept(token)
    return matcher.complete


def test_a_box_fits_exactly_when_its_sides_are_in_order_and_in_range(constraint: Constraint, words: Any) -> None:
    rules = f"{grammar.HEAD}start: box\n{box_rules(CoordinateUnit.PIXELS, (12, 103))}"
    for left, right in itertools.product(range(0, 14, 3), range(14)):
        text = f"[{left}, 9, {right}, 10]"
        assert fits(constraint, words, rules, text) == (left < right <= 12), text
    for top, bottom in itertools.product((0, 8, 9, 10, 11, 99, 100, 102, 103), (0, 9, 10, 11, 99, 100, 103, 104, 110)):
        text = f"[0, {top}, 1, {bottom}]"
        assert fits(constraint, words, rules, text) == (top < bottom <= 103), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[0.000, 0.000, 1.000, 1.000]", True),
        ("[0.998, 0.250, 0.999, 0.251]", True),
        ("[0.999, 0.250, 1.000, 0.251]", True),
        ("[0.999, 0.250, 0.999, 0.251]", False),
        ("[0.1, 0.250, 0.999, 0.251]", False),
        ("[1.000, 0.250, 1.001, 0.251]", False),
    ],
)
def test_a_box_of_fractions_has_three_decimals(constraint: Constraint, words: Any, text: str, expected: bool) -> None:
    rules = f"{grammar.HEAD}start: box\n{box_rules(CoordinateUnit.UNIT, (1, 1))}"
    assert fits(constraint, words, rules, text) == expected


@pytest.mark.parametrize("unit", list(CoordinateUnit))
@pytest.mark.parametrize("extent_wh", [(1, 1), (9, 10), (1000, 999), (9999, 4096)])
def test_no_beginning_of_a_box_is_a_dead_end(
    constraint: Constraint, words: Any, unit: CoordinateUnit, extent_wh: tuple[int, int]
) -> None:
    rules = f"{grammar.HEAD}start: box\n{box_rules(unit, extent_wh)}"
    width, height = unit.span_wh(extent_wh)
    for seed in range(60):
        written = write(constraint, rules, random_logits(constraint.vocabulary, seed), most=40)
        left, top, right, bottom = json.loads(words.decode(written))
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height


def test_pictures_of_ten_thousand_pixels_a_side_have_boxes_without_order() -> None:
    assert orderable(CoordinateUnit.PIXELS, (9999, 1))
    assert not orderable(CoordinateUnit.PIXELS, (1, 10_000))
    assert orderable(CoordinateUnit.UNIT, (1, 10_000))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", True),
        ('{"a": true}', True),
        ('{"b": [0, 0, 1, 1]}', True),
        ('{"a": false, "b": [0, 0, 1, 1], "c": null}', True),
        ('{"a": false, "c": null}', True),
        ('{"b": [0, 0, 1, 1], "a": true}', False),
        ('{"a": true,}', False),
        ('{"a":true}', False),
    ],
)
def test_what_is_not_required_may_be_left_out(constraint: Constraint, words: Any, text: str, expected: bool) -> None:
    box = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4, "format": "xyxy"}
    properties = {"a": {"type": "boolean"}, "b": box, "c": {"type": "null"}}
    schema = bounded({"type": "object", "properties": properties}, handles=Handles(), unit=CoordinateUnit.PER_MILLE)
    assert schema is not None
    spelled = grammar.CallRules()
    start = f"start: {spelled.value(schema)}\n"
    rules = grammar.HEAD + start + "".join(spelled.rules) + box_rules(CoordinateUnit.PER_MILLE, (1, 1))
    assert fits(constraint, words, rules, text) == expected


def test_a_list_of_boxes_keeps_its_bounds(constraint: Constraint, words: Any) -> None:
    box = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4, "format": "xyxy"}
    schema = {"type": "array", "items": box, "minItems": 1, "maxItems": 2}
    limited = bounded(schema, handles=Handles(), unit=CoordinateUnit.PER_MILLE)
    assert limited is not None
    spelled = grammar.CallRules()
    start = f"start: {spelled.value(limited)}\n"
    rules = grammar.HEAD + start + "".join(spelled.rules) + box_rules(CoordinateUnit.PER_MILLE, (1, 1))
    one = "[0, 0, 1, 1]"
    fitting = [fits(constraint, words, rules, f"[{', '.join([one] * count)}]") for count in range(4)]
    assert fitting == [False, True, True, False]


@pytest.mark.parametrize(("text", "expected"), [("so be it.", True), ("", True), ("x<y", False), ("a < 5", False)])
def test_free_text_stops_before_a_literal_mark(constraint: Constraint, words: Any, text: str, expected: bool) -> None:
    rules = f'{grammar.HEAD}start: text "<end>"\n{grammar.text_rule("text", ["<end>"], {}, 30)}'
    assert fits(constraint, words, rules, f"{text}<end>") == expected


@pytest.mark.parametrize(("text", "expected"), [("a < 5 <= b", True), ("<y>", True), ("</end>", False), ("", True)])
def test_free_text_before_a_token_may_hold_what_the_token_is_spelled_with(
    constraint: Constraint, words: Any, text: str, expected: bool
) -> None:
    added = {"</think>": words.convert_tokens_to_ids("</think>")}
    rules = f"{grammar.HEAD}start: text <[{added['</think>']}]>\n{grammar.text_rule('text', added, added, 30)}"
    assert fits(constraint, words, rules, f"{text}</think>") == expected


def test_free_text_is_over_after_so_many_tokens(constraint: Constraint, words: Any) -> None:
    rules = f'{grammar.HEAD}start: text "!"\n{grammar.text_rule("text", ["!"], {}, 5)}'
    longest = max(
        len(write(constraint, rules, random_logits(constraint.vocabulary, seed), most=6)) for seed in range(50)
    )
    assert longest == 6


def test_a_mark_that_is_one_token_is_named_by_its_id() -> None:
    assert grammar.mark("<tool_call>", {"<tool_call>": 7}) == "<[7]>"
    assert grammar.mark('say "x"', {}) == '"say \\"x\\""'


@pytest.mark.parametrize(("text", "expected"), [(" ", False), (" \\n", False), (" a", True), ("17.27 EUR", True)])
def test_an_answer_says_something(constraint: Constraint, words: Any, text: str, expected: bool) -> None:
    spelled = grammar.CallRules()
    start = f"start: {spelled.value(answer_schema(Handles()))}\n"
    rules = grammar.HEAD + start + "".join(spelled.rules)
    assert fits(constraint, words, rules, f'{{"text": "{text}"}}') == expected
