"""Chat models that see: SmolVLM, Idefics3, Qwen2.5-VL, LLaVA and whatever else has a chat template."""

from __future__ import annotations

import re

from ....vision.frame import Xyxy
from ....vision.image import Image
from ....vision.transforms import crop, pad, scaled
from ..pretrained import Pretrained
from .base import Told, written

DESCRIBE = "Describe what this picture shows in one to three sentences."
ANSWER = "Answer in a few words, from what the picture shows. If it does not show it, say so."

LONGEST, SHORTEST = 1024, 64
"""Pixels. A longer side above, or a shorter one below, is scaled: every pixel costs, and processors refuse specks."""

ROOM = 0.1
"""Surroundings to keep on each side of a part, as a share of its longer side."""

MAX_STRETCH = 16
"""Processors refuse pictures that are much longer than wide: they get a border."""

_THOUGHT = re.compile(r"<think>.*?(</think>|$)", re.DOTALL)


class Chat:
    """A network with a chat template. See `Teller`."""

    def __init__(self, loaded: Pretrained) -> None:
        self.loaded = loaded

    def describe(self, image: Image, place: Xyxy | None, tokens: int) -> Told:
        """See `Teller.describe`. It is shown the part with some surroundings."""
        return self._told(DESCRIBE, shown(image, place), tokens)

    def answer(self, question: str, image: Image, place: Xyxy | None, tokens: int) -> Told:
        """See `Teller.answer`."""
        return self._told(f"{question}\n{ANSWER}", shown(image, place), tokens)

    def _told(self, words: str, image: Image, tokens: int) -> Told:
        processor = self.loaded.processor
        content = [{"type": "image"}, {"type": "text", "text": words}]
        thinking = {"enable_thinking": False} if "enable_thinking" in str(processor.chat_template) else {}
        prompt = processor.apply_chat_template(
            [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False, **thinking
        )
        inputs = processor(text=[prompt], images=[[image.pil()]], add_special_tokens=False, return_tensors="pt")
        ids, cut = written(self.loaded, self.loaded.moved(inputs), tokens)
        text = processor.tokenizer.decode(ids, skip_special_tokens=True)
        return Told(_THOUGHT.sub("", text).strip(), cut)


def shown(image: Image, place: Xyxy | None) -> Image:
    """What the model is given of a picture: a part with its surroundings, in a size and shape that it can take."""
    part = image.box if place is None else place
    room = 0.0 if place is None else ROOM * max(part[2] - part[0], part[3] - part[1])
    seen = crop(image, part, padding=room, longest=LONGEST)
    least = -(-max(seen.size_wh) // MAX_STRETCH)
    right, bottom = (max(0, least - side) for side in seen.size_wh)
    seen = pad(seen, 0, 0, right, bottom) if right or bottom else seen
    shorter = min(seen.size_wh)
    return seen if shorter >= SHORTEST else scaled(seen, SHORTEST / shorter)
