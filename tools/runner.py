"""One call from the planner's JSON to a checked result. Whatever goes wrong is a value, never an exception."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace

from ..errors import LavrError, MissingModel, ToolCrashed, ToolFailed, UsageError
from ..vision.scene import Scene
from ..vision.store import storing_in
from .arguments import ReadBox, bind, in_pixels
from .cache import ResultCache, images_in
from .calls import Observation, ToolCall, ToolResult
from .checking import Checker
from .hosts.base import Host
from .hosts.environments import environment, is_kind
from .hosts.failures import failure_of
from .hosts.inline import InlineHost
from .hosts.worker import WorkerHost
from .models.weights import pull_missing
from .registry import Toolbox
from .tool import Tool


class ToolRunner:
    """Runs calls of the tools of a toolbox, each on its host. Safe to use from several threads.

    Args:
        toolbox: the tools.
        hosts: hosts by name, beside `inline`, `worker` and those with an interpreter of their own that were made.
        cache: where results are kept; nothing is kept when left out.

    Raises:
        UsageError: when a tool names a host that is not there.
        MissingExtra: when a tool names a host that is not made yet.
    """

    def __init__(
        self, toolbox: Toolbox, *, hosts: Mapping[str, Host] | None = None, cache: ResultCache | None = None
    ) -> None:
        self.toolbox = toolbox
        self.cache = cache
        self._hosts: dict[str, Host] = {"inline": InlineHost(), "worker": WorkerHost(), **(hosts or {})}
        for tool in toolbox:
            self.host_of(tool)

    def host_of(self, tool: Tool) -> Host:
        """The host that a tool runs on.

        Raises:
            UsageError: when there is no host of that name.
            MissingExtra: when it has an interpreter of its own, which is not made yet.
        """
        if tool.host not in self._hosts and is_kind(tool.host):
            self._hosts[tool.host] = environment(tool.host).worker()
        found = self._hosts.get(tool.host)
        if found is None:
            raise UsageError(
                f"The tool {tool.name} wants the host {tool.host!r}.",
                remedy=f"Give ToolRunner(hosts={{{tool.host!r}: ...}}), or use one of {', '.join(self._hosts)}.",
            )
        return found

    def run(
        self,
        call: ToolCall,
        scene: Scene,
        *,
        unit_reader: ReadBox | None = None,
        timeout_s: float = math.inf,
    ) -> ToolResult:
        """Run a call. Never raises a `LavrError`: errors of every kind are in the result.

        Args:
            call: what the planner wrote, `$ref`s resolved.
            scene: the session's live handles.
            unit_reader: reads boxes in the planner's unit; they are taken for pixels of the image when left out.
            timeout_s: seconds that are left for it, where that is less than the tool's own limit.
        """
        began = time.perf_counter()
        try:
            result = self._run(call, scene, unit_reader or in_pixels, timeout_s)
        except LavrError as error:
            result = ToolResult(call, error=error)
        except Exception as error:  # noqa: BLE001 - a result must come of every call, even of a defect in lavr itself
            result = ToolResult(call, error=failure_of(error, call.name))
        return replace(result, seconds=time.perf_counter() - began)

    def close(self) -> None:
        """End everything the hosts started; they start anew when they are used again."""
        for host in self._hosts.values():
            host.close()

    def _run(self, call: ToolCall, scene: Scene, read_box: ReadBox, left_s: float) -> ToolResult:
        tool = self.toolbox.get(call.name)
        tool = replace(tool, timeout_s=min(tool.timeout_s, left_s))
        bound = bind(tool, call.arguments, scene, read_box=read_box)
        notes = list(bound.notes)
        cache = self.cache if tool.cacheable else None
        known = cache.get(tool, bound.arguments) if cache is not None else None
        with storing_in(scene.store):
            observation = known if known is not None else self._observed(tool, bound.arguments, notes)
        notes.extend(observation.notes)
        observation = replace(observation, notes=())  # they are about this call, not about what is remembered of it
        checked = self._checked(tool, observation, bound.arguments, scene, notes)
        if cache is not None and known is None:
            cache.put(tool, bound.arguments, observation)
        return ToolResult(call, checked, cached=known is not None, notes=tuple(dict.fromkeys(notes)))

    def _observed(self, tool: Tool, arguments: Mapping[str, object], notes: list[str]) -> Observation:
        """Run the tool, again when it failed and may be tried again; time-outs are never repeated."""
        for attempt in range(tool.retries):
            try:
                return self._with_weights(tool, arguments, notes)
            except (ToolFailed, ToolCrashed) as error:
                notes.append(f"Attempt {attempt + 1} failed and was repeated: {error.cause}")
        return self._with_weights(tool, arguments, notes)

    def _with_weights(self, tool: Tool, arguments: Mapping[str, object], notes: list[str]) -> Observation:
        """Run the tool, and again when weights were missing that could be fetched; its time limit begins anew."""
        host = self.host_of(tool)
        try:
            return host.run(tool, arguments, timeout_s=tool.timeout_s)
        except MissingModel as error:
            notes.append(pull_missing(error))
        return host.run(tool, arguments, timeout_s=tool.timeout_s)

    def _checked(
        self, tool: Tool, observation: Observation, arguments: Mapping[str, object], scene: Scene, notes: list[str]
    ) -> Observation:
        known = [*scene.images, *images_in(arguments), *(region.image for region in scene.regions)]
        checker = Checker(tool.name, {image.lineage for image in known}, scene.store)
        checked = checker.checked(observation)
        notes.extend(checker.notes)
        return checked
