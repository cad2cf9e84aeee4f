"""The question grammar: from the words of a question to the program that answers it.

Each family of questions has its own module with its own table of phrasings; this module says in which order they are
tried and how questions are taken apart. `docs/question-grammar.md` shows what can be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from ...vision.image import Image
from ...vision.nouns import ANYTHING, KINDS
from ..base import Draft
from . import (
    codes,
    colors,
    comparing,
    compose,
    counting,
    dating,
    documents,
    editing,
    figures,
    handles,
    implied,
    items,
    labelled,
    ordering,
    overall,
    pictures,
    presence,
    printed,
    reading,
    searching,
    signs,
    slots,
    spelling,
    sums,
    things,
    turning,
    whichever,
)
from .courtesy import asking, plainly, sentences
from .desk import Desk
from .otherwise import ChartOrThings
from .patterns import Table
from .places import PLACES
from .programs import Program, Several
from .scopes import SCOPES, Current, Scope, mentions
from .targets import TARGETS
from .words import Word, Words, phrase, tokenize

FAMILIES: Sequence[Table[Program]] = (
    comparing.TABLE,
    overall.TABLE,
    printed.TABLE,
    figures.TABLE,
    sums.TABLE,
    pictures.TABLE,
    codes.TABLE,
    dating.TABLE,
    items.TABLE,
    documents.TABLE,
    implied.TABLE,
    signs.ON,
    searching.TABLE,
    ordering.TABLE,
    reading.TABLE,
    signs.TABLE,
    handles.TABLE,
    colors.TABLE,
    counting.TABLE,
    presence.TABLE,
    things.TABLE,
    turning.TABLE,
    editing.TABLE,
)
"""The families of questions, the more particular ones first."""

LONGEST_SENTENCE = 32
SHOWN_QUESTION = 80
Reading: TypeAlias = Callable[[Words], Program | None]


@dataclass(frozen=True)
class NotUnderstood(Program):
    """A question beyond the grammar."""

    question: str

    def answer(self, _desk: Desk, _images: Sequence[Image]) -> Draft:
        """That it is beyond me, and what I can do."""
        if not self.question.strip():
            return compose.cannot(f"There is no question in that. {pictures.ABILITIES}")
        shown = self.question if len(self.question) <= SHOWN_QUESTION else f"{self.question[:SHOWN_QUESTION]}..."
        return compose.cannot(f"“{shown}” is beyond the built-in planner. {pictures.ABILITIES}")


@lru_cache(maxsize=256)
def understand(question: str) -> Program:
    """The program that answers a question; `NotUnderstood` for one that is beyond the grammar."""
    words = tokenize(question)
    parts = [(part, read_sentence(part)) for part in asking(sentences(words))]
    understood = [program for _, program in parts if program is not None]
    if not understood:
        return NotUnderstood(" ".join(question.split()))
    asked = [program or NotUnderstood(phrase(part)) for part, program in parts if program or _is_question(part)]
    return asked[0] if len(asked) == 1 else _together(asked)


def read_sentence(words: Words) -> Program | None:
    """What one sentence asks for: as it is written, then with its spelling corrected, then as a printed label."""
    words = plainly(words)
    if not 0 < len(words) <= LONGEST_SENTENCE:
        return None
    corrected = spelling.corrected(words, vocabulary())
    attempts: list[tuple[Words, Reading]] = [(words, _plain), (words, _conjunction)]
    if corrected != words:
        attempts += [(corrected, _plain), (corrected, _conjunction)]
    attempts += [(words, labelled.TABLE.read), (words, _conjunction_of_labels)]
    return next((program for text, read in attempts if (program := _scoped(text, read)) is not None), None)


def _scoped(words: Words, read: Reading) -> Program | None:
    """Read a sentence without the pictures it names; then with them, for they may belong to its parts."""
    named = mentions(words)
    explicit = [scope for _, _, scope in named if scope != Current()]
    if len(explicit) <= 1:
        program = read(_trimmed(_without(words, named)))
        if program is not None:
            return explicit[0].around(program) if explicit else program
    for kept in ([mention for mention in named if mention[2] == Current()], []):
        program = read(_trimmed(_without(words, kept)))
        if program is not None:
            return program
    return None


def _plain(words: Words) -> Program | None:
    """What the first family that knows such a question makes of it; of several pictures, which one."""
    known = next((program for table in FAMILIES if (program := table.read(words)) is not None), None)
    if isinstance(known, figures.AboutChart):
        counted = counting.TABLE.read(words)
        return ChartOrThings(known, counted) if isinstance(counted, counting.CountThings) else known
    return known or whichever.read(words, _plain)


def _conjunction(words: Words) -> Program | None:
    """Several questions joined by "and" or commas; what the first begins with may be left out in the others."""
    return _joined(words, _plain)


def _conjunction_of_labels(words: Words) -> Program | None:
    return _joined(words, lambda part: _plain(part) or labelled.TABLE.read(part))


def _joined(words: Words, read: Reading) -> Program | None:
    parts = list(_parts(words))
    if len(parts) < 2:
        return None
    programs: list[Program] = []
    for part in parts:
        heads = [(), *(parts[0][:length] for length in range(1, 5))] if programs else [()]
        found = next((program for head in heads if (program := read((*head, *plainly(part)))) is not None), None)
        if found is None:
            return None
        programs.append(found)
    return _together(list(dict.fromkeys(programs)))


def _together(programs: Sequence[Program]) -> Program:
    """Several programs as one; each edit among edits is of what the one before made."""
    return editing.in_turn(programs) or Several(tuple(programs))


def _parts(words: Words) -> Iterator[Words]:
    part: list[Word] = []
    for word in words:
        if word.quoted or word.text not in {"and", ",", "&", "also", "plus"}:
            part.append(word)
        elif part:
            yield tuple(part)
            part = []
    if part:
        yield tuple(part)


def _without(words: Words, named: Sequence[tuple[int, int, Scope]]) -> Words:
    gone = {at for start, end, _ in named for at in range(start, end)}
    return tuple(word for at, word in enumerate(words) if at not in gone)


def _trimmed(words: Words) -> Words:
    """Without commas left at either end: "in img_2, what is ..."."""
    while words and words[0].text in {",", ":"}:
        words = words[1:]
    while words and words[-1].text in {",", ":"}:
        words = words[:-1]
    return plainly(words)


def _is_question(words: Words) -> bool:
    return words[0].text in {"what", "which", "who", "where", "when", "how", "why", "is", "are", "does", "do", "can"}


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """Every word the grammar knows: those of its phrasings, of fields, colours and kinds of things."""
    names = {word for name in documents.NAMES for word in name.split()}
    kinds = {word for kind in KINDS.values() for word in kind}
    nested = (PLACES.vocabulary, SCOPES.vocabulary, TARGETS.vocabulary)
    known = frozenset[str]().union(
        *nested, *(table.vocabulary for table in FAMILIES), names, kinds, KINDS, slots.COLORS
    )
    return known | frozenset(slots.ORDINALS) | ANYTHING | frozenset({"barcode", "barcodes", "words", "lines"})
