"""The words of a line that was read, each with its own outline; in scripts without spaces, the characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .page import Line
from .text import Character, Quad, Reading

_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)
"""A kana or an ideograph, or a run of anything else without spaces."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a line: what it says, its outline in the pixels of the line's, its certainty 0 to 1."""

    text: str
    quad: Quad
    score: float


def words_of(line: Line) -> Iterator[Word]:
    """The words of a line in reading order."""
    characters = line.reading.characters or _evenly_spaced(line.reading)
    begin = 0
    for token in _TOKEN.findall(line.reading.text):
        own = characters[begin : begin + len(token)]
        begin += len(token)
        yield Word(token, _part(line.quad, own[0].start, own[-1].end), float(np.mean([each.score for each in own])))


def _part(quad: Quad, start: float, end: float) -> Quad:
    """The piece of an outline from `start` to `end` along the reading, 0 to 1."""
    above, below = quad[1] - quad[0], quad[2] - quad[3]
    return np.stack([quad[0] + start * above, quad[0] + end * above, quad[3] + end * below, quad[3] + start * below])


def _evenly_spaced(reading: Reading) -> tuple[Character, ...]:
    """Characters at equal distances, for a model that does not say where they are."""
    width = 1 / max(1, len(reading.text))
    return tuple(
        Character(character, place * width, (place + 1) * width, reading.score)
        for place, character in enumerate(reading.text)
        if not character.isspace()
    )
