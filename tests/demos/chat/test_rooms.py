"""Rooms: each with its visitor and its files, and gone when nobody is there any more."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from lavr.demos.chat.log import entries
from lavr.demos.chat.panel import point_at, sheets, tabs, take_away
from lavr.demos.chat.room import Room
from lavr.demos.chat.rooms import NotYours, Rooms
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


def test_a_room_that_was_used_a_moment_ago_does_not_make_way(rooms: Rooms, clock: Clock) -> None:
    for key in "abc":
        room = rooms.open(key, "ann")
        room.add(drawn(room), 5)
    with pytest.raises(LimitReached, match="Busy"):
        rooms.open("d", "bob")
    rooms.leave("b")
    rooms.open("d", "bob")
    assert [room.key for room in rooms] == ["a", "c", "d"]
    clock.now = 11
    rooms.open("e", "bob")
    assert len(rooms) == 3


def test_a_page_whose_room_was_thrown_away_is_told_when_it_comes_back_and_nobody_else_is(
    rooms: Rooms, clock: Clock
) -> None:
    for key in ("page", "other", "empty"):
        room = rooms.open(key, "ann")
        if key != "empty":
            room.add(drawn(room), 5)
    clock.now = 101
    rooms.sweep()
    again = rooms.open("page", "ann")
    assert again.lost
    assert "thrown away" in str(again.notice)
    assert rooms.open("other", "bob").notice is None
    assert rooms.open("empty", "ann").notice is None


def test_only_so_many_keys_of_rooms_that_are_gone_are_kept(rooms: Rooms, clock: Clock) -> None:
    for number in range(80):
        room = rooms.open(f"page {number}", "ann")
        room.add(drawn(room), 5)
        clock.now += 101
        rooms.sweep()
    assert not rooms.was_thrown_away("page 0", "ann")
    assert rooms.was_thrown_away("page 79", "ann")


def test_what_is_written_late_into_a_room_that_is_gone_is_swept(rooms: Rooms, clock: Clock) -> None:
    room, other = rooms.open("page", "ann"), rooms.open("other", "bob")
    rooms.close("page")
    drawn(room)
    kept = drawn(other)
    assert room.store.folder.exists()
    rooms.sweep()
    assert not room.store.folder.exists()
    assert kept.store.path(kept.digest).is_file()


def test_a_picture_that_is_refused_or_taken_away_leaves_no_file(rooms: Rooms) -> None:
    room = rooms.open("page", "ann")
    first, twin, other = drawn(room), drawn(room), drawn(room, 90)
    keys = [room.add(image, 2) for image in (first, twin)]
    with pytest.raises(LimitReached):
        room.add(other, 2)
    assert not room.store.path(other.digest).exists()
    take_away(room, keys[0])
    assert room.store.path(twin.digest).is_file()
    take_away(room, keys[1])
    assert not room.store.path(twin.digest).exists()


def test_a_file_that_another_upload_may_be_about_to_use_stays_until_that_is_done(rooms: Rooms) -> None:
    room = rooms.open("page", "ann")
    key = room.add(drawn(room), 5)
    with room.taking_in():
        twin = drawn(room)
        take_away(room, key)
        room.add(twin, 5)
    assert room.store.path(twin.digest).is_file()


def test_pictures_of_a_question_that_failed_count_once(rooms: Rooms) -> None:
    room = rooms.open("page", "ann")
    room.add(drawn(room), 2)
    turn = room.begin("?")
    turn.state = "failed"
    room.give_back(turn)
    room.add(drawn(room, 90), 2)
    with pytest.raises(LimitReached, match="pictures"):
        room.add(drawn(room, 91), 2)


def test_a_place_on_a_picture_that_is_gone_is_not_pointed_at_any_more(rooms: Rooms) -> None:
    room = rooms.open("page", "ann")
    keys = [room.add(drawn(room, value), 5) for value in (1, 2)]
    for key in keys:
        point_at(room, {"picture": key, "x": 5, "y": 5})
    turn = room.begin("?")
    turn.state = "answered"
    assert room.take_back() is turn
    assert len(room.pointed) == 2
    take_away(room, keys[0])
    turn = room.begin("?")
    place = turn.pointed[0]
    del turn.images[keys[1]]
    turn.state = "failed"
    room.give_back(turn)
    assert place.image not in room.images.values()
    assert room.pointed == []


def test_the_same_picture_sent_twice_has_a_sheet_a_tab_and_a_thumbnail_for_each(rooms: Rooms) -> None:
    room = rooms.open("page", "ann")
    for _ in range(2):
        room.add(drawn(room), 5)
    keys = [key for key, _ in sheets(room)]
    assert len(set(keys)) == 2
    assert all(f'data-picture="{key}"' in html for key, html in sheets(room))
    assert re.findall('data-picture="([^"]+)"', tabs(room)) == keys
    room.begin("?")
    assert re.findall('data-picture="([^"]+)"', entries(room)[0][1]) == keys


def test_a_sheet_is_drawn_anew_only_when_something_on_it_is_new(rooms: Rooms) -> None:
    room = rooms.open("page", "ann")
    keys = [room.add(drawn(room, value), 5) for value in (1, 2)]
    first = sheets(room)
    assert [one is other for (_, one), (_, other) in zip(first, sheets(room), strict=True)] == [True, True]
    point_at(room, {"picture": keys[1], "x": 5, "y": 5})
    pointed = sheets(room)
    assert [one is other for (_, one), (_, other) in zip(first, pointed, strict=True)] == [True, False]
    assert "this one" in pointed[1][1]
    take_away(room, "place_0")
    assert sheets(room) == first


def test_what_is_over_is_drawn_once(rooms: Rooms) -> None:
    room = rooms.open("page", "ann")
    for number in range(3):
        room.begin(f"question {number}").state = "failed"
    first, second = entries(room), entries(room)
    assert first == second
    assert [one is other for one, other in zip(first, second, strict=True)] == [True, True, False]
    assert "Ask again" in first[2][1]
    assert "Ask again" not in first[1][1]
    room.take_back()
    assert "Ask again" in entries(room)[1][1]


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
