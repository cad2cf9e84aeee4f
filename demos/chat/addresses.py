"""Where the page finds what belongs to a room, and the pictures of figures by such an address."""

from __future__ import annotations

from urllib.parse import quote

from ...agent.markup import Markup, element
from ...vision.image import Image


def of_room(key: str, *parts: str) -> str:
    """The address of something in a room, relative to the page."""
    return "/".join(["room", quote(key, safe=""), *(quote(part, safe="") for part in parts)])


class Served:
    """The pictures of figures, served by the room they are in (see `lavr.agent.page_pictures.Pictures`)."""

    def __init__(self, key: str) -> None:
        self._key = key

    def use(self, image: Image) -> Markup | None:
        """The picture by its address; None when its pixels are gone."""
        if not image.store.path(image.digest).is_file():
            return None
        width, height = image.size_wh
        address = of_room(self._key, "picture", image.digest)
        return element("image", href=address, width=width, height=height, preserveAspectRatio="none")
