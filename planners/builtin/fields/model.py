"""What a field is, and what is known about one that was read off a document."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ....vision.region import Region


class ValueType(Enum):
    """What the value of a field looks like."""

    MONEY = "an amount of money"
    DATE = "a date"
    TIME = "a time of day"
    NAME = "the name of a company"
    ADDRESS = "a postal address"
    PHONE = "a phone number"
    CODE = "a number or code, such as that of an invoice"
    COUNT = "a whole number"
    CURRENCY = "a currency"
    TEXT = "any text"


@dataclass(frozen=True, slots=True)
class FieldKind:
    """A field that documents commonly have.

    Attributes:
        name: its canonical name, in English ("invoice number").
        type: what its value looks like.
        synonyms: how people ask for it, lower case; the name itself is the first.
        labels: how documents print it, lower case and without accents, the most telling ones first.
    """

    name: str
    type: ValueType
    synonyms: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A value read off a document.

    Attributes:
        name: the canonical field name, or the label that was asked for.
        text: the value as printed ("RM 29.70", "12 MAR 2018").
        value: the value to say or calculate with ("29.70", "2018-03-12").
        regions: the lines that contain it; the first one holds the value (or its beginning).
        confidence: how sure the reading is, 0 to 1.
        note: what a reader should know ("day and month could be swapped"), or empty.
    """

    name: str
    text: str
    value: str
    regions: tuple[Region, ...]
    confidence: float
    note: str = ""
