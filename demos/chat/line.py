"""Who works now and who waits: so many at once, so many in line, and the next one is told that we are busy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from ...errors import LimitReached

TELL_EVERY_S = 1.0


class Line:
    """Turns at the agent, first come, first served. Used from one event loop.

    Args:
        at_once: how many work at the same time.
        waiting: how many may stand in line besides.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self.at_once = at_once
        self.waiting = waiting
        self._places: list[object] = []
        self._moved = asyncio.Condition()

    @property
    def length(self) -> int:
        """How many work or wait."""
        return len(self._places)

    def check(self) -> None:
        """Raise `LimitReached` when it is full."""
        if self.length >= self.at_once + self.waiting:
            raise LimitReached(
                f"Busy: {self.at_once} questions are at work and {self.waiting} are waiting.",
                remedy="Send it again in a moment.",
                limit="waiting",
            )

    def join(self) -> Place:
        """A place at the end of the line. Raises `LimitReached` at once when it is full."""
        self.check()
        place = Place(self)
        self._places.append(place)
        return place

    def ahead(self, place: object) -> int:
        """How many must finish before this place has its turn; 0 when it has it."""
        return max(0, self._places.index(place) + 1 - self.at_once)

    async def leave(self, place: object) -> None:
        """Give a place back, whether it had its turn or not."""
        if place in self._places:
            self._places.remove(place)
        async with self._moved:
            self._moved.notify_all()

    async def moved(self) -> None:
        """Wait until somebody left, or a moment has passed."""
        async with self._moved:
            try:
                await asyncio.wait_for(self._moved.wait(), TELL_EVERY_S)
            except TimeoutError:
                return


class Place:
    """One place in the line; leave it in the end."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def comes(self) -> AsyncGenerator[int, None]:
        """How many are ahead, each time that this changed; ends when it is this one's turn."""
        told = 0
        while ahead := self._line.ahead(self):
            if ahead != told:
                yield ahead
                told = ahead
            await self._line.moved()

    async def leave(self) -> None:
        """Give it back."""
        await self._line.leave(self)
