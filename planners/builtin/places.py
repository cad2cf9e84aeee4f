"""Places on a picture as people name them: "in the top left", "on the second line", "below 'Foo'"."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from rapidfuzz import fuzz

from ...vision.frame import SizeWh, Xyxy
from ...vision.region import Region
from . import slots
from .desk import Unanswerable
from .patterns import Table, asks
from .words import Words

Lines: TypeAlias = Sequence[Region]

ALIKE = 86
"""From this score (0-100) on, text that was read counts as the text that was asked for, misread or misspelt."""


class Place(ABC):
    """A place that picks lines of text."""

    @property
    @abstractmethod
    def phrase(self) -> str:
        """Where it is, as in "on line 2"; starts with a preposition."""

    @abstractmethod
    def pick(self, lines: Lines) -> Lines:
        """The lines there. Raises `Unanswerable` when the place itself is not found."""


@dataclass(frozen=True)
class Everywhere(Place):
    """The whole picture."""

    @property
    def phrase(self) -> str:
        """On the picture."""
        return "on the picture"

    def pick(self, lines: Lines) -> Lines:
        """All lines."""
        return lines


@dataclass(frozen=True)
class OnLine(Place):
    """A line by number, from 1; negative numbers count from the end. Lines side by side are one line."""

    number: int

    @property
    def phrase(self) -> str:
        """On line 2."""
        return "on the last line" if self.number == -1 else f"on line {self.number}"

    def pick(self, lines: Lines) -> Lines:
        """The lines of that row."""
        rows = rows_of(lines)
        at = self.number - 1 if self.number > 0 else self.number
        if not -len(rows) <= at < len(rows):
            raise Unanswerable(f"I read {len(rows)} lines of text, so there is no line {abs(self.number)}.")
        return rows[at]


@dataclass(frozen=True)
class Corner(Place):
    """A third of the picture in each direction: top/bottom or nothing, left/right or nothing."""

    name: str

    @property
    def phrase(self) -> str:
        """In the top left."""
        return f"at the {self.name}" if " " not in self.name else f"in the {self.name}"

    def box(self, size_wh: SizeWh) -> Xyxy:
        """Its box on a picture of that size: a third, and half where only one direction is named."""
        width, height = size_wh
        left, right = _span(self.name, "left", "right", width)
        top, bottom = _span(self.name, "top", "bottom", height)
        return (left, top, right, bottom)

    def pick(self, lines: Lines) -> Lines:
        """The lines whose middle is there."""
        return [line for line in lines if _holds(self.box(line.image.size_wh), line.center)]


@dataclass(frozen=True)
class Beside(Place):
    """Next to a text: `below`, `above`, `right of`, `left of`, `next to` or `after`."""

    side: str
    text: str

    @property
    def phrase(self) -> str:
        """Below “Foo”."""
        return f"{self.side} “{self.text}”"

    def pick(self, lines: Lines) -> Lines:
        """The nearest line on that side."""
        anchor = find_line(self.text, lines)
        test = _SIDES[self.side]
        rest = _rest_of(anchor, self.text) if self.side in ("next to", "right of", "after") else None
        if rest is not None:
            return [rest]
        there = [line for line in lines if line is not anchor and test(anchor, line)]
        return sorted(there, key=lambda line: _distance(anchor, line))[:1]


@dataclass(frozen=True)
class Between(Place):
    """Between two texts, in reading order."""

    first: str
    last: str

    @property
    def phrase(self) -> str:
        """Between “X” and “Y”."""
        return f"between “{self.first}” and “{self.last}”"

    def pick(self, lines: Lines) -> Lines:
        """The lines after the one text and before the other."""
        kept = list(lines)
        start, end = sorted((kept.index(find_line(self.first, lines)), kept.index(find_line(self.last, lines))))
        return kept[start + 1 : end]


def rows_of(lines: Lines) -> list[list[Region]]:
    """Lines grouped as they stand side by side; by their `row` where the tool gives it."""
    rows: dict[object, list[Region]] = {}
    for at, line in enumerate(lines):
        rows.setdefault(line.attributes.get("row", f"line {at}"), []).append(line)
    return list(rows.values())


def find_line(wanted: str, lines: Lines) -> Region:
    """The line that says it, or best resembles it. Raises `Unanswerable` when none does."""
    sought = plain(wanted)
    whole = [line for line in lines if f" {sought} " in f" {plain(line.text or '')} "] if sought else []
    if whole:
        return min(whole, key=lambda line: plain(line.text or "") != sought)
    scored = [(fuzz.partial_ratio(sought, plain(line.text or "")), line) for line in lines if line.text]
    score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    if best is None or score < ALIKE or len(plain(best.text or "")) < len(plain(wanted)) - 2:
        closest = f" The closest is “{best.text}”." if best is not None else ""
        raise Unanswerable(f"I read {len(lines)} lines and none says “{wanted}”.{closest}")
    return best


def _rest_of(line: Region, start: str) -> Region | None:
    """What a line says after a text at its start: 12/03 of "Date: 12/03"; None when it says no more."""
    text = line.text or ""
    _, found, rest = text.casefold().partition(start.casefold())
    tail = text[len(text) - len(rest) :].strip(" :.-\t") if found else ""
    return replace(line, text=tail) if tail else None


def plain(text: str) -> str:
    """Text as it is compared: lower case, letters and digits only, single spaces."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())


def position(region: Region) -> str:
    """Where a region is on its picture, in words: "top left", "middle", "right"."""
    (x, y), (width, height) = region.center, region.image.size_wh
    row = "top" if y < height / 3 else "bottom" if y > height * 2 / 3 else ""
    column = "left" if x < width / 3 else "right" if x > width * 2 / 3 else ""
    return f"{row} {column}".strip() or "middle"


def standing(region: Region) -> str:
    """Where a region is, as part of a sentence: "at the top left", "in the middle"."""
    where = position(region)
    return "in the middle" if where == "middle" else f"at the {where}"


def _span(name: str, low: str, high: str, length: int) -> tuple[float, float]:
    if low in name:
        return (0.0, length * (0.5 if name != low else 1 / 3))
    if high in name:
        return (length * (0.5 if name != high else 2 / 3), float(length))
    return (length / 4, length * 3 / 4) if name in ("middle", "center") else (0.0, float(length))


def _holds(box: Xyxy, point: tuple[float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _shared(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return min(a[1], b[1]) - max(a[0], b[0]) > 0.3 * min(a[1] - a[0], b[1] - b[0])


def same_row(anchor: Region, line: Region) -> bool:
    """Whether one stands beside the other."""
    return _shared((anchor.xyxy[1], anchor.xyxy[3]), (line.xyxy[1], line.xyxy[3]))


def same_column(anchor: Region, line: Region) -> bool:
    """Whether one stands above the other."""
    return _shared((anchor.xyxy[0], anchor.xyxy[2]), (line.xyxy[0], line.xyxy[2]))


def _distance(a: Region, b: Region) -> float:
    return abs(a.center[0] - b.center[0]) + abs(a.center[1] - b.center[1])


_SIDES: dict[str, Callable[[Region, Region], bool]] = {
    "below": lambda anchor, line: line.center[1] > anchor.xyxy[3] and same_column(anchor, line),
    "above": lambda anchor, line: line.center[1] < anchor.xyxy[1] and same_column(anchor, line),
    "right of": lambda anchor, line: line.center[0] > anchor.xyxy[2] and same_row(anchor, line),
    "left of": lambda anchor, line: line.center[0] < anchor.xyxy[0] and same_row(anchor, line),
    "next to": same_row,
    "after": lambda anchor, line: (
        (line.center[0] > anchor.xyxy[2] and same_row(anchor, line)) or line.center[1] > anchor.xyxy[3]
    ),
}

_CORNERS = {
    f"{row} {column}".strip(): f"{_row} {_column}".strip()
    for row, _row in {"": "", "top": "top", "upper": "top", "bottom": "bottom", "lower": "bottom"}.items()
    for column, _column in {"": "", "left": "left", "right": "right"}.items()
    if row not in ("", "upper", "lower") or column
} | {"left": "left", "right": "right", "middle": "middle", "center": "middle"}


def _beside(side: str) -> Callable[..., Place]:
    return lambda text: Beside(side, text)


def _after_corner(words: Words) -> str | None:
    return _CORNERS.get(" ".join(word.text for word in words))


PLACES: Table[Place] = Table(
    {
        "text": slots.text,
        "n": slots.count,
        "nth": slots.ordinal,
        "corner": _after_corner,
    },
    (
        asks(
            OnLine,
            "(in/on/at/of/from) (the) {number:nth} line/row (of text)",
        ),
        asks(
            OnLine,
            "(in/on/at/of/from) (the) line/row (number) {number:n}",
        ),
        asks(
            Corner,
            "(in/on/at/of/from) (the) {name:corner} (hand) (corner/part/side/half/edge/area/third) (of (the) "
            "<picture>)",
        ),
        asks(
            Between,
            "(in) between {first:text} and {last:text}",
        ),
        asks(
            _beside("below"),
            "[below|under|beneath|underneath|just below|right under] {text}",
        ),
        asks(
            _beside("above"),
            "[above|over|just above] {text}",
        ),
        asks(
            _beside("right of"),
            "(to/on) (the) right (side) of {text}",
        ),
        asks(
            _beside("left of"),
            "(to/on) (the) left (side) of {text}",
        ),
        asks(
            _beside("next to"),
            "[next to|beside|near|besides|close to] {text}",
        ),
        asks(
            _beside("after"),
            "[after|following|behind] {text}",
        ),
    ),
)


def place(words: Words) -> Place | None:
    """The place that words name."""
    return PLACES.read(words)


def everywhere() -> Place:
    """The place that is meant when none is named."""
    return Everywhere()
