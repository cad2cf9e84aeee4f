"""Where the weights of a model are: looked for on this machine, and fetched when they may be.

Looked for in the folder `LAVR_MODELS`, in lavr's own cache, and in the cache of the library that uses them. A name of
the catalogue is never looked for in the current folder: what lies there may come from anywhere. A file there is named
by a path, such as `./yolo11n.pt`.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from ... import hub
from ...errors import MissingModel, UsageError
from ...hub import offline
from ...progress import Progress, bar_class, default_progress
from ..hosts.boot import FAMILY
from .catalogue import CATALOGUE, KINDS, Weights, find
from .downloads import download

__all__ = [
    "cache_folder",
    "folders",
    "found",
    "found_folder",
    "offline",
    "pull",
    "pull_missing",
    "weights_file",
    "weights_folder",
    "where",
]

UNASKED_BYTES = 10**9
"""Weights larger than this are fetched by `lavr models pull` only, and not because a question needs them."""


def cache_folder() -> Path:
    """The folder that lavr fetches weights into: `~/.cache/lavr/models`, or below `XDG_CACHE_HOME`."""
    base = os.environ.get("XDG_CACHE_HOME", "").strip()
    return (Path(base).expanduser() if base else Path.home() / ".cache") / "lavr" / "models"


def weights_file(name_or_path: str, *, kind: str, progress: Progress | None = None) -> Path:
    """A file with weights.

    Args:
        name_or_path: a name of the catalogue, or the path of a file of one's own, which may lie below `LAVR_MODELS`.
        kind: the tool that needs it, such as "detect".
        progress: told how far fetching is; a line in a terminal when left out.

    Raises:
        MissingModel: when it is not here and cannot be fetched; the message has its name, its size, and what to do.
        UsageError: for weights of another tool.
    """
    known = find(name_or_path)
    if known is None or not known.file:
        return _own_file(name_or_path, kind)
    _check_kind(known, kind)
    return found(known) or _fetched(known, known.name, progress)


def weights_folder(hub_id_or_path: str, *, kind: str, progress: Progress | None = None) -> Path:
    """A folder in the format of transformers: config.json and safetensors.

    Args:
        hub_id_or_path: a name of the catalogue, an id of the hub, or a folder, which may lie below `LAVR_MODELS`.
        kind: the tool that needs it, such as "detect".
        progress: told how far fetching is; a line in a terminal when left out.

    Raises:
        MissingModel: when it is not here and cannot be fetched; the message says what to do.
        MissingExtra: when it would have to be fetched, and the hub's library is not installed.
        UsageError: for weights of another tool.
    """
    known = find(hub_id_or_path)
    if known is not None and known.hub:
        _check_kind(known, kind)
        return found(known) or _fetched(known, known.name, progress)
    place = Path(hub_id_or_path).expanduser()
    if (place / "config.json").is_file():
        return place
    if not hub.HUB_ID.fullmatch(hub_id_or_path):
        raise _unknown(hub_id_or_path, kind, "There is no folder")
    return found_folder(hub_id_or_path) or _fetched(None, hub_id_or_path, progress)


def found(weights: Weights) -> Path | None:
    """Where an entry of the catalogue is on this machine; None when it is not."""
    if weights.hub:
        return found_folder(weights.hub)
    return next((place for folder in folders() if (place := folder / weights.file).is_file()), None)


def where(name: str) -> Path | None:
    """Where an entry of the catalogue, or a repository of the hub, is on this machine; None when it is not.

    Raises:
        UsageError: for a name that is neither.
    """
    if (known := find(name)) is not None:
        return found(known)
    if "/" not in name or not hub.HUB_ID.fullmatch(name):
        names = ", ".join(each.name for each in CATALOGUE)
        raise UsageError(f"lavr knows no weights {name!r}.", remedy=f"It knows: {names}; or give an id of the hub.")
    return found_folder(name)


def pull(name: str, *, progress: Progress | None = None) -> Path:
    """Where an entry of the catalogue, or a repository of the hub, is on this machine; fetched if need be.

    Raises:
        MissingModel: when it cannot be had.
        MissingExtra: for a repository of the hub, when the hub's library is not installed.
        UsageError: for a name that is neither.
    """
    return where(name) or _fetched(find(name), name, progress, asked=True)


def pull_missing(error: MissingModel) -> str:
    """Fetch what a worker lacked, and say so in a sentence.

    A worker fetches nothing itself: nobody would see how far it is, and the time limit of a call would cut it off.

    Raises:
        MissingModel: the error itself, when it is about something else or nothing may be fetched.
    """
    name = error.data.get("pull")
    if not isinstance(name, str) or offline():
        raise error
    if too_large := _too_large(find(name), name):
        raise too_large from error
    return f"The weights {name} were fetched: {pull(name)}."


def _too_large(known: Weights | None, name: str) -> MissingModel | None:
    """Why weights are not fetched unless somebody says so by `lavr models pull`; None for small ones."""
    size = hub.bytes_of(name) if known is None else known.size_bytes
    if size <= UNASKED_BYTES:
        return None
    return _missing(known, name, f"{size / 1e9:.1f} GB are not fetched unasked")


def _fetched(known: Weights | None, name: str, progress: Progress | None, *, asked: bool = False) -> Path:
    if offline():
        raise _missing(known, name, "nothing may be fetched")
    if FAMILY in os.environ:
        raise _missing(known, name, "a tool in a worker fetches nothing", pull=name)
    if not asked and (too_large := _too_large(known, name)):
        raise too_large
    told = progress or default_progress()
    if known is not None and known.file:
        return download(known, cache_folder(), told)
    return hub.fetched(known.hub if known is not None else name, pickles=False, bar=bar_class(told))


def folders() -> dict[Path, str]:
    """The folders that are looked into, in this order, with whose they are."""
    named = hub.models_folder()
    torch, caches = os.environ.get("TORCH_HOME", "").strip(), Path.home() / ".cache"
    looked_into = {} if named is None else {named: "LAVR_MODELS"}
    looked_into[cache_folder()] = "lavr's own, into which single files are fetched"
    looked_into[(Path(torch).expanduser() if torch else caches / "torch") / "hub" / "checkpoints"] = "torch's cache"
    return looked_into | {hub.cache_folder(): "the Hugging Face hub's cache"}


def bytes_expected(hub_id_or_path: str) -> int:
    """About what a model will take in memory, by its files or the catalogue; 0 where neither tells."""
    known, place = find(hub_id_or_path), Path(hub_id_or_path).expanduser()
    if place.is_file():
        return place.stat().st_size
    if known is not None:
        return known.size_bytes
    folder = place if (place / "config.json").is_file() else None
    if folder is None and hub.HUB_ID.fullmatch(hub_id_or_path):
        folder = found_folder(hub_id_or_path)
    return 0 if folder is None else sum(file.stat().st_size for file in folder.glob("*.safetensors"))


def found_folder(name: str) -> Path | None:
    """Where a repository of the hub is on this machine; None when it is not."""
    for place in (*hub.below_models(name), cache_folder() / name.replace("/", "--")):
        if (place / "config.json").is_file():
            return place
    return hub.cached(name) if find_spec("huggingface_hub") is not None else None


def _own_file(path: str, kind: str) -> Path:
    folder = hub.models_folder()
    for place in (Path(path).expanduser(), *([folder / path] if folder is not None else [])):
        if place.is_file():
            return place
    raise _unknown(path, kind, "There is no file")


def _check_kind(known: Weights, kind: str) -> None:
    if kind in KINDS and known.kind != kind:
        names = ", ".join(each.name for each in CATALOGUE if each.kind == kind)
        raise UsageError(
            f"The weights {known.name} are for {known.kind}, not for {kind}.", remedy=f"Take one of {names}."
        )


def _unknown(path: str, kind: str, what: str) -> MissingModel:
    names = ", ".join(each.name for each in CATALOGUE if each.kind == kind)
    remedy = f"Give its path, or a name that lavr knows for {kind}: {names}." if names else "Give its path."
    return MissingModel(f"{what} {path}.", remedy=remedy, path=path)


def _missing(known: Weights | None, name: str, why: str, *, pull: str = "") -> MissingModel:
    if known is None:
        folder = (hub.models_folder() or cache_folder()) / name.replace("/", "--")
        told, source, size = f"the repository {name}", f"https://huggingface.co/{name}", 0
    else:
        folder = (hub.models_folder() or cache_folder()) / (known.file or known.hub.replace("/", "--"))
        told = f"{folder.name}, {known.size_bytes / 1e6:,.0f} MB, {known.licence}"
        source, size = known.source, known.size_bytes
    return MissingModel(
        f"The weights {name} ({told}) are not on this machine, and {why}.",
        remedy=f"Where there is a network: lavr models pull {name}. "
        f"Or get them from {source} and put them at {folder}.",
        weights=name,
        file=folder.name,
        size_bytes=size,
        path=str(folder),
        **({"pull": pull} if pull else {}),
    )
