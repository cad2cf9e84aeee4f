"""Codes drawn with the encoder of zxing-cpp and spoilt in the usual ways."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from lavr.tests.tools.drawn import encloses, shapes
from lavr.tools.barcode import barcode
from lavr.vision.image import Image
from lavr.vision.transforms import pad, resize, rotate

CODES = [("QRCode", "qr code", "https://example.org/a?b=1"), ("EAN13", "ean-13", "4006381333931"),
         ("Code128", "code 128", "LAVR-0042"), ("DataMatrix", "data matrix", "lot 7"), ("PDF417", "pdf417", "ticket 9"),
         ("Aztec", "aztec", "gate 12")]  # fmt: skip


def code(kind: str, text: str, scale: int = 3) -> Image:
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    gray = np.array(made.to_image(scale=scale, add_quiet_zones=True), dtype=np.uint8)
    return pad(Image.of(np.repeat(gray[:, :, None], 3, axis=2)), 30, 40, 50, 60)


@pytest.mark.parametrize(("kind", "label", "text"), CODES)
def test_codes_of_all_kinds_are_read_with_their_place(kind: str, label: str, text: str) -> None:
    image = code(kind, text)
    seen = barcode(image=image)
    assert [(found.label, found.text) for found in seen.regions] == [(label, text)]
    assert encloses((30, 40, image.size_wh[0] - 50, image.size_wh[1] - 60), seen.regions[0].xyxy)
    assert seen.regions[0].polygon is not None
    assert seen.text == f"{label}: {text}"
    assert seen.untrusted


@pytest.mark.parametrize("degrees", [90, 180, 45])
def test_a_turned_code_is_read_where_it_lies(degrees: float) -> None:
    image = code("QRCode", "turned")
    found = barcode(image=rotate(image, degrees)).regions[0]
    upright = barcode(image=image).regions[0]
    assert found.text == "turned"
    assert np.abs(np.array(found.on(image).center) - upright.center).max() < 3


def test_a_region_is_searched_and_told_in_pixels_of_the_whole() -> None:
    left, right = code("QRCode", "left"), code("QRCode", "right")
    both = Image.of(np.hstack([left.pixels(), right.pixels()[: left.size_wh[1]]]))
    half = left.size_wh[0]
    seen = barcode(image=both, box=(half, 0, both.size_wh[0], both.size_wh[1]))
    assert [found.text for found in seen.regions] == ["right"]
    assert seen.regions[0].xyxy[0] > half
    assert barcode(image=both).data == {"codes": 2, "formats": {"qr code": 2}}


def test_a_small_code_is_read_enlarged_and_still_lies_right() -> None:
    whole = code("DataMatrix", "small one")
    small = resize(whole, (whole.size_wh[0] // 2, whole.size_wh[1] // 2))
    found = barcode(image=small).regions[0]
    assert found.text == "small one"
    assert "enlarged" in str(found.attributes["read"])
    assert np.abs(np.array(found.on(whole).xyxy) - barcode(image=whole).regions[0].xyxy).max() < 6


@pytest.mark.parametrize("trouble", ["dark", "noise", "blur"])
def test_a_spoilt_code_is_read(trouble: str) -> None:
    pixels = code("QRCode", "spoilt", scale=4).pixels().astype(np.float64)
    spoilt = {
        "dark": pixels * 0.12 + 8,
        "noise": pixels + np.random.default_rng(3).normal(0, 45, pixels.shape),
        "blur": cv2.GaussianBlur(pixels, (0, 0), 2.0),
    }[trouble]
    assert barcode(image=Image.of(np.clip(spoilt, 0, 255).astype(np.uint8))).regions[0].text == "spoilt"


@pytest.mark.parametrize("size_wh", [(1, 1), (3, 3), (200, 120)])
def test_a_picture_without_a_code_says_so(size_wh: tuple[int, int]) -> None:
    seen = barcode(image=shapes(size_wh, "white"))
    assert seen.regions == ()
    assert "No code" in seen.text
    assert not seen.untrusted
