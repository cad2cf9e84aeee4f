"""Guided visual search: look for a thing by zooming into the likeliest parts of a picture, within a budget.

After V* (Wu and Xie 2023, https://arxiv.org/abs/2312.14135): look at the whole, then at the parts in the order of how
likely the thing is in them, each part cut further, until it is found. There a language model gives the cues; here they
are the detector's own faint hits on the part before, and what stands out from its surroundings.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..vision.frame import Xyxy
from ..vision.image import Image
from ..vision.region import Region
from ..vision.transforms import crop
from .quadtree import Block, Cells
from .salience import salience_of_cells

Look = Callable[[Image], Sequence[Region]]
"""Finds the thing on a part of the picture, however unsure; the regions may lie on that part."""

SALIENCE = 0.25
"""What the strongest spot of a picture is worth beside a hit that is just sure enough, which is worth 1."""

EVEN = 1.0
"""Cells in which nothing differs by more than this from its surroundings, in units of CIELAB, need no look."""

COARSE = 1.5
"""A hit is looked at again from close by where its surroundings are larger by more than this there."""

ROOM = 1.5
"""How much longer the closer look is than the hit."""

SAME_PLACE = 0.1
"""Intersection over union of a hit and what a closer look finds there."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a search may cost.

    Attributes:
        looks: calls of the detector.
        seconds: time after which no further look is begun.
    """

    looks: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a search.

    Attributes:
        hits: the thing, on the picture that was searched, the surest first; empty when it was not found.
        likeliest: the surest of the hits that were not sure enough, when nothing was found.
        tiles: what was looked at, in order, in pixels of the picture.
        cells: in how many tiles the whole picture is seen in full detail.
        done: how many of them were looked at in full detail, or hold nothing to see.
        stopped: "found", "everything" (there is nothing left to look at), "looks" or "seconds".
    """

    hits: tuple[Region, ...]
    likeliest: Region | None
    tiles: tuple[Xyxy, ...]
    cells: int
    done: int
    stopped: str


def guided_search(image: Image, look: Look, *, input_px: int, sure: float, budget: Budget) -> Outcome:
    """Look for a thing, the likeliest part first.

    Args:
        image: the picture to search.
        look: the detector; regions without a score count as sure.
        input_px: the longer side of what the detector sees without shrinking it, in pixels.
        sure: the score from which a hit is believed, above 0 to 1.
        budget: what the search may cost.
    """
    return _Search(image, look, input_px, sure, budget).run()


class _Search:
    """One search; the fields are what it knows so far."""

    def __init__(self, image: Image, look: Look, input_px: int, sure: float, budget: Budget) -> None:
        self.image = image
        self.look = look
        self.input_px = input_px
        self.sure = sure
        self.budget = budget
        self.ends = time.monotonic() + budget.seconds
        self.cells = Cells.of(image.size_wh, input_px)
        contrast = salience_of_cells(image, self.cells)
        self.salience = contrast / max(float(contrast.max()), EVEN)
        self.even = contrast <= EVEN
        self.seen = self.even.copy()
        self.tiles: list[Xyxy] = []
        self.unsure: list[Region] = []
        self.queue: list[tuple[float, int, Block]] = []
        self.order = itertools.count()

    def run(self) -> Outcome:
        self._wait(self.cells.whole, 1.0)
        while self.queue:
            spent = self._spent()
            if spent:
                return self._outcome((), spent)
            block = heapq.heappop(self.queue)[2]
            tile = self.cells.box(block)
            hits = self._hits(tile)
            found = self._believed([hit for hit in hits if _score(hit) >= self.sure], tile)
            if found:
                return self._outcome(found, "found")
            faint = [hit for hit in hits if _score(hit) < self.sure]
            self.unsure += faint
            self._divide(block, faint)
        return self._outcome((), "everything")

    def _spent(self) -> str:
        """What has been used up; empty while there is some of everything."""
        if len(self.tiles) >= self.budget.looks:
            return "looks"
        return "seconds" if self.tiles and time.monotonic() >= self.ends else ""

    def _hits(self, tile: Xyxy) -> list[Region]:
        """The regions of one look, on the picture, the surest first."""
        self.tiles.append(tile)
        part = crop(self.image, tile, longest=self.input_px)
        placed = (region.visible_on(self.image) for region in self.look(part))
        return sorted((region for region in placed if region is not None), key=_score, reverse=True)

    def _divide(self, block: Block, hits: Sequence[Region]) -> None:
        if block.cells == 1:
            self.seen[block.top, block.left] = True
        for part in block.parts():
            if not self.even[part.top : part.bottom, part.left : part.right].all():
                self._wait(part, self._promise(part, hits))

    def _promise(self, part: Block, hits: Sequence[Region]) -> float:
        """How likely the thing is there: by the faint hits on the part it was cut from, and by what stands out."""
        box = self.cells.box(part)
        faint = max((_score(hit) for hit in hits if _within(hit.center, box)), default=0.0)
        standing_out = float(self.salience[part.top : part.bottom, part.left : part.right].max())
        return faint / self.sure + SALIENCE * standing_out

    def _wait(self, block: Block, promise: float) -> None:
        heapq.heappush(self.queue, (-promise, next(self.order), block))

    def _believed(self, sure: Sequence[Region], tile: Xyxy) -> tuple[Region, ...]:
        """The hits that stand up to a closer look. Once the budget is spent, only the surest may do without."""
        believed = []
        for hit in sure:
            if self._spent() and hit is not sure[0]:
                break
            believed.append(self._closer(hit, tile))
        return tuple(dict.fromkeys(hit for hit in believed if hit is not None))

    def _closer(self, hit: Region, tile: Xyxy) -> Region | None:
        """The hit as it is seen from close by, where that shows more; None when it is not seen there.

        From afar many things look like the one that is sought, and what the edge of a tile cuts off may be anything.
        """
        window = _window(hit, self.input_px, self.image.box)
        shows_more = _longer_side(tile) > COARSE * _longer_side(window) or _is_cut(hit.xyxy, tile, self.image.box)
        if not shows_more or self._spent():
            return hit
        there = [each for each in self._hits(window) if each.iou(hit) >= SAME_PLACE]
        believed = next((each for each in there if _score(each) >= self.sure), None)
        if believed is None:
            self.unsure += there
        return believed

    def _outcome(self, hits: tuple[Region, ...], stopped: str) -> Outcome:
        likeliest = max(self.unsure, key=_score, default=None) if not hits else None
        return Outcome(hits, likeliest, tuple(self.tiles), self.cells.whole.cells, int(self.seen.sum()), stopped)


def _score(region: Region) -> float:
    return 1.0 if region.score is None else region.score


def _within(point: tuple[float, float], box: Xyxy) -> bool:
    return box[0] <= point[0] < box[2] and box[1] <= point[1] < box[3]


def _is_cut(hit: Xyxy, tile: Xyxy, picture: Xyxy) -> bool:
    """Whether a box reaches an edge of its tile that is no edge of the picture."""
    return any(abs(own - edge) <= 1 and edge != end for own, edge, end in zip(hit, tile, picture, strict=True))


def _longer_side(box: Xyxy) -> float:
    return max(box[2] - box[0], box[3] - box[1])


def _window(hit: Region, least: int, picture: Xyxy) -> Xyxy:
    """A square around a hit, pushed into the picture."""
    side = max(float(least), ROOM * _longer_side(hit.xyxy))
    x, width = _span(hit.center[0], side, picture[2])
    y, height = _span(hit.center[1], side, picture[3])
    return x, y, x + width, y + height


def _span(center: float, side: float, length: float) -> tuple[float, float]:
    """Start and length of a span of whole pixels around a point, within 0 to `length`."""
    kept = min(side, length)
    return float(round(min(max(center - kept / 2, 0.0), length - kept))), kept
