"""Small sound pictures in every mode and format, and the parts that hand-made files are put together from."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from lavr.vision.frame import SizeWh

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
SIZE_WH = (64, 48)


def gradient(size_wh: SizeWh = SIZE_WH) -> NDArray[np.uint8]:
    """H x W x 3: red grows to the right, green downwards, blue marks the top-left quarter. No symmetry at all."""
    width, height = size_wh
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    corner = (across < width // 2) & (down < height // 2)
    return np.stack([across * 255 // width, down * 255 // height, corner * 200], axis=2).astype(np.uint8)


def noise(size_wh: SizeWh = SIZE_WH) -> PIL.Image.Image:
    """Every pixel another colour, so that packed files are long."""
    shape = (size_wh[1], size_wh[0], 3)
    return PIL.Image.fromarray(np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8))


def picture(mode: str = "RGB", size_wh: SizeWh = SIZE_WH) -> PIL.Image.Image:
    """The gradient in a mode of Pillow; RGBA is transparent throughout."""
    base = PIL.Image.fromarray(gradient(size_wh))
    if mode == "I;16":
        return PIL.Image.fromarray(gradient(size_wh)[:, :, 0].astype(np.uint16) * 257)
    if mode == "LAB":
        return PIL.Image.merge("LAB", base.split())
    if mode == "RGBA":
        base.putalpha(0)
        return base
    return base.convert(mode)


def saved(name: str, source: PIL.Image.Image | None = None, **options: Any) -> bytes:
    """A picture as a file of a format."""
    file = io.BytesIO()
    (source or picture()).save(file, name, **options)
    return file.getvalue()


def exif(orientation: int) -> bytes:
    """An EXIF block with nothing but an orientation."""
    tags = PIL.Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def floats(value: float) -> PIL.Image.Image:
    """A float picture of one value."""
    return PIL.Image.fromarray(np.full(SIZE_WH[::-1], value, np.float32))


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def ihdr(size_wh: SizeWh, depth: int, colour: int) -> bytes:
    """The first chunk of a PNG."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", *size_wh, depth, colour, 0, 0, 0))


def png(size_wh: SizeWh, depth: int, colour: int, data: bytes) -> bytes:
    """A PNG whose header and packed data need not agree."""
    return PNG_MAGIC + ihdr(size_wh, depth, colour) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def tags(size_wh: SizeWh, packing: int = 1) -> dict[int, int]:
    """The tags of an 8-bit grey TIFF in one strip, without the place of the strip."""
    return {256: size_wh[0], 257: size_wh[1], 258: 8, 259: packing, 262: 1, 277: 1, 278: size_wh[1]}


def tiff(entries: dict[int, int], data: bytes = b"", following: int = 0) -> bytes:
    """A little-endian TIFF of one directory, all values LONG; `data` begins at byte 8, the directory after it."""
    start = 8 + len(data)
    body = b"".join(struct.pack("<HHII", tag, 4, 1, entries[tag]) for tag in sorted(entries))
    return (
        b"II*\x00"
        + struct.pack("<I", start)
        + data
        + struct.pack("<H", len(entries))
        + body
        + struct.pack("<I", following)
    )


def tiff_rows(entries: dict[int, int], data: bytes) -> bytes:
    """A TIFF whose one strip is `data`."""
    return tiff({**entries, 273: 8, 279: len(data)}, data)


def tiff_loop() -> bytes:
    """A TIFF whose directory names itself as the next one."""
    data = bytes(SIZE_WH[0] * SIZE_WH[1])
    return tiff({**tags(SIZE_WH), 273: 8, 279: len(data)}, data, following=8 + len(data))


def floats_64() -> bytes:
    """A TIFF of 64-bit floats, which Pillow does not read."""
    return tiff_rows({**tags((4, 4)), 258: 64, 339: 3}, bytes(128))
