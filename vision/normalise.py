"""From pixels of any kind to the one kind that lavr works on: RGB, 8 bit, upright, nothing transparent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CorruptImage, NotAnImage
from .frame import IDENTITY, Frame, SizeWh
from .store import Pixels

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage

_ORIENTATION = 0x0112
_PHOTOMETRIC = 262
_WHITE_IS_ZERO = 0
_BAND = 1 << 20  # values scaled at a time
_PLAIN_MODES = frozenset({"1", "L", "RGB", "RGBX", "CMYK", "YCbCr", "HSV", "P"})
_ALPHA_MODES = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})


@dataclass(frozen=True, slots=True)
class Upright:
    """A normalised picture.

    Attributes:
        pixels: H x W x 3, RGB, uint8, read-only.
        stored: maps its pixels to those of the file as it was stored.
        notes: what was changed that a reader of the picture should know, a sentence each.
    """

    pixels: Pixels
    stored: Frame = IDENTITY
    notes: tuple[str, ...] = ()


# ---------------------------------------------------------------------------------------------------- arrays


def upright_array(array: NDArray[Any]) -> Upright:
    """Normalise H x W, H x W x 1, x 3 (RGB) or x 4 (RGBA) values: bool, whole numbers or floats.

    uint8 is taken as it is and uint16 over its whole range. Floats from 0 to 1 are scaled by 255; other numbers are
    taken as they are when they lie within 0 to 255, over 16 bits when whole and within 0 to 65,535, and are otherwise
    stretched from the smallest to the largest. What is not finite becomes black (white for +infinity), and a note.

    Raises:
        NotAnImage: another shape, or values that are no numbers.
        CorruptImage: not one finite value.
    """
    if array.dtype.kind not in "buif" or not _has_picture_shape(array.shape):
        raise NotAnImage(
            f"An array of shape {array.shape} and type {array.dtype} is no picture.",
            remedy="Give H x W, H x W x 1, H x W x 3 (RGB) or H x W x 4 (RGBA) numbers.",
            shape=list(array.shape),
        )
    eight_bit, notes = _to_eight_bit(array)
    if eight_bit.ndim == 2:
        eight_bit = eight_bit[:, :, np.newaxis]
    if eight_bit.shape[2] == 4:
        import PIL.Image

        return Upright(_over_white(PIL.Image.fromarray(eight_bit)), notes=notes)
    return Upright(_frozen(np.broadcast_to(eight_bit, (*eight_bit.shape[:2], 3))), notes=notes)


def _has_picture_shape(shape: tuple[int, ...]) -> bool:
    return min(shape, default=0) > 0 and (len(shape) == 2 or (len(shape) == 3 and shape[2] in {1, 3, 4}))


def _to_eight_bit(array: NDArray[Any]) -> tuple[Pixels, tuple[str, ...]]:
    if array.dtype == np.uint8:
        return array, ()
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255), ()
    if array.dtype == np.uint16:
        return _sixteen_to_eight(array), ("16-bit values were scaled to 8 bit.",)
    return _numbers_to_eight_bit(array)


def _sixteen_to_eight(values: NDArray[Any]) -> Pixels:
    table = ((np.arange(65536, dtype=np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    eight_bit: Pixels = table[values]
    return eight_bit


def _numbers_to_eight_bit(values: NDArray[Any]) -> tuple[Pixels, tuple[str, ...]]:
    finite = np.isfinite(values)
    known = values if finite.all() else values[finite]
    if not known.size:
        raise CorruptImage("The picture has not one finite value.", remedy="Check how it was made.")
    lowest, span, note = _range_of(float(known.min()), float(known.max()), whole=values.dtype.kind in "iu")
    notes: tuple[str, ...] = (note,) if note else ()
    if lost := values.size - known.size:
        notes += (f"{lost:,} of {values.size:,} values are not finite; they are drawn black (+infinity white).",)
    return _scaled(values, lowest, span), notes


def _scaled(values: NDArray[Any], lowest: float, span: float) -> Pixels:
    """`lowest` becomes 0 and `lowest + span` 255; in bands of rows, since floats take eight times the memory."""
    scaled = np.empty(values.shape, np.uint8)
    rows = max(1, _BAND // max(1, values[0].size))
    for top in range(0, len(values), rows):
        band = values[top : top + rows].astype(np.float64)
        band = np.nan_to_num(band, nan=lowest, posinf=lowest + span, neginf=lowest)
        scaled[top : top + rows] = np.rint(np.clip((band - lowest) * (255 / span), 0, 255))
    return scaled


def _range_of(low: float, high: float, *, whole: bool) -> tuple[float, float, str]:
    """Which value is black, how far white is from it, and what to say about that."""
    if low >= 0 and high <= 1 and not whole:
        return 0.0, 1.0, "Values from 0 to 1 were scaled to 8 bit."
    if low >= 0 and high <= 255:
        return 0.0, 255.0, ""
    if low >= 0 and high <= 65535 and whole:
        return 0.0, 65535.0, "16-bit values were scaled to 8 bit."
    return low, max(high - low, 1e-30), f"Values from {low:g} to {high:g} were stretched to 8 bit."


def _over_white(picture: PilImage) -> Pixels:
    import PIL.Image

    ground = PIL.Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return _pixels(ground)


def _pixels(picture: PilImage) -> Pixels:
    """The pixels of an RGB picture. The array owns bytes that nobody can write to, so it needs no copy."""
    return np.frombuffer(picture.tobytes(), np.uint8).reshape(picture.height, picture.width, 3)


def _frozen(pixels: Pixels) -> Pixels:
    """A contiguous copy of its own, read-only, so that the store need not copy it again."""
    copy = np.array(pixels, dtype=np.uint8, order="C", copy=True)
    copy.flags.writeable = False
    return copy


# ---------------------------------------------------------------------------------------------------- Pillow


def upright_pil(picture: PilImage) -> Upright:
    """Normalise a Pillow picture (its current frame): decode, turn upright, then make it RGB.

    Whatever Pillow raises for damaged data passes through.
    """
    oriented = _orientation(picture)
    pages = ("Only the first frame of the file is shown.",) if getattr(picture, "is_animated", False) else ()
    picture.load()
    # Pillow turns a TIFF upright by itself while it loads, and nothing else.
    plain = upright_array(_whole_numbers(picture)) if _needs_numbers(picture) else Upright(_rgb(picture))
    pixels = _turned(plain.pixels, _orientation(picture))
    height, width = pixels.shape[:2]
    return Upright(pixels, stored_frame(oriented, (width, height)), pages + plain.notes)


def _orientation(picture: PilImage) -> int:
    value = picture.getexif().get(_ORIENTATION, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def stored_frame(orientation: int, upright_wh: SizeWh) -> Frame:
    """From upright pixels to the pixels of the file, for an EXIF orientation of 1 to 8."""
    width, height = map(float, upright_wh)
    return {
        2: Frame(a=-1, c=width),
        3: Frame(a=-1, c=width, e=-1, f=height),
        4: Frame(e=-1, f=height),
        5: Frame(a=0, b=1, d=1, e=0),
        6: Frame(a=0, b=1, d=-1, e=0, f=width),
        7: Frame(a=0, b=-1, c=height, d=-1, e=0, f=width),
        8: Frame(a=0, b=-1, c=height, d=1, e=0),
    }.get(orientation, IDENTITY)


def _turned(pixels: Pixels, orientation: int) -> Pixels:
    if orientation == 1:
        return pixels
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    across = orientation in {2, 3, 6, 7}
    down = orientation in {3, 4, 7, 8}
    return _frozen(pixels[:: -1 if down else 1, :: -1 if across else 1])


def _needs_numbers(picture: PilImage) -> bool:
    return picture.mode in {"I", "F"} or picture.mode.startswith("I;16")


def _whole_numbers(picture: PilImage) -> NDArray[Any]:
    """The values of a picture that Pillow would clip at 255; inverted where its TIFF says that 0 is white."""
    values = np.asarray(picture)
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        values = values.astype(np.uint16)  # native byte order
    if _white_is_zero(picture) and values.dtype.kind == "u":
        values = np.iinfo(values.dtype).max - values
    clear = picture.info.get("transparency")
    if isinstance(clear, int) and values.dtype == np.uint16:
        values = np.where(values == clear, np.uint16(65535), values)
    return values


def _white_is_zero(picture: PilImage) -> bool:
    tags = getattr(picture, "tag_v2", None)
    return tags is not None and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO


def _rgb(picture: PilImage) -> Pixels:
    if picture.mode in _ALPHA_MODES or "transparency" in picture.info:
        return _over_white(_rgba(picture))
    if picture.mode == "CMYK" and picture.format in {"JPEG", "MPO"} and "adobe" not in picture.info:
        # Pillow takes every CMYK JPEG for one of Adobe's, whose values are inverted.
        from PIL import ImageChops

        picture = ImageChops.invert(picture)
    if picture.mode == "LAB":
        picture = _from_lab(picture)
    if picture.mode not in _PLAIN_MODES:
        raise ValueError(f"pixels of mode {picture.mode} are not known")
    return _pixels(picture if picture.mode == "RGB" else picture.convert("RGB"))


def _rgba(picture: PilImage) -> PilImage:
    if picture.mode == "La":
        picture = picture.convert("LA")
    return picture if picture.mode == "RGBA" else picture.convert("RGBA")


def _from_lab(picture: PilImage) -> PilImage:
    from PIL import ImageCms

    rgb = ImageCms.profileToProfile(
        picture, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    if rgb is None:
        raise ValueError("its Lab colours cannot be converted")
    return rgb
