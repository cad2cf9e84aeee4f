"""What an exception inside a tool becomes."""

from __future__ import annotations

import os
import traceback

from ...errors import LavrError, ToolFailed

SHOWN_CHARACTERS = 500


def failure_of(error: BaseException, tool: str) -> LavrError:
    """The typed error for anything that a tool raised: lavr's own as they are, everything else as `ToolFailed`."""
    if isinstance(error, LavrError):
        return error
    kind, message, place = type(error).__name__, _message(error), _place(error)
    said = f"{kind}: {message}" if message else kind
    return ToolFailed(
        f"The tool {tool} failed: {said}{f' ({place})' if place else ''}.",
        remedy="Try other arguments or another tool.",
        tool=tool,
        type=kind,
        message=message,
        where=place,
    )


def _message(error: BaseException) -> str:
    try:
        said = " ".join(str(error).split())
    except Exception as broken:  # noqa: BLE001 - an exception may be unable to describe itself; the tool wrote it
        said = f"its message cannot be read: {type(broken).__name__}"
    return said if len(said) <= SHOWN_CHARACTERS else f"{said[:SHOWN_CHARACTERS]}..."


def _place(error: BaseException) -> str:
    """File, line and function that raised it; a path says nothing to a planner, so only the file's name."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f"{os.path.basename(last.filename)}, line {last.lineno}, in {last.name}"
