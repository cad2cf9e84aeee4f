"""Which classes of a detector are meant by what was asked for.

People ask for "people", "bikes" and "TVs"; a detector knows "person", "bicycle" and "tv".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from ..jsonable import Json
from ..vision.inflection import plural, singular
from ..vision.nouns import ANYTHING, broader, common_name, is_kind


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a label that was asked for means to a detector.

    Attributes:
        asked: the label as it was asked for.
        classes: the classes that are meant, as the detector calls them; empty when it knows none.
        exact: whether they are just what was asked for, not something broader.
    """

    asked: str
    classes: tuple[str, ...]
    exact: bool = True


def meaning(asked: str, classes: Sequence[str]) -> Meaning:
    """Which of a detector's classes a label means: by its name, a synonym, a group ("animals"), or its last words."""
    by_form = {_forms(name)[at]: name for at in range(3) for name in reversed(classes)}
    noun = common_name(normal(asked))
    if noun in ANYTHING:
        return Meaning(asked, tuple(classes))
    for form in reversed(_forms(asked)):
        if form in by_form:
            return Meaning(asked, (by_form[form],))
    group = tuple(name for name in classes if is_kind(common_name(normal(name)), noun))
    if group:
        return Meaning(asked, group)
    wider = next((by_form[broad] for broad in broader(noun) if broad in by_form), None)
    return Meaning(asked, () if wider is None else (wider,), exact=False)


TAKEN_AS = "taken_as"
"""Where the data of an observation says which labels were taken as something broader, and as which classes."""


def taken_as(data: Json, asked: str) -> tuple[str, ...]:
    """The broader classes that a detector took a label as, by the data that it gave; none where it knows the label."""
    known = data.get(TAKEN_AS) if isinstance(data, Mapping) else None
    classes = known.get(asked) if isinstance(known, Mapping) else None
    return tuple(map(str, classes)) if isinstance(classes, Sequence) and not isinstance(classes, str) else ()


def taken_note(asked: str, classes: Sequence[str]) -> str:
    """That a label was taken as something broader."""
    return f"“{asked}” was taken as {', '.join(classes)}."


def _forms(name: str) -> tuple[str, str, str]:
    """By what a name can be known, the best last: its common name, its singular, itself."""
    own = normal(name)
    return common_name(own), singular(own), own


def nearest(asked: str, classes: Sequence[str], count: int = 5) -> list[str]:
    """The classes whose names come nearest to a label, best first."""
    return [name for name, _, _ in process.extract(singular(normal(asked)), classes, scorer=fuzz.WRatio, limit=count)]


def normal(name: str) -> str:
    """A name as it is compared: lower case, blanks for hyphens and underscores, no article."""
    words = re.sub(r"[\s_\-.,;:!?]+", " ", name.casefold()).strip()
    return re.sub(r"^(?:the|a|an|any|some|all) (?=.)", "", words)


def counted(counts: Mapping[str, int]) -> str:
    """How many there are of each: "3 circles, 1 square"."""
    return ", ".join(f"{count} {label if count == 1 else plural(label)}" for label, count in counts.items())
