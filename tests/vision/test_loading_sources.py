"""Where pictures come from: every kind of source gives the same picture, and none reads what it should not."""

from __future__ import annotations

import base64
import errno
import io
import os
from pathlib import Path
from urllib.parse import quote

import numpy as np
import PIL.Image
import pytest

from lavr.errors import CorruptImage, ForbiddenSource, ImageNotFound, ImageTooLarge, NotAnImage
from lavr.tests.vision.samples import gradient, picture, saved
from lavr.vision.image import Image
from lavr.vision.loading import Limits, open_image
from lavr.vision.store import ImageStore

PNG = saved("PNG")
BASE64 = base64.b64encode(PNG).decode()


@pytest.mark.parametrize(
    "source",
    [
        PNG,
        bytearray(PNG),
        memoryview(PNG),
        io.BytesIO(PNG),
        picture(),
        gradient(),
        "data:image/png;base64," + BASE64,
        "DATA:image/png;charset=x;BASE64,\n" + "\n".join(BASE64[at : at + 60] for at in range(0, len(BASE64), 60)),
        "data:image/png;base64," + quote(BASE64, safe=""),
        "data:," + quote(PNG),
    ],
    ids=["bytes", "bytearray", "memoryview", "file", "pillow", "numpy", "data", "data lines", "data quoted", "percent"],
)
def test_every_source_gives_the_same_pixels(source: object) -> None:
    assert np.array_equal(Image.open(source).pixels(), gradient())


def test_a_path_gives_its_pixels_and_its_name(tmp_path: Path) -> None:
    (tmp_path / "a picture.png").write_bytes(PNG)
    for source in (tmp_path / "a picture.png", str(tmp_path / "a picture.png")):
        image = Image.open(source)
        assert np.array_equal(image.pixels(), gradient())
        assert image.name == "a picture.png"


def test_a_path_may_begin_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.png").write_bytes(PNG)
    assert Image.open("~/a.png").size_wh == (64, 48)


def test_an_open_file_gives_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    with (tmp_path / "a.png").open("rb") as file:
        assert Image.open(file).name == "a.png"


def test_a_pillow_picture_is_turned_by_its_exif_and_keeps_its_name(tmp_path: Path) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    picture().save(tmp_path / "turned.png", exif=exif)
    with PIL.Image.open(tmp_path / "turned.png") as source:
        image = Image.open(source)
    assert image.size_wh == (48, 64)
    assert image.name == "turned.png"


def test_an_image_is_given_back_as_it_is() -> None:
    image = Image.open(PNG)
    assert Image.open(image) is image


def test_changing_an_array_afterwards_does_not_change_the_image() -> None:
    array = gradient()
    image = Image.open(array)
    array[:] = 0
    assert np.array_equal(image.pixels(), gradient())


@pytest.mark.parametrize(
    "source",
    [None, 7, 3.5, {"path": "a.png"}, ["a.png"], io.StringIO("text")],
    ids=lambda source: type(source).__name__,
)
def test_what_cannot_name_a_picture_is_refused(source: object) -> None:
    with pytest.raises(NotAnImage) as caught:
        Image.open(source)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((4,), np.uint8),
        np.zeros((2, 2, 2, 3), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4), np.complex64),
        np.full((4, 4), "x"),
        np.full((4, 4), None),
    ],
    ids=["2 channels", "5 channels", "1 axis", "4 axes", "empty", "complex", "text", "objects"],
)
def test_an_array_that_is_no_picture_is_refused(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> None:
    with pytest.raises(NotAnImage, match="no picture"):
        Image.open(array)


@pytest.mark.parametrize("uri", ["data:image/png;base64", "data:image/png;base64,???", "data:;base64,iVBORw0KGgo"])
def test_a_damaged_data_uri_is_refused(uri: str) -> None:
    with pytest.raises(CorruptImage):
        Image.open(uri)


def test_a_data_uri_counts_against_the_limit_of_bytes() -> None:
    limits = Limits(file_bytes=100)
    for uri in ("data:image/png;base64," + BASE64, "data:," + quote(PNG)):
        with pytest.raises(ImageTooLarge):
            open_image(uri, limits=limits)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example/b.png", "s3://bucket/key", "gopher://a/"])
def test_other_urls_are_forbidden_even_where_urls_are_allowed(url: str) -> None:
    with pytest.raises(ForbiddenSource, match="only http and https"):
        Image.open(url, allow_urls=True)


def test_an_http_url_is_forbidden_unless_it_is_allowed() -> None:
    with pytest.raises(ForbiddenSource) as caught:
        Image.open("https://example.com/a.png")
    assert "allow_urls=True" in caught.value.remedy


@pytest.mark.parametrize("path", ["/proc/self/environ", "/dev/zero", "/dev/stdin", "/sys/kernel", "/proc"])
def test_the_folders_of_the_kernel_are_forbidden(path: str) -> None:
    with pytest.raises(ForbiddenSource):
        Image.open(path)


def test_a_missing_file_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "receipt.png").write_bytes(PNG)
    with pytest.raises(ImageNotFound) as caught:
        Image.open(tmp_path / "reciept.png")
    assert caught.value.remedy == f"Did you mean '{tmp_path / 'receipt.png'}'?"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_forbidden(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "a.png").chmod(0)
    with pytest.raises(ForbiddenSource, match="permission"):
        Image.open(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(file_bytes=50), "at most 50"),
        (Limits(pixels=64 * 48 - 1), "at most 3,071 pixels"),
        (Limits(side=63), "a side may have 63"),
        (Limits(aspect=1.3), "1.3 times"),
    ],
    ids=["bytes", "pixels", "side", "aspect"],
)
def test_each_limit_holds_for_files(limits: Limits, says: str) -> None:
    with pytest.raises(ImageTooLarge, match=says) as caught:
        open_image(PNG, limits=limits)
    assert "limit" in caught.value.data


@pytest.mark.parametrize("limits", [Limits(pixels=64 * 48 - 1), Limits(side=63), Limits(aspect=1.3)])
@pytest.mark.parametrize("source", [gradient(), picture()], ids=["numpy", "pillow"])
def test_the_limits_of_size_hold_for_pixels_in_memory(limits: Limits, source: object) -> None:
    with pytest.raises(ImageTooLarge):
        open_image(source, limits=limits)


def test_a_picture_exactly_at_its_limits_is_accepted() -> None:
    limits = Limits(file_bytes=len(PNG), pixels=64 * 48, side=64, aspect=64 / 48)
    assert open_image(PNG, limits=limits).size_wh == (64, 48)


def test_pixels_go_into_the_store_that_is_named(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    image = open_image(PNG, store=store)
    assert image.store is store
    assert store.path(image.digest).is_file()


def test_a_cut_off_file_is_refused_with_both_numbers() -> None:
    with pytest.raises(CorruptImage) as caught:
        Image.open(PNG[:-30])
    assert caught.value.data["bytes"] == len(PNG) - 30
    assert caught.value.data["needs"] == len(PNG)


def test_an_error_of_the_disk_is_told_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int, count: int) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    (tmp_path / "a.png").write_bytes(PNG)
    monkeypatch.setattr(os, "read", fail)
    with pytest.raises(CorruptImage, match="Input/output error"):
        Image.open(tmp_path / "a.png")
