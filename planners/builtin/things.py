"""Questions about things: "how many circles", "is there a red triangle?", "what shape is in the image?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, documents, searching, slots
from .desk import Desk
from .fields import find_field
from .finding import Thing, everything, find, findable, no_finder, none_found, thing
from .patterns import Table, asks
from .places import position
from .programs import OnEach, Program
from .words import Words


@dataclass(frozen=True)
class AboutThings(OnEach):
    """What questions about things share."""

    thing: Thing

    @property
    def aim(self) -> str:
        """Look for red circles."""
        return f"look for the {self.thing.phrase}"


@dataclass(frozen=True)
class Exists(AboutThings):
    """Whether there is such a thing, or whether there is none."""

    negated: bool = False

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes or no, resting on the things that are there; otherwise on those that are there instead."""
        if not findable(desk, self.thing):
            return self._as_text(desk, image)
        found = find(desk, image, self.thing)
        word = compose.yes_no(bool(found) != self.negated)
        if found:
            seen = f"I find {compose.counted(len(found), self.thing.phrase)}"
            text = f"{word.capitalize()}: {seen}."
            return compose.say(text, word, [(seen, region.handle) for region in found])
        others = everything(desk, image, self.thing)
        text = f"{word.capitalize()}: I find no {self.thing.phrase}{_instead(others)}."
        return compose.say(text, word, compose.cited(others) or [(text, image.handle)])

    def _as_text(self, desk: Desk, image: Image) -> Draft:
        """A word or a field of a document can be there although no tool finds things of that name."""
        name = documents.NAMES.get(self.thing.written.casefold())
        if name is not None and not self.negated:
            return documents.ValueOf(name, presence=True).on(desk, image)
        hits = searching.holding(self.thing.written, desk.lines(image)) if "ocr" in desk.tools else []
        refusal = compose.cannot(no_finder(desk, self.thing))
        if not hits:
            return refusal
        text = f"{refusal.text} The text does say “{hits[0][0].text}”."
        return compose.cannot(text, cite=compose.cited(line for line, _ in hits))


@dataclass(frozen=True)
class CountThings(AboutThings):
    """How many such things there are."""

    def on(self, desk: Desk, image: Image) -> Draft:
        """The number, resting on each of them; a labelled value of that name where nothing finds such things."""
        if not findable(desk, self.thing):
            return _labelled(desk, image, self.thing)
        found = find(desk, image, self.thing)
        text = f"I find {compose.counted(len(found), self.thing.phrase)}."
        return compose.say(text, str(len(found)), [(text, region.handle) for region in found] or [(text, image.handle)])


@dataclass(frozen=True)
class AreSoMany(AboutThings):
    """Whether there are just so many such things."""

    number: int

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes or no, with how many there are."""
        counted = CountThings(self.thing).on(desk, image)
        if not counted.complete:
            return counted
        word = compose.yes_no(counted.value == str(self.number))
        text = f"{word.capitalize()}: {counted.text}"
        return compose.say(text, word, [(one.quote, one.handle) for one in counted.citations])


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


@dataclass(frozen=True)
class WhatIs(AboutThings):
    """What kind of thing it is: "what shape is in the image?", "what is the red shape?"."""

    def on(self, desk: Desk, image: Image) -> Draft:
        """The labels of the things."""
        found = find(desk, image, self.thing)
        if not found:
            return none_found(image, self.thing)
        kinds = [_kind(region) for region in found]
        text = f"It is {compose.with_article(kinds[0])}." if len(kinds) == 1 else f"I find {compose.kinds(kinds)}."
        cite = [(kind, region.handle) for kind, region in zip(kinds, found, strict=True)]
        return compose.say(text, ", ".join(dict.fromkeys(kinds)), cite)


@dataclass(frozen=True)
class WhereThing(AboutThings):
    """Where such things are."""

    def on(self, desk: Desk, image: Image) -> Draft:
        """The places in words and boxes; the place of a word where nothing finds such things."""
        if not findable(desk, self.thing):
            return searching.WhereIs(self.thing.written).on(desk, image)
        found = find(desk, image, self.thing)
        if not found:
            return none_found(image, self.thing)
        spots = [
            f"the {self.thing.phrase} {region.handle} is at the {position(region)}, box {_box(region)}"
            for region in found
        ]
        text = compose.sentence("; ".join(spots))
        return compose.say(
            text, position(found[0]), [(f"{self.thing.phrase} {one.handle}", one.handle) for one in found]
        )


def _labelled(desk: Desk, image: Image, wanted: Thing) -> Draft:
    lines = desk.lines(image) if "ocr" in desk.tools else ()
    found = find_field(wanted.written, lines)
    return (
        compose.cannot(no_finder(desk, wanted)) if found is None else documents.ValueOf(wanted.written).on(desk, image)
    )


def _instead(others: Sequence[Region]) -> str:
    return f"; I do find {compose.kinds(map(_kind, others))}" if others else ""


def _kind(region: Region) -> str:
    head, _, tail = region.label.partition(" ")
    return tail if tail and head.casefold() in slots.COLORS else region.label


def _box(region: Region) -> str:
    return f"[{', '.join(str(round(edge)) for edge in region.xyxy)}]"


def _colored(words: Words) -> Thing | None:
    """Things with a colour, or of a general kind: what "what is the ...?" can be answered about."""
    found = thing(words)
    return found if found is not None and (found.color or found.is_general) else None


def _general(words: Words) -> Thing | None:
    """Things of a general kind without a colour."""
    found = thing(words)
    return found if found is not None and found.is_general and not found.color else None


_IS_THERE = "(present/visible/shown/there/here/somewhere/anywhere/depicted/seen)"
_CONTAINS = "contain/have/show/include/feature/depict/contains/has/shows/includes"

TABLE: Table[Program] = Table(
    {"thing": thing, "colored": _colored, "general": _general, "color": slots.color, "n": slots.count},
    (
        asks(
            AreSoMany,
            f"<is> there (exactly/just/only) {{number:n}} {{thing}} {_IS_THERE}",
            f"<does> (the) <it>/<picture> {_CONTAINS} (exactly/just/only) {{number:n}} {{thing}}",
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
            CountThings,
            f"how many {{thing}} (<is>/can/do/<does>) (there/you/i/<it>) (see/find/have/contain) {_IS_THERE}",
            f"how many {{thing}} <does> (the) <it>/<picture> {_CONTAINS}",
            "count (all) (the) {thing}",
            "(what <is>) (the) number/count of (the) {thing}",
            "how many {thing} <is> (in/on) <it>",
        ),
        asks(
            lambda thing: Exists(thing, negated=True),
            f"<is> there not/no (a/an/any) {{thing}} {_IS_THERE}",
            f"<is> no {{thing}} {_IS_THERE}",
            f"<is> (a/an/any) {{thing}} not {_IS_THERE}",
            f"<is> not (a/an/any) {{thing}} {_IS_THERE}",
            f"<does> (the) <it>/<picture> not {_CONTAINS} (a/an/any) {{thing}}",
            f"<does> (the) <it>/<picture> {_CONTAINS} no {{thing}}",
            f"(the) <it>/<picture> {_CONTAINS} no {{thing}}",
            f"(the) <it>/<picture> <does> not {_CONTAINS} (a/an/any) {{thing}}",
            "<is> (a/an/any/the) {thing} absent/missing",
            f"no {{thing}} {_IS_THERE}",
            "is (the) <it>/<picture> [without|free of] (a/an/any) {thing}",
            "can you not see (a/an/any) {thing}",
            "can you see no {thing}",
        ),
        asks(
            Exists,
            f"<is> there (a/an/any/some/one/also) (a) {{thing}} {_IS_THERE}",
            "<is> (a/an/any/the/some) {thing} [present|visible|shown|there|here|depicted|seen|in <it>]",
            "<is> a/an/any/some {thing}",
            f"<does> (the) <it>/<picture> (also) {_CONTAINS} (a/an/any/some) {{thing}}",
            f"(the) <it>/<picture> {_CONTAINS} (a/an/any/some) {{thing}}",
            "do/can/could you see/find/spot/detect (a/an/any/some) {thing} (there)",
            "see/spot/detect (a/an/any/some) {thing} (there)",
            "find any {thing}",
            "can (a/an/any) {thing} be seen/found/spotted",
        ),
        asks(
            lambda thing, color: WhatIs(replace(thing, color=color)),
            "what/which {thing:general} <is> (colored) {color}",
        ),
        asks(
            WhatIs,
            "what/which (kind/sort/type) (of) {thing:colored} (<is>) "
            "(there/present/visible/shown/depicted/here/<it>/seen)",
            f"what/which {{thing:colored}} <does> (the) <it>/<picture> {_CONTAINS}",
            "what/which {thing:colored} do/can you/i see",
            "what (kind/sort/type) (of) (thing) <is> (the) {thing:colored}",
            "name/identify (the) {thing:colored}",
            "(what <is>) (the) [name|kind|type] of (the) {thing:colored}",
        ),
        asks(
            WhereThing,
            "where <is> (the/a/an) {thing} (located)",
            "where (can/do) (i/you) (find/see) (the/a/an) {thing}",
            "find/locate/detect/point/show/spot (me/out/to) (the/all) (the) {thing}",
            "(what <is>) (the) position/location/place/box/coordinates of (the) {thing}",
        ),
    ),
)
