"""Questions for text: "what does it say", "read the second line", "what is the longest word?"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, slots
from .desk import Desk, Unanswerable
from .patterns import Table, asks
from .places import Everywhere, Place, place
from .programs import OnEach, Program


@dataclass(frozen=True)
class ReadText(OnEach):
    """What is written on a picture, or at a place on it."""

    place: Place = field(default_factory=Everywhere)

    @property
    def aim(self) -> str:
        """Say what is written."""
        return f"say what is written {self.place.phrase}"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The lines, one below the other."""
        lines = desk.lines(image)
        if not lines:
            return no_text(image)
        there = self.place.pick(lines)
        if not there:
            return compose.cannot(f"I read {compose.counted(len(lines), 'line')}, and nothing {self.place.phrase}.")
        return spoken(there)


@dataclass(frozen=True)
class ReadRegion(Program):
    """What a region says: its text where it was read, and else read now."""

    handle: str

    @property
    def aim(self) -> str:
        """Say what the region says."""
        return f"say what is written in {self.handle}"

    def answer(self, desk: Desk, _images: Sequence[Image]) -> Draft:
        """The text of that region."""
        region = desk.region(self.handle)
        if region.text:
            return spoken([region])
        lines = desk.see("ocr", image=region.image.handle, region=self.handle).regions
        return spoken(lines) if lines else compose.cannot(f"I find no text in {self.handle}.")


@dataclass(frozen=True)
class Extreme(OnEach):
    """The longest or shortest word, or the largest or smallest text."""

    name: str
    of_words: bool
    measure: Callable[[str, Region], float]

    @property
    def aim(self) -> str:
        """Look for the longest word."""
        return f"look for the {self.name}"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The first of the most extreme ones."""
        lines = [line for line in desk.lines(image) if line.text]
        pieces = [(piece, line) for line in lines for piece in self._pieces(line.text or "")]
        pieces = [pair for pair in pieces if any(map(str.isalpha, pair[0]))] or pieces
        if not pieces:
            return no_text(image)
        text, line = max(pieces, key=lambda pair: self.measure(*pair))
        return compose.say(f"The {self.name} is “{text}”.", text, [(text, line.handle)])

    def _pieces(self, text: str) -> list[str]:
        if not self.of_words:
            return [text]
        return [word for word in (piece.strip(".,;:!?()[]{}\"'“”*#") for piece in text.split()) if word]


def spoken(lines: Sequence[Region]) -> Draft:
    """Lines of text as an answer: a single one in a sentence, several one below the other."""
    texts = [line.text or "" for line in lines]
    value = "\n".join(texts)
    text = f"It says “{value}”." if len(texts) == 1 else f"It says:\n{value}"
    return compose.say(text, value, compose.cited(lines))


def no_text(image: Image) -> Draft:
    """The answer where no text was found."""
    return compose.cannot(f"I find no text on {compose.title(image)}.")


def _height(_: str, line: Region) -> float:
    return line.xyxy[3] - line.xyxy[1]


def _length(text: str, _: Region) -> float:
    return len(text)


def _negative(measure: Callable[[str, Region], float]) -> Callable[[str, Region], float]:
    return lambda text, line: -measure(text, line)


@dataclass(frozen=True)
class NthWord(OnEach):
    """The first, second or last word."""

    number: int
    place: Place = field(default_factory=Everywhere)

    def on(self, desk: Desk, image: Image) -> Draft:
        """That word, resting on the line it stands on."""
        words = [(word, line) for line in self.place.pick(desk.lines(image)) for word in (line.text or "").split()]
        at = self.number - 1 if self.number > 0 else self.number
        if not -len(words) <= at < len(words):
            raise Unanswerable(f"I read {compose.counted(len(words), 'word')} {self.place.phrase}.")
        word, line = words[at]
        return compose.say(f"It is “{word}”.", word, [(word, line.handle)])


READERS = {"place": place, "region": slots.region, "nth": slots.ordinal}

TABLE: Table[Program] = Table(
    READERS,
    (
        asks(
            ReadRegion,
            "<read>/<give> (the) (<text> (in/of/on/from)) (region) {handle:region}",
            "what does (the) (region) {handle:region} say",
            "what is (<written>) (in/on/at) (region) {handle:region}",
            "(the) <text> (of/in) (region) {handle:region}",
            "what is the <text> (of/in) (region) {handle:region}",
        ),
        asks(
            ReadText,
            "what <does> (the/this/that) (it/this/that/<text>/<picture>/<paper>) <say> ({place})",
            "what is <written> (there/here/<it>/text) ({place})",
            "what is <written> (on/in) (the) <picture>/<paper> ({place})",
            "what <text> <is> (there) (<written>) ({place})",
            "(what <is>) (the/all) (the) (<written>) <text> ({place})",
            "<read> (out) (me) (everything/<it>) (all) (of) (the) (<text>/<picture>/<paper>) "
            "(aloud/out/to) (me) ({place})",
            "<give> (me) (all) (of) (the) <text> ({place})",
            "<read> (the) {place}",
            "what is (the) (text) {place}",
            "what can (you/i) read ({place})",
            "what does (the) {place} say",
            "what words <is> (there) ({place})",
            "what stands/comes/follows/is/<it> {place}",
            "what is said ({place})",
            "(what <is>) (the) <text> ({place})",
            "<read>",
        ),
        asks(
            partial(Extreme, "longest word", True, _length),
            "(what <is>) (the) longest word",
        ),
        asks(
            partial(Extreme, "shortest word", True, _negative(_length)),
            "(what <is>) (the) shortest word",
        ),
        asks(
            partial(Extreme, "longest line", False, _length),
            "(what <is>|<read>) (the) longest line (of text)",
        ),
        asks(
            partial(Extreme, "largest text", False, _height),
            "(what <is>|<read>) (the) [largest|biggest|tallest] <text>/word/line (of text)",
            "(what <is>|<read>) (the) (title/headline/heading) (of (the/this) (chart/graph/<it>/<picture>/<paper>))",
        ),
        asks(
            partial(Extreme, "smallest text", False, _negative(_height)),
            "(what <is>|<read>) (the) [smallest|tiniest] <text>/word/line (of text)",
        ),
        asks(
            NthWord,
            "(what <is>|<read>) (the) {number:nth} word ({place})",
        ),
    ),
)
