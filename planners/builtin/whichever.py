"""Questions that choose a picture: "which one says closed?" asks each picture "does it say closed?"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...vision.image import Image
from ..base import Draft
from . import compose
from .desk import Desk
from .programs import Program, attempt
from .scopes import All
from .words import Word, Words, bag


@dataclass(frozen=True)
class Whichever(Program):
    """The pictures about which a question is answered yes."""

    asked: Program

    @property
    def aim(self) -> str:
        """The aim of the question."""
        return self.asked.aim

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """Those pictures, with what was answered about each; incomplete where a picture gave no answer."""
        chosen = images if len(images) > 1 else All(2).images(desk)
        drafts = desk.each(chosen, lambda image: attempt(self.asked, desk, [image]))
        details = compose.per_image(chosen, drafts)
        if any(draft.value not in ("yes", "no") for draft in drafts):
            return Draft(details.text, details.citations, complete=False)
        found = [image for image, draft in zip(chosen, drafts, strict=True) if draft.value == "yes"]
        named = compose.listing([compose.title(image) for image in found]) if found else "None of them"
        cite = [(compose.title(image), image.handle) for image in found]
        text = f"{named}.\n{details.text}"
        value = ", ".join(image.handle for image in found) or "none"
        return Draft(text, (*compose.citations(text, cite), *details.citations), value=value)


def read(words: Words, plain: Callable[[Words], Program | None]) -> Program | None:
    """`which one has a barcode`: what "does it have a barcode" asks, of each picture."""
    texts = [word.text for word in words]
    if texts[:1] not in (["which"], ["what"]):
        return None
    at = next((at for at, text in enumerate(texts) if at and text not in _ONE), len(texts))
    verb = texts[at] if at < len(texts) else ""
    if at < 2 or verb not in _VERBS:
        return None
    asked = plain((*_said(_VERBS[verb]), *words[at + 1 :]))
    return None if asked is None else Whichever(asked)


def _said(text: str) -> Words:
    return tuple(Word(part, part) for part in text.split())


_ONE = bag(
    "one ones of the these them two both picture pictures image photo receipt receipts invoice document page sign"
)
_VERBS = {
    "says": "does it say", "say": "does it say", "reads": "does it say", "mentions": "does it mention",
    "has": "does it have", "have": "does it have", "contains": "does it contain", "shows": "does it show",
    "is": "is it", "are": "is it",
}  # fmt: skip
"""The verbs of such questions -> how each picture is asked."""
