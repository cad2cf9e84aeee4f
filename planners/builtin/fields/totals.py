"""Choosing the total and the other sums: labels, arithmetic and the size of the type must agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import product

from .model import Field
from .page import Page
from .sums import Sum, sums

_DUE = re.compile(r"\b(due|outstanding|owed|balance|payable|to pay|zu zahlen|a payer|a pagar)\b")
_CENT = Decimal("0.005")


def find_sum(page: Page, name: str) -> Field | None:
    """The amount of a kind ("total", "tax", "paid" ...), or None when the page does not say."""
    found = sums(page)
    ledger = Ledger(page, _plausible(found))
    readers = {"total": ledger.total, "amount due": ledger.due}
    return readers[name]() if name in readers else ledger.other(name)


def _plausible(found: Sequence[Sum]) -> list[Sum]:
    """The sums that can be money: on a page with decimals or currencies, bare whole numbers cannot."""
    found = [one for one in found if one.money]
    telling = [one for one in found if one.amount.exact or one.amount.currency]
    return telling if len(telling) >= 2 or any(one.kind == "total" for one in telling) else found


class Ledger:
    """The sums of one page, weighed against each other.

    Args:
        page: the page they stand on.
        found: its plausible amounts.
    """

    def __init__(self, page: Page, found: Sequence[Sum]) -> None:
        self.page = page
        self.sums = list(found)

    def total(self) -> Field | None:
        """The total that labels and arithmetic agree on."""
        followed = set(self._from_cash()) | set(self._from_rounding())
        values = {one.amount.value for one in self._of("total")} | followed & self._printed()
        if not values:
            return self._unprinted_total() or self._largest()
        best = max(values, key=lambda value: (self._score(value), self._last_row(value)))
        score = self._score(best)
        labelled = [one for one in self._of("total") if one.amount.value == best]
        if labelled:
            return self._field("total", max(labelled, key=self._weight), min(0.98, 0.5 + score / 4), self._note(best))
        return self._corrected_total(best)

    def due(self) -> Field | None:
        """What is still to be paid: what a label calls so, or else the total."""
        named = [one for one in self._of("total") if _DUE.search(one.label)]
        if not named:
            return self.total()
        return self._field("amount due", max(named, key=self._weight), 0.9, "")

    def other(self, name: str) -> Field | None:
        """The best amount of another kind."""
        total = self._total_value()
        candidates = [one for one in self._of(name) if self._possible(name, one.amount.value, total)]
        if not candidates:
            return None
        parts = self._tax_parts(candidates, total) if name == "tax" and total is not None else []
        if parts:
            return self._added_up(parts)
        best = max(candidates, key=lambda one: self._merit(name, one, total))
        fits = self._fits(name, best.amount.value, total)
        return self._field(name, best, min(0.97, 0.6 + 0.2 * self._weight(best) + 0.2 * fits), "")

    @staticmethod
    def _possible(name: str, value: Decimal, total: Decimal | None) -> bool:
        """Whether an amount can be of a kind at all: a tax is a part of the total, and only few kinds are negative."""
        if value < 0:
            return name in ("discount", "rounding", "tax") and not (name == "tax" and (total is None or total > 0))
        return name != "tax" or total is None or value <= total * Decimal("0.4")

    def _of(self, *kinds: str) -> list[Sum]:
        return [one for one in self.sums if one.kind in kinds]

    def _values(self, *kinds: str) -> list[Decimal]:
        return list(dict.fromkeys(abs(one.amount.value) for one in self._of(*kinds)))

    def _printed(self) -> set[Decimal]:
        return {one.amount.value for one in self.sums}

    def _from_cash(self) -> Iterator[Decimal]:
        """What cash less change leaves, for every pair that is printed."""
        for paid, change in product(self._values("paid"), self._values("change")):
            if paid >= change and paid > 0:
                yield paid - change

    def _from_rounding(self) -> Iterator[Decimal]:
        """What each total becomes by the printed rounding."""
        for total, rounding in product(self._of("total", "subtotal"), self._of("rounding")):
            yield total.amount.value + rounding.amount.value

    def _weight(self, one: Sum) -> float:
        """How much one printed amount counts by its label, its place and the size of its type."""
        bigger = min(max(one.line.height / self.page.type_height - 1, 0.0), 1.0)
        return one.strength * (0.3 if one.summary else 1.0) + 0.15 * bigger + 0.02 * self.page.depth(one.line)

    def _score(self, value: Decimal) -> float:
        """The evidence that a value is the total."""
        labelled = [one for one in self._of("total") if one.amount.value == value]
        score = max((self._weight(one) for one in labelled), default=0.0)
        score += 0.1 * min(len({one.line.row for one in labelled if not one.summary}) - 1, 2) if labelled else 0.0
        return score + self._cash_evidence(value) + self._addition_evidence(value) + self._rounding_evidence(value)

    def _cash_evidence(self, value: Decimal) -> float:
        if value <= 0:
            return -0.5
        changes = self._values("change")
        if any(_same(paid - change, value) for paid, change in product(self._values("paid"), changes)):
            return 0.8
        return 0.3 if value in self._values("paid") and not any(changes) else 0.0

    def _addition_evidence(self, value: Decimal) -> float:
        return 0.5 if value in self._added and value not in self._values("subtotal") else 0.0

    @cached_property
    def _added(self) -> frozenset[Decimal]:
        """What subtotals come to with any of the printed taxes, charges, discounts and roundings."""
        more = [(Decimal(0), *self._values(kind)[:4]) for kind in ("tax", "service charge", "tip")]
        less = [(Decimal(0), *self._values("discount")[:3])]
        either = [(Decimal(0), *(sign * value for value in self._values("rounding")[:3] for sign in (1, -1)))]
        bases = self._values("subtotal")[:6]
        return frozenset(
            base + tax + service + tip - discount + rounding
            for base, tax, service, tip, discount, rounding in product(bases, *more, *less, *either)
        )

    def _rounding_evidence(self, value: Decimal) -> float:
        """A total after rounding beats the one before."""
        others = {one.amount.value for one in self._of("total", "subtotal")} - {value}
        for rounding in (one.amount.value for one in self._of("rounding") if one.amount.value):
            if any(_same(other + rounding, value) for other in others):
                return 0.5
            if any(_same(value + rounding, other) for other in (*others, *self._values("paid"))):
                return -0.3
            if any(_same(abs(other - value), abs(rounding)) for other in others):
                return 0.2 if value % Decimal("0.05") == 0 else 0.0
        return 0.0

    def _last_row(self, value: Decimal) -> int:
        return max((one.line.row for one in self.sums if one.amount.value == value), default=0)

    def _total_value(self) -> Decimal | None:
        total = self.total()
        return Decimal(total.value) if total else None

    def _fits(self, name: str, value: Decimal, total: Decimal | None) -> bool:
        """Whether an amount agrees with the total and the others."""
        if total is None:
            return False
        if name == "paid":
            return any(_same(value - change, total) for change in self._values("change") or [Decimal(0)])
        if name == "change":
            return any(_same(paid - value, total) for paid in self._values("paid"))
        if name == "subtotal":
            return any(_same(value + tax, total) for tax in self._values("tax"))
        if name == "tax":
            return any(_same(base + value, total) for base in self._values("subtotal"))
        return False

    def _tax_parts(self, taxes: Sequence[Sum], total: Decimal) -> list[Sum]:
        """The taxes that only together lead from a printed sum to the total, such as CGST and SGST."""
        parts = [one for one in taxes if not one.summary and one.amount.value]
        added = sum((one.amount.value for one in parts), Decimal(0))
        roundings = [Decimal(0), *(one.amount.value for one in self._of("rounding"))]
        bases = [one.amount.value for one in self._of("subtotal", "total")]
        leads = any(_same(base + added + rounding, total) for base, rounding in product(bases, roundings))
        return parts if leads and len({one.line.row for one in parts}) == len(parts) > 1 else []

    @staticmethod
    def _added_up(parts: Sequence[Sum]) -> Field:
        added = sum((one.amount.value for one in parts), Decimal(0))
        text = " + ".join(one.amount.text for one in parts)
        return Field("tax", text, str(added), tuple(one.line.region for one in parts), 0.85, "the taxes are added up")

    def _merit(self, name: str, one: Sum, total: Decimal | None) -> tuple[bool, bool, float]:
        """What makes one amount of a kind better than another: it adds up, it is not nought, its label tells."""
        something = one.amount.value != 0 or not one.summary
        return self._fits(name, one.amount.value, total), something, self._weight(one)

    def _note(self, best: Decimal) -> str:
        """What to say when several totals are printed."""
        named = {one.amount.value for one in self._of("total") if not one.summary and one.strength >= 0.6}
        others = sorted(named - {best})
        roundings = [one.amount.value for one in self._of("rounding") if one.amount.value]
        if any(_same(abs(other - best), abs(rounding)) for other in others for rounding in roundings):
            return "two totals are printed; this is the one after rounding"
        if others:
            return f"other amounts are called a total as well: {', '.join(map(str, others[:3]))}"
        return ""

    def _corrected_total(self, best: Decimal) -> Field | None:
        """A total that follows from other amounts, where the line of the total was read otherwise or not at all."""
        evidence = max((one for one in self.sums if one.amount.value == best), key=self._weight)
        misread = sorted(self._of("total"), key=self._weight, reverse=True)[:1]
        lines = (evidence.line.region, *(one.line.region for one in misread))
        read = f"the line of the total reads {misread[0].amount.text}, but " if misread else ""
        reason = "cash less change" if best in set(self._from_cash()) else "what is left after rounding"
        note = f"{read}{reason} is {best}"
        return Field("total", evidence.amount.text, str(best), lines, 0.7, note)

    def _unprinted_total(self) -> Field | None:
        value = next((value for value in self._from_cash() if value > 0), None)
        if value is None:
            return None
        lines = tuple(one.line.region for one in self._of("paid", "change"))
        return Field("total", str(value), str(value), lines, 0.5, "no total can be read; this is cash less change")

    def _largest(self) -> Field | None:
        paid = self._of("paid") or [one for one in self.sums if one.kind in ("", "subtotal") and one.amount.exact]
        if not paid:
            return None
        best = max(paid, key=lambda one: one.amount.value)
        return self._field("total", best, 0.3, "no amount is labelled as the total; this is the largest one")

    def _field(self, name: str, one: Sum, confidence: float, note: str) -> Field:
        regions = [one.line.region]
        if one.label_line is not None and one.label_line.region is not one.line.region:
            regions.append(one.label_line.region)
        return Field(name, one.amount.text, str(one.amount.value), tuple(regions), round(confidence, 2), note)


def _same(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) < _CENT
