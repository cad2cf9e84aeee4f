"""PaddleOCR as a backend, as far as it goes without PaddleOCR: models found, refused, laid out."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lavr.errors import InvalidTool, MissingExtra, MissingModel, UsageError
from lavr.tools.models import paddle
from lavr.tools.models.paddle import PaddleModels, PaddleText, embedded_folder, named_folder
from lavr.tools.models.paddle_layout import EMBEDDED, lay_out
from lavr.tools.ocr import configured_ocr, ocr_tool
from lavr.tools.registry import default_tools


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    lay_out(folder)
    return folder


def model(folder: Path, scale: object = "1./255.", weights: str = "inference.onnx") -> Path:
    """A folder that looks like a model."""
    folder.mkdir(exist_ok=True)
    settings = {
        "Global": {"model_name": "PP-OCRv6_small_det"},
        "PreProcess": {"transform_ops": [{"DecodeImage": None}, {"NormalizeImage": {"scale": scale}}]},
        "PostProcess": {"name": "DBPostProcess"},
    }
    (folder / "inference.yml").write_text(json.dumps(settings))
    (folder / weights).touch()
    return folder


def test_the_embedded_weights_are_laid_out_with_their_alphabet(laid_out: Path) -> None:
    for part in EMBEDDED:
        assert (laid_out / part / "inference.onnx").stat().st_size > 500_000
    settings = (laid_out / "recognition" / "inference.yml").read_text("utf-8")
    yaml: Any = import_module("yaml")
    alphabet = yaml.load(settings, Loader=yaml.CSafeLoader)
    assert alphabet["Global"]["model_name"] == "PP-OCRv6_small_rec"
    characters = alphabet["PostProcess"]["character_dict"]
    assert len(characters) == 18708
    assert {"A", "é", "漢", "\u3000"} <= set(characters)


def test_embedded_weights_are_found_in_the_host_and_laid_out_where_they_lack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAVR_HOSTS", str(tmp_path))
    assert embedded_folder("orientation") == tmp_path / "paddle" / "models" / "orientation"
    assert (tmp_path / "paddle" / "models" / "detection" / "inference.onnx").is_file()


def test_a_model_is_found_by_its_path_or_its_name_below_the_folder_of_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = model(tmp_path / "latin_rec")
    assert named_folder(str(mine)) == mine
    monkeypatch.setenv("LAVR_MODELS", str(tmp_path))
    assert named_folder("latin_rec") == mine
    assert PaddleModels(recognition="latin_rec").folder("recognition") == mine


def test_a_model_that_is_not_there_is_told_and_never_fetched(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="is no folder of a PaddleOCR model") as raised:
        PaddleText(PaddleModels(detection=str(tmp_path / "PP-OCRv6_medium_det"))).find(blank())
    assert "inference.yml" in raised.value.remedy


def test_without_paddleocr_the_error_names_the_command_that_makes_its_host(tmp_path: Path) -> None:
    with pytest.raises(MissingExtra) as raised:
        PaddleText(PaddleModels(detection=str(model(tmp_path / "det")))).find(blank())
    assert raised.value.remedy == "lavr hosts make paddle"


def test_a_model_in_paddles_own_format_needs_its_engine(tmp_path: Path) -> None:
    with pytest.raises(MissingExtra) as raised:
        paddle._engine(model(tmp_path / "det", weights="inference.pdiparams"), 1)
    assert raised.value.remedy == "lavr hosts make paddle --with paddlepaddle"
    with pytest.raises(MissingModel, match=r"neither inference\.onnx nor"):
        paddle._engine(model(tmp_path / "none", weights="README.md"), 1)


@pytest.mark.parametrize("scale", ["1./255.", 0.00392, "1e-2", "1 / 255"])
def test_settings_with_a_number_as_scale_are_accepted(tmp_path: Path, scale: object) -> None:
    assert paddle._model_name(model(tmp_path / "det", scale)) == "PP-OCRv6_small_det"


@pytest.mark.parametrize("scale", ["__import__('os').system('touch payload')", "open('x')", "9**9**9", {"a": 1}])
def test_settings_that_hide_code_in_the_scale_are_refused(tmp_path: Path, scale: object) -> None:
    with pytest.raises(UsageError, match="is no number"):
        paddle._model_name(model(tmp_path / "det", scale))


@pytest.mark.parametrize("text", ["", "[]", "Global: {}", "Global: [", "!!python/object/apply:os.getcwd []"])
def test_settings_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "inference.yml").write_text(text)
    with pytest.raises(UsageError, match="does not describe a model"):
        paddle._model_name(tmp_path)


def test_a_polygon_becomes_the_rectangle_around_it() -> None:
    points = np.array([[10.0, 10], [30, 8], [50, 10], [50, 20], [30, 22], [10, 20]])
    quad = paddle._quad(points)
    assert quad.shape == (4, 2)
    assert quad[0].tolist() == pytest.approx([10, 8], abs=1)
    assert quad[2].tolist() == pytest.approx([50, 22], abs=1)


def test_the_backend_of_the_default_tools_is_that_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured_ocr().host == "worker"
    monkeypatch.setenv("LAVR_OCR", "paddle")
    assert default_tools().get("ocr").host == "paddle"
    monkeypatch.setenv("LAVR_OCR", "tesseract")
    with pytest.raises(UsageError, match="no OCR backend 'tesseract'") as raised:
        configured_ocr()
    assert "rapid, paddle" in raised.value.remedy


def test_both_backends_have_the_same_arguments_and_know_their_letters() -> None:
    embedded, other = ocr_tool(), ocr_tool(backend="paddle", recognition="arabic_PP-OCRv5_mobile_rec")
    assert embedded.spec.parameters == other.spec.parameters
    assert "Latin letters" in embedded.spec.card.limits
    assert "the letters of its model" in other.spec.card.limits


def test_models_are_given_to_the_backend_that_takes_them_and_as_text() -> None:
    with pytest.raises(UsageError, match="has its own models"):
        ocr_tool(recognition="mine")
    with pytest.raises(InvalidTool, match="not JSON"):
        ocr_tool(backend="paddle", recognition=Path("mine"))  # type: ignore[arg-type]


def blank() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((64, 64, 3), 255, dtype=np.uint8)
