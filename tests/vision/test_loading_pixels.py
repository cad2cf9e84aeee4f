"""What becomes of pixels: every mode ends as RGB, 8 bit, upright, with the right colours."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from lavr.tests.vision import samples
from lavr.tests.vision.samples import exif, gradient, picture, saved
from lavr.vision.frame import IDENTITY
from lavr.vision.image import Image
from lavr.vision.loading import open_image

GREY = gradient()[:, :, 0]


def _close(image: Image, expected: NDArray[Any], within: int = 0) -> bool:
    wanted = np.broadcast_to(expected if expected.ndim == 3 else expected[:, :, None], image.pixels().shape)
    return int(np.abs(image.pixels().astype(int) - wanted).max()) <= within


# ------------------------------------------------------------------------------------------------ bit depths


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_16_bit_grey_keeps_its_shades(name: str) -> None:
    assert _close(Image.open(saved(name, picture("I;16"))), GREY)


def test_16_bit_grey_in_big_endian_tiff_keeps_its_shades() -> None:
    data = (GREY.astype(">u2") * 257).astype(">u2").tobytes()
    entries = {256: 64, 257: 48, 258: 16, 259: 1, 262: 1, 273: 8, 277: 1, 278: 48, 279: len(data)}
    directory = b"".join(struct.pack(">HHII", tag, 4, 1, entries[tag]) for tag in sorted(entries))
    content = (
        b"MM\x00*" + struct.pack(">I", 8 + len(data)) + data + struct.pack(">H", len(entries)) + directory + bytes(4)
    )
    assert _close(Image.open(content), GREY)


def test_16_bit_tiff_whose_zero_is_white_is_not_inverted() -> None:
    data = (65535 - GREY.astype("<u2") * 257).astype("<u2").tobytes()
    entries = {**samples.tags((64, 48)), 258: 16, 262: 0}
    assert _close(Image.open(samples.tiff_rows(entries, data)), GREY)


def test_16_bit_colour_png_keeps_its_colours() -> None:
    wide = gradient().astype(">u2") * 257
    rows = b"".join(b"\x00" + row.astype(">u2").tobytes() for row in wide)
    assert _close(Image.open(samples.png((64, 48), 16, 2, zlib.compress(rows))), gradient(), within=1)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (GREY, GREY),
        (GREY[:, :, None], GREY),
        (GREY > 127, np.where(GREY > 127, 255, 0)),
        (GREY.astype(np.uint16) * 257, GREY),
        (gradient().astype(np.float32) / 255, gradient()),
        (gradient().astype(np.float64), gradient()),
        (gradient().astype(np.int64), gradient()),
        (GREY.astype(np.int32) * 257, GREY),
        (GREY.astype(np.int32) - 1000, np.round(GREY * (255 / 251))),
        (GREY.astype(np.float32) * 1e9, np.round(GREY * (255 / 251))),
        (gradient()[:, ::-1], gradient()[:, ::-1]),
    ],
    ids=["H x W", "H x W x 1", "bool", "uint16", "0 to 1", "0 to 255", "int64", "int 16", "shifted", "huge", "strided"],
)
def test_arrays_of_every_kind_keep_their_shades(array: NDArray[Any], expected: NDArray[Any]) -> None:
    assert _close(Image.open(array), expected, within=1)


def test_a_float_tiff_from_0_to_1_is_not_black() -> None:
    image = Image.open(saved("TIFF", PIL.Image.fromarray(GREY.astype(np.float32) / 255)))
    assert _close(image, GREY)
    assert image.notes == ("Values from 0 to 1 were scaled to 8 bit.",)


def test_values_that_are_not_finite_are_drawn_and_said() -> None:
    values = np.full((4, 4), 0.5, np.float32)
    values[0, :3] = np.nan, np.inf, -np.inf
    image = Image.open(values)
    assert image.pixels()[0, :4, 0].tolist() == [0, 255, 0, 128]
    assert "3 of 16 values are not finite" in image.notes[-1]


def test_a_flat_float_picture_outside_all_ranges_is_still_a_picture() -> None:
    assert Image.open(np.full((4, 4), -7.0)).pixels().max() == 0


def test_large_pictures_of_floats_are_scaled_alike_in_every_band() -> None:
    values = np.tile(np.linspace(0, 1, 1500), (1500, 1))
    pixels = Image.open(values).pixels()
    assert (pixels == pixels[0]).all()


def test_values_between_8_and_16_bit_in_a_pgm_follow_their_largest_value() -> None:
    content = b"P5\n3 1\n1000\n" + struct.pack(">HHH", 0, 500, 1000)
    assert Image.open(content).pixels()[0, :, 0].tolist() == [0, 128, 255]


def test_plain_and_binary_pnm_agree() -> None:
    plain = "P3\n64 48\n255\n" + "\n".join(" ".join(map(str, row)) for row in gradient().reshape(48, -1))
    assert _close(Image.open(plain.encode()), gradient())
    assert _close(Image.open(saved("PPM")), gradient())
    assert _close(Image.open(saved("PPM", picture("L"))), np.asarray(picture("L")))
    assert _close(Image.open(saved("PPM", picture("1"))), np.asarray(picture("1").convert("L")))


# ------------------------------------------------------------------------------------------------ colours


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "LA", "CMYK", "YCbCr", "HSV", "RGBX", "PA", "La"])
def test_every_mode_of_pillow_becomes_the_same_colours(mode: str) -> None:
    via = {"La": "LA", "PA": "P"}.get(mode, "RGB")
    source = picture(via).convert(mode)
    assert _close(Image.open(source), np.asarray(source.convert(via).convert("RGB")), within=1)


def test_a_cmyk_jpeg_of_adobe_keeps_its_colours() -> None:
    assert _close(Image.open(saved("JPEG", picture("CMYK"), quality=95)), gradient(), within=24)


def test_a_cmyk_jpeg_without_adobes_marker_is_not_inverted() -> None:
    content = saved("JPEG", _inverted(picture("CMYK")), quality=95)
    at = content.index(b"\xff\xee")
    length = struct.unpack(">H", content[at + 2 : at + 4])[0]
    assert _close(Image.open(content[:at] + content[at + 2 + length :]), gradient(), within=24)


def _inverted(source: PIL.Image.Image) -> PIL.Image.Image:
    return PIL.Image.merge(source.mode, [band.point(lambda value: 255 - value) for band in source.split()])


def test_a_lab_tiff_becomes_srgb() -> None:
    middle = PIL.Image.new("LAB", (8, 8), (128, 128, 128))
    pixel = Image.open(saved("TIFF", middle)).pixels()[0, 0]
    assert int(pixel.max()) - int(pixel.min()) <= 3
    assert 110 <= pixel[0] <= 130


# ------------------------------------------------------------------------------------------------ transparency


def _half_clear() -> PIL.Image.Image:
    """Red; its left half is fully transparent, with a colour hidden below, its right half half so."""
    pixels = np.full((4, 4, 4), (255, 0, 0, 128), np.uint8)
    pixels[:, :2] = (0, 255, 0, 0)
    return PIL.Image.fromarray(pixels)


@pytest.mark.parametrize(
    "source",
    [
        _half_clear(),
        np.asarray(_half_clear()),
        saved("PNG", _half_clear()),
        saved("WEBP", _half_clear(), lossless=True, exact=True),
        saved("TIFF", _half_clear()),
        saved("ICO", _half_clear().resize((16, 16), PIL.Image.Resampling.NEAREST)),
    ],
    ids=["pillow", "numpy", "png", "webp", "tiff", "ico"],
)
def test_transparent_pixels_show_white_and_not_what_they_hide(source: object) -> None:
    pixels = Image.open(source).pixels()
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert np.abs(pixels[0, -1].astype(int) - (255, 127, 127)).max() <= 1


@pytest.mark.parametrize(
    ("mode", "transparency"),
    [("P", 0), ("P", b"\x00\xff"), ("L", 0), ("RGB", (10, 20, 30)), ("1", 0)],
    ids=["palette entry", "palette alphas", "grey", "colour", "bit"],
)
def test_a_colour_that_is_declared_transparent_is_white(mode: str, transparency: Any) -> None:
    source = PIL.Image.new(mode, (4, 4), {"RGB": (10, 20, 30)}.get(mode, 0))
    assert (Image.open(saved("PNG", source, transparency=transparency)).pixels() == 255).all()


def test_a_grey_16_bit_value_that_is_declared_transparent_is_white() -> None:
    content = saved("PNG", PIL.Image.fromarray(np.full((4, 4), 300, np.uint16)))
    clear = content[:33] + samples.chunk(b"tRNS", struct.pack(">H", 300)) + content[33:]
    assert (Image.open(clear).pixels() == 255).all()


# ------------------------------------------------------------------------------------------------ first frames


@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP", "TIFF", "MPO", "AVIF"])
def test_the_first_frame_of_several_is_shown_and_said(name: str) -> None:
    frames = [PIL.Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    options: dict[str, Any] = {"lossless": True} if name == "WEBP" else {}
    image = Image.open(saved(name, frames[0], save_all=True, append_images=frames[1:], **options))
    assert _close(image, np.full((32, 32, 3), (255, 0, 0)), within=12)
    assert image.notes == ("Only the first frame of the file is shown.",)


# ------------------------------------------------------------------------------------------------ upright


def _stored_as(orientation: int) -> PIL.Image.Image:
    """The gradient as a camera of that orientation stores it (the inverse of what a viewer does)."""
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    source = picture()
    return source.transpose(PIL.Image.Transpose(undo[orientation])) if orientation in undo else source


def _png(orientation: int) -> bytes:
    return saved("PNG", _stored_as(orientation), **_tag(orientation))


def _tiff(orientation: int) -> bytes:
    return saved("TIFF", _stored_as(orientation), tiffinfo={274: orientation} if orientation else {})


def _lossless_webp(orientation: int) -> bytes:
    return saved("WEBP", _stored_as(orientation), lossless=True, **_tag(orientation))


def _jpeg(orientation: int) -> bytes:
    return saved("JPEG", _stored_as(orientation), quality=95, subsampling=0, **_tag(orientation))


def _tag(orientation: int) -> dict[str, bytes]:
    return {"exif": exif(orientation)} if orientation else {}


@pytest.mark.parametrize("orientation", range(9))  # 0: no tag at all
@pytest.mark.parametrize("make", [_png, _tiff, _lossless_webp], ids=["png", "tiff", "webp"])
def test_all_nine_orientations_give_the_same_pixels(make: Callable[[int], bytes], orientation: int) -> None:
    image = Image.open(make(orientation))
    assert np.array_equal(image.pixels(), gradient())
    assert image.digest == Image.open(gradient()).digest


@pytest.mark.parametrize("orientation", range(9))
def test_all_nine_orientations_of_a_jpeg_look_the_same(orientation: int) -> None:
    assert _close(Image.open(_jpeg(orientation)), gradient(), within=40)


@pytest.mark.parametrize("orientation", range(9))
@pytest.mark.parametrize("make", [_png, _tiff], ids=["png", "tiff"])
def test_stored_leads_from_every_upright_pixel_to_the_one_in_the_file(
    make: Callable[[int], bytes], orientation: int
) -> None:
    image, file = Image.open(make(orientation)), np.asarray(_stored_as(orientation))
    across, down = np.meshgrid(np.arange(64) + 0.5, np.arange(48) + 0.5)
    there = np.floor(image.stored.points(np.stack([across.ravel(), down.ravel()], axis=1))).astype(int)
    assert np.array_equal(file[there[:, 1], there[:, 0]], gradient().reshape(-1, 3))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_none(orientation: int) -> None:
    image = Image.open(saved("PNG", exif=exif(orientation)))
    assert image.stored == IDENTITY
    assert np.array_equal(image.pixels(), gradient())


# ------------------------------------------------------------------------------------------------ side effects


def test_warnings_of_others_still_come_through_while_pictures_are_decoded() -> None:
    content = saved("JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(open_image, [content] * 64))
    with pytest.warns(UserWarning, match="still heard"):
        warnings.warn("still heard", UserWarning, stacklevel=1)


def test_pillow_is_never_told_to_accept_cut_off_files() -> None:
    from PIL import ImageFile

    Image.open(io.BytesIO(saved("JPEG")))
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
