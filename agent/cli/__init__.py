"""The command line `lavr`."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line on the arguments of this process, and exit with its code."""
    from .app import run

    run()
