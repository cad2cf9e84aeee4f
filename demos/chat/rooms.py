"""Conversations, each with its own visitor, store and files; nothing of one is reachable from another.

A room belongs to one page of one browser: its key is the page's, and only the visitor who opened it, known by a cookie
that scripts cannot read, gets in. Everything here is used from one event loop.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ...errors import LavrError, LimitReached, UsageError
from .room import Room
from .setup import Setup


class NotYours(Exception):  # not of the tree: whoever asks is told nothing, not even whether it is there
    """Somebody asked for a room, or a file in it, that is not theirs or not there."""


class Rooms:
    """The conversations that are open.

    Args:
        folder: where their files go, each in a folder of its own.
        setup: how many there may be, and for how long.
        clock: seconds; for tests.
    """

    def __init__(self, folder: Path, setup: Setup, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._setup = setup
        self._clock = clock
        self._rooms: dict[str, Room] = {}
        self._owners: dict[str, str] = {}
        self._thrown_away: dict[str, str] = {}
        self._opened = 0

    def __len__(self) -> int:
        return len(self._rooms)

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))

    def claim(self, key: str, visitor: str) -> bool:
        """Whether a page's key is this visitor's; a key that nobody has becomes theirs."""
        owner = self._owners.setdefault(key, visitor)
        while len(self._owners) > 20 * self._setup.rooms:
            self._owners.pop(next(each for each in self._owners if each not in self._rooms))
        return owner == visitor

    def enter(self, key: str, visitor: str) -> Room:
        """`open` for a page that begins, and so has lost nothing."""
        if self.was_thrown_away(key, visitor):
            del self._thrown_away[key]
        return self.open(key, visitor)

    def open(self, key: str, visitor: str) -> Room:
        """The room of a page; a new one when it has none, which says so when it had one that was thrown away.

        Raises:
            NotYours: for a key of somebody else's.
            LimitReached: when all rooms are in use.
        """
        if not key or not visitor or not self.claim(key, visitor):
            raise NotYours
        room = self._rooms.get(key)
        if room is None:
            self._make_room()
            self._opened += 1
            room = self._rooms[key] = Room(key, visitor, self.folder / f"room-{self._opened}")
            if self.was_thrown_away(key, visitor):
                del self._thrown_away[key]
                room.lost, room.notice = True, thrown_away()
        room.used, room.left = self._clock(), None
        return room

    def was_thrown_away(self, key: str, visitor: str) -> bool:
        """Whether a page had a room with something in it, and does not know that it is gone."""
        return bool(visitor) and self._thrown_away.get(key) == visitor

    def find(self, key: str, visitor: str) -> Room:
        """The room of a page that has one. Raises `NotYours`, the same for one that is not there and not theirs."""
        room = self._rooms.get(key)
        if room is None or not visitor or room.visitor != visitor:
            raise NotYours
        room.used, room.left = self._clock(), None
        return room

    def leave(self, key: str) -> None:
        """The page was closed; it may be reloaded, so that its room stays for a while."""
        room = self._rooms.get(key)
        if room is not None:
            room.left = self._clock()
            room.stop.set()

    def close(self, key: str) -> None:
        """Throw a room and its files away."""
        room = self._rooms.pop(key, None)
        if room is not None:
            room.close()

    def sweep(self) -> list[str]:
        """Throw away what was idle for too long, and files of no room. Returns the keys of those rooms."""
        now = self._clock()
        gone = [room.key for room in self if not room.busy and self._expired(room, now)]
        for key in gone:
            self._throw_away(self._rooms[key])
            self._owners.pop(key, None)
        # What was still written when its room was closed made the folder anew.
        for folder in set(self.folder.glob("room-*")) - {room.store.folder for room in self}:
            shutil.rmtree(folder, ignore_errors=True)
        return gone

    def close_all(self) -> None:
        """Throw everything away."""
        for room in self:
            self.close(room.key)

    def _throw_away(self, room: Room) -> None:
        """Close a room of which its page knows nothing; it is told when it comes back."""
        if not room.empty:
            self._thrown_away[room.key] = room.visitor
        while len(self._thrown_away) > 20 * self._setup.rooms:
            del self._thrown_away[next(iter(self._thrown_away))]
        self.close(room.key)

    def _expired(self, room: Room, now: float) -> bool:
        left = room.left is not None and now - room.left > self._setup.left_s
        return left or now - room.used > self._setup.idle_s

    def _make_room(self) -> None:
        """When all rooms are taken, close the longest unused one of which nobody would miss anything for now."""
        if len(self._rooms) < self._setup.rooms:
            return
        now = self._clock()
        unused = [room for room in self if room.left is not None or now - room.used > self._setup.left_s or room.empty]
        free = sorted((room for room in unused if not room.busy), key=lambda room: room.used)
        if not free:
            raise LimitReached(
                f"Busy: {self._setup.rooms} chats are open.", remedy="Come back in a moment.", limit="rooms"
            )
        self._throw_away(free[0])


def thrown_away() -> LavrError:
    """What a page is told whose room is gone."""
    return UsageError("This chat was idle for too long and was thrown away.", remedy="Send the pictures again.")
