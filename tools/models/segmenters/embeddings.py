"""What encoders made of pictures, kept so that a second question about the same picture costs the decoder alone."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from ....vision.frame import SizeWh
from ....vision.image import Image
from ....vision.store import Pixels

BUDGET_BYTES = 256 * 1024 * 1024
"""Room for sixty pictures of SAM or fifteen of SAM 2."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """A picture as an encoder sees it.

    Attributes:
        features: tensors in main memory, alone, in lists or in tuples, as the model's decoder takes them.
        seen_wh: the size at which the encoder saw the picture.
        size_wh: the size of the picture.
        padded_wh: the size to which it was padded on the right and below; None where it was stretched instead.
    """

    features: Any
    seen_wh: SizeWh
    size_wh: SizeWh
    padded_wh: SizeWh | None = None

    @property
    def bytes(self) -> int:
        """What it takes."""
        return _bytes(self.features)


class Embeddings:
    """Embeddings by model and pixels, the least recently used dropped first. Safe to use from several threads.

    Args:
        budget_bytes: what they may take together; one that is larger alone is not kept.
    """

    def __init__(self, *, budget_bytes: int = BUDGET_BYTES) -> None:
        self._budget = budget_bytes
        self._kept: OrderedDict[tuple[str, str], Embedding] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        """What they take together."""
        return self._used

    def of(self, model: str, image: Image, embed: Callable[[Pixels], Embedding]) -> Embedding:
        """The embedding of a picture, made by `embed` when it is not known.

        The caller holds the model, so no two threads make the same one.

        Args:
            model: the key of the model.
            image: the picture.
            embed: from H x W x 3 pixels to the embedding.
        """
        key = (model, image.digest)
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known
        made = embed(image.pixels())
        self._keep(key, made)
        return made

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()
            self._used = 0

    def _keep(self, key: tuple[str, str], made: Embedding) -> None:
        size = made.bytes
        with self._lock:
            if size > self._budget or key in self._kept:
                return
            self._kept[key] = made
            self._used += size
            while self._used > self._budget:
                _, dropped = self._kept.popitem(last=False)
                self._used -= dropped.bytes


@cache
def shared_embeddings() -> Embeddings:
    """Those of this process."""
    return Embeddings()


def _bytes(features: Any) -> int:
    if isinstance(features, list | tuple):
        return sum(map(_bytes, features))
    return int(features.nbytes)
