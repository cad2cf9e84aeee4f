"""An append-only log of what a model was really fed, with its key-value cache.

The one recipe of prefix reuse that is exact for every family (see `docs/prefix-reuse.md`): feed only the new ids and
only the new pictures' tensors, with explicit positions for the new span, a full-length attention mask, and token types
at full length. Positions of a new span begin right after the largest one so far; families with multi-axis rotary
positions (Qwen-VL, GLM-V) compute those of the span alone and shift them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from transformers import DynamicCache

from .cache import fork, size_bytes
from .loaded import LoadedModel
from .spans import Span, token_span


@dataclass(frozen=True, slots=True)
class Reading:
    """What was computed and what was not.

    Attributes:
        computed: tokens fed through the network.
        reused: tokens whose keys and values were there already when a session was taken up.
        written: tokens that were sampled.
        pictures: pictures encoded.
    """

    computed: int = 0
    reused: int = 0
    written: int = 0
    pictures: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """A span with its positions: 1 x n, or 3 x 1 x n for multi-axis families."""

    span: Span
    positions: torch.Tensor


class Session:
    """One conversation of one model. Append spans, ask for logits, push sampled tokens; fork to branch.

    Not to be used from two threads at once; forks may.
    """

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self.reading = Reading()
        self.key = first_key(model.name)
        self._cache = DynamicCache(config=model.network.config)
        self._ids = torch.empty(1, 0, dtype=torch.long)
        self._types: dict[str, torch.Tensor] = {}
        self._next_position = 0
        self._pending: list[_Placed] = []
        self._logits: torch.Tensor | None = None

    def __len__(self) -> int:
        return int(self._ids.shape[1])

    @property
    def ids(self) -> list[int]:
        """Every token id of the log."""
        return [int(each) for each in self._ids[0]]

    @property
    def size_bytes(self) -> int:
        """Bytes of its cache."""
        return size_bytes(self._cache)

    def fork(self) -> Session:
        """A session that goes its own way from here, sharing what was computed."""
        twin = Session.__new__(Session)
        twin.__dict__.update(self.__dict__)
        twin._cache = fork(self._cache)
        twin._types = dict(self._types)
        twin._pending = list(self._pending)
        return twin

    def taken_up(self) -> Session:
        """A fork whose account begins anew: all that is there already counts as reused."""
        twin = self.fork()
        twin.reading = Reading(reused=self._cache.get_seq_length())
        return twin

    def append(self, span: Span) -> None:
        """Put a span at the end of the log. It is computed at the next `logits`."""
        length, count = len(self), len(span)
        for key in {*self._types, *span.types}:
            before = self._types.get(key, torch.zeros(1, length, dtype=torch.long))
            after = span.types.get(key, torch.zeros(1, count, dtype=torch.long))
            self._types[key] = torch.cat([before, after], 1)
        self._pending.append(_Placed(span, self._positions(span)))
        self._ids = torch.cat([self._ids, span.ids], 1)
        self.key = next_key(self.key, span.digest)

    def push(self, token_ids: Sequence[int]) -> None:
        """Put sampled or forced tokens at the end of the log, verbatim."""
        self.append(token_span(token_ids))
        self.reading = replace(self.reading, written=self.reading.written + len(token_ids))

    @torch.no_grad()
    def logits(self) -> torch.Tensor:
        """The logits after the last token: a float32 vector over the output vocabulary, to be changed at will."""
        if self._pending:
            pending, self._pending = self._pending, []
            for placed in _joined(pending):
                self._logits = self._forward(placed)
        if self._logits is None:
            raise ValueError("Nothing was appended yet.")
        return self._logits.clone()

    def _positions(self, span: Span) -> torch.Tensor:
        start, count = self._next_position, len(span)
        index = getattr(getattr(self.model.network, "model", None), "get_rope_index", None)
        if index is None:
            positions = torch.arange(count)[None] + start
        else:
            types = span.types.get("mm_token_type_ids", torch.zeros_like(span.ids))
            grids = {key: value for key, value in span.pictures.items() if key == "image_grid_thw"}
            positions = index(span.ids, mm_token_type_ids=types, **grids)[0] + start
        self._next_position = int(positions.max()) + 1
        return positions

    def _forward(self, placed: _Placed) -> torch.Tensor:
        span, model = placed.span, self.model
        past = self._cache.get_seq_length()
        total = past + len(span)
        device = model.device
        arguments: dict[str, Any] = {key: value.to(device) for key, value in span.pictures.items()}
        if span.pictures or len(span) > 1:
            # Full length: some families read token types by absolute position.
            arguments |= {key: value[:, :total].to(device) for key, value in self._types.items()}
        with model.lock:
            output = model.network(
                input_ids=span.ids.to(device),
                position_ids=placed.positions.to(device),
                attention_mask=torch.ones(1, total, dtype=torch.long, device=device),
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=1,
                **arguments,
            )
        reading = self.reading
        self.reading = replace(
            reading, computed=reading.computed + len(span), pictures=reading.pictures + span.picture_count
        )
        logits: torch.Tensor = output.logits[0, -1].float().cpu()
        return logits


def first_key(model_name: str) -> str:
    """The key of a session of a model that was fed nothing yet."""
    return hashlib.sha256(model_name.encode()).hexdigest()


def next_key(key: str, digest: str) -> str:
    """The key of a session after one more span."""
    return hashlib.sha256((key + digest).encode()).hexdigest()


def _joined(pending: Sequence[_Placed]) -> list[_Placed]:
    """The spans as few forward passes: one, unless their picture tensors are of shapes that cannot be joined."""
    if len(pending) < 2 or not _can_join([placed.span for placed in pending]):
        return list(pending)
    spans = [placed.span for placed in pending]
    pictures: dict[str, list[torch.Tensor]] = {}
    for span in spans:
        for key, value in span.pictures.items():
            pictures.setdefault(key, []).append(value)
    joined = Span(
        ids=torch.cat([span.ids for span in spans], 1),
        pictures={key: torch.cat(values) for key, values in pictures.items()},
        picture_count=sum(span.picture_count for span in spans),
    )
    return [_Placed(joined, torch.cat([placed.positions for placed in pending], -1))]


def _can_join(spans: Sequence[Span]) -> bool:
    # Rows of patches (Qwen-VL, GLM-V) lie one after another; stacks of tiles may differ in shape from span to span.
    seen = [span for span in spans if span.pictures]
    return len(seen) < 2 or all(value.ndim <= 2 for span in seen for value in span.pictures.values())
