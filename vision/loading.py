"""Opening pictures: the one door through which pixels come in.

source -> bytes (sources) -> header, limits (header) -> pixels (Pillow) -> RGB, upright (normalise) -> store
"""

from __future__ import annotations

import io
import os
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import CorruptImage, ImageError, ImageTooLarge, LavrError
from .image import Image
from .limits import Limits
from .normalise import Upright, upright_array, upright_pil
from .quiet import pillow_quiet
from .sources import Encoded, read_encoded

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage

    from .fetching import Fetcher
    from .store import ImageStore

__all__ = ["Limits", "open_image"]

_DEFAULT_LIMITS = Limits()
_EXPORT_AGAIN = "Open it in another program and save it as PNG or JPEG."


def open_image(
    source: object,
    *,
    allow_urls: bool = False,
    limits: Limits = _DEFAULT_LIMITS,
    store: ImageStore | None = None,
    fetcher: Fetcher | None = None,
) -> Image:
    """Open a picture and make it RGB, 8 bit and upright, the first frame of an animation, alpha over white.

    Args:
        source: a path, bytes, an open binary file, a data URI, a Pillow picture, a numpy array (RGB order; see
            `normalise.upright_array` for its kinds), an `Image` (given back as it is), or an http(s) URL.
        allow_urls: whether URLs may be fetched; only from public addresses, see `lavr.vision.fetching`.
        limits: sizes beyond which a picture is refused, before its pixels are decoded.
        store: where the pixels go; the store of the process when left out.
        fetcher: how URLs are fetched, for another resolver or another rule about addresses.

    Raises:
        ImageNotFound: nothing is at the path.
        ForbiddenSource: a path, a URL or an address that may not be read.
        NotAnImage: not a picture of a known format: PNG, JPEG, WebP, GIF, BMP, TIFF, ICO, PNM, AVIF.
        CorruptImage: cut off or damaged.
        ImageTooLarge: beyond the limits.
        FetchFailed: the URL did not answer with a picture.
    """
    if isinstance(source, Image):
        return source
    if isinstance(source, np.ndarray):
        return _kept(_from_array(source, limits), "", store)
    if picture := _as_pil(source):
        return _kept(_from_pil(picture, limits), _pil_name(picture), store)
    encoded = read_encoded(source, allow_urls=allow_urls, limits=limits, fetcher=fetcher)
    return _kept(decode(encoded, limits), encoded.name, store)


def decode(encoded: Encoded, limits: Limits = _DEFAULT_LIMITS) -> Upright:
    """The pixels of a file in memory, normalised. Raises as `open_image` does."""
    from . import netpbm
    from .header import read_header

    header = read_header(encoded.content, encoded.label, limits)
    try:
        if header.format == "PPM":
            return upright_array(netpbm.decode(encoded.content))
        return _decode_with_pillow(encoded, header.format, limits)
    except LavrError:
        raise
    # A decoder of hostile bytes raises anything (seven classes were seen), and each means the same.
    except Exception as error:
        raise _damaged(error, encoded.label, header.format) from error


def _decode_with_pillow(encoded: Encoded, name: str, limits: Limits) -> Upright:
    import PIL.Image

    with pillow_quiet(), PIL.Image.open(io.BytesIO(encoded.content), formats=[name]) as picture:
        limits.check_size(picture.size, encoded.label)  # the decoder's own reading of the header decides
        return upright_pil(picture)


def _from_array(array: np.ndarray[Any, Any], limits: Limits) -> Upright:
    if array.ndim >= 2:
        limits.check_size((array.shape[1], array.shape[0]), "The array")
    return upright_array(array)


def _as_pil(source: object) -> PilImage | None:
    if isinstance(source, str | bytes | os.PathLike):
        return None
    import PIL.Image

    return source if isinstance(source, PIL.Image.Image) else None


def _from_pil(picture: PilImage, limits: Limits) -> Upright:
    label = "The Pillow picture"
    limits.check_size(picture.size, label)
    try:
        with pillow_quiet():
            return upright_pil(picture)
    except LavrError:
        raise
    except Exception as error:
        raise _damaged(error, label, picture.format or picture.mode) from error


def _pil_name(picture: PilImage) -> str:
    name = getattr(picture, "filename", "")
    return os.path.basename(name) if isinstance(name, str) else ""


def _kept(upright: Upright, name: str, store: ImageStore | None) -> Image:
    return Image.of(upright.pixels, name=name, stored=upright.stored, notes=upright.notes, store=store)


def _damaged(error: Exception, label: str, name: str) -> ImageError:
    import PIL.Image

    said = str(error)
    if isinstance(error, PIL.Image.DecompressionBombError | MemoryError) or "too large" in said.lower():
        return ImageTooLarge(f"{label} unpacks to more than is decoded: {said}.", remedy=_EXPORT_AGAIN)
    if missing := re.search(r"truncated \((\d+) bytes not processed\)", said):
        cause, said = f"{label} is cut off: its {name} data ends too early", ""
        return CorruptImage(f"{cause}.", remedy="Copy or download it again.", unread=int(missing[1]), format=name)
    if isinstance(error, EOFError) or "truncated" in said.lower():
        return CorruptImage(f"{label} is cut off: its {name} data ends too early.", remedy="Copy or download it again.")
    if isinstance(error, PIL.UnidentifiedImageError):
        said = f"Pillow cannot read this kind of {name}"
    return CorruptImage(f"{label} cannot be decoded: {said or type(error).__name__}.", remedy=_EXPORT_AGAIN)
