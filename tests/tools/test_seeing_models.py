"""The tools of seeing models keep what planners rely on, also in a worker process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lavr.errors import UsageError
from lavr.tests.planners.local import tiny
from lavr.tests.tools.models import tiny_depth, tiny_florence
from lavr.tools.ask_region import ask_region_tool
from lavr.tools.calls import Observation, ToolCall
from lavr.tools.configured import tools_at_hand
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


@pytest.mark.parametrize("name", ["depth", "describe", "ask_region", "search"])
def test_it_is_at_hand_where_it_is_configured_and_nowhere_else(name: str, tmp_path: Path) -> None:
    assert name not in default_tools().names
    environ = {f"LAVR_{name.upper()}": "my-model"}
    assert '"weights":"my-model"' in str(tools_at_hand(environ=environ, config=tmp_path / "none").get(name).recipe)
    file = tmp_path / "config.toml"
    file.write_text(f'[tools.{name}]\nweights = "my-model"\n')
    toolbox = tools_at_hand(environ={}, config=file)
    assert '"weights":"my-model"' in str(toolbox.get(name).recipe)
    assert toolbox.get(name).host == "worker"


def test_a_search_takes_no_detector_from_a_config_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[tools.search]\ndetector = "my-model"\n')
    with pytest.raises(UsageError, match="needs a detector, or the weights"):
        tools_at_hand(environ={}, config=file)
