"""Families: what a picture is shown at, what it costs, and the knob that bounds it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lavr.errors import LimitReached
from lavr.planners.local.eyes import ProcessorEyes, eyes_of, visual_tokens
from lavr.planners.local.families import FAMILIES, OTHERS, TEXT_ONLY, Family, family_of
from lavr.planners.rehearsal import gradient
from lavr.planners.rendering.eyes import ShutEyes
from lavr.tests.planners.local import tiny
from lavr.vision.frame import SizeWh
from lavr.vision.units import CoordinateUnit

SIZES: tuple[SizeWh, ...] = ((300, 200), (64, 48), (90, 400))


def family(name: str) -> Family:
    return family_of(tiny.load(name).network.config.model_type)


def test_every_tiny_family_that_sees_has_an_entry() -> None:
    assert all(family(name) is not OTHERS for name in tiny.SEEING)
    assert family_of("llama", sees=False) is TEXT_ONLY
    assert family_of("something_new") is OTHERS
    types = [each for entry in FAMILIES for each in entry.model_types]
    assert len(types) == len(set(types))


def test_units_are_those_that_the_families_were_trained_with() -> None:
    units = {name: family(name).unit for name in tiny.SEEING}
    assert units["qwen2_5_vl"] is CoordinateUnit.PIXELS
    assert {units[name] for name in ("qwen3_vl", "qwen3_5", "glm4v", "internvl")} == {CoordinateUnit.PER_MILLE}
    assert {units[name] for name in ("llava_next", "lfm2_vl")} == {CoordinateUnit.UNIT}
    assert all(entry.source for entry in FAMILIES if entry.unit is not CoordinateUnit.PER_MILLE)


@pytest.mark.parametrize("name", tiny.SEEING)
@pytest.mark.parametrize("size", SIZES)
def test_a_picture_costs_what_its_processor_makes_of_it(name: str, size: SizeWh) -> None:
    model = tiny.load(name)
    (view,) = eyes_of(model).views(gradient(size))
    batch = model.processor(
        text=[model.placeholder], images=[[view.image.pil()]], return_tensors="pt", add_special_tokens=False
    )
    assert view.tokens == visual_tokens(model, batch["input_ids"][0].tolist()) > 0


@pytest.mark.parametrize("name", ["qwen2_5_vl", "qwen3_vl", "qwen3_5", "glm4v"])
def test_the_size_on_a_grid_of_patches_is_that_of_the_patches(name: str) -> None:
    model = tiny.load(name)
    images = model.processor.image_processor
    for size in SIZES:
        (view,) = eyes_of(model).views(gradient(size))
        _, rows, columns = images([view.image.pil()], return_tensors="pt")["image_grid_thw"][0].tolist()
        assert view.shown_wh == (columns * images.patch_size, rows * images.patch_size)
        assert view.tokens == rows * columns // images.merge_size**2


@pytest.mark.parametrize(
    ("name", "size", "shown"),
    [
        ("llava_next", (300, 200), (112, 75)),
        ("llava_onevision", (64, 48), (75, 56)),
        ("idefics3", (300, 200), (128, 128)),
        ("internvl", (300, 200), (112, 112)),
        ("internvl", (64, 48), (56, 56)),
        ("gemma3", (300, 200), (56, 56)),
        ("gemma4", (300, 200), (160, 96)),
        ("mistral3", (300, 200), (112, 84)),
        ("lfm2_vl", (300, 200), (128, 96)),
    ],
)
def test_other_families_say_the_size_of_what_they_are_fed(name: str, size: SizeWh, shown: SizeWh) -> None:
    assert eyes_of(tiny.load(name)).shown_wh(gradient(size)) == shown


@pytest.mark.parametrize("name", tiny.SEEING)
def test_the_knob_of_a_family_bounds_a_picture_and_its_model_still_takes_it(name: str) -> None:
    model = tiny.load(name, fresh=True)
    free = _most(model)
    options = family(name).bound(model.network, model.processor, 20)
    bounded = replace(model, picture_options=options)
    assert _most(bounded) <= free
    assert _most(bounded) <= 20 or name in {
        "llava_next",
        "llava_onevision",
        "gemma4",
    }  # these have a least that is more
    _run(bounded)


@pytest.mark.parametrize("name", ["qwen2_5_vl", "glm4v", "llava_onevision"])
def test_a_budget_makes_a_picture_smaller_where_the_size_decides(name: str) -> None:
    eyes = eyes_of(tiny.load(name))
    assert isinstance(eyes, ProcessorEyes)
    picture = gradient((300, 200))
    (whole,), (small,) = eyes.views(picture), eyes.within(30).views(picture)
    assert small.tokens <= 30 < whole.tokens
    assert small.image.size_wh < picture.size_wh
    assert small.image.lineage == picture.lineage


def test_a_budget_below_the_least_is_refused_with_the_least() -> None:
    eyes = eyes_of(tiny.load("idefics3"))
    assert isinstance(eyes, ProcessorEyes)
    with pytest.raises(LimitReached, match="80 visual tokens"):
        eyes.within(30).views(gradient((300, 200)))


def test_a_text_only_model_has_shut_eyes() -> None:
    assert isinstance(eyes_of(tiny.load("llama")), ShutEyes)


def _most(model: Any) -> int:
    return max(view.tokens for size in SIZES for view in eyes_of(model).views(gradient(size)))


def _run(model: Any) -> None:
    """A forward pass with a bounded picture: placeholders and features must agree."""
    from lavr.planners.local.session import Session
    from lavr.planners.local.spans import SpanEncoder

    session = Session(model)
    session.append(SpanEncoder(model).encode(f"Look: {model.placeholder}", [gradient((300, 200)).pil()]))
    assert session.logits().isfinite().all()
