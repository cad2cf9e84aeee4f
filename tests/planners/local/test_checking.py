"""The check at loading tells models whose reading may be reused from others, and those get right answers slowly."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from lavr.planners.local.checking import ROUNDING, check_reuse
from lavr.planners.local.fallback import keeps_features
from lavr.planners.local.loaded import LoadedModel
from lavr.tests.planners.local import tiny
from lavr.tests.planners.local.broken import Forgetful, misplacing, raising
from lavr.tests.planners.local.talks import TOLERANCE, Talk, fitting, greedy, talk

EVERY_FAMILY = pytest.mark.parametrize("family", tiny.FAMILIES)


@EVERY_FAMILY
def test_every_family_passes_in_single_precision(family: str) -> None:
    check = check_reuse(tiny.load(family))
    assert check.ok
    assert check.difference <= check.tolerance == ROUNDING["float32"]
    assert check.seams


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("family", ["qwen2_5_vl", "qwen3_5", "gemma4"])
def test_rounding_in_half_precision_is_no_reason_to_fail(family: str, dtype: torch.dtype) -> None:
    model = tiny.load(family, fresh=True)
    model.network.to(dtype)
    check = check_reuse(model)
    assert check.ok, check.reason
    assert model.dtype in check.reason


@pytest.mark.parametrize("family", ["llama", "qwen3_vl", "qwen3_5", "gemma3", "llava_onevision"])
def test_a_model_that_misplaces_what_is_fed_later_fails(family: str) -> None:
    check = check_reuse(misplacing(family))
    assert not check.ok
    assert check.difference > check.tolerance
    assert "computed anew" in check.reason


def test_a_model_that_misplaces_fails_in_half_precision_too() -> None:
    model = tiny.load("qwen3_vl", fresh=True)
    model.network.to(torch.bfloat16)
    broken = replace(model, network=type(misplacing("qwen3_vl").network)(model.network))
    assert not check_reuse(broken).ok


def test_a_model_that_raises_fails_and_says_why() -> None:
    check = check_reuse(raising("qwen2_5_vl"))
    assert not check.ok
    assert "TypeError" in check.reason


def test_a_tokenizer_with_more_tokens_than_the_output_layer_has_rows_fails() -> None:
    model = tiny.load("llama", fresh=True)
    model.tokenizer.add_tokens([f"<extra_{index}>" for index in range(40)])
    assert "rows" in check_reuse(model).reason


@EVERY_FAMILY
def test_without_reuse_a_session_is_exact_as_well(family: str) -> None:
    fed = Talk(replace(tiny.load(family), reuse=False))
    for part in fitting(fed.model, talk()):
        fed.feed(part)
        if len(fed.text) < 400:
            assert fed.difference() <= TOLERANCE
    assert fed.whole().greedy(4) == greedy(fed.session, 4)


@pytest.mark.parametrize("family", ["llama", "qwen3_vl", "qwen3_5", "gemma3", "llava_onevision"])
def test_a_broken_model_gives_right_logits_without_reuse_and_wrong_ones_with_it(family: str) -> None:
    sound, broken = tiny.load(family), misplacing(family)

    def logits(model: LoadedModel) -> torch.Tensor:
        fed = Talk(model)
        for part in fitting(model, talk())[:4]:
            fed.feed(part)
            last = fed.session.logits()
        return last

    right = logits(sound)
    assert float((logits(broken) - right).abs().max()) > 100 * TOLERANCE
    assert float((logits(replace(broken, reuse=False)) - right).abs().max()) <= TOLERANCE


def test_without_reuse_every_step_computes_everything_but_encodes_a_picture_once() -> None:
    fed = Talk(replace(tiny.load("qwen3_vl"), reuse=False))
    lengths = []
    for part in talk()[:6]:
        fed.feed(part)
        if part.pictures:
            fed.session.logits()
            lengths.append(len(fed.session))
    assert fed.session.reading.computed == sum(lengths)
    assert fed.session.reading.pictures == 4


def test_without_reuse_a_few_written_tokens_are_fed_one_by_one() -> None:
    fed = Talk(replace(misplacing("qwen3_vl"), reuse=False))
    fed.feed(talk()[0])
    fed.session.logits()
    before = len(fed.session)
    fed.session.push([300, 301, 302])
    fed.session.logits()
    assert fed.session.reading.computed == before + 3


@pytest.mark.parametrize("family", tiny.SEEING)
def test_all_families_take_back_the_features_of_a_picture(family: str) -> None:
    assert keeps_features(tiny.load(family))


@pytest.mark.parametrize("family", tiny.SEEING)
def test_a_network_that_takes_no_features_back_is_given_its_pictures_again(family: str) -> None:
    model = tiny.load(family)
    fed = Talk(replace(model, network=Forgetful(model.network), reuse=False))
    assert not keeps_features(fed.model)
    sound = Talk(model)
    for part in talk():
        for each in (fed, sound):
            each.feed(part)
        if part.pictures:
            difference = (fed.session.logits() - sound.session.logits()).abs().max()
            assert float(difference) <= TOLERANCE
    assert fed.session.reading.pictures == 1 + 2 + 4


def test_a_fork_without_reuse_goes_its_own_way() -> None:
    fed = Talk(replace(tiny.load("gemma3"), reuse=False))
    fed.feed(talk()[0])
    fed.session.logits()
    branch = fed.fork()
    fed.feed(talk()[2])
    branch.feed(talk()[3])
    assert max(fed.difference(), branch.difference()) <= TOLERANCE
