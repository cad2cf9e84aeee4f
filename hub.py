"""Model folders of the Hugging Face hub: on this machine, or fetched; and whether anything may be fetched at all."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import MissingModel
from .extras import need

HUB_SECONDS = 10.0
"""A hub that does not answer within this time counts as out of reach."""

HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")

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


def cached(name: str) -> Path | None:
    """The folder of a model in the cache of the hub, when its configuration and its weights are there."""
    library: Any = need("huggingface_hub", extra="models")
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(library.snapshot_download(name, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    has_weights = any(folder.glob("*.safetensors")) or any(folder.glob("*.bin"))
    return folder if has_weights and (folder / "config.json").is_file() else None


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
        raise MissingModel(
            f"The model {name} is given only to those who accept its terms.",
            remedy=f"Accept them on https://huggingface.co/{name}, then run: hf auth login",
            model=name,
        ) from error
    except RepositoryNotFoundError as error:
        raise missing(name, "is not on this machine, and the hub has no such repository") from error
    except Exception as error:  # whose HTTP errors come up depends on the hub's version
        why = f"is not on this machine, and the hub cannot be reached ({type(error).__name__}: {error})"
        raise missing(name, why) from error


def missing(name: str, why: str) -> MissingModel:
    """The error for a model whose files are not there."""
    folder = models_folder() or Path("~/models")
    return MissingModel(
        f"The model {name} {why}.",
        remedy=f"On a machine with a network: hf download {name} --local-dir {folder / name}; then set "
        f"LAVR_MODELS={folder}, or pass that folder.",
        model=name,
    )
