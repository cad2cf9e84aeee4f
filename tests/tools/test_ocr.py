"""The tool ocr on drawn pages, with the real models."""

from __future__ import annotations

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from lavr.errors import InvalidArguments, UnknownLineage
from lavr.tests.tools.drawn import Page, encloses, page
from lavr.tools.calls import Observation
from lavr.tools.ocr import ocr, ocr_tool
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.transforms import crop, resize, rotate

TEXTS = [
    (40, 30, "Harbour Bakery", 34),
    (40, 110, "Rye bread", 24),
    (380, 110, "4.80", 24),
    (40, 160, "Plum cake", 24),
    (380, 160, "3.15", 24),
    (40, 230, "Total", 30),
    (380, 230, "7.95", 30),
]
ROWS = "Harbour Bakery\nRye bread  4.80\nPlum cake  3.15\nTotal  7.95"


@pytest.fixture(scope="module")
def bill() -> Page:
    return page((520, 310), TEXTS)


@pytest.fixture(scope="module")
def read(bill: Page) -> Observation:
    return observed(image=bill.image)


def observed(**arguments: object) -> Observation:
    result: Observation = ocr(**arguments)
    return result


def without_spaces(text: str | None) -> str:
    return "".join((text or "").split())


def test_text_comes_row_by_row_and_is_marked_as_untrusted(read: Observation) -> None:
    assert read.text == ROWS
    assert read.untrusted


def test_lines_lie_where_they_were_drawn_and_know_their_row(read: Observation, bill: Page) -> None:
    assert [line.attributes["row"] for line in read.regions] == [0, 1, 1, 2, 2, 3, 3]
    for line in read.regions:
        assert line.label == "line"
        assert encloses(line.xyxy, bill.boxes[str(line.text)], slack=3)
        assert line.polygon is not None
        assert (line.score or 0) > 0.9


def test_words_lie_where_they_were_drawn() -> None:
    words = page(
        (700, 80), [(20, 20, "Paid", 28), (120, 20, "in", 28), (190, 20, "advance", 28), (360, 20, "99.50", 28)]
    )
    found = observed(image=words.image, level="word").regions
    assert [word.text for word in found] == ["Paid", "in", "advance", "99.50"]
    for word in found:
        drawn = words.boxes[str(word.text)]
        assert word.label == "word"
        assert abs(word.xyxy[0] - drawn[0]) <= 8
        assert abs(word.xyxy[2] - drawn[2]) <= 8


def test_lines_carry_their_words_with_boxes(read: Observation) -> None:
    words = read.regions[0].attributes["words"]
    assert isinstance(words, list)
    assert [word[0] for word in words] == ["Harbour", "Bakery"]


def test_data_sums_up_what_was_read(read: Observation) -> None:
    assert isinstance(read.data, dict)
    assert read.data["lines"] == 7
    assert read.data["words"] == 10
    assert read.data["turned_degrees"] == 0
    json.dumps(read.data)


def test_a_region_is_read_in_the_pixels_of_the_whole_picture(bill: Page) -> None:
    place = Region(bill.image, (360, 225, 520, 275))
    seen = observed(image=bill.image, region=place)
    assert seen.text == "7.95"
    assert seen.regions[0].image == bill.image
    assert encloses(seen.regions[0].xyxy, bill.boxes["7.95"], slack=3)


def test_a_box_reads_only_what_is_in_it(bill: Page) -> None:
    assert observed(image=bill.image, box=(0, 100, 360, 200)).text == "Rye bread\nPlum cake"


def test_a_region_and_a_box_at_once_are_refused(bill: Page) -> None:
    with pytest.raises(InvalidArguments, match="Both a region and a box"):
        observed(image=bill.image, region=Region(bill.image, (0, 0, 9, 9)), box=(0, 0, 9, 9))


def test_a_region_of_another_picture_is_refused(bill: Page) -> None:
    with pytest.raises(UnknownLineage):
        observed(image=page((50, 50), []).image, region=Region(bill.image, (0, 0, 9, 9)))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_page_is_read_upright_and_its_lines_lie_on_the_turned_picture(bill: Page, degrees: int) -> None:
    turned = rotate(bill.image, degrees)
    seen = observed(image=turned)
    assert seen.text == ROWS
    assert isinstance(seen.data, dict)
    assert seen.data["turned_degrees"] == 360 - degrees
    total = next(line for line in seen.regions if line.text == "7.95")
    assert total.image == turned
    assert encloses(total.on(bill.image).xyxy, bill.boxes["7.95"], slack=4)


def test_a_skewed_page_keeps_its_rows(bill: Page) -> None:
    seen = observed(image=rotate(bill.image, 7))
    assert seen.text == ROWS
    assert isinstance(seen.data, dict)
    assert seen.data["skew_degrees"] == pytest.approx(-7, abs=1)


def test_a_crop_and_a_resized_picture_give_the_same_text(bill: Page) -> None:
    assert observed(image=crop(bill.image, (20, 100, 500, 200))).text == "Rye bread  4.80\nPlum cake  3.15"
    assert observed(image=resize(bill.image, (1040, 620))).text == ROWS


def test_small_print_on_a_large_picture_is_read_beside_large_letters() -> None:
    large = page((2600, 1900), [(80, 60, "MUSEUM", 300), (1700, 1500, "Tickets 12.40 each, children free", 18)])
    seen = observed(image=large.image)
    assert "MUSEUM" in seen.text
    assert "Tickets12.40each,childrenfree" in without_spaces(seen.text)
    assert isinstance(seen.data, dict)
    assert seen.data["full_size"] is True


def test_letters_as_high_as_the_picture_are_read() -> None:
    assert observed(image=page((560, 170), [(20, 10, "OPEN", 130)]).image).text == "OPEN"


@pytest.mark.parametrize("size_wh", [(1, 1), (3, 400), (12, 12), (300, 8), (640, 480)])
def test_a_picture_without_text_says_so(size_wh: tuple[int, int]) -> None:
    seen = observed(image=page(size_wh, []).image)
    assert seen.text == "No text was found."
    assert not seen.untrusted
    assert seen.regions == ()


def test_noise_is_not_read_as_text() -> None:
    noise = np.random.default_rng(7).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    assert observed(image=Image.of(noise)).regions == ()


def test_chinese_characters_are_words_of_their_own() -> None:
    # 口日田 are straight lines and can be drawn without a font. They read the same on their heads: no reason to turn.
    canvas = np.full((120, 420, 3), 255, np.uint8)
    for number, left in enumerate((20, 150, 280)):
        cv2.rectangle(canvas, (left, 20), (left + 80, 100), (0, 0, 0), 6)
        if number >= 1:
            cv2.line(canvas, (left, 60), (left + 80, 60), (0, 0, 0), 6)
        if number == 2:
            cv2.line(canvas, (left + 40, 20), (left + 40, 100), (0, 0, 0), 6)
    words = observed(image=Image.of(canvas), level="word").regions
    assert [word.text for word in words] == ["口", "日", "田"]


def test_a_lone_upright_digit_does_not_turn_the_page() -> None:
    assert observed(image=page((200, 200), [(80, 40, "1", 110)]).image).text in ("1", "I", "l")


class TestFind:
    def test_the_word_itself_is_found_with_its_own_box(self, bill: Page) -> None:
        seen = observed(image=bill.image, find="cake")
        assert [match.text for match in seen.regions] == ["cake"]
        assert seen.regions[0].score == 1.0
        whole = bill.boxes["Plum cake"]
        assert whole[0] + 40 < seen.regions[0].xyxy[0] < whole[2]

    def test_a_phrase_is_one_match(self, bill: Page) -> None:
        seen = observed(image=bill.image, find="rye BREAD")
        assert [match.text for match in seen.regions] == ["Rye bread"]
        assert encloses(seen.regions[0].xyxy, bill.boxes["Rye bread"], slack=8)

    def test_what_is_not_there_is_said_with_the_nearest(self, bill: Page) -> None:
        seen = observed(image=bill.image, find="Titel")
        assert seen.regions == ()
        assert "not found" in seen.text
        assert "“Total”" in seen.text

    def test_a_match_is_told_with_the_row_that_it_stands_in(self, bill: Page) -> None:
        first, row = observed(image=bill.image, find="cake").text.splitlines()
        assert first == "“cake” was found in this row:"
        assert row.startswith("- Plum cake")

    def test_found_text_is_untrusted(self, bill: Page) -> None:
        assert observed(image=bill.image, find="Total").untrusted


def test_the_factory_keeps_its_configuration_out_of_the_schema() -> None:
    made = ocr_tool(threads=2, host="inline", timeout_s=9)
    assert (made.host, made.timeout_s) == ("inline", 9)
    assert set(made.parameters.names) == {"image", "region", "box", "find", "level"}
    assert {"threads": 2, "host": "inline", "timeout_s": 9}.items() <= dict(made.recipe.config or {}).items()
    assert ocr.host == "worker"


def receipts() -> Path | None:
    named = os.environ.get("LAVR_RECEIPTS")
    folder = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "receipts"
    return folder if folder.is_dir() else None


@pytest.mark.slow
def test_fields_of_receipts_are_read_verbatim() -> None:
    folder = receipts()
    if folder is None:
        pytest.skip("no receipts: set LAVR_RECEIPTS to a folder of NN.jpg with NN.json")
    hits, asked = 0, 0
    for truth in sorted(folder.glob("*.json")):
        fields = json.loads(truth.read_text(encoding="utf-8"))
        text = without_spaces(observed(image=Image.open(truth.with_suffix(".jpg"))).text).upper()
        for name in ("company", "date", "total"):
            asked += 1
            hits += without_spaces(fields[name]).upper() in text
    assert hits >= 0.93 * asked
