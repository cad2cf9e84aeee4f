"""Where a model's files are: a folder or file, `LAVR_MODELS`, the cache of the Hugging Face hub, or the hub itself."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import MissingModel, UsageError

HUB_SECONDS = 10.0
"""A hub that does not answer within this time counts as out of reach."""

_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
_KEPT = ("*.json", "*.txt", "*.model", "*.jinja", "*.safetensors")


@dataclass(frozen=True, slots=True)
class Files:
    """A folder with a model.

    Attributes:
        folder: where it is.
        gguf: the GGUF file in it; empty for a folder in the format of transformers.
    """

    folder: Path
    gguf: str = ""

    @property
    def size_bytes(self) -> int:
        """Bytes of the weights as they are stored."""
        names = [self.gguf] if self.gguf else ["*.safetensors"]
        found = [path for name in names for path in self.folder.glob(name)] or list(self.folder.glob("*.bin"))
        return sum(path.stat().st_size for path in found)


def find_files(source: str | Path, *, offline: bool = False, bar: Any = None) -> Files:
    """The files of a model, fetched if need be.

    Args:
        source: a folder, a GGUF file, or the id of a repository of the hub.
        offline: whether nothing may be fetched; `HF_HUB_OFFLINE` says so too.
        bar: the class of progress bars for downloads.

    Raises:
        MissingModel: when they are nowhere; the remedy says what puts them where.
        UsageError: for a source that can be none of these.
    """
    name = str(source)
    for path in _places(name):
        if (found := _files_at(path)) is not None:
            return found
    looks_like_a_path = Path(name).is_absolute() or name.startswith((".", "~")) or name.endswith(".gguf")
    if looks_like_a_path or not _HUB_ID.fullmatch(name):
        raise MissingModel(
            f"There is no model at {name}.",
            remedy="Give a folder with config.json and *.safetensors, a GGUF file, or an id such as "
            "Qwen/Qwen3-VL-4B-Instruct.",
            model=name,
        )
    return Files(_from_cache(name) or _fetched(name, offline, bar))


def models_folder() -> Path | None:
    """The folder that `LAVR_MODELS` names."""
    named = os.environ.get("LAVR_MODELS", "")
    return Path(named).expanduser() if named else None


def _places(name: str) -> Iterator[Path]:
    yield Path(name).expanduser()
    folder = models_folder()
    if folder is not None:
        yield from (folder / name, folder / name.replace("/", "--"), folder / name.rsplit("/", 1)[-1])


def _files_at(path: Path) -> Files | None:
    if path.is_file() and path.suffix == ".gguf":
        return Files(path.parent, path.name)
    if not path.is_dir():
        return None
    if (path / "config.json").is_file():
        return Files(path)
    found = sorted(each.name for each in path.glob("*.gguf"))
    if len(found) > 1:
        raise UsageError(
            f"In {path} are {len(found)} GGUF files.",
            remedy=f"Name one of them: {path / found[0]}",
            files=[*found],
        )
    return Files(path, found[0]) if found else None


def _from_cache(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    has_weights = any(folder.glob("*.safetensors")) or any(folder.glob("*.bin"))
    return folder if has_weights and (folder / "config.json").is_file() else None


def _fetched(name: str, offline: bool, bar: Any) -> Path:
    from huggingface_hub import HfApi, constants, snapshot_download
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    if offline or constants.HF_HUB_OFFLINE:
        raise missing(name, "is not on this machine, and nothing may be fetched")
    try:
        files = [each.rfilename for each in HfApi().model_info(name, timeout=HUB_SECONDS).siblings or ()]
        weights = () if any(each.endswith(".safetensors") for each in files) else ("*.bin",)
        return Path(snapshot_download(name, allow_patterns=[*_KEPT, *weights], tqdm_class=bar))
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
