"""Drawn pictures of shapes with questions about them, the keys, and what counts as right.

    for case in cases(200, seed=11):
        answer = agent.ask(case.scene.image, case.question)
        assert case.right(answer), case

A *kind* of question is a function from a scene and a random generator to a `Case`, or to None where the scene gives
rise to no such question. `KINDS` holds them by name; more can be added by `cases(..., kinds={**KINDS, "blur": blur})`.
A kind finds the shapes in `scene.shapes` (what each is, its colour, its outline in pixels); its judge gets the whole
`Answer`, so it may look at the value, at the regions that the answer rests on, or at pictures in its trace.

Nothing is shared with `demos/train_shapes.py`, whose detector is asked here: other pictures (not square, with another
palette, on other grounds, saved as JPEG), other sizes of shapes, drawn by another library from outlines of their own.
"""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias, TypeVar

import numpy as np
import PIL.Image
import PIL.ImageDraw
from numpy.typing import NDArray

from lavr.agent.answer import Answer
from lavr.vision.frame import SizeWh, Xyxy, bounds_of
from lavr.vision.image import Image
from lavr.vision.region import Region

Random: TypeAlias = np.random.Generator
Points: TypeAlias = NDArray[np.float64]
Judge: TypeAlias = Callable[[Answer], bool]
T = TypeVar("T")

SIDES = {"triangle": 3, "square": 4, "pentagon": 5, "circle": 72}
NAMES = (*SIDES, "rectangle", "star")

PALETTE: Mapping[str, tuple[int, int, int]] = {
    "red": (214, 36, 40), "green": (30, 140, 60), "blue": (30, 80, 210), "yellow": (250, 220, 40),
    "orange": (250, 140, 20), "purple": (130, 40, 160), "black": (25, 25, 28), "pink": (255, 130, 190),
    "brown": (120, 70, 30),
}  # fmt: skip
"""Colours that everybody calls by the same name."""

GROUNDS = ((250, 250, 248), (236, 233, 224), (222, 230, 236), (205, 214, 205), (240, 228, 228))
"""Papers: pale, as the colours of the shapes are not."""

SHARP = 3
"""Pictures are drawn so many times as large and reduced, which smooths the edges."""


@dataclass(frozen=True)
class Shape:
    """A shape as it was drawn.

    Attributes:
        name: what it is.
        color: what its colour is called.
        outline: its corners in pixels of the picture, N x 2.
    """

    name: str
    color: str
    outline: Points = field(repr=False)

    @property
    def phrase(self) -> str:
        """Red circle."""
        return f"{self.color} {self.name}"

    @property
    def box(self) -> Xyxy:
        """Left, top, right, bottom in pixels."""
        return bounds_of(self.outline)

    @property
    def center(self) -> tuple[float, float]:
        """The middle of its box."""
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2

    @property
    def area(self) -> float:
        """Square pixels, by the shoelace formula."""
        x, y = self.outline.T
        return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


@dataclass(frozen=True)
class Scene:
    """A picture and the shapes on it."""

    size_wh: SizeWh
    shapes: tuple[Shape, ...]
    pixels: NDArray[np.uint8] = field(repr=False)

    @cached_property
    def image(self) -> Image:
        """The picture as a handle."""
        return Image.of(self.pixels, name="shapes")

    def of(self, *, name: str = "", color: str = "") -> tuple[Shape, ...]:
        """The shapes of that name and that colour."""
        return tuple(each for each in self.shapes if name in ("", each.name) and color in ("", each.color))

    def single(self) -> tuple[Shape, ...]:
        """The shapes of which there is no other one of their name."""
        return tuple(each for each in self.shapes if len(self.of(name=each.name)) == 1)

    def unique(self) -> tuple[Shape, ...]:
        """The shapes of which there is no other one of their name and colour."""
        return tuple(each for each in self.shapes if len(self.of(name=each.name, color=each.color)) == 1)


@dataclass(frozen=True)
class Case:
    """A question about a scene.

    Attributes:
        kind: the name of its kind.
        scene: what it is about.
        question: in plain words.
        expected: the key, for people.
        right: whether an answer is right.
    """

    kind: str
    scene: Scene
    question: str
    expected: str
    right: Judge = field(repr=False)


Kind: TypeAlias = Callable[[Scene, Random], Case | None]


def cases(count: int, *, seed: int, kinds: Mapping[str, Kind] | None = None) -> Iterator[Case]:
    """Some questions, as many of each kind as of any other, each about a scene of its own."""
    rng = np.random.default_rng([seed, 20_77])
    order = itertools.cycle((kinds or KINDS).values())
    for kind in itertools.islice(order, count):
        case = None
        while case is None:
            case = kind(scene(rng), rng)
        yield case


def scene(rng: Random) -> Scene:
    """A picture with two to seven shapes that do not touch."""
    width = int(rng.integers(300, 561))
    size = (width, int(width * rng.uniform(0.62, 1.1)))
    canvas = PIL.Image.fromarray(_paper(size, rng)).resize((size[0] * SHARP, size[1] * SHARP))
    pen = PIL.ImageDraw.Draw(canvas)
    shapes: list[Shape] = []
    for _ in range(int(rng.integers(2, 8))):
        shape = _placed(size, shapes, rng)
        if shape is not None:
            pen.polygon([tuple(point) for point in shape.outline * SHARP], fill=_tinted(PALETTE[shape.color], rng))
            shapes.append(shape)
    return Scene(size, tuple(shapes), _photographed(canvas.resize(size, PIL.Image.Resampling.LANCZOS), rng))


def how_many(scene: Scene, rng: Random) -> Case:
    """How many circles, red shapes, or red circles there are; sometimes none."""
    name, color = _pick(NAMES, rng), _pick(tuple(PALETTE), rng)
    if scene.shapes and rng.random() < 0.8:
        shape = _pick(scene.shapes, rng)
        name, color = shape.name, shape.color
    manner = rng.integers(3)
    if manner == 0:
        return _valued("how many", scene, f"How many {name}s are there?", str(len(scene.of(name=name))))
    if manner == 1:
        question = f"How many {color} shapes are in the picture?"
        return _valued("how many", scene, question, str(len(scene.of(color=color))))
    question = f"How many {color} {name}s do you see?"
    return _valued("how many", scene, question, str(len(scene.of(name=name, color=color))))


def is_there(scene: Scene, rng: Random) -> Case:
    """Whether there is a circle, or a red circle; as often no as yes."""
    there = rng.random() < 0.5
    name, color = _pick(NAMES, rng), _pick(tuple(PALETTE), rng)
    if there and scene.shapes:
        shape = _pick(scene.shapes, rng)
        name, color = shape.name, shape.color
    if rng.random() < 0.5:
        return _valued("is there", scene, f"Is there a {name}?", _yes(bool(scene.of(name=name))))
    article = "an" if color[0] in "aeiou" else "a"
    found = _yes(bool(scene.of(name=name, color=color)))
    return _valued("is there", scene, f"Is there {article} {color} {name} in the image?", found)


def where(scene: Scene, rng: Random) -> Case | None:
    """Where a shape is: the answer must rest on its box."""
    unique = scene.unique()
    if not unique:
        return None
    shape = _pick(unique, rng)
    phrase = shape.name if len(scene.of(name=shape.name)) == 1 else shape.phrase

    def right(answer: Answer) -> bool:
        return [overlap(piece.region, shape.box) > 0.7 for piece in answer.evidence if piece.region] == [True]

    return Case("where", scene, f"Where is the {phrase}?", str([round(edge) for edge in shape.box]), right)


def what_color(scene: Scene, rng: Random) -> Case | None:
    """Which colour the only shape of its name has."""
    if not scene.single():
        return None
    shape = _pick(scene.single(), rng)
    return _valued("what colour", scene, f"What colour is the {shape.name}?", shape.color)


def which_is_larger(scene: Scene, rng: Random) -> Case | None:
    """Which of two shapes is larger: by its area as well as by its box, and by far."""
    pairs = [(a, b) for a, b in itertools.permutations(scene.unique(), 2) if a.name != b.name and _is_larger(a, b)]
    if not pairs:
        return None
    larger, smaller = _pick(pairs, rng)
    first, second = (larger, smaller) if rng.random() < 0.5 else (smaller, larger)
    question = f"Which is larger, the {first.phrase} or the {second.phrase}?"

    def right(answer: Answer) -> bool:
        said = answer.value.casefold()
        return answer.complete and larger.name in said and smaller.name not in said

    return Case("which is larger", scene, question, larger.phrase, right)


def is_left_of(scene: Scene, rng: Random) -> Case | None:
    """Whether one shape lies to the left of another one, by more than half of their widths."""
    pairs = [(a, b) for a, b in itertools.permutations(scene.unique(), 2) if a.name != b.name and _are_apart(a, b)]
    if not pairs:
        return None
    one, other = _pick(pairs, rng)
    expected = _yes(one.center[0] < other.center[0])
    return _valued("left of", scene, f"Is the {one.phrase} to the left of the {other.phrase}?", expected)


KINDS: Mapping[str, Kind] = {
    "how many": how_many,
    "is there": is_there,
    "where": where,
    "what colour": what_color,
    "which is larger": which_is_larger,
    "left of": is_left_of,
}


def overlap(region: Region | None, xyxy: Xyxy) -> float:
    """Intersection over union of a region's box and a box on the same picture."""
    return 0.0 if region is None else region.iou(Region(region.image, xyxy))


def _valued(kind: str, scene: Scene, question: str, expected: str) -> Case:
    """A question that is answered by one word or number."""

    def right(answer: Answer) -> bool:
        return answer.complete and answer.value.casefold() == expected

    return Case(kind, scene, question, expected, right)


def _is_larger(one: Shape, other: Shape) -> bool:
    def extent(shape: Shape) -> float:
        left, top, right, bottom = shape.box
        return (right - left) * (bottom - top)

    return one.area > 1.5 * other.area and extent(one) > 1.5 * extent(other)


def _are_apart(one: Shape, other: Shape) -> bool:
    width = (one.box[2] - one.box[0] + other.box[2] - other.box[0]) / 2
    return abs(one.center[0] - other.center[0]) > width / 2


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def _pick(options: Sequence[T], rng: Random) -> T:
    return options[int(rng.integers(len(options)))]


def _placed(size_wh: SizeWh, others: list[Shape], rng: Random) -> Shape | None:
    """A shape that lies on the picture, away from the others; None where there is no room."""
    name, color = _pick(NAMES, rng), _pick(tuple(PALETTE), rng)
    radius = float(rng.uniform(0.09, 0.2)) * min(size_wh)
    corners = radius * _turned(_outline(name, rng), float(rng.normal(0, 12)))
    for _ in range(30):
        low, high = -corners.min(axis=0) + 3, np.array(size_wh) - corners.max(axis=0) - 3
        shape = Shape(name, color, corners + rng.uniform(low, high))
        if all(_gap(shape.box, other.box) > 6 for other in others):
            return shape
    return None


def _outline(name: str, rng: Random) -> Points:
    """Corners around (0, 0) that reach out to about 1, one of them upwards."""
    if name == "rectangle":
        half = 1 / float(rng.uniform(1.7, 2.6))
        lying = np.array([[-1, -half], [1, -half], [1, half], [-1, half]])
        return lying if rng.random() < 0.6 else lying[:, ::-1]
    if name == "star":
        radii = np.where(np.arange(10) % 2, 0.42, 1.0)
        return _polygon(10) * radii[:, None]
    return _turned(_polygon(SIDES[name]), 45 if name == "square" else 0)


def _polygon(sides: int) -> Points:
    angles = np.arange(sides) * 2 * math.pi / sides - math.pi / 2
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _turned(points: Points, degrees: float) -> Points:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turned: Points = points @ np.array([[cos, sin], [-sin, cos]])
    return turned


def _gap(one: Xyxy, other: Xyxy) -> float:
    """Pixels between two boxes along the axis on which they are further apart; below 0 when they overlap."""
    across = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return max(across, down)


def _paper(size_wh: SizeWh, rng: Random) -> NDArray[np.uint8]:
    """A pale ground, lighter in one corner than in the other."""
    base = np.array(_pick(GROUNDS, rng), dtype=np.float64)
    x, y = np.meshgrid(np.linspace(0, 1, size_wh[0]), np.linspace(0, 1, size_wh[1]))
    shade = (x + y)[:, :, None] * rng.uniform(-10, 0)
    return np.clip(base + shade, 0, 255).astype(np.uint8)


def _tinted(rgb: tuple[int, int, int], rng: Random) -> tuple[int, int, int]:
    red, green, blue = (int(np.clip(value + rng.normal(0, 5), 0, 255)) for value in rgb)
    return red, green, blue


def _photographed(picture: PIL.Image.Image, rng: Random) -> NDArray[np.uint8]:
    """With some grain, and saved as JPEG."""
    grain = rng.normal(0, rng.uniform(0, 4), (picture.height, picture.width, 1))
    grainy = np.clip(np.asarray(picture, dtype=np.float64) + grain, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    PIL.Image.fromarray(grainy).save(file, "JPEG", quality=int(rng.integers(70, 96)))
    return np.asarray(PIL.Image.open(file).convert("RGB"), dtype=np.uint8)
