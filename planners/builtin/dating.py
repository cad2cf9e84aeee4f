"""Questions that reckon with dates: "what year is it from?", "how many days are between the two receipts?"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from ...vision.image import Image
from ..base import Draft
from . import compose, documents
from .desk import Desk, Unanswerable
from .patterns import Table, asks
from .programs import OnEach, Program
from .scopes import All


@dataclass(frozen=True)
class PartOfDate(OnEach):
    """The year, the month or the day of the week of a document's date."""

    part: str

    @property
    def aim(self) -> str:
        """Look for the date."""
        return "look for the date"

    def on(self, desk: Desk, image: Image) -> Draft:
        """That part, with the date it was taken from."""
        found = documents.read_value(desk, image, "date")
        value = _day(found.value).strftime(_PARTS[self.part])
        text = f"The {self.part} is {value}: the date is {found.value} (printed as “{found.text}”)"
        text += f"; {found.note}." if found.note else "."
        return compose.say(text, value, [(value, found.regions[0].handle), *documents.evidence(found)])


@dataclass(frozen=True)
class DaysBetween(Program):
    """How many days lie between the dates of two documents."""

    @property
    def aim(self) -> str:
        """Compare the dates."""
        return "count the days between the dates"

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """The number of days, with both dates."""
        chosen = images if len(images) > 1 else All(2).images(desk)
        if len(chosen) != 2:
            raise Unanswerable(f"I count the days between two dates, and there are {len(chosen)} pictures: name two.")
        found = desk.each(chosen, lambda image: documents.read_value(desk, image, "date"))
        days = abs(_day(found[0].value) - _day(found[1].value)).days
        said = [f"{compose.title(image)} has {field.value}" for image, field in zip(chosen, found, strict=True)]
        cite = [(field.value, region.handle) for field in found for region in field.regions[:1]]
        return compose.say(f"{compose.counted(days, 'day').capitalize()}: {compose.listing(said)}.", str(days), cite)


def _day(iso: str) -> date:
    """A date as it is written in answers. Raises `Unanswerable` when it is no whole date."""
    try:
        return date.fromisoformat(iso)
    except ValueError:
        raise Unanswerable(f"The date “{iso}” is none I can reckon with.") from None


_PARTS = {"year": "%Y", "month": "%B", "day of the week": "%A"}


def _part(name: str) -> Callable[[], Program]:
    return lambda: PartOfDate(name)


_OF_IT = "(<is>/<does>) (<it>|<i>|(the) <paper>) (<buy>/<issue>/from/dated/in) (<it>) (from/in)"

TABLE: Table[Program] = Table(
    {},
    (
        asks(
            _part("year"),
            f"(in/from) what/which year {_OF_IT}",
            "what <is> the year",
        ),
        asks(
            _part("month"),
            f"(in/from) what/which month {_OF_IT}",
            "what <is> the month",
        ),
        asks(
            _part("day of the week"),
            f"(on) what/which [weekday|day of the week] {_OF_IT}",
            "what <is> (the) [weekday|day of the week|day of week]",
        ),
        asks(
            DaysBetween,
            "how many days (<is>/lie/passed) (there) (between/separate) (the) (two/both/them/dates/<paper>) "
            "(<paper>/purchases/dates)",
            "how many days apart <is> (<it>|(the) (two/both) <paper>/dates)",
            "how many days later <is> (the) (second/other/last) (one/<paper>)",
        ),
    ),
)
