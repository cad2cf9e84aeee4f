"""Which printed amount is what: the total, the tax, the cash, the change ..., by the label beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .labels import fold
from .money import Amount, decimal_sign, find_amounts
from .page import Line, Page
from .wording import GOODS, TAX_SUMMARY, classify, corrected

_CELL = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount with what its label says it is.

    Attributes:
        line: the line that contains it.
        amount: the amount.
        kind: "total", "tax", "paid" ..., "count", "other", or empty for an amount without a telling label.
        strength: how telling the label is, 0 to 1.1.
        label: the label, corrected.
        label_line: where the label is printed.
        summary: whether it stands in a table that sums up the tax.
    """

    line: Line
    amount: Amount
    kind: str
    strength: float
    label: str = ""
    label_line: Line | None = None
    summary: bool = False

    @property
    def money(self) -> bool:
        """Whether it can be an amount to pay: two decimals, none, or a currency."""
        return self.amount.currency != "" or self.amount.value.as_tuple().exponent in (0, -2)


def sums(page: Page) -> list[Sum]:
    """Every amount of the page with its label, top to bottom."""
    decimal = decimal_sign([line.text for line in page.lines])
    found: list[Sum] = []
    summary_ends = -1
    for row in page.rows:
        said = corrected(" ".join(line.text for line in row))
        if TAX_SUMMARY.search(said) and not GOODS.search(said) and not _holds_amount(row):
            summary_ends = row[0].row + 6
        for line in row:
            in_summary = row[0].row <= summary_ends
            found += [_labelled(page, line, amount, in_summary) for amount in find_amounts(line.text, decimal=decimal)]
    return found


def _holds_amount(row: list[Line]) -> bool:
    return any(one.exact for line in row for one in find_amounts(line.text))


def _labelled(page: Page, line: Line, amount: Amount, summary: bool) -> Sum:
    if summary:
        column = next((head for head in page.above(line, rows=4) if not find_amounts(head.text)), None)
        if column is not None:
            kind = "tax" if classify(column.text)[0] == "tax" else "base"
            return Sum(line, amount, kind, 0.5, corrected(column.text), column, True)
    for label, where, trust in _labels(page, line, amount):
        kind, strength = classify(label)
        if kind == "rounding" and abs(amount.value) >= 1 and amount.exact:
            kind = "total"  # nobody rounds by that much: it is what was rounded
        if kind:
            return Sum(line, amount, kind, strength * trust, corrected(label), where, summary)
    return Sum(line, amount, "", 0.0, summary=summary)


def _labels(page: Page, line: Line, amount: Amount) -> Iterator[tuple[str, Line, float]]:
    """The texts that may label an amount, the likeliest first, each with how far it can be trusted."""
    before = line.text[: amount.span[0]]
    earlier = find_amounts(before)
    own = before[earlier[-1].span[1] :] if earlier and earlier[-1].exact else before
    if _CELL.search(re.sub(r"\b(?:rm|myr|usd|eur)\b", "", own, flags=re.IGNORECASE)):
        yield own, line, 1.0
        return
    if earlier and earlier[-1].exact:
        return
    labelled = False
    for label, where in _leftwards(page, line):
        labelled = True
        yield label, where, 1.0
    if not labelled:
        yield from _upwards(page, line)


def _leftwards(page: Page, line: Line) -> Iterator[tuple[str, Line]]:
    """The cells to the left up to the next amount; neighbours that nearly touch are read together."""
    near = line
    label = ""
    for cell in page.left_of(line):
        if any(one.exact for one in find_amounts(cell.text)):
            return
        if _CELL.search(cell.text):
            touching = bool(label) and near.left - cell.right < 2.0 * line.height
            label = f"{cell.text} {label}" if touching else cell.text
            following = next(iter(page.left_of(cell)), None)
            near = cell
            if following is None or cell.left - following.right >= 2.0 * line.height or _ends(following.text):
                yield label, cell
                label = ""


def _ends(text: str) -> bool:
    """Whether a cell cannot be the first half of a label: it is closed by a colon or holds numbers."""
    return text.rstrip().endswith(":") or any(letter.isdigit() for letter in text)


def _upwards(page: Page, line: Line) -> Iterator[tuple[str, Line, float]]:
    """The label above an amount that has none in its row; the head of a table of goods labels none."""
    for other in page.above(line):
        if not GOODS.search(fold(" ".join(one.text for one in page.rows[other.row]))):
            yield other.text, other, 0.6
    if line.row and len(page.rows[line.row]) == 1:
        before = page.rows[line.row - 1]
        if len(before) == 1 and not find_amounts(before[0].text):
            yield before[0].text, before[0], 0.7
