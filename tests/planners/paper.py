"""Documents typed as text: every run of words becomes an OCR line where it stands."""

from __future__ import annotations

import re

from lavr.vision.image import Image
from lavr.vision.region import Region

LETTER_WIDTH, LINE_HEIGHT, TYPE_HEIGHT = 8.0, 26.0, 20.0


def typed(text: str) -> list[Region]:
    """The OCR lines of a document; two blanks or more part the cells of a row."""
    image = Image(digest="0" * 64, size_wh=(1200, 2400), lineage="typed")
    return [
        _line(image, row, cell)
        for row, line in enumerate(text.strip("\n").split("\n"))
        for cell in re.finditer(r"\S+(?: \S+)*", line)
    ]


def _line(image: Image, row: int, cell: re.Match[str]) -> Region:
    left, right, top = cell.start() * LETTER_WIDTH, cell.end() * LETTER_WIDTH, row * LINE_HEIGHT
    return Region(image, (left, top, right, top + TYPE_HEIGHT), "line", 0.95, cell.group())
