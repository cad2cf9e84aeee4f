"""The parts of a multimodal model, how large they are, and what its decoder keeps of every token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Part(Enum):
    """A part of a multimodal model. A Q-Former or a resampler is a connector."""

    ENCODER = "vision encoder"
    CONNECTOR = "connector"
    LANGUAGE = "language model"
    AUDIO = "audio encoder"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Weights:
    """How many numbers a part holds.

    Attributes:
        count: all of them; weights that are used twice count once.
        quantisable: those in linear layers but the output layer: what 8-bit and 4-bit loading make smaller.
    """

    count: int = 0
    quantisable: int = 0

    def __add__(self, other: Weights) -> Weights:
        return Weights(self.count + other.count, self.quantisable + other.quantisable)


@dataclass(frozen=True, slots=True)
class LayerMemory:
    """What one decoder layer keeps of what it has read.

    Attributes:
        per_token: numbers kept of each token: its keys and its values.
        window: only so many tokens are kept; None for all.
        state: numbers kept however much was read, in the precision of the weights (convolutions).
        state_float32: the same, always in float32 (recurrent states of linear attention).
    """

    per_token: int = 0
    window: int | None = None
    state: int = 0
    state_float32: int = 0

    def bytes_of(self, tokens: int, number_bytes: int) -> int:
        """Bytes after `tokens` tokens, a number taking `number_bytes`."""
        kept = tokens if self.window is None else min(tokens, self.window)
        return (self.per_token * kept + self.state) * number_bytes + self.state_float32 * 4


@dataclass(frozen=True, slots=True)
class Widths:
    """The sizes that decide how much a forward pass needs besides weights and cache.

    Attributes:
        hidden: numbers of a token between layers.
        intermediate: numbers of a token inside a feed-forward layer, all active experts together.
    """

    hidden: int = 0
    intermediate: int = 0


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A model taken apart.

    Attributes:
        name: the hub id, the folder or the name of a shape.
        family: the `model_type` of its configuration, or "shape".
        parts: the size of each part that it has.
        layers: what each decoder layer keeps.
        decoder: widths of the language model.
        encoder: widths of the vision encoder; zeros for a text-only model.
        vocabulary: rows of the output layer.
        context: most tokens it was made for; 0 when the configuration does not say.
        counted: how the parameters were counted.
        unknown: modules that are none of the known parts; they count as `Part.OTHER`.
    """

    name: str
    family: str
    parts: Mapping[Part, Weights]
    layers: tuple[LayerMemory, ...]
    decoder: Widths
    encoder: Widths = Widths()
    vocabulary: int = 0
    context: int = 0
    counted: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """All parameters."""
        return sum(weights.count for weights in self.parts.values())

    @property
    def sees(self) -> bool:
        """Whether it takes pictures."""
        return Part.ENCODER in self.parts or Part.CONNECTOR in self.parts

    def count(self, part: Part) -> int:
        """Parameters of a part; 0 for one that it does not have."""
        return self.parts.get(part, Weights()).count

    def share(self, part: Part) -> float:
        """The part's share of all parameters, 0 to 1."""
        return self.count(part) / self.total if self.total else 0.0

    def cache_bytes(self, tokens: int, number_bytes: int = 2) -> int:
        """Bytes of the key-value cache after `tokens` tokens."""
        return sum(layer.bytes_of(tokens, number_bytes) for layer in self.layers)
