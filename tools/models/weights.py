"""Where the weights of a model are: looked for on this machine, and fetched when they may be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ... import hub
from ...errors import MissingModel
from ...hub import offline
from ...progress import Progress, bar_class, default_progress
from .catalogue import CATALOGUE, Weights, find
from .downloads import download

__all__ = ["cache_folder", "offline", "places_of", "weights_file", "weights_folder"]


def cache_folder() -> Path:
    """The folder that lavr fetches weights into: `~/.cache/lavr/models`, or where `XDG_CACHE_HOME` says."""
    base = os.environ.get("XDG_CACHE_HOME", "").strip()
    return (Path(base).expanduser() if base else Path.home() / ".cache") / "lavr" / "models"


def weights_file(name_or_path: str, *, kind: str, progress: Progress | None = None) -> Path:
    """A file with weights.

    Args:
        name_or_path: a name of the catalogue, or the path of a file of one's own, which may lie below `LAVR_MODELS`.
        kind: the tool that needs it, such as "detect".
        progress: told how far fetching is; a line in a terminal when left out.

    Raises:
        MissingModel: when it is not here and cannot be fetched; the message has its name, size, and what to do.
    """
    known = find(name_or_path)
    if known is None or not known.file:
        return _own_file(name_or_path, kind)
    for place in places_of(known):
        if place.is_file():
            return place
    if offline():
        raise _missing(known, "are not on this machine, and nothing may be fetched")
    return download(known, cache_folder(), progress or default_progress())


def weights_folder(hub_id_or_path: str, *, kind: str, progress: Progress | None = None) -> Path:
    """A folder in the format of transformers: config.json and safetensors.

    Args:
        hub_id_or_path: a name of the catalogue, an id of the hub, or a folder, which may lie below `LAVR_MODELS`.
        kind: the tool that needs it, such as "detect".
        progress: told how far fetching is; a line in a terminal when left out.

    Raises:
        MissingModel: when it is not here and cannot be fetched; the message says what to do.
        MissingExtra: when it would have to be fetched, and the hub's library is not installed.
    """
    known = find(hub_id_or_path)
    name = known.hub if known is not None and known.hub else hub_id_or_path
    for place in (Path(name).expanduser(), *hub.below_models(name)):
        if (place / "config.json").is_file():
            return place
    if not hub.HUB_ID.fullmatch(name):
        raise _unknown(name, kind, "There is no folder")
    if (folder := hub.cached(name)) is not None:
        return folder
    if known is not None and offline():
        raise _missing(known, "are not on this machine, and nothing may be fetched")
    return hub.fetched(name, pickles=False, bar=bar_class(progress or default_progress()))


def places_of(weights: Weights) -> Iterator[Path]:
    """Where the file of an entry may be, in the order in which it is looked for."""
    folder = hub.models_folder()
    if folder is not None:
        yield folder / weights.file
    yield cache_folder() / weights.file
    home = os.environ.get("TORCH_HOME", "").strip()
    yield (Path(home).expanduser() if home else Path.home() / ".cache" / "torch") / "hub" / "checkpoints" / weights.file


def _own_file(path: str, kind: str) -> Path:
    below = hub.models_folder()
    for place in (Path(path).expanduser(), *([below / path] if below is not None else [])):
        if place.is_file():
            return place
    raise _unknown(path, kind, "There is no file")


def _unknown(path: str, kind: str, what: str) -> MissingModel:
    names = ", ".join(each.name for each in CATALOGUE if each.kind == kind)
    remedy = f"Give its path, or a name that lavr knows for {kind}: {names}." if names else "Give its path."
    return MissingModel(f"{what} {path}.", remedy=remedy, path=path)


def _missing(weights: Weights, why: str) -> MissingModel:
    folder = hub.models_folder() or cache_folder()
    into = folder / (weights.file or weights.hub)
    return MissingModel(
        f"The weights {weights.name} ({into.name}, {weights.size_bytes / 2**20:,.0f} MiB, {weights.licence}) {why}.",
        remedy=f"Where there is a network: lavr models pull {weights.name}; or get them from {weights.source} and put "
        f"them at {into}.",
        weights=weights.name,
        file=into.name,
        size_bytes=weights.size_bytes,
        path=str(into),
    )
