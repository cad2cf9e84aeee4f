"""How fields are chosen: labels, arithmetic, layout and what is said about doubts."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from lavr.planners.builtin.fields import FIELDS, canonical, find_field, find_fields
from lavr.planners.builtin.fields.wording import classify
from lavr.vision.region import Region

from .paper import typed
from .receipt_maker import make

LABELS = [
    ("TOTAL", "total"),
    ("Totel Amt Peyable :", "total"),
    ("Grand Total (RM)", "total"),
    ("NET  TOTAL", "total"),
    ("Total Sales (Inclusive of GST)", "total"),
    ("Rounded Total", "total"),
    ("Net à payer", "total"),
    ("Zu zahlen", "total"),
    ("Gesamtsumme", "total"),
    ("JUMLAH", "total"),
    ("Balance Due", "total"),
    ("SUB-TOTAL(GST)", "subtotal"),
    ("Total (Excluding GST)", "subtotal"),
    ("Zwischensumme", "subtotal"),
    ("TOTAL HT", "subtotal"),
    ("Total GST", "tax"),
    ("GST @6% included in total", "tax"),
    ("MwSt. 19 %", "tax"),
    ("TVA 20%", "tax"),
    ("TOTAL SAVINGS", "discount"),
    ("Total Discount", "discount"),
    ("TOTAL QTY", "count"),
    ("RoundIng Adjustment", "rounding"),
    ("Accepted total", "paid"),
    ("CASHRM", "paid"),
    ("Amount Paid", "paid"),
    ("Change Due", "change"),
    ("Rückgeld", "change"),
    ("Points balance", "other"),
    ("Service Charge 10%", "service charge"),
    ("Milk 1L", ""),
]


@pytest.mark.parametrize(("label", "kind"), LABELS)
def test_a_label_says_what_its_amount_is_even_misspelt(label: str, kind: str) -> None:
    assert classify(label)[0] == kind


def test_every_synonym_leads_to_a_field() -> None:
    for kind in FIELDS.values():
        assert canonical(kind.name.upper()) is kind
        assert all(canonical(word) is not None for word in kind.synonyms)


def test_no_two_fields_are_asked_for_in_the_same_words() -> None:
    asked = [word for kind in FIELDS.values() for word in kind.synonyms]
    assert sorted(asked) == sorted(set(asked))


@pytest.mark.parametrize("name", FIELDS)
def test_an_empty_page_has_no_fields(name: str) -> None:
    assert find_field(name, []) is None


def test_a_total_that_was_misread_is_corrected_by_cash_and_change() -> None:
    text = "Sub Total 106.10\nTotal GST  6.37\nTotal  712.47\nCASH  120.00\nChange  7.53\nPAID  112.47"
    found = find_field("total", typed(text))
    assert found is not None
    assert found.value == "112.47"
    assert "712.47" in found.note
    assert "112.47" in (found.regions[0].text or "")


def test_a_total_that_cannot_be_read_is_worked_out_and_said_to_be() -> None:
    found = find_field("total", typed("MILK  2.00\nCASH  10.00\nCHANGE  7.55"))
    assert found is not None
    assert found.value == "2.45"
    assert found.confidence <= 0.5
    assert "cash less change" in found.note


def test_two_totals_are_told_apart_by_the_rounding() -> None:
    found = find_field("total", typed("Total incl GST  28.31\nRounding  -0.01\nTotal  28.30"))
    assert found is not None
    assert (found.value, found.note) == ("28.30", "two totals are printed; this is the one after rounding")


def test_a_date_that_could_be_read_in_two_ways_says_so() -> None:
    found = find_field("date", typed("Date: 03/04/2018"))
    assert found is not None
    assert found.value == "2018-04-03"
    assert "day and month could be swapped" in found.note


def test_a_second_date_that_is_beyond_doubt_settles_the_order() -> None:
    found = find_field("date", typed("Date: 03/04/2018\nMember since 12/31/2016"))
    assert found is not None
    assert found.value == "2018-03-04"


def test_a_dollar_is_said_to_be_that_of_several_countries() -> None:
    found = find_field("currency", typed("Total  $8.20"))
    assert found is not None
    assert (found.value, bool(found.note)) == ("$", True)


FREE = [
    ("Wi-Fi password", "Wi-Fi password: hunter22", "hunter22"),
    ("Terminal", "Terminal     T-0042", "T-0042"),
    ("Doc No", "Doc No. : CS00035863   Date: 1/2/2018", "CS00035863"),
    ("Salesperson", "Salesperson:MEI   Time: 10:00", "MEI"),
    ("machine", "Machine [003]", "003"),
    ("INV No", "INV No.: 1076565 Cashier: Thandar", "1076565"),
    ("opening hours", "Openlng hours: 9 to 5", "9 to 5"),
]


@pytest.mark.parametrize(("label", "text", "value"), FREE)
def test_any_label_that_is_printed_has_its_value(label: str, text: str, value: str) -> None:
    found = find_field(label, typed(text))
    assert found is not None
    assert found.value == value


def _right(value: str, key: object) -> bool:
    if isinstance(key, Decimal):
        return Decimal(value) == key
    return re.sub(r"[\W_]", "", value).upper() == re.sub(r"[\W_]", "", str(key)).upper()


def test_made_up_receipts_are_read() -> None:
    least = {"total": 0.97, "date": 0.97, "company": 0.95}
    right = dict.fromkeys(least, 0)
    for made in map(make, range(300)):
        for name, found in find_fields(least, made.lines).items():
            right[name] += found is not None and _right(found.value, getattr(made, name))
    assert {name: count / 300 >= least[name] for name, count in right.items()} == dict.fromkeys(least, True), right


def _turned(lines: Sequence[Region], degrees: float) -> list[Region]:
    """The lines on a page that was photographed at an angle, with the rows that a reader of the page tells."""
    turn = complex(math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))
    turned = []
    for line in lines:
        left, top, right, bottom = line.xyxy
        corners = [complex(x, y) * turn for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]
        outline = tuple((point.real, point.imag) for point in corners)
        xs, ys = [x for x, _ in outline], [y for _, y in outline]
        box = (min(xs), min(ys), max(xs), max(ys))
        turned.append(replace(line, xyxy=box, polygon=outline, attributes={"row": int(top)}))
    return turned


@pytest.mark.parametrize("degrees", [-90, -30, -4, 4, 30, 90, 180])
def test_a_page_is_read_at_any_angle(degrees: float) -> None:
    text = "CORNER SHOP LTD\nDate: 12/03/2018\nMilk  2.00\nSAVING: 0.00     TOTAL  6.85\nCASH  10.00\nCHANGE  3.15"
    lines = _turned(typed(text), degrees)
    found = find_fields(("total", "date", "company", "change"), lines).values()
    assert [one and one.value for one in found] == ["6.85", "2018-03-12", "CORNER SHOP LTD", "3.15"]
