"""Spans: pieces of a conversation as token ids and picture tensors, encoded each on its own and only once."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from ...errors import UsageError
from .loaded import LoadedModel

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage

TYPE_KEYS = ("mm_token_type_ids", "token_type_ids")
"""Which tokens belong to a picture, as families name it."""

_TEXT_KEYS = ("input_ids", "attention_mask", *TYPE_KEYS)
ENCODED_SPANS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """A piece that is fed whole.

    Attributes:
        ids: token ids, 1 x n, int64.
        types: token types by name, each 1 x n.
        pictures: picture tensors by the name under which the network takes them.
        digest: SHA-256 of the ids and the picture tensors: what was really fed.
        picture_count: how many pictures are in it.
    """

    ids: torch.Tensor
    types: Mapping[str, torch.Tensor] = field(default_factory=dict)
    pictures: Mapping[str, torch.Tensor] = field(default_factory=dict)
    digest: str = ""
    picture_count: int = 0

    def __len__(self) -> int:
        return int(self.ids.shape[1])


def token_span(ids: Sequence[int]) -> Span:
    """A span of token ids without pictures, such as what a model wrote itself."""
    tensor = torch.tensor([list(ids)], dtype=torch.long)
    return Span(tensor, digest=_digest(tensor, {}))


class SpanEncoder:
    """Turns text and pictures into spans: one processor call a span.

    Each span is encoded on its own, because a processor may treat a picture otherwise when there are more of them
    (LLaVA-OneVision drops its tiles), and because what was said once must never be tokenised again.
    """

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        self._known: OrderedDict[str, Span] = OrderedDict()

    def encode(self, text: str, pictures: Sequence[PilImage] = (), digests: Sequence[str] = ()) -> Span:
        """The span of a text with one placeholder per picture.

        Args:
            text: with the model's placeholder once for each picture, in order.
            pictures: RGB pictures.
            digests: of the pictures; when given, equal spans are encoded once.

        Raises:
            UsageError: when placeholders and pictures do not match.
        """
        placeholder = self._model.placeholder
        if pictures and (not placeholder or text.count(placeholder) != len(pictures)):
            raise UsageError(f"{len(pictures)} pictures need as many {placeholder!r} in the text: {text[:80]!r}...")
        key = hashlib.sha256("\0".join((text, *digests)).encode()).hexdigest()
        if len(digests) == len(pictures) and key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        span = self._encoded(text, pictures)
        if len(digests) == len(pictures):
            self._known[key] = span
            while len(self._known) > ENCODED_SPANS:
                self._known.popitem(last=False)
        return span

    def _encoded(self, text: str, pictures: Sequence[PilImage]) -> Span:
        model = self._model
        options: dict[str, Any] = {"return_tensors": "pt", "add_special_tokens": False}
        if pictures:
            batch = model.processor(text=[text], images=[list(pictures)], **options, **model.picture_options)
        else:
            batch = model.tokenizer(text, **options)
        ids = batch["input_ids"].long()
        types = {key: batch[key] for key in TYPE_KEYS if pictures and key in batch}
        tensors = {
            key: value for key, value in batch.items() if key not in _TEXT_KEYS and isinstance(value, torch.Tensor)
        }
        return Span(ids, types, tensors, _digest(ids, tensors), len(pictures))


def _digest(ids: torch.Tensor, pictures: Mapping[str, torch.Tensor]) -> str:
    state = hashlib.sha256(ids.numpy().tobytes())
    for key in sorted(pictures):
        state.update(f"{key}{tuple(pictures[key].shape)}".encode())
        state.update(pictures[key].contiguous().view(torch.uint8).numpy().tobytes())
    return state.hexdigest()
