"""How answers are worded: pieces with citations, joined into one draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...vision.image import Image
from ...vision.inflection import plural
from ...vision.region import Region
from ..base import Citation, Draft

HINT = (
    "A planner with a multimodal model may know: lavr ask --planner MODEL, where MODEL is such a model: "
    "a hub id or openai:NAME."
)
SHOWN_LINES = 40


def say(text: str, value: str = "", cite: Iterable[tuple[str, str]] = ()) -> Draft:
    """A complete answer. `cite`: pieces of the text and the handles they rest on; empty ones are left out."""
    return Draft(text, citations(text, cite), value=value)


def cannot(text: str, value: str = "", cite: Iterable[tuple[str, str]] = ()) -> Draft:
    """An answer that says what could not be established, and who may know."""
    full = text if HINT in text else f"{text} {HINT}"
    return Draft(full, citations(full, cite), complete=False, value=value)


def citations(text: str, cite: Iterable[tuple[str, str]]) -> tuple[Citation, ...]:
    """Citations whose quote stands in the text and whose handle is known, each once."""
    kept = {(quote, handle): None for quote, handle in cite if quote and handle and quote in text}
    return tuple(Citation(quote, handle) for quote, handle in kept)


def cited(regions: Iterable[Region]) -> list[tuple[str, str]]:
    """The texts of regions, each resting on its region."""
    return [(region.text or region.label, region.handle) for region in regions]


def yes_no(holds: bool) -> str:
    """The word for it."""
    return "yes" if holds else "no"


def counted(number: int, noun: str, plural_noun: str = "") -> str:
    """`1 line`, `2 lines`, `no lines`."""
    return f"{number or 'no'} {noun if number == 1 else plural_noun or plural(noun)}"


def with_article(noun: str) -> str:
    """`a circle`, `an ellipse`."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def kinds(labels: Iterable[str]) -> str:
    """`a rectangle, 2 circles and a triangle`: things by their labels, each kind once."""
    among = list(labels)
    return listing(
        [with_article(one) if among.count(one) == 1 else counted(among.count(one), one) for one in dict.fromkeys(among)]
    )


def listing(pieces: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return pieces[0] if len(pieces) == 1 else f"{', '.join(pieces[:-1])} and {pieces[-1]}" if pieces else "nothing"


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    head = text[:1].upper() + text[1:]
    return head if head.endswith((".", "!", "?", "”", "\n")) else f"{head}."


def title(image: Image) -> str:
    """What people call a picture: its handle, and its name where it has one."""
    return f"{image.handle} ({image.name})" if image.name else image.handle


def per_image(images: Sequence[Image], drafts: Sequence[Draft]) -> Draft:
    """One answer for each picture, said by its name; a single picture is not named."""
    if len(drafts) == 1:
        return drafts[0]
    named = [
        Draft(f"{title(image)}: {draft.text}", draft.citations, draft.complete, draft.value)
        for image, draft in zip(images, drafts, strict=True)
    ]
    return together(named, "\n")


def together(drafts: Sequence[Draft], between: str = " ") -> Draft:
    """Several answers as one: texts and values joined, citations kept; complete when all are."""
    texts = [draft.text for draft in drafts]
    if sum(HINT in text for text in texts) > 1:
        texts = [text.replace(HINT, "").rstrip() for text in texts]
        texts[-1] += f" {HINT}"
    return Draft(
        between.join(texts),
        tuple(dict.fromkeys(citation for draft in drafts for citation in draft.citations)),
        all(draft.complete for draft in drafts),
        "; ".join(draft.value for draft in drafts if draft.value),
    )
