"""Questions for text that shows what it is: opening hours, percentages, tax rates, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose
from .desk import Desk, Unanswerable
from .patterns import Table, asks
from .places import rows_of
from .programs import OnEach, Program

_CLOCK = r"\d{1,2}(?:[:.h]\d{2})?\s*(?:[ap]\.?m\.?|uhr|h)?"
_HOURS = re.compile(rf"(?<![\d.:])({_CLOCK})\s*(?:-|–|—|to|bis|till|until)\s*({_CLOCK})(?![\d.:])", re.IGNORECASE)
_WRITTEN_AS_TIME = re.compile(r"[:.h]\d{2}|[ap]\.?m|uhr", re.IGNORECASE)
_PERCENT = re.compile(r"\d+(?:[.,]\d+)?\s?%")
_NUMBER = re.compile(r"(?<!\w)[-+]?[€$£]?\s?\d[\d.,:]*\d|(?<!\w)\d(?!\w)")


@dataclass(frozen=True)
class OpeningHours(OnEach):
    """When a place opens or closes, or both; of the lines that name a span of the clock."""

    edge: str = ""

    @property
    def aim(self) -> str:
        """Look for the opening hours."""
        return "look for the opening hours"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The lines with hours; the one time when there is only one line and one edge is asked for."""
        rows = [(" ".join(line.text or "" for line in row), row) for row in rows_of(desk.lines(image))]
        found = [(text, row, match) for text, row in rows if (match := _hours(text)) is not None]
        if not found:
            raise Unanswerable(f"I read {compose.counted(len(rows), 'line')} and none shows opening hours.")
        texts = [text for text, _, _ in found]
        if self.edge and len(found) == 1:
            value = found[0][2][1 if self.edge == "open" else 2].strip()
            verb = "opens" if self.edge == "open" else "closes"
            cite = [(quote, line.handle) for line in found[0][1] for quote in (value, texts[0])]
            return compose.say(f"It {verb} at {value}: “{texts[0]}”.", value, cite)
        cite = [(line.text or "", line.handle) for _, row, _ in found for line in row]
        return compose.say(f"The opening hours are: {'; '.join(texts)}.", "; ".join(texts), cite)


def _hours(text: str) -> re.Match[str] | None:
    """A span of the clock: two times, of which one at least is written as a time."""
    spans = (match for match in _HOURS.finditer(text) if _WRITTEN_AS_TIME.search(match.group()))
    return next(spans, None)


@dataclass(frozen=True)
class TaxRate(OnEach):
    """The percentage that is printed with the tax."""

    @property
    def aim(self) -> str:
        """Look for the tax rate."""
        return "look for the tax rate"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The one rate; refused where several are printed."""
        rows = [row for row in rows_of(desk.lines(image)) if _TAX.search(" ".join(line.text or "" for line in row))]
        hits = [(match.group(), line) for row in rows for line in row for match in _PERCENT.finditer(line.text or "")]
        rates = {rate.replace(" ", ""): line for rate, line in hits}
        if len(rates) != 1:
            seen = f"several: {compose.listing(list(rates))}" if rates else "none"
            raise Unanswerable(f"I looked for a percentage printed with the tax and find {seen}.")
        rate, line = next(iter(rates.items()))
        return compose.say(
            f"The tax rate is {rate} (printed as “{line.text}”).", rate, [(line.text or "", line.handle)]
        )


_TAX = re.compile(r"\b(vat|gst|sst|tax|mwst|tva|iva|ust)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Shown(OnEach):
    """Every percentage or number that is printed."""

    what: str

    @property
    def aim(self) -> str:
        """List the numbers."""
        return f"list the {self.what}s"

    def on(self, desk: Desk, image: Image) -> Draft:
        """Each, in reading order, resting on its line."""
        lines: Sequence[Region] = desk.lines(image)
        pattern = _PERCENT if self.what == "percentage" else _NUMBER
        hits = [(match.group().strip(), line) for line in lines for match in pattern.finditer(line.text or "")]
        if not hits:
            raise Unanswerable(f"I read {compose.counted(len(lines), 'line')} and none shows a {self.what}.")
        texts = list(dict.fromkeys(text for text, _ in hits))
        said = (
            f"The {self.what} is {texts[0]}." if len(texts) == 1 else f"The {self.what}s are {compose.listing(texts)}."
        )
        return compose.say(said, ", ".join(texts), [(text, line.handle) for text, line in hits])


def _edge(name: str) -> Callable[[], Program]:
    return lambda: OpeningHours(name)


_PLACE = "(<it>|<i>|(the/this) <shop>|(the) place/museum/office/library/doctor/gym/pool/park)"

TABLE: Table[Program] = Table(
    {},
    (
        asks(
            OpeningHours,
            "(what/when <is>) (the/their/its) [opening|business|working|office|shop|store] [hours|times|time] "
            f"(of {_PLACE})",
            "(what <is>) (the/their/its) hours",
            f"when <is> {_PLACE} open",
            f"(on) what/which days <is>/<does> {_PLACE} open",
            f"how long <is> {_PLACE} open",
        ),
        asks(
            _edge("open"),
            f"when <does> {_PLACE} open (up)",
            f"(at) what time <does> {_PLACE} open (up)",
            f"from when <is> {_PLACE} open",
            "(what <is>) (the) opening time",
        ),
        asks(
            _edge("close"),
            f"when <does> {_PLACE} [close|shut]",
            f"(at) what time <does> {_PLACE} [close|shut]",
            f"[until|till] [when|what time] <is> {_PLACE} open",
            f"how late <is> {_PLACE} open",
            "(what <is>) (the) closing time",
        ),
        asks(
            TaxRate,
            "(what/which <is>) (the) [tax|vat|gst|sales tax] rate (applied/charged/used)",
            "how many percent (<is>) (the) [tax|vat|gst]",
            "at what rate <is> (the) [tax|vat|gst] charged",
        ),
        asks(
            lambda: Shown("percentage"),
            "what/which percentage/percentages <is> (there) (<written>)",
        ),
        asks(
            lambda: Shown("number"),
            "what/which numbers (<is>/can/do) (there/you/i) (see/<written>) (in/on) (the) (chart/graph/sign/label)",
            "(list|<give>) (me) (all) (the) numbers",
        ),
    ),
)
