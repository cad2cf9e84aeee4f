"""Which segmenter: named by its weights, or GrabCut where there are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from ....errors import UsageError
from ..catalogue import find
from ..pool import PooledModel
from .grabcut import GrabCut
from .promptable import Promptable, PromptedSegmenter
from .prompts import Segmenter
from .segment_anything import segment_anything
from .transformers_sam import transformers_sam

Backend: TypeAlias = Literal["grabcut", "segment-anything", "transformers"]

_MODELS: dict[str, tuple[str, Callable[[str], PooledModel[Promptable]]]] = {
    "segment-anything": ("sam-vit-b", segment_anything),
    "transformers": ("sam2.1-tiny", transformers_sam),
}
"""The weights that a backend takes when none are named, and what makes them a model."""

_FILES = {".pth", ".pt", ".safetensors"}


def backend_for(weights: str, backend: str = "") -> Backend:
    """The backend that weights are for, if none is asked for: GrabCut without any.

    Raises:
        UsageError: for a backend that there is not, or weights for GrabCut, which has none.
    """
    for known in get_args(Backend):
        if backend == known:
            if known == "grabcut" and weights:
                raise UsageError("GrabCut has no weights.", remedy="Leave the weights or the backend out.")
            return known  # type: ignore[no-any-return]  # get_args knows no types
    if backend:
        listed = ", ".join(get_args(Backend))
        raise UsageError(f"There is no backend {backend!r} for segment.", remedy=f"There are: {listed}.")
    if not weights:
        return "grabcut"
    entry = find(weights)
    is_file = Path(weights).suffix in _FILES if entry is None else bool(entry.file)
    return "segment-anything" if is_file else "transformers"


def segmenter(weights: str, backend: str = "") -> Segmenter:
    """The segmenter of some weights. Nothing is loaded yet. Errors as for `backend_for`."""
    chosen = backend_for(weights, backend)
    if chosen == "grabcut":
        return GrabCut()
    usual, model = _MODELS[chosen]
    named = weights or usual
    return PromptedSegmenter(model(named), f"the model {Path(named).name if Path(named).suffix else named}")
