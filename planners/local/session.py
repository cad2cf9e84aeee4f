"""An append-only log of what a model was really fed, with its key-value cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from transformers import DynamicCache

from ...errors import UsageError
from .cache import compact, fork, tensors_of
from .fallback import Refill
from .feeding import Placed, feed, joined, placed
from .keys import FedKey
from .loaded import LoadedModel
from .memory import held_by
from .spans import Piece, Span, token_span

FEW = 16
"""A model that may not reuse what it read is fed this many written tokens one by one, rather than everything anew."""


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


class Session:
    """One conversation of one model. Append spans, ask for logits, push sampled tokens; fork to branch.

    Not to be used from two threads at once; forks may. When a forward pass fails, the session is as it was before.
    """

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self.reading = Reading()
        self._fed = FedKey(model)
        self._cache = DynamicCache(config=model.network.config)
        self._ids = torch.empty(1, 0, dtype=torch.long)
        self._types: dict[str, torch.Tensor] = {}
        self._next_position = 0
        self._pending: tuple[Placed, ...] = ()
        self._logits: torch.Tensor | None = None
        self._refill = None if model.reuse else Refill(model)
        self._log: tuple[Piece, ...] = ()

    def __len__(self) -> int:
        return int(self._ids.shape[1])

    @property
    def key(self) -> str:
        """A digest of the model and of all that it was fed."""
        return str(self._fed)

    @property
    def ids(self) -> list[int]:
        """Every token id of the log."""
        return [int(each) for each in self._ids[0]]

    @property
    def size_bytes(self) -> int:
        """Bytes of memory that it holds."""
        return sum(held_by(self.tensors()).values())

    def tensors(self) -> Iterator[torch.Tensor]:
        """Every tensor that it holds: keys and values, pictures that wait, features."""
        yield from tensors_of(self._cache)
        yield from (self._ids, *self._types.values())
        yield from () if self._logits is None else (self._logits,)
        waiting = [each.piece for each in self._pending]
        for piece in (*waiting, *self._log):
            yield from piece.pictures.values()
        yield from [] if self._refill is None else self._refill.tensors()

    def fork(self) -> Session:
        """A session that goes its own way from here, sharing what was computed."""
        twin = Session.__new__(Session)
        twin.__dict__.update(self.__dict__)
        twin._cache, twin._fed, twin._types = fork(self._cache), self._fed.copy(), dict(self._types)
        twin._refill = self._refill and self._refill.copy()
        return twin

    def compacted(self) -> Session:
        """A fork that holds no more memory than it needs, to be kept."""
        twin = self.fork()
        twin._cache = compact(self._cache)
        return twin

    def taken_up(self) -> Session:
        """A fork whose account begins anew: all that is there already counts as reused."""
        twin = self.fork()
        twin.reading = Reading(reused=self._cache.get_seq_length())
        return twin

    def append(self, span: Span) -> None:
        """Put a span at the end of the log. It is computed at the next `logits`."""
        for piece in span.pieces:
            self._append(piece)

    def push(self, token_ids: Sequence[int]) -> None:
        """Put sampled or forced tokens at the end of the log, verbatim."""
        self.append(token_span(token_ids))
        self.reading = replace(self.reading, written=self.reading.written + len(token_ids))

    def logits(self) -> torch.Tensor:
        """The logits after the last token: a float32 vector over the output vocabulary, to be changed at will."""
        if self._pending:
            self._compute()
        if self._logits is None:
            raise UsageError("There are no logits yet.", remedy="Append a span first.")
        return self._logits.clone()

    def _append(self, piece: Piece) -> None:
        if not len(piece):
            return
        for key in {*self._types, *piece.types}:
            before = self._types.get(key, torch.zeros_like(self._ids))
            after = piece.types.get(key, torch.zeros_like(piece.ids))
            self._types[key] = torch.cat([before, after], 1)
        at = self._placed(piece)
        self._next_position = int(at.positions.max()) + 1
        self._pending += (at,)
        self._ids = torch.cat([self._ids, piece.ids], 1)
        self._fed.add(piece)
        if self._refill is not None:
            self._log += (piece,)

    def _placed(self, piece: Piece) -> Placed:
        if self._refill is None:
            return placed(self.model, piece, self._next_position)
        # Only written tokens are fed so; `Refill` lets the library place everything else.
        return Placed(piece, torch.arange(len(piece))[None] + self._next_position)

    def _compute(self) -> None:
        """Compute what is pending, on a fork of the cache: a pass that fails must leave nothing half done."""
        if self._refill is not None and not self._only_few_written():
            self._compute_all(self._refill)
            return
        cache, logits = fork(self._cache), self._logits
        passes = joined(self._pending) if self._refill is None else _one_by_one(self._pending)
        for new in passes:
            logits = feed(self.model, new, self._types, cache)
        self._cache, self._logits = cache, logits
        self._settle(sum(map(len, (new.piece for new in passes))), sum(new.piece.picture_count for new in passes))

    def _compute_all(self, refill: Refill) -> None:
        encoded = refill.encoded
        self._logits, self._cache, self._next_position = refill(self._log, self._types)
        self._settle(len(self), refill.encoded - encoded)

    def _settle(self, computed: int, pictures: int) -> None:
        self._pending = ()
        reading = self.reading
        self.reading = replace(reading, computed=reading.computed + computed, pictures=reading.pictures + pictures)

    def _only_few_written(self) -> bool:
        """Whether only a few written tokens wait, on top of a cache that holds everything before them."""
        count = sum(len(each.piece) for each in self._pending)
        seen = any(each.piece.pictures for each in self._pending)
        return count <= FEW and not seen and self._cache.get_seq_length() + count == len(self) > count


def _one_by_one(pending: Sequence[Placed]) -> list[Placed]:
    return [
        Placed(Piece(each.piece.ids[:, at : at + 1]), each.positions[..., at : at + 1])
        for each in pending
        for at in range(len(each.piece))
    ]
