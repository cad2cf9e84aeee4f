"""How much memory tensors hold, those that share it counted once."""

from __future__ import annotations

from collections.abc import Iterable

import torch


def held_by(tensors: Iterable[torch.Tensor]) -> dict[int, int]:
    """Bytes by the address of each piece of memory that the tensors hold (all of it, where they are views)."""
    storages = (tensor.untyped_storage() for tensor in tensors)
    return {storage.data_ptr(): storage.nbytes() for storage in storages if storage.nbytes()}
