"""PaddleOCR as a backend of `ocr`: its text detector, recogniser and line classifier, one by one.

PaddleOCR's own pipeline resizes, crops and orders in its own way; only its models are used here, so that pages are read
as with the embedded OCR: large pictures tile by tile, small print at full size, lying pages upright, every line with
the places of its characters.

It runs where its packages are, mostly in the host that `lavr hosts make paddle` makes, whose folder also holds the
embedded weights in the layout that it wants. Nothing is ever fetched: every model is given by its folder.
"""

from __future__ import annotations

import logging
import re
import threading
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ...errors import MissingExtra, MissingModel, UsageError
from ...extras import switch_off
from ...hub import below_models
from ...vision.store import Pixels
from ..hosts.environments import MODELS, environment
from .columns import characters_of
from .paddle_layout import Part, lay_out
from .text import MIN_STRIP_HEIGHT, Quad, Reading, bgr
from .tiling import STEP, TextMap, text_map

_CLASSES: dict[Part, str] = {
    "detection": "TextDetection",
    "recognition": "TextRecognition",
    "orientation": "TextLineOrientationClassification",
}
_NUMBER = re.compile(r"\s*[\d.]+(e-?\d+)?\s*(/\s*[\d.]+\s*)?")


@dataclass(frozen=True, slots=True)
class PaddleModels:
    """Folders of models in PaddleOCR's layout; the embedded weights where one is left out.

    Attributes:
        detection: finds lines.
        recognition: reads a line.
        orientation: tells lines that stand on their heads.
    """

    detection: str = ""
    recognition: str = ""
    orientation: str = ""

    def folder(self, part: Part) -> Path:
        """Where a part is. Raises `MissingModel` when it is not there."""
        named: str = getattr(self, part)
        return named_folder(named) if named else embedded_folder(part)


class PaddleText:
    """Finds and reads text with PaddleOCR. Calls of several threads take turns, model by model.

    Args:
        models: where its models are.
        threads: threads per model.
    """

    def __init__(self, models: PaddleModels | None = None, *, threads: int = 1) -> None:
        self._models = models or PaddleModels()
        self._threads = threads
        self._loaded: dict[Part, _Turns] = {}
        self._loading = threading.Lock()

    def find(self, pixels: Pixels) -> list[Quad]:
        """See `TextModel.find`."""
        height, width = pixels.shape[:2]
        if min(height, width) < STEP // 2:
            return []
        chances = text_map(pixels, self._map_of)
        with self._model("detection") as detector:
            (found,), _ = detector.paddlex_predictor.post_op([chances[None, None]], [(height, width, 1.0, 1.0)])
        return [_quad(np.asarray(points, dtype=np.float64)) for points in found]

    def read(self, strip: Pixels) -> Reading:
        """See `TextModel.read`."""
        if min(strip.shape[:2]) < MIN_STRIP_HEIGHT:
            return Reading()
        with self._model("recognition") as recogniser:
            (output,) = recogniser.predict(bgr(strip), return_word_box=True)
        text, (length, groups, columns, _) = output["rec_text"]
        score = float(output["rec_score"])
        if not text.strip():
            return Reading()
        characters = [character for group in groups for character in group]
        every = [column for group in columns for column in group]
        if characters != list(text):  # Text that runs to the left was turned round after it was read.
            return Reading(text, score)
        places = [column for character, column in zip(characters, every, strict=True) if not character.isspace()]
        return Reading(text, score, characters_of(text, places, float(length), [score] * len(text)))

    def is_upside_down(self, strip: Pixels) -> bool:
        """See `TextModel.is_upside_down`."""
        if min(strip.shape[:2]) < MIN_STRIP_HEIGHT:
            return False
        with self._model("orientation") as classifier:
            (output,) = classifier.predict(bgr(strip))
        return str(output["label_names"][0]).startswith("180")

    def _map_of(self, tile: Pixels) -> TextMap:
        with self._model("detection") as detector:
            predictor = detector.paddlex_predictor
            steps = predictor.pre_tfs
            (picture,) = steps["Read"](imgs=[bgr(tile)])
            for step in ("Normalize", "ToCHW"):
                (picture,) = steps[step](imgs=[picture])
            (chances,) = predictor.runner(x=steps["ToBatch"](imgs=[picture]))
        return np.asarray(chances[0, 0], dtype=np.float32)

    def _model(self, part: Part) -> _Turns:
        with self._loading:
            if part not in self._loaded:
                self._loaded[part] = _Turns(_built(part, self._models.folder(part), self._threads))
            return self._loaded[part]


class _Turns:
    """A model that one thread uses at a time."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._lock = threading.Lock()

    def __enter__(self) -> Any:
        self._lock.acquire()
        return self._model

    def __exit__(self, *_: object) -> None:
        self._lock.release()


@lru_cache(maxsize=4)
def shared_paddle_model(models: PaddleModels, threads: int = 1) -> PaddleText:
    """The one text model of this process with these weights and so many threads."""
    return PaddleText(models, threads=threads)


def named_folder(named: str) -> Path:
    """The folder of a model that the user has: its path, or its name below `LAVR_MODELS`.

    Raises:
        MissingModel: when it is not there.
    """
    for folder in (Path(named).expanduser(), *below_models(named)):
        if (folder / "inference.yml").is_file():
            return folder
    raise MissingModel(
        f"{named} is no folder of a PaddleOCR model, nor the name of one below LAVR_MODELS.",
        remedy="Give a folder with inference.yml and inference.onnx (or inference.json and inference.pdiparams).",
        model=named,
    )


def embedded_folder(part: Part) -> Path:
    """The embedded weights of a part, in PaddleOCR's layout.

    Raises:
        EnvironmentLacks: when they are not laid out, and cannot be from here.
    """
    home = environment("paddle")
    folder = home.folder / MODELS / part
    if not (folder / "inference.yml").is_file():
        try:
            lay_out(home.folder / MODELS)
        except (OSError, MissingExtra) as error:
            raise MissingModel(
                f"The embedded weights are not in {folder}, and cannot be put there ({error}).", remedy=home.command
            ) from error
    return folder


def _built(part: Part, folder: Path, threads: int) -> Any:
    """A model of PaddleOCR, loaded from its folder."""
    if not _is_installed("paddleocr"):
        raise MissingExtra("The package paddleocr is not installed here.", remedy=environment("paddle").command)
    name = _model_name(folder)
    switch_off("paddleocr")
    library: Any = import_module("paddleocr")
    logging.getLogger("paddlex").setLevel(logging.ERROR)
    return getattr(library, _CLASSES[part])(model_name=name, model_dir=str(folder), **_engine(folder, threads))


def _engine(folder: Path, threads: int) -> dict[str, Any]:
    """What runs a model: ONNX Runtime where there is an ONNX file, or else Paddle's own engine."""
    if (folder / "inference.onnx").is_file():
        options = {"intra_op_num_threads": threads, "inter_op_num_threads": 1, "enable_cpu_mem_arena": False}
        return {"engine": "onnxruntime", "device": "cpu", "engine_config": options}
    if not (folder / "inference.pdiparams").is_file():
        raise MissingModel(
            f"{folder} has neither inference.onnx nor inference.pdiparams.",
            remedy="Give a folder with one of them.",
            model=str(folder),
        )
    if not _is_installed("paddle"):
        raise MissingExtra(
            f"The model in {folder} is in Paddle's own format, and paddlepaddle is not installed here.",
            remedy=f"{environment('paddle').command} --with paddlepaddle",
        )
    return {"engine": "paddle_static", "cpu_threads": threads}


def _is_installed(package: str) -> bool:
    """Whether a package can be imported; a mere folder of its name is none."""
    found = find_spec(package)
    return found is not None and found.origin is not None


def _model_name(folder: Path) -> str:
    """The name in a model's settings, which are checked: PaddleOCR evaluates the scale in them as code."""
    yaml: Any = import_module("yaml")
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        settings = yaml.load((folder / "inference.yml").read_text("utf-8"), Loader=loader)
        name = str(settings["Global"]["model_name"])
        steps = settings["PreProcess"]["transform_ops"]
        scales = [step["NormalizeImage"].get("scale", 1) for step in steps if step.get("NormalizeImage")]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{folder / 'inference.yml'} does not describe a model of PaddleOCR: {error!r}.",
            remedy="Take the inference.yml that came with the model.",
        ) from error
    if not all(_NUMBER.fullmatch(str(scale)) for scale in scales):
        raise UsageError(f"The scale in {folder / 'inference.yml'} is no number.", remedy="Do not use this model.")
    return name


def _quad(points: Quad) -> Quad:
    """Four corners, clockwise from the top left; of a polygon, those of the smallest rectangle around it."""
    if len(points) == 4:
        return points
    corners = cv2.boxPoints(cv2.minAreaRect(points.astype(np.float32))).astype(np.float64)
    first = int(np.argmin(corners.sum(axis=1)))
    return np.roll(corners, -first, axis=0)
