"""Florence-2: one small model whose tasks are named by prompts (Xiao et al. 2023, https://arxiv.org/abs/2311.06242)."""

from __future__ import annotations

import re

from ....errors import UsageError
from ....vision.frame import Xyxy
from ....vision.image import Image
from ....vision.region import Region
from ....vision.transforms import crop
from ..pretrained import Pretrained
from .base import Told, written

WHOLE, PART = "<DETAILED_CAPTION>", "<REGION_TO_DESCRIPTION>"

BINS = 1000
"""Places are told to it as `<loc_0>` to `<loc_999>`."""

ROOM = 1.0
"""Surroundings to keep on each side of a part, as a share of its longer side.

It sees every picture in 768 x 768 pixels. On a large one a small part would be a few of them.
"""

LONGEST = 1024

_PLACES = re.compile(r"<loc_\d+>")


class Florence:
    """A network of Florence-2. See `Teller`.

    Args:
        loaded: the network.
        task: what a network that was fine-tuned to answer questions knows them by, such as "<DocVQA>".
    """

    def __init__(self, loaded: Pretrained, task: str = "") -> None:
        self.loaded = loaded
        self.task = task

    def describe(self, image: Image, place: Xyxy | None, tokens: int) -> Told:
        """See `Teller.describe`. A part is named to it as a place on its surroundings."""
        if place is None:
            return self._told(WHOLE, crop(image, image.box, longest=LONGEST), tokens)
        longer = max(place[2] - place[0], place[3] - place[1])
        seen = crop(image, place, padding=ROOM * longer, longest=LONGEST)
        return self._told(PART + location(Region(image, place).on(seen)), seen, tokens)

    def answer(self, question: str, image: Image, place: Xyxy | None, tokens: int) -> Told:
        """See `Teller.answer`. Raises `UsageError` without a task: as released it captions whatever it is asked."""
        if not self.task:
            raise UsageError(
                "Florence-2 describes pictures, and has no task for questions.",
                remedy="Give ask_region a chat model such as smolvlm-500m, or the task that yours was fine-tuned to.",
            )
        seen = crop(image, image.box if place is None else place, longest=LONGEST)
        return self._told(self.task + question, seen, tokens)

    def _told(self, prompt: str, image: Image, tokens: int) -> Told:
        processor = self.loaded.processor
        inputs = self.loaded.moved(processor(text=prompt, images=image.pil(), return_tensors="pt"))
        ids, cut = written(self.loaded, inputs, tokens)
        # A description of a part ends in its place.
        return Told(_PLACES.sub("", processor.tokenizer.decode(ids, skip_special_tokens=True)).strip(), cut)


def location(region: Region) -> str:
    """The box of a region as Florence-2 reads it: left, top, right, bottom in thousandths of the picture's sides."""
    sides = (*region.image.size_wh, *region.image.size_wh)
    bins = (int(edge * BINS / side) for edge, side in zip(region.xyxy, sides, strict=True))
    return "".join(f"<loc_{min(max(each, 0), BINS - 1)}>" for each in bins)
