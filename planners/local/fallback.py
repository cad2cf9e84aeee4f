"""The slow way: the whole log in one forward pass, in the library's own conventions.

For a model that fails the check of `checking.py`. What the vision encoder made of a picture is kept where the network
takes it back (`mm_encoder_outputs`); otherwise its pictures are encoded again each time.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache
from transformers.utils.generic import ModelOutput

from .feeding import rope_index, run
from .loaded import LoadedModel
from .spans import Piece


def keeps_features(model: LoadedModel) -> bool:
    """Whether the network takes back what its vision encoder made of a picture."""
    return hasattr(model.network, "get_image_features") and "mm_encoder_outputs" in _parameters(model.network.forward)


class Refill:
    """Computes whole logs anew, and remembers the features of their pictures.

    Attributes:
        model: that is fed.
        encoded: how many pictures went through the vision encoder.
    """

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self.encoded = 0
        self._keeps = keeps_features(model)
        self._features: dict[bytes, Any] = {}

    def copy(self) -> Refill:
        """One that goes its own way from here, with the same features."""
        twin = Refill(self.model)
        twin.encoded, twin._features = self.encoded, dict(self._features)
        return twin

    def tensors(self) -> list[torch.Tensor]:
        """The features that are kept."""
        return [each for features in self._features.values() for part in features.values() for each in _flat(part)]

    def __call__(
        self, pieces: Sequence[Piece], types: Mapping[str, torch.Tensor]
    ) -> tuple[torch.Tensor, DynamicCache, int]:
        """The logits after the last token, a new cache, and the position that comes next."""
        model = self.model
        ids = torch.cat([piece.ids for piece in pieces], 1)
        seen = [piece for piece in pieces if piece.pictures]
        grids = {"image_grid_thw": padded([piece.pictures["image_grid_thw"] for piece in seen])} if _grids(seen) else {}
        arguments: dict[str, Any] = {key: value.to(model.device) for key, value in types.items()}
        arguments |= self._pictures(seen)
        following = ids.shape[1]
        if (index := rope_index(model)) is not None:
            kinds = types.get("mm_token_type_ids", torch.zeros_like(ids))
            positions = index(ids, mm_token_type_ids=kinds, **grids)[0]
            arguments["position_ids"] = positions.to(model.device)
            following = int(positions.max()) + 1
        cache = DynamicCache(config=model.network.config)
        mask = torch.ones_like(ids)
        arguments |= {"input_ids": ids.to(model.device), "attention_mask": mask.to(model.device)}
        return run(model, cache, **arguments), cache, following

    def _pictures(self, seen: Sequence[Piece]) -> dict[str, Any]:
        if not seen:
            return {}
        if self._keeps:
            return {"mm_encoder_outputs": {"image": _gathered([self._feature(piece) for piece in seen])}}
        self.encoded += sum(piece.picture_count for piece in seen)
        keys = seen[0].pictures.keys()
        return {key: padded([piece.pictures[key] for piece in seen]).to(self.model.device) for key in keys}

    @torch.no_grad()
    def _feature(self, piece: Piece) -> dict[str, Any]:
        if piece.picture_digest not in self._features:
            model = self.model
            taken = _parameters(model.network.get_image_features)
            tensors = {key: value.to(model.device) for key, value in piece.pictures.items() if key in taken}
            with model.lock:
                output = model.network.get_image_features(**tensors, return_dict=True)
            self.encoded += piece.picture_count
            # What a network reads of it; its other fields are the hidden states of the encoder, and large.
            kept = {key: output.get(key) for key in ("pooler_output", "deepstack_features")}
            self._features[piece.picture_digest] = {key: value for key, value in kept.items() if value is not None}
        return dict(self._features[piece.picture_digest])


def padded(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    """The tensors one after another, filled with zeros up to the largest in the other dimensions, as processors do."""
    sizes = [max(tensor.shape[axis] for tensor in tensors) for axis in range(1, tensors[0].ndim)]
    filled = []
    for tensor in tensors:
        room = tensor.new_zeros(tensor.shape[0], *sizes)
        room[tuple(slice(size) for size in tensor.shape)] = tensor
        filled.append(room)
    return torch.cat(filled)


def _grids(seen: Sequence[Piece]) -> bool:
    return bool(seen) and all("image_grid_thw" in piece.pictures for piece in seen)


def _parameters(function: Any) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(function).parameters


@dataclass
class Features(ModelOutput):
    """What a vision encoder made of pictures, as networks take it back.

    Attributes:
        pooler_output: the visual tokens, a tensor for all pictures or one for each.
        deepstack_features: those that go into later layers, a tensor a layer; None where a family has none.
    """

    pooler_output: Any = None
    deepstack_features: Any = None


def _gathered(features: Sequence[Mapping[str, Any]]) -> Features:
    """The features of several pictures as those of one call; "deep stack" features are gathered layer by layer."""
    gathered: dict[str, Any] = {"pooler_output": _appended([each["pooler_output"] for each in features])}
    if "deepstack_features" in features[0]:
        layers = zip(*(each["deepstack_features"] for each in features), strict=True)
        gathered["deepstack_features"] = [_appended(layer) for layer in layers]
    return Features(**gathered)


def _appended(parts: Sequence[Any]) -> Any:
    if isinstance(parts[0], torch.Tensor):
        return torch.cat(list(parts))
    return tuple(each for part in parts for each in part)


def _flat(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for each in value for tensor in _flat(each)]
