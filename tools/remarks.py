"""What happens on the way of a call and whoever asked should know, said from deep inside a tool."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_said: ContextVar[list[str] | None] = ContextVar("lavr_remarks", default=None)


def remark(text: str) -> None:
    """Add a note to the result of the call that this thread works on; where it works on none, nobody is told."""
    said = _said.get()
    if said is not None:
        said.append(text)


@contextmanager
def remarks() -> Iterator[list[str]]:
    """What is remarked while the context is open."""
    said: list[str] = []
    token = _said.set(said)
    try:
        yield said
    finally:
        _said.reset(token)
