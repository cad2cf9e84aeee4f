"""Matchers: masks, forced tokens, stopping, copies, and errors that say what is wrong."""

from __future__ import annotations

import sys
from typing import Any

import pytest

pytest.importorskip("llguidance")

import torch

from lavr.errors import LavrError, MissingExtra
from lavr.planners.local.grammar import HEAD
from lavr.planners.local.matching import GRAMMARS_KEPT, Constraint
from lavr.tests.planners.local.tiny_words import tokenizer

EXTRA_ROWS = 21
"""Rows of the output layer beyond the tokenizer's vocabulary."""


@pytest.fixture(scope="module")
def words() -> Any:
    return tokenizer()


@pytest.fixture(scope="module")
def constraint(words: Any) -> Constraint:
    return Constraint(words, len(words) + EXTRA_ROWS)


def allowed(constraint: Constraint, matcher: Any) -> set[int]:
    scores = matcher.mask(torch.zeros(constraint.vocabulary))
    return set(torch.nonzero(scores == 0).flatten().tolist())


def test_a_mask_leaves_only_what_the_grammar_allows(constraint: Constraint, words: Any) -> None:
    matcher = constraint.matcher(f'{HEAD}start: ("a" | "b") "c"')
    assert {words.decode([token]) for token in allowed(constraint, matcher)} <= {"a", "b", "ac", "bc"}
    assert {"a", "b"} <= {words.decode([token]) for token in allowed(constraint, matcher)}


def test_a_mask_is_put_on_in_place_whatever_the_precision_and_the_batch(constraint: Constraint) -> None:
    matcher = constraint.matcher(f'{HEAD}start: "a"')
    logits = torch.zeros(1, constraint.vocabulary, dtype=torch.bfloat16)
    assert matcher.mask(logits) is logits
    assert torch.isinf(logits).sum() == constraint.vocabulary - 1


def test_rows_beyond_the_tokenizer_are_never_allowed(constraint: Constraint, words: Any) -> None:
    matcher = constraint.matcher(f"{HEAD}start: /(?s:.*)/")
    assert max(allowed(constraint, matcher)) < len(words)


def test_added_tokens_are_no_text(constraint: Constraint, words: Any) -> None:
    tag = words.convert_tokens_to_ids("<tool_call>")
    assert tag not in allowed(constraint, constraint.matcher(f"{HEAD}start: /(?s:.*)/"))
    assert allowed(constraint, constraint.matcher(f"{HEAD}start: <[{tag}]>")) == {tag}


def test_forced_tokens_are_those_the_tokenizer_would_write(constraint: Constraint, words: Any) -> None:
    matcher = constraint.matcher(f'{HEAD}start: "the image of a region" ("1" | "2")')
    forced = matcher.forced()
    text = words.decode(forced)
    assert "the image of a region".startswith(text)
    assert len(text) > 10
    assert forced == words(text, add_special_tokens=False).input_ids
    for token in forced:
        matcher.accept(token)
    assert not matcher.done


def test_nothing_is_forced_where_there_is_a_choice(constraint: Constraint) -> None:
    assert constraint.matcher(f'{HEAD}start: "a" | "b"').forced() == []


def test_forced_text_that_spells_an_added_token_is_not_forced(constraint: Constraint) -> None:
    matcher = constraint.matcher(f'{HEAD}start: "</think>"')
    for token in matcher.forced():
        matcher.accept(token)


def test_a_text_is_done_when_nothing_may_follow(constraint: Constraint, words: Any) -> None:
    matcher = constraint.matcher(f'{HEAD}start: "a"')
    assert (matcher.complete, matcher.done) == (False, False)
    matcher.accept(words.convert_tokens_to_ids("a"))
    assert (matcher.complete, matcher.done) == (True, True)
    assert matcher.stopped_by is None
    assert matcher.forced() == []


def test_a_stop_token_ends_what_may_go_on(constraint: Constraint, words: Any) -> None:
    matcher = constraint.matcher(f'{HEAD}start: "a" "a"?')
    matcher.accept(words.convert_tokens_to_ids("a"))
    assert (matcher.complete, matcher.done) == (True, False)
    assert words.eos_token_id in allowed(constraint, matcher)
    matcher.accept(words.eos_token_id)
    assert (matcher.complete, matcher.done) == (True, True)
    assert matcher.stopped_by == words.eos_token_id


def test_every_stop_token_of_a_model_ends_a_text(words: Any) -> None:
    pad = words.pad_token_id
    several = Constraint(words, len(words), stop_ids=(words.eos_token_id, pad))
    matcher = several.matcher(f'{HEAD}start: "a" "a"?')
    matcher.accept(words.convert_tokens_to_ids("a"))
    assert {pad, words.eos_token_id} <= allowed(several, matcher)
    matcher.accept(pad)
    assert matcher.stopped_by == pad


def test_a_token_that_is_not_allowed_is_refused(constraint: Constraint, words: Any) -> None:
    matcher = constraint.matcher(f'{HEAD}start: "ab"')
    assert not matcher.allows(words.eos_token_id)
    assert not matcher.allows(words.convert_tokens_to_ids("b"))
    with pytest.raises(LavrError, match="left its grammar"):
        matcher.accept(words.convert_tokens_to_ids("b"))


def test_nothing_is_accepted_after_the_end(constraint: Constraint, words: Any) -> None:
    matcher = constraint.matcher(f'{HEAD}start: "a"')
    matcher.accept(words.convert_tokens_to_ids("a"))
    with pytest.raises(LavrError, match="over"):
        matcher.accept(words.convert_tokens_to_ids("a"))


def test_a_copy_goes_its_own_way(constraint: Constraint, words: Any) -> None:
    matcher = constraint.matcher(f'{HEAD}start: "a" ("b" | "c")')
    matcher.accept(words.convert_tokens_to_ids("a"))
    twin = matcher.copy()
    twin.accept(words.convert_tokens_to_ids("c"))
    assert (twin.done, matcher.done) == (True, False)
    matcher.accept(words.convert_tokens_to_ids("b"))
    assert (twin.done, matcher.done) == (True, True)


def test_the_same_grammar_is_compiled_once_and_old_ones_are_forgotten(words: Any) -> None:
    fresh = Constraint(words, len(words))
    for number in range(GRAMMARS_KEPT + 5):
        fresh.matcher(f'{HEAD}start: "{number}"')
        fresh.matcher(f'{HEAD}start: "{number}"')
    assert fresh.compiled == GRAMMARS_KEPT + 5


def test_a_grammar_that_is_none_is_refused_in_a_line(constraint: Constraint) -> None:
    with pytest.raises(LavrError, match="cannot be compiled") as caught:
        constraint.matcher(f"{HEAD}start: missing")
    assert "\n" not in caught.value.cause


def test_without_llguidance_the_command_that_installs_it_is_named(words: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llguidance", None)
    with pytest.raises(MissingExtra) as caught:
        Constraint(words, len(words))
    assert caught.value.remedy == 'pip install "lavr[local]"'
