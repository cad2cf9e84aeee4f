"""Pictures made to do harm, and pictures that only look as if they did.

`CASES` lists them by name: what makes the file, and what must come of opening it. Each is made by code, in the folder
it is given. The table has two parts: what is refused, with the class of the error, and what is accepted, with its size.
"""

from __future__ import annotations

import os
import socket
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lavr.errors import CorruptImage, ForbiddenSource, ImageNotFound, ImageTooLarge, LavrError, NotAnImage
from lavr.tests.vision import samples
from lavr.tests.vision.samples import picture, saved
from lavr.vision.frame import SizeWh

Make = Callable[[Path], Path]


@dataclass(frozen=True)
class Case:
    """One file: `make` puts it into a folder and gives its path; `expected` is None where it is accepted."""

    name: str
    make: Make
    expected: type[LavrError] | None
    size_wh: SizeWh | None = None


def _file(name: str, content: Callable[[], bytes]) -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content())
        return path

    return make


def _refused(name: str, error: type[LavrError], content: Callable[[], bytes]) -> Case:
    return Case(name, _file(f"{name.replace(' ', '-')}.bin", content), error)


def _accepted(name: str, content: Callable[[], bytes], size_wh: SizeWh = (64, 48)) -> Case:
    return Case(name, _file(f"{name.replace(' ', '-')}.bin", content), None, size_wh)


# ------------------------------------------------------------------------------------------------ not a picture

_FOREIGN: dict[str, bytes] = {
    "empty file": b"",
    "zero bytes": bytes(1024),
    "text": b"Total: 12.30 EUR\n",
    "json": b'{"image": "receipt.png"}',
    "html page": b"<!DOCTYPE html><html><img src='a.png'></html>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
    "svg with prolog": b"<?xml version='1.0'?>\n<!-- x -->\n<svg xmlns='http://www.w3.org/2000/svg'/>",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(64),
    "mp4 film": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42" + bytes(64),
    "zip": b"PK\x03\x04" + bytes(64),
    "gzip": b"\x1f\x8b\x08" + bytes(64),
    "jpeg 2000": b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(64),
    "jpeg xl": b"\xff\x0a" + bytes(64),
    "photoshop": b"8BPS\x00\x01" + bytes(64),
    "apple icon": b"icns\x00\x00\xff\xff" + bytes(64),
    "windows cursor": b"\x00\x00\x02\x00\x01\x00" + bytes(64),
    "git lfs pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "elf program": b"\x7fELF\x02\x01" + bytes(64),
    "riff sound": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(32),
    "random bytes": bytes((index * 167 + 13) % 251 for index in range(500)),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n(evil) run\n",
}

NOT_PICTURES = [_refused(name, NotAnImage, lambda content=content: content) for name, content in _FOREIGN.items()]  # type: ignore[misc] # mypy cannot infer a lambda with a default


# ------------------------------------------------------------------------------------------------ not a file


def _directory(folder: Path) -> Path:
    (folder / "directory.png").mkdir()
    return folder / "directory.png"


def _fifo(folder: Path) -> Path:
    os.mkfifo(folder / "fifo.png")
    return folder / "fifo.png"


def _socket(folder: Path) -> Path:
    path = folder / "s.png"
    # The name of a socket may have 107 bytes at most, and folders of tests are deep.
    here = os.open(folder, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"/proc/self/fd/{here}/{path.name}")
    os.close(here)
    return path


def _link(name: str, target: str) -> Make:
    def make(folder: Path) -> Path:
        (folder / name).symlink_to(target)
        return folder / name

    return make


def _link_to_picture(folder: Path) -> Path:
    (folder / "target.png").write_bytes(saved("PNG"))
    return _link("link.png", "target.png")(folder)


def _sparse(folder: Path) -> Path:
    path = folder / "sparse.png"
    with path.open("wb") as file:
        file.write(saved("PNG"))
        file.truncate(1 << 40)
    return path


def _strangely_named(name: bytes) -> Make:
    def make(folder: Path) -> Path:
        path = folder / os.fsdecode(name)
        path.write_bytes(saved("PNG"))
        return path

    return make


NOT_FILES = [
    Case("directory", _directory, NotAnImage),
    Case("fifo", _fifo, NotAnImage),
    Case("link to a fifo", lambda folder: _link("to.png", str(_fifo(folder)))(folder), NotAnImage),
    Case("socket", _socket, NotAnImage),
    Case("link to endless zeros", _link("zero.png", "/dev/zero"), ForbiddenSource),
    Case("link to the environment", _link("environ.png", "/proc/self/environ"), ForbiddenSource),
    Case("link into sys", _link("kernel.png", "/sys/kernel"), ForbiddenSource),
    Case("nul in the name", lambda folder: folder / "a\0b.png", ForbiddenSource),
    Case("nothing there", lambda folder: folder / "missing.png", ImageNotFound),
    Case("no folder there", lambda folder: folder / "missing" / "a.png", ImageNotFound),
    Case("a file as folder", lambda folder: _link_to_picture(folder) / "a.png", ImageNotFound),
    Case("dangling link", _link("dangling.png", "missing.png"), ImageNotFound),
    Case("link to itself", _link("loop.png", "loop.png"), ImageNotFound),
    Case("name too long", lambda folder: folder / ("x" * 5000 + ".png"), ImageNotFound),
    Case("sparse terabyte", _sparse, ImageTooLarge),
    Case("link to a picture", _link_to_picture, None, (64, 48)),
    Case("newlines in the name", _strangely_named(b"a\nb\x1b[31m.png"), None, (64, 48)),
    Case("name that is no utf-8", _strangely_named(b"caf\xe9.png"), None, (64, 48)),
]


# ------------------------------------------------------------------------------------------------ cut off, damaged


def _half(name: str, **options: object) -> Callable[[], bytes]:
    def content() -> bytes:
        whole = saved(name, samples.noise(), **options)
        return whole[: len(whole) // 2]

    return content


def _patched(content: bytes, at: int, patch: bytes) -> bytes:
    return content[:at] + patch + content[at + len(patch) :]


def _jpeg_of_height(height: int) -> bytes:
    content = saved("JPEG")
    return _patched(content, content.index(b"\xff\xc0") + 5, struct.pack(">H", height))


def _png_with_too_little_data() -> bytes:
    return samples.png((64, 48), 8, 2, zlib.compress(bytes(100)))


def _png_with_wrong_checksum() -> bytes:
    content = saved("PNG")
    at = content.index(b"IDAT") + 10
    return _patched(content, at, bytes([content[at] ^ 255]))


def _png_of_many_chunks() -> bytes:
    return samples.PNG_MAGIC + samples.ihdr((64, 48), 8, 2) + samples.chunk(b"teSt", b"") * 2_000_000


def _jpeg_of_many_segments() -> bytes:
    content = saved("JPEG")
    return content[:2] + b"\xff\xfe\x00\x02" * 5_000_000 + content[2:]


def _jpeg_of_many_scans() -> bytes:
    content = saved("JPEG", progressive=True)
    first, last = content.index(b"\xff\xda"), content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * 3000 + content[-2:] if first < last else content


def _gif_of_many_comments() -> bytes:
    content = saved("GIF")
    at = content.index(b"\x2c\x00\x00\x00\x00")
    return content[:at] + b"\x21\xfe" + b"\x01x" * 5_000_000 + b"\x00" + content[at:]


def _gif_in_single_bytes() -> bytes:
    content = saved("GIF")
    at = content.rindex(b"\x00;")
    return content[:at] + b"\x01x" * 12_000_000 + content[at:]


def _jpeg_before_a_film() -> bytes:
    """As telephones write it: behind the picture, megabytes in which every pair of bytes occurs."""
    return saved("JPEG") + b"\x00\x00\x00\x18ftypmp42" + b"\xff\xda\x01\x02\xff\xd9" * 100_000


def _run_length_bmp() -> bytes:
    rows = b"\x01\x00" * 6_000_000
    head = struct.pack("<IiiHHIIiiII", 40, 3000, 2000, 1, 8, 1, len(rows), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 1078 + len(rows), 0, 0, 1078) + head + bytes(1024) + rows


DAMAGED = [
    _refused("png of eight bytes", CorruptImage, lambda: saved("PNG")[:8]),
    _refused("png cut in its header", CorruptImage, lambda: saved("PNG")[:20]),
    _refused("half a png", CorruptImage, _half("PNG")),
    _refused("png without its end", CorruptImage, lambda: saved("PNG")[:-12]),
    _refused("png with a wrong checksum", CorruptImage, _png_with_wrong_checksum),
    _refused("png with too little data", CorruptImage, _png_with_too_little_data),
    _refused("png with garbage for data", CorruptImage, lambda: samples.png((64, 48), 8, 2, b"garbage" * 9)),
    _refused("png without pixels", CorruptImage, lambda: samples.png((0, 48), 8, 2, zlib.compress(b""))),
    _refused("png of impossible depth", CorruptImage, lambda: samples.png((64, 48), 7, 2, zlib.compress(bytes(9999)))),
    _refused("png without a header", CorruptImage, lambda: samples.PNG_MAGIC + samples.chunk(b"IDAT", bytes(40))),
    _refused("png of two million chunks", CorruptImage, _png_of_many_chunks),
    _refused("jpeg of three bytes", CorruptImage, lambda: b"\xff\xd8\xff"),
    _refused("jpeg cut in its header", CorruptImage, lambda: saved("JPEG")[:150]),
    _refused("half a jpeg", CorruptImage, _half("JPEG")),
    _refused("half a progressive jpeg", CorruptImage, _half("JPEG", progressive=True)),
    _refused("jpeg with no rows", CorruptImage, lambda: _jpeg_of_height(0)),
    _refused("jpeg that lies about its height", CorruptImage, lambda: _jpeg_of_height(9000)),
    _refused("jpeg without tables", CorruptImage, lambda: saved("JPEG").replace(b"\xff\xdb", b"\xff\xfe")),
    _refused("jpeg of five million segments", CorruptImage, _jpeg_of_many_segments),
    _refused("jpeg of three thousand scans", CorruptImage, _jpeg_of_many_scans),
    _refused("half a gif", CorruptImage, _half("GIF")),
    _refused("gif cut in its header", CorruptImage, lambda: saved("GIF")[:9]),
    _refused("gif without a picture", CorruptImage, lambda: b"GIF89a\x40\x00\x30\x00\x00\x00\x00\x3b"),
    _refused("gif of five million comments", CorruptImage, _gif_of_many_comments),
    _refused("gif in single bytes", CorruptImage, _gif_in_single_bytes),
    _refused("half a webp", CorruptImage, _half("WEBP")),
    _refused("half a lossless webp", CorruptImage, _half("WEBP", lossless=True)),
    _refused("webp with garbage for data", CorruptImage, lambda: _patched(saved("WEBP"), 40, b"garbage" * 20)),
    _refused("webp of an unknown chunk", CorruptImage, lambda: _patched(saved("WEBP"), 12, b"EVIL")),
    _refused("half a bmp", CorruptImage, _half("BMP")),
    _refused("bmp with a strange header", CorruptImage, lambda: _patched(saved("BMP"), 14, struct.pack("<I", 20))),
    _refused("run-length bmp of 12 megabytes", CorruptImage, _run_length_bmp),
    _refused("half a tiff", CorruptImage, lambda: samples.tiff_rows(samples.tags((64, 48)), bytes(64 * 48))[:1500]),
    _refused("half a packed tiff", CorruptImage, _half("TIFF", compression="tiff_lzw")),
    _refused("tiff of garbage data", CorruptImage, lambda: samples.tiff_rows(samples.tags((64, 48), 8), b"x" * 50)),
    _refused("tiff pointing nowhere", CorruptImage, lambda: b"II*\x00\xff\xff\xff\x7f" + bytes(40)),
    _refused("tiff of 65,535 entries", CorruptImage, lambda: b"II*\x00\x08\x00\x00\x00\xff\xff" + bytes(40)),
    _refused("tiff without strips", CorruptImage, lambda: samples.tiff({256: 64, 257: 48, 258: 8, 262: 1})),
    _refused("tiff of 64-bit floats", CorruptImage, lambda: samples.floats_64()),
    _refused("tiff without one finite value", CorruptImage, lambda: saved("TIFF", samples.floats(float("nan")))),
    _refused("ico cut off", CorruptImage, lambda: saved("ICO")[:-50]),
    _refused("ico without entries", CorruptImage, lambda: b"\x00\x00\x01\x00\x00\x00" + bytes(40)),
    _refused("ppm cut off", CorruptImage, lambda: saved("PPM")[:-50]),
    _refused("ppm without a size", CorruptImage, lambda: b"P6\nwide high\n255\n" + bytes(40)),
    _refused("plain pbm of other digits", CorruptImage, lambda: b"P1\n4 2\n01021010\n"),
    _refused("plain pgm of few values", CorruptImage, lambda: b"P2\n9 9\n255\n" + b"111 " * 80),
    _refused("plain pgm of long values", CorruptImage, lambda: b"P2\n2 2\n255\n1 2 3 99999999999999999999\n"),
    _refused("plain pgm of words", CorruptImage, lambda: b"P2\n2 2\n255\n1 2 three 4\n"),
    _refused("pgm with no largest value", CorruptImage, lambda: b"P5\n2 2\n0\n1234"),
    _refused("pgm beyond its largest value", CorruptImage, lambda: b"P5\n2 2\n7\n1234"),
    _refused("half an avif", CorruptImage, _half("AVIF")),
    _refused("avif without a size", CorruptImage, lambda: saved("AVIF").replace(b"ispe", b"evil")),
]


# ------------------------------------------------------------------------------------------------ too large


def _png_of(width: int, height: int) -> Callable[[], bytes]:
    return lambda: samples.png((width, height), 8, 0, zlib.compress(bytes(1000)))


def _text_bomb() -> bytes:
    bomb = b"Comment\x00\x00" + zlib.compress(bytes(60_000_000), 9)
    content = saved("PNG")
    return content[:33] + samples.chunk(b"zTXt", bomb) + content[33:]


def _profile_bomb() -> bytes:
    bomb = b"icc\x00\x00" + zlib.compress(bytes(60_000_000), 9)
    content = saved("PNG")
    return content[:33] + samples.chunk(b"iCCP", bomb) + content[33:]


def _real_bomb() -> bytes:
    """64 million honest pixels in 62 KB."""
    return samples.png((8000, 8000), 8, 0, zlib.compress(bytes(8001 * 8000), 9))


def _icon_around(entry: bytes) -> bytes:
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 32, 32, 0, 0, 1, 32, len(entry), 22) + entry


def _avif_of(width: int, height: int) -> bytes:
    content = saved("AVIF")
    return _patched(content, content.index(b"ispe") + 8, struct.pack(">II", width, height))


def _webp_canvas() -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\xff\xff" * 2
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


TOO_LARGE = [
    _refused("png bomb", ImageTooLarge, _png_of(30_000, 30_000)),
    _refused("png of two billion by two billion", ImageTooLarge, _png_of(2**31 - 1, 2**31 - 1)),
    _refused("png with a side too long", ImageTooLarge, _png_of(20_001, 200)),
    _refused("png too high", ImageTooLarge, _png_of(150, 20_001)),
    _refused("png too thin", ImageTooLarge, _png_of(1, 201)),
    _refused("honest bomb", ImageTooLarge, _real_bomb),
    _refused("text bomb in a png", ImageTooLarge, _text_bomb),
    _refused("profile bomb in a png", ImageTooLarge, _profile_bomb),
    _refused("26 MiB", ImageTooLarge, lambda: saved("PNG") + bytes(26 << 20)),
    _refused("jpeg of 65,000 rows", ImageTooLarge, lambda: _jpeg_of_height(65_000)),
    _refused("gif on a giant screen", ImageTooLarge, lambda: _patched(saved("GIF"), 6, b"\xff\xff\xff\xff")),
    _refused("webp on a giant canvas", ImageTooLarge, _webp_canvas),
    _refused("bmp of two billion columns", ImageTooLarge, lambda: _patched(saved("BMP"), 18, b"\xff\xff\xff\x7f")),
    _refused("bmp of two billion rows", ImageTooLarge, lambda: _patched(saved("BMP"), 22, b"\x00\x00\x00\x80")),
    _refused("tiff of four billion columns", ImageTooLarge, lambda: samples.tiff_rows({256: 2**32 - 1, 257: 9}, b"x")),
    _refused(
        "tiff of giant tiles",
        ImageTooLarge,
        lambda: samples.tiff({256: 64, 257: 48, 258: 8, 262: 1, 322: 1 << 20, 323: 1 << 20, 324: 8, 325: 9}),
    ),
    _refused("png bomb in an ico", ImageTooLarge, lambda: _icon_around(_png_of(30_000, 30_000)())),
    _refused(
        "bmp bomb in an ico",
        ImageTooLarge,
        lambda: _icon_around(struct.pack("<IiiHHIIiiII", 40, 30_000, 60_000, 1, 32, 0, 0, 0, 0, 0, 0)),
    ),
    _refused("ppm of a billion columns", ImageTooLarge, lambda: b"P6\n999999999 9\n255\n" + bytes(40)),
    _refused("avif of 60,000 columns", ImageTooLarge, lambda: _avif_of(60_000, 60_000)),
]


# ------------------------------------------------------------------------------------------------ strange, but sound

SOUND = [
    _accepted("png", lambda: saved("PNG")),
    _accepted("one pixel", lambda: saved("PNG", picture("L", (1, 1))), (1, 1)),
    _accepted("png of one bit", lambda: saved("PNG", picture("1"))),
    _accepted("png of 16-bit grey", lambda: saved("PNG", picture("I;16"))),
    _accepted("png of 16-bit colour", lambda: samples.png((2, 2), 16, 2, zlib.compress(bytes(26))), (2, 2)),
    _accepted("png all transparent", lambda: saved("PNG", picture("RGBA"))),
    _accepted("png of grey with alpha", lambda: saved("PNG", picture("LA"))),
    _accepted("png palette with transparency", lambda: saved("PNG", picture("P"), transparency=b"\x00\x80")),
    _accepted("png with a transparent colour", lambda: saved("PNG", transparency=(0, 0, 0))),
    _accepted("png turned by exif", lambda: saved("PNG", exif=samples.exif(6)), (48, 64)),
    _accepted("png with exif of garbage", lambda: saved("PNG", exif=b"II*\x00\xff\xff\xff\xff")),
    _accepted("png with a zip behind it", lambda: saved("PNG") + b"PK\x03\x04" + bytes(99)),
    _accepted("animated png", lambda: saved("PNG", save_all=True, append_images=[picture("RGB")] * 3)),
    _accepted("jpeg", lambda: saved("JPEG")),
    _accepted("progressive jpeg", lambda: saved("JPEG", progressive=True)),
    _accepted("grey jpeg", lambda: saved("JPEG", picture("L"))),
    _accepted("cmyk jpeg", lambda: saved("JPEG", picture("CMYK"))),
    _accepted("jpeg with garbage behind it", lambda: saved("JPEG") + b"\x00garbage" * 99),
    _accepted("jpeg with a film behind it", _jpeg_before_a_film),
    _accepted("jpeg of orientation 99", lambda: saved("JPEG", exif=samples.exif(99))),
    _accepted("jpeg with exif of garbage", lambda: saved("JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")),
    _accepted("mpo", lambda: saved("MPO", save_all=True, append_images=[picture("RGB")])),
    _accepted("gif", lambda: saved("GIF")),
    _accepted("animated gif", lambda: saved("GIF", save_all=True, append_images=[samples.noise()] * 3)),
    _accepted("gif larger than its screen", lambda: _patched(saved("GIF"), 6, b"\x01\x00\x01\x00")),
    _accepted("webp", lambda: saved("WEBP")),
    _accepted("lossless webp with alpha", lambda: saved("WEBP", picture("RGBA"), lossless=True)),
    _accepted("animated webp", lambda: saved("WEBP", save_all=True, append_images=[samples.noise()] * 3)),
    _accepted("bmp", lambda: saved("BMP")),
    _accepted("tiff", lambda: saved("TIFF")),
    _accepted("tiff of floats", lambda: saved("TIFF", samples.floats(0.5))),
    _accepted("tiff of whole numbers", lambda: saved("TIFF", picture("I"))),
    _accepted("tiff that is its own second page", lambda: samples.tiff_loop()),
    _accepted("tiff of many pages", lambda: saved("TIFF", save_all=True, append_images=[picture("L")] * 30)),
    _accepted("big tiff", lambda: saved("TIFF", big_tiff=True)),
    _accepted("cmyk tiff", lambda: saved("TIFF", picture("CMYK"))),
    _accepted("fax tiff", lambda: saved("TIFF", picture("1"), compression="group4")),
    _accepted("lab tiff", lambda: saved("TIFF", picture("LAB"))),
    _accepted("ico", lambda: saved("ICO", sizes=[(32, 24), (64, 48)])),
    _accepted("ppm", lambda: saved("PPM")),
    _accepted("plain ppm with comments", lambda: b"P3 # a\n2 # b\n1\n7\n0 1 2 # c\n5 6 7\n", (2, 1)),
    _accepted("plain pbm without spaces", lambda: b"P1\n4 2\n01011010\n", (4, 2)),
    _accepted("pbm", lambda: saved("PPM", picture("1"))),
    _accepted("pgm of 16 bits", lambda: b"P5\n2 2\n65535\n" + bytes(8), (2, 2)),
    _accepted("avif", lambda: saved("AVIF")),
]

CASES = [*NOT_PICTURES, *NOT_FILES, *DAMAGED, *TOO_LARGE, *SOUND]
"""All of them."""
