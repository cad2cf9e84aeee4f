"""Numbers in calculations: what the user says, what is read off a document, and how the result is worked out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from ...vision.image import Image
from ..base import Draft
from . import compose, documents, slots
from .desk import Desk, Unanswerable
from .fields import FIELDS, Field
from .scopes import Scope, scope_of
from .words import Word, Words, bag, text_of

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Quantity:
    """A number, what it is, and what it rests on."""

    number: Decimal
    what: str
    cite: Sequence[tuple[str, str]] = ()


class Term(ABC):
    """A number in a calculation."""

    @abstractmethod
    def quantity(self, desk: Desk, image: Image | None) -> Quantity:
        """Its value. Raises `Unanswerable` when it is not there or no number."""


@dataclass(frozen=True)
class Amount(Term):
    """A number that the user gave."""

    number: Decimal

    def quantity(self, _desk: Desk, _image: Image | None) -> Quantity:
        """The number."""
        return Quantity(self.number, str(self.number))


@dataclass(frozen=True)
class Reading(Term):
    """A value on a document; on the picture that is named, or else on the one that is asked about."""

    name: str
    scope: Scope | None = None

    def quantity(self, desk: Desk, image: Image | None) -> Quantity:
        """The value read, as a number."""
        if self.scope is not None:
            image = self.scope.images(desk)[0]
        if image is None:
            raise Unanswerable("There is no picture to look at: give me one together with the question.")
        found = self._field(desk, image)
        what = f"{found.name} of {image.handle}" if self.scope else found.name
        try:
            number = Decimal(found.value)
        except InvalidOperation:
            raise Unanswerable(f"The {what} is “{found.text}”, which is no number to calculate with.") from None
        lead = [(quote, region.handle) for region in found.regions[:1] for quote in (str(number), found.text)]
        return Quantity(number, what, lead)

    def _field(self, desk: Desk, image: Image) -> Field:
        read = documents.read_value if self.name in FIELDS else documents.read_amount
        return read(desk, image, self.name)


def calculated(desk: Desk, formula: str, quantities: Sequence[Quantity], wording: str, unit: str = "") -> Draft:
    """The result of a formula over quantities, worked out by the tool `calculate`."""
    expression = formula.format(*(quantity.number for quantity in quantities))
    number, call_id = calculate(desk, expression)
    value = tidy(number, quantities)
    text = compose.sentence(f"{wording} is {value}{unit} ({expression})")
    return compose.say(text, value, [(value, call_id), *(pair for quantity in quantities for pair in quantity.cite)])


def calculate(desk: Desk, expression: str) -> tuple[Decimal, str]:
    """What the tool `calculate` makes of an expression, and the call. Raises `Unanswerable` when it is no number."""
    result = desk.ask("calculate", expression=expression)
    data = result.observation.data if result.observation else None
    value = str(data.get("value")) if isinstance(data, Mapping) else ""
    try:
        return Decimal(value), result.call.id
    except InvalidOperation:
        raise Unanswerable(f"The tool `calculate` gave no number for {expression}.") from None


def tidy(number: Decimal, quantities: Sequence[Quantity]) -> str:
    """A result with cents where its terms have them, else with as few digits as it needs, at most two decimals."""
    if any("." in str(quantity.number) for quantity in quantities):
        return str(number.quantize(CENT, ROUND_HALF_UP))
    rounded = number.quantize(CENT, ROUND_HALF_UP)
    return str(rounded.to_integral_value()) if rounded == rounded.to_integral_value() else str(rounded)


def is_free(term: Term) -> bool:
    """Whether a term is the same on every picture."""
    return isinstance(term, Amount) or (isinstance(term, Reading) and term.scope is not None)


def term(words: Words) -> Term | None:
    """`50`, `the total`, `total of img_1`, `service charge`."""
    number = slots.number(words)
    if number is not None:
        return Amount(number)
    if text_of(slots.without_articles(words)) in _EVERYTHING:
        return Reading("total")
    scope, rest = scope_of(words)
    name = documents.field(rest) or _label(rest)
    return Reading(name, scope) if name else None


def terms(words: Words) -> tuple[Term, ...] | None:
    """Two or more terms joined by "and" or commas: `the hammer, the saw and the nails`."""
    parts: list[list[Word]] = [[]]
    for word in words:
        if word.text in ("and", ",", "&") and not word.quoted:
            parts.append([])
        else:
            parts[-1].append(word)
    found = [term(slots.without_articles(tuple(part))) for part in parts if part]
    known = [one for one in found if one is not None]
    return tuple(known) if len(found) == len(known) >= 2 else None


def amount(words: Words) -> Term | None:
    """A number that the user gives."""
    number = slots.number(words)
    return None if number is None else Amount(number)


def known(words: Words) -> Term | None:
    """A term that is surely one: a number, or a field by a name that documents have."""
    found = term(words)
    return None if isinstance(found, Reading) and found.name not in FIELDS else found


def _label(words: Words) -> str | None:
    name = slots.label(words)
    operator = any(word.text in _OPERATORS or word.text.isdigit() for word in words)
    return None if operator else name


_EVERYTHING = bag("bill receipt invoice it everything cost check price")
_OPERATORS = bag(
    "plus minus times less divided multiplied over by sum difference average total percent percentage half double "
    "+ - * / split add subtract tip change share portion both each per more greater larger smaller"
) - {"total"}
