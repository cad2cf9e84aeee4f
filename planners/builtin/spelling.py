"""Typing errors in the words that the grammar knows; tried only where a question makes no sense as it is written."""

from __future__ import annotations

from dataclasses import replace

from rapidfuzz.distance import OSA

from .words import Word, Words, bag

SHORTEST = 4
LONG = 8
_REAL = bag("form from tool than then there where were here hear read three bard code core care word work")
"""Words that are right as they are, although another is one letter away."""


def corrected(words: Words, vocabulary: frozenset[str]) -> Words:
    """The words with typing errors corrected where exactly one known word is that close; as written otherwise."""
    return tuple(_corrected(word, vocabulary) for word in words)


def _corrected(word: Word, vocabulary: frozenset[str]) -> Word:
    text = word.text
    if word.quoted or not text.isalpha() or text in vocabulary or text in _REAL or len(text) < SHORTEST:
        return word
    allowed = 2 if len(text) >= LONG else 1
    near = {known: OSA.distance(text, known, score_cutoff=allowed) for known in vocabulary if _could_be(text, known)}
    best = min(near.values(), default=allowed + 1)
    closest = [known for known, distance in near.items() if distance == best]
    return replace(word, text=closest[0]) if best <= allowed and len(closest) == 1 else word


def _could_be(text: str, known: str) -> bool:
    """People get the first letter right, or swap it with the second; short words they know how to spell."""
    return len(known) >= SHORTEST and (text[0] == known[0] or sorted(text[:2]) == sorted(known[:2]))
