"""What has a colour: the picture, its background, a region, a corner, a text, or things that a tool finds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from ...tools.calls import Observation
from ...vision.image import Image
from ...vision.region import Region
from . import finding, places, slots
from .desk import Desk, Unanswerable
from .locating import no_finder
from .naming import Thing, thing
from .palette import Palette
from .patterns import Table, asks
from .tints import color_of, colors_of
from .words import Words, bag

PAGES = bag("sign label page paper document receipt invoice banner poster card slip sheet board sticker")
"""Nouns that mean the picture as a whole where nothing finds them."""
SIGNS = bag("sign banner poster sticker board billboard")
"""Those of them that may fill a part of the picture only."""


@dataclass(frozen=True)
class Sample:
    """A colour that was measured: of what, its names with the most telling one first, and what it rests on."""

    what: str
    names: Sequence[str]
    handle: str


class Target(ABC):
    """Something that has a colour."""

    @abstractmethod
    def samples(self, desk: Desk, image: Image) -> Sequence[Sample]:
        """Its colours. Raises `Unanswerable` when it is not there."""


@dataclass(frozen=True)
class Whole(Target):
    """The picture itself, or its background."""

    part: str = "picture"

    def samples(self, desk: Desk, image: Image) -> Sequence[Sample]:
        """What covers most of it."""
        palette = Palette.of(desk.see("color", image=image.handle))
        names = palette.surface if self.part == "background" else palette.prevailing
        return [Sample(f"the {self.part}", names, image.handle)]


@dataclass(frozen=True)
class Handle(Target):
    """A region or a picture by its handle."""

    handle: str

    def samples(self, desk: Desk, _image: Image) -> Sequence[Sample]:
        """What covers most of it."""
        if self.handle.startswith("img_"):
            seen = desk.see("color", image=desk.image(self.handle).handle)
            return [Sample(self.handle, Palette.of(seen).prevailing, self.handle)]
        return [Sample(self.handle, color_of(desk, desk.region(self.handle)), self.handle)]


@dataclass(frozen=True)
class Corner(Target):
    """A part of the picture: the top left, the middle."""

    place: places.Corner

    def samples(self, desk: Desk, image: Image) -> Sequence[Sample]:
        """What covers most of it. The box is in the unit of this planner, 0 to 1."""
        call = desk.ask("color", image=image.handle, box=list(self.place.box((1, 1))))
        return [
            Sample(f"the {self.place.name}", Palette.of(call.observation or Observation()).prevailing, call.call.id)
        ]


@dataclass(frozen=True)
class TextAt(Target):
    """The place where a text stands."""

    text: str

    def samples(self, desk: Desk, image: Image) -> Sequence[Sample]:
        """The colour in which it is written."""
        line = places.find_line(self.text, desk.lines(image))
        return [Sample(f"“{line.text}”", color_of(desk, line), line.handle)]


@dataclass(frozen=True)
class AllText(Target):
    """All the text on a picture: the colour in which it is written, or else the colour it is written on."""

    behind: str = ""

    def samples(self, desk: Desk, image: Image) -> Sequence[Sample]:
        """One colour when the lines agree, and otherwise that of each; the tallest lines stand for all."""
        lines = sorted((line for line in desk.lines(image) if line.text), key=_height, reverse=True)[:SHOWN_LINES]
        if not lines:
            raise Unanswerable(f"I find no text on {image.name or image.handle}.")
        if self.behind:
            return [self._surface(desk, lines[0])]
        named = colors_of(desk, lines)
        if len({names[:1] for names in map(tuple, named)}) == 1:
            return [Sample("the text", named[0], lines[0].handle)]
        return [Sample(f"“{line.text}”", names, line.handle) for line, names in zip(lines, named, strict=True)]

    def _surface(self, desk: Desk, line: Region) -> Sample:
        seen = desk.see("color", image=line.image.handle, region=line.handle)
        return Sample(f"the {self.behind}, around its text,", Palette.of(seen).surface, line.handle)


def _height(line: Region) -> float:
    return line.xyxy[3] - line.xyxy[1]


SHOWN_LINES = 4


@dataclass(frozen=True)
class Things(Target):
    """Things that a tool finds; pages and signs are the picture, other names may be words on it."""

    thing: Thing

    def samples(self, desk: Desk, image: Image) -> Sequence[Sample]:
        """The colour of each of them."""
        if not finding.findable(desk, self.thing):
            if self.thing.noun in PAGES:
                return self._as_page(desk, image)
            return self._as_text(desk, image)
        found = finding.find(desk, image, self.thing)
        if not found:
            raise Unanswerable(f"I find no {self.thing.phrase}.")
        names = colors_of(desk, found)
        what = f"the {self.thing.phrase}"
        return [Sample(self._name(what, found, one), of, one.handle) for one, of in zip(found, names, strict=True)]

    def _as_page(self, desk: Desk, image: Image) -> Sequence[Sample]:
        """A sign may hang on a wall that fills the picture: what is around its text is its own colour."""
        if self.thing.noun in SIGNS and "ocr" in desk.tools and desk.lines(image):
            return AllText(behind=self.thing.noun).samples(desk, image)
        return Whole(self.thing.noun).samples(desk, image)

    def _as_text(self, desk: Desk, image: Image) -> Sequence[Sample]:
        try:
            return TextAt(self.thing.written).samples(desk, image)
        except Unanswerable:
            raise Unanswerable(no_finder(desk, self.thing)) from None

    def _name(self, what: str, found: Sequence[Region], one: Region) -> str:
        return what if len(found) == 1 else f"the {one.label} {one.handle}"


def _corner(words: Words) -> places.Corner | None:
    place = places.place(words)
    return place if isinstance(place, places.Corner) else None


def _handle(words: Words) -> str | None:
    return slots.region(words) or slots.image(words)


TARGETS: Table[Target] = Table(
    {"handle": _handle, "place": _corner, "text": slots.quoted, "thing": thing},
    (
        asks(
            Whole,
            "(the/this) <picture>",
            "<it>",
        ),
        asks(
            lambda: Whole("background"),
            "(the) background (color)",
            "(the) wall/backdrop",
        ),
        asks(
            AllText,
            "(the) (all) (of) (the) text/texts/writing/letters/lettering/font/words",
        ),
        asks(
            Handle,
            "(the) (region/box/line/<picture>) {handle}",
        ),
        asks(
            Corner,
            "(the) (area/part/region) (at/in) (the) {place}",
        ),
        asks(
            TextAt,
            "(the) (text/word/region/line/letters/label) (region/line) (of/for/with) {text}",
            "(where it says) {text}",
        ),
        asks(
            Things,
            "(the/a/an/this/that/each/all) (the) {thing}",
        ),
    ),
)
