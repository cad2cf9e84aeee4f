"""Exact arithmetic, and the refusal of everything else, at once."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lavr.errors import InvalidArguments
from lavr.tools.calculate import MAX_LENGTH, calculate
from lavr.tools.calls import Observation


def value(expression: str) -> str:
    observation: Observation = calculate(expression=expression)
    assert isinstance(observation.data, dict)
    return str(observation.data["value"])


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("0.1 + 0.2", "0.3"), ("112.45 - 6.37", "106.08"), ("17.50 * 2", "35.00"), ("1.10*3", "3.30"),
        ("123456789012345678.12 + 0.01", "123456789012345678.13"), ("7 // 2", "3"), ("-7 // 2", "-4"),
        ("-7 % 3", "2"), ("50 % 7", "1"), ("2 ** 10", "1024"), ("2^3", "8"), ("2 ** -2", "0.25"), ("-(3 - 5)", "2"),
        ("min(3, 1, 2)", "1"), ("max([1.5, 2.5])", "2.5"), ("sum(1.20, 3.40)", "4.60"), ("mean(1, 2, 6)", "3"),
        ("abs(-5.5)", "5.5"), ("sqrt(16)", "4"), ("round(2.675, 2)", "2.68"), ("round(-2.5)", "-3"),
        ("1e3 * 2", "2000"),
        ("6 × 7", "42"), ("9 ÷ 3", "3"), ("10 − 4", "6"),
    ],
)  # fmt: skip
def test_results_are_exact(expression: str, result: str) -> None:
    assert value(expression) == result


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("$1,250.00 + $0.50", "1250.50"), ("RM 112.45 - RM 100", "12.45"), ("€20 - 17.27 EUR", "2.73"),
        ("1,234,567 + 1", "1234568"), ("(1,000 + 1) * 2", "2002"), ("max(1,234)", "234"), ("(max(1,234))", "234"),
        ("12.5%", "0.125"), ("20% of 50", "10"), ("59.70 * 10%", "5.97"), ("5% + 7%", "0.12"),
        ("100 * (1 + 10%*1)", "110"),
    ],
)  # fmt: skip
def test_money_thousands_and_percentages_are_understood(expression: str, result: str) -> None:
    assert value(expression) == result


def test_a_result_without_end_says_that_it_is_rounded() -> None:
    observation = calculate(expression="1/3")
    assert observation.text == "1/3 ≈ 0.333333333333"
    assert observation.data == {"expression": "1/3", "value": "0.333333333333", "exact": False}


def test_a_percentage_that_is_added_to_a_number_is_refused_with_both_readings() -> None:
    with pytest.raises(InvalidArguments, match=r"two ways.*Say of what"):
        calculate(expression="100 + 10%")


@pytest.mark.clock
@pytest.mark.parametrize(
    "expression",
    [
        "9**9**9", "9**99999999", "2**400", "0.5**-9999", "1e400", "10**99*10**99", "sqrt(2)**9999", "9" * 200,
        "-" * 400 + "1", "1+" * 249 + "1", "x" * (MAX_LENGTH + 1), "round(1, 1e9)",
        "(" * 5000, "sum(" * 60 + "1" + ")" * 60,
    ],
)  # fmt: skip
def test_what_would_take_long_is_refused_at_once(expression: str) -> None:
    began = time.perf_counter()
    with pytest.raises(InvalidArguments):
        calculate(expression=expression)
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').getcwd()", "(1).__class__", "open('x')", "[1][0]", "lambda: 1", "'a' * 3", "True + 1",
        "1 if 1 else 2", "x", "f'{1}'", "sum(x for x in [1])", "1; 2", "a := 1", "max(*[1])", "round(1, ndigits=2)",
        "0x10", "1j", "None", "1 < 2", "~1", "not 1", "1 @ 2", "min()", "sqrt(1, 2)", "", " ", "1 2", "2 +", "\0",
        "…", "nan", "inf",
    ],
)  # fmt: skip
def test_what_is_not_arithmetic_is_refused(expression: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        calculate(expression=expression)
    assert "Write numbers" in caught.value.remedy


@pytest.mark.parametrize("expression", ["1/0", "1 % 0", "1 // 0", "0 ** 0", "0 ** -1", "sqrt(-1)", "(-8) ** 0.5"])
def test_what_has_no_result_says_so(expression: str) -> None:
    with pytest.raises(InvalidArguments, match="no result"):
        calculate(expression=expression)


@given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=2), min_size=1, max_size=12))
def test_sums_of_money_agree_with_whole_cents(amounts: list[object]) -> None:
    cents = sum(int(str(amount).replace(".", "")) for amount in amounts)
    assert float(value(" + ".join(f"({amount})" for amount in amounts))) * 100 == pytest.approx(cents, abs=0.5)


@given(st.text(alphabet="0123456789.,+-*/%() eminxsuq[]'_", max_size=40))
def test_any_text_gives_a_result_or_a_refusal(text: str) -> None:
    with contextlib.suppress(InvalidArguments):
        assert calculate(expression=text).text
