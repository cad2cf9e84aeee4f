"""Memory: what is read, what is needed, whether it fits."""

from __future__ import annotations

import pytest

from lavr.errors import UsageError
from lavr.planners.anatomy.fitting import GIB, ON_GPU, PRECISIONS, Need, Reading, gpu_of, need_of, verdict_on
from lavr.planners.anatomy.inspecting import Plan, inspect_model
from lavr.planners.anatomy.parts import Anatomy, LayerMemory, Part, Weights, Widths
from lavr.planners.local.loading import PICTURE_TOKENS
from lavr.tests.planners.anatomy.published import PUBLISHED


def model(billions: float) -> Anatomy:
    count = round(billions * 1e9)
    layers = (LayerMemory(per_token=2048),) * 32
    parts = {Part.ENCODER: Weights(count // 10, 0), Part.LANGUAGE: Weights(count - count // 10, count // 2)}
    return Anatomy("m", "f", parts, layers, Widths(4096, 12288), Widths(1024, 4096), 150_000)


READING = Reading(prompt=2000, picture=1000, patches=4000, step_text=100, steps=4, pictures_bound=16_384)


def needs(billions: float) -> list[Need]:
    return [need_of(model(billions), READING, precision) for precision in ON_GPU]


def test_a_run_reads_its_prompt_its_pictures_and_its_steps() -> None:
    assert READING.visual == 5000
    assert READING.tokens == 2000 + 5000 + 400
    assert READING.longest == 3000


def test_old_pictures_make_room_but_the_question_s_own_stays() -> None:
    bounded = Reading(2000, 1000, 4000, 100, steps=40, pictures_bound=16_384)
    assert bounded.visual == 16_384
    assert Reading(0, 20_000, 0, 0, steps=4, pictures_bound=16_384).visual == 20_000


def test_a_need_is_the_sum_of_its_parts() -> None:
    need = needs(1)[0]
    assert need.weights == 2 * 10**9
    assert need.cache == 32 * 2048 * 2 * READING.tokens
    assert need.total == need.weights + need.cache + need.activations + need.runtime
    assert need.runtime > 0.05 * need.weights


def test_layers_keep_windows_and_states_of_fixed_size() -> None:
    assert LayerMemory(per_token=10, window=100).bytes_of(1000, 2) == 2000
    assert LayerMemory(per_token=10, window=100).bytes_of(50, 2) == 1000
    assert LayerMemory(state=7, state_float32=5).bytes_of(1000, 2) == 34


def test_quantisation_shrinks_linear_layers_alone() -> None:
    half, eight, four = (precision.weights_bytes(model(2)) for precision in ON_GPU)
    assert half - eight == 10**9
    assert half - four == pytest.approx(10**9 * (2 - 0.5625), rel=1e-6)


@pytest.mark.parametrize(
    ("billions", "gpu", "fits"),
    [(4, "24GB", "bfloat16"), (13, "24GB", "8bit"), (17, "24GB", "4bit"), (40, "24GB", None)],
)
def test_the_finest_precision_that_fits_is_named(billions: float, gpu: str, fits: str | None) -> None:
    verdict = verdict_on(needs(billions), gpu_of(gpu))
    assert (verdict.fits.name if verdict.fits else None) == fits
    assert (verdict.free >= 0) == (fits is not None)


def test_without_a_gpu_the_smallest_card_is_named() -> None:
    verdict = verdict_on(needs(4), None)
    assert (verdict.fits, verdict.gpu, verdict.card_gib) == (None, None, 12)
    assert verdict_on(needs(400), None).card_gib is None


@pytest.mark.parametrize(
    ("text", "gib"), [("24GB", 24), ("24", 24), ("24 GiB", 24), ("79.6g", 79.6), ("12288MiB", 12), ("8192 MB", 8)]
)
def test_the_memory_of_a_gpu_is_read_as_people_write_it(text: str, gib: float) -> None:
    assert gpu_of(text).bytes == round(gib * GIB)


@pytest.mark.parametrize("text", ["", "big", "-3GB", "0", "24TB"])
def test_what_is_no_memory_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no size"):
        gpu_of(text)


def test_an_inspection_is_plain_json_with_everything_in_it() -> None:
    found = inspect_model(PUBLISHED["Qwen/Qwen3-VL-4B-Instruct"].config(), Plan(gpu=gpu_of("16GB")))
    told = found.to_json()
    assert told["parameters"] == 4_437_815_808
    assert told["image"] == {"size_wh": [1920, 1080], "tokens": 2040, "source": found.picture.source}
    assert told["cache_bytes_per_token"] == 2 * 36 * 8 * 128 * 2
    assert [*found.to_json()["memory"]] == [precision.name for precision in PRECISIONS]  # type: ignore[misc]  # a dict
    assert found.verdict.fits is not None
    assert found.reading.picture == PICTURE_TOKENS


def test_a_model_made_for_less_than_a_run_reads_is_noted() -> None:
    found = inspect_model(PUBLISHED["llava-hf/llava-v1.6-vicuna-7b-hf"].config())
    assert any("4,096" in note for note in found.notes)


@pytest.mark.parametrize("arguments", [{"image_wh": (0, 10)}, {"steps": -1}])
def test_plans_that_cannot_be_are_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        Plan(**arguments)  # type: ignore[arg-type]  # that is the point
