"""Tools that tell of the process that they run in, at the top level of a file so that any host can make them again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lavr.jsonable import Json
from lavr.tools.models.page import PageText, read_page
from lavr.tools.ocr import Backend, Reader
from lavr.tools.tool import tool
from lavr.vision.image import Image


@tool
def opencv() -> dict[str, str]:
    """Tell which OpenCV is loaded."""
    import cv2

    return {"version": cv2.__version__, "file": str(cv2.__file__)}


@tool(timeout_s=300)
def read_by_threads(images: list[Image], backend: Backend, threads: int) -> dict[str, Any]:
    """Read pictures one after the other and then by several threads at once, with one and the same model.

    Args:
        images: the pictures.
        backend: what reads.
        threads: how many threads.
    """
    model = Reader(backend).model()
    pixels = [image.pixels() for image in images]
    serial = [told(read_page(model, each)) for each in pixels]
    with ThreadPoolExecutor(threads) as pool:
        parallel = list(pool.map(lambda each: told(read_page(model, each)), pixels))
    return {"serial": serial, "parallel": parallel}


def told(page: PageText) -> Json:
    """Everything that was read, in the order in which the model found it."""
    return [
        [line.reading.text, line.reading.score, line.quad.tolist(), [each.start for each in line.reading.characters]]
        for line in page.lines
    ]
