"""Rooms: each with its visitor and its files, and gone when nobody is there any more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lavr.demos.chat.panel import point_at, take_away
from lavr.demos.chat.rooms import NotYours, Room, Rooms
from lavr.demos.chat.setup import Choice, Setup
from lavr.errors import InvalidRegion, LavrError, LimitReached
from lavr.vision.image import Image


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def drawn(room: Room, value: int = 200) -> Image:
    return Image.of(np.full((100, 200, 3), value, np.uint8), name=f"{value}.png", store=room.store)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rooms(tmp_path: Path, clock: Clock) -> Rooms:
    return Rooms(tmp_path, Setup(rooms=3, idle_s=100, left_s=10), clock=clock)


def test_a_room_is_its_visitors_and_nobody_elses(rooms: Rooms) -> None:
    room = rooms.open("page", "ann")
    assert rooms.open("page", "ann") is room
    assert rooms.find("page", "ann") is room
    for visitor in ("bob", ""):
        with pytest.raises(NotYours):
            rooms.open("page", visitor)
        with pytest.raises(NotYours):
            rooms.find("page", visitor)
    with pytest.raises(NotYours):
        rooms.find("no page", "ann")


def test_an_idle_room_is_thrown_away_with_its_files(rooms: Rooms, clock: Clock) -> None:
    room = rooms.open("page", "ann")
    room.add(drawn(room), 5)
    assert any(room.store.folder.rglob("*.png"))
    clock.now = 90
    assert rooms.sweep() == []
    clock.now = 101
    assert rooms.sweep() == ["page"]
    assert not room.store.folder.exists()
    assert len(rooms) == 0


def test_a_room_whose_page_was_closed_goes_sooner_unless_it_comes_back(rooms: Rooms, clock: Clock) -> None:
    rooms.open("gone", "ann")
    rooms.open("back", "ann")
    rooms.leave("gone")
    rooms.leave("back")
    clock.now = 5
    rooms.open("back", "ann")
    clock.now = 11
    assert rooms.sweep() == ["gone"]
    assert [room.key for room in rooms] == ["back"]


def test_when_all_rooms_are_in_use_the_longest_idle_one_makes_way(rooms: Rooms, clock: Clock) -> None:
    for at, key in enumerate("abc"):
        clock.now = at
        rooms.open(key, "ann")
    clock.now = 4
    rooms.open("a", "ann")
    rooms.open("d", "bob")
    assert [room.key for room in rooms] == ["a", "c", "d"]


def test_when_all_rooms_are_at_work_the_next_visitor_is_told(rooms: Rooms) -> None:
    for key in "abc":
        rooms.open(key, "ann").begin("?")
    with pytest.raises(LimitReached, match="Busy"):
        rooms.open("d", "bob")


def test_a_room_at_work_is_not_swept(rooms: Rooms, clock: Clock) -> None:
    rooms.open("page", "ann").begin("?")
    clock.now = 1000
    assert rooms.sweep() == []


def test_taking_a_question_back_gives_its_pictures_back(rooms: Rooms) -> None:
    room = rooms.open("page", "ann")
    key = room.add(drawn(room), 5)
    turn = room.begin("first?")
    assert room.pending == {}
    assert room.take_back() is None
    turn.state, room.head = "answered", "page-2"
    assert room.take_back() is turn
    assert list(room.pending) == [key]
    assert room.head == ""
    assert room.turns == []


def test_there_are_only_so_many_pictures(rooms: Rooms) -> None:
    room = rooms.open("page", "ann")
    room.add(drawn(room), 1)
    with pytest.raises(LimitReached, match="pictures"):
        room.add(drawn(room), 1)


def test_a_click_is_a_small_box_and_a_drag_the_box_that_was_drawn(rooms: Rooms) -> None:
    room = rooms.open("page", "ann")
    key = room.add(drawn(room), 5)
    point_at(room, {"picture": key, "x": 50, "y": 40})
    point_at(room, {"picture": key, "xyxy": [10, 20, 500, 60]})
    point, box = room.pointed
    assert (point.label, point.center) == ("point", (50, 40))
    assert (box.label, box.xyxy) == ("box", (10, 20, 200, 60))
    take_away(room, "place_0")
    assert room.pointed == [box]
    take_away(room, key)
    assert room.pointed == []
    assert room.pending == {}


@pytest.mark.parametrize(
    "said",
    [{}, {"x": "1", "y": 2}, {"xyxy": [1, 2, True, 4]}, {"xyxy": [900, 900, 950, 950]}, {"x": float("nan"), "y": 1}],
)
def test_what_is_no_place_is_refused(rooms: Rooms, said: dict[str, object]) -> None:
    room = rooms.open("page", "ann")
    key = room.add(drawn(room), 5)
    with pytest.raises(InvalidRegion):
        point_at(room, {"picture": key, **said})  # type: ignore[dict-item]  # hostile input
    with pytest.raises(LavrError, match="not here"):
        point_at(room, {"picture": "img_9", "x": 1, "y": 1})


def test_a_choice_is_cut_to_what_is_on_offer() -> None:
    setup = Setup(planners=("openai:small",))
    assert setup.planner_names == ("openai:small", "auto", "builtin")
    wild = Choice.of(setup, "local:/etc/passwd", ["ocr", "rm"], 10_000, -3)
    assert wild == Choice("openai:small", ("ocr",), 12, 1.0)
    assert Choice.of(setup, "builtin", None, "x", None) == Choice("builtin", tuple(setup.toolbox), 12, 300.0)
    assert "nothing else is configured" in setup.reason("auto") or "says so" in setup.reason("auto")
