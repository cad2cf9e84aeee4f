"""What a segmenter is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ....vision.frame import Xyxy
from ....vision.image import Image
from ....vision.mask import Mask

Xy: TypeAlias = tuple[float, float]
"""A point: x, y in pixels of the picture."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Where one thing is: a box, points, or both.

    Attributes:
        box: around the thing, in pixels of the picture.
        inside: points on it.
        outside: points that do not belong to it.
    """

    box: Xyxy | None = None
    inside: tuple[Xy, ...] = ()
    outside: tuple[Xy, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """What was cut out for a prompt.

    Attributes:
        mask: of the size of the picture; empty when nothing stood out.
        score: how well the mask fits by the model's own guess, 0 to 1; None where the method gives none.
    """

    mask: Mask
    score: float | None = None


class Segmenter(Protocol):
    """Cuts things out. Safe to use from several threads."""

    @property
    def method(self) -> str:
        """What it is, as the end of a sentence: "SAM (sam_vit_b.pth)"."""
        ...

    def cut(self, image: Image, prompts: Sequence[Prompt]) -> list[Cut]:
        """A cut for each prompt, in order."""
        ...
