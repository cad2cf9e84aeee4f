"""Questions that order things: "which is larger, the circle or the square?", "is the cat left of the dog?"."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, reading
from .desk import Desk
from .finding import KINDS, Thing, everything, find, findable, none_found, size_of, thing
from .patterns import Table, asks
from .places import Beside
from .programs import OnEach, Program
from .words import Words


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
        measure = _MEASURES[self.how]
        a, b = (max(map(measure, regions)) for regions in both)
        cite = [(self.first.phrase, both[0][0].handle), (self.second.phrase, both[1][0].handle)]
        if a == b:
            return compose.say(f"The {self.first.phrase} and the {self.second.phrase} are equal.", "equal", cite)
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


_MEASURES: Mapping[str, Callable[[Region], float]] = {
    "larger": size_of,
    "smaller": lambda region: -size_of(region),
    "further left": lambda region: -region.center[0],
    "further right": lambda region: region.center[0],
    "higher": lambda region: -region.center[1],
    "lower": lambda region: region.center[1],
}


def _which(how: str) -> Callable[..., Program]:
    return lambda a, b: Which(a, b, how)


def _is_more(how: str) -> Callable[..., Program]:
    return lambda a, b: IsMore(a, b, how)


@dataclass(frozen=True)
class NextTo(OnEach):
    """What is on one side of a thing: the nearest other thing there, or the text where nothing finds such things."""

    anchor: Thing
    how: str
    side: str

    def on(self, desk: Desk, image: Image) -> Draft:
        """The kind of that thing; text beside the word where no tool finds the thing."""
        if not findable(desk, self.anchor):
            return reading.ReadText(Beside(self.side, self.anchor.written)).on(desk, image)
        found = find(desk, image, self.anchor)
        if len(found) != 1:
            return compose.cannot(f"I find {compose.counted(len(found), self.anchor.phrase)}, so I cannot say.")
        measure, one = _MEASURES[self.how], found[0]
        others = [region for region in everything(desk, image, self.anchor) if region.handle != one.handle]
        there = [region for region in others if measure(region) > measure(one)]
        if not there:
            return compose.say(
                f"I find nothing {self.side} the {self.anchor.phrase}.", "nothing", [(one.label, one.handle)]
            )
        nearest = min(there, key=lambda region: math.dist(region.center, one.center))
        text = f"{compose.with_article(nearest.label).capitalize()} is {self.side} the {self.anchor.phrase}."
        return compose.say(text, nearest.label, [(nearest.label, nearest.handle), (self.anchor.phrase, one.handle)])


def _next_to(how: str, side: str) -> Callable[..., Program]:
    return lambda anchor: NextTo(anchor, how, side)


def _kind(words: Words) -> Thing | None:
    """A thing of a kind that is known by name, such as a shape; any other word may be text."""
    found = thing(words)
    known = found is not None and any(found.noun in kinds for kinds in KINDS.values())
    return found if known else None


_WHAT = "what/which (shape/thing/object) <is> (there)"

_WHICH = "what/which (one) <is> {how}, (the) {a} or (the) {b}"

TABLE: Table[Program] = Table(
    {"a": thing, "b": thing, "anchor": _kind},
    (
        asks(
            _next_to("further left", "left of"),
            f"{_WHAT} (to/on) (the) left (side) of {{anchor}}",
        ),
        asks(
            _next_to("further right", "right of"),
            f"{_WHAT} (to/on) (the) right (side) of {{anchor}}",
        ),
        asks(
            _next_to("higher", "above"),
            f"{_WHAT} above/over {{anchor}}",
        ),
        asks(
            _next_to("lower", "below"),
            f"{_WHAT} below/under/beneath {{anchor}}",
        ),
        asks(
            _which("larger"),
            _WHICH.replace("{how},", "larger/bigger/greater/largest/biggest (,)"),
        ),
        asks(
            _which("smaller"),
            _WHICH.replace("{how},", "smaller/smallest (,)"),
        ),
        asks(
            _which("further left"),
            _WHICH.replace("{how},", "(further) (to) (the) left (,)"),
        ),
        asks(
            _which("further right"),
            _WHICH.replace("{how},", "(further) (to) (the) right (,)"),
        ),
        asks(
            _which("higher"),
            _WHICH.replace("{how},", "higher (up) (,)"),
        ),
        asks(
            _which("lower"),
            _WHICH.replace("{how},", "lower (down) (,)"),
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
