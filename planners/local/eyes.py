"""The eyes of a local model: what its own processor does to a picture, and what that costs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ...errors import LimitReached
from ...vision.frame import SizeWh
from ...vision.image import Image
from ...vision.units import CoordinateUnit
from ..rendering.eyes import ShutEyes, resized
from ..rendering.turns import Eyes, View
from .families import Family, family_of
from .loaded import LoadedModel

SIZES_KEPT = 1024
_STEP = 0.9


@dataclass(frozen=True, slots=True)
class Seen:
    """What becomes of a picture of some size.

    Attributes:
        shown_wh: the size at which it is fed.
        tokens: the visual tokens that it becomes, without the marks around it.
    """

    shown_wh: SizeWh
    tokens: int


class ProcessorEyes:
    """Eyes that ask the processor, once for each size of a picture, by giving it a black one.

    Args:
        model: a model that sees.
        family: how its family takes pictures.
        most: a picture that would cost more visual tokens is handed over smaller; None for no bound but the
            processor's own.
    """

    def __init__(self, model: LoadedModel, family: Family, most: int | None = None) -> None:
        self._model = model
        self._family = family
        self._most = most
        self.seen = lru_cache(SIZES_KEPT)(self._seen)
        self._handed_wh = lru_cache(SIZES_KEPT)(self._fitting)

    @property
    def unit(self) -> CoordinateUnit:
        """The unit in which the model reads and writes boxes."""
        return self._family.unit

    def within(self, tokens: int) -> ProcessorEyes:
        """The same eyes, seeing each picture as large as `tokens` visual tokens allow."""
        return ProcessorEyes(self._model, self._family, min(tokens, self._most or tokens))

    def shown_wh(self, image: Image) -> SizeWh:
        """The size at which the model sees it. Raises `LimitReached` when it costs too much however small it is."""
        return self.seen(self._handed_wh(image.size_wh)).shown_wh

    def views(self, image: Image) -> tuple[View, ...]:
        """The one view: the picture as the processor is given it. Errors as for `shown_wh`."""
        handed = self._handed_wh(image.size_wh)
        seen = self.seen(handed)
        return (View(resized(image, handed), seen.shown_wh, seen.tokens),)

    def _fitting(self, size_wh: SizeWh) -> SizeWh:
        """The largest size of that shape that the bound allows."""
        handed, scale = size_wh, 1.0
        while self._most is not None and (cost := self.seen(handed).tokens) > self._most:
            if max(handed) == 1:
                raise LimitReached(
                    f"A picture costs this model {cost} visual tokens or more; {self._most} are allowed.",
                    remedy=f"Raise the budget of a picture to {cost}.",
                    limit="visual_tokens",
                )
            scale *= _STEP
            handed = max(1, math.floor(size_wh[0] * scale)), max(1, math.floor(size_wh[1] * scale))
        return handed

    def _seen(self, size_wh: SizeWh) -> Seen:
        from PIL import Image as Pil

        model, family = self._model, self._family
        black = Pil.new("RGB", size_wh)
        with model.encoding:
            whole = model.processor(
                text=[model.placeholder],
                images=[[black]],
                return_tensors="pt",
                add_special_tokens=False,
                **model.picture_options,
            )
            images = model.processor.image_processor
            batch: Any = {**whole, **images([[black]], return_tensors="pt", **model.picture_options, **family.asked)}
        return Seen(family.shown(images, batch, size_wh), visual_tokens(model, whole["input_ids"][0].tolist()))


def visual_tokens(model: LoadedModel, token_ids: Iterable[int]) -> int:
    """How many of the tokens stand for a part of a picture."""
    owners = (model.processor, model.network.config)
    own = {getattr(owner, name, None) for owner in owners for name in ("image_token_id", "image_token_index")} - {None}
    return sum(token in own for token in token_ids)


def eyes_of(model: LoadedModel) -> Eyes:
    """The eyes of a model: shut for one that takes text only."""
    if not model.sees:
        return ShutEyes()
    return ProcessorEyes(model, family_of(model.network.config.model_type))
