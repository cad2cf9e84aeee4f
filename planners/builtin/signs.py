"""What is written on a thing: "what does the sign say?", "read the number plate", "how many words are on the bus?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...vision.image import Image
from ...vision.inflection import plural
from ...vision.region import Region
from ..base import Draft
from . import compose, documents, reading, searching, slots
from .closer import sought
from .desk import Desk, Unanswerable
from .fields import find_field
from .finding import find, findable, none_found
from .locating import no_finder
from .naming import Thing, thing
from .patterns import Table, asks
from .programs import OnEach, Program
from .words import Words, bag

SIGNS = bag("sign label poster banner billboard board shirt t-shirt bottle package packet badge tag sticker menu") | {
    "number plate", "stop sign", "street sign", "road sign", "shop sign"
}  # fmt: skip
"""Things that are there to be read."""
BEARING = SIGNS | bag(
    "plate card screen sweater jersey cap hat can box bag book cover cup mug jar note ticket whiteboard blackboard "
    "wall door window display flag"
)
"""Things that may have text on them: where no tool finds them, all the text on the picture may be theirs."""


@dataclass(frozen=True)
class Says(OnEach):
    """What is written on a thing."""

    thing: Thing

    @property
    def aim(self) -> str:
        """Read the sign."""
        return f"read what is written on the {self.thing.phrase}"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The text on each such thing, read from close by; of a document, the value of that name."""
        printed = None if findable(desk, self.thing) else self._printed(desk, image)
        if printed is not None:
            return printed
        found = places_of(desk, image, self.thing)
        if found:
            return compose.together(desk.each(found, lambda region: self._read(desk, region)), "\n")
        if self.thing.noun not in BEARING:
            raise Unanswerable(missing(desk, image, self.thing))
        draft = reading.ReadText().on(desk, image)
        return replace(draft, text=f"{draft.text}\n{_whole(desk, self.thing)}") if draft.complete else draft

    def _printed(self, desk: Desk, image: Image) -> Draft | None:
        """The value, or the lines, of that name on a document."""
        name = self.thing.written
        if "ocr" not in desk.tools or self.thing.noun in SIGNS:
            return None
        if find_field(name, desk.lines(image)) is not None:
            return documents.ValueOf(name).on(desk, image)
        return searching.SaysAbout(name).on(desk, image) if searching.holding(name, desk.lines(image)) else None

    def _read(self, desk: Desk, region: Region) -> Draft:
        """What is on one of them: enlarged, or else what was read there on the whole picture."""
        lines: Sequence[Region] = ()
        if "zoom" in desk.tools:
            close = desk.see("zoom", image=region.image.handle, region=region.handle).images
            lines = [line for image in close for line in desk.lines(image)]
        lines = lines or desk.see("ocr", image=region.image.handle, region=region.handle).regions
        what = f"the {region.label or self.thing.noun} {region.handle}"
        if not lines:
            return compose.cannot(f"I find no text on {what}.", cite=[(what, region.handle)])
        said = reading.spoken(lines)
        text = said.text.replace("It says", f"{what[:1].upper()}{what[1:]} says", 1)
        return replace(
            said, text=text, citations=(*said.citations, *compose.citations(text, [(what[1:], region.handle)]))
        )


@dataclass(frozen=True)
class OnThing(Program):
    """A question about what is on a thing, asked of that part of the picture."""

    program: Program
    thing: Thing

    @property
    def aim(self) -> str:
        """The aim of the question."""
        return self.program.aim

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """The answer about an enlarged picture of the thing; about the whole, and says so, where nothing finds it."""
        parts = desk.each(images, lambda image: self._close(desk, image))
        return compose.together(desk.each(parts, lambda part: self._about(desk, *part)), "\n")

    def _close(self, desk: Desk, image: Image) -> tuple[Image, Sequence[Image]]:
        found = places_of(desk, image, self.thing)
        shown = desk.each(found, lambda one: desk.see("zoom", image=one.image.handle, region=one.handle))
        return image, [picture for each in shown for picture in each.images]

    def _about(self, desk: Desk, image: Image, close: Sequence[Image]) -> Draft:
        if close:
            return self.program.answer(desk, close)
        if self.thing.noun not in BEARING:
            raise Unanswerable(missing(desk, image, self.thing))
        draft = self.program.answer(desk, [image])
        return replace(draft, text=f"{draft.text} {_whole(desk, self.thing)}") if draft.complete else draft


def places_of(desk: Desk, image: Image, wanted: Thing) -> Sequence[Region]:
    """The things, as far as a tool finds them on the whole picture or by looking closer."""
    found = find(desk, image, wanted) if findable(desk, wanted) else ()
    return found or sought(desk, image, wanted).regions


def missing(desk: Desk, image: Image, wanted: Thing) -> Draft:
    """That a thing is not found, or cannot be."""
    why = sought(desk, image, wanted).why
    if findable(desk, wanted):
        return none_found(image, wanted, why)
    return compose.cannot(f"{no_finder(desk, wanted)} {why}".rstrip())


def _whole(desk: Desk, wanted: Thing) -> str:
    why = f"I find no {wanted.phrase}" if findable(desk, wanted) else f"No tool at hand finds {plural(wanted.noun)}"
    return f"({why}: this is about the whole picture.)"


def on_sign(words: Words) -> Thing | None:
    """A thing that is there to be read, as a place: "on the sign"."""
    found = thing(words)
    return found if found is not None and found.noun in SIGNS else None


def _says(**slot: Thing) -> Program:
    return Says(*slot.values())


def _surface(words: Words) -> Thing | None:
    """A thing as far as it is no place in the text."""
    return None if _IN_TEXT & {word.text for word in words} else thing(words)


_IN_TEXT = bag("line lines row rows word words picture page paper document receipt invoice") | frozenset(slots.ORDINALS)


def _bearing(words: Words) -> Thing | None:
    """A thing that may have text on it."""
    found = thing(words)
    return found if found is not None and found.noun in BEARING else None


def _plate(words: Words) -> Thing | None:
    """A number plate, which people call a plate."""
    found = thing(words)
    return replace(found, noun="number plate") if found and found.noun in ("plate", "number plate") else None


_READ = "read/transcribe/ocr/decipher"
_THE = "(the/this/that/my/his/her/their)"

ON: Table[Program] = Table(
    {"thing": _surface, "bearing": _bearing, "plate": _plate},
    (
        asks(
            _says,
            "what <does> {plate} (number) <say>",
            f"(what <is>|{_READ}|<give>) (me) {{plate}} (number/text)",
            "what/which (number/text) <is> (<written>) on {plate}",
            "(what <is>) (the) number/text/registration (on/of) {plate}",
        ),
        asks(
            Says,
            "what <does> <it> <say> on [the|this|that|my|his|her] {thing}",
            "what <does> (the) <text> on {thing} <say>",
            f"{_READ} (me) (the) <text> on {{thing}}",
            "what <is> (there) <written> on {thing}",
            "what/which <text>/number/numbers/name <is> (there) (<written>) on {thing}",
            "(what <is>) (the) <text>/lettering/number/name on {thing}",
        ),
        asks(
            _says,
            "what <is> on {bearing}",
        ),
    ),
)
"""What is said to be on a thing."""

TABLE: Table[Program] = Table(
    {"thing": _surface},
    (
        asks(
            Says,
            "what <does> {thing} (text/label/lettering) <say>",
            f"{_READ} (me) (out) {{thing}} (text/label/lettering)",
            "what/which number <does> {thing} have",
        ),
    ),
)
"""What any thing says; asked late, for much else has words on it."""
