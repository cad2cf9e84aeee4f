"""Models by their plain shape: the first Qwen-VL, and the formulas held against real modules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from lavr.errors import UsageError
from lavr.planners.anatomy.counting import anatomy_of
from lavr.planners.anatomy.inspecting import inspect_model
from lavr.planners.anatomy.parts import Anatomy, Part
from lavr.planners.anatomy.shapes import Sizes, read_shape, shipped_shape
from lavr.tests.planners.anatomy.published import llava_next_7b, qwen2_5_vl_7b


def qwen_vl() -> Anatomy:
    shape = shipped_shape("Qwen/Qwen-VL-Chat")
    assert shape is not None
    return shape.anatomy()


def test_the_first_qwen_vl_has_the_sizes_of_its_paper() -> None:
    anatomy = qwen_vl()
    assert round(anatomy.count(Part.ENCODER) / 1e9, 1) == 1.9
    assert round(anatomy.count(Part.CONNECTOR) / 1e9, 2) == 0.08
    assert round(anatomy.count(Part.LANGUAGE) / 1e9, 1) == 7.7
    assert anatomy.total / 1e9 == pytest.approx(9.6, rel=0.01)


def test_the_first_qwen_vl_has_the_shares_of_the_survey() -> None:
    # The survey divides the rounded sizes of the paper by its rounded total of 9.6 billion.
    anatomy, total = qwen_vl(), 9.6
    assert round(anatomy.count(Part.ENCODER) / 1e9, 1) / total == pytest.approx(0.197, abs=0.001)
    assert round(anatomy.count(Part.LANGUAGE) / 1e9, 1) / total == pytest.approx(0.802, abs=0.001)
    # Exactly counted, the shares are these.
    assert anatomy.share(Part.ENCODER) == pytest.approx(0.1926, abs=5e-5)
    assert anatomy.share(Part.CONNECTOR) == pytest.approx(0.0079, abs=5e-5)
    assert anatomy.share(Part.LANGUAGE) == pytest.approx(0.7996, abs=5e-5)
    assert abs(anatomy.share(Part.ENCODER) - 0.197) < 0.005
    assert abs(anatomy.share(Part.LANGUAGE) - 0.802) < 0.005


class VisualBlock(nn.Module):
    """A block of OpenCLIP's ViT-bigG."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.attention = nn.MultiheadAttention(width, 16)
        self.feed = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))


def test_the_formula_counts_what_modules_of_that_shape_hold() -> None:
    with torch.device("meta"):
        encoder = nn.ModuleList([VisualBlock(1664, 8192) for _ in range(48)])
        encoder.extend([nn.Conv2d(3, 1664, 14, 14, bias=False), nn.LayerNorm(1664), nn.LayerNorm(4096)])
        loose = 256 * 1664 + 4096 * 4096  # positions, output projection
        resampler = nn.ModuleList(
            [
                nn.Linear(1664, 4096, bias=False),
                nn.MultiheadAttention(4096, 32),
                *(nn.LayerNorm(4096) for _ in range(2)),
                *(nn.Embedding(256, 4096) for _ in range(2)),
            ]
        )
    anatomy = qwen_vl()
    assert anatomy.count(Part.ENCODER) == count(encoder) + loose
    assert anatomy.count(Part.CONNECTOR) == count(resampler)


def test_the_formula_of_language_models_agrees_with_transformers() -> None:
    real = anatomy_of(qwen2_5_vl_7b())
    language = {
        "num_hidden_layers": 28,
        "hidden_size": 3584,
        "intermediate_size": 18944,
        "num_attention_heads": 28,
        "num_key_value_heads": 4,
        "vocab_size": 152064,
        "qkv_bias": True,
    }
    shape = read_shape({"name": "x", "language": language}).anatomy()
    assert shape.count(Part.LANGUAGE) == real.count(Part.LANGUAGE)
    assert shape.parts[Part.LANGUAGE].quantisable == real.parts[Part.LANGUAGE].quantisable
    assert shape.cache_bytes(1000) == real.cache_bytes(1000)


def test_the_formula_of_encoders_and_projections_agrees_with_transformers() -> None:
    real = anatomy_of(llava_next_7b())
    data: Sizes = {
        "vision": {
            "num_hidden_layers": 24,
            "hidden_size": 1024,
            "intermediate_size": 4096,
            "patch_size": 14,
            "image_size": 336,
            "class_token": True,
            "pre_norm": True,
            "post_norm": 1024,
        },
        "connector": {"kind": "mlp", "input_size": 1024, "hidden_size": 4096},
        "language": {
            "num_hidden_layers": 32,
            "hidden_size": 4096,
            "intermediate_size": 11008,
            "num_attention_heads": 32,
            "vocab_size": 32064,
        },
    }
    shape = read_shape(data).anatomy()
    class_embedding = 1024  # which the formula counts as a position without one
    assert shape.count(Part.ENCODER) + class_embedding == real.count(Part.ENCODER)
    assert shape.count(Part.CONNECTOR) + 4096 == real.count(Part.CONNECTOR)  # and `image_newline`
    assert shape.count(Part.LANGUAGE) == real.count(Part.LANGUAGE)


def test_a_shape_file_is_inspected_like_a_model(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    sizes = {"num_hidden_layers": 2, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4}
    file.write_text(json.dumps({"language": {**sizes, "vocab_size": 100}}))
    found = inspect_model(file)
    assert found.anatomy.name == "mine"
    assert not found.anatomy.sees
    assert found.picture.tokens == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"language": {"hidden_size": 64}}, "intermediate_size"),
        ({"language": {"hidden_size": "64"}}, "whole number"),
        ({"language": {}, "vision": 3}, "vision"),
        ({"language": {}, "connector": {"kind": "magic", "input_size": 1, "hidden_size": 1}}, "magic"),
    ],
)
def test_a_shape_that_lacks_something_says_what(data: Sizes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_shape(data, "x").anatomy()


def count(module: Any) -> int:
    return sum(weights.numel() for weights in module.parameters())
