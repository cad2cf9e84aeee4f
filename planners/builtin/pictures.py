"""Questions about the picture as such: its size and orientation, and what there is to say about it at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd

from ...vision.image import Image
from ..base import Draft
from . import compose
from .colors import MainColors
from .desk import Desk
from .patterns import Table, asks
from .programs import OnEach, Program, attempt
from .reading import ReadText

ABILITIES = (
    "I can read the text, find a value on a document (total, date, company, invoice number, any label), look for a "
    "word, count words, lines and codes, read barcodes, name colours, calculate with values, compare two pictures, "
    "ask tools that find things, and have them cut out, hidden or lit up."
)
DESCRIBE = "describe"
"""The tool whose model describes pictures."""


@dataclass(frozen=True)
class Property(OnEach):
    """Something that is known about a picture without looking at it."""

    name: str

    @property
    def aim(self) -> str:
        """Say its size."""
        return f"say its {self.name}"

    def on(self, _desk: Desk, image: Image) -> Draft:
        """The property, resting on the picture."""
        value = _PROPERTIES[self.name](image)
        text = f"The {self.name} of {image.handle} is {value}."
        return compose.say(text, value, [(value, image.handle)])


@dataclass(frozen=True)
class IsOriented(OnEach):
    """Whether it is landscape, portrait or square."""

    orientation: str

    def on(self, _desk: Desk, image: Image) -> Draft:
        """Yes or no, with the size."""
        word = compose.yes_no(_orientation(image) == self.orientation)
        seen = f"{image.handle} is {_size(image)}, which is {_orientation(image)}"
        return compose.say(f"{word.capitalize()}: {seen}.", word, [(seen, image.handle)])


@dataclass(frozen=True)
class CountPictures(Program):
    """How many pictures there are."""

    def answer(self, desk: Desk, _images: Sequence[Image]) -> Draft:
        """The number of pictures that the user gave."""
        given = desk.conversation.images
        names = compose.listing([compose.title(image) for image in given])
        text = f"You gave me {compose.counted(len(given), 'picture')}: {names}."
        return compose.say(text, str(len(given)), [(compose.title(image), image.handle) for image in given])


@dataclass(frozen=True)
class Describe(OnEach):
    """What can be said without a model: size, colours and text, and that this is no description."""

    @property
    def aim(self) -> str:
        """Say what can be measured."""
        return "say what can be measured"

    def on(self, desk: Desk, image: Image) -> Draft:
        """What a tool says that describes pictures; or else facts, marked as incomplete."""
        if DESCRIBE in desk.tools:
            return self._described(desk, image)
        wanted = [
            (tool, program) for tool, program in (("color", MainColors()), ("ocr", ReadText())) if tool in desk.tools
        ]
        facts = desk.each(wanted, lambda pair: attempt(pair[1], desk, [image]))
        kept = [fact for fact in facts if fact.complete]
        size = compose.say(f"What I can measure: it is {_size(image)}.", "", [(_size(image), image.handle)])
        known = compose.together([size, *kept])
        text = f"Describing a picture is beyond me without a model. {known.text}"
        return compose.cannot(text, cite=[(each.quote, each.handle) for each in known.citations])

    def _described(self, desk: Desk, image: Image) -> Draft:
        result = desk.ask(DESCRIBE, image=image.handle)
        data = result.observation.data if result.observation else None
        text = str(data.get("text", "")) if isinstance(data, Mapping) else ""
        return compose.say(f"“{text}” says the model behind `{DESCRIBE}`.", text, [(text, result.call.id)])


@dataclass(frozen=True)
class Help(Program):
    """What the planner can do."""

    def answer(self, desk: Desk, _images: Sequence[Image]) -> Draft:
        """Its abilities and the tools at hand."""
        return compose.say(f"{ABILITIES} Tools at hand: {', '.join(sorted(desk.tools)) or 'none'}.")


def _size(image: Image) -> str:
    return f"{image.size_wh[0]} × {image.size_wh[1]} pixels"


def _orientation(image: Image) -> str:
    width, height = image.size_wh
    return "square" if width == height else "landscape" if width > height else "portrait"


def _ratio(image: Image) -> str:
    width, height = image.size_wh
    return f"{width // gcd(width, height)}:{height // gcd(width, height)}"


_PROPERTIES: dict[str, Callable[[Image], str]] = {
    "size": _size,
    "width": lambda image: str(image.size_wh[0]),
    "height": lambda image: str(image.size_wh[1]),
    "orientation": _orientation,
    "aspect ratio": _ratio,
    "number of pixels": lambda image: str(image.size_wh[0] * image.size_wh[1]),
    "name": lambda image: image.name or image.handle,
}


def _property(name: str) -> Callable[[], Program]:
    return lambda: Property(name)


def _oriented(name: str) -> Callable[[], Program]:
    return lambda: IsOriented(name)


_OF = "(of) (the) (this) (<picture>/<it>)"

TABLE: Table[Program] = Table(
    {},
    (
        asks(
            _property("size"),
            f"(what <is>|<give>) (me) (the) (<picture>) size/resolution/dimensions {_OF} (in pixels)",
            "how big/large <is> (the) <picture>/<it>",
            "what size <is> (the) <picture>/<it>",
        ),
        asks(
            _property("width"),
            f"(what <is>) (the) (<picture>) width {_OF} (in pixels)",
            "how wide <is> (the) <picture>/<it>",
        ),
        asks(
            _property("height"),
            f"(what <is>) (the) (<picture>) height {_OF} (in pixels)",
            "how tall/high <is> (the) <picture>/<it>",
        ),
        asks(
            _property("aspect ratio"),
            f"(what <is>) (the) aspect ratio {_OF}",
        ),
        asks(
            _property("number of pixels"),
            "how many (mega) pixels/megapixels (<does>/<is>) (the) (<picture>/<it>) (there/have)",
        ),
        asks(
            _property("orientation"),
            f"(what <is>) (the) orientation {_OF}",
            "how <is> <it>/<picture> oriented",
            "what orientation (<is>/<does>) (the) (<it>/<picture>) (have)",
            "landscape or portrait",
            "portrait or landscape",
            "is (the) <picture>/<it> (in) [landscape or portrait|portrait or landscape|horizontal or vertical]",
        ),
        asks(
            _property("name"),
            "(what <is>) (the) (file) name of (the) (<picture>/file)",
            "what <is> (the) filename",
            "what <is> the file called",
        ),
        asks(
            _oriented("landscape"),
            "is (the) <picture>/<it> (in) (a) landscape/horizontal (format/mode/orientation)",
        ),
        asks(
            _oriented("portrait"),
            "is (the) <picture>/<it> (in) (a) portrait/vertical (format/mode/orientation)",
        ),
        asks(
            _oriented("square"),
            "is (the) <picture>/<it> (a) square (<picture>)",
        ),
        asks(
            CountPictures,
            "how many <picture> (<is>/did/do) (there/i/you) (give/have/see/upload/got)",
        ),
        asks(
            Help,
            "help",
            "what can you do",
            "what <is> you able to do",
            "who are you",
            "hello/hi/hey",
            "how <does> (this/it/you) work",
            "what tools (do/can) (you) (have/use)",
            "what (questions) can i ask (you)",
        ),
        asks(
            Describe,
            "describe/caption/summarize/summarise/explain/analyze/analyse (the/this) "
            "(<picture>/<it>/<paper>/scene) (for me/in detail/please)",
            "what (do/can) you see",
            "what <is> (in/on/depicted/shown) (the) (<it>/<picture>/here/about)",
            "what (kind of) <picture> <is> <it>",
            "what <does> (the) <picture>/<it> show/depict",
            "what <is> <it>",
            "what <is> there",
            "what <is> happening/going (on) (here)",
            "(<give>) (me) (a) description (of) (the) (<it>/<picture>)",
            "tell me about (the) <it>/<picture>",
            "about <it>",
        ),
    ),
)
