"""Questions for colours: "what colour is the background?", "is the triangle red?", "main colours of the picture"."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...vision.image import Image
from ..base import Draft
from . import compose, slots
from .desk import Desk
from .palette import Palette
from .patterns import Table, asks
from .programs import OnEach, Program
from .targets import TARGETS, Target, Whole

SHOWN_COLORS = 4


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
        shown = Palette.of(desk.see("color", image=image.handle)).ranked[:SHOWN_COLORS]
        if not shown:
            return compose.cannot("The tool `color` measured no colours.")
        names = [hue.names[0] for hue in shown]
        said = compose.listing([f"{name} ({hue.share:.0%})" for name, hue in zip(names, shown, strict=True)])
        return compose.say(f"The main colours are {said}.", ", ".join(names), [(said, image.handle)])


def _in(text: str, quote: str) -> str:
    """A quote as it stands in a text whose first letter became a capital."""
    return quote if quote in text else quote[:1].upper() + quote[1:]


def _negated(target: Target, color: str) -> Program:
    return IsColor(target, color, negated=True)


def _either(target: Target, **_: str) -> Program:
    """Is it red or blue? asks what colour it has."""
    return ColorOf(target)


TABLE: Table[Program] = Table(
    {"target": TARGETS.read, "color": slots.color},
    (
        asks(
            MainColors,
            "(what/which <is>|<give>) (me) (the) (main/dominant/most/common/all/primary/major) "
            "(common/prominent) colors/palette (there/used/present/visible) (of/in/on) (the/this) "
            "(<picture>/<it>)",
            "what/which colors <does> (the) <picture>/<it> have/contain/show/use",
            "what/which colors (<is>/do/can) (there/used/present/you/i) (see)",
            "color palette",
        ),
        asks(
            ColorOf,
            "(what <is>) (the) (main/dominant/prevailing/overall/most) (common) color (there)",
            "what/which color <is> (dominant/most/common/prevailing/it/<it>) (common)",
        ),
        asks(
            ColorOf,
            "what/which color (s/do/does) <is> {target} (in/painted/colored)",
            "(what/which <is>|<give>) (me) (the) color/colors of {target}",
            "what/which color <does> {target} have",
            "what color {target} <is>",
            "what <is> {target} color",
            "of what/which color <is> {target}",
            "what/which colors <is> {target}",
            "in what/which color <is> {target} (<written>/painted)",
            "which color has {target}",
            "{target} color",
            "what/which color {target}",
        ),
        asks(
            _either,
            "<is> {target} {color} or {other:color}",
        ),
        asks(
            _negated,
            "<is> {target} not {color}",
            "{target} <is> not {color}",
        ),
        asks(
            IsColor,
            "<is> {target} (colored/painted/really/mostly/mainly/all) {color}",
            "{target} <is> {color}",
            "<is> (the) color of {target} {color}",
            "<does> {target} have (a/the) (color) {color} (color)",
        ),
    ),
)
