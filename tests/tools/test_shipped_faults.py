"""Every shipped tool under every fault: a planner reads what went wrong, the run goes on, and the agent answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest

from lavr.agent import Agent
from lavr.agent.limits import Limits
from lavr.planners.base import Decision, Draft
from lavr.planners.scripted import ScriptedPlanner
from lavr.tests.tools import samples
from lavr.tests.tools.faulty import FAULTS, faulty, shipped
from lavr.tools.calls import Observation, ToolCall, ToolResult
from lavr.tools.hosts.worker import WorkerHost
from lavr.tools.testing import sample_scene
from lavr.tools.tool import tool
from lavr.vision.image import Image
from lavr.vision.region import Region

DEADLY = [name for name, fault in FAULTS.items() if fault.deadly]
HARMLESS = [name for name, fault in FAULTS.items() if not fault.deadly]
IN_A_WORKER = [tool.name for tool in shipped().values() if tool.host == "worker"]
MOVED = "redact"
"""An inline tool: what is deadly would end this very process. Whoever does not trust one moves it: `on("worker")`."""
SCENE = sample_scene()


@tool
def plant(image: Image) -> list[Region]:
    """Find the rectangles of the sample scene, so that there are regions r1 to r6."""
    return [Region(image, region.xyxy, label=region.label) for region in SCENE.regions]


@pytest.fixture(scope="module")
def worker() -> Iterator[WorkerHost]:
    host = WorkerHost(store=SCENE.store, threads=1, processes=2)
    yield host
    host.close()


def results_of(name: str, faults: Sequence[str], worker: WorkerHost) -> dict[str, ToolResult]:
    """What comes of calls of a shipped tool, each with another fault, made in one turn of a run."""
    arguments = shipped()[name].spec.card.example
    calls = [ToolCall(f"c{at}", f"{name}-{fault}", arguments) for at, fault in enumerate(faults, 2)]
    script = [
        Decision("", (ToolCall("c1", "plant", {"image": "img_1"}),)),
        Decision("", tuple(calls)),
        Decision("", (ToolCall("c99", "size", {"image": "img_1"}),)),
        Decision("", answer=Draft("I answer nonetheless.")),
    ]
    tools = [plant, samples.size.on("worker"), *(faulty(tool=name, fault=fault) for fault in faults)]
    agent = Agent(
        ScriptedPlanner(script), tools=tools, limits=Limits(calls=99), hosts={"worker": worker}, store=SCENE.store
    )
    answer = agent.ask(list(SCENE.images), "What do you see?")
    assert (answer.text, answer.complete) == ("I answer nonetheless.", True)
    came = {result.call.name: result for result in answer.trace.results}
    assert came["size"].observation == Observation("640 x 480")
    return {fault: came[f"{name}-{fault}"] for fault in faults}


def wrong(fault: str, result: ToolResult) -> str:
    """What is not as it should be in the result of a fault; empty when all is well."""
    expected = FAULTS[fault]
    error, found = result.error, result.observation
    if (error is None) == (found is None):
        return f"{fault}: neither an observation nor an error, or both"
    if error is None:
        told = " ".join(result.notes)
        return "" if not expected.error and expected.said in told else f"{fault}: it passed, with the notes: {told}"
    if error.name != expected.error:
        return f"{fault}: {error.name}: {error}"
    return "" if re.search(expected.said, error.cause) else f"{fault}: {error.cause}"


@pytest.mark.parametrize("name", shipped())
def test_a_run_survives_every_fault_of_a_shipped_tool(name: str, worker: WorkerHost) -> None:
    results = results_of(name, HARMLESS, worker)
    assert [line for fault, result in results.items() if (line := wrong(fault, result))] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [*IN_A_WORKER, MOVED])
def test_a_run_survives_a_shipped_tool_that_ends_its_process(name: str, worker: WorkerHost) -> None:
    results = results_of(name, DEADLY, worker)
    assert [line for fault, result in results.items() if (line := wrong(fault, result))] == []


def test_the_table_has_faults_of_every_kind() -> None:
    assert len(FAULTS) >= 14
    kinds = {fault.error for fault in FAULTS.values()}
    assert kinds == {"", "ToolFailed", "ToolTimeout", "ToolCrashed", "InvalidRegion", "ImageTooLarge", "MissingModel"}
