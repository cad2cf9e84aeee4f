"""Questions that order things: "which is larger, the circle or the square?", "is the cat left of the dog?"."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...vision.image import Image
from ..base import Draft
from . import compose, reading, searching
from .desk import Desk
from .finding import beside, find, findable, measured, none_found
from .locating import known_by_name, locate
from .naming import Thing, thing
from .nearness import ALIKE
from .patterns import Table, asks
from .places import Beside
from .programs import OnEach, Program


@dataclass(frozen=True)
class Which(OnEach):
    """Which of two things is larger, smaller, or further to one side."""

    first: Thing
    second: Thing
    how: str

    @property
    def aim(self) -> str:
        """Compare the circle and the square."""
        return f"compare the {self.first.phrase} and the {self.second.phrase}"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The one that is more so."""
        both = desk.each((self.first, self.second), lambda one: find(desk, image, one))
        for wanted, regions in zip((self.first, self.second), both, strict=True):
            if not regions:
                return none_found(image, wanted)
        values = measured(desk, image, [*both[0], *both[1]], _ORDERS[self.how])
        a, b = max(values[: len(both[0])]), max(values[len(both[0]) :])
        cite = [(self.first.phrase, both[0][0].handle), (self.second.phrase, both[1][0].handle)]
        if a == b or (self.how in ("nearer", "farther") and abs(a - b) < ALIKE):
            return compose.say(f"The {self.first.phrase} and the {self.second.phrase} are about equal.", "equal", cite)
        winner, loser = (self.first, self.second) if a > b else (self.second, self.first)
        text = f"The {winner.phrase} is {self.how} than the {loser.phrase}."
        return compose.say(text, winner.phrase, cite)


@dataclass(frozen=True)
class IsMore(OnEach):
    """Whether one thing is larger, smaller or further to one side than another."""

    first: Thing
    second: Thing
    how: str

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes when it is the one that is more so."""
        seen = Which(self.first, self.second, self.how).on(desk, image)
        if not seen.complete:
            return seen
        word = compose.yes_no(seen.value == self.first.phrase)
        pairs = [(one.quote, one.handle) for one in seen.citations]
        return compose.say(f"{word.capitalize()}: {seen.text[:1].lower()}{seen.text[1:]}", word, pairs)


_ORDERS: Mapping[str, str] = {
    "larger": "largest",
    "smaller": "smallest",
    "taller": "tallest",
    "wider": "widest",
    "nearer": "nearest",
    "farther": "farthest",
    "further left": "leftmost",
    "further right": "rightmost",
    "higher": "topmost",
    "lower": "lowest",
}
"""How one of two things is -> how the most extreme of several is."""


def _which(how: str) -> Callable[..., Program]:
    return lambda a, b: Which(a, b, how)


def _is_more(how: str) -> Callable[..., Program]:
    return lambda a, b: IsMore(a, b, how)


@dataclass(frozen=True)
class NextTo(OnEach):
    """What is on one side of a thing: the nearest other thing there, or the text where nothing finds such things."""

    anchor: Thing
    side: str

    def on(self, desk: Desk, image: Image) -> Draft:
        """The kind of that thing; text beside the word where no tool finds the thing."""
        known = known_by_name(desk, self.anchor)
        if not findable(desk, self.anchor) or (not known and self._is_text(desk, image)):
            return reading.ReadText(Beside(self.side, self.anchor.written)).on(desk, image)
        found = find(desk, image, self.anchor)
        if len(found) != 1:
            number = compose.counted(len(found), self.anchor.phrase, self.anchor.phrases)
            return compose.cannot(f"I find {number}, so I cannot say.")
        one = found[0]
        there = beside(locate(desk, image, self.anchor).all, found, self.side)
        if not there:
            return compose.say(
                f"I find nothing {self.side} the {self.anchor.phrase}.", "nothing", [(one.label, one.handle)]
            )
        nearest = min(there, key=lambda region: math.dist(region.center, one.center))
        text = f"{compose.with_article(nearest.label).capitalize()} is {self.side} the {self.anchor.phrase}."
        return compose.say(text, nearest.label, [(nearest.label, nearest.handle), (self.anchor.phrase, one.handle)])

    def _is_text(self, desk: Desk, image: Image) -> bool:
        return "ocr" in desk.tools and bool(searching.holding(self.anchor.written, desk.lines(image)))


def _next_to(side: str) -> Callable[..., Program]:
    return lambda anchor: NextTo(anchor, side)


_WHAT = "what/which (shape/thing/object) <is> (there)"
_AB = "(,/:) (the) {a} or (the) {b}"
_WHICH = "what/which (one) (of) (the) (two/these/them) <is>"
_CAMERA = "(to the camera|to us|to me|away) (from (the/<me>) (camera))"

TABLE: Table[Program] = Table(
    {"a": thing, "b": thing, "anchor": thing},
    (
        asks(
            _next_to("left of"),
            f"{_WHAT} (to/on) (the) left (side) of {{anchor}}",
        ),
        asks(
            _next_to("right of"),
            f"{_WHAT} (to/on) (the) right (side) of {{anchor}}",
        ),
        asks(
            _next_to("above"),
            f"{_WHAT} above/over {{anchor}}",
        ),
        asks(
            _next_to("below"),
            f"{_WHAT} below/under/beneath {{anchor}}",
        ),
        asks(
            _next_to("next to"),
            f"{_WHAT} [next to|beside|near|close to] {{anchor}}",
        ),
        asks(
            _which("larger"),
            f"{_WHICH} (the) larger/bigger/greater/largest/biggest {_AB}",
        ),
        asks(
            _which("smaller"),
            f"{_WHICH} (the) smaller/smallest {_AB}",
        ),
        asks(
            _which("taller"),
            f"{_WHICH} (the) taller/tallest {_AB}",
        ),
        asks(
            _which("wider"),
            f"{_WHICH} (the) wider/widest {_AB}",
        ),
        asks(
            _which("nearer"),
            f"{_WHICH} (the) nearer/closer/nearest/closest {_CAMERA} {_AB}",
            f"{_WHICH} in front {_AB}",
        ),
        asks(
            _which("farther"),
            f"{_WHICH} (the) farther/further/farthest/furthest {_CAMERA} {_AB}",
        ),
        asks(
            _which("further left"),
            f"{_WHICH} (further) (to) (the) left {_AB}",
        ),
        asks(
            _which("further right"),
            f"{_WHICH} (further) (to) (the) right {_AB}",
        ),
        asks(
            _which("higher"),
            f"{_WHICH} higher (up) {_AB}",
        ),
        asks(
            _which("lower"),
            f"{_WHICH} lower (down) {_AB}",
        ),
        asks(
            _is_more("larger"),
            "<is> (the) {a} larger/bigger/greater than (the) {b}",
        ),
        asks(
            _is_more("smaller"),
            "<is> (the) {a} smaller than (the) {b}",
        ),
        asks(
            _is_more("taller"),
            "<is> (the) {a} taller than (the) {b}",
        ),
        asks(
            _is_more("wider"),
            "<is> (the) {a} wider than (the) {b}",
        ),
        asks(
            _is_more("nearer"),
            f"<is> (the) {{a}} nearer/closer {_CAMERA} than (the) {{b}}",
            "<is> (the) {a} in front of (the) {b}",
        ),
        asks(
            _is_more("farther"),
            f"<is> (the) {{a}} farther/further {_CAMERA} than (the) {{b}}",
            "<is> (the) {a} behind (the) {b}",
        ),
        asks(
            _is_more("further left"),
            "<is> (the) {a} (to) (the) left of (the) {b}",
        ),
        asks(
            _is_more("further right"),
            "<is> (the) {a} (to) (the) right of (the) {b}",
        ),
        asks(
            _is_more("higher"),
            "<is> (the) {a} above/over (the) {b}",
        ),
        asks(
            _is_more("lower"),
            "<is> (the) {a} below/under/beneath (the) {b}",
        ),
    ),
)
