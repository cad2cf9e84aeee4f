"""A call from JSON to a checked result."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lavr.errors import InvalidArguments, MissingModel, ToolFailed, ToolTimeout, UnknownTool, UsageError
from lavr.tests.tools import samples
from lavr.tests.tools.scenes import gradient, runner_of, scene_with
from lavr.tools.calls import Observation, ToolCall
from lavr.tools.registry import Toolbox
from lavr.tools.runner import ToolRunner
from lavr.tools.tool import Tool
from lavr.vision.image import Image
from lavr.vision.scene import Scene
from lavr.vision.store import ImageStore, storing_in
from lavr.vision.units import CoordinateUnit


class Recording:
    """A host that keeps what it was asked, and does it."""

    name = "recording"

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, object], float]] = []
        self.closed = False

    def run(self, tool: Tool, arguments: Mapping[str, object], *, timeout_s: float) -> Observation:
        self.calls.append((tool.name, dict(arguments), timeout_s))
        return tool.observe(**arguments)

    def close(self) -> None:
        self.closed = True


def test_a_call_goes_to_the_host_of_its_tool_with_its_time_limit() -> None:
    scene, host = scene_with(), Recording()
    runner = ToolRunner(Toolbox([samples.size.on("far")]), hosts={"far": host})
    result = runner.run(ToolCall("c1", "size", {"image": "img_1"}), scene)
    assert result.observation == Observation("200 x 100")
    assert host.calls == [("size", {"image": scene.image("img_1")}, 5)]
    assert 0 < result.seconds < 1
    runner.close()
    assert host.closed


def test_a_host_that_is_not_there_is_told_when_the_runner_is_made() -> None:
    with pytest.raises(UsageError, match=r"wants the host 'far'.*inline, worker"):
        ToolRunner(Toolbox([samples.size.on("far")]))


def test_a_tool_added_later_with_an_unknown_host_is_an_error_of_its_call() -> None:
    runner = runner_of()
    runner.toolbox.add(samples.size.on("far"))
    result = runner.run(ToolCall("c1", "size", {"image": "img_1"}), scene_with())
    assert isinstance(result.error, UsageError)


@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [
        ("siez", {}, UnknownTool),
        ("size", {}, InvalidArguments),
        ("fail", {}, ToolFailed),
        ("sleep", {"seconds": 0.5}, ToolTimeout),
    ],
)
def test_every_error_ends_in_the_result(name: str, arguments: dict[str, Any], kind: type[Exception]) -> None:
    from dataclasses import replace

    runner = runner_of(samples.size, samples.fail, replace(samples.sleep, timeout_s=0.1))
    result = runner.run(ToolCall("c1", name, arguments), scene_with())
    assert isinstance(result.error, kind)
    assert not result.ok
    assert result.call.id == "c1"


def test_a_defect_of_a_host_is_an_error_of_the_call_too() -> None:
    class Broken(Recording):
        def run(self, tool: Tool, arguments: Mapping[str, object], *, timeout_s: float) -> Observation:
            raise RuntimeError("host is broken")

    runner = ToolRunner(Toolbox([samples.size.on("far")]), hosts={"far": Broken()})
    error = runner.run(ToolCall("c1", "size", {"image": "img_1"}), scene_with()).error
    assert isinstance(error, ToolFailed)
    assert "RuntimeError: host is broken" in error.cause


def test_weights_that_a_worker_lacked_are_fetched_and_the_call_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAVR_MODELS", str(tmp_path))
    monkeypatch.setenv("LAVR_OFFLINE", "0")

    class Lacking(Recording):
        def run(self, tool: Tool, arguments: Mapping[str, object], *, timeout_s: float) -> Observation:
            if not (tmp_path / "yolo11n.pt").exists():
                (tmp_path / "yolo11n.pt").touch()  # in time for whoever fetches it
                raise MissingModel("no weights", pull="yolo11n")
            return Observation("worked")

    runner = ToolRunner(Toolbox([samples.size.on("far")]), hosts={"far": Lacking()})
    result = runner.run(ToolCall("c1", "size", {"image": "img_1"}), scene_with())
    assert result.observation == Observation("worked")
    assert result.notes == (f"The weights yolo11n were fetched: {tmp_path / 'yolo11n.pt'}.",)


def test_ctrl_c_while_waiting_is_passed_on() -> None:
    class Interrupted(Recording):
        def run(self, tool: Tool, arguments: Mapping[str, object], *, timeout_s: float) -> Observation:
            raise KeyboardInterrupt

    runner = ToolRunner(Toolbox([samples.size.on("far")]), hosts={"far": Interrupted()})
    with pytest.raises(KeyboardInterrupt):
        runner.run(ToolCall("c1", "size", {"image": "img_1"}), scene_with())


def test_boxes_are_read_in_the_unit_of_the_planner_and_clipping_is_noted() -> None:
    call = ToolCall("c1", "crop", {"image": "img_1", "box": [0.5, 0.5, 1.5, 1]})
    result = runner_of(samples.crop).run(
        call,
        scene_with(),
        unit_reader=lambda image, xyxy: CoordinateUnit.UNIT.to_pixels(xyxy, shown_wh=(1, 1), image_wh=image.size_wh),
    )
    assert result.observation is not None
    assert result.observation.text == "100 x 50 at scale 1"
    assert result.notes == ("The box [0.5, 0.5, 1.5, 1] reached beyond img_1 and was clipped to it.",)


def test_a_tool_that_may_be_repeated_is_repeated_and_says_so(tmp_path: Path) -> None:
    result = runner_of(samples.flaky).run(ToolCall("c1", "flaky", {"folder": str(tmp_path)}), scene_with())
    assert result.observation == Observation("worked")
    assert [note.partition(":")[0] for note in result.notes] == [
        "Attempt 1 failed and was repeated",
        "Attempt 2 failed and was repeated",
    ]


def test_time_outs_are_not_repeated() -> None:
    from dataclasses import replace

    impatient = replace(samples.sleep, timeout_s=0.1, retries=5)
    result = runner_of(impatient).run(ToolCall("c1", "sleep", {"seconds": 0.5}), scene_with())
    assert isinstance(result.error, ToolTimeout)
    assert result.seconds < 0.3


@pytest.mark.parametrize("host", ["inline", "worker"])
def test_pictures_of_a_session_are_kept_in_its_own_store_and_nowhere_else(host: str, tmp_path: Path) -> None:
    elsewhere = ImageStore(tmp_path / "elsewhere")
    scene = Scene(ImageStore(tmp_path / "session"))
    scene.add_image(Image.of(gradient(), store=scene.store))
    runner = ToolRunner(Toolbox([samples.crop.on(host), samples.blank.on(host)]))
    with storing_in(elsewhere):
        cut = runner.run(ToolCall("c1", "crop", {"image": "img_1", "box": [1, 2, 30, 40]}), scene)
        made = runner.run(ToolCall("c2", "blank", {}), scene)
    runner.close()
    for result in (cut, made):
        assert result.observation is not None, result.error
        (image,) = result.observation.images
        assert image.store is scene.store or image.store.folder == scene.store.folder
        assert scene.store.path(image.digest).is_file()
    assert list(elsewhere.folder.rglob("*.png")) == []


@pytest.mark.parametrize("host", ["inline", "worker"])
def test_a_picture_that_a_tool_keeps_for_all_sessions_outlives_the_first_one(host: str, tmp_path: Path) -> None:
    runner = ToolRunner(Toolbox([samples.logo.on(host), samples.crop.on(host)]))
    for number in range(6):
        scene = Scene(ImageStore(tmp_path / f"session-{number}"))
        image = scene.add_image(Image.of(gradient(seed=number), store=scene.store))
        assert runner.run(ToolCall("c1", "crop", {"image": image.handle}), scene).ok
        result = runner.run(ToolCall("c2", "logo", {}), scene)
        assert result.observation is not None, result.error
        assert scene.store.path(result.observation.images[0].digest).is_file()
        shutil.rmtree(scene.store.folder)
    runner.close()
