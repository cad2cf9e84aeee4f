"""What a model that tells can do, and how words are got out of it: one small protocol for all families."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ....errors import UsageError
from ....vision.frame import Xyxy
from ....vision.image import Image
from ..pretrained import Pretrained

MAX_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class Told:
    """What a model said; `cut` is whether it was stopped before it had done."""

    text: str
    cut: bool = False


class Teller(Protocol):
    """A model that tells what is on a picture. It always says the same about the same: the likeliest words."""

    loaded: Pretrained

    def describe(self, image: Image, place: Xyxy | None, tokens: int) -> Told:
        """A caption.

        Args:
            image: the picture.
            place: the part to describe, in pixels of the picture; None for all of it.
            tokens: how many the caption may have.
        """
        ...

    def answer(self, question: str, image: Image, place: Xyxy | None, tokens: int) -> Told:
        """The answer to a question about a picture or a part of it. Arguments as for `describe`."""
        ...


def checked_tokens(tokens: int) -> int:
    """A length of text that a model may write. Raises `UsageError` for one that is none, or that takes for ever."""
    if not 1 <= tokens <= MAX_TOKENS:
        raise UsageError(f"A text of {tokens} tokens cannot be asked for.", remedy=f"Give 1 to {MAX_TOKENS}.")
    return tokens


def written(loaded: Pretrained, inputs: Any, tokens: int) -> tuple[list[int], bool]:
    """The likeliest tokens after some inputs, those of the inputs left out, and whether they fill all the room."""
    import torch

    network = loaded.network
    greedy = {"do_sample": False, "num_beams": 1, "temperature": None, "top_p": None, "top_k": None}
    with torch.inference_mode():
        ids = network.generate(**inputs, max_new_tokens=tokens, **greedy)[0].tolist()
    # A decoder of its own begins with its start token, a model that only continues with all that it was given.
    given = 1 if network.config.is_encoder_decoder else int(inputs["input_ids"].shape[1])
    return ids[given:], len(ids) - given >= tokens
