"""A model that is ready to be fed: the network, its tokenizer and processor, and how its family takes pictures."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from itertools import count
from typing import Any

_SERIAL = count(1)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in memory, shared by all sessions.

    Attributes:
        name: the hub id or the folder.
        network: the `transformers` model, in evaluation mode.
        tokenizer: its tokenizer.
        processor: its multimodal processor, or None for a text-only model.
        placeholder: what stands for one picture in the text given to the processor; empty for a text-only model.
        picture_options: arguments of every processor call that bound the visual tokens of a picture.
        device: where it runs ("cpu", "cuda:0").
        reason: why it runs there, in that precision.
        reuse: whether what was read may be reused; False when the check at loading failed.
        notes: what people should know about it, such as that what it read cannot be reused.
        lock: held during a forward pass.
        encoding: held while text and pictures are encoded.
        serial: sets these weights apart from all others in this process, whatever they are called.
    """

    name: str
    network: Any
    tokenizer: Any
    processor: Any = None
    placeholder: str = ""
    picture_options: dict[str, Any] = field(default_factory=dict)
    device: str = "cpu"
    reason: str = ""
    reuse: bool = True
    notes: tuple[str, ...] = ()
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    encoding: threading.RLock = field(default_factory=threading.RLock, repr=False)
    serial: int = field(default_factory=lambda: next(_SERIAL), repr=False)

    @property
    def sees(self) -> bool:
        """Whether it takes pictures."""
        return self.processor is not None and bool(self.placeholder)

    @property
    def vocabulary(self) -> int:
        """Rows of the output layer: the length of a vector of logits, which may exceed the tokenizer's vocabulary."""
        return int(self.network.get_output_embeddings().weight.shape[0])

    @property
    def dtype(self) -> str:
        """The precision of its weights: "float32", "bfloat16" ..."""
        return str(self.network.dtype).removeprefix("torch.")

    @property
    def context(self) -> int | None:
        """How many positions it was made for, when its configuration says so."""
        longest = getattr(self.network.config.get_text_config(), "max_position_embeddings", None)
        return int(longest) if longest else None
