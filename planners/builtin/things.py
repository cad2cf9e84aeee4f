"""Questions which things there are, where, and how large: "what shape is in the image?", "where is the dog?"."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, searching, slots
from .about import CONTAINS, AboutThings, kind_of, not_one
from .closer import SEARCH, UNTIL_FIRST, Sought, sought
from .desk import Desk
from .finding import find, findable, none_found
from .naming import Thing, beside, most, side, thing
from .patterns import Table, asks
from .places import position, standing
from .programs import Program
from .words import Words, bag


@dataclass(frozen=True)
class WhatIs(AboutThings):
    """What kind of thing it is: "what shape is in the image?", "what is the red shape?"."""

    def on(self, desk: Desk, image: Image) -> Draft:
        """The labels of the things."""
        found = find(desk, image, self.thing)
        if not found:
            return none_found(image, self.thing)
        kinds = [kind_of(region) for region in found]
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
        closer = Sought() if found else sought(desk, image, self.thing)
        found = found or closer.regions
        if not found and not known and not self._was_sought(desk, image):
            return searching.WhereIs(self.thing.written).on(desk, image)
        if not found:
            return none_found(image, self.thing, closer.why)
        spots = [
            f"the {self.thing.phrase} {region.handle} is {standing(region)}, box {_box(region)}" for region in found
        ]
        cite = [(f"{self.thing.phrase} {one.handle}", one.handle) for one in found]
        told = compose.say(compose.sentence("; ".join(spots)), position(found[0]), cite)
        among_more = self.thing.most and closer.regions
        return compose.together([told, Draft(UNTIL_FIRST, complete=False)]) if among_more else told

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
            return not_one(image, self.thing, found)
        axis = 0 if {self.first, self.second} == {"left", "right"} else 1
        beyond = found[0].center[axis] > image.size_wh[axis] / 2
        side = ("right", "bottom")[axis] if beyond else ("left", "top")[axis]
        text = f"The {self.thing.phrase} {found[0].handle} is on the {side}."
        return compose.say(text, side, [(text, found[0].handle)])


@dataclass(frozen=True)
class SizeOf(AboutThings):
    """How large a thing is on the picture."""

    def on(self, desk: Desk, image: Image) -> Draft:
        """Its width and height in pixels: how large it is in the world, no picture tells."""
        found = find(desk, image, self.thing)
        if len(found) != 1:
            return not_one(image, self.thing, found)
        left, top, right, bottom = found[0].xyxy
        size = f"{right - left:.0f} × {bottom - top:.0f} pixels"
        text = f"The {self.thing.phrase} {found[0].handle} is {size} on the picture; no tool tells its true size."
        return compose.say(text, size, [(size, found[0].handle)])


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


def _small(words: Words) -> Thing | None:
    """A thing that is said to be small: to look closely for it."""
    rest = slots.without_articles(words)
    return thing(rest[1:]) if len(rest) > 1 and rest[0].text in bag("tiny little small hidden") else thing(words)


def _in_order(thing: Thing, most: str) -> Program:
    """Which car is nearer? asks for the nearest car."""
    return WhatIs(replace(thing, most=most))


_SIDE = "(on/at/in) (the) "

TABLE: Table[Program] = Table(
    {
        "thing": thing,
        "colored": _colored,
        "general": _general,
        "small": _small,
        "color": slots.color,
        "beside": beside,
        "most": most,
        "edge": slots.one_of({edge: edge for edge in ("left", "right", "top", "bottom")}),
        "side": side,
    },
    (
        asks(
            _in_order,
            "what/which (one) (of) (the/these) {thing} <is> (the) {most}",
        ),
        asks(
            lambda thing, side: WhatIs(replace(thing, most=side)),
            "what/which {thing:general} <is> (there) {side}",
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
            f"what/which {{thing:colored}} <does> (the) <it>/<picture> {CONTAINS}",
            "what/which {thing:colored} do/can you/i see",
            "what (kind/sort/type) (of) (thing) <is> (the) {thing:colored}",
            "name/identify/list (me) (all) (of) (the) {thing:colored}",
            "(what <is>) (the) [name|kind|type] of (the) {thing:colored}",
        ),
        asks(
            lambda: WhatIs(Thing("object")),
            "count/list/detect/find/name/identify everything (you) (see/find/can) (see)",
            "what (things/objects) can/do you detect/recognize/recognise (here)",
        ),
        asks(
            lambda thing, color: WhereThing(replace(thing, color=color)),
            "what/which (one/ones) (of) (the/these) {thing} <is> (colored) {color}",
        ),
        asks(
            SizeOf,
            "how big/large/tall/wide/high <is> (the) {thing}",
            "(what <is>) (the) size/height/width/dimensions of (the) {thing}",
        ),
        asks(
            WhereThing,
            "where <is> (the/a/an) {thing} (located)",
            "(show/tell) (me) where (the/a/an) {thing} <is> (located)",
            "where (can/do) (i/you) (find/see) (the/a/an) {thing}",
            "find/locate/detect/point/spot (me/out/to) (the/all) (the) {thing}",
            "(what <is>) (the) position/location/place/box/coordinates of (the) {thing}",
            "look for/after (the/a/an/some) {thing:small}",
            "[can|could|do] you find/see/spot/locate (the/a/an) {thing:small}",
            "find/locate/spot (me) (the/a/an) {thing:small}",
        ),
        asks(
            WhichSide,
            f"<is> (the) {{thing}} {_SIDE}{{first:edge}} or {_SIDE}{{second:edge}} (side)",
            f"(on) which side <is> (the) {{thing}} , {_SIDE}{{first:edge}} or {_SIDE}{{second:edge}} (side)",
        ),
    ),
)
