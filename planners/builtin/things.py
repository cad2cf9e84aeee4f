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
from .finding import SEARCH, find, find_surely, findable, none_found, sought
from .locating import Found, no_finder
from .naming import Beside, Thing, beside, most, thing
from .patterns import Table, asks
from .places import position, standing
from .programs import OnEach, Program
from .words import Words, bag


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
        found = find_surely(desk, image, self.thing, enough=1)
        word = compose.yes_no(bool(found.regions) != self.negated)
        if found.regions:
            seen = f"I find {_number(found)}"
            text = f"{word.capitalize()}: {seen}."
            return compose.say(text, word, [(seen, region.handle) for region in found.regions])
        text = f"{word.capitalize()}: I find no {self.thing.phrase}{_instead(found.all)}."
        return compose.say(text, word, compose.cited(found.all) or [(text, image.handle)])

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
        found = find_surely(desk, image, self.thing)
        text, number = f"I find {_number(found)}.", str(len(found.regions))
        return compose.say(text, number, [(text, one.handle) for one in found.regions] or [(text, image.handle)])


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
class Either(OnEach):
    """Whether there is any of several kinds of things: "any buses or trucks"."""

    first: Thing
    second: Thing

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes when one of them is there; no when neither is."""
        both = desk.each((self.first, self.second), lambda one: Exists(one).on(desk, image))
        kept = [draft for draft in both if draft.value == "yes"] or both
        return replace(compose.together(kept), value=kept[0].value)


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
        if self.thing.most:
            text = f"It is the {kinds[0]} {found[0].handle}, {standing(found[0])}."
        cite = [(kind, region.handle) for kind, region in zip(kinds, found, strict=True)]
        return compose.say(text, ", ".join(dict.fromkeys(kinds)), cite)


@dataclass(frozen=True)
class WhereThing(AboutThings):
    """Where such things are."""

    def on(self, desk: Desk, image: Image) -> Draft:
        """The places in words and boxes; the place of a word where nothing finds such things."""
        known = findable(desk, self.thing)
        found = find(desk, image, self.thing) if known else ()
        found = found or sought(desk, image, self.thing)
        if not found and not known and not self._was_sought(desk, image):
            return searching.WhereIs(self.thing.written).on(desk, image)
        if not found:
            return none_found(image, self.thing)
        spots = [
            f"the {self.thing.phrase} {region.handle} is {standing(region)}, box {_box(region)}" for region in found
        ]
        text = compose.sentence("; ".join(spots))
        return compose.say(
            text, position(found[0]), [(f"{self.thing.phrase} {one.handle}", one.handle) for one in found]
        )

    def _was_sought(self, desk: Desk, image: Image) -> bool:
        """Whether a tool looked closely for it, and it is no word on the picture either."""
        lines = desk.lines(image) if "ocr" in desk.tools else ()
        return SEARCH in desk.tools and not searching.holding(self.thing.written, lines)


@dataclass(frozen=True)
class WhichSide(AboutThings):
    """On which side a thing is: left or right, top or bottom."""

    first: str
    second: str

    def on(self, desk: Desk, image: Image) -> Draft:
        """The side on which its middle is."""
        found = find(desk, image, self.thing)
        if len(found) != 1:
            return _not_one(image, self.thing, found)
        axis = 0 if {self.first, self.second} == {"left", "right"} else 1
        beyond = found[0].center[axis] > image.size_wh[axis] / 2
        side = ("right", "bottom")[axis] if beyond else ("left", "top")[axis]
        text = f"The {self.thing.phrase} {found[0].handle} is on the {side}."
        return compose.say(text, side, [(text, found[0].handle)])


def _not_one(image: Image, wanted: Thing, found: Sequence[Region]) -> Draft:
    """That a question about one thing has no answer where there are none or several."""
    if not found:
        return none_found(image, wanted)
    return compose.cannot(f"I find {compose.counted(len(found), wanted.phrase, wanted.phrases)}: say which one.")


def _number(found: Found) -> str:
    """`2 red circles`."""
    return compose.counted(len(found.regions), found.wanted.phrase, found.wanted.phrases)


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


def _anyone(words: Words) -> Thing | None:
    """Anyone, somebody."""
    said = len(words) == 1 and words[0].text in bag("anyone anybody someone somebody")
    return thing(words) if said else None


def _small(words: Words) -> Thing | None:
    """A thing that is said to be small: to look closely for it."""
    rest = slots.without_articles(words)
    return thing(rest[1:]) if len(rest) > 1 and rest[0].text in bag("tiny little small hidden") else thing(words)


def _in_order(thing: Thing, most: str) -> Program:
    """Which car is nearer? asks for the nearest car."""
    return WhatIs(replace(thing, most=most))


_IS_THERE = "(present/visible/shown/there/here/somewhere/anywhere/depicted/seen) (in total/altogether/overall)"
_CONTAINS = "contain/have/show/include/feature/depict/contains/has/shows/includes"
_SIDE = "(on/at/in) (the) "

TABLE: Table[Program] = Table(
    {
        "thing": thing,
        "colored": _colored,
        "general": _general,
        "anyone": _anyone,
        "small": _small,
        "color": slots.color,
        "n": slots.count,
        "beside": beside,
        "most": most,
        "side": slots.one_of({side: side for side in ("left", "right", "top", "bottom")}),
    },
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
            lambda thing, beside: CountThings(replace(thing, beside=beside)),
            "how many {thing} <is> (there) {beside}",
        ),
        asks(
            lambda thing, anchor: CountThings(replace(thing, beside=Beside("in", anchor))),
            "how many {thing} <does> {anchor:thing} have",
        ),
        asks(
            Either,
            f"<is> there (a/an/any/some) {{first:thing}} or (a/an/any/some) {{second:thing}} {_IS_THERE}",
            f"<does> (the) <it>/<picture> {_CONTAINS} (a/an/any/some) {{first:thing}} or (a/an/any) {{second:thing}}",
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
            "any {thing} (there/here)",
            "<is> {thing:anyone} (there/here/visible/shown/present)",
            "can (a/an/any) {thing} be seen/found/spotted",
        ),
        asks(
            lambda thing, beside: Exists(replace(thing, beside=beside)),
            "<is> (a/an/any/the/some) {thing} (there) {beside}",
        ),
        asks(
            _in_order,
            "what/which (one) (of) (the/these) {thing} <is> (the) {most}",
        ),
        asks(
            lambda most: WhatIs(Thing("object", most=most)),
            "what/which (thing/object/one) <is> (the) {most}",
        ),
        asks(
            lambda most: WhatIs(Thing("person", most=most)),
            "who <is> (the) {most}",
        ),
        asks(
            lambda thing, beside: WhatIs(replace(thing, beside=beside)),
            "what/which {thing:general} <is> (there) {beside}",
        ),
        asks(
            lambda beside: WhatIs(Thing("object", beside=beside)),
            "what <is> (there/lying/standing) {beside}",
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
            "find/locate/detect/point/spot (me/out/to) (the/all) (the) {thing}",
            "(what <is>) (the) position/location/place/box/coordinates of (the) {thing}",
            "look for/after (the/a/an/some) {thing:small}",
            "[can|could|do] you find/see/spot/locate (the/a/an) {thing:small}",
            "find/locate/spot (me) (the/a/an) {thing:small}",
        ),
        asks(
            WhichSide,
            f"<is> (the) {{thing}} {_SIDE}{{first:side}} or {_SIDE}{{second:side}} (side)",
            f"(on) which side <is> (the) {{thing}} , {_SIDE}{{first:side}} or {_SIDE}{{second:side}} (side)",
        ),
    ),
)
