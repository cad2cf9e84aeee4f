"""Model folders of the Hugging Face hub: on this machine, or fetched; and whether anything may be fetched at all."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from .errors import MissingModel
from .extras import need

HUB_SECONDS = 10.0
"""A hub that does not answer within this time counts as out of reach."""

HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")

_PART = re.compile(r"-\d{5}-of-\d{5}\.")
_OFFLINE = ("LAVR_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_KEPT = ("*.json", "*.txt", "*.model", "*.jinja", "*.safetensors")


def offline() -> bool:
    """Whether nothing may be fetched: `LAVR_OFFLINE`, `--offline`, or what the hub's own library goes by."""
    if any(os.environ.get(name, "").strip().upper() in {"1", "ON", "YES", "TRUE"} for name in _OFFLINE):
        return True
    constants = sys.modules.get("huggingface_hub.constants")
    return bool(getattr(constants, "HF_HUB_OFFLINE", False))


def go_offline() -> None:
    """Fetch nothing any more, in this process and in those that it starts."""
    for name in _OFFLINE:
        os.environ[name] = "1"


def models_folder() -> Path | None:
    """The folder that `LAVR_MODELS` names."""
    named = os.environ.get("LAVR_MODELS", "")
    return Path(named).expanduser() if named else None


def below_models(name: str) -> Iterator[Path]:
    """Where `LAVR_MODELS` may have a model: under its whole name, with -- for the slash, or under the last part."""
    folder = models_folder()
    if folder is not None:
        yield from (folder / name, folder / name.replace("/", "--"), folder / name.rsplit("/", 1)[-1])


def cache_folder() -> Path:
    """The cache of the hub's library, as that library finds it."""
    caches = os.environ.get("XDG_CACHE_HOME", "").strip() or "~/.cache"
    home = os.environ.get("HF_HOME", "").strip() or f"{caches}/huggingface"
    return Path(os.environ.get("HF_HUB_CACHE", "").strip() or f"{home}/hub").expanduser()


def cached_file(name: str, file: str) -> Path | None:
    """A file of a repository in the cache of the hub; None when it is not there, or there can be no such repository."""
    library: Any = need("huggingface_hub", extra="models")
    from huggingface_hub.errors import HFValidationError

    try:
        found = library.try_to_load_from_cache(name, file)
    except HFValidationError:
        return None
    return Path(found) if isinstance(found, str) else None


def cached(name: str) -> Path | None:
    """The folder of a model in the cache of the hub, when its configuration and all of its weights are there."""
    # The library's own look counts a repository as incomplete when files are lacking that were never wanted.
    config = cached_file(name, "config.json")
    return config.parent if config is not None and _has_weights(config.parent) else None


def _has_weights(folder: Path) -> bool:
    """Whether the weights of a folder are there, all parts of them where there are several."""
    for index in folder.glob("*.index.json"):
        try:
            parts = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False
        if all((folder / str(part)).is_file() for part in parts):
            return True
    whole = [path for suffix in ("safetensors", "bin") for path in folder.glob(f"*.{suffix}")]
    return any(not _PART.search(path.name) for path in whole)


def fetched(name: str, *, forbidden: bool = False, pickles: bool = True, bar: Any = None) -> Path:
    """The folder of a model in the cache of the hub, fetched.

    Args:
        name: the id of a repository.
        forbidden: whether nothing may be fetched, whatever `offline` says.
        pickles: whether *.bin files are taken where there are no safetensors.
        bar: the class of progress bars; the library's own when left out.

    Raises:
        MissingModel: when it cannot be had; the remedy says what puts it where.
    """
    if forbidden or offline():
        raise missing(name, "is not on this machine, and nothing may be fetched")
    library: Any = need("huggingface_hub", extra="models")
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    try:
        files = [each.rfilename for each in library.HfApi().model_info(name, timeout=HUB_SECONDS).siblings or ()]
        safe = any(each.endswith(".safetensors") for each in files)
        if not safe and not pickles:
            raise missing(name, "is on the hub without safetensors, and pickle files are not fetched")
        weights = () if safe else ("*.bin",)
        return Path(library.snapshot_download(name, allow_patterns=[*_KEPT, *weights], tqdm_class=bar))
    except MissingModel:
        raise
    except GatedRepoError as error:
        raise gated(name) from error
    except RepositoryNotFoundError as error:
        raise missing(name, "is not on this machine, and the hub has no such repository") from error
    except Exception as error:  # whose HTTP errors come up depends on the hub's version
        why = f"is not on this machine, and the hub cannot be reached ({type(error).__name__}: {error})"
        raise missing(name, why) from error


def bytes_of(name: str) -> int:
    """What fetching a repository would fetch, in bytes; 0 where the hub does not tell: then fetching says why."""
    library: Any = need("huggingface_hub", extra="models")
    try:
        files = library.HfApi().model_info(name, timeout=HUB_SECONDS, files_metadata=True).siblings or ()
    except Exception:  # noqa: BLE001 - whose HTTP errors come up depends on the hub's version
        return 0
    return sum(each.size or 0 for each in files if any(fnmatch(each.rfilename, kept) for kept in _KEPT))


def gated(name: str) -> MissingModel:
    """The error for a model whose terms have to be accepted first."""
    return MissingModel(
        f"The model {name} is given only to those who accept its terms.",
        remedy=f"Accept them on https://huggingface.co/{name}, then run: hf auth login",
        model=name,
    )


def missing(name: str, why: str) -> MissingModel:
    """The error for a model whose files are not there."""
    folder = models_folder() or Path("~/models")
    return MissingModel(
        f"The model {name} {why}.",
        remedy=f"On a machine with a network: hf download {name} --local-dir {folder / name}; then set "
        f"LAVR_MODELS={folder}, or pass that folder.",
        model=name,
    )
