"""Ask a model that sees about a picture or a part of it."""

from __future__ import annotations

from ..errors import InvalidArguments
from ..vision.image import Image
from ..vision.region import Region
from .calls import Observation
from .describe import observed
from .focus import place_of
from .models.pool import shared_pool
from .models.tellers.base import checked_tokens
from .models.tellers.choose import teller
from .tool import Box, Tool, tool, tool_factory

MAX_QUESTION = 1000
"""Characters."""


@tool_factory
def ask_region_tool(
    *, weights: str = "smolvlm-500m", task: str = "", tokens: int = 64, host: str = "worker", timeout_s: float = 180.0
) -> Tool:
    """The tool `ask_region`, configured.

    Args:
        weights: a chat model of transformers that sees (SmolVLM, Idefics3, Qwen2.5-VL, LLaVA ...): a name that lavr
            knows, an id of the Hugging Face hub, or a folder. With the weights of `describe` it is loaded once.
        task: what a Florence-2 that was fine-tuned to answer questions knows them by, such as "<DocVQA>"; as released
            it answers none.
        tokens: how long an answer may be; a word is one or two.
        host: where it runs.
        timeout_s: seconds a call may take.

    Raises:
        UsageError: for a length that is none, or that takes for ever.
    """
    model, most = teller(weights, task), checked_tokens(tokens)

    @tool(
        name="ask_region",
        host=host,
        timeout_s=timeout_s,
        version="1",
        avoid="Pictures that you can see yourself. Reading text: `ocr`. Counting and finding things: `detect`.",
        limits="A small model answers, and may be wrong or make something up: one plain question about one thing.",
        example={"image": "img_1", "question": "Is the cup full?", "region": "r2"},
    )
    def ask_region(image: Image, question: str, region: Region | None = None, box: Box | None = None) -> Observation:
        """Ask a plain question about what a picture, a region or a box shows, for planners that cannot see.

        Args:
            image: the picture.
            question: what to ask, in one sentence.
            region: ask only about this place.
            box: ask only about this box.
        """
        words = question.strip()
        if not words or len(words) > MAX_QUESTION:
            remedy = f"Ask in one sentence, of at most {MAX_QUESTION} characters."
            raise InvalidArguments(f"A question of {len(words)} characters cannot be asked.", remedy=remedy)
        place = place_of(image, region, box)
        return observed(shared_pool().run(model, lambda loaded: loaded.answer(words, image, place, most)), weights)

    return ask_region
