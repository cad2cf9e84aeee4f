"""Finding things on one picture with a pooled detector: whole or in tiles, in micro-batches with whoever else waits."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ....vision.store import Pixels
from ..pool import ModelPool, PooledModel, shared_pool
from .base import Detector, Found
from .sources import BATCH, WORDS, Source, pooled, source_of
from .tiling import EDGE, Sighting, View, merged, views


@dataclass(frozen=True, slots=True)
class Request:
    """A picture or a tile, what to look for on it, and the lowest score that counts."""

    pixels: Pixels
    labels: tuple[str, ...]
    min_score: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What a detector says about itself once it is loaded; see `Detector`."""

    classes: tuple[str, ...]
    side: int


@dataclass(frozen=True)
class Finder:
    """A detector with its configuration. Safe to use from several threads.

    Attributes:
        source: its weights.
        model: how it is loaded.
        min_score: the lowest score that counts.
        tile: the side of tiles in pixels; 0 for none, None for whatever fits the picture.
        pool: where it is kept.
    """

    source: Source
    model: PooledModel[Detector]
    min_score: float
    tile: int | None
    pool: ModelPool

    @classmethod
    def of(cls, weights: str, backend: str = "", min_score: float | None = None, tile: int | None = None) -> Finder:
        """The finder of some weights, which are not loaded yet; see `source_of`."""
        source = source_of(weights, backend)
        usual = source.usual_score if min_score is None else min_score
        return cls(source, pooled(source), usual, tile, shared_pool())

    @property
    def classes(self) -> tuple[str, ...]:
        """What it finds, as far as that is known without loading it; empty for one that is told in words."""
        return self.source.classes

    @property
    def side(self) -> int:
        """The longer side, in pixels, at which it sees a picture; the detector is loaded if need be."""
        return self._facts().side

    def known_classes(self) -> tuple[str, ...]:
        """What it finds; the detector is loaded if nothing less tells. Empty for one that is told in words."""
        if self.source.backend == WORDS:
            return ()
        return self._facts().classes if self.source.stated or not self.classes else self.classes

    def find(self, pixels: Pixels, labels: Sequence[str]) -> list[Found]:
        """What is on a picture, from left to right.

        Args:
            pixels: H x W x 3, RGB, uint8.
            labels: what to look for: classes, or words; none for all classes.
        """
        facts, size_wh = self._facts(), (pixels.shape[1], pixels.shape[0])
        parts = views(size_wh, facts.side, self.tile)
        requests = [
            Request(pixels[view.top : view.bottom, view.left : view.right], tuple(labels), self.min_score)
            for view in parts
        ]
        seen = [
            Sighting(found, view, view.cuts(found.xyxy, size_wh, EDGE * grain), grain)
            for view, own in zip(parts, self._answers(requests), strict=True)
            for grain in [_scale(view, facts.side)]
            for found in (each.within(view.size_wh).moved(view.left, view.top) for each in own)
        ]
        return sorted(merged(seen, one_class=bool(facts.classes)), key=lambda each: each.xyxy)

    def _answers(self, requests: Sequence[Request]) -> list[list[Found]]:
        if len(requests) == 1:
            return [self._answer(requests[0])]
        with ThreadPoolExecutor(min(len(requests), BATCH), thread_name_prefix="lavr-tiles") as threads:
            return list(threads.map(self._answer, requests))

    def _answer(self, request: Request) -> list[Found]:
        return self.pool.batched(self.model, request, answers)

    def _facts(self) -> Facts:
        """What the detector says about itself; it is asked once."""
        with _asking:
            known = _facts.get(self.model.key)
        if known is None:
            known = self.pool.run(self.model, lambda detector: Facts(detector.classes, detector.side))
            with _asking:
                _facts[self.model.key] = known
        return known


_asking = threading.Lock()
_facts: dict[str, Facts] = {}


def answers(detector: Detector, requests: Sequence[Request]) -> list[list[Found]]:
    """What is on several pictures: those of one size with the same labels are looked at together."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, request in enumerate(requests):
        groups.setdefault((request.pixels.shape, request.labels, request.min_score), []).append(number)
    found: dict[int, list[Found]] = {}
    for numbers in groups.values():
        first = requests[numbers[0]]
        pictures = [requests[number].pixels for number in numbers]
        found.update(zip(numbers, detector.detect(pictures, first.labels, first.min_score), strict=True))
    return [found[number] for number in range(len(requests))]


def _scale(view: View, side: int) -> float:
    """Pixels of the picture to one that the detector sees."""
    return max(1.0, max(view.right - view.left, view.bottom - view.top) / side)
