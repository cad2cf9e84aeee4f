"""Random receipts and invoices as OCR lines, with what is printed on them as the key.

The documents are drawn from habits of real tills and offices: who prints what, where, in which words and formats. They
are full of traps: cash that is more than the total, loyalty balances, codes that look like amounts, a second date,
phone numbers that look like dates, tables that sum up the tax with a "Total" of their own.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from lavr.vision.image import Image
from lavr.vision.region import Region

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Locale:
    """The habits of a country."""

    name: str
    decimal: str
    group: str
    money: Sequence[str]
    dates: Sequence[str]
    companies: Sequence[str]
    addresses: Sequence[Sequence[str]]
    phones: Sequence[str]
    titles: Sequence[str]
    words: Mapping[str, Sequence[str]]
    tax_percent: int
    cash_step: int
    tax_number: str


@dataclass(frozen=True, slots=True)
class Made:
    """A document that was made up, and its key."""

    lines: tuple[Region, ...]
    company: str
    date: date
    total: Decimal
    locale: str


@dataclass(slots=True)
class _Row:
    cells: list[tuple[float, str]]
    height: float = 20.0
    gap: float = 1.3
    right: bool = True


@dataclass(slots=True)
class _Draft:
    rows: list[_Row] = field(default_factory=list)

    def centre(self, text: str, height: float = 20.0) -> None:
        self.rows.append(_Row([(-1.0, text)], height))

    def left(self, text: str, height: float = 20.0) -> None:
        self.rows.append(_Row([(0.05, text)], height))

    def pair(self, label: str, value: str, height: float = 20.0, at: float = 0.05) -> None:
        self.rows.append(_Row([(at, label), (0.95, value)], height))

    def cells(self, *cells: tuple[float, str]) -> None:
        self.rows.append(_Row(list(cells), right=False))


def _locales() -> tuple[Locale, ...]:
    """The locales of the data file; what one leaves out is said as in English."""
    given = json.loads(Path(__file__).with_name("receipt_locales.json").read_text(encoding="utf-8"))
    english = next(one["words"] for one in given if one["name"] == "us")
    return tuple(Locale(**{**one, "words": {**english, **one["words"]}}) for one in given)


LOCALES = _locales()


def make(seed: int) -> Made:
    """The document of a seed; the same seed gives the same document."""
    return _Maker(random.Random(seed)).made()


class _Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.locale = rng.choice((*LOCALES, LOCALES[0], LOCALES[0], LOCALES[0]))
        self.draft = _Draft()
        self.whole = self.locale.name == "id"
        self.money = rng.choice(self.locale.money)
        self.when = date(2012, 1, 1) + timedelta(days=rng.randrange(12 * 365))
        self.date_format = rng.choice(self.locale.dates)
        self.company = rng.choice(self.locale.companies)

    def made(self) -> Made:
        self._head()
        self._particulars()
        total = self._body()
        self._foot()
        return Made(tuple(self._regions()), self.company, self.when, total, self.locale.name)

    def word(self, kind: str) -> str:
        return self.rng.choice(self.locale.words[kind])

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def amount(self, value: Decimal, *, plain: bool = False) -> str:
        sign = "-" if value < 0 else ""
        if self.whole:
            digits = f"{abs(int(value)):,}".replace(",", ".")
        else:
            digits = (
                f"{abs(value):,.2f}".replace(",", "\0")
                .replace(".", self.locale.decimal)
                .replace("\0", self.locale.group)
            )
        text = sign + digits
        if not plain:
            text = self.money.format(text)
        return text

    def _head(self) -> None:
        d, rng = self.draft, self.rng
        if self.chance(0.15):
            d.centre(rng.choice(("A03047", "#12", "*", "0045")), 30)
        title_first = self.chance(0.2)
        if title_first:
            d.centre(rng.choice(self.locale.titles), rng.choice((20, 26)))
        if self.chance(0.1):
            d.centre(rng.choice(("WELCOME TO", "Fresh every day", "since 1987")), 18)
        self._name(rng.choice((20, 24, 28, 36)))
        for line in rng.choice(self.locale.addresses):
            d.centre(line, 20)
        if self.chance(0.8):
            d.centre(rng.choice(self.locale.phones), 20)
        if self.chance(0.5):
            number = "".join(rng.choice("0123456789") for _ in range(12))
            d.centre(self.locale.tax_number.format(number[:9]))
        if not title_first and self.chance(0.7):
            d.centre(rng.choice(self.locale.titles), 22)

    def _name(self, height: float) -> None:
        shown = self.company.upper() if self.chance(0.3) else self.company
        registered = self.locale.name == "my" and self.chance(0.6)
        number = f"({self.rng.randrange(10**5, 10**7)}-{self.rng.choice('ADHKMPTUVWX')})"
        words = shown.split()
        if len(words) > 3 and words[-2:] in (["SDN", "BHD"], ["SDN.", "BHD."]) and self.chance(0.2):
            self.draft.centre(" ".join(words[:-2]), height)
            self.draft.centre(" ".join(words[-2:]), height)
        elif registered and self.chance(0.4):
            self.draft.centre(f"{shown} {number}", height)
            return
        else:
            self.draft.centre(shown, height)
        if registered:
            self.draft.centre(self.rng.choice((number, f"CO REG NO: {number[1:-1]}", number[1:-1])), 20)

    def _printed_date(self, when: date) -> str:
        text = when.strftime(self.date_format)
        return text.upper() if self.chance(0.3) else text

    def _particulars(self) -> None:
        d, rng = self.draft, self.rng
        clock = f"{rng.randrange(8, 22):02d}:{rng.randrange(60):02d}" + rng.choice(("", f":{rng.randrange(60):02d}"))
        printed, label = self._printed_date(self.when), self.word("date")
        ending = rng.choice(("", ":", " :")) if label and label[-1] != ":" else ""
        number = rng.choice(("INV-{:06d}", "{:08d}", "CS{:05d}", "A{:04d}/18", f"{7:04d}-{3:02d}-{1:02d}" + "{:02d}"))
        lines: list[Callable[[], None]] = [
            lambda: self._spread(f"{label}{ending}", printed + rng.choice(("", "", f" {clock}", clock))),
            lambda: self._spread(self.word("invoice") + rng.choice(("", ":")), number.format(rng.randrange(10**4))),
            lambda: self._spread(self.word("cashier") + ":", rng.choice(("Anna", "Lim", "USER", "M. Weber"))),
        ]
        if self.chance(0.35):
            due = self.when + timedelta(days=rng.choice((14, 30, 7)))
            lines.append(lambda: self._spread(self.word("due") + ":", self._printed_date(due)))
        if self.chance(0.15):
            lines.append(lambda: d.left(rng.choice(("Table 12", "Pax: 2", "Terminal 3"))))
        rng.shuffle(lines)
        for line in lines:
            line()
        if self.chance(0.12):
            buyer = rng.choice(("ACME BUILDERS SDN BHD", "Nordwind GmbH", "Fischer & Co. Ltd", "Mr. T. Example"))
            d.left(rng.choice(("Bill to:", "Customer:", "Sold to:")))
            d.left(buyer)

    def _spread(self, label: str, value: str) -> None:
        label = label.strip()
        if not label.strip(" :"):
            self.draft.left(value)
        elif self.chance(0.5):
            self.draft.left(f"{label} {value}" if self.chance(0.8) or not label.endswith(":") else f"{label}{value}")
        else:
            self.draft.cells((0.05, label), (0.35, value if self.chance(0.7) else f": {value.lstrip(': ')}"))

    def _body(self) -> Decimal:
        rng = self.rng
        unit = Decimal(500) if self.whole else CENT
        subtotal = Decimal(0)
        if self.chance(0.7):
            self.draft.cells(
                (0.05, "Item"), (0.5, "Qty"), (0.65, "Price"), (0.85, rng.choice(("Amount", "Total", "Amt")))
            )
        for _ in range(rng.randrange(1, 8)):
            price = (
                unit * rng.randrange(5, 400)
                if self.whole
                else unit * rng.choice((rng.randrange(50, 3000), rng.randrange(3000, 40000)))
            )
            quantity = rng.choice((1, 1, 1, 2, 3))
            subtotal += price * quantity
            self._item(price, quantity)
        return self._sums(subtotal)

    def _item(self, price: Decimal, quantity: int) -> None:
        rng, d = self.rng, self.draft
        goods, each, line = (
            self.word("goods"),
            self.amount(price, plain=True),
            self.amount(price * quantity, plain=self.chance(0.8)),
        )
        style = rng.randrange(4)
        if style == 0:
            d.cells((0.05, goods), (0.9, line))
        elif style == 1:
            d.left(f"{rng.choice(('9555', '4006', '8888'))}{rng.randrange(10**8, 10**9)}")
            d.cells((0.05, goods), (0.5, str(quantity)), (0.65, each), (0.88, line))
        elif style == 2:
            d.left(goods)
            d.cells((0.25, f"{quantity} x {each}"), (0.88, line))
        else:
            d.cells((0.05, f"{rng.randrange(100, 999)}.{rng.randrange(10, 99)} {goods}"), (0.9, line))

    def _sums(self, subtotal: Decimal) -> Decimal:
        rng, d = self.rng, self.draft
        unit = Decimal(1) if self.whole else CENT
        discount = (subtotal * rng.choice((5, 10)) / 100).quantize(unit) if self.chance(0.2) else Decimal(0)
        net = subtotal - discount
        added = self.chance(0.55)
        tax = (
            (net * self.locale.tax_percent / 100).quantize(unit)
            if added
            else (net * self.locale.tax_percent / (100 + self.locale.tax_percent)).quantize(unit)
        )
        total = net + tax if added else net
        if self.chance(0.3):
            d.pair(self.word("qty"), str(rng.randrange(1, 20)))
        if added or discount or self.chance(0.3):
            d.pair(self.word("subtotal"), self.amount(subtotal))
        if discount:
            d.pair(
                self.word("discount"),
                self.amount(-discount, plain=True) if self.chance(0.7) else self.amount(discount, plain=True),
            )
        if added:
            d.pair(self.word("tax"), self.amount(tax))
        total = self._rounded(total)
        self._total(total)
        self._payment(total)
        if not added and self.chance(0.5):
            d.pair(self.word("tax") + rng.choice((" incl.", " included", "")), self.amount(tax))
        if self.locale.name == "my" and self.chance(0.5):
            self._tax_table(net, tax)
        return total

    def _rounded(self, total: Decimal) -> Decimal:
        if self.locale.name != "my" or not self.chance(0.6):
            return total
        rounded = (total * 20).quantize(Decimal(1)) / 20
        rounded = rounded.quantize(CENT)
        if rounded != total:
            if self.chance(0.5):
                self.draft.pair(
                    self.rng.choice(("Total Sales Inclusive GST", "Total (Incl. GST)", "Total Amount")),
                    self.amount(total),
                )
            self.draft.pair(
                self.rng.choice(("Rounding", "Rounding Adj:", "ROUNDING ADJUSTMENT")),
                self.amount(rounded - total, plain=True),
            )
        return rounded

    def _total(self, total: Decimal) -> None:
        label = self.word("total")
        height = self.rng.choice((20, 20, 26, 34))
        style = self.rng.random()
        if style < 0.7:
            self.draft.pair(label, self.amount(total), height)
        elif style < 0.8:
            self.draft.pair(label, self.amount(total), height, at=0.4)
        elif style < 0.9:
            self.draft.left(f"{label.rstrip(' :')}: {self.amount(total)}", height)
        else:
            self.draft.left(label, height)
            self.draft.rows.append(_Row([(0.95, self.amount(total))], height))

    def _payment(self, total: Decimal) -> None:
        style = self.rng.random()
        if style < 0.55:
            step = self.locale.cash_step
            paid = (total // step + self.rng.choice((1, 1, 2))) * step if self.chance(0.8) else total
            paid = paid.quantize(Decimal(1) if self.whole else CENT)
            self.draft.pair(self.word("cash"), self.amount(paid))
            if paid != total or self.chance(0.6):
                self.draft.pair(self.word("change"), self.amount(paid - total))
        elif style < 0.8:
            self.draft.pair(self.word("card"), self.amount(total))

    def _tax_table(self, net: Decimal, tax: Decimal) -> None:
        d, base = self.draft, self.amount(net, plain=True)
        d.left("GST SUMMARY")
        d.cells((0.05, "Tax Code"), (0.4, "%"), (0.55, "Amount(RM)"), (0.8, "Tax(RM)"))
        d.cells((0.05, "SR"), (0.4, "6"), (0.58, base), (0.85, self.amount(tax, plain=True)))
        if self.chance(0.5):
            d.cells((0.05, "Total:"), (0.58, base), (0.85, self.amount(tax, plain=True)))

    def _foot(self) -> None:
        d, rng = self.draft, self.rng
        if self.chance(0.25):
            d.pair(
                self.word("points"),
                rng.choice(
                    (
                        str(rng.randrange(100, 9999)),
                        f"{rng.randrange(500, 9000)}{self.locale.decimal}{rng.randrange(10, 99)}",
                    )
                ),
            )
        if self.chance(0.15):
            d.left(f"Member since {self._printed_date(self.when - timedelta(days=900))}")
        d.centre(self.word("thanks"))
        if self.chance(0.2):
            d.centre(rng.choice(("www.example-shop.com", "Find us on Facebook", "Goods sold are not returnable")))

    def _noisy(self, text: str) -> str:
        """Slips that OCR makes: a letter of a long word, a blank after the decimal sign, O for 0."""
        if self.chance(0.03):
            text = text.replace("I", "l", 1) if "I" in text else text
        if self.chance(0.04):
            places = [
                i for i, c in enumerate(text) if c in ".," and text[i + 1 : i + 3].isdigit() and i + 3 == len(text)
            ]
            text = text[: places[0] + 1] + " " + text[places[0] + 1 :] if places else text
        if self.chance(0.03):
            at = text.find("0", 1)
            if at > 0 and text[at - 1] in ".,123456789" and self.locale.name != "id":
                text = text[:at] + "O" + text[at + 1 :]
        return text

    def _regions(self) -> list[Region]:
        rng, width = self.rng, 640.0
        image = Image(digest="0" * 64, size_wh=(760, 4000), lineage="made up")
        slope, top, found = rng.uniform(-0.025, 0.025), 60.0, []
        for row in self.draft.rows:
            for at, text in row.cells:
                shown = self._noisy(text)
                long = 0.52 * row.height * len(shown)
                left = 40 + (width - long) / 2 if at < 0 else 40 + at * width - (long if at > 0.9 and row.right else 0)
                found.append(_region(image, max(left, 5.0), top + rng.uniform(-2, 2), long, row.height, slope, shown))
            top += row.height * row.gap + rng.choice((0, 0, 6, 14))
        return found


def _region(image: Image, left: float, top: float, long: float, high: float, slope: float, text: str) -> Region:
    """A line of text that falls by `slope` pixels per pixel to the right."""
    y0, y1 = top + slope * left + 20, top + slope * (left + long) + 20
    polygon = ((left, y0), (left + long, y1), (left + long, y1 + high), (left, y0 + high))
    ys = [y for _, y in polygon]
    return Region(image, (left, min(ys), left + long, max(ys)), "line", 0.95, text, polygon)
