"""What an edit is done to: "r3", "the dog", "the faces and the number plate", "the total", "the second line"."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from ...vision.frame import Xyxy
from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import codes, compose, documents, searching, slots
from .closer import UNTIL_FIRST, sought
from .desk import Desk, Unanswerable
from .fields import FIELDS, find_field
from .fields.model import ValueType
from .finding import find, findable, left_out, none_found
from .locating import known_by_name, no_finder
from .naming import Thing, thing
from .patterns import Table, asks
from .places import Corner, Place, find_line, place
from .words import Word, Words, bag, text_of

_Look: TypeAlias = Callable[[Desk, Image], Sequence[Region]]

FIND = "find"
"""The argument of `ocr` that looks for a text and gives the place of its very words."""

SURE = 0.03
"""By how much a text that was read may be less alike than the best one, and still be the same text."""


class Selection(ABC):
    """A choice of places on a picture."""

    @abstractmethod
    def regions(self, desk: Desk, image: Image) -> Sequence[Region]:
        """The places, at least one. Raises `Unanswerable` when there is none."""

    def box(self) -> Xyxy | None:
        """The part of the picture that it names, from 0 to 1; None when it names things."""
        return None

    def there(self, desk: Desk, image: Image) -> tuple[Sequence[Region], Sequence[Draft]]:
        """The places, and why others that were named are none. Raises `Unanswerable` when there is no place at all."""
        return self.regions(desk, image), ()


@dataclass(frozen=True)
class Handles(Selection):
    """Regions by their handles."""

    handles: tuple[str, ...]

    def regions(self, desk: Desk, _image: Image) -> Sequence[Region]:
        """The regions of these handles."""
        return [desk.region(handle) for handle in self.handles]


@dataclass(frozen=True)
class Part(Selection):
    """A part of the picture: its top left, its lower half."""

    place: Corner

    def regions(self, _desk: Desk, _image: Image) -> Sequence[Region]:
        """None: no tool found it."""
        raise Unanswerable(f"The {self.place.name} is no thing that I could tell from the rest of the picture.")

    def box(self) -> Xyxy:
        """Its box."""
        return self.place.box((1, 1))


@dataclass(frozen=True)
class Text(Selection):
    """Every occurrence of a text."""

    text: str

    def regions(self, desk: Desk, image: Image) -> Sequence[Region]:
        """Its very words; or the line that comes closest."""
        lines = [line for line, _ in searching.holding(self.text, desk.lines(image))]
        return words_in(desk, image, self.text, lines or [find_line(self.text, desk.lines(image))])


@dataclass(frozen=True)
class Lines(Selection):
    """The text at a place, or all of it."""

    place: Place | None = None

    def regions(self, desk: Desk, image: Image) -> Sequence[Region]:
        """The lines there."""
        lines = desk.lines(image)
        there = self.place.pick(lines) if self.place else lines
        if not there:
            raise Unanswerable(f"I find no text {self.place.phrase if self.place else 'on the picture'}.")
        return there


@dataclass(frozen=True)
class Codes(Selection):
    """Barcodes and QR codes."""

    kind: str

    def regions(self, desk: Desk, image: Image) -> Sequence[Region]:
        """The codes of that kind."""
        found = codes.of_kind(self.kind, desk.see("barcode", image=image.handle).regions)
        if not found:
            raise Unanswerable(f"I find no {self.kind}.")
        return found


@dataclass(frozen=True)
class Named(Selection):
    """Whatever has that name: a thing, a value on a document, or a word.

    Attributes:
        thing: what it is called.
        every: whether every such thing is meant, although the noun is in the singular.
    """

    thing: Thing
    every: bool = False

    def regions(self, desk: Desk, image: Image) -> Sequence[Region]:
        """The first that is there: of things that a tool knows by name, of values, of other things, of words."""
        return self.there(desk, image)[0]

    def there(self, desk: Desk, image: Image) -> tuple[Sequence[Region], Sequence[Draft]]:
        """The first that is there, and what was not looked for where all such things are meant."""
        for look, doubt in self._looks(desk):
            found = look(desk, image)
            if found:
                told = doubt and (self.every or self.thing.means_all or self.thing.most)
                return found, [Draft(doubt, complete=False)] if told else ()
        why = sought(desk, image, self.thing).why
        if not findable(desk, self.thing):
            raise Unanswerable(f"{no_finder(desk, self.thing)} {why}".rstrip())
        raise Unanswerable(none_found(image, self.thing, why))

    def _looks(self, desk: Desk) -> Iterator[tuple[_Look, str]]:
        """The ways to look for it in their order, and what each of them leaves out."""
        yield self._known, left_out(desk, self.thing)
        yield self._field, ""
        yield self._thing, left_out(desk, self.thing)
        yield self._printed, ""
        yield self._sought, UNTIL_FIRST

    def _known(self, desk: Desk, image: Image) -> Sequence[Region]:
        return find(desk, image, self.thing) if known_by_name(desk, self.thing) else ()

    def _field(self, desk: Desk, image: Image) -> Sequence[Region]:
        name = documents.NAMES.get(self.thing.written.casefold())
        return value_of(desk, image, name) if name and "ocr" in desk.tools else ()

    def _thing(self, desk: Desk, image: Image) -> Sequence[Region]:
        return find(desk, image, self.thing) if findable(desk, self.thing) else ()

    def _printed(self, desk: Desk, image: Image) -> Sequence[Region]:
        """A labelled value or a word of that name; not for what a tool would find, for it may be a mention."""
        if findable(desk, self.thing) or "ocr" not in desk.tools:
            return ()
        labelled = value_of(desk, image, self.thing.written)
        lines = () if labelled else searching.holding(self.thing.written, desk.lines(image))
        return labelled or (words_in(desk, image, self.thing.written, [line for line, _ in lines]) if lines else ())

    def _sought(self, desk: Desk, image: Image) -> Sequence[Region]:
        return sought(desk, image, self.thing).regions


@dataclass(frozen=True)
class Together(Selection):
    """Several choices."""

    parts: tuple[Selection, ...]

    def regions(self, desk: Desk, image: Image) -> Sequence[Region]:
        """The regions of those that are there, each once."""
        return self.there(desk, image)[0]

    def there(self, desk: Desk, image: Image) -> tuple[Sequence[Region], Sequence[Draft]]:
        """The regions of those that are there, and why the others are not."""
        tried = desk.each(self.parts, lambda part: _tried(part, desk, image))
        found = list({region.handle: region for regions, _ in tried for region in regions}.values())
        missing = [reason for _, reasons in tried for reason in reasons]
        if not found:
            raise Unanswerable(compose.together(missing))
        return found, missing


def _tried(part: Selection, desk: Desk, image: Image) -> tuple[Sequence[Region], Sequence[Draft]]:
    try:
        return part.there(desk, image)
    except Unanswerable as reason:
        return (), [reason.draft]


def value_of(desk: Desk, image: Image, name: str) -> Sequence[Region]:
    """The place of a value on a document, without its label; nothing when it is not there."""
    found = find_field(name, desk.lines(image))
    if found is None:
        return ()
    long = name in FIELDS and FIELDS[name].type is ValueType.ADDRESS
    lines = found.regions if long else found.regions[:1]
    return words_in(desk, image, found.text, lines)


def words_in(desk: Desk, image: Image, text: str, lines: Sequence[Region]) -> Sequence[Region]:
    """The words of a text on these lines rather than the whole lines, where `ocr` can tell."""
    if not desk.takes("ocr", FIND):
        return lines
    hits = [
        hit for hit in desk.see("ocr", image=image.handle, find=text).regions if any(_lies_on(hit, on) for on in lines)
    ]
    best = max((hit.score or 0 for hit in hits), default=0)
    return [hit for hit in hits if (hit.score or 0) >= best - SURE] or lines


def _lies_on(word: Region, line: Region) -> bool:
    (x, y), (left, top, right, bottom) = word.center, line.xyxy
    return left <= x <= right and top <= y <= bottom


def selection(words: Words) -> Selection | None:
    """What an edit is done to; several things are joined by "and" or commas."""
    whole = SELECTIONS.read(words)
    if whole is not None or not any(word.text in _JOINTS and not word.quoted for word in words):
        return whole
    parts = [SELECTIONS.read(part) for part in _parts(words)]
    known = tuple(part for part in parts if part is not None)
    if len(known) != len(parts) or not known:
        return None
    handles = [part.handles for part in known if isinstance(part, Handles)]
    return Handles(tuple(sum(handles, ()))) if len(handles) == len(known) else Together(known)


def _parts(words: Sequence[Word]) -> Iterator[Words]:
    part: list[Word] = []
    for word in words:
        if word.quoted or word.text not in _JOINTS:
            part.append(word)
        elif part:
            yield tuple(part)
            part = []
    yield tuple(part)


_JOINTS = bag("and , & plus")
_VERBS = bag(
    "blur pixelate hide cut remove erase highlight mark rotate turn enhance redact crop zoom count read show tell make"
)
"""A thing does not begin with these: they begin another request."""


def _name(words: Words) -> Thing | None:
    return None if words and words[0].text in _VERBS else thing(words)


def _corner(words: Words) -> Corner | None:
    found = place(words)
    return found if isinstance(found, Corner) else None


def _all_text(words: Words) -> bool | None:
    return text_of(slots.without_articles(words)) in _ALL_TEXT or None


_ALL_TEXT = frozenset(
    f"{all_of}{text}" for all_of in ("", "all ", "all the ", "every ") for text in (
        "text", "writing", "lettering", "line", "lines", "words", "lines of text", "text lines", "text regions",
    )
) | {"everything written", "everything that is written"}  # fmt: skip


def _lines(**_: bool) -> Selection:
    return Lines()


def _handle(handle: str) -> Selection:
    return Handles((handle,))


def _place(place: Place) -> Selection:
    return Part(place) if isinstance(place, Corner) else Lines(place)


def _itself(written: Selection) -> Selection:
    return written


def _written(words: Words) -> Selection | None:
    """What is read and no thing: every line, each code."""
    found = SELECTIONS.read(words)
    return None if isinstance(found, Named) else found


SELECTIONS: Table[Selection] = Table(
    {
        "written": _written,
        "handle": slots.region,
        "text": slots.quoted,
        "all": _all_text,
        "kind": codes.KINDS,
        "corner": _corner,
        "place": place,
        "bare": slots.text,
        "thing": _name,
    },
    (
        asks(_itself, "every/each (of) {written}"),
        asks(_handle, "(the) (region/box) {handle}"),
        asks(_lines, "{all}"),
        asks(Codes, "(all/both) (the) {kind}"),
        asks(Lines, "(the) text/words/writing/line/lines (<written>) {place}"),
        asks(_place, "(the) {place}"),
        asks(Text, "(the) (word/text/phrase/words/name/number) {text}", "(the) word/phrase/text {text:bare}"),
        asks(partial(Named, every=True), "every/each (single) (one) (of) (the) {thing}"),
        asks(Named, "(all/both) (of) (the) {thing}"),
    ),
)
