"""Networks of the kind of Segment Anything: a slow encoder of pictures, and a quick decoder of boxes and points.

Kirillov et al., "Segment Anything", 2023 (https://arxiv.org/abs/2304.02643).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ....errors import ToolFailed
from ....vision.image import Image
from ....vision.mask import Mask
from ....vision.store import Pixels
from ..memory import network_bytes
from ..pool import ModelPool, PooledModel, shared_pool
from ..weights import bytes_expected
from .embeddings import Embedding, Embeddings, shared_embeddings
from .prompts import Cut, Prompt

NARROWEST = 400
"""A picture this many times longer than wide has no width left at the size that the encoder sees."""

CALLS = 32
"""Calls whose prompts are decoded in one turn."""

ON_GPU = 64
"""Prompts that a GPU decodes together. A processor decodes one at a time: several take longer there than one by one,
and differ from them in the last bits."""


@dataclass(frozen=True, slots=True)
class Logits:
    """A mask as the decoder gives it: coarse, above 0 where the thing is.

    Attributes:
        values: h x w tensor in main memory, over the padded picture as the encoder saw it.
        score: the model's guess of the intersection over union with the thing.
    """

    values: Any
    score: float


class Promptable(Protocol):
    """A loaded network. Used by one thread at a time."""

    @property
    def module(self) -> Any:
        """The torch module."""
        ...

    @property
    def device(self) -> Any:
        """The torch device that it is on."""
        ...

    def embed(self, pixels: Pixels) -> Embedding:
        """What the encoder makes of H x W x 3 RGB pixels."""
        ...

    def decode(self, embedding: Embedding, prompts: Sequence[Prompt]) -> list[Logits]:
        """A mask for each of some prompts that are alike: all with a box or none, and as many points each."""
        ...


class PromptedSegmenter:
    """Cuts things out with a network of a pool. See `Segmenter`.

    Calls that wait at the same time share a turn on the network; each picture is embedded once, whoever asks.

    Args:
        model: how the network is loaded.
        method: what people call it.
        pool: the pool; that of this process when left out.
        embeddings: where embeddings are kept; those of this process when left out.
    """

    def __init__(
        self,
        model: PooledModel[Promptable],
        method: str,
        *,
        pool: ModelPool | None = None,
        embeddings: Embeddings | None = None,
    ) -> None:
        self.model = model
        self.method = method
        self._pool = pool
        self._embeddings = shared_embeddings() if embeddings is None else embeddings

    def cut(self, image: Image, prompts: Sequence[Prompt]) -> list[Cut]:
        """See `Segmenter.cut`. Raises `ToolFailed` for a picture that is all but a line."""
        if max(image.size_wh) > NARROWEST * min(image.size_wh):
            cause = f"A picture of {image.size_wh[0]} x {image.size_wh[1]} pixels is too narrow for {self.method}."
            raise ToolFailed(cause, remedy="Ask for a part of it that is less narrow.")
        if not prompts:
            return []
        question = _Question(self.model.key, image, tuple(prompts), self._embeddings)
        embedding, found = (self._pool or shared_pool()).batched(self.model, question, _answered)
        # Enlarging needs no network: it is done here, in the thread of the call, while the next one has the network.
        return [Cut(Mask.of(enlarged(each.values, embedding)), min(max(each.score, 0.0), 1.0)) for each in found]


@dataclass(frozen=True, slots=True)
class _Question:
    """One call: prompts on one picture."""

    model: str
    image: Image
    prompts: tuple[Prompt, ...]
    embeddings: Embeddings


_Answer = tuple[Embedding, list[Logits]]


def _answered(network: Promptable, questions: list[_Question]) -> list[_Answer]:
    """Answers to the questions of several calls. What they ask about one picture is decoded together."""
    by_picture: dict[str, list[int]] = {}
    for number, question in enumerate(questions):
        by_picture.setdefault(question.image.digest, []).append(number)
    answers: dict[int, _Answer] = {}
    for numbers in by_picture.values():
        first = questions[numbers[0]]
        embedding = first.embeddings.of(first.model, first.image, network.embed)
        decoded = _decoded(network, embedding, [prompt for number in numbers for prompt in questions[number].prompts])
        for number in numbers:
            answers[number] = (embedding, [next(decoded) for _ in questions[number].prompts])
    return [answers[number] for number in range(len(questions))]


def _decoded(network: Promptable, embedding: Embedding, prompts: Sequence[Prompt]) -> Iterator[Logits]:
    """A mask for each prompt, in order; prompts that are alike go through the decoder together."""
    at_once = 1 if network.device.type == "cpu" else ON_GPU
    alike: dict[tuple[bool, int], list[int]] = {}
    for number, prompt in enumerate(prompts):
        alike.setdefault((prompt.box is not None, len(prompt.inside) + len(prompt.outside)), []).append(number)
    found: dict[int, Logits] = {}
    for numbers in alike.values():
        for start in range(0, len(numbers), at_once):
            some = numbers[start : start + at_once]
            found.update(zip(some, network.decode(embedding, [prompts[number] for number in some]), strict=True))
    return iter([found[number] for number in range(len(prompts))])


def pooled(key: str, weights: str, load: Callable[[str], Promptable]) -> PooledModel[Promptable]:
    """How a pool loads the network of some weights; what it will take is told from their files, where they are here."""
    size = bytes_expected(weights)
    return PooledModel(f"{key}:{weights}", load, lambda loaded: network_bytes(loaded.module), CALLS, size)


def is_ambiguous(prompt: Prompt) -> bool:
    """Whether a prompt may mean a part or the whole: a single point. SAM then offers three masks; the best counts."""
    return prompt.box is None and len(prompt.inside) + len(prompt.outside) == 1


def coordinates(prompts: Sequence[Prompt], embedding: Embedding, device: Any) -> tuple[Any, Any, Any]:
    """Points (B x N x 2), their labels (B x N; 1 inside, 0 outside) and boxes (B x 4) as the encoder saw the picture.

    All are tensors on a device, or None where the prompts, which are alike, have none.
    """
    import torch

    scale = np.array([seen / size for seen, size in zip(embedding.seen_wh, embedding.size_wh, strict=True)])
    points = np.array([[*prompt.inside, *prompt.outside] for prompt in prompts], dtype=np.float64)
    labels = [[1] * len(prompt.inside) + [0] * len(prompt.outside) for prompt in prompts]
    boxes = np.array([prompt.box for prompt in prompts if prompt.box is not None], dtype=np.float64)
    return (
        torch.as_tensor(points * scale, dtype=torch.float32, device=device) if points.size else None,
        torch.as_tensor(labels, dtype=torch.int64, device=device) if points.size else None,
        torch.as_tensor(boxes * np.tile(scale, 2), dtype=torch.float32, device=device) if boxes.size else None,
    )


def best(masks: Any, scores: Any) -> list[Logits]:
    """Of B x M masks (B x M x h x w) with B x M scores the B of the highest score."""
    chosen = scores.argmax(dim=1)
    rows = range(len(chosen))
    return [
        Logits(mask, score)
        for mask, score in zip(masks[rows, chosen].float().cpu(), scores[rows, chosen].tolist(), strict=True)
    ]


def enlarged(logits: Any, embedding: Embedding) -> NDArray[np.bool_]:
    """H x W bools of the picture from a decoder's h x w logits: as SAM and SAM 2 do it themselves, bilinear."""
    from torch.nn.functional import interpolate

    sheet = logits[None, None]
    if embedding.padded_wh is not None:
        sheet = interpolate(sheet, embedding.padded_wh[::-1], mode="bilinear", align_corners=False)
        sheet = sheet[..., : embedding.seen_wh[1], : embedding.seen_wh[0]]
    sheet = interpolate(sheet, embedding.size_wh[::-1], mode="bilinear", align_corners=False)
    pixels: NDArray[np.bool_] = (sheet[0, 0] > 0).numpy()
    return pixels
