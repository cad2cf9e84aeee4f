"""Search in text that was read off a picture: forgiving about case, accents and what OCR confuses."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..vision.region import Region

CONFUSED = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s", "8": "b"})
"""What OCR takes for each other: 0 and O, 1, l and I, 5 and S, 8 and B."""

EXACT, CONFUSABLE, CONTAINED = 1.0, 0.97, 0.9

ALIKE = 0.8
"""From this likeness on words are a match. Numbers are never alike: only equal, confusable or contained."""

NEAR = 0.5
"""Candidates below this likeness are not worth a mention."""

SHORTEST_PART = 3
"""Shorter texts match whole words only: "in" is not found in "dining"."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found.

    Attributes:
        matches: best first, of equals in reading order; their scores are the likeness, 0 to 1.
        nearest: texts that come closest when there is no match.
    """

    matches: tuple[Region, ...]
    nearest: tuple[str, ...] = ()


def search(wanted: str, rows: Sequence[Sequence[Region]]) -> Hits:
    """Find a word or phrase among the words of a page, row by row."""
    spans = [span for number, row in enumerate(rows) for span in _spans(wanted, number, row)]
    spans.sort(key=lambda span: (-span.score, span.surplus))
    least = CONTAINED if _is_number(wanted) else ALIKE
    matches = _apart([span for span in spans if span.score >= least])
    if matches:
        matches.sort(key=lambda span: (-span.score, span.row, span.start))
        return Hits(tuple(_region(span, rows) for span in matches))
    nearest = [_region(span, rows).text or "" for span in _apart([span for span in spans if span.score >= NEAR])]
    return Hits((), tuple(dict.fromkeys(nearest))[:3])


@dataclass(frozen=True, slots=True)
class _Span:
    """Words `start` to `end` of a row, and how like the wanted text they are."""

    row: int
    start: int
    end: int
    score: float
    surplus: int

    def overlaps(self, other: _Span) -> bool:
        return self.row == other.row and self.start < other.end and other.start < self.end


def _spans(wanted: str, number: int, row: Sequence[Region]) -> Iterator[_Span]:
    """Every run of words in a row that is about as long as the wanted text."""
    key = _key(wanted)
    keys = [_key(word.text or "") if key else (word.text or "") for word in row]
    key = key or wanted.strip()
    for start in range(len(row)):
        joined = ""
        for end in range(start, len(row)):
            joined += keys[end]
            score = _likeness(key, joined)
            yield _Span(number, start, end + 1, score, abs(len(joined) - len(key)))
            if len(joined) > 1.3 * len(key) + 1:
                break


def _likeness(wanted: str, found: str) -> float:
    if wanted == found:
        return EXACT
    one, other = wanted.translate(CONFUSED), found.translate(CONFUSED)
    if one == other:
        return CONFUSABLE
    if len(wanted) >= SHORTEST_PART and one in other:
        return CONTAINED
    from rapidfuzz.fuzz import ratio

    return min(float(ratio(one, other)) / 100, CONTAINED - 0.01)


def _apart(spans: Sequence[_Span]) -> list[_Span]:
    """The best spans that share no word."""
    kept: list[_Span] = []
    for span in spans:
        if not any(span.overlaps(other) for other in kept):
            kept.append(span)
    return kept


def _region(span: _Span, rows: Sequence[Sequence[Region]]) -> Region:
    words = rows[span.row][span.start : span.end]
    merged = words[0] if len(words) == 1 else Region.merged(words)
    return replace(merged, label="match", score=span.score, attributes={"row": span.row})


def _key(text: str) -> str:
    """Letters and digits only, without case and accents."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in bare if character.isalnum())


def _is_number(text: str) -> bool:
    key = _key(text)
    return 2 * sum(character.isdigit() for character in key) >= len(key) > 0
