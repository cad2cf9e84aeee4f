"""PP-OCRv6 through rapidocr: the text model that is always there, without a download.

Three engines, one per task, each configured when it is built: options given to a call of `RapidOCR` stick to the
engine and change later calls, so none is ever given. The weights are the three ONNX files inside the package, named by
path, so that rapidocr never goes to the network for others.
"""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import MissingExtra, MissingModel
from ...vision.store import Pixels
from .columns import characters_of
from .text import MIN_STRIP_HEIGHT, Quad, Reading, bgr
from .tiling import STEP, WHOLE, TextMap, text_map

WEIGHTS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
}


class RapidText:
    """Finds and reads text with the models that come with rapidocr.

    Engines keep nothing from one call to the next, so that several threads use them at once: as many as there are
    processors for, since each call needs memory of its own. Lines of different callers are never read in one batch:
    they would be padded to the longest one, and what a line says would depend on its neighbours.

    Args:
        threads: threads of ONNX Runtime per model. Measured on two cores: more than one is slower under load.
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._engines: dict[str, Any] = {}
        self._loading = threading.RLock()
        self._turns = threading.BoundedSemaphore(max(1, _cores() // threads))

    def find(self, pixels: Pixels) -> list[Quad]:
        """See `TextModel.find`."""
        height, width = pixels.shape[:2]
        if min(height, width) < STEP // 2:
            return []
        chances = text_map(pixels, self._map_of)
        boxes, _ = self._engine("det").text_det.postprocess_op(chances[None, None], (height, width))
        return [np.asarray(box, dtype=np.float64) for box in boxes]

    def read(self, strip: Pixels) -> Reading:
        """See `TextModel.read`."""
        if min(strip.shape[:2]) < MIN_STRIP_HEIGHT:
            return Reading()
        engine = self._engine("rec")
        with self._turns:
            output = engine(bgr(strip))
        if not output.txts or not output.txts[0].strip():
            return Reading()
        text, info = str(output.txts[0]), output.word_results[0]
        columns = [column for word in info.word_cols for column in word]
        sure = info.confs if len(info.confs) == len(text) else [1.0] * len(text)
        return Reading(text, float(output.scores[0]), characters_of(text, columns, float(info.line_txt_len), sure))

    def is_upside_down(self, strip: Pixels) -> bool:
        """See `TextModel.is_upside_down`."""
        if min(strip.shape[:2]) < MIN_STRIP_HEIGHT:
            return False
        engine = self._engine("cls")
        with self._turns:
            output = engine(bgr(strip))
        return str(output.cls_res[0][0]) == "180"

    def _map_of(self, tile: Pixels) -> TextMap:
        detector = self._engine("det").text_det
        with self._turns:
            return np.asarray(detector.session(detector.get_preprocess()(bgr(tile)))[0, 0], dtype=np.float32)

    def _engine(self, task: str) -> Any:
        with self._loading:
            if task not in self._engines:
                engine = _built(task, self._threads)
                engine(np.full((STEP, STEP, 3), 255, dtype=np.uint8))  # rapidocr loads its models at the first call
                self._engines[task] = engine
            return self._engines[task]


@lru_cache(maxsize=4)
def shared_text_model(threads: int = 1) -> RapidText:
    """The one text model of this process with so many threads."""
    return RapidText(threads=threads)


def _built(task: str, threads: int) -> Any:
    folder = weights_folder()
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


def weights_folder() -> Path:
    """Where the ONNX files of rapidocr are.

    Raises:
        MissingExtra: when rapidocr is not installed.
        MissingModel: when it was installed without them.
    """
    found = find_spec("rapidocr")
    if found is None or found.origin is None:
        raise MissingExtra("The package rapidocr is not installed.", remedy="pip install rapidocr onnxruntime")
    folder = Path(found.origin).parent / "models"
    lacking = [name for name in WEIGHTS.values() if not (folder / name).is_file()]
    if lacking:
        remedy = "pip install --force-reinstall --no-deps rapidocr"
        raise MissingModel(f"The weights {', '.join(lacking)} are not in {folder}.", remedy=remedy)
    return folder


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
