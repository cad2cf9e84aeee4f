"""Questions for any labelled value or price: "cashier?", "what is the table number?", "how much was the coffee?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, slots
from .desk import Desk
from .documents import NAMES, ValueOf, evidence, read_amount
from .fields import find_field
from .patterns import Table, asks
from .programs import OnEach, Program
from .words import Words, bag

SHORT = 3


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
        are = "are" if self.name.endswith("s") and not self.name.endswith("ss") else "is"
        return compose.say(f"The {self.name} {are} {found.value}.", found.value, evidence(found))


@dataclass(frozen=True)
class Labelled(OnEach):
    """The value beside a label.

    Attributes:
        names: the names under which it may be printed, the most telling one first.
        called: what it is called in the answer; as it is printed when empty.
    """

    names: tuple[str, ...]
    called: str = ""

    @property
    def aim(self) -> str:
        """Look for the weight."""
        return f"look for the {self.names[0]}"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The value of the first label that is printed."""
        lines = desk.lines(image)
        printed = next((name for name in self.names if self._is_printed(name, lines)), self.names[0])
        draft = ValueOf(printed).on(desk, image)
        if not (self.called and draft.complete):
            return draft
        text = draft.text.replace(f"The {printed} is", f"The {self.called} is", 1)
        return compose.say(text, draft.value, [(one.quote, one.handle) for one in draft.citations])

    def _is_printed(self, name: str, lines: Sequence[Region]) -> bool:
        """Whether it labels a value; a short name only with its colon, as it may be any word."""
        found = find_field(name, lines)
        if found is None or len(name) > SHORT:
            return found is not None
        return any((region.text or "").casefold().startswith(f"{name}:") for region in found.regions)


def _measured(name: str, **_: str) -> Program:
    """Battery level -> what is printed beside "Battery level", or else beside "Battery"."""
    whole = name.split()
    return Labelled((name, " ".join(whole[:-1])))


def _with_measure(words: Words) -> str | None:
    """A label that ends in what kind of value it has, such as a level or a fee."""
    name = slots.label(words)
    return name if name and len(words) > 1 and words[-1].text in _MEASURES else None


_MEASURES = bag("level amount charge charges fee fees cost costs price percentage setting value")


def _reversed(of: str, name: str) -> Program:
    both = f"{of} {name}"
    return ValueOf(NAMES.get(both.casefold()) or NAMES.get(name.casefold()) or both)


def _short_label(words: Words) -> str | None:
    return slots.label(words) if len(words) <= 2 else None


TABLE: Table[Program] = Table(
    {"label": slots.label, "measured": _with_measure, "of": slots.label, "short": _short_label},
    (
        asks(
            _measured,
            "(what/which <is>|how much/high <is>|<give>) (me) (the) {name:measured}",
        ),
        asks(
            lambda: Labelled(("weight", "gross weight", "net weight", "wt")),
            "how heavy <is> (<it>|the parcel/package/item)",
            "how much <does> (<it>|the parcel/package/item) weigh",
        ),
        asks(
            PriceOf,
            "how much <is>/<does> (the) {name:label} (cost/costs)",
            "how much (money) <does> <i> (pay/paid/spend/charge) (<me>) (for/on) (the) {name:label}",
            "(what <is>) (the) price/cost (of/for) (the) {name:label}",
            "what <does> (the) {name:label} cost",
            "what <does> <i> (pay/paid/spend) for (the) {name:label}",
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
            "what/which {name:label} <is> [set|selected|chosen|used|configured|installed|active]",
            "how [full|charged] <is> (the) {name:label}",
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
