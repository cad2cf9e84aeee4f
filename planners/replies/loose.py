"""JSON as models write it: read where it has one meaning, refused where it has none or two.

Accepted: single, curly and missing quotes, Python literals and tuples, comments, trailing commas, line breaks inside
strings, closers that are missing at the very end. Refused: what is cut inside a value, a key with two values, numbers
that are none. One pass, and a bound on depth, so that no text takes long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...jsonable import Json, JsonObject

DEPTH = 32
"""How deep values may be nested."""

_SPACE = re.compile(r"(?:[\s\u200b\ufeff]+|//[^\n]*|#[^\n]*|/\*(?:[^*]|\*(?!/)){0,400}\*/)*")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"[^\W\d]\w*(?:-\w+)*")
_BARE_KEY = re.compile(r"[\w$-]+")
_KEYWORD = re.compile(r"(\w+)\s*=(?!=)")
_UNESCAPED = re.compile(r'\{\s*"\w')
_PROSE = re.compile(r"[ \t]*\n\s*(?!\w+[ \t]*[:=])[^\W\d_]")
_CLOSERS = {'"': '"', "'": "'", "“": "”", "„": "“”", "‘": "’", "`": "`"}
_STOPS = {quote: re.compile(rf"[\\{closers}]") for quote, closers in _CLOSERS.items()}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_LITERALS: dict[str, Json] = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_NO_NUMBERS = {"NaN", "nan", "Infinity", "inf", "undefined"}


class Broken(ValueError):
    """Text that cannot be read as a value.

    Attributes:
        what: why, in words that follow "because": "the key 'image' is given twice".
        at: where.
    """

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.what = what
        self.at = at


class Cut(Broken):
    """Text that ends inside a value."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A value that was read.

    Attributes:
        value: the value.
        end: where it ends.
        unclosed: the objects and lists in it whose closers are missing, innermost first.
    """

    value: Json
    end: int
    unclosed: tuple[Json, ...] = ()

    def is_cut(self, value: Json) -> bool:
        """Whether a part of what was read is missing its end."""
        if any(value is one for one in self.unclosed):
            return True
        if isinstance(value, str) or not isinstance(value, Mapping | list):
            return False
        return any(map(self.is_cut, value.values() if isinstance(value, Mapping) else value))


def read_value(text: str, at: int = 0, *, sealed: bool = False) -> Reading:
    """The value that begins at a place.

    Args:
        text: what to read in.
        at: where the value begins; white space and comments may come first.
        sealed: whether something was written after the text's end (a closing tag), so that a number or word at the
            end is whole.

    Raises:
        Cut: when the text ends inside a value.
        Broken: when there is no value, or none that means one thing.
    """
    reader = _Reader(text, at, sealed=sealed)
    value = reader.value(0)
    return Reading(value, reader.at, tuple(reader.unclosed))


def read_whole(text: str) -> Reading:
    """The one value that a text consists of. Raises `Cut` or `Broken`."""
    reading = read_value(text, sealed=True)
    if (end := after_space(text, reading.end)) < len(text):
        raise Broken("there is more after its end", end)
    return reading


def read_keywords(text: str, at: int) -> tuple[list[Json], Reading]:
    """The arguments of a Python-style call, from behind its parenthesis: those by place, and those by name."""
    reader = _Reader(text, at, sealed=False)
    placed: list[Json] = []
    named: JsonObject = {}
    while not reader.closes(")"):
        key = reader.keyword()
        value = reader.value(1)
        if key:
            reader.put(named, key, value)
        elif named:
            raise Broken("an argument without a name follows one with a name", reader.at)
        else:
            placed.append(value)
        if reader.parted(")", named):
            break
    if reader.unclosed:
        raise Cut("it ends before its arguments do", reader.at)
    return placed, Reading(named, reader.at)


def after_space(text: str, at: int) -> int:
    """The first place from `at` on that is neither white space nor a comment."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


class _Reader:
    """A place in a text that moves on as values are read."""

    def __init__(self, text: str, at: int, *, sealed: bool) -> None:
        self.text = text
        self.at = at
        self.sealed = sealed
        self.unclosed: list[Json] = []
        self.inside_string = False

    @property
    def ended(self) -> bool:
        return self.at >= len(self.text)

    def skip(self) -> str:
        """Go on to what comes next; its first character, or nothing at the end."""
        self.at = after_space(self.text, self.at)
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Json:
        first = self.skip()
        if not first:
            raise Cut("it ends before a value", self.at)
        if depth > DEPTH:
            raise Broken(f"it is nested more than {DEPTH} deep", self.at)
        if first == "{":
            return self.object(depth)
        if first in "[(":
            return self.list("]" if first == "[" else ")", depth)
        if first in _CLOSERS:
            return self.string()
        return self.number() if first in "+-.0123456789" else self.word()

    def object(self, depth: int) -> JsonObject:
        self.at += 1
        made: JsonObject = {}
        while not self.closes("}"):
            key = self.key()
            self.put(made, key, self.value(depth + 1))
            if self.parted("}", made):
                break
        return made

    def list(self, closer: str, depth: int) -> list[Json]:
        self.at += 1
        made: list[Json] = []
        while not self.closes(closer):
            made.append(self.value(depth + 1))
            if self.parted(closer, made):
                break
        return made

    def closes(self, closer: str) -> bool:
        """Whether the closer comes next; it is then passed."""
        if self.skip() != closer:
            return False
        self.at += 1
        return True

    def parted(self, closer: str, made: Json) -> bool:
        """What follows a member: a comma, the closer (True), or the end, where closers may be missing (True)."""
        behind = self.at
        following = self.skip()
        if following == ",":
            self.at += 1
            return False
        if following == closer:
            self.at += 1
            return True
        if not following or self.unclosed or _PROSE.match(self.text, behind):
            self.at = len(self.text) if not following else behind
            self.unclosed.append(made)
            return True
        raise Broken(f"{following!r} stands where a comma or {closer!r} should be", self.at)

    def put(self, made: JsonObject, key: str, value: Json) -> None:
        if key in made and repr(made[key]) != repr(value):
            raise Broken(f"the key {key!r} is given twice, with different values", self.at)
        made[key] = value

    def key(self) -> str:
        first = self.skip()
        bare = _BARE_KEY.match(self.text, self.at)
        if first in _CLOSERS and first:
            key = self.string()
        elif bare:
            key, self.at = bare.group(), bare.end()
        else:
            raise (Broken("a key is missing", self.at) if first else Cut("it ends before a key", self.at))
        colon = self.skip()
        if colon != ":":
            raise (
                Broken(f"a colon is missing after {key[:40]!r}", self.at)
                if colon
                else Cut("it ends after a key", self.at)
            )
        self.at += 1
        return key

    def keyword(self) -> str:
        """The name of an argument, passed with its sign of equality; empty for an argument by place."""
        self.skip()
        found = _KEYWORD.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found.group(1)

    def string(self) -> str:
        quote = self.text[self.at]
        self.at += 1
        if quote == '"' and (inner := self._unescaped_object()) is not None:
            return inner
        pieces: list[str] = []
        while stop := _STOPS[quote].search(self.text, self.at):
            pieces.append(self.text[self.at : stop.start()])
            self.at = stop.end()
            if stop.group() == "\\":
                pieces.append(self.escape())
            elif self._apostrophe(quote, stop.start()):
                pieces.append(stop.group())
            else:
                return "".join(pieces)
        self.at = len(self.text)
        raise Cut("it ends inside a string", self.at)

    def _unescaped_object(self) -> str | None:
        """The text of an object whose quotes were not escaped inside a string: `"{"image": "img_1"}"`."""
        if self.inside_string or not _UNESCAPED.match(self.text, self.at):
            return None
        inner = _Reader(self.text, self.at, sealed=False)
        inner.inside_string = True
        inner.object(0)
        if inner.unclosed or self.text[inner.at : inner.at + 1] != '"':
            raise Broken('a quote inside the string must be written as \\"', inner.at)
        text, self.at = self.text[self.at : inner.at], inner.at + 1
        return text

    def _apostrophe(self, quote: str, at: int) -> bool:
        if quote not in "'‘":
            return False
        return self.text[at - 1].isalnum() and self.text[at + 1 : at + 2].isalnum()

    def escape(self) -> str:
        escaped = self.text[self.at : self.at + 1]
        self.at += 1
        if not escaped:
            raise Cut("it ends inside a string", self.at)
        if escaped in _ESCAPES:
            return _ESCAPES[escaped]
        if escaped == "u":
            return self.unicode()
        if escaped in "\\/\"'`“”„‘’_*[]{}()<>-.#!\n":
            return escaped  # JSON's own, Python's, and those of Markdown
        raise Broken(f"\\{escaped} is no escape", self.at)

    def unicode(self) -> str:
        unit = self._hex()
        if 0xD800 <= unit < 0xDC00 and self.text.startswith("\\u", self.at):
            self.at += 2
            low = self._hex()
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00) if 0xDC00 <= low < 0xE000 else 0xFFFD
        return "\ufffd" if 0xD800 <= unit < 0xE000 else chr(unit)

    def _hex(self) -> int:
        digits = self.text[self.at : self.at + 4]
        if not re.fullmatch(r"[0-9a-fA-F]{4}", digits):
            raise Broken("\\u needs four hex digits", self.at)
        self.at += 4
        return int(digits, 16)

    def number(self) -> Json:
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            raise Broken(f"{self.text[self.at]!r} is no value", self.at)
        self.at = found.end()
        written = found.group()
        self._whole(written)
        if len(written) > 40 or re.match(r"[+-]?0\d", written) or re.compile(r"[\w.]").match(self.text, self.at):
            raise Broken(f"{written[:40]}{self.text[self.at : self.at + 10]!r} is no number", self.at)
        if re.fullmatch(r"[+-]?\d+", written):
            return int(written)
        number = float(written)
        if number in (float("inf"), float("-inf")):
            raise Broken(f"{written} is too large", self.at)
        return number

    def word(self) -> Json:
        found = _WORD.match(self.text, self.at)
        if found is None:
            raise Broken(f"{self.text[self.at]!r} is no value", self.at)
        self.at = found.end()
        word = found.group()
        self._whole(word)
        if word in _NO_NUMBERS:
            raise Broken(f"{word} is no JSON", self.at)
        if self.text[self.at : self.at + 1] in {".", "(", "["}:
            raise Broken(f"{word}{self.text[self.at]} is no value", self.at)
        return _LITERALS.get(word, word)

    def _whole(self, written: str) -> None:
        # At the very end nobody knows whether 12 was to become 123.
        if self.ended and not self.sealed:
            raise Cut(f"it ends with {written[:40]}, which may go on", self.at)
