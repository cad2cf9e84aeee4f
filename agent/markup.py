"""HTML that is safe by construction: whatever is not `Markup` is escaped on its way in."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

from .harmless import harmless


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "Markup | str | int | float | Iterable[Child] | None"
"""What an element may hold; None holds nothing."""

VOID = frozenset({"input", "meta", "path", "use", "image", "img"})


def element(tag: str, *children: Child, **attributes: str | float | bool | None) -> Markup:
    """One element. In attribute names a final `_` is dropped and others become `-`; None and False leave one out."""
    shown = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in VOID:
        return Markup(f"<{tag}{shown}/>")
    return Markup(f"<{tag}{shown}>{joined(children)}</{tag}>")


def joined(child: Child) -> Markup:
    """Children as HTML; text among them is escaped."""
    if child is None:
        return Markup("")
    if isinstance(child, Markup):
        return child
    if isinstance(child, str | int | float):
        return Markup(escape(harmless(str(child))))
    return Markup("".join(joined(each) for each in child))


def _attribute(name: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{escape(harmless(str(value)))}"'
