"""Where a model's files are: a folder or file, `LAVR_MODELS`, the cache of the Hugging Face hub, or the hub itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import MissingModel, UsageError
from ...hub import HUB_ID, below_models, cached, fetched


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
    for path in (Path(name).expanduser(), *below_models(name)):
        if (found := _files_at(path)) is not None:
            return found
    looks_like_a_path = Path(name).is_absolute() or name.startswith((".", "~")) or name.endswith(".gguf")
    if looks_like_a_path or not HUB_ID.fullmatch(name):
        raise MissingModel(
            f"There is no model at {name}.",
            remedy="Give a folder with config.json and *.safetensors, a GGUF file, or an id such as "
            "Qwen/Qwen3-VL-4B-Instruct.",
            model=name,
        )
    return Files(cached(name) or fetched(name, forbidden=offline, bar=bar))


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
