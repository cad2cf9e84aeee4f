"""What a room takes in and gives out: uploaded pictures, thumbnails, overlays, cut-outs, the trace."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import cv2
import numpy as np

from ...agent.page import page
from ...errors import ImageTooLarge, LavrError, LimitReached
from ...vision.drawing import draw_marks
from ...vision.image import Image
from ...vision.limits import Limits
from ...vision.loading import open_image
from ...vision.region import Region
from ...vision.store import Pixels
from .door import Door
from .examples import EXAMPLES
from .room import Room
from .rooms import NotYours, Rooms, thrown_away
from .safety import without_paths
from .setup import Setup

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

MOST_SHOWN = 1600 * 1200
"""Pixels of a picture as the page shows it; its own pixels stay in the store."""

THUMB_SIDE = 320
MOST_SIDE = 16_000
"""WebP ends at 16,383 pixels."""

RECEIVED_AT_ONCE = 8
OF_ONE_ADDRESS = 2
PATIENCE_S = 20.0
RECEIVED_WITHIN_S = 120.0
OPENED_AT_ONCE = 2
"""What is sent is in memory until it is opened, so there is an end to it."""

GIVEN_AT_ONCE = 3
"""Pictures that are encoded for pages: they must not take the threads that the runs need."""

KEPT = "private, max-age=3600, immutable"


class Files:
    """The routes of rooms. Each answers 404 for a room that is not the visitor's, as for one that is not there.

    Args:
        rooms: the conversations.
        setup: how much may come in.
    """

    def __init__(self, rooms: Rooms, setup: Setup) -> None:
        self._rooms = rooms
        self._setup = setup
        self._door = Door(RECEIVED_AT_ONCE, OF_ONE_ADDRESS, PATIENCE_S)
        self._opening = asyncio.Semaphore(OPENED_AT_ONCE)
        self._giving = asyncio.Semaphore(GIVEN_AT_ONCE)
        self._thumbs: dict[int, bytes] = {}

    def routes(self) -> list[Any]:
        """For a Starlette app."""
        from starlette.routing import Route

        gets: dict[str, Callable[[Room, str], Awaitable[Response]]] = {
            "picture/{name}": self._picture,
            "thumb/{name}": self._thumb,
            "overlay/{name}.png": self._overlay,
            "cutout/{name}.png": self._cutout,
            "trace.html": self._trace,
        }
        shown = [Route(f"/room/{{key}}/{path}", self._guarded(give)) for path, give in gets.items()]
        return [
            Route("/room/{key}/pictures", self.take_in, methods=["POST"]),
            Route("/example/{number:int}", self.example),
            *shown,
        ]

    async def take_in(self, request: Request) -> Response:
        """Take one picture, the body of the request; its name, percent-encoded, is in the header `x-name`."""
        from starlette.responses import JSONResponse

        key, visitor = request.path_params["key"], request.state.visitor
        try:
            if self._rooms.was_thrown_away(key, visitor):
                raise thrown_away()
            room = self._rooms.find(key, visitor)  # the page opened it: a request alone takes nobody's place
            room.check(self._setup.pictures)
            name = Path(unquote(request.headers.get("x-name", "")).replace("\\", "/")).name[:120]
            async with self._door.passed(request.client.host if request.client else ""):
                content = await self._received(request, name or "The picture")
                async with self._opening:
                    key, image = await self._added(room, content, name)
        except NotYours:
            return _missing()
        except LavrError as error:
            told = {"name": error.name, "cause": without_paths(error.cause), "remedy": without_paths(error.remedy)}
            return JSONResponse({"error": told}, status_code=413 if isinstance(error, ImageTooLarge) else 422)
        return JSONResponse({"key": key, "size_wh": list(image.size_wh), "notes": list(image.notes)})

    async def _added(self, room: Room, content: bytes, name: str) -> tuple[str, Image]:
        """The picture in its room, under its key there. Raises `LavrError` and `NotYours`."""
        with room.taking_in():
            image = await asyncio.to_thread(self._opened, content, name, room)
            if room.closed:
                raise NotYours
            return room.add(image, self._setup.pictures), image

    async def example(self, request: Request) -> Response:
        """The thumbnail of a sample picture."""
        number = request.path_params["number"]
        if number >= len(EXAMPLES):
            return _missing()
        if number not in self._thumbs:
            async with self._giving:
                image = await asyncio.to_thread(open_image, EXAMPLES[number].path)
                self._thumbs[number] = await asyncio.to_thread(_scaled, image, THUMB_SIDE * THUMB_SIDE)
        return _shown(self._thumbs[number], "image/webp", cache="public, max-age=86400")

    def _guarded(self, give: Callable[[Room, str], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            try:
                room = self._rooms.find(request.path_params["key"], request.state.visitor)
                async with self._giving:
                    return await give(room, request.path_params.get("name", ""))
            except (NotYours, KeyError, LavrError):  # one answer for what is not theirs, not there, or gone
                return _missing()

        return guarded

    async def _received(self, request: Request, name: str) -> bytes:
        """The body, read no further and no longer than it may go. Raises `ImageTooLarge` and `LimitReached`."""
        limits = self._limits
        declared = request.headers.get("content-length", "")
        if declared.isdigit():
            limits.check_bytes(int(declared), name)
        parts, size = [], 0
        try:
            async with asyncio.timeout(RECEIVED_WITHIN_S):
                async for part in request.stream():
                    parts.append(part)
                    size += len(part)
                    limits.check_bytes(size, name)
        except TimeoutError as error:
            cause = f"{name} was not there within {RECEIVED_WITHIN_S:g} s."
            raise LimitReached(cause, remedy="Send it again, or save it smaller.", limit="seconds") from error
        return b"".join(parts)

    def _opened(self, content: bytes, name: str, room: Room) -> Image:
        file = io.BytesIO(content)
        file.name = name
        return open_image(file, limits=self._limits, store=room.store)

    @property
    def _limits(self) -> Limits:
        return Limits(file_bytes=self._setup.file_bytes)

    async def _picture(self, room: Room, digest: str) -> Response:
        return _shown(await asyncio.to_thread(_scaled, room.digests[digest], MOST_SHOWN), "image/webp")

    async def _thumb(self, room: Room, digest: str) -> Response:
        return _shown(await asyncio.to_thread(_scaled, room.digests[digest], THUMB_SIDE * THUMB_SIDE), "image/webp")

    async def _overlay(self, room: Room, handle: str) -> Response:
        image = room.images[handle]
        answers = [turn.answer for turn in room.turns if turn.answer]
        regions = [piece.region for piece in (answers[-1].evidence if answers else ()) if piece.region]
        on_it = [region for region in regions if region.image.lineage == image.lineage]
        content = await asyncio.to_thread(_marked, image, on_it)
        return _download(content, "image/png", f"{handle}-marked.png")

    async def _cutout(self, room: Room, handle: str) -> Response:
        content = await asyncio.to_thread(_cut, room.regions[handle].clipped())
        return _download(content, "image/png", f"{handle}.png")

    async def _trace(self, room: Room, _: str) -> Response:
        html = await asyncio.to_thread(page, room.trace)
        return _download(html.encode("utf-8", "replace"), "text/html; charset=utf-8", "trace.html")


def _scaled(image: Image, most: int) -> bytes:
    """WebP with no more pixels than `most`, and no longer side than it can have."""
    width, height = image.size_wh
    scale = min(1.0, (most / (width * height)) ** 0.5, MOST_SIDE / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    rgb = image.pixels() if scale == 1.0 else cv2.resize(image.pixels(), size, interpolation=cv2.INTER_AREA)
    bgr = np.ascontiguousarray(rgb[:, :, ::-1])
    return cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, 85])[1].tobytes()


def _marked(image: Image, regions: Sequence[Region]) -> bytes:
    """PNG of a picture with regions drawn on it."""
    return _png(draw_marks(image, regions).image.pixels())


def _cut(region: Region) -> bytes:
    """PNG of a region; what its mask leaves out is transparent."""
    part = region.crop()
    if region.mask is None:
        return _png(part.pixels())
    mask = region.on(part).mask
    alpha = np.zeros(part.pixels().shape[:2], np.uint8) if mask is None else mask.array().astype(np.uint8) * 255
    return _png(np.dstack([part.pixels(), alpha]))


def _png(pixels: Pixels) -> bytes:
    order = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return cv2.imencode(".png", cv2.cvtColor(pixels, order))[1].tobytes()


def _shown(content: bytes, kind: str, cache: str = KEPT) -> Response:
    from starlette.responses import Response

    return Response(content, media_type=kind, headers={"cache-control": cache})


def _download(content: bytes, kind: str, name: str) -> Response:
    from starlette.responses import Response

    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type=kind, headers=headers)


def _missing() -> Response:
    from starlette.responses import PlainTextResponse

    return PlainTextResponse("Not here.", status_code=404)
