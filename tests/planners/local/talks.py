"""Conversations that are fed span by span, and what they are in one piece."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from PIL.Image import Image

from lavr.planners.local.loaded import LoadedModel
from lavr.planners.local.session import Session
from lavr.planners.local.spans import SpanEncoder
from lavr.tests.planners.local import tiny
from lavr.tests.planners.local.uncached import Whole

TOLERANCE = 1e-4
"""The largest difference of a logit that is rounding, in float32."""


@dataclass(frozen=True)
class Part:
    """One span: `*` stands for each of its pictures. What was written is pushed token by token."""

    text: str
    pictures: tuple[Image, ...] = ()
    written: bool = False


def talk() -> list[Part]:
    """A picture, a reply, a picture in a later span, text only, two pictures in one span, a reply."""
    return [
        Part("<|im_start|>user\n*What is it?<|im_end|>\n<|im_start|>assistant\n", (tiny.picture(120, 90, 1),)),
        Part("Let me crop the image.<|im_end|>", written=True),
        Part("\n<|im_start|>tool\n*the crop<|im_end|>\n", (tiny.picture(70, 150, 2),)),
        Part("<|im_start|>user\nand the total?<|im_end|>\n<|im_start|>assistant\n"),
        Part("One more look<|im_end|>", written=True),
        Part("\n<|im_start|>tool\n*left*right<|im_end|>\n", (tiny.picture(200, 100, 3), tiny.picture(64, 64, 4))),
        Part("<|im_start|>assistant\n"),
        Part("The", written=True),
    ]


def fitting(model: LoadedModel, parts: list[Part]) -> list[Part]:
    """The parts without their pictures, for a model that sees none."""
    return parts if model.sees else [Part(part.text.replace("*", ""), (), part.written) for part in parts]


class Talk:
    """A session of a model that parts are fed to, and all that was fed, to compute it whole."""

    def __init__(self, model: LoadedModel) -> None:
        self.model, self.session, self.encoder = model, Session(model), SpanEncoder(model)
        self.text, self.pictures = "", list[Image]()

    def feed(self, part: Part) -> None:
        text = part.text.replace("*", self.model.placeholder)
        span = self.encoder.encode(text, part.pictures)
        if part.written:
            for token in span.ids:
                self.session.push([token])
        else:
            self.session.append(span)
        self.text += text
        self.pictures += part.pictures

    def fork(self) -> Talk:
        twin = Talk(self.model)
        twin.session, twin.text, twin.pictures = self.session.fork(), self.text, list(self.pictures)
        return twin

    def whole(self) -> Whole:
        whole = Whole(self.model, self.text, self.pictures)
        assert self.session.ids == whole.ids
        return whole

    def difference(self) -> float:
        """How far its logits are from those of one full pass."""
        return float((self.session.logits() - self.whole().logits()).abs().max())


def greedy(session: Session, count: int) -> list[int]:
    """The tokens that a session writes greedily."""
    written = []
    for _ in range(count):
        written.append(int(session.logits().argmax()))
        session.push(written[-1:])
    return written


def noise(model: LoadedModel) -> torch.Tensor:
    """Logits of another conversation, run to disturb what a model keeps for itself."""
    other = Talk(model)
    for part in fitting(model, talk())[:1]:
        other.feed(part)
    return other.session.logits()
