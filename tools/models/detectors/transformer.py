"""Detectors of transformers: RT-DETR, D-FINE, DETR ... for a closed set; Grounding DINO, OWLv2 ... told in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ....errors import InvalidArguments
from ....extras import need
from ....vision.store import Pixels
from ..pretrained import load_pretrained
from .base import Found

EXTRA = "models"

OWLS = frozenset({"owlvit", "owlv2"})
"""Models that were trained on sentences such as "a photo of a cat"."""

DINOS = frozenset({"grounding-dino", "mm-grounding-dino"})
"""Models that read all labels as one text, and tell which words of it they mean."""


class ClosedSet:
    """A model of transformers that knows a fixed set of classes (`AutoModelForObjectDetection`); see `Detector`.

    Args:
        folder: config.json, preprocessor_config.json and safetensors.
        device: where it runs.

    Raises:
        LavrError: as `load_pretrained`.
    """

    def __init__(self, folder: Path, device: str) -> None:
        self._torch: Any = need("torch", extra=EXTRA)
        self._model = load_pretrained(
            str(folder),
            device,
            kind="detect",
            network="AutoModelForObjectDetection",
            processor="AutoImageProcessor",
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of its classes."""
        return tuple(self._model.network.config.id2label.values())

    @property
    def side(self) -> int:
        """The longer side at which it looks at a picture."""
        return side_of(self._model.processor)

    @property
    def network(self) -> Any:
        """The torch module."""
        return self._model.network

    def detect(self, pictures: Sequence[Pixels], labels: Sequence[str], min_score: float) -> list[list[Found]]:
        """See `Detector.detect`."""
        inputs = self._model.moved(self._model.processor(images=_writable(pictures), return_tensors="pt"))
        with self._torch.inference_mode():
            outputs = self._model.network(**inputs)
        sizes = [pixels.shape[:2] for pixels in pictures]
        results = self._model.processor.post_process_object_detection(outputs, threshold=min_score, target_sizes=sizes)
        names = self._model.network.config.id2label
        return [
            [each for each in _found(result, [names[int(number)] for number in result["labels"]])
             if not labels or each.label in labels]
            for result in results
        ]  # fmt: skip


class ToldInWords:
    """A model of transformers that looks for what it is told (`AutoModelForZeroShotObjectDetection`); see `Detector`.

    Arguments and errors are those of `ClosedSet`.
    """

    def __init__(self, folder: Path, device: str) -> None:
        self._torch: Any = need("torch", extra=EXTRA)
        self._model = load_pretrained(
            str(folder),
            device,
            kind="detect",
            network="AutoModelForZeroShotObjectDetection",
            processor="AutoProcessor",
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """None: it looks for whatever it is told."""
        return ()

    @property
    def side(self) -> int:
        """The longer side at which it looks at a picture."""
        return side_of(self._model.processor.image_processor)

    @property
    def network(self) -> Any:
        """The torch module."""
        return self._model.network

    def detect(self, pictures: Sequence[Pixels], labels: Sequence[str], min_score: float) -> list[list[Found]]:
        """See `Detector.detect`."""
        kind = self._model.network.config.model_type
        texts = [f"a photo of a {label}" if kind in OWLS else label.replace(".", " ") for label in labels]
        asked = [texts for _ in pictures]
        made = self._model.processor(images=_writable(pictures), text=asked, return_tensors="pt")
        inputs = self._model.moved(made)
        with self._torch.inference_mode():
            outputs = self._model.network(**inputs)
        results = self._model.processor.post_process_grounded_object_detection(
            outputs,
            threshold=min_score,
            target_sizes=[pixels.shape[:2] for pixels in pictures],
            text_labels=asked,
            **({"input_ids": inputs["input_ids"]} if kind in DINOS else {}),
        )
        if kind not in DINOS:
            return [_found(each, [labels[texts.index(text)] for text in each["text_labels"]]) for each in results]
        meant = self._meant(outputs.logits, inputs["input_ids"], min_score, len(labels))
        return [_found(each, [labels[n] for n in own]) for each, own in zip(results, meant, strict=True)]

    def _meant(self, logits: Any, input_ids: Any, min_score: float, count: int) -> list[list[int]]:
        """Which label each thing is whose score is high enough, picture by picture: the one with the surest word.

        The library puts together whatever words are sure enough, also those of two labels.
        """
        stop = self._model.processor.tokenizer.convert_tokens_to_ids(".")
        tokens = input_ids[0].tolist()
        ends = [at for at, token in enumerate(tokens) if token == stop]
        if len(ends) != count:
            raise InvalidArguments(
                f"{count} labels are more text than this detector reads at once.", remedy="Ask for fewer at a time."
            )
        spans = list(zip([1, *(end + 1 for end in ends[:-1])], ends, strict=True))
        sure = logits.sigmoid()
        by_label = self._torch.stack([sure[:, :, start:end].amax(dim=-1) for start, end in spans], dim=-1)
        kept = sure.amax(dim=-1) > min_score
        return [own[keep].argmax(dim=-1).tolist() for own, keep in zip(by_label, kept, strict=True)]


def side_of(processor: Any) -> int:
    """The longer side, in pixels, at which an image processor of transformers shows a picture."""
    size = dict(getattr(processor, "size", None) or {})
    sides = [size.get(key) for key in ("longest_edge", "max_width", "max_height", "width", "height", "shortest_edge")]
    return next((int(side) for side in sides if side), 640)


def _writable(pictures: Sequence[Pixels]) -> list[Pixels]:
    """Copies: torch warns of arrays that it could not write into."""
    return [np.array(pixels) for pixels in pictures]


def _found(result: Any, labels: Sequence[str]) -> list[Found]:
    """What a result of the library's own post-processing says."""
    boxes = result["boxes"].detach().cpu().double().tolist()
    scores = result["scores"].detach().cpu().tolist()
    return [
        Found(label, float(score), (box[0], box[1], box[2], box[3]))
        for label, score, box in zip(labels, scores, boxes, strict=True)
    ]
