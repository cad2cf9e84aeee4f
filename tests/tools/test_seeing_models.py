"""The tools of seeing models keep what planners rely on, also in a worker process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lavr.tests.planners.local import tiny
from lavr.tests.tools.models import tiny_depth, tiny_florence
from lavr.tools.ask_region import ask_region_tool
from lavr.tools.calls import Observation, ToolCall
from lavr.tools.depth import depth_tool
from lavr.tools.describe import describe_tool
from lavr.tools.registry import Toolbox, default_tools
from lavr.tools.runner import ToolRunner
from lavr.tools.testing import check_tool, sample_scene
from lavr.tools.tool import Tool


def seeing_depth(folder: Path) -> Tool:
    return depth_tool(weights=tiny_depth.save(tiny_depth.depth_anything, folder))


def describing(folder: Path) -> Tool:
    return describe_tool(weights=tiny_florence.save(folder), tokens=8)


def answering(folder: Path) -> Tool:
    return ask_region_tool(weights=str(tiny.save("smolvlm", folder)), tokens=8)


MAKERS = (seeing_depth, describing, answering)


@pytest.mark.parametrize("make", MAKERS)
def test_it_conforms(make: Callable[[Path], Tool], tmp_path: Path) -> None:
    check_tool(make(tmp_path), worker=False)


@pytest.mark.slow
def test_a_worker_gives_what_this_process_gives(tmp_path: Path) -> None:
    folders = [tmp_path / make.__name__ for make in MAKERS]
    tools = [make(folder) for make, folder in zip(MAKERS, folders, strict=True)]
    scene = sample_scene()
    runner = ToolRunner(Toolbox(tools))
    inline = ToolRunner(Toolbox(tool.on("inline") for tool in tools))
    try:
        for tool in tools:
            call = ToolCall("c1", tool.name, tool.spec.card.example)
            there, here = runner.run(call, scene), inline.run(call, scene)
            assert there.error is None
            assert content(there.observation) == content(here.observation)
    finally:
        runner.close()


def content(observation: Observation | None) -> tuple[object, ...]:
    assert observation is not None
    return observation.text, observation.data, [(each.digest, each.frame) for each in observation.images]


def test_none_of_them_is_at_hand_unless_it_is_configured() -> None:
    assert not {"depth", "describe", "ask_region", "search"} & set(default_tools().names)
