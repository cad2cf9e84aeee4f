"""Forgiving search among words: what is forgiven, and what is not."""

from __future__ import annotations

import numpy as np
import pytest

from lavr.tools.text_search import Hits, search
from lavr.vision.image import Image
from lavr.vision.region import Region

PAPER = Image.of(np.full((100, 400, 3), 255, np.uint8))


def row(text: str, top: float = 0) -> list[Region]:
    return [
        Region(PAPER, (40.0 * place, top, 40.0 * place + 36, top + 20), "word", 0.9, word)
        for place, word in enumerate(text.split())
    ]


def found(wanted: str, *rows: str) -> list[tuple[str | None, float | None]]:
    hits: Hits = search(wanted, [row(text, 24.0 * number) for number, text in enumerate(rows)])
    return [(match.text, match.score) for match in hits.matches]


@pytest.mark.parametrize(
    ("wanted", "page"),
    [
        ("total", "TOTAL"), ("Total:", "total"), ("cafe", "CAFÉ"), ("naïve", "naive"), ("e-mail", "Email"),
        ("grand total", "Grand Total:"), ("sub total", "Subtotal"), ("subtotal", "Sub Total"), ("straße", "STRASSE"),
    ],
)  # fmt: skip
def test_case_accents_spaces_and_points_make_no_difference(wanted: str, page: str) -> None:
    assert found(wanted, page) == [(page, 1.0)]


@pytest.mark.parametrize(("wanted", "page"), [("TOTAL", "T0TAL"), ("bill", "B111"), ("S100", "5IOO"), ("B8", "88")])
def test_what_ocr_confuses_is_nearly_exact(wanted: str, page: str) -> None:
    assert found(wanted, page) == [(page, 0.97)]


def test_exact_matches_come_first() -> None:
    texts = [text for text, _ in found("total", "Subtotal 15.70", "T0TAL 17.27", "Total")]
    assert texts == ["Total", "T0TAL", "Subtotal"]


def test_a_slip_of_one_letter_is_a_match() -> None:
    assert [text for text, _ in found("invoice", "lnvoise no 7")] == ["lnvoise"]


def test_another_amount_is_no_match_but_the_nearest() -> None:
    hits = search("112.45", [row("Total 112.46")])
    assert hits.matches == ()
    assert hits.nearest == ("112.46",)


def test_an_amount_is_found_inside_its_currency() -> None:
    assert [text for text, _ in found("112.45", "RM112.45")] == ["RM112.45"]


def test_short_words_match_whole_words_only() -> None:
    assert found("in", "dining inside") == []


def test_every_occurrence_is_found_in_reading_order() -> None:
    hits = search("tea", [row("Tea and tea"), row("no tea", 30)])
    assert [match.attributes["row"] for match in hits.matches] == [0, 0, 1]
    assert hits.matches[0].xyxy[0] < hits.matches[1].xyxy[0]


def test_signs_without_letters_can_be_found() -> None:
    assert found("%", "10 %")[0][0] == "%"


@pytest.mark.parametrize("wanted", ["zebra crossing", "x" * 400])
def test_what_is_nowhere_near_gives_nothing(wanted: str) -> None:
    hits = search(wanted, [row("Total 17.27 EUR")])
    assert hits.matches == ()


def test_an_empty_page_gives_nothing() -> None:
    assert search("total", []) == Hits(())
