"""How the command line fails: exit codes, and errors as lines that say what to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer

from ...errors import LavrError
from ...jsonable import Json
from ..harmless import one_line
from .screen import progress_screen

LINE_CHARACTERS = 600


class ExitCode(IntEnum):
    """What the exit code of `lavr` says."""

    ANSWERED = 0
    INCOMPLETE = 1
    REFUSED = 2
    BROKEN = 3
    INTERRUPTED = 130


MEANINGS = (
    "Exit codes: 0 answered, 1 not all of it could be answered, 2 refused (the message says what to do), 3 a bug."
)


@contextmanager
def reporting(*, as_json: bool = False) -> Iterator[None]:
    """Turn what lavr raises on purpose into two lines and an exit code; a bug keeps its traceback.

    Args:
        as_json: whether the error is told on stdout as well, as JSON.
    """
    try:
        yield
    except LavrError as error:
        if as_json:
            print_json({"error": error.to_json()})
        tell(error)
        raise typer.Exit(ExitCode.REFUSED) from error
    except KeyboardInterrupt as interrupt:
        progress_screen().print("Interrupted.", style="yellow")
        raise typer.Exit(ExitCode.INTERRUPTED) from interrupt


def tell(error: LavrError) -> None:
    """Two lines on stderr: what happened, what to do."""
    screen = progress_screen()
    screen.print(f"{error.name}: {one_line(error.cause, LINE_CHARACTERS)}", style="bold red")
    if error.remedy:
        screen.print(f"  → {one_line(error.remedy, LINE_CHARACTERS)}")


def print_json(value: Json) -> None:
    """JSON on stdout, for programs; escapes beyond ASCII, so that no terminal and no encoding can spoil it."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")
