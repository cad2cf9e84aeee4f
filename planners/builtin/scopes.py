"""Which pictures a question is about: "in the second picture", "img_2", "for each receipt", "on both"."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from ...vision.image import Image
from ..base import Draft, Kind
from . import slots
from .desk import Desk, Unanswerable
from .naming import Thing
from .patterns import Table, asks
from .pictures import Describe
from .programs import Program
from .signs import OnThing, Says, on_sign
from .words import Words


class Scope(ABC):
    """A choice of pictures."""

    @abstractmethod
    def images(self, desk: Desk) -> Sequence[Image]:
        """The pictures, in order. Raises `Unanswerable` when they are not there."""

    def around(self, program: Program) -> Program:
        """A question asked about these pictures."""
        return Scoped(program, self)


@dataclass(frozen=True)
class Current(Scope):
    """The pictures of the last question that had any."""

    def images(self, desk: Desk) -> Sequence[Image]:
        """Those given with the last question, or before it."""
        questions = [message for message in desk.conversation.messages if message.kind is Kind.QUESTION]
        return next((message.images for message in reversed(questions) if message.images), ())


@dataclass(frozen=True)
class All(Scope):
    """Every picture the user gave; `at_least` of them."""

    at_least: int = 1

    def images(self, desk: Desk) -> Sequence[Image]:
        """Those of the last question when they are several, else all there are."""
        current = Current().images(desk)
        chosen = current if len(current) >= max(2, self.at_least) else desk.conversation.images
        if len(chosen) < self.at_least:
            raise Unanswerable(f"That takes {self.at_least} pictures, and I was given {len(chosen)}.")
        return chosen


@dataclass(frozen=True)
class Named(Scope):
    """Pictures by their handles."""

    handles: tuple[str, ...]

    def images(self, desk: Desk) -> Sequence[Image]:
        """The pictures of these handles."""
        return [desk.image(handle) for handle in self.handles]


@dataclass(frozen=True)
class Nth(Scope):
    """A picture by its number, from 1; negative numbers count from the end."""

    number: int

    def images(self, desk: Desk) -> Sequence[Image]:
        """The picture of that number, among those of the last question when there are enough."""
        chosen = Current().images(desk)
        if not 1 <= abs(self.number) <= len(chosen) or len(chosen) == 1:
            chosen = desk.conversation.images
        at = self.number - 1 if self.number > 0 else self.number
        if not -len(chosen) <= at < len(chosen):
            raise Unanswerable(f"I was given {len(chosen)} pictures, so there is no number {abs(self.number)}.")
        return [chosen[at]]


@dataclass(frozen=True)
class On(Scope):
    """A thing on the pictures, such as a sign, where the question is about what is on it."""

    thing: Thing

    def images(self, desk: Desk) -> Sequence[Image]:
        """The pictures on which the thing is."""
        return Current().images(desk)

    def around(self, program: Program) -> Program:
        """The question about that thing; "what is on the sign" asks for what it says."""
        return Says(self.thing) if isinstance(program, Describe) else OnThing(program, self.thing)


@dataclass(frozen=True)
class Scoped(Program):
    """A question about the pictures that it names."""

    program: Program
    scope: Scope

    @property
    def aim(self) -> str:
        """The aim of the program."""
        return self.program.aim

    def answer(self, desk: Desk, _images: Sequence[Image]) -> Draft:
        """The answer about those pictures."""
        return self.program.answer(desk, self.scope.images(desk))


_ON = "(in/on/of/from/for/at/inside/within)"
_ONE = "<picture>/<paper>/one/file"
_SEVERAL = "(of) (the) (two/three/these/them/<picture>/<paper>/files) (<picture>/<paper>/files)"

SCOPES: Table[Scope] = Table(
    {
        "handle": slots.image,
        "first": slots.image,
        "second": slots.image,
        "nth": slots.ordinal,
        "n": slots.count,
        "sign": on_sign,
    },
    (
        asks(
            lambda first, second: Named((first, second)),
            f"{_ON} (the) (<picture>/<paper>) {{first}} [and|,|&|or] (<picture>) {{second}} (together)",
        ),
        asks(
            lambda handle: Named((handle,)),
            f"{_ON} (the) (<picture>/<paper>) {{handle}}",
        ),
        asks(
            Nth,
            f"{_ON} (the) {{number:nth}} {_ONE}",
        ),
        asks(
            Nth,
            f"{_ON} (the) <picture>/<paper> (number) {{number:n}}",
        ),
        asks(
            lambda: All(2),
            f"{_ON} both {_SEVERAL}",
            f"{_ON} (the) two <picture>/<paper>",
        ),
        asks(
            All,
            f"{_ON} [each|all] {_SEVERAL}",
            f"{_ON} [each|every] (single) {_ONE}",
            "in/on/from/for all",
            "for/in/on each",
            "individually/respectively",
        ),
        asks(
            On,
            "on/from [the|this|that|my] {thing:sign}",
        ),
        asks(
            Current,
            "in/on/from/at/inside/within (the/this/that/my/your) (attached/given/above) <picture>/<paper>",
            "in/on/from (the) attachment",
            "of (the/this/that) (attached/given) <picture>",
            "in here",
            "in/on this/it",
            "of/for (the/this/my) receipt/bill/document/page",
        ),
    ),
)

ONE: Table[Scope] = Table(
    {"handle": slots.image, "nth": slots.ordinal},
    (
        asks(
            lambda handle: Named((handle,)),
            "(the) (<picture>/<paper>) {handle}",
        ),
        asks(
            Nth,
            f"(the) {{number:nth}} ({_ONE})",
        ),
    ),
)
"""One picture, where it is compared with another: "is the first receipt cheaper than the second?"."""

LONGEST = 8


def mentions(words: Words) -> list[tuple[int, int, Scope]]:
    """Where pictures are named: start, end and what is meant; left to right, the longest mention first."""
    found: list[tuple[int, int, Scope]] = []
    at = 0
    while at < len(words):
        for end in range(min(len(words), at + LONGEST), at, -1):
            scope = SCOPES.read(words[at:end]) if at or end < len(words) else None
            if scope is not None:
                found.append((at, end, scope))
                at = end - 1
                break
        at += 1
    return found


def scope_of(words: Words) -> tuple[Scope | None, Words]:
    """The one choice of pictures that words name, and the words without it."""
    found = mentions(words)
    if len(found) != 1:
        return None, words
    start, end, scope = found[0]
    return scope, _without_leftovers((*words[:start], *words[end:]))


def _without_leftovers(words: Words) -> Words:
    """Without a comma that was left at either end: "in img_2, what is ..."."""
    while words and words[0].text in {",", ":"}:
        words = words[1:]
    while words and words[-1].text in {",", ":"}:
        words = words[:-1]
    return words
