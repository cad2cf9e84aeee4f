"""Questions for numbers of things: "how many circles?", "are there at least two cars?", "more cats than dogs?"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from ...vision.image import Image
from ..base import Draft
from . import compose, documents, slots
from .about import CONTAINS, IS_THERE, AboutThings, number_of
from .desk import Desk
from .fields import find_field
from .finding import find_surely, findable
from .locating import no_finder
from .naming import Beside, Thing, beside, thing
from .patterns import Table, asks
from .programs import OnEach, Program


@dataclass(frozen=True)
class CountThings(AboutThings):
    """How many such things there are."""

    def on(self, desk: Desk, image: Image) -> Draft:
        """The number, resting on each of them; a labelled value of that name where nothing finds such things."""
        if not findable(desk, self.thing):
            return _labelled(desk, image, self.thing)
        found = find_surely(desk, image, self.thing)
        only = f" (looked for: {found.looked_for})" if found.looked_for else ""
        text, number = f"I find {number_of(found)}{only}.", str(len(found.regions))
        return compose.say(text, number, [(text, one.handle) for one in found.regions] or [(text, image.handle)])


@dataclass(frozen=True)
class CountTogether(OnEach):
    """How many there are of several kinds of things in all."""

    things: tuple[Thing, ...]

    def on(self, desk: Desk, image: Image) -> Draft:
        """The sum, with each number."""
        counted = desk.each(self.things, lambda one: CountThings(one).on(desk, image))
        told = compose.together(counted)
        if not told.complete:
            return replace(told, value="")
        total = str(sum(int(draft.value) for draft in counted))
        pairs = [(one.quote, one.handle) for one in told.citations]
        return compose.say(f"{told.text} That makes {total}.", total, pairs)


@dataclass(frozen=True)
class AreSoMany(AboutThings):
    """Whether there are just so many such things, or at least or at most so many, more or fewer."""

    number: int
    how: str = "exactly"

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes or no, with how many there are."""
        counted = CountThings(self.thing).on(desk, image)
        if not counted.complete:
            return counted
        word = compose.yes_no(_COMPARES[self.how](int(counted.value), self.number))
        text = f"{word.capitalize()}: {counted.text}"
        return compose.say(text, word, [(one.quote, one.handle) for one in counted.citations])


_COMPARES: Mapping[str, Callable[[int, int], bool]] = {
    "exactly": lambda found, number: found == number,
    "at least": lambda found, number: found >= number,
    "at most": lambda found, number: found <= number,
    "more than": lambda found, number: found > number,
    "fewer than": lambda found, number: found < number,
}


@dataclass(frozen=True)
class MoreThan(OnEach):
    """Whether there are more things of one kind than of another, or fewer."""

    first: Thing
    second: Thing
    fewer: bool = False

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes or no, with both numbers."""
        both = desk.each((self.first, self.second), lambda one: CountThings(one).on(desk, image))
        if not all(draft.complete for draft in both):
            return compose.together(both)
        a, b = (int(draft.value) for draft in both)
        word = compose.yes_no(a < b if self.fewer else a > b)
        counts = compose.together(both)
        pairs = [(one.quote, one.handle) for one in counts.citations]
        return compose.say(f"{word.capitalize()}: {counts.text}", word, pairs)


def _labelled(desk: Desk, image: Image, wanted: Thing) -> Draft:
    """A number that is printed beside that name: 4, of "Guests: 4"; any other text is no number of things."""
    lines = desk.lines(image) if "ocr" in desk.tools else ()
    found = find_field(wanted.written, lines)
    if found is None or not found.value.isdigit():
        return compose.cannot(no_finder(desk, wanted))
    return documents.ValueOf(wanted.written).on(desk, image)


def _so_many(how: str) -> Callable[..., Program]:
    return lambda number, thing: AreSoMany(thing, number, how)


_N = "{number:n} {thing}"

TABLE: Table[Program] = Table(
    {"thing": thing, "a": thing, "b": thing, "n": slots.count, "beside": beside},
    (
        *(
            asks(
                _so_many(how),
                f"<is> there {said} {_N} {IS_THERE}",
                f"<does> (the) <it>/<picture> {CONTAINS} {said} {_N}",
            )
            for how, said in {
                "exactly": "(exactly/just/only)",
                "at least": "[at least|no fewer than|no less than]",
                "at most": "[at most|no more than|not more than]",
                "more than": "more than",
                "fewer than": "[fewer|less] than",
            }.items()
        ),
        asks(
            MoreThan,
            "<is> there more {first:thing} than {second:thing}",
        ),
        asks(
            partial(MoreThan, fewer=True),
            "<is> there fewer/less {first:thing} than {second:thing}",
        ),
        asks(
            lambda a, b: CountTogether((a, b)),
            "how many {a} [and|or|plus|&] {b} (<is> (there)|can you see) [in total|altogether|overall|in all|together]",
        ),
        asks(
            CountThings,
            f"how many {{thing}} (<is>/can/do/<does>) (there/you/i/<it>) (see/find/have/contain) {IS_THERE}",
            f"how many {{thing}} <does> (the) <it>/<picture> {CONTAINS}",
            "count (all) (the) {thing}",
            "(what <is>) (the) number/count of (the) {thing}",
            "how many {thing} <is> (in/on) <it>",
        ),
        asks(
            lambda thing, beside: CountThings(replace(thing, beside=beside)),
            "how many {thing} <is> (there) {beside}",
        ),
        asks(
            lambda thing, anchor: CountThings(replace(thing, beside=Beside("in", anchor))),
            "how many {thing} <does> {anchor:thing} have",
        ),
    ),
)
