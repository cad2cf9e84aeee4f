"""Phrasings: what a question may look like, written the way people write it.

A phrasing is one line of text::

    "what/which color is (the) {target}"

    word        that word
    one/other   either word
    (maybe)     may be left out; holds any phrasing, with `|` between alternatives: `(in the|on the)`
    [one|two]   one of these, each any phrasing: `[how many|what number of]`
    <set>       any word of a named set, see `SETS`
    {slot}      words that a reader understands; `{a:term}` is read by the reader `term` and passed on as `a`

A table is a list of *asks*: a program, and the phrasings that ask for it. The slots become its arguments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeAlias, TypeVar

from .words import Words, bag

Made = TypeVar("Made")
Reader: TypeAlias = Callable[[Words], object | None]
"""What a slot means: a value, or None when the words are not one."""

Slots: TypeAlias = Mapping[str, object]
Matcher: TypeAlias = Callable[[Words, int, Slots], Iterator[tuple[int, Slots]]]

LONGEST_SLOT = 14
KEPT = 2048

SETS: Mapping[str, frozenset[str]] = {
    "is": bag("is are was were"),
    "does": bag("does do did"),
    "picture": bag("picture pictures image images photo photos scan screenshot scene drawing"),
    "paper": bag("receipt receipts invoice invoices bill bills document documents page pages label slip letter"),
    "read": bag("read transcribe ocr extract recognize recognise"),
    "text": bag("text texts words writing content contents letters"),
    "written": bag("written printed displayed shown visible readable stated"),
    "say": bag("say says read reads state states"),
    "it": bag("it this that they these those"),
    "give": bag("give show list get find name return print output display extract read"),
    "i": bag("i we you they he she one people somebody someone"),
    "me": bag("me us you them him her"),
    "shop": bag(
        "shop store company restaurant business merchant market supermarket cafe café bar hotel bakery pharmacy "
        "vendor seller supplier retailer issuer firm shops stores companies restaurants"
    ),
    "buy": bag("buy bought purchase purchased order ordered get got shop shopped pay paid spend spent eat ate drink"),
    "issue": bag(
        "issue issues issued sell sells sold send sends sent write writes wrote written print prints printed make "
        "makes made create created give gave given prepare prepared bill billed deliver delivers delivered"
    ),
}

_WORD = r"(?:<\w+>|[^\s()\[\]|{}<>/]+)"
_PIECE = re.compile(rf"\{{[^}}]*\}}|[()\[\]|]|{_WORD}(?:/{_WORD})*|/|\s+")


@dataclass(frozen=True)
class Asks(Generic[Made]):
    """A program and the ways of asking for it."""

    make: Callable[..., Made]
    phrasings: tuple[str, ...]


def asks(make: Callable[..., Made], *phrasings: str) -> Asks[Made]:
    """One row of a table: `make` is called with the slots of the phrasing that matched."""
    return Asks(make, phrasings)


class Table(Generic[Made]):
    """Phrasings in order of preference; the first that fits all the words wins.

    Args:
        readers: what the slots mean, by name.
        rows: what can be asked, and how.
    """

    def __init__(self, readers: Mapping[str, Reader], rows: Iterable[Asks[Made]]) -> None:
        self.rows = tuple(rows)
        known = {name: lru_cache(maxsize=KEPT)(reader) for name, reader in readers.items()}
        self._compiled = [
            (_needed(text), _compile(text, known), row.make) for row in self.rows for text in row.phrasings
        ]

    def read(self, words: Words) -> Made | None:
        """What the words ask for, or None when no phrasing fits them."""
        texts = {word.text for word in words}
        for needed, matcher, make in self._compiled:
            if any(texts.isdisjoint(choices) for choices in needed):
                continue
            for end, slots in matcher(words, 0, {}):
                if end == len(words):
                    return make(**slots)
        return None

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every plain word of its phrasings."""
        text = " ".join(phrasing for row in self.rows for phrasing in row.phrasings)
        plain = re.sub(r"\{[^}]*\}|<[^>]*>", " ", text)
        sets = [word for name in re.findall(r"<(\w+)>", text) for word in SETS[name]]
        return frozenset(re.findall(r"[a-z]+", plain)) | frozenset(sets)


def _needed(text: str) -> list[frozenset[str]]:
    """The words without which a phrasing cannot fit: those outside brackets. Looked at first, because it is quick."""
    depth = 0
    needed: list[frozenset[str]] = []
    for piece in _PIECE.findall(text):
        depth += (piece in "([") - (piece in ")]")
        if depth == 0 and piece not in ")]" and piece[0] != "{" and not piece.isspace():
            needed.append(_texts(piece))
    return needed


def _compile(text: str, readers: Mapping[str, Reader]) -> Matcher:
    pieces = _PIECE.findall(text)
    if "".join(pieces) != text:
        raise ValueError(f"The phrasing {text!r} has a sign that means nothing in a phrasing.")
    matcher, rest = _sequence(pieces, readers)
    if rest:
        raise ValueError(f"The phrasing {text!r} has an unbalanced {rest[0]!r}.")
    return matcher


def _sequence(pieces: Sequence[str], readers: Mapping[str, Reader]) -> tuple[Matcher, Sequence[str]]:
    """Read pieces up to a closing bracket or a bar between alternatives."""
    steps: list[Matcher] = []
    while pieces and pieces[0] not in ")]|":
        head, pieces = pieces[0], pieces[1:]
        if head in "([":
            matcher, pieces = _alternatives(pieces, readers)
            steps.append(_maybe(matcher) if head == "(" else matcher)
        elif head[0] == "{":
            name, _, reader = head[1:-1].partition(":")
            steps.append(_slot(name, readers[reader or name]))
        elif not head.isspace():
            steps.append(_one_of(_texts(head)))
    return _in_order(steps), pieces


def _texts(piece: str) -> frozenset[str]:
    """`this/that/<text>`: the words a piece stands for."""
    parts = piece.split("/") if len(piece) > 1 else [piece]
    return frozenset[str]().union(*(SETS[part[1:-1]] if part.startswith("<") else {part} for part in parts))


def _alternatives(pieces: Sequence[str], readers: Mapping[str, Reader]) -> tuple[Matcher, Sequence[str]]:
    """Read alternatives up to and with the closing bracket."""
    choices: list[Matcher] = []
    while True:
        matcher, pieces = _sequence(pieces, readers)
        choices.append(matcher)
        if not pieces:
            raise ValueError("A phrasing ends inside a bracket.")
        head, pieces = pieces[0], pieces[1:]
        if head in ")]":
            return _any_of(choices), pieces


def _one_of(texts: frozenset[str]) -> Matcher:
    def match(words: Words, at: int, slots: Slots) -> Iterator[tuple[int, Slots]]:
        if at < len(words) and words[at].text in texts and not words[at].quoted:
            yield at + 1, slots

    return match


def _slot(name: str, reader: Reader) -> Matcher:
    def match(words: Words, at: int, slots: Slots) -> Iterator[tuple[int, Slots]]:
        for end in range(at + 1, min(len(words), at + LONGEST_SLOT) + 1):
            value = reader(words[at:end])
            if value is not None:
                yield end, {**slots, name: value}

    return match


def _maybe(matcher: Matcher) -> Matcher:
    def match(words: Words, at: int, slots: Slots) -> Iterator[tuple[int, Slots]]:
        yield from matcher(words, at, slots)
        yield at, slots

    return match


def _any_of(choices: Sequence[Matcher]) -> Matcher:
    def match(words: Words, at: int, slots: Slots) -> Iterator[tuple[int, Slots]]:
        for choice in choices:
            yield from choice(words, at, slots)

    return match


def _in_order(steps: Sequence[Matcher]) -> Matcher:
    def match(words: Words, at: int, slots: Slots) -> Iterator[tuple[int, Slots]]:
        yield from _from(steps, words, at, slots)

    return match


def _from(steps: Sequence[Matcher], words: Words, at: int, slots: Slots) -> Iterator[tuple[int, Slots]]:
    if not steps:
        yield at, slots
        return
    for end, found in steps[0](words, at, slots):
        yield from _from(steps[1:], words, end, found)
