"""The line: so many at once, so many waiting, busy at once."""

from __future__ import annotations

import asyncio

import pytest

from lavr.demos.chat.line import Line, Place
from lavr.errors import LimitReached


def test_one_more_than_there_is_room_for_is_told_at_once() -> None:
    line = Line(1, 1)
    line.join()
    line.join()
    with pytest.raises(LimitReached, match="Busy: 1 questions are at work and 1 are waiting"):
        line.join()


def test_who_waits_is_told_how_many_are_ahead_and_has_its_turn_in_order() -> None:
    async def play() -> list[str]:
        line, told = Line(1, 5), list[str]()

        async def work(name: str, place: Place) -> None:
            async for ahead in place.comes():
                told.append(f"{name} waits for {ahead}")
            told.append(f"{name} works")
            await asyncio.sleep(0.01)
            await place.leave()

        await asyncio.gather(*(work(name, line.join()) for name in "abc"))
        assert line.length == 0
        return told

    told = asyncio.run(play())
    assert [line for line in told if line.endswith("works")] == ["a works", "b works", "c works"]
    assert "c waits for 2" in told
    assert "c waits for 1" in told


def test_leaving_twice_is_no_harm() -> None:
    async def play() -> int:
        line = Line(1, 0)
        place = line.join()
        await place.leave()
        await place.leave()
        return line.length

    assert asyncio.run(play()) == 0
