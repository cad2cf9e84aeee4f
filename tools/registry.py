"""Which tools are at hand."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from ..errors import UnknownTool, UsageError
from .spec import ToolSpec
from .tool import Tool


class Toolbox:
    """Tools in the order they were added, found by name; names are unique."""

    def __init__(self, tools: Iterable[Tool] = ()) -> None:
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            self.add(tool)

    def add(self, tool: Tool) -> None:
        """Add a tool at the end. Raises `UsageError` when its name is taken, or when it is no tool."""
        given: object = tool
        if not isinstance(given, Tool):
            raise UsageError(f"A {type(given).__name__} is not a tool.", remedy="Decorate the function with @tool.")
        if tool.name in self._tools:
            raise UsageError(f"There is a tool {tool.name!r} already.", remedy="Give one of them another name.")
        self._tools[tool.name] = tool

    def get(self, name: str) -> Tool:
        """The tool of a name. Raises `UnknownTool`, which names the closest ones."""
        found = self._tools.get(name)
        if found is None:
            raise self._unknown(name)
        return found

    def subset(self, names: Iterable[str]) -> Toolbox:
        """The tools of some names, in that order. Raises `UnknownTool`."""
        return Toolbox(self.get(name) for name in names)

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in order."""
        return tuple(self._tools)

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What planners see, in order."""
        return tuple(tool.spec for tool in self)

    def __iter__(self) -> Iterator[Tool]:
        return iter(tuple(self._tools.values()))

    def __len__(self) -> int:
        return len(self._tools)

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    def _unknown(self, name: str) -> UnknownTool:
        close = difflib.get_close_matches(name, self._tools, 3, cutoff=0.5)
        listed = ", ".join(self._tools) or "none"
        hint = f"Did you mean {' or '.join(close)}? " if close else ""
        return UnknownTool(f"There is no tool {name!r}.", remedy=f"{hint}Tools: {listed}.", tool=name)


def default_tools() -> Toolbox:
    """The shipped tools that need nothing but the core, `ocr` with the backend of `LAVR_OCR`."""
    from .barcode import barcode
    from .calculate import calculate
    from .color import color
    from .compare import compare
    from .cutout import cutout
    from .enhance import enhance
    from .highlight import highlight
    from .inpaint import inpaint
    from .look import look
    from .mark import mark
    from .measure import measure
    from .ocr import configured_ocr
    from .redact import redact
    from .rotate import rotate
    from .segment import segment_tool
    from .zoom import zoom

    looking = (configured_ocr(), zoom, look, mark)
    editing = (highlight, segment_tool(), cutout, redact, inpaint, rotate, enhance)
    return Toolbox([*looking, *editing, color, barcode, measure, calculate, compare])
