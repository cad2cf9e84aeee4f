"""Words that point: "this one", "here", where the user marked a place on the picture."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...vision.region import Region

_HANDLE = re.compile(r"\br\d+\b")
_QUOTED = re.compile(r"""("[^"]*"|“[^”]*”|‘[^’]*’|`[^`]*`)""")
_NOUN = "one|place|spot|region|area|part|box|point|thing|object|line|word|text"
_SEVERAL = re.compile(rf"\b(?:these|those)(?: two)?(?: (?:{_NOUN})s)?\b(?! \w)|\bthem\b", re.IGNORECASE)
# A bare "this" is a pointing word where no noun follows that it could belong to: at the end, or before a verb.
_ONE = re.compile(
    rf"\b(?:this|that) (?:{_NOUN})\b|\b(?:this|that)\b(?= (?:say|read|mean|cost)s?\b|\s*[?.!,]|\s*$)", re.IGNORECASE
)
_SAYS = re.compile(r"\bit (say|read)s? (?:here|there)\b", re.IGNORECASE)
_HERE = re.compile(r"\b(?:in |over |right )?(?:here|there)\b(?=\s*[?.!,]|\s*$)", re.IGNORECASE)


def pointed_out(question: str, regions: Sequence[Region]) -> str:
    """The question with the handles of what the user points at in the place of words that point.

    Several regions are meant by "these" and "them", the last one by "this one" and its like. A question that names a
    handle itself is left as it is.
    """
    if not regions or _HANDLE.search(question):
        return question
    last, every = regions[-1].handle, " and ".join(region.handle for region in regions)

    def named(text: str) -> str:
        said = _SAYS.sub(rf"{last} \1", text)
        return _HERE.sub(f"in {last}", _ONE.sub(last, _SEVERAL.sub(every, said)))

    # What stands in quotation marks is looked for as it is.
    return "".join(piece if at % 2 else named(piece) for at, piece in enumerate(_QUOTED.split(question)))
