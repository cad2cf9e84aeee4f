"""Questions for colours: "what colour is the background?", "is the triangle red?", "main colours of the picture"."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ...jsonable import Json
from ...tools.calls import Observation
from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, finding, places, slots
from .desk import Desk, Unanswerable
from .finding import Thing, colors_of, main_colors
from .patterns import Table, asks
from .programs import OnEach, Program
from .words import Words

SHOWN_COLORS = 4
PAGES = frozenset(
    [
        "sign",
        "label",
        "page",
        "paper",
        "document",
        "receipt",
        "invoice",
        "banner",
        "poster",
        "card",
        "slip",
        "sheet",
        "board",
        "sticker",
    ]
)
"""Nouns that mean the picture as a whole where nothing finds them."""


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
        seen = desk.see("color", image=image.handle)
        background = _background(seen) if self.part == "background" else ()
        return [Sample(f"the {self.part}", background or _first(seen), image.handle)]


@dataclass(frozen=True)
class Handle(Target):
    """A region or a picture by its handle."""

    handle: str

    def samples(self, desk: Desk, image: Image) -> Sequence[Sample]:
        """What covers most of it."""
        if self.handle.startswith("img_"):
            seen = desk.see("color", image=desk.image(self.handle).handle)
            return [Sample(self.handle, _first(seen), self.handle)]
        return [Sample(self.handle, colors_of(desk, desk.region(self.handle)), self.handle)]


@dataclass(frozen=True)
class Corner(Target):
    """A part of the picture: the top left, the middle."""

    place: places.Corner

    def samples(self, desk: Desk, image: Image) -> Sequence[Sample]:
        """What covers most of it. The box is in the unit of this planner, 0 to 1."""
        call = desk.ask("color", image=image.handle, box=list(self.place.box((1, 1))))
        return [Sample(f"the {self.place.name}", _first(call.observation or Observation()), call.call.id)]


@dataclass(frozen=True)
class TextAt(Target):
    """The place where a text stands."""

    text: str

    def samples(self, desk: Desk, image: Image) -> Sequence[Sample]:
        """What covers most of the box of its line."""
        line = places.find_line(self.text, desk.lines(image))
        return [Sample(f"“{line.text}”", colors_of(desk, line), line.handle)]


@dataclass(frozen=True)
class Things(Target):
    """Things that a tool finds; pages and signs are the picture, other names may be words on it."""

    thing: Thing

    def samples(self, desk: Desk, image: Image) -> Sequence[Sample]:
        """The colour of each of them."""
        if not finding.findable(desk, self.thing):
            if self.thing.noun in PAGES:
                return Whole(self.thing.noun).samples(desk, image)
            return self._as_text(desk, image)
        found = finding.find(desk, image, self.thing)
        if not found:
            raise Unanswerable(f"I find no {self.thing.phrase}.")
        names = desk.each(found, lambda region: colors_of(desk, region))
        what = f"the {self.thing.phrase}"
        return [Sample(self._name(what, found, one), of, one.handle) for one, of in zip(found, names, strict=True)]

    def _as_text(self, desk: Desk, image: Image) -> Sequence[Sample]:
        try:
            return TextAt(self.thing.written).samples(desk, image)
        except Unanswerable:
            raise Unanswerable(finding.no_finder(desk, self.thing)) from None

    def _name(self, what: str, found: Sequence[Region], one: Region) -> str:
        return what if len(found) == 1 else f"the {one.label} {one.handle}"


@dataclass(frozen=True)
class ColorOf(OnEach):
    """What colour something has."""

    target: Target = field(default_factory=Whole)

    @property
    def aim(self) -> str:
        """Name the colour."""
        return "name the colour"

    def on(self, desk: Desk, image: Image) -> Draft:
        """Its colour; of several things, that of each."""
        samples = self.target.samples(desk, image)
        if not all(sample.names for sample in samples):
            return compose.cannot("The tool `color` measured no colour there.")
        said = [f"{sample.what} is {sample.names[0]}" for sample in samples]
        cite = [(text, sample.handle) for text, sample in zip(said, samples, strict=True)]
        value = ", ".join(dict.fromkeys(sample.names[0] for sample in samples))
        text = compose.sentence(compose.listing(said))
        return compose.say(text, value, [(_in(text, quote), handle) for quote, handle in cite])


@dataclass(frozen=True)
class IsColor(OnEach):
    """Whether something has a colour."""

    target: Target
    color: str
    negated: bool = False

    @property
    def aim(self) -> str:
        """See whether it is red."""
        return f"see whether it is {self.color}"

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes when all of it has that colour, by its exact or its basic name."""
        samples = self.target.samples(desk, image)
        word = compose.yes_no(all(self.color in sample.names for sample in samples) != self.negated)
        said = [
            f"{sample.what} is {sample.names[0] if sample.names else 'of no colour I can name'}" for sample in samples
        ]
        cite = [(text, sample.handle) for text, sample in zip(said, samples, strict=True)]
        return compose.say(f"{word.capitalize()}: {compose.listing(said)}.", word, cite)


@dataclass(frozen=True)
class MainColors(OnEach):
    """The colours that cover most of a picture."""

    @property
    def aim(self) -> str:
        """Name the main colours."""
        return "name the main colours"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The colours with their shares, most of it first."""
        data = desk.see("color", image=image.handle).data
        rows = data.get("colors") if isinstance(data, Mapping) else None
        shown = [_share(row) for row in rows if isinstance(row, Mapping)] if isinstance(rows, Sequence) else []
        if not shown:
            return compose.cannot("The tool `color` measured no colours.")
        names = [name for name, _ in shown[:SHOWN_COLORS]]
        said = compose.listing([f"{name} ({share})" if share else name for name, share in shown[:SHOWN_COLORS]])
        return compose.say(f"The main colours are {said}.", ", ".join(names), [(said, image.handle)])


def _share(row: Mapping[str, Json]) -> tuple[str, str]:
    share = row.get("share")
    return str(row.get("name", "")), f"{share:.0%}" if isinstance(share, (int, float)) else ""


def _in(text: str, quote: str) -> str:
    """A quote as it stands in a text whose first letter became a capital."""
    return quote if quote in text else quote[:1].upper() + quote[1:]


def _first(seen: Observation) -> Sequence[str]:
    colors = main_colors(seen)
    return colors[0] if colors else ()


def _background(seen: Observation) -> Sequence[str]:
    """The colour of the background, whether the tool gives its name or a whole row."""
    background = seen.data.get("background") if isinstance(seen.data, Mapping) else None
    row: Json = {"name": background} if isinstance(background, str) else background
    return (main_colors(Observation(data={"colors": [row]})) or [()])[0] if row else ()


def _corner(words: Words) -> places.Corner | None:
    place = places.place(words)
    return place if isinstance(place, places.Corner) else None


def _handle(words: Words) -> str | None:
    return slots.region(words) or slots.image(words)


TARGETS: Table[Target] = Table(
    {"handle": _handle, "place": _corner, "text": slots.quoted, "thing": finding.thing},
    (
        asks(Whole, "(the/this) <picture>", "<it>"),
        asks(lambda: Whole("background"), "(the) background (color)", "(the) wall/backdrop"),
        asks(Handle, "(the) (region/box/line/<picture>) {handle}"),
        asks(Corner, "(the) (area/part/region) (at/in) (the) {place}"),
        asks(TextAt, "(the) (text/word/region/line/letters/label) (region/line) (of/for/with) {text}",
             "(where it says) {text}"),
        asks(Things, "(the/a/an/this/that/each/all) (the) {thing}"),
    ),
)  # fmt: skip


Make: TypeAlias = Callable[..., Program]


def _negated(target: Target, color: str) -> Program:
    return IsColor(target, color, negated=True)


def _it_is(color: str) -> Program:
    return IsColor(Whole(), color)


TABLE: Table[Program] = Table(
    {"target": TARGETS.read, "color": slots.color},
    (
        asks(MainColors,
             "(what/which <is>|<give>) (me) (the) (main/dominant/most/common/all/primary/major) (common/prominent) "
             "colors/palette (there/used/present/visible) (of/in/on) (the/this) (<picture>/<it>)",
             "what/which colors <does> (the) <picture>/<it> have/contain/show/use", "what/which colors "
             "(<is>/do/can) (there/used/present/you/i) (see)", "color palette"),
        asks(lambda: ColorOf(),
             "(what <is>) (the) (main/dominant/prevailing/overall/most) (common) color (there)", "what/which color <is> "
             "(dominant/most/common/prevailing/it/<it>) (common)"),
        asks(ColorOf,
             "what/which color (s/do/does) <is> {target} (in/painted/colored)", "(what/which <is>|<give>) (me) (the) "
             "color/colors of {target}", "what/which color <does> {target} have", "what color {target} <is>",
             "what <is> {target} color", "of what/which color <is> {target}", "what/which colors <is> {target}",
             "in what/which color <is> {target} (<written>/painted)", "which color has {target}",
             "{target} color", "what/which color {target}"),
        asks(_negated, "<is> {target} not {color}", "{target} <is> not {color}"),
        asks(_it_is, "<is> <it> {color}", "<is> <it> (a) {color} <picture>"),
        asks(IsColor,
             "<is> {target} (colored/painted/really/mostly/mainly/all) {color}", "{target} <is> {color}",
             "<is> (the) color of {target} {color}", "<does> {target} have (a/the) (color) {color} (color)"),
    ),
)  # fmt: skip
