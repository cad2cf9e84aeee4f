"""The door for pictures: one client cannot fill it, and who finds it full is told at once."""

from __future__ import annotations

import asyncio

import pytest

from lavr.demos.chat.door import Door
from lavr.errors import LimitReached


async def inside(door: Door, place: str, went: list[str], until: asyncio.Event) -> None:
    async with door.passed(place):
        went.append(place)
        await until.wait()


def test_the_third_upload_of_one_address_waits_while_another_address_comes_in() -> None:
    async def play() -> tuple[list[str], list[str]]:
        door, went, until = Door(4, 2, 5.0), list[str](), asyncio.Event()
        coming = [asyncio.create_task(inside(door, place, went, until)) for place in ("ann", "ann", "ann", "bob")]
        await asyncio.sleep(0.05)
        at_first = list(went)
        until.set()
        await asyncio.gather(*coming)
        return at_first, went

    at_first, went = asyncio.run(play())
    assert at_first == ["ann", "ann", "bob"]
    assert went == ["ann", "ann", "bob", "ann"]


def test_a_full_door_is_told_at_once_and_is_open_again_afterwards() -> None:
    async def play() -> list[str]:
        door, went, until = Door(1, 1, 5.0), list[str](), asyncio.Event()
        first = asyncio.create_task(inside(door, "ann", went, until))
        await asyncio.sleep(0.05)
        with pytest.raises(LimitReached, match="Busy: 1 pictures"):
            async with asyncio.timeout(1):
                await inside(door, "bob", went, until)
        until.set()
        await first
        await inside(door, "bob", went, until)
        return went

    assert asyncio.run(play()) == ["ann", "bob"]


def test_who_waited_too_long_for_their_own_uploads_is_told() -> None:
    async def play() -> None:
        door, until = Door(4, 1, 0.05), asyncio.Event()
        first = asyncio.create_task(inside(door, "ann", [], until))
        await asyncio.sleep(0.02)
        with pytest.raises(LimitReached, match="of yours"):
            await inside(door, "ann", [], until)
        until.set()
        await first

    asyncio.run(play())
