"""Visual tokens: formulas held against the processors themselves, and against what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lavr.planners.anatomy.formulas import FORMULAS
from lavr.planners.anatomy.pictures import by_formula, cost_of, settings_in
from lavr.tests.planners.anatomy.published import PUBLISHED
from lavr.tests.planners.local import tiny

SIZES = [(336, 336), (640, 480), (1024, 768), (1920, 1080), (56, 30), (113, 500), (70, 71), (30, 400)]


def counted(family: str, size: tuple[int, int]) -> int:
    """What the processor of a tiny model makes of a picture."""
    model = tiny.load(family)
    config = model.network.config
    token = getattr(config, "image_token_id", None) or config.image_token_index
    fed = model.processor(text=[model.placeholder], images=[[tiny.picture(*size)]])
    return [int(each) for each in fed["input_ids"][0]].count(token)


@pytest.mark.parametrize("family", tiny.SEEING)
def test_the_formula_counts_as_the_processor_does(family: str) -> None:
    model = tiny.load(family)
    settings = model.processor.image_processor.to_dict()
    found = {size: by_formula(size, model.network.config, settings) for size in SIZES}
    assert {size: seen.tokens for size, seen in found.items() if seen} == {s: counted(family, s) for s in SIZES}


@pytest.mark.parametrize("family", ["qwen3_vl", "glm4v", "smolvlm", "internvl"])
def test_a_folder_with_a_whole_processor_is_counted_by_it(family: str, tmp_path: Path) -> None:
    folder = tiny.save(family, tmp_path)
    cost = cost_of((500, 300), tiny.load(family).network.config, folder)
    assert cost.tokens == counted(family, (500, 300))
    assert "own processor" in cost.source


@pytest.mark.parametrize("family", ["qwen3_vl", "smolvlm", "gemma3"])
def test_settings_without_a_tokenizer_are_counted_by_formula_with_those_settings(family: str, tmp_path: Path) -> None:
    tiny.load(family).processor.image_processor.save_pretrained(tmp_path)
    cost = cost_of((500, 300), tiny.load(family).network.config, tmp_path)
    assert cost.tokens == counted(family, (500, 300))
    assert "by formula" in cost.source
    assert "its own settings" in cost.source


@pytest.mark.parametrize("name", PUBLISHED)
def test_without_settings_the_published_ones_are_taken(name: str) -> None:
    published = PUBLISHED[name]
    if published.tokens:
        cost = cost_of((1920, 1080), published.config(), None)
        assert cost.tokens == published.tokens
        assert "published" in cost.source


# Measured once with the processors at the settings of real checkpoints: 336 x 336, 640 x 480, 1024 x 768, 3840 x 2160.
MEASURED = {
    "Qwen/Qwen2.5-VL-7B-Instruct": (144, 391, 999, 10549),
    "Qwen/Qwen3-VL-4B-Instruct": (100, 300, 768, 8160),
    "OpenGVLab/InternVL3-8B-hf": (256, 3328, 3328, 2304),
    "llava-hf/llava-v1.6-vicuna-7b-hf": (1176, 2340, 2340, 1948),
    "llava-hf/llava-onevision-qwen2-7b-ov-hf": (1485, 2929, 4725, 7317),
    "HuggingFaceM4/Idefics3-8B-Llama3": (2873, 2197, 2197, 2197),
    "google/gemma-3-4b-it": (256, 256, 256, 256),
}


@pytest.mark.parametrize("name", MEASURED)
def test_the_formulas_give_what_was_measured(name: str) -> None:
    config = PUBLISHED[name].config()
    found = [by_formula(size, config, {}) for size in ((336, 336), (640, 480), (1024, 768), (3840, 2160))]
    assert tuple(seen.tokens for seen in found if seen) == MEASURED[name]


def test_settings_are_found_in_either_file(tmp_path: Path) -> None:
    assert settings_in(None) == {}
    assert settings_in(tmp_path) == {}
    inner: dict[str, Any] = {"image_processor_type": "X", "patch_size": 3}
    (tmp_path / "processor_config.json").write_text(json.dumps({"image_processor": inner}))
    assert settings_in(tmp_path) == inner
    (tmp_path / "preprocessor_config.json").write_text(json.dumps({**inner, "patch_size": 4}))
    assert settings_in(tmp_path)["patch_size"] == 4


def test_a_family_without_a_formula_is_said_to_be_unknown() -> None:
    config = tiny.load("llama").network.config
    assert config.model_type not in FORMULAS
    cost = cost_of((10, 10), config, None)
    assert cost.tokens is None
    assert "unknown" in cost.source
