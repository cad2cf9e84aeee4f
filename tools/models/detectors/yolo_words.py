"""YOLOE and YOLO-World are told in words what to look for, where the text encoder that they were trained with is there.

Without it they know the classes that were saved with them, and nothing else. Ultralytics would install the package of
the encoder and fetch its weights by itself; here both must be on the machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ....extras import need
from ....hub import models_folder
from ..weights import cache_folder

ENCODERS = {"mobileclip": "mobileclip_blt.ts", "mobileclip2": "mobileclip2_b.ts", "clip": "ViT-B-32.pt"}
"""The files of the text encoders, by the name that a network gives for its own."""

NETWORKS = {
    "YOLOEModel": ("mobileclip", "mobileclip2"),
    "YOLOESegModel": ("mobileclip", "mobileclip2"),
    "WorldModel": ("clip",),
}
"""The classes of networks that can be told in words, with the encoders that they may have been trained with."""

LACKING = (
    "This detector knows only the classes that were saved with it. To tell it others in words: "
    "pip install git+https://github.com/ultralytics/CLIP.git, and put its text encoder ({files}) into {folder}."
)


def takes_words(network: str) -> bool:
    """Whether a network of this class can be told in words here: the package `clip` and an encoder are there."""
    encoders = NETWORKS.get(network, ())
    return find_spec("clip") is not None and any(_file(encoder) is not None for encoder in encoders)


def lacking(network: str) -> str:
    """What a network of this class lacks to be told in words; empty for one that never is, and for nothing."""
    if network not in NETWORKS or takes_words(network):
        return ""
    files = " or ".join(ENCODERS[each] for each in NETWORKS[network])
    return LACKING.format(files=files, folder=models_folder() or cache_folder())


class Words:
    """Tells a loaded model of Ultralytics what to look for.

    Args:
        model: a `YOLO` object whose network is one of `NETWORKS`, and not fused with its classes.
        device: where its text encoder runs.
    """

    def __init__(self, model: Any, device: str) -> None:
        self._model = model
        self._device = device
        self._encoder: Any = None

    @classmethod
    def of(cls, model: Any, device: str) -> Words | None:
        """For a model that can be told in words here; None for any other one."""
        network = model.model
        head = network.model[-1]
        fused = getattr(head, "is_fused", False) or hasattr(head, "lrpc")
        if fused or type(network).__name__ not in NETWORKS or _file(_encoder_of(network)) is None:
            return None
        return cls(model, device) if find_spec("clip") is not None else None

    def tell(self, labels: Sequence[str]) -> None:
        """Make it look for these things, and for nothing else."""
        network = self._model.model
        if list(self._model.names.values()) == list(labels):
            return
        network.clip_model = self._encoder = self._encoder or self._opened(_encoder_of(network))
        try:
            if type(network).__name__ == "WorldModel":
                network.set_classes(list(labels), cache_clip_model=True)
            else:
                network.set_classes(list(labels), network.get_text_pe(list(labels), cache_clip_model=True))
        finally:
            del network.clip_model  # or it would be copied with every predictor
        network.names = dict(enumerate(labels))
        self._model.predictor = None

    def _opened(self, encoder: str) -> Any:
        text_model = need("ultralytics.nn.text_model", extra="yolo")
        torch: Any = need("torch", extra="yolo")
        file, device = str(_file(encoder)), torch.device(self._device)
        if encoder == "clip":
            return text_model.CLIP(file, device)
        return text_model.MobileCLIPTS(device, weight=file)


def _encoder_of(network: Any) -> str:
    if type(network).__name__ == "WorldModel":
        return "clip"
    return str(getattr(network, "text_model", "mobileclip:blt")).partition(":")[0]


def _file(encoder: str) -> Path | None:
    name = ENCODERS.get(encoder, "")
    places = [folder / name for folder in (models_folder(), cache_folder()) if folder is not None]
    return next((place for place in places if name and place.is_file()), None)
