"""What a picture costs a model: by its processor where one is at hand, and otherwise by its family's formula."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ...extras import need
from ...vision.frame import SizeWh
from .formulas import FORMULAS, Seen

_SETTINGS = ("preprocessor_config.json", "processor_config.json")
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a picture costs.

    Attributes:
        tokens: visual tokens; None when nobody can tell.
        patches: patches that the encoder reads, as far as known.
        source: who says so.
    """

    tokens: int | None
    patches: int
    source: str


def cost_of(size: SizeWh, config: Any, folder: Path | None) -> Cost:
    """What a picture of a size (width, height) costs the model of a `transformers` configuration.

    Args:
        size: of the picture, in pixels.
        config: of the model.
        folder: where the settings of its processor are, and perhaps its tokenizer.

    Raises:
        UsageError: when the processor refuses such a picture.
    """
    seen = by_formula(size, config, settings_in(folder))
    patches = seen.patches if seen else 0
    if folder is not None and any((folder / name).is_file() for name in _TOKENIZERS):
        tokens = by_processor(size, config, folder)
        if tokens is not None:
            return Cost(tokens, patches, "counted by the model's own processor")
    if seen is None:
        return Cost(None, 0, f"unknown: {config.model_type} has no formula here, and its processor is not at hand")
    rule = FORMULAS[config.model_type].words
    whose = "its own settings" if settings_in(folder) else f"the settings published for {config.model_type}"
    return Cost(seen.tokens, patches, f"by formula ({rule}) with {whose}")


def by_formula(size: SizeWh, config: Any, settings: Mapping[str, Any]) -> Seen | None:
    """What the formula of the family says; None for a family without one."""
    formula = FORMULAS.get(config.model_type)
    if formula is None:
        return None
    return formula.count(size, {**formula.published, **_without_stale_bounds(settings)}, config.to_dict())


def by_processor(size: SizeWh, config: Any, folder: Path) -> int | None:
    """What the processor of a folder makes of a blank picture; None when the folder has no whole processor.

    Raises:
        UsageError: when it refuses such a picture.
    """
    library: Any = need("transformers", extra="local")
    pillow = need("PIL.Image", extra="local")
    try:
        processor = library.AutoProcessor.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, ImportError, KeyError, TypeError, AttributeError):
        return None  # settings without what they need; the formula goes on from the same settings
    token = getattr(config, "image_token_id", None) or getattr(config, "image_token_index", None)
    text = getattr(processor, "boi_token", None) or getattr(processor, "image_token", None)
    if token is None or not isinstance(text, str):
        return None
    try:
        fed = processor(text=[text], images=[[pillow.new("RGB", size)]])
    except ValueError as error:
        raise UsageError(
            f"The processor refuses a picture of {size[0]}x{size[1]}: {error}", remedy="Name another size."
        ) from error
    return [int(each) for each in fed["input_ids"][0]].count(token)


def settings_in(folder: Path | None) -> dict[str, Any]:
    """The settings of the picture processor that a folder holds; empty when it holds none."""
    for name in _SETTINGS if folder is not None else ():
        file = Path(str(folder)) / name
        data = json.loads(file.read_text("utf-8")) if file.is_file() else {}
        settings = data.get("image_processor", data) if isinstance(data, dict) else {}
        if "image_processor_type" in settings:
            return dict(settings)
    return {}


def _without_stale_bounds(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without empty values, and with `size` before the older names of the same bounds."""
    stated = {name: value for name, value in settings.items() if value is not None}
    size = stated.get("size")
    if isinstance(size, dict) and "shortest_edge" in size and "longest_edge" in size and "min_pixels" not in stated:
        stated |= {"min_pixels": size["shortest_edge"], "max_pixels": size["longest_edge"]}
    return stated
