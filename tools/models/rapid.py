"""PP-OCRv6 through rapidocr: the text model that is always there, without a download.

Three engines, one per task, each configured when it is built: options given to a call of `RapidOCR` stick to the
engine and change later calls, so none is ever given. The weights are the three ONNX files inside the package, named by
path, so that rapidocr never goes to the network for others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import MissingExtra, MissingModel
from ...vision.store import Pixels
from .text import Character, Quad, Reading

WEIGHTS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
}

WHOLE = 1344
"""Pixels. Pictures with no longer side are searched in one piece: large letters need to be seen whole."""

TILE = 640
"""Pixels a side of the pieces of larger pictures. Measured on 12 megapixels with lines of 10 to 24 px strewn thinly:
all are found with 640, 8 of 10 with 832, 6 of 10 with 1536, as the detector overlooks a little text on much white."""

OVERLAP = 128
"""Pixels two neighbouring tiles share; of these each gives the half that lies further from its edge."""

STEP = 32
"""The detector takes sides that are multiples of this."""

BEFORE, AFTER = 0.85, 0.6
"""Where a word begins and ends: this part of the usual width of a character before and after the place where the
recogniser fired. Measured on drawn text in three fonts: 9 of 10 edges are within 5 pixels, and rather outside."""

MIN_STRIP_HEIGHT = 4
"""Pixels. Below this nothing can be read, and the recogniser would be handed a picture of no height."""


class RapidText:
    """Finds and reads text with the models that come with rapidocr.

    Args:
        threads: threads of ONNX Runtime per model. Measured on two cores: more than one is slower under load.
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._engines: dict[str, Any] = {}
        self._lock = threading.RLock()

    def find(self, pixels: Pixels) -> list[Quad]:
        """See `TextModel.find`."""
        height, width = pixels.shape[:2]
        if min(height, width) < STEP // 2:
            return []
        chances = self._text_map(pixels)
        with self._lock:
            boxes, _ = self._detector().postprocess_op(chances[None, None], (height, width))
        return [np.asarray(box, dtype=np.float64) for box in boxes]

    def read(self, strip: Pixels) -> Reading:
        """See `TextModel.read`."""
        if min(strip.shape[:2]) < MIN_STRIP_HEIGHT:
            return Reading()
        with self._lock:
            output = self._engine("rec")(_bgr(strip))
        if not output.txts or not output.txts[0].strip():
            return Reading()
        text = str(output.txts[0])
        return Reading(text, float(output.scores[0]), _characters(text, output.word_results[0]))

    def is_upside_down(self, strip: Pixels) -> bool:
        """See `TextModel.is_upside_down`."""
        if min(strip.shape[:2]) < MIN_STRIP_HEIGHT:
            return False
        with self._lock:
            output = self._engine("cls")(_bgr(strip))
        return str(output.cls_res[0][0]) == "180"

    def warm(self) -> None:
        """Load all three models now."""
        blank: Pixels = np.full((64, 256, 3), 255, dtype=np.uint8)
        self.find(blank)
        self.read(blank)
        self.is_upside_down(blank)

    def _text_map(self, pixels: Pixels) -> NDArray[np.float32]:
        """H x W: how likely each pixel belongs to a line of text."""
        height, width = pixels.shape[:2]
        if max(height, width) <= WHOLE:
            return self._tile_map(pixels)
        chances = np.zeros((height, width), dtype=np.float32)
        for top, bottom in _spans(height):
            for left, right in _spans(width):
                tile = pixels[top:bottom, left:right]
                if int(tile.max()) - int(tile.min()) > 16:
                    inner = _inner(top, bottom, height), _inner(left, right, width)
                    chances[inner] = self._tile_map(tile)[
                        inner[0].start - top : inner[0].stop - top, inner[1].start - left : inner[1].stop - left
                    ]
        return chances

    def _tile_map(self, tile: Pixels) -> NDArray[np.float32]:
        height, width = tile.shape[:2]
        # Continued to whole steps, or else rapidocr would resample it and thin strokes would suffer.
        whole = cv2.copyMakeBorder(tile, 0, -height % STEP, 0, -width % STEP, cv2.BORDER_REPLICATE)
        with self._lock:
            detector = self._detector()
            found = detector.session(detector.get_preprocess()(_bgr(np.asarray(whole, dtype=np.uint8))))[0, 0]
        return np.asarray(found[:height, :width], dtype=np.float32)

    def _detector(self) -> Any:
        engine = self._engine("det")
        if engine.text_det is None:
            engine(np.full((STEP, STEP, 3), 255, dtype=np.uint8))  # rapidocr loads its models at the first call
        return engine.text_det

    def _engine(self, task: str) -> Any:
        with self._lock:
            if task not in self._engines:
                self._engines[task] = _built(task, self._threads)
            return self._engines[task]


@lru_cache(maxsize=4)
def shared_text_model(threads: int = 1) -> RapidText:
    """The one text model of this process with so many threads."""
    return RapidText(threads=threads)


def _built(task: str, threads: int) -> Any:
    folder = _weights_folder()
    from rapidocr import RapidOCR

    options: dict[str, object] = {f"{part}.model_path": str(folder / name) for part, name in WEIGHTS.items()}
    options |= {f"Global.use_{each}": each == task for each in ("det", "rec", "cls")}
    options |= {
        "Global.log_level": "critical",
        "Global.text_score": 0.0,
        "Global.use_preprocess_img": False,
        "Global.use_vertical_padding": False,
        "Global.return_word_box": task == "rec",
        "Det.limit_type": "max",
        "Det.limit_side_len": 2 * WHOLE,
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
    return RapidOCR(params=options)


def _weights_folder() -> Path:
    found = find_spec("rapidocr")
    if found is None or found.origin is None:
        raise MissingExtra("The package rapidocr is not installed.", remedy="pip install rapidocr onnxruntime")
    folder = Path(found.origin).parent / "models"
    lacking = [name for name in WEIGHTS.values() if not (folder / name).is_file()]
    if lacking:
        remedy = "pip install --force-reinstall --no-deps rapidocr"
        raise MissingModel(f"The weights {', '.join(lacking)} are not in {folder}.", remedy=remedy)
    return folder


def _characters(text: str, info: Any) -> tuple[Character, ...]:
    """Where the characters of a line are: from the column of the recogniser that fired, to half way to the next."""
    columns = [column for word in info.word_cols for column in word]
    places = [place for place, character in enumerate(text) if not character.isspace()]
    if not columns or len(columns) != len(places):
        return ()
    centers = (np.array(columns, dtype=np.float64) + 0.5) / float(info.line_txt_len)
    pitch = _pitch(centers, places)
    starts, ends = centers - BEFORE * pitch, centers + AFTER * pitch
    for i in range(len(places) - 1):
        if places[i + 1] == places[i] + 1 or ends[i] > starts[i + 1]:
            ends[i] = starts[i + 1] = (centers[i] + centers[i + 1]) / 2
    starts, ends = np.clip(starts, 0.0, 1.0), np.clip(ends, 0.0, 1.0)
    scores = info.confs if len(info.confs) == len(text) else [1.0] * len(text)
    return tuple(
        Character(text[place], float(start), float(end), float(scores[place]))
        for place, start, end in zip(places, starts, ends, strict=True)
    )


def _pitch(centers: NDArray[np.float64], places: list[int]) -> float:
    """The usual width of a character, as a share of the line."""
    gaps = np.diff(centers)[np.diff(places) == 1]
    return float(np.median(gaps)) if gaps.size else 1.0 / (places[-1] - places[0] + 1)


def _spans(length: int) -> Iterator[tuple[int, int]]:
    """Overlapping spans of at most a tile that cover 0 to `length`, all of nearly the same length."""
    count = 1 if length <= TILE else -(-(length - OVERLAP) // (TILE - OVERLAP))
    step = (length - OVERLAP) / count
    for i in range(count):
        yield round(i * step), length if i == count - 1 else round((i + 1) * step) + OVERLAP


def _inner(start: int, end: int, length: int) -> slice:
    """The part of a tile's span that it answers for: without half the overlap, but up to the edges of the picture."""
    return slice(
        start if start == 0 else start + OVERLAP // 2,
        end if end == length else end - OVERLAP // 2,
    )


def _bgr(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[:, :, ::-1])
