"""Pictures that tools made, as files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...errors import UsageError
from ...tools.calls import Observation
from ...tools.cutout import GROUND
from ...vision.coverage import covered
from ...vision.image import Image
from ...vision.region import Region

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage


def made_pictures(observations: Iterable[Observation], given: Iterable[Image] = ()) -> dict[str, PilImage]:
    """The pictures of some observations by handle; of a cut-out one with a transparent ground as well.

    Args:
        observations: what tools gave back, with handles.
        given: pictures that are left out: those that nobody made.
    """
    known = {image.handle for image in given}
    pictures: dict[str, PilImage] = {}
    for observation in observations:
        pictures |= {image.handle: image.pil() for image in observation.images if image.handle not in known}
        pictures |= {f"{cut.image.handle}-cutout": _transparent(cut) for cut in observation.regions if is_cutout(cut)}
    return pictures


def is_cutout(region: Region) -> bool:
    """Whether its picture shows nothing but it, on a plain ground."""
    return GROUND in region.attributes


def _transparent(cut: Region) -> PilImage:
    import PIL.Image

    return PIL.Image.fromarray(np.dstack([cut.image.pixels(), covered(cut.image, [cut]).astype(np.uint8) * 255]))


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be one, before the work is done. Raises `UsageError`."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{str(folder)!r} is a file.", remedy="Name a folder for the pictures.")


def save_pictures(pictures: Mapping[str, PilImage], folder: Path) -> list[str]:
    """Write pictures as PNG files under their names, with nothing in them but their pixels, and return the paths.

    Without pictures the folder is not made.

    Raises:
        UsageError: when the folder cannot be written to.
    """
    if not pictures:
        return []
    paths = [folder / f"{name}.png" for name in pictures]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, picture in zip(paths, pictures.values(), strict=True):
            picture.save(path)
    except OSError as error:
        raise UsageError(
            f"Pictures cannot be written to {str(folder)!r}: {error.strerror or error}.",
            remedy="Name a folder that you may write to.",
        ) from error
    return [str(path) for path in paths]
