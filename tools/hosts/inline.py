"""The host for quick pure tools: this process, one thread for each call."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from ...errors import ToolTimeout
from ..calls import Observation
from .failures import failure_of

if TYPE_CHECKING:
    from ..tool import Tool

_Outcome: TypeAlias = "queue.SimpleQueue[Observation | BaseException]"


class InlineHost:
    """Runs tools in threads of this process.

    A time-out gives control back on time, but a thread cannot be ended: it goes on until the function returns, and the
    error says so. A function that holds Python's global lock (a long `pow`, a regular expression) holds up everything
    in this process, time-outs included; such tools belong in a worker. Threads are daemons: they never keep the
    interpreter from exiting.
    """

    @property
    def name(self) -> str:
        """`inline`."""
        return "inline"

    def run(self, tool: Tool, arguments: Mapping[str, object], *, timeout_s: float) -> Observation:
        """Run a call; see `Host.run`."""
        outcome: _Outcome = queue.SimpleQueue()
        context = contextvars.copy_context()
        threading.Thread(
            target=context.run, args=(_call, tool, arguments, outcome), name=f"lavr-{tool.name}", daemon=True
        ).start()
        try:
            came = outcome.get(timeout=timeout_s)
        except queue.Empty:
            raise _timeout(tool.name, timeout_s) from None
        if isinstance(came, BaseException):
            raise failure_of(came, tool.name) from came
        return came

    def close(self) -> None:
        """Nothing to end: threads end with their functions."""


def _call(tool: Tool, arguments: Mapping[str, object], outcome: _Outcome) -> None:
    try:
        outcome.put(tool.observe(**arguments))
    except BaseException as error:  # noqa: BLE001 - whatever a tool raises, SystemExit too, goes to who waits for it
        outcome.put(error)


def _timeout(tool: str, timeout_s: float) -> ToolTimeout:
    return ToolTimeout(
        f"The tool {tool} did not end within {timeout_s:g} s. It runs in this process, so its thread could not be "
        "ended and goes on.",
        remedy="Ask for less (a smaller region), or run the tool on the worker host, which can be ended.",
        tool=tool,
        timeout_s=timeout_s,
        still_running=True,
    )
