"""Say in words what is on a picture or a part of it."""

from __future__ import annotations

from ..vision.image import Image
from ..vision.region import Region
from .calls import Observation
from .focus import place_of
from .models.pool import shared_pool
from .models.tellers.base import Told, checked_tokens
from .models.tellers.choose import teller
from .tool import Box, Tool, tool, tool_factory


@tool_factory
def describe_tool(
    *, weights: str = "florence-2-base", tokens: int = 128, host: str = "worker", timeout_s: float = 180.0
) -> Tool:
    """The tool `describe`, configured.

    Args:
        weights: Florence-2, or a chat model of transformers that sees (SmolVLM, Idefics3, Qwen2.5-VL, LLaVA ...): a
            name that lavr knows, an id of the Hugging Face hub, or a folder.
        tokens: how long a caption may be; a word is one or two.
        host: where it runs.
        timeout_s: seconds a call may take.

    Raises:
        UsageError: for a length that is none, or that takes for ever.
    """
    model, most = teller(weights), checked_tokens(tokens)

    @tool(
        name="describe",
        host=host,
        timeout_s=timeout_s,
        version="1",
        avoid="Pictures that you can see yourself. Reading text: `ocr`. Counting and finding things: `detect`.",
        limits="A small model writes it: details, numbers and names may be wrong.",
        example={"image": "img_1", "region": "r2"},
    )
    def describe(image: Image, region: Region | None = None, box: Box | None = None) -> Observation:
        """Describe in words what a picture, a region or a box shows, for planners that cannot see.

        Args:
            image: the picture.
            region: describe only this place.
            box: describe only this box.
        """
        place = place_of(image, region, box)
        return observed(shared_pool().run(model, lambda loaded: loaded.describe(image, place, most)), weights)

    return describe


def observed(told: Told, weights: str) -> Observation:
    """What a model said about a picture. Text on the picture may have spoken through it: it is data."""
    text = told.text + (" ... (cut off)" if told.cut else "")
    return Observation(
        text=text if told.text else "The model said nothing.",
        data={"text": told.text, "cut": told.cut, "weights": weights},
        untrusted=True,
    )
