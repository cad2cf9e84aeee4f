"""YOLOE is told in words what to look for where its text encoder is there; without it knows what it was saved with.

The encoder's package and its weights are stand-ins: the package splits a text into bytes, the weights are random.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lavr.errors import InvalidArguments
from lavr.tools.detect import detect_tool
from lavr.tools.models.detectors.yolo_words import lacking, takes_words
from lavr.tools.models.safe_yolo import yolo_library
from lavr.vision.image import Image

SURE = 1e-7
"""A network of random weights is sure of nothing."""

CLIP = '''
"""What Ultralytics calls of OpenAI's CLIP."""
import torch

from . import clip

def tokenize(texts, truncate=True):
    rows = torch.zeros(len(texts), 77, dtype=torch.long)
    for row, text in zip(rows, texts):
        values = torch.tensor(list(text.encode()[:77]))
        row[: len(values)] = values
    return rows

clip.tokenize = tokenize
'''


class Encoder(torch.nn.Module):
    """512 numbers for each text, of length 1."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = torch.nn.Embedding(256, 512)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(self.bytes(tokens).sum(dim=1), dim=-1)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("yoloe")
    layers = [[-1, 1, "Conv", [width, 3, 2]] for width in (8, 16, 16, 24)]
    head = [[[1, 2, 3], 1, "YOLOEDetect", [2, 512, True]]]
    plan = folder / "yoloe-tiny.yaml"
    plan.write_text(json.dumps({"nc": 2, "reg_max": 4, "backbone": layers, "head": head}), "utf-8")
    torch.manual_seed(3)
    model: Any = yolo_library().YOLOE(plan, task="detect")
    model.model.set_classes(["cup", "spoon"], torch.nn.functional.normalize(torch.randn(1, 2, 512), dim=-1))
    model.model.args = {"imgsz": 96, "task": "detect"}
    model.ckpt = {"train_args": {"imgsz": 96, "task": "detect"}}
    model.save(folder / "words.pt")
    return folder / "words.pt"


@pytest.fixture
def encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package and the weights of the text encoder, for one test."""
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "__init__.py").write_text(CLIP, "utf-8")
    (tmp_path / "clip" / "clip.py").write_text("", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("LAVR_MODELS", str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torch is about to drop TorchScript, Ultralytics is not
        scripted: Any = torch.jit.script(Encoder())
        scripted.save(str(tmp_path / "mobileclip_blt.ts"))
        yield
    for name in [name for name in sys.modules if name.split(".")[0] == "clip" or name == "ultralytics.nn.text_model"]:
        del sys.modules[name]


def picture() -> Image:
    return Image.of(np.random.default_rng(5).integers(0, 255, (120, 200, 3), dtype=np.uint8))


def test_without_its_encoder_it_keeps_to_the_classes_that_were_saved_with_it(file: Path) -> None:
    tool = detect_tool(weights=str(file), host="inline", min_score=SURE)
    assert tool.spec.finds == ("cup", "spoon")
    found = tool.observe(image=picture())
    assert found.regions
    assert {region.label for region in found.regions} <= {"cup", "spoon"}
    assert not takes_words("YOLOEModel")
    with pytest.raises(InvalidArguments, match=r"mobileclip_blt\.ts"):
        tool.observe(image=picture(), labels=("dog",))
    assert lacking("DetectionModel") == ""


@pytest.mark.usefixtures("encoder")
def test_with_its_encoder_it_looks_for_what_it_is_told(file: Path) -> None:
    copy = file.with_name("told.pt")  # the pool knows the other one as a closed set
    copy.write_bytes(file.read_bytes())
    tool = detect_tool(weights=str(copy), host="inline", min_score=SURE)
    assert tool.spec.finds == ("*",)
    first = tool.observe(image=picture(), labels=("red cars", "a tree"))
    assert {region.label for region in first.regions} <= {"red car", "tree"}
    assert first.regions
    other = tool.observe(image=picture(), labels=("dog",))
    assert {region.label for region in other.regions} == {"dog"}
    assert tool.observe(image=picture(), labels=("red cars", "a tree")).text == first.text
