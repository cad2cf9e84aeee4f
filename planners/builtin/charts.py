"""The numbers that are printed on a chart, each with what it belongs to; read from where the text stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...vision.region import Region
from .fields import Field, find_amounts
from .places import plain, same_column, same_row

FEWEST = 2
"""Bars, columns or slices below this are no chart."""


@dataclass(frozen=True)
class Bar:
    """One number of a chart: what it is of, its value, and both lines of text."""

    label: str
    value: Decimal
    number: Region
    name: Region


def read_chart(lines: Sequence[Region]) -> Sequence[Bar]:
    """The bars of a chart whose numbers are printed; empty when the page is none.

    The labels stand side by side, and in the column of each is exactly one number above it. The ticks of an axis are
    in no column, so a chart without printed values has no bars here: their height is not measured.
    """
    numbers = [(line, value) for line in lines if (value := _number(line)) is not None]
    for first in reversed(lines):
        row = [line for line in lines if same_row(first, line)]
        bars = [bar for label in row if _may_be_label(label) for bar in _above(label, numbers)]
        if len(bars) == len(row) >= FEWEST and len({bar.number.handle for bar in bars}) == len(bars):
            return bars
    return []


def find_bar(name: str, lines: Sequence[Region]) -> Field | None:
    """The number of one bar, as a field of that name."""
    found = [bar for bar in read_chart(lines) if plain(bar.label) == plain(name)]
    if len(found) != 1:
        return None
    bar = found[0]
    return Field(bar.label, bar.number.text or "", str(bar.value), (bar.number, bar.name), 0.6)


def _above(label: Region, numbers: Sequence[tuple[Region, Decimal]]) -> list[Bar]:
    there = [(line, value) for line, value in numbers if line.center[1] < label.xyxy[1] and same_column(label, line)]
    return [Bar((label.text or "").strip(), value, line, label) for line, value in there] if len(there) == 1 else []


def _number(line: Region) -> Decimal | None:
    """The number that a line is; None for one that says more."""
    text = (line.text or "").strip()
    if not re.fullmatch(r"[€$£]?\s*-?\d[\d.,]*\s*(%|[kKmM])?", text) or text[-1] in "kKmM":
        return None
    found = find_amounts(text.strip("% "))
    return found[0].value if len(found) == 1 else None


def _may_be_label(line: Region) -> bool:
    """Words, or a year."""
    text = (line.text or "").strip()
    return any(map(str.isalpha, text)) or re.fullmatch(r"(19|20)\d\d", text) is not None
