"""Amounts of money in the formats of many countries, and as OCR misreads them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lavr.planners.builtin.fields import find_amounts, parse_money

PRINTED = [
    ("RM 29.70", "29.70"),
    ("RM82.80 z", "82.80"),
    ("$1,234.56", "1234.56"),
    ("$.99", "0.99"),
    (".00", "0.00"),
    ("USD 12", "12"),
    ("1.234,56 €", "1234.56"),
    ("€ 1.234,56", "1234.56"),
    ("12,50EUR", "12.50"),
    ("1 234,56 kr", "1234.56"),
    ("1'234.50", "1234.50"),
    ("CHF 5.-", "5"),
    ("Rs. 500/-", "500"),
    ("₹ 1,23,456.00", "123456.00"),
    ("¥1,200", "1200"),
    ("1,200円", "1200"),
    ("Rp 25.000", "25000"),
    ("R$ 10,00", "10.00"),
    ("S$ 19.90", "19.90"),
    ("KWD 1.250", "1.250"),
    ("£3.5", "3.50"),
    ("5.00 RM", "5.00"),
    ("15.00SR", "15.00"),
    ("TOTAL29.70", "29.70"),
    ("qty 3 at 4.50", "4.50"),
]
MISREAD = [
    ("29, 70", "29.70"),
    ("29. 70", "29.70"),
    ("29 .70", "29.70"),
    ("2O.5O", "20.50"),
    ("O.50", "0.50"),
    ("l2.50", "12.50"),
    ("12.5O", "12.50"),
    ("50.0c", "50.00"),
    ("21,00", "21.00"),
]
NEGATIVE = [("-0.02", "-0.02"), ("(0.02)", "-0.02"), ("0.02-", "-0.02"), ("- RM 5.00", "-5.00"), ("RM-5.00", "-5.00")]
NO_MONEY = ["12/03/2018", "12.03.2018", "12:30:11", "6%", "6.00 %", "9555339300051", "TOTAL", "", "192.168.1.12"]


@pytest.mark.parametrize(("text", "value"), [*PRINTED, *MISREAD, *NEGATIVE])
def test_an_amount_is_read_as_it_is_meant(text: str, value: str) -> None:
    assert parse_money(text) == Decimal(value)


@pytest.mark.parametrize(("text", "value"), PRINTED)
def test_the_decimals_that_are_printed_are_kept(text: str, value: str) -> None:
    assert str(parse_money(text)) == value


@pytest.mark.parametrize("text", NO_MONEY)
def test_dates_times_rates_and_codes_are_no_money(text: str) -> None:
    assert parse_money(text) is None


def test_every_amount_of_a_line_is_found_with_its_place_and_currency() -> None:
    text = "2 x RM 4.50 = RM 9.00"
    found = [amount for amount in find_amounts(text) if amount.exact]
    assert [(amount.text, amount.currency) for amount in found] == [("RM 4.50", "MYR"), ("RM 9.00", "MYR")]
    assert [text[slice(*amount.span)].strip() for amount in found] == ["RM 4.50", "RM 9.00"]


@pytest.mark.parametrize(("decimal", "value"), [(".", "1.234"), (",", "1234"), ("", "1234")])
def test_the_decimal_sign_of_the_document_settles_three_digits_after_a_point(decimal: str, value: str) -> None:
    assert parse_money("1.234", decimal=decimal) == Decimal(value)
