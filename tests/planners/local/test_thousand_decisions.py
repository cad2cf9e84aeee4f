"""Whatever a model's weights are, it writes a decision that is valid, whole and can be carried out."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("llguidance")

import torch

from lavr.planners.base import Decision
from lavr.planners.local.callformats import CallFormat
from lavr.planners.local.matching import Constraint
from lavr.tests.planners.local import tiny
from lavr.tests.planners.local.deciders import Case, Logits, quotes, random_logits, write
from lavr.tests.planners.local.tiny_words import tokenizer

EXTRA_ROWS = 37


@pytest.fixture(scope="module")
def words() -> Any:
    return tokenizer()


@pytest.fixture(scope="module")
def constraint(words: Any) -> Constraint:
    return Constraint(words, len(words) + EXTRA_ROWS)


def decided(case: Case, words: Any, constraint: Constraint, logits: Logits, *, jump: bool = True) -> Decision:
    """A decision that was written within its bound, read back and bound to the scene."""
    tokens = write(constraint, case.grammar, logits, most=case.max_tokens, jump=jump)
    return case.check(words.decode(tokens, skip_special_tokens=False))


def test_random_logits_write_decisions_that_are_valid_and_whole(words: Any, constraint: Constraint) -> None:
    closing = quotes(words)
    for seed in range(150):
        logits = random_logits(constraint.vocabulary, seed, closing=closing)
        decided(Case.random(seed, words), words, constraint, logits, jump=seed % 2 == 0)


@pytest.mark.slow
def test_a_thousand_random_decisions_are_valid_and_whole(words: Any, constraint: Constraint) -> None:
    seen: Counter[str] = Counter()
    for seed in range(1000, 2000):
        logits = random_logits(constraint.vocabulary, seed)
        decision = decided(Case.random(seed, words), words, constraint, logits)
        seen.update([call.name for call in decision.calls] or ["an answer"])
    assert sum(seen.values()) >= 1000
    assert seen["an answer"] > 50
    assert len(seen) > 15


@pytest.mark.slow
@pytest.mark.parametrize("family", ["llama", "qwen3_vl"])
def test_a_model_of_random_weights_writes_decisions_that_are_valid_and_whole(family: str) -> None:
    loaded = tiny.load(family)
    limit = Constraint(loaded.tokenizer, loaded.vocabulary)
    for seed in range(40):
        case = Case.random(seed, loaded.tokenizer)
        decided(case, loaded.tokenizer, limit, _of_model(loaded, seed))


def _of_model(loaded: Any, seed: int) -> Logits:
    """The logits of a model that was asked nothing but a random token."""
    from lavr.planners.local.session import Session
    from lavr.planners.local.spans import token_span

    session, fed = Session(loaded), 0
    session.append(token_span([seed + 300]))

    def logits(written: list[int]) -> torch.Tensor:
        nonlocal fed
        session.push(written[fed:])
        fed = len(written)
        return session.logits()

    return logits


@pytest.mark.slow
def test_the_vocabulary_of_a_real_model_writes_decisions_that_are_valid_and_whole() -> None:
    folder = os.environ.get("LAVR_TEST_MODELS", "")
    files = sorted(Path(folder).glob("qwen*.gguf")) if folder else []
    if not files:
        pytest.skip("Set LAVR_TEST_MODELS to a folder with a Qwen GGUF.")
    from transformers import AutoTokenizer

    words: Any = AutoTokenizer.from_pretrained(folder, gguf_file=files[0].name)
    limit = Constraint(words, 151_936)
    assert CallFormat.choose(words).name == "hermes"
    for seed in range(60):
        decided(Case.random(seed, words), words, limit, random_logits(limit.vocabulary, seed, closing=quotes(words)))
