"""Requests to cut out, blur and black out drawn shapes, judged by the pixels of the pictures that come back.

for case in cases(200, seed=11, kinds={**KINDS, **EDITS}):
    assert case.right(agent.ask(case.scene.image, case.question)), case
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lavr.agent.answer import Answer
from lavr.tests.tools.shape_questions import Case, Kind, Random, Scene, Shape
from lavr.vision.image import Image
from lavr.vision.mask import Mask

Bools = NDArray[np.bool_]
T = TypeVar("T")

WHITE = 255
"""The ground of a cut-out picture."""

SAME_SHAPE = 0.85
"""Intersection over union of what is kept and the drawn shape, from which on the right thing was cut out."""

HIDDEN = 0.95
"""The part of a shape whose pixels must be others."""

AROUND = 0.25
"""How far around a shape pixels may be others, as a part of the longer side of its box."""

UNREADABLE = 0.6
"""The part of the differences between neighbours in a place that must be gone once it is blurred."""


def cut_out(scene: Scene, rng: Random) -> Case | None:
    """One shape as a picture of its own: nothing but it is kept, and all of it."""
    if not scene.unique():
        return None
    shape = _pick(scene.unique(), rng)
    phrasings = ("Cut out the {}.", "Can you cut the {} out of the picture?", "Extract the {} from the background")
    question = _pick(phrasings, rng).format(_phrase(scene, shape))

    def right(answer: Answer) -> bool:
        return len(answer.images) == 1 and _iou(kept(scene.image, answer.images[0]), drawn(scene, [shape])) > SAME_SHAPE

    return Case("cut out", scene, question, shape.phrase, right)


def blur(scene: Scene, rng: Random) -> Case | None:
    """One shape blurred or pixelated: there, nothing is left to see, and everywhere else nothing is changed."""
    if not scene.unique():
        return None
    shape = _pick(scene.unique(), rng)
    question = _pick(("Blur the {}", "Please blur the {} in this picture.", "pixelate the {}"), rng)
    return _hiding("blur", scene, question.format(_phrase(scene, shape)), [shape], softened)


def black_out(scene: Scene, rng: Random) -> Case | None:
    """Every shape of a name, or of a colour, made black."""
    if not scene.shapes:
        return None
    shape = _pick(scene.shapes, rng)
    if rng.random() < 0.5:
        shapes, phrase = scene.of(name=shape.name), f"all {shape.name}s"
    else:
        shapes, phrase = scene.of(color=shape.color), f"the {shape.color} shapes"
    question = _pick(("Black out {}.", "redact {}", "Hide {}, please"), rng)
    return _hiding("black out", scene, question.format(phrase), shapes, blackened)


EDITS: Mapping[str, Kind] = {"cut out": cut_out, "blur": blur, "black out": black_out}


def _hiding(
    kind: str, scene: Scene, question: str, shapes: Sequence[Shape], hidden: Callable[[Image, Image, Bools], bool]
) -> Case:
    def right(answer: Answer) -> bool:
        if len(answer.images) != 1 or answer.images[0].size_wh != scene.size_wh:
            return False
        places, others = (
            drawn(scene, shapes),
            [other for other in scene.shapes if all(other is not shape for shape in shapes)],
        )
        before, after = scene.image, answer.images[0]
        changed = (before.pixels() != after.pixels()).any(axis=2)
        return (
            hidden(before, after, places)
            and changed[places].mean() >= HIDDEN
            and not changed[drawn(scene, others)].any()
            and not changed[~_near(scene, shapes)].any()
        )

    return Case(kind, scene, question, ", ".join(shape.phrase for shape in shapes), right)


def softened(before: Image, after: Image, places: Bools) -> bool:
    """Whether the edges in some places are gone: the steps between neighbours have become small."""
    return _steps(after, places) < (1 - UNREADABLE) * _steps(before, places)


def blackened(_before: Image, after: Image, places: Bools) -> bool:
    """Whether these places are black."""
    return float((after.pixels()[places] == 0).all(axis=1).mean()) >= HIDDEN


def kept(given: Image, cut: Image) -> Bools:
    """Which pixels of a picture a cut-out of it shows; its ground is white."""
    left, top = round(cut.frame.c - given.frame.c), round(cut.frame.f - given.frame.f)
    width, height = cut.size_wh
    shown = np.zeros(given.size_wh[::-1], dtype=bool)
    source, pixels = given.pixels()[top : top + height, left : left + width], cut.pixels()
    shown[top : top + height, left : left + width] = (pixels == source).all(axis=2) & (pixels != WHITE).any(axis=2)
    return shown


def drawn(scene: Scene, shapes: Sequence[Shape]) -> Bools:
    """The pixels of shapes."""
    masks = [Mask.of_polygon(shape.outline, scene.size_wh).array() for shape in shapes]
    empty = np.zeros(scene.size_wh[::-1], dtype=bool)
    return np.asarray(np.logical_or.reduce([empty, *masks]), dtype=bool)


def _near(scene: Scene, shapes: Sequence[Shape]) -> Bools:
    """The boxes of shapes, and a little around them."""
    near = np.zeros(scene.size_wh[::-1], dtype=bool)
    for shape in shapes:
        left, top, right, bottom = shape.box
        room = AROUND * max(right - left, bottom - top)
        near[max(0, int(top - room)) : int(bottom + room) + 1, max(0, int(left - room)) : int(right + room) + 1] = True
    return near


def _steps(image: Image, places: Bools) -> float:
    """How much neighbours across the edges of some places differ, in the mean."""
    across = np.diff(places.astype(np.int8), axis=1) != 0
    differences = np.abs(np.diff(image.pixels().astype(np.int16), axis=1)).max(axis=2)
    return float(differences[across].mean())


def _iou(one: Bools, other: Bools) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))


def _phrase(scene: Scene, shape: Shape) -> str:
    """Its name, with its colour where there are several of its name."""
    return shape.name if len(scene.of(name=shape.name)) == 1 else shape.phrase


def _pick(options: Sequence[T], rng: Random) -> T:
    return options[int(rng.integers(len(options)))]
