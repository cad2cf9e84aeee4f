"""Tools that are at hand because somebody configured them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lavr import Agent
from lavr.errors import UsageError
from lavr.tools.configured import CONFIGURABLE, tools_at_hand, unconfigured
from lavr.tools.detect import detect_tool
from lavr.tools.registry import default_tools

NOWHERE = Path("/does/not/exist.toml")


def written(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def weights(**options: object) -> object:
    """The weights of the detector that is at hand, None for none."""
    toolbox = tools_at_hand(**options)  # type: ignore[arg-type]  # options of any kind, for brevity
    return (toolbox.get("detect").recipe.config or {})["weights"] if "detect" in toolbox else None


def test_without_configuration_only_the_tools_that_need_nothing_are_at_hand() -> None:
    toolbox = tools_at_hand(environ={}, config=NOWHERE)
    assert toolbox.names == default_tools().names
    lacking = {each.name for each in unconfigured(toolbox.names)}
    assert lacking == {each.name for each in CONFIGURABLE} - set(toolbox.names)
    assert "detect" in lacking


def test_the_command_line_goes_before_the_environment_and_that_before_the_config_file(tmp_path: Path) -> None:
    file = written(tmp_path, '[tools.detect]\nweights = "file.pt"\n')
    environ = {"LAVR_DETECTOR": "environment.pt"}
    assert weights(environ={}, config=file) == "file.pt"
    assert weights(environ=environ, config=file) == "environment.pt"
    assert weights(given={"detect": "given.pt"}, environ=environ, config=file) == "given.pt"
    assert weights(given={"detect": ""}, environ={}, config=NOWHERE) is None


def test_the_config_file_may_set_whatever_the_factory_takes(tmp_path: Path) -> None:
    file = written(tmp_path, '[tools.detect]\nweights = "a.pt"\nmin_score = 0.6\ntile = 0\ntimeout_s = 5.0\n')
    tool = tools_at_hand(environ={}, config=file).get("detect")
    config = tool.recipe.config or {}
    assert (config["min_score"], config["tile"], tool.timeout_s) == (0.6, 0, 5.0)


def test_segment_is_there_anyway_and_takes_the_weights_and_the_detector_that_are_configured(tmp_path: Path) -> None:
    bare = tools_at_hand(environ={}, config=NOWHERE)
    with_sam = tools_at_hand(environ={"LAVR_SEGMENTER": "sam-vit-b"}, config=NOWHERE)
    with_both = tools_at_hand(
        environ={"LAVR_DETECTOR": "shapes.pt"}, config=written(tmp_path, '[tools.segment]\nweights = "sam2.1-tiny"\n')
    )
    assert bare.names == with_sam.names
    assert [bare.get("segment").host, with_sam.get("segment").host] == ["inline", "worker"]
    assert '"weights":"sam-vit-b"' in str(with_sam.get("segment").recipe)
    assert '"weights":"sam2.1-tiny"' in str(with_both.get("segment").recipe)
    assert '"weights":"shapes.pt"' in str(with_both.get("segment").recipe)
    assert "no detector" in with_sam.get("segment").spec.card.limits
    assert "no detector" not in with_both.get("segment").spec.card.limits


def test_a_detector_alone_gives_segment_something_to_look_for_words_with_in_a_worker() -> None:
    segment = tools_at_hand(environ={"LAVR_DETECTOR": "shapes.pt"}, config=NOWHERE).get("segment")
    assert "no detector" not in segment.spec.card.limits
    assert segment.host == "worker"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[tools.detect]\nweigths = "a.pt"\n', "weigths"),
        ("[tools.detect]\nmin_score = 0.5\n", "weights"),
        ('[tools.detcet]\nweights = "a.pt"\n', "[tools.detect]"),
        ('tools = "detect"\n', "[tools]"),
        ('[tools.detect]\nweights = "a.pt"\nbackend = "caffe"\n', "caffe"),
        ("[tools.detect]\nweights = 3\n", "wrong kind"),
        ('[tools.segment]\ndetector = "a.pt"\n', "detector"),
    ],
)
def test_a_config_file_that_is_wrong_is_refused_with_what_is_wrong(text: str, named: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        tools_at_hand(environ={}, config=written(tmp_path, text))
    assert named in str(refused.value)


def test_an_agent_has_the_tools_that_the_environment_configures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAVR_CONFIG", str(NOWHERE))
    monkeypatch.setenv("LAVR_DETECTOR", "shapes.pt")
    assert "detect" in Agent().toolbox
    assert "detect" not in Agent(tools=default_tools()).toolbox


def test_a_tool_that_is_brought_along_takes_the_place_of_the_configured_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAVR_CONFIG", str(NOWHERE))
    monkeypatch.setenv("LAVR_DETECTOR", "shapes.pt")
    mine = detect_tool(weights="mine.pt")
    assert Agent(extra_tools=[mine]).toolbox.get("detect") is mine
