"""Spans: pieces of a conversation as token ids and picture tensors, encoded each on its own and only once."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
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
class Piece:
    """Tokens that are fed in one go, with the tensors of the pictures among them.

    Attributes:
        ids: token ids, 1 x n, int64.
        types: token types by name, each 1 x n.
        pictures: picture tensors by the name under which the network takes them.
        picture_count: how many pictures are in it.
        picture_digest: SHA-256 of the picture tensors; empty without pictures.
    """

    ids: torch.Tensor
    types: Mapping[str, torch.Tensor] = field(default_factory=dict)
    pictures: Mapping[str, torch.Tensor] = field(default_factory=dict)
    picture_count: int = 0
    picture_digest: bytes = b""

    def __len__(self) -> int:
        return int(self.ids.shape[1])


@dataclass(frozen=True, eq=False)
class Span:
    """A part of a conversation: pieces with at most one picture each."""

    pieces: tuple[Piece, ...]

    def __len__(self) -> int:
        return sum(len(piece) for piece in self.pieces)

    @property
    def ids(self) -> list[int]:
        """Its token ids."""
        return [int(each) for piece in self.pieces for each in piece.ids[0]]

    @property
    def picture_count(self) -> int:
        """How many pictures are in it."""
        return sum(piece.picture_count for piece in self.pieces)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what is fed: the ids and the picture tensors."""
        state = hashlib.sha256()
        for piece in self.pieces:
            state.update(piece.ids.numpy().tobytes() + piece.picture_digest)
        return state.hexdigest()


def token_span(ids: Sequence[int]) -> Span:
    """A span of token ids without pictures, such as what a model wrote itself."""
    return Span((Piece(torch.tensor([list(ids)], dtype=torch.long)),))


class SpanEncoder:
    """Turns text and pictures into spans: one processor call a picture.

    Each picture is encoded on its own, because a processor may treat one otherwise when there are more of them
    (LLaVA-OneVision drops its tiles), and because what was said once must never be tokenised again. Where a tokenizer
    treats the beginning of a text otherwise than its middle (SentencePiece puts a space there), spans are tokenised as
    if something stood before them. Safe to use from several threads.
    """

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        self._anchor = _anchor(model.tokenizer)
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
            raise UsageError(
                f"{len(pictures)} pictures do not fit the text {text[:80]!r}.",
                remedy=f"Write {placeholder!r} once for each picture." if placeholder else "This model sees none.",
            )
        if len(digests) != len(pictures):
            return self._encoded(text, pictures)
        key = hashlib.sha256("\0".join((*digests, text)).encode("utf-8", "surrogatepass")).hexdigest()
        with self._model.encoding:
            if key not in self._known:
                self._known[key] = self._encoded(text, pictures)
            self._known.move_to_end(key)
            while len(self._known) > ENCODED_SPANS:
                self._known.popitem(last=False)
            return self._known[key]

    def _encoded(self, text: str, pictures: Sequence[PilImage]) -> Span:
        with self._model.encoding:
            if not pictures:
                return Span((self._piece(text, None),))
            placeholder = self._model.placeholder
            before, *after = text.split(placeholder)
            texts = [before + placeholder + after[0], *(placeholder + rest for rest in after[1:])]
            return Span(tuple(map(self._piece, texts, pictures)))

    def _piece(self, text: str, picture: PilImage | None) -> Piece:
        model, skipped = self._model, bool(self._anchor)
        options: dict[str, Any] = {"return_tensors": "pt", "add_special_tokens": False}
        if picture is None:
            batch = model.tokenizer(self._anchor + text, **options)
            return Piece(batch["input_ids"].long()[:, skipped:])
        batch = model.processor(text=[self._anchor + text], images=[[picture]], **options, **model.picture_options)
        tensors = {
            key: value for key, value in batch.items() if key not in _TEXT_KEYS and isinstance(value, torch.Tensor)
        }
        return Piece(
            ids=batch["input_ids"].long()[:, skipped:],
            types={key: batch[key].long()[:, skipped:] for key in TYPE_KEYS if key in batch},
            pictures=tensors,
            picture_count=1,
            picture_digest=_digest(tensors),
        )


def _anchor(tokenizer: Any) -> str:
    """A special token to put before every span, when text is tokenised otherwise at the beginning; else nothing."""

    def ids(text: str) -> list[int]:
        return [int(each) for each in tokenizer(text, add_special_tokens=False)["input_ids"]]

    for token in filter(None, (tokenizer.eos_token, tokenizer.bos_token, tokenizer.pad_token)):
        mark, *rest = ids(f"{token}word")
        if mark == tokenizer.convert_tokens_to_ids(token):
            return "" if rest == ids("word") else str(token)
    return ""


def _digest(pictures: Mapping[str, torch.Tensor]) -> bytes:
    state = hashlib.sha256()
    for key in sorted(pictures):
        state.update(f"{key} {pictures[key].dtype} {tuple(pictures[key].shape)};".encode())
        state.update(pictures[key].contiguous().view(torch.uint8).numpy().tobytes())
    return state.digest()
