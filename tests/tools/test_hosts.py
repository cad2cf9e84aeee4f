"""Every fault that a tool can have comes back as a typed error, on every host, and the next call works."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from lavr.errors import LavrError, ToolTimeout
from lavr.tests.tools import samples
from lavr.tests.tools.scenes import scene_with
from lavr.tools.calls import ToolCall, ToolResult
from lavr.tools.hosts.base import Host
from lavr.tools.hosts.inline import InlineHost
from lavr.tools.hosts.worker import WorkerHost
from lavr.tools.registry import Toolbox
from lavr.tools.runner import ToolRunner
from lavr.tools.tool import Tool

SCENE = scene_with()


@pytest.fixture(scope="module")
def worker() -> Iterator[WorkerHost]:
    host = WorkerHost(store=SCENE.store, threads=1)
    host.start(samples.size)
    yield host
    host.close()


@pytest.fixture(params=["inline", "worker"])
def host(request: pytest.FixtureRequest, worker: WorkerHost) -> Host:
    return InlineHost() if request.param == "inline" else worker


def run(tool: Tool, host: Host, **arguments: object) -> ToolResult:
    """Run a call on a host; a tool with a parameter `image` gets the picture of the scene."""
    given = {"image": "img_1"} if "image" in tool.parameters.names else {}
    runner = ToolRunner(Toolbox([tool.on("here")]), hosts={"here": host})
    return runner.run(ToolCall("c1", tool.name, {**given, **arguments}), SCENE)  # type: ignore[dict-item] # JSON


def the_next_call_works(host: Host) -> bool:
    found = run(samples.size, host).observation
    return found is not None and found.text == "200 x 100"


@pytest.mark.clock
@pytest.mark.parametrize(
    ("tool", "kind", "cause"),
    [
        (samples.fail, "ToolFailed", r"ValueError: no luck \(samples.py, line \d+, in fail\)"),
        (samples.fail_typed, "ToolFailed", "There is no sky."),
        (samples.fail_unspeakably, "ToolFailed", "Unspeakable: its message cannot be read: RuntimeError"),
        (samples.leave_politely, "ToolFailed", "SystemExit: bye"),
        (samples.interrupt, "ToolFailed", "KeyboardInterrupt"),
        (samples.sleep, "ToolTimeout", "did not end within 1 s"),
        (samples.huge_data, "ToolFailed", "more than 1,000,000 bytes of JSON"),
        (samples.huge_picture, "ImageTooLarge", "20,?000"),
        (samples.nan_box, "InvalidRegion", "four finite numbers"),
        (samples.nan_score, "InvalidRegion", "score"),
        (samples.inverted_box, "InvalidRegion", "ends before it begins"),
        (samples.wrong_size, "ToolFailed", "said to be 7 x 7 pixels, but it is 200 x 100"),
        (samples.lost_pixels, "ToolFailed", "whose pixels are not in the store"),
        (samples.stranger, "ToolFailed", "a region on a picture that nobody knows"),
        (samples.wrong_type, "ToolFailed", "gave back a set"),
        (samples.wrong_observation, "ToolFailed", "an Observation whose text is an int"),
    ],
    ids=lambda value: value.name if isinstance(value, Tool) else "",
)
def test_a_fault_is_a_typed_error_soon(tool: Tool, kind: str, cause: str, host: Host) -> None:
    if isinstance(host, WorkerHost):
        host.start(tool)
    began = time.perf_counter()
    result = run(tool, host)
    assert time.perf_counter() - began <= 4
    assert isinstance(result.error, LavrError)
    assert result.error.name == kind
    assert re.search(cause, result.error.cause), result.error.cause
    assert the_next_call_works(host)


def test_data_of_a_typed_error_survives_the_way(host: Host) -> None:
    error = run(samples.fail_typed, host).error
    assert error is not None
    assert (error.remedy, error.data) == ("Look down.", {"sky": 0})


@pytest.mark.parametrize(
    ("tool", "text", "note"),
    [
        (samples.huge_text, "x" * 20_000, "The text was cut to 20,000 of"),
        (samples.endless_regions, "6000 regions.", "Only the first 5,000 of 6,000 regions were kept."),
        (samples.beyond_box, "2 regions.", "Boxes that reached beyond the picture were clipped to it."),
        (samples.broken_text, "a?b", ""),
        (samples.chatter, "done", ""),
        (samples.numpy_numbers, "one", ""),
    ],
    ids=lambda value: value.name if isinstance(value, Tool) else "",
)
def test_what_can_be_put_right_is_put_right_with_a_note(tool: Tool, text: str, note: str, host: Host) -> None:
    result = run(tool, host)
    assert result.observation is not None, result.error
    assert result.observation.text == text
    assert not note or any(line.startswith(note) for line in result.notes)
    assert the_next_call_works(host)


def test_boxes_are_clipped_and_those_outside_left_out(host: Host) -> None:
    result = run(samples.beyond_box, host)
    assert result.observation is not None
    assert [region.xyxy for region in result.observation.regions] == [(0.0, 2.0, 10.0, 100.0)]
    assert "1 region outside the picture left out." in result.notes


def test_numbers_of_numpy_become_plain_ones(host: Host) -> None:
    found = run(samples.numpy_numbers, host).observation
    assert found is not None
    region = found.regions[0]
    assert region.to_json() == {
        "handle": "",
        "image": "img_1",
        "xyxy": [1.0, 2.0, 3.0, 4.0],
        "score": 0.5,
        "attributes": {"n": 3},
    }
    assert {type(value) for value in region.xyxy} == {float}


@pytest.mark.parametrize("arguments", [{"box": [5, 10, 60, 50], "scale": 2}, {}])
def test_a_picture_comes_back_with_its_frame_and_pixels(arguments: dict[str, object], host: Host) -> None:
    found = run(samples.crop, host, **arguments).observation
    assert found is not None
    part, whole = found.images[0], SCENE.image("img_1")
    left, top, right, bottom = part.frame.box(part.box)
    assert part.lineage == whole.lineage
    assert part.parent == "img_1"
    assert (part.pixels() == whole.pixels()[int(top) : int(bottom), int(left) : int(right)]).all()


def test_enums_dataclasses_and_tuples_arrive_as_what_they_are(host: Host) -> None:
    found = run(
        samples.describe, host, grid={"rows": 2, "mode": "good"}, names={"a": [1, 2]}, pair=[3, "b"]
    ).observation
    assert found is not None
    assert found.text == "Grid(rows=2, mode=<Mode.GOOD: 'good'>) {'a': [1, 2]} (3, 'b')"


def test_regions_arrive_with_their_place(host: Host) -> None:
    found = run(samples.areas, host, regions="r1", mode="GOOD").observation
    assert found is not None
    assert found.data == {"areas": [400.0], "unit": "px", "mode": "good"}


def test_calls_of_several_threads_each_get_their_own_answer(host: Host) -> None:
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        found = run(samples.describe, host, grid={"rows": number}, names={}).observation
        answers[number] = found.text if found is not None else ""

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"rows={number}," in answers[number] for number in range(12))


@pytest.mark.clock
def test_an_inline_time_out_comes_on_time() -> None:
    began = time.perf_counter()
    assert isinstance(run(samples.sleep, InlineHost()).error, ToolTimeout)
    assert time.perf_counter() - began <= 1.5


def test_an_inline_time_out_says_that_the_thread_goes_on() -> None:
    result = run(samples.sleep, InlineHost(), seconds=1.3)
    assert result.error is not None
    assert "could not be ended and goes on" in result.error.cause
    assert result.error.data["still_running"] is True


def test_an_inline_thread_does_not_keep_the_interpreter_from_exiting() -> None:
    code = (
        "from lavr.tests.tools.samples import sleep\n"
        "from lavr.tools.hosts.inline import InlineHost\n"
        "try: InlineHost().run(sleep, {}, timeout_s=0.05)\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert ended.stdout.strip() == "ToolTimeout"
