"""Planners by name: each is made once, for all chats, and closed in the end."""

from __future__ import annotations

import threading

import pytest

from lavr import ScriptedPlanner
from lavr.demos.chat.setup import Setup
from lavr.errors import MissingModel


class Made(ScriptedPlanner):
    """A planner that can be closed."""

    def __init__(self) -> None:
        super().__init__([])
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Made]:
    """The planners that are made, as they are made."""
    planners: list[Made] = []

    def make(*_: object) -> Made:
        planners.append(Made())
        return planners[-1]

    monkeypatch.setattr("lavr.demos.chat.setup.make_planner", make)
    return planners


def test_a_planner_is_made_once_and_closed_in_the_end(made: list[Made]) -> None:
    setup = Setup(planners=("a/model", "local:a/model", "another/model"))
    first = setup.planner("a/model").result(5)
    assert setup.planner("a/model").result(5) is first
    assert setup.planner("local:a/model").result(5) is first
    assert setup.planner("another/model").result(5) is not first
    assert len(made) == 2
    setup.close()
    assert all(planner.closed.wait(5) for planner in made)


def test_a_planner_that_is_still_being_made_in_the_end_is_closed_when_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    may, planner = threading.Event(), Made()
    monkeypatch.setattr("lavr.demos.chat.setup.make_planner", lambda *_: may.wait(10) and planner)
    setup = Setup(planners=("a/model",))
    setup.planner("a/model")
    setup.close()
    assert not planner.closed.is_set()
    may.set()
    assert planner.closed.wait(5)


def test_a_planner_that_could_not_be_made_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    results: list[Made | Exception] = [MissingModel("It is not there."), Made()]

    def make(*_: object) -> Made:
        result = results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr("lavr.demos.chat.setup.make_planner", make)
    setup = Setup(planners=("a/model",))
    with pytest.raises(MissingModel):
        setup.planner("a/model").result(5)
    assert isinstance(setup.planner("a/model").result(5), Made)


def test_a_planner_that_was_given_is_given_as_it_is_and_left_open() -> None:
    given = Made()
    setup = Setup(made={"mine": given})
    assert setup.planner("mine").result(0) is given
    setup.close()
    assert not given.closed.is_set()
