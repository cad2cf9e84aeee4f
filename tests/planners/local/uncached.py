"""The reference: everything at once, without a cache, in the library's own conventions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from PIL.Image import Image

from lavr.planners.local.loaded import LoadedModel

_PER_TOKEN = ("attention_mask", "mm_token_type_ids", "token_type_ids")


class Whole:
    """A whole conversation as one batch of one row."""

    def __init__(self, model: LoadedModel, text: str, pictures: Sequence[Image] = ()) -> None:
        self.model = model
        self.batch = _encoded(model, text, pictures)

    @property
    def ids(self) -> list[int]:
        return [int(each) for each in self.batch["input_ids"][0]]

    def extend(self, ids: Sequence[int]) -> None:
        """Put tokens at the end."""
        batch, count = self.batch, len(ids)
        batch["input_ids"] = torch.cat([batch["input_ids"], torch.tensor([list(ids)])], 1)
        for key in _PER_TOKEN:
            if key in batch:
                value = 1 if key == "attention_mask" else 0
                batch[key] = torch.cat([batch[key], torch.full((1, count), value)], 1)

    @torch.no_grad()
    def logits(self) -> torch.Tensor:
        """The logits after the last token."""
        row: torch.Tensor = self.model.network(**self.batch, use_cache=False).logits[0, -1]
        return row.float()

    def greedy(self, count: int) -> list[int]:
        """The tokens of greedy decoding, each from a full pass."""
        written = []
        for _ in range(count):
            written.append(int(self.logits().argmax()))
            self.extend(written[-1:])
        return written


def _encoded(model: LoadedModel, text: str, pictures: Sequence[Image]) -> dict[str, Any]:
    options = {"return_tensors": "pt", "add_special_tokens": False}
    if not pictures:
        return dict(model.tokenizer(text, **options))
    if "onevision" not in model.name:
        return dict(model.processor(text=[text], images=[list(pictures)], **options))
    # With several pictures in a call, OneVision drops the tiles of all of them: one call for each.
    before, *after = text.split(model.placeholder)
    texts = [before + model.placeholder + after[0], *(model.placeholder + rest for rest in after[1:])]
    calls = [
        dict(model.processor(text=[part], images=[[picture]], **options))
        for part, picture in zip(texts, pictures, strict=True)
    ]
    return {key: _together(key, [call[key] for call in calls]) for key in calls[0]}


def _together(key: str, parts: Sequence[torch.Tensor]) -> torch.Tensor:
    if key in ("input_ids", *_PER_TOKEN):
        return torch.cat(list(parts), 1)
    if key != "pixel_values":
        return torch.cat(list(parts))
    tiles = max(part.shape[1] for part in parts)
    return torch.cat([torch.nn.functional.pad(part, (0, 0) * 3 + (0, tiles - part.shape[1])) for part in parts])
