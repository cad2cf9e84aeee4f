"""Contrast, tilt and perspective, planted and found again."""

from __future__ import annotations

import numpy as np
import pytest

from lavr.demos.draw_samples import SAMPLES, receipt
from lavr.errors import ToolFailed
from lavr.tests.tools.drawn import shapes
from lavr.tests.tools.photos import DESKS, photographed
from lavr.tools.enhance import enhance
from lavr.tools.ocr import ocr
from lavr.tools.sheet import corners_of_sheet
from lavr.tools.tilt import tilt_of
from lavr.vision.frame import Frame
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.transforms import rotate


def test_contrast_is_raised_where_it_is_low_and_places_stay() -> None:
    page = np.asarray(receipt(), dtype=np.float64)
    dull = Image.of((110 + page * 0.12).astype(np.uint8))
    better = enhance(image=dull, how="contrast").images[0]
    ink = page.mean(axis=2) < 90
    before, after = (np.abs(image.pixels()[ink].mean() - image.pixels()[~ink].mean()) for image in (dull, better))
    assert after > 1.5 * before
    assert Region(better, (10, 20, 30, 40)).on(dull).xyxy == (10, 20, 30, 40)


def test_contrast_keeps_colours() -> None:
    scene = shapes((200, 200), "white", ("rectangle", (40, 40, 159, 159), "red"))
    red, green, blue = enhance(image=scene, how="contrast").images[0].pixels()[100, 100].astype(int)
    assert red > 150
    assert max(green, blue) < 90


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("tilt", [-15.0, -3.3, -0.5, 0.0, 1.2, 8.0])
def test_a_planted_tilt_is_measured(name: str, tilt: float) -> None:
    upright = Image.of(np.asarray(SAMPLES[name]().convert("RGB")))
    assert tilt_of(rotate(upright, -tilt).pixels()) == pytest.approx(tilt, abs=0.1)


NOISE = np.random.default_rng(0).integers(0, 256, (400, 500, 3), dtype=np.uint8)
PEBBLES = shapes(
    (600, 500),
    "white",
    *(("ellipse", (x, (x * 7) % 430, x + 40, (x * 7) % 430 + 40), "black") for x in range(0, 560, 13)),
)


@pytest.mark.parametrize(
    "pixels",
    [NOISE, PEBBLES.pixels(), np.full((300, 300, 3), 90, np.uint8), np.zeros((1, 1, 3), np.uint8)],
    ids=["noise", "pebbles", "nothing", "one pixel"],
)
def test_where_there_are_no_lines_there_is_neither_a_tilt_nor_a_sheet(
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> None:
    assert tilt_of(pixels) is None
    assert corners_of_sheet(pixels) is None
    with pytest.raises(ToolFailed, match="no lines"):
        enhance(image=Image.of(pixels), how="deskew")
    with pytest.raises(ToolFailed, match="No sheet"):
        enhance(image=Image.of(pixels), how="document")


def test_a_tilted_page_is_turned_level_and_its_places_map_back() -> None:
    tilted = rotate(Image.of(np.asarray(receipt())), -6)
    seen = enhance(image=tilted, how="deskew")
    level = seen.images[0]
    assert tilt_of(level.pixels()) == pytest.approx(0, abs=0.1)
    assert seen.text.startswith("Its lines fell to the right by ")
    assert level.lineage == tilted.lineage
    place = Region.of_polygon(level, [(100, 100), (200, 100), (200, 130), (100, 130)])
    assert np.allclose(place.on(tilted).on(level).outline, place.outline)


def test_a_level_page_stays_as_it_is() -> None:
    level = Image.of(np.asarray(receipt()))
    seen = enhance(image=level, how="deskew")
    assert seen.images == (level,)
    assert seen.text == "It is level already."


@pytest.mark.parametrize("desk", DESKS)
def test_the_corners_of_a_photographed_sheet_are_found(desk: str) -> None:
    for seed in (1, 2):
        pixels, corners = photographed(desk, seed)
        found = corners_of_sheet(pixels)
        assert found is not None
        assert np.abs(found - corners).max() < 6


@pytest.mark.parametrize("name", ["receipt", "chart"])
def test_a_page_that_fills_the_picture_is_no_sheet_on_it(name: str) -> None:
    assert corners_of_sheet(np.asarray(SAMPLES[name]().convert("RGB"))) is None


def test_a_sheet_that_is_cut_off_by_the_picture_is_refused() -> None:
    pixels, corners = photographed("dark", 1)
    cut = np.ascontiguousarray(pixels[:, : int(corners[1:3, 0].min()) - 40])
    assert corners_of_sheet(cut) is None


def test_a_photographed_receipt_is_read_and_its_lines_map_to_the_photograph() -> None:
    pixels, corners = photographed("wood", 5)
    photo = Image.of(pixels)
    seen = enhance(image=photo, how="document")
    sheet = seen.images[0]
    assert np.abs(seen.regions[0].outline - corners).max() < 6
    lines = ocr(image=sheet).regions
    (total,) = [line for line in lines if line.text == "17.27"]
    # On the drawing the amount ends at (570, 618); the same place on the photograph is known.
    expected = Frame.perspective(receipt().size, corners).points(np.array([[525.0, 618.0]]))[0]
    assert np.abs(np.array(total.on(photo).center) - expected).max() < 15
    assert total.on(photo).image == photo
