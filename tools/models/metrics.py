"""What a pool of models counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from ...jsonable import Json


@dataclass(slots=True)
class ModelMetrics:
    """What one model did so far.

    Attributes:
        loads: how often it was loaded.
        hits: uses that found it loaded; a micro-batch is one use.
        evictions: how often it was put away to make room.
        batches: micro-batches by their size; a call that ran by itself is one of size 1.
        load_s: seconds it took to load, all in all.
        run_s: seconds it computed.
        device: where it is, or was last.
        bytes: that it holds when loaded.
    """

    loads: int = 0
    hits: int = 0
    evictions: int = 0
    batches: Counter[int] = field(default_factory=Counter)
    load_s: float = 0.0
    run_s: float = 0.0
    device: str = ""
    bytes: int = 0

    @property
    def calls(self) -> int:
        """Items that went through it."""
        return sum(size * count for size, count in self.batches.items())

    def copy(self) -> ModelMetrics:
        """The counts of this moment."""
        return replace(self, batches=Counter(self.batches))

    def to_json(self) -> Json:
        """Plain JSON."""
        return {
            "loads": self.loads,
            "hits": self.hits,
            "evictions": self.evictions,
            "calls": self.calls,
            "batches": {str(size): count for size, count in sorted(self.batches.items())},
            "load_s": round(self.load_s, 3),
            "run_s": round(self.run_s, 3),
            "device": self.device,
            "bytes": self.bytes,
        }
