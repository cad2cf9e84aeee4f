"""Where a configuration comes from: a shipped shape, a folder, a file, the cache of the hub, or the hub itself.

Of the hub nothing but the small files that describe a model is fetched, never its weights, and no code of a
repository is run.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import MissingModel, UsageError
from ...extras import need
from ...hub import HUB_SECONDS, below_models, cached_file, gated
from ...hub import offline as is_offline
from .shapes import Shape, is_shape, read_shape, shipped_shape, shipped_shapes

FILES = ("config.json", "preprocessor_config.json", "processor_config.json", "tokenizer_config.json")
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True)
class Source:
    """What a model is described by: a configuration or a shape.

    Attributes:
        name: what people call it.
        config: the `transformers` configuration.
        shape: the plain shape.
        folder: where the settings of its processor may be.
        found: where all this was found.
    """

    name: str
    config: Any = None
    shape: Shape | None = None
    folder: Path | None = None
    found: str = ""


def source_of(model: Any, *, offline: bool = False) -> Source:
    """Find what describes a model.

    Args:
        model: the id of a repository of the hub, a folder, a `config.json` or shape file, a GGUF file, the name of a
            shipped shape, or a configuration object.
        offline: whether nothing may be fetched; `HF_HUB_OFFLINE` says so too.

    Raises:
        MissingModel: when it is nowhere; the remedy says what puts it where.
        MissingExtra: without the extra `local`, where it is needed.
        UsageError: for a file that is no description of a model.
    """
    if not isinstance(model, str | Path):
        return Source(str(getattr(model, "name_or_path", "") or model.model_type), config=model, found="it was given")
    name = str(model)
    for path in (Path(name).expanduser(), *below_models(name)):
        if path.exists():
            return _from_path(path, name)
    if shape := shipped_shape(name):
        return Source(shape.name, shape=shape, found="a shape that comes with lavr")
    if not _HUB_ID.fullmatch(name) or name.endswith((".gguf", ".json")):
        shapes = ", ".join(each.name.lower() for each in shipped_shapes())
        raise MissingModel(
            f"There is no model {name!r}.",
            remedy="Give an id such as Qwen/Qwen3-VL-4B-Instruct, a folder with config.json, a GGUF file, a shape "
            f"file, or one of the shapes that come with lavr: {shapes}.",
            model=name,
        )
    return _from_hub(name, offline=offline)


def _from_path(path: Path, name: str) -> Source:
    if path.is_dir():
        ggufs = sorted(path.glob("*.gguf"))
        if not (path / "config.json").is_file() and len(ggufs) == 1:
            return _from_path(ggufs[0], name)
        if not (path / "config.json").is_file():
            raise MissingModel(
                f"In {path} there is no config.json{f' and {len(ggufs)} GGUF files' if ggufs else ''}.",
                remedy=f"Name one of them: {ggufs[0]}" if ggufs else "Give the folder of a model.",
                model=name,
            )
        return _from_config(path / "config.json", name)
    if path.suffix == ".gguf":
        need("gguf", extra="local")
        return Source(name, config=_parsed(path.parent, name, gguf_file=path.name), found=f"in {path}")
    return _from_config(path, name)


def _from_config(file: Path, name: str) -> Source:
    try:
        data = json.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise UsageError(f"{file} is no JSON: {error}", remedy="Give a config.json or a shape file.") from error
    if is_shape(data):
        shape = read_shape(data, file.stem)
        return Source(shape.name, shape=shape, found=f"in {file}")
    if not isinstance(data, dict) or "model_type" not in data:
        raise UsageError(
            f"{file} describes no model: it has neither `model_type` nor a section `language`.",
            remedy="Give a config.json of transformers, or a shape: see `lavr.planners.anatomy.shapes`.",
        )
    return Source(name, config=_parsed(file, name), folder=file.parent, found=f"in {file}")


def _parsed(place: Path, name: str, **options: Any) -> Any:
    library: Any = need("transformers", extra="local")
    from huggingface_hub.errors import StrictDataclassError

    try:
        return library.AutoConfig.from_pretrained(place, local_files_only=True, trust_remote_code=False, **options)
    except (ValueError, KeyError, OSError, TypeError, AttributeError, StrictDataclassError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UsageError(
            f"transformers {library.__version__} does not know the configuration of {name}: {reason}",
            remedy="Update transformers; of a model that brings its own code take the version made for transformers "
            "(often named -hf), or describe it by a shape file.",
        ) from error


def _from_hub(name: str, *, offline: bool) -> Source:
    need("transformers", extra="local")
    need("huggingface_hub", extra="local")
    config = cached_file(name, FILES[0]) or _fetched(name, offline=offline)
    return Source(name, config=_parsed(config, name), folder=config.parent, found=f"in {config.parent}")


def _fetched(name: str, *, offline: bool) -> Path:
    """The configuration, fetched with the other small files of the repository. Raises `MissingModel`."""
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    if offline or is_offline():
        raise _missing(name, "is not on this machine, and nothing may be fetched")
    try:
        there = {each.rfilename for each in HfApi().model_info(name, timeout=HUB_SECONDS).siblings or ()}
        fetched = [Path(hf_hub_download(name, file)) for file in FILES if file in there]
    except GatedRepoError as error:
        raise gated(name) from error
    except RepositoryNotFoundError as error:
        raise MissingModel(
            f"The hub has no model {name}.", remedy="Check its name; private ones need: hf auth login", model=name
        ) from error
    except HFValidationError as error:
        raise UsageError(f"{name!r} is no id of a model: {error}", remedy="Ids look like owner/name.") from error
    except Exception as error:  # which HTTP library's errors come up depends on the hub's version
        raise _missing(
            name, f"is not on this machine, and the hub cannot be reached ({type(error).__name__})"
        ) from error
    if not fetched or fetched[0].name != FILES[0]:
        raise MissingModel(
            f"The repository {name} has no config.json.",
            remedy="Name the repository of the original model; of GGUF files give one that is on this machine.",
            model=name,
        )
    return fetched[0]


def _missing(name: str, why: str) -> MissingModel:
    return MissingModel(
        f"The configuration of {name} {why}.",
        remedy=f"Where there is a network: hf download {name} {' '.join(FILES[:2])} --local-dir {name.split('/')[1]}; "
        "then give that folder.",
        model=name,
    )
