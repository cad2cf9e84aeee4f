"""What is live: the handles that a decision may name, and how large pictures were shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..vision.frame import SizeWh
from ..vision.image import Image
from .base import Conversation


@dataclass(frozen=True, slots=True)
class Handles:
    """What a decision may name.

    Attributes:
        images: handles of the live images, oldest first.
        regions: handles of the live regions, oldest first.
        calls: ids of the calls that have results, oldest first.
        extent_wh: width and height in pixels, as shown, that no live image exceeds.
    """

    images: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    extent_wh: SizeWh = (4096, 4096)

    @classmethod
    def of(cls, conversation: Conversation, *, shown_wh: Callable[[Image], SizeWh] | None = None) -> Handles:
        """Everything that has a handle in a conversation.

        Args:
            conversation: what was said so far.
            shown_wh: the size in pixels at which the model saw an image; its own size when left out.
        """
        regions = conversation.regions
        images = [*conversation.images, *conversation.made]
        images += [region.image for region in regions if region.image.handle]
        sizes = [shown_wh(image) if shown_wh else image.size_wh for image in images] or [(4096, 4096)]
        return cls(
            images=_once(image.handle for image in images),
            regions=_once(region.handle for region in regions),
            calls=_once(came.call.id for came in conversation.results if came.ok),
            extent_wh=(max(width for width, _ in sizes), max(height for _, height in sizes)),
        )

    @property
    def citable(self) -> tuple[str, ...]:
        """What an answer may rest on."""
        return (*self.regions, *self.images, *self.calls)


def _once(handles: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(handle for handle in handles if handle))
