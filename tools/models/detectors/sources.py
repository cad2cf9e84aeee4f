"""Which weights are what: found on this machine without loading anything, and loaded at first use."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ....errors import UsageError
from ....hub import HUB_ID, models_folder
from ..catalogue import Weights, find
from ..memory import network_bytes
from ..pool import PooledModel
from ..weights import found, found_folder, weights_file, weights_folder
from . import transformer, yolo
from .base import Detector
from .pickled import Checkpoint, peek
from .yolo_words import lacking, takes_words

YOLO, CLOSED, WORDS = "yolo", "transformers", "zero-shot"

LOADERS: dict[str, Callable[[Path, str], Detector]] = {
    YOLO: yolo.Yolo,
    CLOSED: transformer.ClosedSet,
    WORDS: transformer.ToldInWords,
}
"""How each family of models is loaded: from its file or folder, onto a device."""

USUAL_SCORE = {YOLO: 0.3, CLOSED: 0.5, WORDS: 0.3}
"""The lowest score that is believed where none was asked for."""

OWL_SCORE = 0.15
"""Owls are unsure of everything."""

TOLD_IN_WORDS = frozenset({"grounding-dino", "mm-grounding-dino", "omdet-turbo", *transformer.OWLS})
"""The model types of transformers that are told in words what to look for."""

AGPL = "Runs on Ultralytics' code: AGPL-3.0, or a paid licence. Who serves it to others must publish their own code."

BATCH = 8


@dataclass(frozen=True, slots=True)
class Source:
    """Weights of a detector, as far as they are known without loading them.

    Attributes:
        weights: what the user named.
        backend: "yolo", "transformers" or "zero-shot"; empty while they are not on this machine and nobody said.
        classes: what it finds; empty where words tell it, and where it is not known yet.
        model_type: as transformers calls it; empty for others.
        lacks: what it lacks here to be told in words; empty for nothing.
        stated: whether only the catalogue says so, as the weights are not on this machine yet.
    """

    weights: str
    backend: str = ""
    classes: tuple[str, ...] = ()
    model_type: str = ""
    lacks: str = ""
    stated: bool = False

    @property
    def licence(self) -> str:
        """What binds those who use it; empty for nothing."""
        return AGPL if self.backend == YOLO else ""

    @property
    def usual_score(self) -> float:
        """The lowest score that is believed where none was asked for."""
        return OWL_SCORE if self.model_type in transformer.OWLS else USUAL_SCORE.get(self.backend, 0.3)


def source_of(weights: str, backend: str = "") -> Source:
    """What is known about weights; nothing is fetched and no network is loaded.

    Args:
        weights: a name that lavr knows, the path of a `.pt` file, or a folder or hub id of transformers.
        backend: the family, where the weights do not tell.

    Raises:
        UsageError: for a backend that there is not.
    """
    if not weights.strip():
        raise UsageError("A detector needs weights.", remedy="Name them: detect_tool(weights='shapes.pt').")
    if backend and backend not in LOADERS:
        raise UsageError(f"There is no backend {backend!r}.", remedy=f"Backends: {', '.join(LOADERS)}.")
    place, listed = _here(weights, backend), find(weights)
    if place is None and listed is not None:
        return _stated(weights, backend, listed)
    if _is_file(weights, backend):
        known = None if place is None else _peeked(place, place.stat().st_mtime_ns)
        words = known is not None and takes_words(known.network)
        lacks = "" if known is None else lacking(known.network)
        return Source(weights, YOLO, () if known is None or words else known.names, lacks=lacks)
    return _of_folder(weights, backend, None if place is None else place / "config.json")


def pooled(source: Source) -> PooledModel[Detector]:
    """How a pool loads the detector of some weights; they are fetched when they are not here."""
    place = _here(source.weights, source.backend)
    size = 0 if place is None else sum(each.stat().st_size for each in _weight_files(place))
    return PooledModel(
        f"detect:{source.backend}:{source.weights}",
        load=functools.partial(_load, source),
        size=lambda detector: network_bytes(detector.network),
        batch=BATCH,
        expected_bytes=size,
    )


def fetch(source: Source) -> Path:
    """The file or folder of some weights, fetched with a progress line when it is not here.

    Raises:
        MissingModel: when it cannot be had; the message says what goes where.
    """
    if _is_file(source.weights, source.backend):
        return weights_file(source.weights, kind="detect")
    return weights_folder(source.weights, kind="detect")


def _load(source: Source, device: str) -> Detector:
    place = fetch(source)
    backend = source.backend or _of_folder(source.weights, "", place / "config.json").backend
    return LOADERS[backend](place, device)


def _is_file(weights: str, backend: str) -> bool:
    """Whether weights are one file: those of Ultralytics are, folders belong to transformers."""
    known = find(weights)
    if backend:
        return backend == YOLO
    return bool(known.file) if known is not None else weights.endswith(".pt")


def _here(weights: str, backend: str) -> Path | None:
    """The file or folder on this machine, or None."""
    known = find(weights)
    if known is not None:
        return found(known)
    own = Path(weights).expanduser()
    if _is_file(weights, backend):
        below = models_folder()
        return next((each for each in (own, *([] if below is None else [below / weights])) if each.is_file()), None)
    if (own / "config.json").is_file():
        return own
    return found_folder(weights) if HUB_ID.fullmatch(weights) else None


def _of_folder(weights: str, backend: str, config: Path | None) -> Source:
    """What the configuration of a model of transformers says."""
    if config is None:
        return Source(weights, backend)
    try:
        said = json.loads(config.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{config} cannot be read: {error}.", remedy="Get the folder again.") from error
    kind, names = str(said.get("model_type", "")), said.get("id2label")
    if not backend:
        backend = WORDS if kind in TOLD_IN_WORDS else CLOSED
    known = tuple(map(str, names.values())) if isinstance(names, dict) and backend == CLOSED else ()
    return Source(weights, backend, known, kind)


def _stated(weights: str, backend: str, listed: Weights) -> Source:
    """What the catalogue says of weights that are not here yet, so that the first question finds what later ones do."""
    usual = YOLO if listed.file else CLOSED if listed.finds else WORDS
    return Source(weights, backend or usual, listed.finds, listed.model_type, stated=True)


def _weight_files(place: Path) -> list[Path]:
    return [place] if place.is_file() else list(place.glob("*.safetensors"))


@lru_cache(maxsize=32)
def _peeked(file: Path, _changed: int) -> Checkpoint:
    return peek(file)
