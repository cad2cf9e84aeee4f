"""Things to do with a place or a picture: zoom into it, show it again, mark it, measure it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, finding, places, slots
from .codes import KINDS
from .desk import Desk, Unanswerable
from .finding import Thing
from .patterns import Table, asks
from .programs import OnEach, Program
from .words import Words, text_of


@dataclass(frozen=True)
class ZoomRegion(Program):
    """Show a region in true pixels."""

    handle: str

    @property
    def aim(self) -> str:
        """Show it."""
        return f"show {self.handle} enlarged"

    def answer(self, desk: Desk, _images: Sequence[Image]) -> Draft:
        """The handle of the new picture."""
        region = desk.region(self.handle)
        seen = desk.see("zoom", image=region.image.handle, region=self.handle)
        return _shown(seen.images, f"{self.handle} enlarged")


@dataclass(frozen=True)
class ZoomPlace(OnEach):
    """Show a part of the picture, or the place where a text stands."""

    place: places.Corner | str

    @property
    def aim(self) -> str:
        """Show it."""
        return "show that part enlarged"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The handle of the new picture."""
        if isinstance(self.place, places.Corner):
            seen = desk.see("zoom", image=image.handle, box=list(self.place.box((1, 1))))
            return _shown(seen.images, f"the {self.place.name}")
        region = places.find_line(self.place, desk.lines(image))
        return _shown(desk.see("zoom", image=image.handle, region=region.handle).images, f"“{region.text}” enlarged")


@dataclass(frozen=True)
class Look(OnEach):
    """Show a picture again."""

    @property
    def aim(self) -> str:
        """Show it."""
        return "show it"

    def on(self, desk: Desk, image: Image) -> Draft:
        """That it was shown."""
        desk.see("look", image=image.handle)
        return compose.say(f"Here is {compose.title(image)}.", image.handle, [(compose.title(image), image.handle)])


@dataclass(frozen=True)
class Mark(OnEach):
    """Draw the handles of what is found onto the picture: lines, codes, a text, or things."""

    what: str | Thing

    @property
    def aim(self) -> str:
        """Mark them."""
        return "mark them on the picture"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The handle of the marked picture, and the list of marks."""
        regions = list(self._regions(desk, image))
        if not regions:
            raise Unanswerable("I find nothing of that kind to mark.")
        handles = [region.handle for region in regions]
        seen = desk.see("mark", image=image.handle, regions=handles)
        names = [
            f"{region.handle} “{region.text}”" if region.text else f"{region.handle} {region.label}"
            for region in regions
        ]
        done = _shown(seen.images, f"the picture with {compose.counted(len(handles), 'mark')}")
        listed = compose.say("\n".join(names), "", zip(names, handles, strict=True))
        return compose.together([done, listed], "\n")

    def _regions(self, desk: Desk, image: Image) -> Sequence[Region]:
        if self.what == "lines":
            return desk.lines(image)
        if self.what == "codes":
            return desk.see("barcode", image=image.handle).regions
        if isinstance(self.what, Thing):
            return finding.find(desk, image, self.what)
        return [places.find_line(self.what, desk.lines(image))]


@dataclass(frozen=True)
class MarkRegions(Program):
    """Draw the handles of known regions."""

    handles: tuple[str, ...]

    def answer(self, desk: Desk, _images: Sequence[Image]) -> Draft:
        """The handle of the marked picture."""
        image = desk.region(self.handles[0]).image
        return _shown(desk.see("mark", image=image.handle, regions=list(self.handles)).images, "the picture with marks")


@dataclass(frozen=True)
class Measure(Program):
    """How far apart two regions are."""

    a: str
    b: str

    def answer(self, desk: Desk, _images: Sequence[Image]) -> Draft:
        """What the tool `measure` says."""
        first, second = desk.region(self.a), desk.region(self.b)
        result = desk.ask("measure", image=first.image.handle, a=first.handle, b=second.handle)
        text = result.observation.text if result.observation else ""
        return compose.say(text, "", [(text, handle) for handle in (result.call.id, self.a, self.b)])


def _shown(images: Sequence[Image], what: str) -> Draft:
    if not images:
        raise Unanswerable("The tool gave no picture back.")
    new = images[0]
    return compose.say(f"Here is {what}: {new.handle}.", new.handle, [(new.handle, new.handle)])


def _lines(words: Words) -> str | None:
    name = text_of(slots.without_articles(words))
    known = {"lines", "line", "lines of text", "text", "text lines", "words", "everything", "text regions", "all text"}
    return "lines" if name in known else None


def _corner(words: Words) -> places.Corner | None:
    place = places.place(words)
    return place if isinstance(place, places.Corner) else None


def _mark_codes(**_: str) -> Program:
    return Mark("codes")


TABLE: Table[Program] = Table(
    {
        "region": slots.region,
        "a": slots.region,
        "b": slots.region,
        "place": _corner,
        "text": slots.quoted,
        "lines": _lines,
        "codes": KINDS,
        "thing": finding.thing,
    },
    (
        asks(
            ZoomRegion,
            "zoom (in/into) (in/on/to) (the) (region) {handle:region}",
            "enlarge/magnify/crop (out) (the) (region) {handle:region}",
            "(look) (closer/close) (at) (the) region {handle:region}",
            "show/<give> (me) (the) (region) {handle:region} (closer/larger/bigger/enlarged/again)",
        ),
        asks(
            ZoomPlace,
            "zoom (in/into) (in/on/to) (the) (word/text) {place:text}",
            "enlarge/magnify/crop (out) {place:text}",
            "zoom (in/into) (in/on/to) {place}",
            "enlarge/magnify/crop (out) {place}",
            "look (closer/close) (at) {place}",
        ),
        asks(
            Look,
            "(show/look/display/see/<give>) (me) (at) (the) (<picture>/<it>) again",
            "show/look/display (me) (at) (the) (<picture>/<it>)",
        ),
        asks(
            lambda a, b: MarkRegions((a, b)),
            "mark/highlight (the) (regions) {a} [and|,] {b}",
        ),
        asks(
            lambda a: MarkRegions((a,)),
            "mark/highlight (the) (region) {a}",
        ),
        asks(
            Mark,
            "mark/highlight/number/box/outline (me) (all/every/each) (the) (of the) {what:lines}",
        ),
        asks(
            _mark_codes,
            "mark/highlight/box/outline (all) (the) {codes}",
        ),
        asks(
            Mark,
            "mark/highlight/box/outline (the) (word/text) {what:text}",
            "mark/highlight/box/outline (all/every/each) (the) {what:thing}",
        ),
        asks(
            Measure,
            "how far <is> {a} (away) from {b}",
            "(what <is>) (the) distance [between|from] {a} [and|to] {b}",
            "measure (the) (distance) (between/from) {a} [and|to] {b}",
            "how far apart <is> {a} and {b}",
        ),
    ),
)
