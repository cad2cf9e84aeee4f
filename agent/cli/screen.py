"""Where the command line writes: answers to stdout, everything else to stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def answer_screen() -> Console:
    """Stdout: plain text as it is, without styles read out of it and without line breaks of ours."""
    return _console(stderr=False)


def progress_screen() -> Console:
    """Stderr; `NO_COLOR`, `TERM=dumb` and pipes are respected."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=True)
