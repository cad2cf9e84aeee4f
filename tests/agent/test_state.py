"""What a checkpoint holds: plain JSON and references, whatever the pictures weigh."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from lavr import Agent, Image, ImageStore, Limits, Observation, Region, ToolCall, tool
from lavr.agent.state import Question, merged
from lavr.jsonable import canonical
from lavr.tests.agent.tables import Watching, calls, says

STEPS = 40
MIB = 1024 * 1024


@tool(cacheable=False)
def page(image: Image, turn: int) -> Observation:
    """Find sixty lines, and show a picture of noise that no compression makes smaller."""
    noise = np.random.default_rng(turn).integers(0, 256, (160, 160, 3), dtype=np.uint8)
    lines = tuple(
        Region(image, (4, 9 * i, 500, 9 * i + 8), "line", 0.97, f"line {i} of turn {turn} with some words in it")
        for i in range(60)
    )
    return Observation("60 lines", lines, (Image.of(noise, name=f"noise {turn}", store=image.store),), untrusted=True)


def test_forty_steps_with_pictures_and_sixty_regions_each_leave_a_small_checkpoint(tmp_path: Path) -> None:
    steps = [calls(ToolCall("", "page", {"image": "img_1", "turn": turn})) for turn in range(STEPS)]
    planner = Watching(*steps, says("done", ("60 lines", "r2400")))
    big = np.random.default_rng(0).integers(0, 256, (1000, 1000, 3), dtype=np.uint8)
    path = tmp_path / "checkpoints.sqlite"
    with SqliteSaver.from_conn_string(str(path)) as saver:
        saver.serde = JsonPlusSerializer(allowed_msgpack_modules=None)
        store = ImageStore(tmp_path / "store")
        agent = Agent(planner, tools=[page], limits=Limits(steps=99, calls=99), store=store, checkpointer=saver)
        answer = agent.ask(big, "?")
        saver.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = sum(file.stat().st_size for file in tmp_path.glob("checkpoints.sqlite*"))
    pictures = sum(file.stat().st_size for file in (tmp_path / "store").rglob("*.png"))
    print(f"\ncheckpoint {size / MIB:.2f} MiB; pictures {pictures / MIB:.1f} MiB in the store")  # noqa: T201 - a figure
    assert answer.complete
    assert [evidence.handle for evidence in answer.evidence] == ["r2400"]
    assert pictures > 5 * MIB
    assert size <= 5 * MIB


def _plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _plain(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(_plain(inner) for inner in value)
    return value is None or type(value) in (str, int, float, bool)


def test_every_state_on_the_way_is_plain_json(tmp_path: Path) -> None:
    planner = Watching(calls(ToolCall("", "page", {"image": "img_1", "turn": 1})), says("x", ("x", "r1")))
    agent = Agent(planner, tools=[page], store=ImageStore(tmp_path))
    given = Image.of(np.zeros((9, 9, 3), np.uint8)).to_json()
    states = list(agent.graph().stream({"question": "?", "images": [given]}, stream_mode="debug"))
    values = [part["payload"].get("input", {}) for part in states if part["type"] == "task"]
    assert len(values) == 6
    assert [value for value in values if not _plain(value)] == []


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [({}, {"c1": "a"}, {"c1": "a"}), ({"c1": "a"}, {"c2": "b"}, {"c1": "a", "c2": "b"}), ({"c1": "a"}, None, {})],
)
def test_branches_come_together_side_by_side(
    before: dict[str, str], now: dict[str, str] | None, after: dict[str, str]
) -> None:
    assert merged(before, now) == after


def test_the_state_has_the_same_size_after_one_step_and_after_thirty(tmp_path: Path) -> None:
    def state_bytes(steps: int) -> int:
        turns = [calls(ToolCall("", "page", {"image": "img_1", "turn": turn})) for turn in range(steps)]
        agent = Agent(Watching(*turns, says("x")), tools=[page], store=ImageStore(tmp_path), limits=Limits(steps=99))
        given: Question = {"question": "?", "images": [Image.of(np.zeros((9, 9, 3), np.uint8)).to_json()]}
        parts = agent.graph().stream(given, {"recursion_limit": 999}, stream_mode="debug")
        states = [part["payload"]["input"] for part in parts if part["type"] == "task"]
        return len(canonical(states[-1]))

    assert abs(state_bytes(30) - state_bytes(1)) < 64
