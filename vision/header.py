"""What a file says about itself, read before any pixel is decoded: its format, its size, how many bytes it needs."""

from __future__ import annotations

import struct

from ..errors import CorruptImage, NotAnImage
from .formats import Header, Reader, bmp, gif, ico, jpeg, png, webp
from .formats_avif import AVIF_BRANDS, avif
from .formats_tiff import tiff
from .limits import Limits
from .netpbm import pnm

KNOWN = "PNG, JPEG, WebP, GIF, BMP, TIFF, ICO, PNM or AVIF"
_CONVERT = "Convert it to PNG or JPEG."

_FOREIGN = (
    (b"%PDF-", "a PDF document", "Save the page as PNG or JPEG."),
    (b"%!PS", "a PostScript document", "Save the page as PNG or JPEG."),
    (b"\x00\x00\x00\x0cjP  \r\n", "a JPEG 2000 picture", _CONVERT),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture", _CONVERT),
    (b"\xff\x0a", "a JPEG XL picture", _CONVERT),
    (b"\x00\x00\x00\x0cJXL \r\n", "a JPEG XL picture", _CONVERT),
    (b"8BPS", "a Photoshop document", _CONVERT),
    (b"icns", "an Apple icon (ICNS)", _CONVERT),
    (b"\x00\x00\x02\x00", "a Windows cursor", _CONVERT),
    (b"v/1\x01", "an OpenEXR picture", _CONVERT),
    (b"DDS ", "a DirectDraw texture", _CONVERT),
    (b"qoif", "a QOI picture", _CONVERT),
    (b"#?RADIANCE", "a Radiance HDR picture", _CONVERT),
    (b"gimp xcf", "a GIMP document", _CONVERT),
    (b"\xd7\xcd\xc6\x9a", "a Windows metafile", _CONVERT),
    (b"\x01\x00\x00\x00\x6c\x00\x00\x00", "an enhanced metafile", _CONVERT),
    (b"PK\x03\x04", "a ZIP archive or an office document", "Unpack it, or save its page as PNG."),
    (b"\x1f\x8b", "a gzip file", "Unpack it first."),
    (b"BZh", "a bzip2 file", "Unpack it first."),
    (b"\xfd7zXZ\x00", "an xz file", "Unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it first."),
    (b"Rar!", "a RAR archive", "Unpack it first."),
    (b"\x93NUMPY", "a numpy array file", "Load it and pass the array."),
    (b"\x7fELF", "a program", ""),
    (b"MZ", "a program", ""),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM film", "Save one frame as PNG."),
    (b"OggS", "an Ogg film or sound", "Save one frame as PNG."),
    (b"ID3", "an MP3 sound", ""),
)

_FOREIGN_TEXT = (
    (b"<svg", "an SVG drawing", "Render it to PNG."),
    (b"<html", "an HTML page", "Save the picture itself, not the page around it."),
    (b"<!doctype html", "an HTML page", "Save the picture itself, not the page around it."),
    (b"<?xml", "an XML document", ""),
    (b"version https://git-lfs", "a Git LFS pointer", "Run `git lfs pull`."),
    (b"data:image/", "a text file that holds a data URI", "Pass the URI itself."),
    (b"{", "a JSON or other text file", ""),
)

_READERS: tuple[tuple[bytes, Reader], ...] = (
    (b"\x89PNG\r\n\x1a\n", png),
    (b"\xff\xd8\xff", jpeg),
    (b"GIF87a", gif),
    (b"GIF89a", gif),
    (b"BM", bmp),
    (b"II*\x00", tiff),
    (b"MM\x00*", tiff),
    (b"II+\x00", tiff),
    (b"MM\x00+", tiff),
    (b"\x00\x00\x01\x00", ico),
    *((b"P%d" % number, pnm) for number in range(1, 7)),
)


def read_header(content: bytes, label: str, limits: Limits) -> Header:
    """The header of a picture, checked: a known format, a sound size within the limits, and no bytes missing.

    Raises:
        NotAnImage: not a picture of a known format; the cause names what it is instead.
        CorruptImage: the header is damaged, or announces more bytes than are there.
        ImageTooLarge: more pixels or length than the limits allow.
    """
    reader = _reader_of(content)
    if reader is None:
        raise _foreign(content, label)
    try:
        header = reader(content)
    except (struct.error, IndexError) as error:
        raise CorruptImage(
            f"{label} is cut off: its header is not whole in {len(content):,} bytes.",
            remedy="Copy or download it again.",
            bytes=len(content),
        ) from error
    except ValueError as error:
        raise CorruptImage(f"{label} is damaged: {error}.", remedy="Export it again from its source.") from error
    return _checked(header, content, label, limits)


def _checked(header: Header, content: bytes, label: str, limits: Limits) -> Header:
    if min(header.size_wh) < 1:
        width, height = header.size_wh
        raise CorruptImage(
            f"{label} says it has no pixels ({width} x {height}).", remedy="Export it again from its source."
        )
    for size_wh in (header.size_wh, *header.inner_wh):
        limits.check_size(size_wh, label)
    if header.needs_bytes > len(content):
        raise CorruptImage(
            f"{label} is cut off: {len(content):,} bytes of at least {header.needs_bytes:,}.",
            remedy="Copy or download it again.",
            bytes=len(content),
            needs=header.needs_bytes,
        )
    return header


def _reader_of(content: bytes) -> Reader | None:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return webp
    if content[4:8] == b"ftyp":
        brands = {content[8:12], *(content[at : at + 4] for at in range(16, min(_box_end(content), 256), 4))}
        return avif if brands & AVIF_BRANDS else None
    return next((reader for magic, reader in _READERS if content.startswith(magic)), None)


def _box_end(content: bytes) -> int:
    return int.from_bytes(content[:4], "big")


def _foreign(content: bytes, label: str) -> NotAnImage:
    if not content:
        return NotAnImage(f"{label} is empty: 0 bytes.", remedy="Check how it was written or sent.", bytes=0)
    kind, remedy = _kind_of(content)
    return NotAnImage(
        f"{label} is {kind}, not a {KNOWN} picture.", remedy=remedy or "Give an image file.", bytes=len(content)
    )


def _kind_of(content: bytes) -> tuple[str, str]:
    for magic, kind, remedy in _FOREIGN:
        if content.startswith(magic):
            return kind, remedy
    if content[4:8] == b"ftyp":
        if content[8:12] in {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}:
            return "a HEIC picture", _CONVERT
        return "a film (MP4, MOV or the like)", "Save one frame as PNG."
    if content[:4] == b"RIFF":
        return "a film or sound (RIFF)", "Save one frame as PNG."
    return _text_kind(content[:4096])


def _text_kind(head: bytes) -> tuple[str, str]:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text and text.startswith(b"<"):
        return "an SVG drawing", "Render it to PNG."
    for magic, kind, remedy in _FOREIGN_TEXT:
        if text.startswith(magic):
            return kind, remedy
    if not any(head):
        return "nothing but zero bytes", "Copy or download it again."
    if all(letter >= 32 or letter in b"\t\r\n\f" for letter in head):
        return "a text file", ""
    return "of an unknown format", _CONVERT
