"""Where a tool runs: the protocol of a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ..calls import Observation

if TYPE_CHECKING:
    from ..tool import Tool


@runtime_checkable
class Host(Protocol):
    """Runs one call of one tool, within a time limit.

    A host is safe to use from several threads.
    """

    @property
    def name(self) -> str:
        """What people call it: `inline`, `worker` ..."""
        ...

    def run(self, tool: Tool, arguments: Mapping[str, object], *, timeout_s: float) -> Observation:
        """Run a call. Arguments are checked already: images and regions are objects, not handles.

        Raises:
            ToolTimeout: when it did not end in time; control comes back promptly.
            ToolCrashed: when its process died.
            ToolFailed: when the tool raised something that is no `LavrError`.
            LavrError: what the tool itself raised.
        """
        ...

    def close(self) -> None:
        """End everything it started. It may be used again; it then starts anew."""
        ...
