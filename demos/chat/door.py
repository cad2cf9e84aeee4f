"""The door for pictures: how many come in at once, in all and from one place."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ...errors import LimitReached


class Door:
    """Lets uploads in. Used from one event loop.

    Args:
        at_once: how many in all; one more is refused at once.
        of_one: how many of one place; one more waits for the others of it.
        patience_s: how long it waits.
    """

    def __init__(self, at_once: int, of_one: int, patience_s: float) -> None:
        self.at_once = at_once
        self.of_one = of_one
        self.patience_s = patience_s
        self._inside: Counter[str] = Counter()
        self._moved = asyncio.Condition()

    @asynccontextmanager
    async def passed(self, place: str) -> AsyncIterator[None]:
        """While an upload comes in. Raises `LimitReached` when there is no room for it."""
        async with self._moved:
            try:
                async with asyncio.timeout(self.patience_s):
                    await self._moved.wait_for(lambda: self._inside[place] < self.of_one)
            except TimeoutError as error:
                raise _busy(f"{self.of_one} pictures of yours are coming in already.") from error
            if self._inside.total() >= self.at_once:
                raise _busy(f"{self.at_once} pictures are coming in already.")
            self._inside[place] += 1
        try:
            yield
        finally:
            self._inside[place] -= 1
            self._inside += Counter()  # forgets who has none inside
            async with self._moved:
                self._moved.notify_all()


def _busy(why: str) -> LimitReached:
    return LimitReached(f"Busy: {why}", remedy="Send it again in a moment.", limit="uploads")
