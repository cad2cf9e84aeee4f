"""Dates and times in many orders, languages and misreadings."""

from __future__ import annotations

from datetime import date, time

import pytest

from lavr.planners.builtin.fields import find_dates, find_times, parse_date, parse_time

TWELFTH = [
    "12/03/2018",
    "12-03-2018",
    "12.03.2018",
    "12.3.18",
    "12/03/18",
    "12 /03/ 2018",
    "2018-03-12",
    "2018/3/12",
    "2018.03.12",
    "2018-03-12T10:20:30",
    "20180312",
    "12 MAR 2018",
    "12-Mar-18",
    "12MAR2018",
    "12MAR18",
    "12 March, 2018",
    "12th of March 2018",
    "Mar 12, 2018",
    "March 12th, 2018",
    "2018 Mar 12",
    "Mon, 12 Mar 2018",
    "12. März 2018",
    "12 mars 2018",
    "12 de marzo de 2018",
    "12 marzo 2018",
    "12 de março de 2018",
    "12 maart 2018",
    "12 Mac 2018",
    "12 Maret 2018",
    "2018年3月12日",
    "12/03/201811:32",
    "12/03/1811:32",
    "[12/03/18] [11:37]",
    "I2/03/2018",
    "12/O3/2O18",
    "Date:12/03/2018",
]
NO_DATES = ["03-7734 7762", "JALAN SS 9/1", "31/02/2018", "13/13/2018", "192.168.1.12", "1/2/3", "12.50", "", "11:32"]
TIMES = [
    ("11:32", time(11, 32)),
    ("08:25PM", time(20, 25)),
    ("4:29 pm", time(16, 29)),
    ("12:01 am", time(0, 1)),
    ("12:01:43 pm", time(12, 1, 43)),
    ("14.30 Uhr", time(14, 30)),
    ("21h05", time(21, 5)),
    ("12/03/201811:32:05", time(11, 32, 5)),
]


@pytest.mark.parametrize("text", TWELFTH)
def test_a_date_is_read_in_every_order_and_language(text: str) -> None:
    assert parse_date(text) == date(2018, 3, 12)


@pytest.mark.parametrize("text", NO_DATES)
def test_numbers_that_only_look_like_dates_are_none(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(("text", "value"), TIMES)
def test_a_time_is_read_with_or_without_its_half_of_the_day(text: str, value: time) -> None:
    assert parse_time(text) == value


def test_day_and_month_are_swapped_only_on_request() -> None:
    assert parse_date("03/04/2018") == date(2018, 4, 3)
    assert parse_date("03/04/2018", month_first=True) == date(2018, 3, 4)


def test_a_date_that_makes_sense_in_one_order_only_is_read_in_that_order() -> None:
    assert parse_date("03/28/2018") == date(2018, 3, 28)
    assert parse_date("28/03/2018", month_first=True) == date(2018, 3, 28)
    assert not find_dates("28/03/2018")[0].ambiguous


def test_a_date_that_could_be_read_in_two_ways_says_so() -> None:
    assert find_dates("03/04/2018")[0].ambiguous
    assert not find_dates("03.04.2018")[0].ambiguous


def test_a_year_in_front_is_seen_where_the_other_order_would_lie_in_the_future() -> None:
    assert parse_date("18-03-31") == date(2018, 3, 31)


def test_every_date_and_time_of_a_line_is_found_with_what_is_printed() -> None:
    text = "28/05/18 11:23 - 29/05/18 11:40"
    assert [one.text for one in find_dates(text)] == ["28/05/18", "29/05/18"]
    assert [printed for _, printed in find_times(text)] == ["11:23", "11:40"]
