"""The key of a prefix: a digest of what a model was really fed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from .loaded import LoadedModel
from .spans import Piece, Span


class FedKey:
    """A running digest of a model, the token ids that it was fed, and the picture tensors among them.

    It does not depend on how the ids were cut into spans: sampled tokens pushed one by one give the key that the
    same ids give in one span.
    """

    def __init__(self, model: LoadedModel) -> None:
        start = f"{model.serial}\0{model.name}\0".encode()
        self._ids, self._pictures = hashlib.sha256(start), hashlib.sha256(start)

    def copy(self) -> FedKey:
        """One that goes its own way from here."""
        twin = FedKey.__new__(FedKey)
        twin._ids, twin._pictures = self._ids.copy(), self._pictures.copy()
        return twin

    def add(self, piece: Piece) -> None:
        """Go on with what was fed next."""
        self._ids.update(piece.ids.numpy().tobytes())
        self._pictures.update(piece.picture_digest)

    def __str__(self) -> str:
        return hashlib.sha256(self._ids.digest() + self._pictures.digest()).hexdigest()


def keys_along(model: LoadedModel, spans: Sequence[Span]) -> list[str]:
    """The keys that a session has after each of these spans, from its very beginning."""
    key, keys = FedKey(model), []
    for span in spans:
        for piece in span.pieces:
            key.add(piece)
        keys.append(str(key))
    return keys
