"""Cutting out without a model: GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004) as OpenCV has it.

It learns the colours inside and outside of a first guess and finds the cut between them that follows the edges. A box
is the first guess itself; around a point it is grown over what has the colour of the point.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ....vision.frame import Xyxy
from ....vision.image import Image
from ....vision.mask import Mask, without_specks
from ....vision.store import Pixels
from ....vision.transforms import pixel_box
from .prompts import Cut, Prompt, Xy

WORKING = 384
"""Pixels. The longer side of what is worked on: GrabCut takes a third of a second for it, and grows with the area."""

MARGIN = 0.25
"""How much is seen around a box, as a part of its longer side: the surroundings tell what is not the thing."""

SMOOTHING = (6.0, 18.0)
"""Radii of the mean shift before a thing is grown from a point: in pixels, and in colour (of 255)."""

ROUNDS = 5
"""How often colours and cut are found anew."""

SEED = 7
"""Of OpenCV's random numbers, from which the mixtures of colours start: equal calls give equal masks."""

TOLERANCES = (4, 6, 9, 13, 18, 25, 34, 46)
"""Distances in CIELAB up to which a pixel may have the colour of a point, the strictest first."""

GRAIN = 8.0
"""Noise put on the pixels (standard deviation, of 255). Colours of no spread at all, as in drawings, make everything
unlike the surroundings that differs by a shade: the soft rim of the thing."""

COLORS = 5
"""Colours in each of the two mixtures; OpenCV wants as many pixels."""

SPECK = 0.02
"""Pieces and holes smaller than this part of the thing are noise."""

LEAST = 0.01
"""A cut that keeps less than this of its box has lost the thing."""

Sheet = NDArray[np.uint8]


class GrabCut:
    """Cuts things out by their colours. See `Segmenter`."""

    method = "GrabCut, a method without a model that goes by colour alone"

    def cut(self, image: Image, prompts: Sequence[Prompt]) -> list[Cut]:
        """See `Segmenter.cut`. The cuts have no score."""
        overview = _View(image, image.box)
        return [Cut(_cut_out(image, prompt, overview)) for prompt in prompts]


def _cut_out(image: Image, prompt: Prompt, overview: _View) -> Mask:
    if prompt.box is not None:
        view = _View(image, prompt.box, margin=MARGIN)
        guess = _in_box(view, prompt.box)
    else:
        grown = overview.grown(prompt.inside, besides=prompt.outside)
        view = _View(image, overview.back(_bounds(grown)), margin=MARGIN)
        guess = _around(view, overview, grown)
    if prompt.outside:
        guess[view.grown(prompt.outside, besides=prompt.inside)] = cv2.GC_PR_BGD
    inside = view.points(prompt.inside)
    for points, kind in ((inside, cv2.GC_FGD), (view.points(prompt.outside), cv2.GC_BGD)):
        for point in points:
            cv2.circle(guess, point, max(1, max(guess.shape) // 150), kind, -1)
    thing = _tidied(_grab(view.pixels, guess), inside if prompt.box is None else ())
    lost = thing.sum() < LEAST * np.count_nonzero(guess != cv2.GC_BGD)
    return view.mask(np.zeros_like(thing) if lost else thing)


class _View:
    """A part of a picture at the size it is worked on.

    Args:
        image: the picture.
        xyxy: the part.
        margin: how much is seen around it, as a part of its longer side.
    """

    def __init__(self, image: Image, xyxy: Xyxy, *, margin: float = 0.0) -> None:
        padding = margin and max(8.0, margin * max(xyxy[2] - xyxy[0], xyxy[3] - xyxy[1]))
        self.size_wh = image.size_wh
        self.left, self.top, self.right, self.bottom = pixel_box(image, xyxy, padding=padding)
        part = image.pixels()[self.top : self.bottom, self.left : self.right]
        self.scale = min(1.0, WORKING / max(part.shape[:2]))
        size = [max(1, round(side * self.scale)) for side in (part.shape[1], part.shape[0])]
        self.pixels = np.ascontiguousarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def box(self, xyxy: Xyxy) -> tuple[slice, slice]:
        """The rows and columns of a box, at least one of each."""
        height, width = self.pixels.shape[:2]
        left, top = self._at(math.floor, (xyxy[0], xyxy[1]))
        right, bottom = self._at(math.ceil, (xyxy[2], xyxy[3]))
        left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
        return slice(top, max(bottom, top + 1)), slice(left, max(right, left + 1))

    def points(self, points: Sequence[Xy]) -> list[tuple[int, int]]:
        """Points as pixels of the view; those outside of it are left out."""
        height, width = self.pixels.shape[:2]
        placed = [self._at(math.floor, point) for point in points]
        return [(x, y) for x, y in placed if 0 <= x < width and 0 <= y < height]

    @cached_property
    def lab(self) -> NDArray[np.float32]:
        """H x W x 3 in CIELAB, without noise and fine texture."""
        smooth = cv2.pyrMeanShiftFiltering(self.pixels, *SMOOTHING)
        return np.asarray(cv2.cvtColor(smooth.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), dtype=np.float32)

    def grown(self, points: Sequence[Xy], *, besides: Sequence[Xy]) -> NDArray[np.bool_]:
        """H x W bools: what has the colour of points and hangs together with them, but not where others are."""
        sheet = np.zeros(self.pixels.shape[:2], dtype=np.bool_)
        for point in self.points(points):
            sheet |= _grown(self.lab, point, self.points(besides))
        return sheet

    def back(self, xyxy: Xyxy) -> Xyxy:
        """A box of the view in pixels of the picture."""
        left, top, right, bottom = (edge / self.scale for edge in xyxy)
        return self.left + left, self.top + top, self.left + right, self.top + bottom

    def mask(self, thing: NDArray[np.bool_]) -> Mask:
        """The mask on the whole picture of H x W bools of the view."""
        size = (self.right - self.left, self.bottom - self.top)
        smooth = cv2.resize(thing.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        return Mask.of_part(np.asarray(smooth > 0.5), self.left, self.top, self.size_wh)

    def _at(self, to_whole: Callable[[float], int], point: Xy) -> tuple[int, int]:
        x, y = (point[0] - self.left) * self.scale, (point[1] - self.top) * self.scale
        return to_whole(x), to_whole(y)


def _bounds(sheet: NDArray[np.bool_]) -> Xyxy:
    left, top, width, height = cv2.boundingRect(sheet.astype(np.uint8))
    return left, top, left + width, top + height


def _in_box(view: _View, xyxy: Xyxy) -> Sheet:
    """The first guess for a box: it holds the thing, and nothing of it is outside."""
    guess = np.full(view.pixels.shape[:2], cv2.GC_BGD, dtype=np.uint8)
    guess[view.box(xyxy)] = cv2.GC_PR_FGD
    if (guess == cv2.GC_BGD).mean() < LEAST:  # The box is the picture: what its edges show may be surroundings.
        edge = max(1, min(guess.shape) // 50)
        for side in (guess[:edge], guess[-edge:], guess[:, :edge], guess[:, -edge:]):
            side[:] = cv2.GC_PR_BGD
    return guess


def _around(view: _View, overview: _View, grown: NDArray[np.bool_]) -> Sheet:
    """The first guess for points: what was grown from them in the overview."""
    part = grown[overview.box((view.left, view.top, view.right, view.bottom))].astype(np.uint8)
    fine = cv2.resize(part, view.pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return np.where(fine > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)


def _grown(lab: NDArray[np.float32], point: tuple[int, int], besides: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """What hangs together with a point at the tolerance where letting in more colours adds the least.

    Below it a part of the thing is missing, above it the surroundings begin to flow in.
    """
    here = lab[max(0, point[1] - 1) : point[1] + 2, max(0, point[0] - 1) : point[0] + 2].reshape(-1, 3)
    distance = np.sqrt(((lab - np.median(here, axis=0)) ** 2).sum(axis=2))
    for x, y in besides:
        distance[y, x] = np.inf
    distance[point[1], point[0]] = 0.0
    pieces = [_piece(distance <= tolerance, point) for tolerance in TOLERANCES]
    areas = [int(np.count_nonzero(piece)) for piece in pieces]
    growth = [larger / area for area, larger in itertools.pairwise(areas)]
    return pieces[int(np.argmin(growth))]


def _piece(sheet: NDArray[np.bool_], point: tuple[int, int]) -> NDArray[np.bool_]:
    """The connected piece that a point is on."""
    _, labels = cv2.connectedComponents(sheet.astype(np.uint8), connectivity=4)
    return np.asarray(labels == labels[point[1], point[0]], dtype=np.bool_)


def _grab(pixels: Pixels, guess: Sheet) -> NDArray[np.bool_]:
    """The cut that GrabCut makes of a first guess (H x W of cv2.GC_...)."""
    thing = (guess == cv2.GC_FGD) | (guess == cv2.GC_PR_FGD)
    if min(np.count_nonzero(thing), np.count_nonzero(~thing)) < COLORS:
        return np.asarray(thing, dtype=np.bool_)
    cv2.setRNGSeed(SEED)
    grain = np.random.default_rng(SEED).normal(0, GRAIN, pixels.shape)
    grained = np.clip(pixels + grain, 0, 255).astype(np.uint8)
    empty = np.zeros((1, 65), dtype=np.float64)
    found, _, _ = cv2.grabCut(grained, guess, (0, 0, 1, 1), empty, empty.copy(), ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.asarray((found == cv2.GC_FGD) | (found == cv2.GC_PR_FGD), dtype=np.bool_)


def _tidied(kept: NDArray[np.bool_], points: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """Without specks and pinholes, and of a thing with points on it only the pieces that have one."""
    if points:
        _, labels = cv2.connectedComponents(kept.astype(np.uint8), connectivity=8)
        chosen = {int(labels[y, x]) for x, y in points} - {0}
        kept = np.isin(labels, list(chosen))
    least = SPECK * np.count_nonzero(kept)
    return ~without_specks(~without_specks(kept, least), least)
