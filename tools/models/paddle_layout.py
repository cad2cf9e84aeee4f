"""The weights that come with rapidocr, laid out as PaddleOCR wants them: `inference.onnx` beside `inference.yml`.

So PaddleOCR reads with the same weights as the embedded OCR, and nothing is fetched. The settings are those that
rapidocr uses these weights with.
"""

from __future__ import annotations

import json
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from .rapid import WEIGHTS, weights_folder

Part = Literal["detection", "recognition", "orientation"]

EMBEDDED: dict[Part, str] = {"detection": "Det", "recognition": "Rec", "orientation": "Cls"}
"""The parts of an OCR, and what rapidocr calls each."""

_SCALE = 1 / 255


def lay_out(folder: Path) -> None:
    """Write the three parts into a folder, each in one of its own; what is there is written anew.

    Raises:
        EnvironmentLacks: when rapidocr or its weights are not here.
    """
    source = weights_folder()
    for part, task in EMBEDDED.items():
        weights = source / WEIGHTS[task]
        (folder / part).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(weights, folder / part / "inference.onnx")
        settings = json.dumps(_settings(part, weights), ensure_ascii=False, indent=1)
        (folder / part / "inference.yml").write_text(settings, "utf-8")  # JSON is YAML


def _settings(part: Part, weights: Path) -> dict[str, Any]:
    if part == "detection":
        return _described(
            "PP-OCRv6_small_det",
            {"DetResizeForTest": {}},
            _normalized(order="hwc"),
            {"ToCHWImage": {}},
            after={
                "name": "DBPostProcess",
                "thresh": 0.3,
                "box_thresh": 0.5,
                "max_candidates": 1000,
                "unclip_ratio": 1.6,
                "use_dilation": True,
            },
        )
    if part == "recognition":
        return _described(
            "PP-OCRv6_small_rec",
            {"RecResizeImg": {"image_shape": [3, 48, 320]}},
            after={"name": "CTCLabelDecode", "character_dict": _characters(weights)},
        )
    return _described(
        "PP-LCNet_x0_25_textline_ori",
        {"ResizeImage": {"size": [192, 48]}},
        _normalized(order=""),
        {"ToCHWImage": {}},
        after={"Topk": {"topk": 1, "label_list": ["0_degree", "180_degree"]}},
    )


def _described(name: str, *steps: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    decode = [] if "Topk" in after else [{"DecodeImage": {"channel_first": False, "img_mode": "BGR"}}]
    return {"Global": {"model_name": name}, "PreProcess": {"transform_ops": [*decode, *steps]}, "PostProcess": after}


def _normalized(*, order: str) -> dict[str, Any]:
    return {"NormalizeImage": {"scale": _SCALE, "mean": [0.5] * 3, "std": [0.5] * 3, "order": order}}


def _characters(weights: Path) -> list[str]:
    """The alphabet of the recogniser, which its file carries along."""
    onnxruntime: Any = import_module("onnxruntime")
    session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    written: str = session.get_modelmeta().custom_metadata_map["character"]
    return written.splitlines()
