"""`lavr models`: the weights that lavr knows, fetched and found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...hub import offline
from ...tools.models.catalogue import CATALOGUE, KINDS, Weights, find
from ...tools.models.weights import folders, found, pull, where
from ..doctor import extras
from ..harmless import one_line
from .failing import print_json
from .screen import answer_screen


def list_models(*, as_json: bool) -> None:
    """Each entry of the catalogue, by the tool that uses it, and where it is; as JSON with hashes and folders."""
    if as_json:
        print_json({"models": [_as_json(each) for each in CATALOGUE], "folders": _folders(), "offline": offline()})
        return
    screen = answer_screen()
    commands = {extra.name: extra.command for extra in extras() if not extra.installed}
    for kind in KINDS:
        screen.print(kind, style="bold")
        for each in (entry for entry in CATALOGUE if entry.kind == kind):
            place = found(each)
            mark, style = ("✓", "green") if place else ("·", "")
            screen.print(f"  {mark} {each.name:<24}{_size(each.size_bytes):>9}  ", style=style or None, end="")
            screen.print(f"{each.purpose} ({each.licence})")
            if place:
                screen.print(f"      {one_line(str(place))}", style="dim")
            elif each.extra in commands:
                screen.print(f"      runs with: {commands[each.extra]}", style="yellow")
    screen.print("✓ is on this machine; the others are fetched by: lavr models pull NAME", style="dim")


def pull_models(names: Sequence[str], *, as_json: bool) -> None:
    """Fetch weights one after the other, with a line of progress on stderr; the first failure raises a `LavrError`."""
    places: dict[str, str] = {}
    for name in names:
        places[name] = str(pull(name))
        if not as_json:
            answer_screen().print(f"{one_line(name)}  {one_line(places[name])}")
    if as_json:
        print_json({"models": [{"name": name, "path": path} for name, path in places.items()]})


def tell_where(name: str, *, as_json: bool) -> bool:
    """Where weights are, or the folders that are looked into; whether what was asked for is here."""
    if not name:
        if as_json:
            print_json({"folders": _folders()})
            return True
        for folder, what in _folders().items():
            answer_screen().print(f"{one_line(folder)}  {what}")
        return True
    place = where(name)
    if as_json:
        print_json({"name": name, "path": str(place) if place else None})
    else:
        answer_screen().print(one_line(str(place)) if place else _how_to_get(name))
    return place is not None


def _how_to_get(name: str) -> str:
    known = find(name)
    size = f" ({_size(known.size_bytes)})" if known is not None else ""
    return f"Not on this machine: lavr models pull {one_line(name)}{size}"


def _folders() -> dict[str, str]:
    return {str(folder): what for folder, what in folders().items()}


def _as_json(entry: Weights) -> dict[str, Any]:
    place: Path | None = found(entry)
    return {
        "name": entry.name,
        "kind": entry.kind,
        "purpose": entry.purpose,
        "licence": entry.licence,
        "size_bytes": entry.size_bytes,
        "file": entry.file,
        "sha256": entry.sha256,
        "source": entry.source,
        "extra": entry.extra,
        "path": str(place) if place else None,
    }


def _size(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
