"""What is redacted is gone: from the pixels, from the files, and for whoever tries every text that it may have been."""

from __future__ import annotations

import io
import struct
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from lavr.errors import InvalidArguments, InvalidRegion, UnknownLineage
from lavr.tests.tools.drawn import page, shapes
from lavr.tools.ocr import ocr
from lavr.tools.redact import LEAST, MOST, NOISE, How, _grid, _margin, redact
from lavr.vision.coverage import covered, patch
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.store import Pixels
from lavr.vision.transforms import crop, resize, rotate

WAYS: tuple[How, ...] = ("fill", "blur", "pixelate")
OFF = NOISE + NOISE // 3
PHOTO = Image.of(np.random.default_rng(3).integers(0, 256, (240, 320, 3), dtype=np.uint8))
DISK = np.hypot(*np.mgrid[-100:140, -150:170]) <= 50


def redacted(image: Image, *regions: Region, how: How = "fill") -> Pixels:
    pixels: Pixels = redact(image=image, regions=list(regions), how=how).images[0].pixels()
    return pixels


PLACES = {
    "box": Region(PHOTO, (60.5, 40, 200, 99.5)),
    "outline": Region.of_polygon(PHOTO, [(60, 40), (200, 60), (180, 180), (40, 120)]),
    "mask": Region.of_mask(PHOTO, Mask.of(DISK)),
    "at the corner": Region(PHOTO, (250, 180, 320, 240)),
    "a point": Region(PHOTO, (100, 100, 100, 100)),
}


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_the_place_and_a_margin_change_and_nothing_else(place: Region, how: How) -> None:
    before, after = PHOTO.pixels(), redacted(PHOTO, place, how=how)
    changed = (before != after).any(axis=2)
    assert not (changed & ~covered(PHOTO, [place], margin=_margin(place))).any()
    # Noise of one colour per pixel: hardly any of them is by chance what it was.
    assert changed[covered(PHOTO, [place], margin=LEAST)].mean() > 0.99


def test_a_margin_grows_with_the_place_within_bounds() -> None:
    sides = (4, 80, 400)
    assert [_margin(Region(PHOTO, (0, 0, side, 2 * side))) for side in sides] == [LEAST, 8, MOST]


def test_two_pictures_that_differ_only_in_what_is_filled_become_one() -> None:
    secrets = [page((400, 80), [(30, 20, text, 32)]).image for text in ("PIN 4711", "PIN 0815")]
    place = (90.0, 15.0, 250.0, 65.0)
    first, second = (redacted(secret, Region(secret, place)) for secret in secrets)
    assert np.array_equal(first, second)


@pytest.mark.parametrize("size_wh", [(300, 30), (30, 300), (64, 48), (200, 200), (8, 8)])
def test_what_is_pixelated_or_blurred_has_but_a_few_colours_left(size_wh: tuple[int, int]) -> None:
    noise = Image.of(np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8))
    place = Region(noise, (50, 50, 50 + size_wh[0], 50 + size_wh[1]))
    window, _ = patch(place, margin=_margin(place))
    part = noise.pixels()[window]
    across, down = _grid(part.shape[1::-1])
    assert across * down <= max(16, max(size_wh) // min(size_wh) + 2)
    cells = np.unique(redacted(noise, place, how="pixelate")[window].reshape(-1, 3), axis=0)
    assert len(cells) <= across * down
    # A blur is the same cells drawn softly: it changes as slowly as they follow one another.
    soft = redacted(noise, place, how="blur")[window].astype(int)
    assert np.abs(np.diff(soft, axis=1)).max(initial=0) < 60
    assert np.abs(np.diff(soft, axis=0)).max(initial=0) < 60


@pytest.mark.parametrize("size", [16, 32])
def test_nothing_can_be_read_where_lines_were_redacted(size: int) -> None:
    lines = ["Ada Example", "IBAN DE44 5001", "born 03.12.1984", "Open to the public"]
    sheet = page((30 * size, 12 * size), [(size, size + 2.6 * size * at, line, size) for at, line in enumerate(lines)])
    found = ocr(image=sheet.image).regions
    assert [region.text for region in found] == lines
    # The margin reaches to the edge of every letter.
    ink = (sheet.image.pixels().min(axis=2) < 250) & covered(sheet.image, found[:3], margin=size)
    assert not (ink & ~covered(sheet.image, found[:3], margin=LEAST)).any()
    for how in WAYS:
        hidden = redact(image=sheet.image, regions=list(found[:3]), how=how).images[0]
        read = [line for line in ocr(image=hidden).text.splitlines() if any(map(str.isalnum, line))]
        assert read == ["Open to the public"]


def test_a_blurred_number_cannot_be_found_by_trying_all_numbers() -> None:
    numbers = [f"{number:04d}" for number in range(0, 10_000, 50)]
    pages = {number: page((240, 70), [(60, 15, number, 32)]) for number in numbers}
    box = pages[numbers[0]].boxes[numbers[0]]
    first = pages[numbers[0]].image
    window, _ = patch(Region(first, box), margin=_margin(Region(first, box)))

    def cells(pixels: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        part = pixels[window]
        means = cv2.resize(part, _grid(part.shape[1::-1]), interpolation=cv2.INTER_AREA).astype(float)
        return np.asarray(means.mean(axis=2), dtype=np.float64)

    known = {number: cells(pages[number].image.pixels()) for number in numbers}
    # The attack works on exact colours: most numbers have their own.
    assert len({tuple(values.round(1).ravel()) for values in known.values()}) > 0.7 * len(numbers)
    hits = 0
    for number in numbers:
        image = pages[number].image
        seen = cells(redacted(image, Region(image, box), how="pixelate"))
        hits += min(numbers, key=lambda other: float(np.abs(known[other] - seen).sum())) == number
    assert hits <= 0.1 * len(numbers)


def test_noise_is_new_every_time() -> None:
    once, again = (redacted(PHOTO, PLACES["box"], how="blur") for _ in range(2))
    assert not np.array_equal(once, again)
    assert not redact.cacheable


def test_cells_keep_the_colour_of_the_place_roughly() -> None:
    scene = shapes((200, 200), "white", ("rectangle", (40, 40, 159, 159), "red"))
    middle = redacted(scene, Region(scene, (40, 40, 160, 160)), how="pixelate")[90:110, 90:110]
    assert np.abs(middle.reshape(-1, 3).mean(axis=0) - (255, 0, 0)).max() <= OFF


def test_places_of_crops_and_turned_pictures_are_redacted_where_they_lie() -> None:
    scene = shapes((400, 300), "white", ("ellipse", (100, 100, 180, 180), "red"))
    turned = rotate(scene, 30)
    outline = Region(scene, (95, 95, 185, 185)).on(turned).outline
    enlarged = resize(crop(scene, (80, 80, 240, 240)), (640, 640))
    for found in (Region.of_polygon(turned, outline), Region(enlarged, (60, 60, 420, 420))):
        seen = redact(image=scene, regions=[found]).images[0]
        red = (seen.pixels()[:, :, 0] > 200) & (seen.pixels()[:, :, 1] < 50)
        assert not red.any()
        assert seen.lineage == scene.lineage
        assert Region(seen, (1, 2, 3, 4)).on(scene).xyxy == (1, 2, 3, 4)


def test_what_is_not_on_the_picture_is_told_and_never_passed_over_in_silence() -> None:
    part = crop(PHOTO, (0, 0, 100, 100))
    inside, outside = (
        Region(PHOTO, box, handle=handle) for box, handle in (((9, 9, 50, 50), "r1"), ((200, 200, 220, 220), "r2"))
    )
    seen = redact(image=part, regions=[inside, outside])
    assert "r1 (r2 lies outside the picture)" in seen.text
    assert seen.data["left_out"] == ["r2"]
    with pytest.raises(InvalidRegion, match="r2 lies outside"):
        redact(image=part, regions=[outside])
    with pytest.raises(InvalidArguments, match="No place"):
        redact(image=part)
    with pytest.raises(InvalidArguments, match="Both"):
        redact(image=part, regions=[inside], box=(1, 1, 5, 5))
    with pytest.raises(UnknownLineage):
        redact(image=Image.of(np.zeros((9, 9, 3), np.uint8)), regions=[inside])


def test_a_mask_too_small_for_a_smaller_picture_is_redacted_nonetheless() -> None:
    speck = np.zeros((240, 320), bool)
    speck[121, 161] = True
    small = resize(PHOTO, (32, 24))
    seen = redact(image=small, regions=[Region.of_mask(PHOTO, Mask.of(speck))]).images[0]
    assert (seen.pixels()[12, 16] == 0).all()


def with_thumbnail(picture: PIL.Image.Image) -> tuple[bytes, bytes]:
    """A JPEG that carries a small copy of itself, as cameras write them, and that copy."""
    small = io.BytesIO()
    picture.resize((64, 48)).save(small, "JPEG")
    copy = small.getvalue()
    # TIFF header, an empty first directory, a second one that points to the copy (tags 0x0201 and 0x0202).
    head = struct.pack("<2sHIHI", b"II", 42, 8, 0, 14)
    second = (
        struct.pack("<H", 2) + struct.pack("<HHII", 0x0201, 4, 1, 44) + struct.pack("<HHII", 0x0202, 4, 1, len(copy))
    )
    file = io.BytesIO()
    picture.save(
        file, "JPEG", exif=b"Exif\x00\x00" + head + second + struct.pack("<I", 0) + copy, comment=b"Ada Example"
    )
    return file.getvalue(), copy


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif"])
def test_a_file_that_is_written_holds_no_thumbnail_and_no_original_pixels(tmp_path: Path, suffix: str) -> None:
    sheet = page((400, 300), [(40, 100, "SECRET", 60)])
    camera, copy = with_thumbnail(sheet.image.pil())
    with PIL.Image.open(io.BytesIO(camera)) as check:
        assert copy in camera
        assert check.getexif().get_ifd(PIL.ExifTags.IFD.IFD1)[0x0202] == len(copy)
    image = Image.open(camera)
    left, top, right, bottom = (round(edge) for edge in sheet.boxes["SECRET"])
    seen = redact(image=image, box=(left, top, right, bottom)).images[0]
    path = tmp_path / f"redacted.{suffix}"
    seen.save(path)
    written = path.read_bytes()
    assert copy not in written
    assert b"Exif" not in written
    assert b"Ada Example" not in written
    assert written.count(b"\xff\xd8\xff") <= 1
    with PIL.Image.open(path) as again:
        assert not dict(again.getexif()) or suffix == "tif"
        assert np.asarray(again.convert("RGB"))[top:bottom, left:right].max() < 16


def test_neighbours_are_told_apart_from_what_is_redacted() -> None:
    rows = [(0.0, 20.0 * at, 320.0, 20.0 * at + 8) for at in range(10)]
    after = redacted(PHOTO, *(Region(PHOTO, row) for row in rows))
    kept = [(upper[3] + LEAST, lower[1] - LEAST) for upper, lower in pairwise(rows)]
    for top, bottom in kept:
        assert np.array_equal(after[int(top) : int(bottom)], PHOTO.pixels()[int(top) : int(bottom)])
