"""The host for models and everything that may hang or crash: local processes that can be killed."""

from __future__ import annotations

import os
import queue
import sys
import threading
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...errors import ToolCrashed, ToolError, ToolFailed, ToolTimeout, UsageError, from_json
from ...jsonable import canonical
from ...vision.store import ImageStore, default_store, session_store
from ..calls import Observation
from ..spec import Effect
from . import rebuild
from .channel import MessageTooLarge
from .process import ANOTHER, Died, Launch, WorkerProcess
from .slots import Slot
from .wire import Packer, unpack_observation

if TYPE_CHECKING:
    from ..tool import Tool

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_SHOWN_LINES = 3


class WorkerHost:
    """Runs tools in a local process of their own: time-outs are real, and a crash is an error like any other.

    All tools of one host share its process, which is started at the first call (or by `start`), keeps loaded models,
    and is replaced when it was killed or died. Calls take turns; time spent waiting for the turn, for the start of the
    process and for loading a tool is not counted in a call's time limit. Pictures travel through the folder of the
    store that the call's session keeps them in, and go with it.

    With several lanes a process runs several calls at once, in threads: for tools that are safe in threads and gain by
    it, such as those whose models put what waits together (see `ModelPool.batched`). When such a process has to be
    ended, because one call took too long or crashed, the others that it was running are run once more, each alone in a
    fresh process, with their time limit anew. A tool that writes is never run twice; its call fails with the process.

    A tool is made again in the process from its recipe, so it must be defined at the top level of a file (or come from
    a `tool_factory`). Code of a script under `if __name__ == "__main__":` does not run there.

    Args:
        python: the interpreter; one of another virtual environment needs lavr's core dependencies only.
        store: the image store; that of the session whose call it is when left out.
        env: environment variables, added to this process's own.
        threads: how many threads numerical libraries may use; theirs to choose when left out.
        processes: how many processes share the calls.
        lanes: how many calls each process runs at once; with more than one, tools do not run in its main thread.
        load_timeout_s: seconds that starting a process, and loading a tool in it, may take each.
        name: what people call the host.
        remedy: what to do when no process can be started; to give another interpreter when left out.
    """

    def __init__(
        self,
        *,
        python: str = sys.executable,
        store: ImageStore | None = None,
        env: Mapping[str, str] | None = None,
        threads: int | None = None,
        processes: int = 1,
        lanes: int = 1,
        load_timeout_s: float = 120.0,
        name: str = "worker",
        remedy: str = ANOTHER,
    ) -> None:
        if processes < 1 or lanes < 1:
            what = f"{processes} processes with {lanes} lanes each"
            raise UsageError(f"A worker host of {what} runs nothing.", remedy="Give one or more.")
        if os.name != "posix":
            raise UsageError("Worker processes need Linux or macOS.", remedy="Run the tool inline, or in WSL.")
        limits = {} if threads is None else dict.fromkeys(_THREAD_VARIABLES, str(threads))
        self._store = store
        self._python = python
        self._env = {**limits, **(env or {})}
        self._load_timeout_s = load_timeout_s
        self._name = name
        self._lanes = lanes
        self._remedy = remedy
        self._processes: set[WorkerProcess] = set()
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        # The slot used last comes first: its tools are loaded.
        self._slots: queue.LifoQueue[Slot] = queue.LifoQueue()
        for slot in [Slot() for _ in range(processes)]:
            for _ in range(lanes):
                self._slots.put(slot)
        self._count = processes * lanes
        weakref.finalize(self, _end_all, self._processes)

    @property
    def name(self) -> str:
        """`worker`, or what it was named."""
        return self._name

    @property
    def store(self) -> ImageStore:
        """The image store that both sides open for a call that is made here."""
        return self._store or session_store()

    @property
    def pids(self) -> tuple[int, ...]:
        """The ids of its processes that run now; each leads a process group of its own."""
        with self._lock:
            return tuple(process.pid for process in self._processes)

    @property
    def printed(self) -> str:
        """What its processes printed last, to stdout or stderr."""
        with self._lock:
            return "\n".join(process.printed for process in self._processes)

    def start(self, *tools: Tool) -> None:
        """Start all processes now and load tools in them, so that the first call does not wait.

        Raises:
            EnvironmentLacks: when a process cannot be started, or a tool lacks a package.
            UsageError: when a tool cannot be made again in another process.
        """
        with self._starting:  # Two that each hold some of the slots would wait for each other.
            held = [self._slots.get() for _ in range(self._count)]
        try:
            for slot in dict.fromkeys(held):
                self._ready(slot)
                for tool in tools:
                    self._loaded(slot, tool)
        finally:
            for slot in held:
                self._slots.put(slot)

    def run(self, tool: Tool, arguments: Mapping[str, object], *, timeout_s: float) -> Observation:
        """Run a call; see `Host.run`.

        Raises:
            UsageError: when the tool cannot be made again in another process.
            EnvironmentLacks: when no process can be started, or it lacks a package that the tool needs.
        """
        store = self.store
        packed = {**_named(tool), "store": str(store.folder), **Packer(store).arguments(arguments)}
        slot = self._slots.get()
        try:
            reply = self._replied(slot, tool, packed, timeout_s)
        finally:
            self._forget_the_dead()
            self._slots.put(slot)
        _raise_error(reply)
        return unpack_observation(reply.get("observation", {}), store, tool.name)

    def close(self) -> None:
        """End its processes and everything they started; a call that is running ends as crashed."""
        with self._lock:
            ending = list(self._processes)
            self._processes.clear()
        for process in ending:
            process.end(shared=False)

    def _replied(self, slot: Slot, tool: Tool, packed: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        """What the process of a slot answers; what died with it through no fault of its own is asked once more."""
        try:
            with slot.entered(alone=False):
                return self._asked(slot, tool, packed, timeout_s)
        except Died as error:
            may_repeat = error.unheard or (error.shared and tool.spec.effect is Effect.READS)
            if not may_repeat:
                raise _crash(tool, error) from error
        try:
            with slot.entered(alone=True):
                return self._asked(slot, tool, packed, timeout_s)
        except Died as error:
            raise _crash(tool, error) from error

    def _loaded(self, slot: Slot, tool: Tool) -> None:
        try:
            self._load(slot, tool)
        except Died as error:
            raise _crash(tool, error) from error

    def _asked(self, slot: Slot, tool: Tool, message: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        process = self._load(slot, tool)
        try:
            return process.ask(message, timeout_s=timeout_s)
        except TimeoutError:
            raise _timeout(tool, timeout_s) from None
        except MessageTooLarge as error:
            raise ToolFailed(f"The arguments of {tool.name} are too much: {error}", tool=tool.name) from error

    def _ready(self, slot: Slot) -> WorkerProcess:
        """The process of a slot, started when it is not running."""
        if slot.process is None or not slot.process.alive:
            if rebuild.loading:
                raise UsageError(
                    f"{rebuild.loading[-1]} starts a worker while it is being loaded in a worker.",
                    remedy='Put what should only run as a program under `if __name__ == "__main__":`.',
                )
            if slot.process is not None:
                slot.process.end()
            own = (self._store or default_store()).folder
            slot.process = WorkerProcess(
                Launch(self._python, own, self._env, self._load_timeout_s, self._lanes, self._remedy)
            )
            with self._lock:
                self._processes.add(slot.process)
        return slot.process

    def _load(self, slot: Slot, tool: Tool) -> WorkerProcess:
        """The process of a slot, with a tool loaded."""
        obstacle = tool.recipe.obstacle
        if obstacle:
            raise UsageError(
                f"The tool {tool.name} cannot run in a worker: {obstacle}.",
                remedy="Define it at the top level of a file, make it in a @tool_factory, or run it inline.",
                tool=tool.name,
            )
        key = canonical(tool.recipe.to_json())
        with slot.lock:
            process = self._ready(slot)
            if key not in process.loaded:
                try:
                    reply = process.ask(_named(tool), timeout_s=self._load_timeout_s)
                except TimeoutError:
                    raise _slow_to_load(tool, self._load_timeout_s) from None
                except Died as error:
                    error.when = "while it was loaded"
                    raise
                _raise_error(reply)
                process.loaded.add(key)
        return process

    def _forget_the_dead(self) -> None:
        with self._lock:
            dead = [process for process in self._processes if not process.alive]
            self._processes.difference_update(dead)
        for process in dead:
            process.end()


def _end_all(processes: set[WorkerProcess]) -> None:
    for process in list(processes):
        process.end()


def _named(tool: Tool) -> dict[str, Any]:
    return {"tool": tool.name, "recipe": tool.recipe.to_json()}


def _raise_error(reply: Mapping[str, Any]) -> None:
    error = reply.get("error")
    if isinstance(error, dict):
        raise from_json(error)


def _timeout(tool: Tool, timeout_s: float) -> ToolTimeout:
    return ToolTimeout(
        f"The tool {tool.name} did not end within {timeout_s:g} s and was ended with its process.",
        remedy="Ask for less (a smaller region), or try another tool.",
        tool=tool.name,
        timeout_s=timeout_s,
        still_running=False,
    )


def _slow_to_load(tool: Tool, timeout_s: float) -> ToolTimeout:
    return ToolTimeout(
        f"The tool {tool.name} was not loaded within {timeout_s:g} s; its process was ended.",
        remedy="Give the worker host a larger load_timeout_s, or look what its module does when it is imported.",
        tool=tool.name,
        timeout_s=timeout_s,
        still_running=False,
    )


def _crash(tool: Tool, died: Died) -> ToolError:
    last = _telling(died.tail)
    printed = f" It printed last: {' | '.join(last)}" if last else ""
    return ToolCrashed(
        f"The process of the tool {tool.name}{f', {died.when},' if died.when else ''} {died.how}.{printed}",
        remedy="Try other arguments or another tool; the next call gets a fresh process.",
        tool=tool.name,
        status=died.status,
        printed=died.tail,
    )


def _telling(printed: str) -> list[str]:
    """The last lines that a process printed; of Python's own report of a crash, the first ones."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    fatal = [number for number, line in enumerate(lines) if line.startswith("Fatal Python error")]
    return lines[fatal[-1] :][:_SHOWN_LINES] if fatal else lines[-_SHOWN_LINES:]
