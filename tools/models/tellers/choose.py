"""Which kind of model it is: Florence-2 does what its task prompts name, chat models are asked in words."""

from __future__ import annotations

from ....errors import MissingModel
from ..pool import PooledModel
from ..pretrained import load_pretrained
from ..weights import bytes_expected
from .base import Teller
from .chat import Chat
from .florence import Florence


def teller(weights: str, task: str = "") -> PooledModel[Teller]:
    """How the pool loads a model that tells.

    Args:
        weights: a name of the catalogue, an id of the hub, or a folder.
        task: what a Florence-2 that was fine-tuned to answer questions knows them by; others need none.
    """
    key = f"tell:{weights}" + (f":{task}" if task else "")
    return PooledModel(
        key, lambda device: load_teller(weights, device, task), _size, expected_bytes=bytes_expected(weights)
    )


def load_teller(weights: str, device: str, task: str = "") -> Teller:
    """The model, on a device. Errors as for `load_pretrained`; `MissingModel` also for one that cannot be asked."""
    dtype = "float32" if device == "cpu" else "bfloat16" if device.startswith("cuda") else "float16"
    loaded = load_pretrained(
        weights,
        device,
        kind="describe",
        network="AutoModelForImageTextToText",
        processor="AutoProcessor",
        dtype=dtype,
        needed=("model.language_model.", "lm_head."),
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


def _size(loaded: Teller) -> int:
    return loaded.loaded.size_bytes
