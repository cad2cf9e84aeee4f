"""Questions for the values on a document: "what is the total?", "who is the seller?", "what is the table number?"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, slots
from .charts import find_bar
from .desk import Desk, Unanswerable
from .fields import FIELDS, Field, find_amounts, find_field
from .fields.model import ValueType
from .fields.money import currency_in
from .patterns import SETS, Table, asks
from .places import plain, rows_of
from .programs import OnEach, Program
from .words import Words, bag, text_of

CLOSE = 50
"""From this score (0-100) on, a line is worth showing to somebody whose value was not found."""

NAMES: Mapping[str, str] = {synonym: kind.name for kind in FIELDS.values() for synonym in (kind.name, *kind.synonyms)}
"""What people call the fields of documents -> their canonical names."""


@dataclass(frozen=True)
class ValueOf(OnEach):
    """The value of a field, or of anything that is labelled on the document.

    Attributes:
        name: a canonical field name, or a label as the user wrote it.
        presence: whether only its presence is asked for ("is there a date?").
    """

    name: str
    presence: bool = False

    @property
    def aim(self) -> str:
        """Look for the total."""
        return f"look for the {self.name}"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The value, with the words it was printed in."""
        found = read_value(desk, image, self.name)
        text = f"The {found.name} is {found.value}{_currency(found)}"
        if plain(found.text) != plain(found.value):
            text += f" (printed as “{found.text}”)"
        text = compose.sentence(f"{text}; {found.note}" if found.note else text)
        if self.presence:
            return compose.say(f"Yes. {text}", "yes", evidence(found))
        return compose.say(text, found.value, evidence(found))


def read_value(desk: Desk, image: Image, name: str) -> Field:
    """The value of a field. Raises `Unanswerable`, which says what was read instead."""
    lines = desk.lines(image)
    found = find_field(name, lines) or (None if name in FIELDS else find_bar(name, lines))
    if found is None:
        raise missing(name, lines, image)
    return found


def _currency(found: Field) -> str:
    """The currency that the label of an amount ends with, as in `TOTAL EUR`; one beside the amount is shown with it."""
    kind = FIELDS.get(found.name)
    if kind is None or kind.type is not ValueType.MONEY or currency_in(found.text):
        return ""
    labels = [re.search(r"(?:^|[\s(])([A-Z]{3})\)?\s*:?$", region.text or "") for region in found.regions[1:]]
    named = {match[1] for match in labels if match and currency_in(match[1]) == match[1]}
    return f" {named.pop()}" if len(named) == 1 else ""


@dataclass(frozen=True)
class AllFields(OnEach):
    """Every field of a document that is found."""

    @property
    def aim(self) -> str:
        """Look for every field."""
        return "look for every field I know"

    def on(self, desk: Desk, image: Image) -> Draft:
        """One line for each, resting on the line that holds it."""
        lines = desk.lines(image)
        found = [field for name in FIELDS if (field := find_field(name, lines)) is not None]
        if not found:
            return compose.cannot(f"I read {compose.counted(len(lines), 'line')} and find no field in them.")
        text = "\n".join(f"{field.name}: {field.value}" for field in found)
        return compose.say(text, "", [pair for field in found for pair in evidence(field)])


def read_amount(desk: Desk, image: Image, name: str) -> Field:
    """An amount of money or a number: a field, what stands beside the name of a thing, or a labelled value.

    Raises:
        Unanswerable: when there is none.
    """
    lines = desk.lines(image)
    readers = (find_field,) if name in FIELDS else (_beside, find_field, find_bar)
    names = (name, name[:-1]) if name.endswith("s") and name not in FIELDS else (name,)
    fields = (field for one in names for read in readers if (field := read(one, lines)) is not None)
    found = next((field for field in fields if _is_number(field.value)), None)
    if found is None:
        raise missing(name, lines, image)
    return found


def _is_number(value: str) -> bool:
    return value.replace(".", "", 1).removeprefix("-").isdigit()


def _beside(name: str, lines: Sequence[Region]) -> Field | None:
    """What a thing costs: the last amount in the row of its name."""
    for row in rows_of(lines):
        text = " ".join(line.text or "" for line in row)
        amounts = find_amounts(text)
        if amounts and f" {plain(name)} " in f" {plain(text)} ":
            last = amounts[-1]
            holders = sorted(row, key=lambda line: last.text not in (line.text or ""))
            return Field(name, last.text, str(last.value), tuple(holders), 0.6)
    return None


def evidence(found: Field) -> list[tuple[str, str]]:
    """What a value rests on: first the line that holds it."""
    quotes = [found.value, found.text]
    return [(quote, region.handle) for region in found.regions for quote in quotes]


def missing(name: str, lines: Sequence[Region], image: Image) -> Unanswerable:
    """That a value is not there, with the line that comes closest."""
    if not lines:
        return Unanswerable(compose.cannot(f"I find no text on {compose.title(image)}, so no {name}."))
    if name not in FIELDS:
        text = f"I took “{name}” for the name of a value, read {compose.counted(len(lines), 'line')}, and none has it."
        return Unanswerable(_with_closest(text, name, lines))
    article = "an" if name[:1].lower() in "aeiou" else "a"
    text = f"I read {compose.counted(len(lines), 'line')} and none looks like {article} {name}."
    return Unanswerable(_with_closest(text, name, lines))


def _with_closest(text: str, name: str, lines: Sequence[Region]) -> Draft:
    _, score, at = process.extractOne(
        plain(name), [plain(line.text or "") for line in lines], scorer=fuzz.token_set_ratio
    )
    if score < CLOSE:
        return compose.cannot(text)
    closest = lines[at]
    text += f" The closest is “{closest.text}”."
    return compose.cannot(text, cite=compose.cited([closest]))


def field(words: Words) -> str | None:
    """A field by any of its names: `grand total incl. tax` -> `total`."""
    rest = slots.without_articles(words)
    tax = next((at for at, word in enumerate(rest) if word.text in _INCLUDING and at), len(rest))
    for cut in (rest, rest[:tax], tuple(word for word in rest if word.text not in _DECORATION)):
        name = NAMES.get(text_of(cut)) or NAMES.get(text_of(cut).removesuffix("s"))
        if name is not None:
            return name
    return _of_the_shop(rest)


def _of_the_shop(words: Words) -> str | None:
    """A field with its owner: `shop's phone`, `phone number of the shop`, `supplier name`."""
    shop = SETS["shop"]
    rest = tuple(word for word in words if word.text not in shop and word.text not in ("of", "the"))
    if not 0 < len(rest) < len(words) or not shop & {word.text for word in words}:
        return None
    if text_of(rest) in ("name", "names"):
        return "company"
    name = NAMES.get(text_of(rest))
    return name if name in _THE_SHOP_HAS else None


_THE_SHOP_HAS = frozenset({"address", "phone", "fax", "email", "website", "tax number", "registration number", "iban"})
_INCLUDING = bag("incl including inclusive with")
_DECORATION = bag(". including incl inclusive with of the due amount payable printed exact final overall full gross")


def value_of(name: str) -> Program:
    """The program for a field or label."""
    return ValueOf(name)


def _presence(name: str) -> Program:
    return ValueOf(name, presence=True)


READERS = {"name": field}

TABLE: Table[Program] = Table(
    READERS,
    (
        asks(
            value_of,
            "how much {name} (<is>/<does>/have) (there/i/we/<it>) "
            "(pay/paid/get/got/give/given/charged/include/included/have)",
            "what/which <is> {name} ([on|in|of] (the) <paper>)",
            "who <is> {name}",
            "what {name} <is> (there/<it>)",
            "(<give>) (me) {name}",
            "(find/get) (out) {name}",
            "what {name} <does> <it> (have/<say>)",
            "what <is> {name} [printed|written|shown|given|stated] (there/here)",
            "how much/high/large/big <is> {name}",
            "what/which {name} <is> [printed|written|shown|given|stated|on <it>]",
            "when/where <is> {name}",
            "what <does> {name} <say>",
            "{name} (value)",
            "value/amount of {name}",
            "what <is> (the) value/amount of {name}",
        ),
        asks(
            AllFields,
            "(what <is>|<give>|extract) (me) (all) (the) fields/values/data (there)",
            "what fields <is> there",
            "<give>/extract (me) (all) (the) [information|details|key values|key facts]",
            "parse (the/this) (<it>/<paper>)",
        ),
        asks(
            _presence,
            "<is> there (a/an/any) {name}",
            "<does> (the) <it>/<paper>/<picture> (have/show/contain/state) (a/an/any) {name}",
        ),
    ),
)
