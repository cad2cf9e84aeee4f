"""Questions for any labelled value or price: "cashier?", "what is the table number?", "how much was the coffee?"."""

from __future__ import annotations

from dataclasses import dataclass

from ...vision.image import Image
from ..base import Draft
from . import compose, slots
from .desk import Desk
from .documents import NAMES, ValueOf, evidence, read_amount
from .patterns import Table, asks
from .programs import OnEach, Program
from .words import Words


@dataclass(frozen=True)
class PriceOf(OnEach):
    """What a thing on the document costs."""

    name: str

    @property
    def aim(self) -> str:
        """Look for the price of the coffee."""
        return f"look for the price of the {self.name}"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The amount, resting on the lines of its row."""
        found = read_amount(desk, image, self.name)
        return compose.say(f"The {self.name} is {found.value}.", found.value, evidence(found))


def _reversed(of: str, name: str) -> Program:
    both = f"{of} {name}"
    return ValueOf(NAMES.get(both.casefold()) or NAMES.get(name.casefold()) or both)


def _short_label(words: Words) -> str | None:
    return slots.label(words) if len(words) <= 2 else None


TABLE: Table[Program] = Table(
    {"label": slots.label, "of": slots.label, "short": _short_label},
    (
        asks(
            PriceOf,
            "how much <is>/<does> (the) {name:label} (cost/costs)",
            "(what <is>) (the) price/cost (of/for) (the) {name:label}",
            "what <does> (the) {name:label} cost",
        ),
        asks(
            ValueOf,
            "what/which/who <is> (the) (value/amount/content) (of/for) {name:label}",
            "what <is> (the) {name:label}",
            "who <is> (the) {name:label}",
            "(what <is>) (the) value/amount (of/for) (the) {name:label}",
            "what <does> (the) {name:label} <say>",
            "<give> (me) (the) {name:label}",
            "what {name:label} <is> <it>",
            "{name:short}",
        ),
        asks(
            _reversed,
            "what/which <is> (the) {name:label} of (the) {of}",
            "(the) {name:label} of (the) {of}",
        ),
    ),
)
"""Any labelled value: asked only after everything else, because nearly every noun could be a label."""
