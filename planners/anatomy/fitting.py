"""Memory: weights, cache and what is needed besides, against what a GPU has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import UsageError
from .parts import Anatomy, Part

GIB = 1024**3
RUNTIME_BYTES = int(0.75 * GIB)
"""What CUDA, its libraries' kernels and work spaces take before a model is there."""
SPARE = 0.05
"""Of everything, for memory that the allocator cannot use."""
CARDS_GIB = (6, 8, 12, 16, 24, 32, 48, 80, 96, 141)
"""Usual sizes of GPUs."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:(g|m)(?:i?b)?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Precision:
    """How numbers are kept.

    Attributes:
        name: "bfloat16", "8bit" ...
        number_bytes: of a number that is not quantised; of a number of the cache, too.
        quantised_bytes: of a number in a quantised layer, its scale included; None when nothing is quantised.
        option: what makes `local` load it so.
    """

    name: str
    number_bytes: int
    quantised_bytes: float | None = None
    option: str = ""

    def weights_bytes(self, anatomy: Anatomy) -> int:
        """Bytes of all parameters."""
        count = anatomy.total
        shrunk = sum(weights.quantisable for weights in anatomy.parts.values())
        if self.quantised_bytes is None:
            return count * self.number_bytes
        return round((count - shrunk) * self.number_bytes + shrunk * self.quantised_bytes)


PRECISIONS = (
    Precision("float32", 4, option='dtype="float32"'),
    Precision("bfloat16", 2, option='dtype="bfloat16"'),
    Precision("8bit", 2, 1.0, option='quantization="8bit"'),
    # bitsandbytes keeps a float32 scale for each block of 64 numbers.
    Precision("4bit", 2, 0.5 + 4 / 64, option='quantization="4bit"'),
)
ON_GPU = PRECISIONS[1:]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read in a run.

    Attributes:
        prompt: tokens of instructions and tools.
        picture: visual tokens of a picture.
        patches: patches of a picture.
        step_text: tokens of text of a step: thought, call and result.
        steps: how many.
        pictures_bound: visual tokens that are kept at most; older pictures make room.
    """

    prompt: int
    picture: int
    patches: int
    step_text: int
    steps: int
    pictures_bound: int

    @property
    def visual(self) -> int:
        """Visual tokens at the end: the question's picture, and one a step."""
        return max(self.picture, min((1 + self.steps) * self.picture, self.pictures_bound))

    @property
    def tokens(self) -> int:
        """All tokens at the end."""
        return self.prompt + self.visual + self.steps * self.step_text

    @property
    def longest(self) -> int:
        """Tokens of the longest piece that is read at once: the prompt with the first picture."""
        return self.prompt + self.picture


@dataclass(frozen=True, slots=True)
class Need:
    """What a model needs in one precision, in bytes.

    Attributes:
        precision: which one.
        weights: the parameters.
        cache: keys and values at the end of the run.
        activations: what is computed at once, at most.
        runtime: what the GPU's libraries take, and what the allocator wastes.
    """

    precision: Precision
    weights: int
    cache: int
    activations: int
    runtime: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.cache + self.activations + self.runtime


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU.

    Attributes:
        name: of it, or "a GPU of 24 GiB".
        bytes: its memory.
        detected: whether it is in this machine.
    """

    name: str
    bytes: int
    detected: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it fits.

    Attributes:
        fits: the precision in which it does, the finest one; None for none.
        gpu: on which GPU.
        free: bytes left over; negative when even the smallest precision does not fit.
        card_gib: the smallest usual GPU that holds it in bfloat16; None for none.
    """

    fits: Precision | None
    gpu: Gpu | None
    free: int
    card_gib: int | None


def need_of(anatomy: Anatomy, reading: Reading, precision: Precision) -> Need:
    """What a run needs in a precision."""
    weights = precision.weights_bytes(anatomy)
    cache = anatomy.cache_bytes(reading.tokens, precision.number_bytes)
    activations = activation_bytes(anatomy, reading, precision.number_bytes)
    return Need(precision, weights, cache, activations, RUNTIME_BYTES + round(SPARE * (weights + cache + activations)))


def activation_bytes(anatomy: Anatomy, reading: Reading, number_bytes: int) -> int:
    """The larger of what the decoder and the encoder hold at once inside one layer.

    Attention keeps no matrix of scores (SDPA, flash), so that it is five times the hidden width and three times the
    inner width of each token; besides, the logits of one position in float32, three times.
    """
    decoder, encoder = anatomy.decoder, anatomy.encoder
    reads = reading.longest * (5 * decoder.hidden + 3 * decoder.intermediate) * number_bytes
    looks = reading.patches * (5 * encoder.hidden + 3 * encoder.intermediate) * number_bytes
    return max(reads, looks) + 3 * 4 * anatomy.vocabulary


def verdict_on(needs: Sequence[Need], gpu: Gpu | None) -> Verdict:
    """Whether a GPU holds it, in which precision, and which card would.

    Args:
        needs: by precision, the finest first; those that nobody uses on a GPU are left out.
        gpu: the GPU; None for none.
    """
    half = next(need for need in needs if need.precision.name == "bfloat16")
    card = next((size for size in CARDS_GIB if size * GIB >= half.total), None)
    if gpu is None:
        return Verdict(None, None, 0, card)
    chosen = next((need for need in needs if need.total <= gpu.bytes), None)
    return Verdict(chosen.precision if chosen else None, gpu, gpu.bytes - (chosen or needs[-1]).total, card)


def gpu_of(text: str) -> Gpu:
    """A GPU by its memory: "24GB", "24", "81559MiB". What vendors call GB of a GPU are GiB, and are read so.

    Raises:
        UsageError: for a text that is no size.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None or float(found[1]) <= 0:
        raise UsageError(f"{text!r} is no size of a GPU.", remedy="Write its memory, such as 24GB.")
    size = float(found[1]) * (1 if (found[2] or "g").lower() == "g" else 1 / 1024)
    return Gpu(f"a GPU of {size:g} GiB", round(size * GIB))


def gpu_here() -> Gpu | None:
    """The largest GPU of this machine that torch sees; None without torch or GPU."""
    from importlib import import_module
    from importlib.util import find_spec

    if find_spec("torch") is None:
        return None
    torch: Any = import_module("torch")
    if not torch.cuda.is_available():
        return None
    all_of_them = [torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count())]
    largest = max(all_of_them, key=lambda each: each.total_memory)
    return Gpu(str(largest.name), int(largest.total_memory), detected=True)


def part_bytes(anatomy: Anatomy, part: Part, precision: Precision) -> int:
    """Bytes of one part's parameters."""
    alone = Anatomy(anatomy.name, anatomy.family, {part: anatomy.parts[part]}, (), anatomy.decoder)
    return precision.weights_bytes(alone)
