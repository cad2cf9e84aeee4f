"""Questions for words: whether and where one occurs, and how many words, lines, letters or digits there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from ...vision.frame import Xyxy
from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, slots
from .desk import Desk
from .patterns import Table, asks
from .places import Everywhere, Place, place, plain, position, rows_of, standing
from .programs import OnEach, Program

CLOSE = 60
"""From this score (0-100) on, a word is worth showing to somebody whose word was not found."""


@dataclass(frozen=True)
class Occurs(OnEach):
    """Whether a text occurs on the picture."""

    text: str
    negated: bool = False

    @property
    def aim(self) -> str:
        """Look for “exit”."""
        return f"look for “{self.text}”"

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes or no; a no names the closest thing that was read."""
        lines = desk.lines(image)
        hits = holding(self.text, lines)
        word = compose.yes_no(bool(hits) != self.negated)
        if not hits:
            return _absent(f"{word.capitalize()}: ", self.text, lines, word)
        shown = compose.listing([f"“{line.text}”" for line, _ in hits[:5]])
        return compose.say(f"{word.capitalize()}: I read {shown}.", word, compose.cited(line for line, _ in hits))


@dataclass(frozen=True)
class SaysAbout(OnEach):
    """What the lines say that hold a word."""

    text: str

    def on(self, desk: Desk, image: Image) -> Draft:
        """Those lines."""
        lines = desk.lines(image)
        found = [line for line, _ in holding(self.text, lines)]
        if not found:
            return _absent("", self.text, lines, "", complete=False)
        shown = compose.listing([f"“{line.text}”" for line in found])
        return compose.say(f"It says {shown}.", "\n".join(line.text or "" for line in found), compose.cited(found))


@dataclass(frozen=True)
class WhereIs(OnEach):
    """Where a text stands on the picture."""

    text: str

    @property
    def aim(self) -> str:
        """Look where “SALE” stands."""
        return f"look where “{self.text}” stands"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The places, in words and as boxes in pixels."""
        lines = desk.lines(image)
        hits = holding(self.text, lines)
        if not hits:
            return _absent("", self.text, lines, "", complete=False)
        spots = [f"“{line.text}” is {standing(line)}, box {_box(self._box(line))}" for line, _ in hits]
        text = compose.sentence("; ".join(spots))
        return compose.say(text, position(hits[0][0]), compose.cited(line for line, _ in hits))

    def _box(self, line: Region) -> Xyxy:
        """The box of the word itself where the tool gives boxes of words, and else that of the line."""
        words = line.attributes.get("words")
        for word in words if isinstance(words, Sequence) else ():
            if isinstance(word, Sequence) and plain(str(word[0])) == plain(self.text):
                left, top, right, bottom = (float(str(edge)) for edge in _four(word[1]))
                return (left, top, right, bottom)
        return line.xyxy


@dataclass(frozen=True)
class CountText(OnEach):
    """How often a text occurs."""

    text: str

    @property
    def aim(self) -> str:
        """Count “tea”."""
        return f"count “{self.text}”"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The number of occurrences, each resting on its line."""
        hits = holding(self.text, desk.lines(image))
        number = sum(times for _, times in hits)
        text = f"“{self.text}” occurs {compose.counted(number, 'time')}."
        return compose.say(text, str(number), [(str(number), line.handle) for line, _ in hits])


@dataclass(frozen=True)
class CountUnits(OnEach):
    """How many words, lines, letters, digits or numbers were read."""

    unit: str
    place: Place = field(default_factory=Everywhere)

    @property
    def aim(self) -> str:
        """Count the words."""
        return f"count the {self.unit}s"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The count, resting on the lines that were counted, or on the picture when there are none."""
        lines = desk.lines(image)
        there = self.place.pick(lines)
        number = len(rows_of(there)) if self.unit == "line" else sum(map(_COUNT[self.unit], _texts(there)))
        text = f"I count {compose.counted(number, self.unit)} {self.place.phrase}."
        quotes = [(str(number), line.handle) for line in there] or [(text, image.handle)]
        return compose.say(text, str(number), quotes)


@dataclass(frozen=True)
class AnyText(OnEach):
    """Whether there is any text at all."""

    negated: bool = False

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes with the number of lines, or no."""
        lines = desk.lines(image)
        word = compose.yes_no(bool(lines) != self.negated)
        text = f"{word.capitalize()}: I read {compose.counted(len(lines), 'line')} of text."
        return compose.say(text, word, [(text, image.handle)])


def holding(wanted: str, lines: Sequence[Region]) -> list[tuple[Region, int]]:
    """The lines in which a text occurs as whole words, each with how often; case and punctuation do not matter."""
    sought = plain(wanted)
    counts = [(line, _times(sought, plain(line.text or ""))) for line in lines] if sought else []
    return [(line, times) for line, times in counts if times]


def _times(sought: str, text: str) -> int:
    """How often words occur as whole words; spaces are doubled so that neighbours do not share one."""
    return f" {text} ".replace(" ", "  ").count(f" {sought} ".replace(" ", "  "))


def _absent(start: str, wanted: str, lines: Sequence[Region], value: str, *, complete: bool = True) -> Draft:
    words = {word.strip(".,;:!?"): line for line in lines for word in (line.text or "").split()}
    text = f"{start}I read {compose.counted(len(lines), 'line')}, and “{wanted}” is not among them"
    cite: list[tuple[str, str]] = []
    if words:
        closest = max(words, key=lambda word: fuzz.ratio(wanted.casefold(), word.casefold()))
        if fuzz.ratio(wanted.casefold(), closest.casefold()) >= CLOSE:
            text += f"; the closest is “{closest}”"
            cite = [(closest, words[closest].handle)]
    return compose.say(f"{text}.", value, cite) if complete else compose.cannot(f"{text}.", value, cite)


def _texts(lines: Sequence[Region]) -> list[str]:
    return [line.text or "" for line in lines]


def _box(xyxy: Xyxy) -> str:
    return f"[{', '.join(str(round(edge)) for edge in xyxy)}]"


def _four(box: object) -> Sequence[object]:
    return box if isinstance(box, Sequence) and len(box) == 4 else (0, 0, 0, 0)


def _numbers(text: str) -> int:
    return sum(any(letter.isdigit() for letter in word) for word in text.split())


_COUNT: Mapping[str, Callable[[str], int]] = {
    "word": lambda text: len(text.split()),
    "letter": lambda text: sum(letter.isalpha() for letter in text),
    "character": lambda text: sum(not letter.isspace() for letter in text),
    "digit": lambda text: sum(letter.isdigit() for letter in text),
    "number": _numbers,
}

_UNITS = slots.one_of(
    {
        name: unit
        for unit, names in {
            "word": "word;words",
            "line": "line;lines;lines of text;text lines;rows;text regions;rows of text",
            "letter": "letters",
            "character": "characters;chars",
            "digit": "digits",
            "number": "numbers",
        }.items()
        for name in names.split(";")
    }
)

READERS = {"text": slots.text, "quoted": slots.quoted, "unit": _UNITS, "place": place}

TABLE: Table[Program] = Table(
    READERS,
    (
        asks(
            CountUnits,
            "how many (different) {unit} ([<is>|can] (there/<it>/you) (have/see/read/<written>)) ({place})",
            "how many {unit} <does> (the) (<it>/<text>/sign/<picture>/<paper>) (have/contain)",
            "(what <is>|<give>) (me) (the) number/count of {unit} ({place})",
            "count (all) {unit} ({place})",
            "how many {unit} ({place}) (<is> (there))",
            "how many {unit} (<is>) (in) {place}",
        ),
        asks(
            CountText,
            "how often/frequently <does> (the) (word) {text} [occur|appear|come up|show up|stand there] (here/there)",
            "how many times/often <does> (the) <it>/sign/<picture>/<paper> <say>/mention (the) (word) {text}",
            "how many times <does> (<it>) (the) (word/text) {text} (occur/appear/come) (up) (here)",
            "how many times <is> {text} <written>/mentioned/repeated",
            "count (the) (occurrences/number) of {text}",
            "how many occurrences of {text} (<is> there)",
            "how many {text:quoted} (<is> there)",
            "count {text:quoted}",
            "(what is) (the) number of occurrences of {text}",
        ),
        asks(
            AnyText,
            "<is> there (any/some/a) <text> (<written>) (there/here/on <it>)",
            "<does> (the) <it>/<picture>/<paper> have/contain/show (any/some) <text>",
            "is (any/some) text [visible|present|there]",
        ),
        asks(
            lambda: AnyText(negated=True),
            "is there no <text>",
            "<does> (the) <it>/<picture> not contain (any) <text>",
        ),
        asks(
            Occurs,
            "<is> (the) word/text/phrase/string/name/letters/term/line {text} "
            "(<written>/in/on/there/present/here/mentioned/found/included) (<it>/there/here/somewhere/anywhere)",
            "<is> there (a/the/any) word/text/phrase/mention/mentions (of) {text} (there/here/somewhere/anywhere)",
            "<is> {text:quoted} (<written>/there/mentioned/in/on/present/included) (<it>/somewhere/anywhere)",
            "<does> (the) (<it>/<text>/<picture>/<paper>/sign/label) (also/anywhere/somewhere/actually) "
            "[mention|say|read|state] (anything/something) (about) {text} (anywhere/somewhere)",
            "<does> (the) (<it>/<text>/<picture>/<paper>/sign/label) contain/include/have/show (the) "
            "word/text/phrase/term {text}",
            "<does> (the) (<it>/<text>/<picture>/<paper>/sign/label) contain/include/have/show {text:quoted}",
            "<does> (the) word/text/phrase/term {text} occur/appear/exist/stand (in/on/there/here/anywhere) (<it>)",
            "<does> {text:quoted} occur/appear/exist/stand (in/on/there/here/anywhere) (<it>)",
            "can you find (the) word/text/phrase {text}",
            "can you find {text:quoted}",
            "is {text} mentioned (there/here)",
            "<does> (the) word/text/phrase/term {text} come/show up (anywhere/here)",
            "is there anything (<written>) (here) about {text}",
            "[if|whether] (the) word/text {text} [occurs|appears|is there]",
            "search (for) {text}",
            "check for (the) (word) {text}",
        ),
        asks(
            lambda text: Occurs(text, negated=True),
            "is there no word/text/mention (of) {text}",
            "is (the) (word/text) {text} not [there|present|mentioned]",
            "<does> (the) (<it>/<text>/<picture>/<paper>/sign/label) not [mention|say|contain the word|contain "
            "the text] {text}",
        ),
        asks(
            SaysAbout,
            "what <does> (the) (<it>/<text>/<picture>/<paper>/sign/label) <say> [about|on|regarding] {text}",
            "<read> (me) (the) line/lines [with|that mentions|that says|containing] {text}",
        ),
        asks(
            WhereIs,
            "where <does> (the) (<it>/sign/<text>/<paper>/<picture>) say/mention/read {text}",
            "where <is> (the) word/text/phrase/line/string/label {text} (located/<written>/found)",
            "where <is> {text:quoted} (located/<written>/found/on <it>)",
            "where <does> {text} stand/appear/occur",
            "where (can i find/do i find/do you see) (the) (word/text/phrase) {text:quoted}",
            "find/locate/highlight/show/point (out) (me) (to) (where) (the) word/text/phrase {text}",
            "find/locate/highlight {text:quoted}",
            "where <is> {text} <written>/printed/mentioned",
            "(what is) (the) (location/position/place/box) of (the) word/text/phrase {text}",
            "(what is) (the) (location/position/place/box) of {text:quoted}",
            "on/in which line <is> {text}",
        ),
    ),
)
