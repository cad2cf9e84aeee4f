"""The conformance suite: a tool's author lets it prove itself, in one line of a test.

from lavr.tools.testing import check_tool

def test_my_tool_conforms() -> None:
    check_tool(my_tool)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InvalidRegion, LavrError, ToolFailed
from ..jsonable import Json, canonical
from ..vision.image import Image
from ..vision.region import Region
from ..vision.scene import Scene
from ..vision.store import ImageStore
from .arguments import bind
from .calls import Observation, ToolCall, ToolResult
from .hosts.worker import WorkerHost
from .registry import Toolbox
from .runner import ToolRunner
from .tool import Tool

MAX_PURPOSE = 200
_WORKER = "conformance"
_COLORS = ((200, 30, 30), (30, 60, 200), (30, 160, 60), (240, 200, 40), (120, 40, 160), (20, 20, 20))


class NonConformance(AssertionError):
    """What a tool does not keep; `problems` lists it, one line each."""

    def __init__(self, tool: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n- ".join([f"The tool {tool} does not conform:", *self.problems]))


def check_tool(
    tool: Tool, *, scene: Scene | None = None, examples: Sequence[Mapping[str, Json]] = (), worker: bool = True
) -> None:
    """Check everything that planners, the executor and the cache rely on.

    Args:
        tool: the tool.
        scene: the pictures and regions that the examples name; `sample_scene()` when left out.
        examples: arguments of calls that should work, beside the example of the tool's card.
        worker: whether it must also run in a worker process (it costs the start of one).

    Raises:
        NonConformance: with all problems at once.
    """
    problems = problems_of(tool, scene=scene, examples=examples, worker=worker)
    if problems:
        raise NonConformance(tool.name, problems)


def problems_of(
    tool: Tool, *, scene: Scene | None = None, examples: Sequence[Mapping[str, Json]] = (), worker: bool = True
) -> list[str]:
    """What `check_tool` finds, as a list."""
    given = [example for example in (tool.spec.card.example, *examples) if example or not tool.parameters.required]
    trial = _Trial(tool, scene or sample_scene(), given)
    checks: list[Callable[[], Iterator[str]]] = [trial.card, trial.schema, trial.results, trial.tiny_pictures]
    if worker:
        checks.append(trial.worker)
    return [problem for check in checks for problem in check()]


def sample_scene(store: ImageStore | None = None) -> Scene:
    """A scene that the example of a card can name: pictures `img_1` to `img_3` and regions `r1` to `r6` on the first.

    `img_1` is 640 x 480 with six coloured rectangles on white, `img_2` has one of them changed, `img_3` is the right
    half of `img_1`, as a picture of its own.
    """
    scene = Scene(store)
    pixels = np.full((480, 640, 3), 255, dtype=np.uint8)
    boxes = [(40 + 200 * (n % 3), 60 + 220 * (n // 3), 180 + 200 * (n % 3), 200 + 220 * (n // 3)) for n in range(6)]
    for number, (left, top, right, bottom) in enumerate(boxes):
        pixels[top:bottom, left:right] = _COLORS[number]
    changed = pixels.copy()
    changed[60:200, 40:180] = 0
    pictures = {"shapes": pixels, "changed shapes": changed, "half of the shapes": pixels[:, 320:].copy()}
    images = [scene.add_image(Image.of(array, name=name, store=scene.store)) for name, array in pictures.items()]
    for left, top, right, bottom in boxes:
        box = (float(left), float(top), float(right), float(bottom))
        scene.add_region(Region(images[0], box, label="rectangle"))
    return scene


class _Trial:
    """One tool, its examples, and the checks; each yields what is not as it should be."""

    def __init__(self, tool: Tool, scene: Scene, examples: Sequence[Mapping[str, Json]]) -> None:
        self.tool = tool
        self.scene = scene
        self.examples = examples

    def card(self) -> Iterator[str]:
        card = self.tool.spec.card
        if len(card.purpose) > MAX_PURPOSE:
            yield f"card: the first sentence has {len(card.purpose)} characters, more than {MAX_PURPOSE}."
        if not self.examples:
            yield "card: there is no example; give @tool(example={...})."
        for name in self.tool.parameters.names:
            if not self.tool.parameters.describe(name):
                yield f"card: the docstring does not describe the argument {name!r} (under Args:)."

    def schema(self) -> Iterator[str]:
        schema = self.tool.spec.parameters
        try:
            canonical(schema)
        except (TypeError, ValueError) as error:
            yield f"schema: it is not JSON: {error}."
        if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
            yield "schema: it is not a closed object."

    def results(self) -> Iterator[str]:
        runner = ToolRunner(Toolbox([self.tool.on("inline")]))
        for example in self.examples:
            result = self._run(runner, example)
            yield from self._soundness(result)
            if result.ok and self.tool.cacheable and _differ(result, self._run(runner, example)):
                yield f"{_shown(example)}: two runs differ; make it deterministic, or say cacheable=False."

    def tiny_pictures(self) -> Iterator[str]:
        """On pictures of one pixel it may refuse, but not fall over."""
        tiny = _tiny(self.scene)
        runner = ToolRunner(Toolbox([self.tool.on("inline")]))
        for example in self.examples:
            if not _fits(self.tool, example, tiny):
                continue
            error = self._run(runner, example, tiny).error
            if isinstance(error, ToolFailed) and "type" in error.data:
                yield f"{_shown(example)}, on one pixel: {error.cause} Refuse with a ToolFailed that says why."

    def worker(self) -> Iterator[str]:
        obstacle = self.tool.recipe.obstacle
        if obstacle:
            yield f"worker: it cannot run in another process: {obstacle}."
            return
        host = WorkerHost(store=self.scene.store)
        runner = ToolRunner(Toolbox([self.tool.on(_WORKER)]), hosts={_WORKER: host})
        inline = ToolRunner(Toolbox([self.tool.on("inline")]))
        try:
            for example in self.examples:
                here, there = self._run(inline, example), self._run(runner, example)
                if here.ok and there.error is not None:
                    yield f"worker, {_shown(example)}: {there.error}"
                elif here.ok and self.tool.cacheable and _differ(here, there):
                    yield f"worker, {_shown(example)}: the result differs from the one in this process."
        finally:
            runner.close()

    def _run(self, runner: ToolRunner, example: Mapping[str, Json], scene: Scene | None = None) -> ToolResult:
        return runner.run(ToolCall("c1", self.tool.name, example), scene or self.scene)

    def _soundness(self, result: ToolResult) -> Iterator[str]:
        example = _shown(result.call.arguments)
        if result.error is not None:
            kind = "a region that cannot be one" if isinstance(result.error, InvalidRegion) else result.error.name
            yield f"{example}: {kind}: {result.error}"
            return
        for note in result.notes:
            yield f"{example}: {note}"
        found = result.observation
        if found is not None and not found.text.strip():
            yield f"{example}: the text is empty; say in words what was found, or that nothing was."


def _fits(tool: Tool, example: Mapping[str, Json], scene: Scene) -> bool:
    try:
        bind(tool, example, scene)
    except LavrError:
        return False
    return True


def _tiny(scene: Scene) -> Scene:
    """The same handles, on pictures of one pixel."""
    tiny = Scene(scene.store)
    for image in scene.images:
        pixel = np.zeros((1, 1, 3), dtype=np.uint8)
        tiny.add_image(Image.of(pixel, name=image.name, store=scene.store))
    for region in scene.regions:
        image = tiny.image(region.image.handle)
        tiny.add_region(replace(region, image=image, xyxy=image.box, polygon=None, mask=None))
    return tiny


def _differ(one: ToolResult, other: ToolResult) -> bool:
    return bool(_content(one.observation) != _content(other.observation))


def _content(observation: Observation | None) -> Any:
    """What must be equal for equal results: everything but the random names of new lineages."""
    if observation is None:
        return None
    regions = [(region.to_json(), region.image.digest, region.image.frame) for region in observation.regions]
    images = [(image.digest, image.frame) for image in observation.images]
    return observation.text, canonical(observation.data), regions, images


def _shown(example: Mapping[str, Json]) -> str:
    text = canonical(example)
    return f"example {text if len(text) <= 120 else text[:120] + '...'}"
