"""One forward pass of a network over new tokens, in the one way that is exact for every family.

Only the new ids and the new pictures' tensors are fed, with explicit positions for the new tokens, a full-length
attention mask, and token types at full length. See `docs/prefix-reuse.md` for what goes wrong otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache

from .cache import cache_argument
from .loaded import LoadedModel
from .spans import Piece


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A piece with its positions: 1 x n, or 3 x 1 x n for families with multi-axis rotary positions."""

    piece: Piece
    positions: torch.Tensor


def placed(model: LoadedModel, piece: Piece, start: int) -> Placed:
    """The piece at the positions from `start` on.

    Families with multi-axis rotary positions (Qwen-VL, GLM-V) compute those of the piece alone; positions are relative,
    so they are shifted. The next piece starts after the largest.
    """
    index = rope_index(model)
    if index is None:
        return Placed(piece, torch.arange(len(piece))[None] + start)
    types = piece.types.get("mm_token_type_ids", torch.zeros_like(piece.ids))
    grids = {key: value for key, value in piece.pictures.items() if key == "image_grid_thw"}
    positions: torch.Tensor = index(piece.ids, mm_token_type_ids=types, **grids)[0]
    return Placed(piece, positions + start)


def rope_index(model: LoadedModel) -> Any:
    """The method that computes multi-axis positions, or None for a family that simply counts."""
    return getattr(getattr(model.network, "model", None), "get_rope_index", None)


def joined(pieces: Sequence[Placed]) -> list[Placed]:
    """The pieces in as few forward passes as their picture tensors allow."""
    groups: list[list[Placed]] = []
    for each in pieces:
        if groups and _fits(groups[-1], each.piece):
            groups[-1].append(each)
        else:
            groups.append([each])
    return [_one(group) for group in groups]


def _fits(group: Sequence[Placed], piece: Piece) -> bool:
    # Rows of patches (Qwen-VL, GLM-V) lie one after another; stacks of tiles may differ in shape from piece to piece.
    seen = [each.piece for each in group if each.piece.pictures]
    tensors = [value for each in (*seen, piece) for value in each.pictures.values()]
    return not seen or not piece.pictures or all(value.ndim <= 2 for value in tensors)


def _one(group: Sequence[Placed]) -> Placed:
    if len(group) == 1:
        return group[0]
    pictures: dict[str, list[torch.Tensor]] = {}
    for each in group:
        for key, value in each.piece.pictures.items():
            pictures.setdefault(key, []).append(value)
    piece = Piece(
        ids=torch.cat([each.piece.ids for each in group], 1),
        pictures={key: torch.cat(values) for key, values in pictures.items()},
        picture_count=sum(each.piece.picture_count for each in group),
    )
    return Placed(piece, torch.cat([each.positions for each in group], -1))


def feed(model: LoadedModel, new: Placed, types: dict[str, torch.Tensor], cache: DynamicCache) -> torch.Tensor:
    """Feed what is new on top of a cache, which grows; the logits after its last token, float32, on the CPU.

    Args:
        model: the model.
        new: the tokens that are not in the cache yet.
        types: token types of the whole log, each 1 x length.
        cache: keys and values of everything before; it is changed.
    """
    total = cache.get_seq_length() + len(new.piece)
    device = model.device
    arguments: dict[str, Any] = {key: value.to(device) for key, value in new.piece.pictures.items()}
    if len(new.piece) > 1:
        # Full length: some families (Gemma) read token types by absolute position.
        arguments |= {key: value[:, :total].to(device) for key, value in types.items()}
    return run(
        model,
        cache,
        input_ids=new.piece.ids.to(device),
        position_ids=new.positions.to(device),
        attention_mask=torch.ones(1, total, dtype=torch.long, device=device),
        **arguments,
    )


@torch.no_grad()
def run(model: LoadedModel, cache: DynamicCache, **arguments: Any) -> torch.Tensor:
    """One forward pass on top of a cache: the logits after the last token, float32, on the CPU."""
    with model.lock:
        kept = {cache_argument(model.network): cache, "use_cache": True}
        output = model.network(logits_to_keep=1, **kept, **arguments)
    logits: torch.Tensor = output.logits[0, -1].float().cpu()
    return logits
