"""How people name things: "the red circle", "the second car from the left", "the cup on the table"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...vision.inflection import plural, singular
from ...vision.nouns import ANYTHING, common_name, is_general
from . import slots
from .words import Words, bag, text_of


@dataclass(frozen=True)
class Thing:
    """Things that are asked about.

    Attributes:
        noun: what they are, in the singular, by its common name.
        color: the colour they are said to have, or empty.
        written: the words of the question, for things that turn out to be words.
        most: how the one that is meant stands out among them ("largest", "leftmost", "nearest"), or empty.
        rank: which one in that order, from 1: the second from the left.
        beside: where they are, by another thing, or None.
    """

    noun: str
    color: str = ""
    written: str = ""
    most: str = ""
    rank: int = 1
    beside: Beside | None = None

    @property
    def phrase(self) -> str:
        """Red circle on the table."""
        return self._worded(self.noun)

    @property
    def phrases(self) -> str:
        """Red circles on the table."""
        return self._worded(plural(self.noun))

    @property
    def is_general(self) -> bool:
        """Whether the noun stands for several kinds of things."""
        return is_general(self.noun)

    @property
    def means_all(self) -> bool:
        """Whether all such things are meant: "signs", "furniture"; not where one of them is said to stand out."""
        noun = self.written.casefold()
        return not self.most and (singular(noun) != noun or self.noun in _MASSES)

    def _worded(self, noun: str) -> str:
        nth = "" if self.rank == 1 else _NTH.get(self.rank, f"{self.rank}th")
        where = self.beside.phrase if self.beside else ""
        return " ".join(part for part in (nth, self.most, self.color, noun, where) if part)


@dataclass(frozen=True)
class Beside:
    """A place by another thing: `on`, `in`, `left of`, `right of`, `above`, `below` or `next to` it."""

    how: str
    anchor: Thing

    @property
    def phrase(self) -> str:
        """On the table."""
        return f"{self.how} the {self.anchor.phrase}"


def thing(words: Words) -> Thing | None:
    """Words that name things, with or without a colour, an order and a place."""
    rest = slots.without_articles(words)
    rest = rest[1:] if len(rest) > 1 and rest[0].text in _QUANTIFIERS else rest
    most, rank, rest = _most(rest)
    split = _relation(rest)
    if split is None:
        found = _plain(rest)
    else:
        at, place = split
        found = _plain(rest[:at])
        found = replace(found, beside=place) if found and found.noun not in _TEXT else None
    return replace(found, most=most, rank=rank) if found and most else found


def most(words: Words) -> str | None:
    """Words that say how one of several stands out: "closest to the camera", "bigger"."""
    texts = [word.text for word in slots.without_articles(words)]
    tail = next((tail for tail in _OF_WHOM if texts[-len(tail) :] == tail), [])
    kept = texts[: len(texts) - len(tail)]
    return _SUPERLATIVES.get(kept[0]) or _COMPARATIVES.get(kept[0]) if len(kept) == 1 else None


def side(words: Words) -> str | None:
    """A side of the picture as a place, for the one that is outermost there: "on the left"."""
    texts = [word.text for word in words]
    named = len(texts) == 3 and texts[0] in ("on", "at", "in") and texts[1] == "the"
    return _SIDES.get(texts[2]) if named else None


def beside(words: Words) -> Beside | None:
    """Words that name a place by a thing: "on the table"."""
    split = _relation(words)
    return split[1] if split is not None and split[0] == 0 else None


def _plain(words: Words) -> Thing | None:
    """A noun of up to three words, and its colour."""
    rest = slots.without_articles(words)
    if len(rest) == 2 and common_name(rest[0].text) in ANYTHING and slots.color(rest[1:]):
        rest = (rest[1], rest[0])  # something red
    color = slots.color(rest[:1]) if len(rest) > 1 else None
    nouns = rest[1:] if color else rest
    if color is None and len(rest) > 2 and rest[0].text in _SHADES:
        color, nouns = slots.color(rest[1:2]), rest[2:] if slots.color(rest[1:2]) else rest
    texts = [word.text for word in nouns]
    if texts[-2:] in _CANS:
        texts = texts[:-1]
    if not 1 <= len(nouns) <= 3 or not all(map(slots.is_plain, nouns)) or _NO_NOUN & set(texts):
        return None
    return Thing(common_name(text_of(nouns)), color or "", " ".join(word.raw for word in rest))


def _relation(words: Words) -> tuple[int, Beside] | None:
    """Where the first place by a thing begins, and that place; it goes to the end of the words."""
    texts = [word.text for word in words]
    for at in range(len(words)):
        for said, how in _RELATIONS:
            if texts[at : at + len(said)] == said:
                anchor = thing(words[at + len(said) :])
                return None if anchor is None else (at, Beside(how, anchor))
    return None


def _most(words: Words) -> tuple[str, int, Words]:
    """How one thing stands out, which one in that order, and the words without it."""
    texts = [word.text for word in words]
    rank, start = slots.ORDINALS.get(texts[0], 1) if texts and texts[0] in _RANKED else 1, 0
    start = 1 if rank > 1 else 0
    if len(texts) > start + 1 and texts[start] in _SUPERLATIVES:
        tail = next((len(tail) for tail in _OF_WHOM if texts[-len(tail) :] == tail), 0)
        return _SUPERLATIVES[texts[start]], rank, words[start + 1 : len(words) - tail]
    if len(texts) > 3 and texts[-2] == "the" and texts[-3] in ("on", "at", "in", "from") and texts[-1] in _SIDES:
        return _SIDES[texts[-1]], rank, words[start:-3]
    return "", 1, words


_NTH: Mapping[int, str] = {2: "second", 3: "third"}
_RANKED = bag("first second third fourth fifth sixth seventh eighth ninth tenth 1st 2nd 3rd")
_SUPERLATIVES: Mapping[str, str] = {
    "largest": "largest", "biggest": "largest", "smallest": "smallest", "tiniest": "smallest", "leftmost": "leftmost",
    "rightmost": "rightmost", "topmost": "topmost", "uppermost": "topmost", "highest": "topmost",
    "lowest": "lowest", "bottommost": "lowest", "tallest": "tallest", "widest": "widest",
    "nearest": "nearest", "closest": "nearest", "frontmost": "nearest",
    "farthest": "farthest", "furthest": "farthest",
}  # fmt: skip
_COMPARATIVES: Mapping[str, str] = {
    "larger": "largest", "bigger": "largest", "smaller": "smallest", "taller": "tallest", "wider": "widest",
    "nearer": "nearest", "closer": "nearest", "farther": "farthest", "further": "farthest",
}  # fmt: skip
_FROM_HERE = "to the camera;to the viewer;to me;to us;to camera;away;away from the camera;from the camera;from me"
_OF_WHOM = [tail.split() for tail in sorted(_FROM_HERE.split(";"), key=len, reverse=True)]
"""What may stand behind "nearest ..."."""
_SIDES: Mapping[str, str] = {
    "left": "leftmost", "right": "rightmost", "top": "topmost", "bottom": "lowest", "middle": "middlemost",
    "center": "middlemost", "foreground": "nearest", "background": "farthest", "front": "nearest", "back": "farthest",
}  # fmt: skip
_RELATIONS = [
    (said.split(), how)
    for how, names in {
        "left of": "to the left of;on the left of;left of",
        "right of": "to the right of;on the right of;right of",
        "on": "on top of;standing on;lying on;sitting on;on",
        "in": "inside of;inside;within;in",
        "above": "above;over",
        "below": "below;under;underneath;beneath",
        "next to": "next to;beside;close to;near",
    }.items()
    for said in names.split(";")
]
_MASSES = bag("fruit furniture cutlery food")
"""Nouns without a plural that stand for all there is of them."""
_TEXT = bag("word line letter digit character number text")
"""What stands on things, and no tool finds as a thing."""
_SHADES = frozenset({"dark", "light", "bright", "pale"})
_QUANTIFIERS = bag("any some single many other different all visible both two three four five")
_CANS = [[kind, can] for kind in ("trash", "garbage", "tin", "beer", "soda", "paint") for can in ("can", "cans")]
_NO_NOUN = bag(
    "is are was were does do did what which where when who how there in on of at and or not no the a an any it "
    "this that to from with than color colors say says present visible image picture photo photos if many much shown "
    "between for my your i you me we they contain have please can left right top bottom same by"
)
