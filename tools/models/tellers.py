"""Models that tell what is on a picture: in a caption, or in answer to a question. One protocol, two kinds.

Florence-2 does what its task prompts name; chat models (SmolVLM, Idefics3, Qwen2.5-VL, LLaVA ...) are asked in words.
Which kind a model is, its configuration says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ...errors import MissingModel, UsageError
from ...vision.frame import Xyxy
from ...vision.image import Image
from .pool import PooledModel
from .pretrained import Pretrained, load_pretrained


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


MAX_TOKENS = 1024


def checked_tokens(tokens: int) -> int:
    """A length of text that a model may write. Raises `UsageError` for one that is none, or that takes for ever."""
    if not 1 <= tokens <= MAX_TOKENS:
        raise UsageError(f"A text of {tokens} tokens cannot be asked for.", remedy=f"Give 1 to {MAX_TOKENS}.")
    return tokens


def teller(weights: str, task: str = "") -> PooledModel[Teller]:
    """How the pool loads a model that tells.

    Args:
        weights: a name of the catalogue, an id of the hub, or a folder.
        task: what a Florence-2 that was fine-tuned to answer questions knows them by; others need none.
    """
    key = f"tell:{weights}" + (f":{task}" if task else "")
    return PooledModel(key, lambda device: load_teller(weights, device, task), _size)


def load_teller(weights: str, device: str, task: str = "") -> Teller:
    """The model, on a device. Errors as for `load_pretrained`; `MissingModel` also for one that cannot be asked."""
    from .chat import Chat
    from .florence import Florence

    dtype = "float32" if device == "cpu" else "bfloat16" if device.startswith("cuda") else "float16"
    loaded = load_pretrained(
        weights,
        device,
        kind="describe",
        network="AutoModelForImageTextToText",
        processor="AutoProcessor",
        dtype=dtype,
    )
    if loaded.network.config.model_type == "florence2":
        return Florence(loaded, task)
    if not getattr(loaded.processor, "chat_template", None):
        raise MissingModel(
            f"The model {weights} has no chat template: nobody knows how to ask it.",
            remedy="Give Florence-2, or a chat model such as SmolVLM.",
            model=weights,
        )
    return Chat(loaded)


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


def _size(loaded: Teller) -> int:
    return loaded.loaded.size_bytes
