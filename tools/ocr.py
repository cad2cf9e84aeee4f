"""Read the text on a picture, or search it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..jsonable import Json
from ..vision.image import Image
from ..vision.reading import rows, skew
from ..vision.region import Region
from ..vision.transforms import rotate
from .calls import Observation
from .focus import part_of
from .models.page import Line, PageText, read_page
from .models.rapid import shared_text_model
from .models.text import Quad
from .models.words import words_of
from .text_search import search
from .tool import Box, Tool, tool, tool_factory

Level = Literal["line", "word"]


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line and its words, on the picture of the call."""

    region: Region
    words: tuple[Region, ...]


Rows = tuple[tuple[ReadLine, ...], ...]

RECENT = 16
"""Pictures whose text is remembered in this process."""

_recent: OrderedDict[tuple[str, int], PageText] = OrderedDict()
_recent_lock = threading.Lock()

_BETWEEN_LINES = "  "
"""Between two lines that stand side by side."""


@tool_factory
def ocr_tool(*, threads: int = 1, host: str = "worker", timeout_s: float = 120.0) -> Tool:
    """The tool `ocr`, configured.

    Args:
        threads: threads per model. One is fastest where several sessions share the processors.
        host: where it runs; a worker can be ended, and keeps the models loaded between calls.
        timeout_s: seconds a call may take.
    """

    @tool(
        name="ocr",
        host=host,
        timeout_s=timeout_s,
        version="1",
        avoid="Barcodes and QR codes: `barcode` reads them. Colours, shapes and faces.",
        limits="Printed text in Latin letters, Chinese and Japanese. Handwriting is unsure, and lines below 8 pixels.",
        example={"image": "img_1", "find": "total"},
    )
    def ocr(
        image: Image, region: Region | None = None, box: Box | None = None, find: str = "", level: Level = "line"
    ) -> Observation:
        """Read the text on a picture or a part of it, with the place of every line, or find where a text stands.

        Args:
            image: the picture to read.
            region: read only this place.
            box: read only this box.
            find: a word or phrase to search for; small differences and what OCR confuses are forgiven.
            level: whether regions are whole lines or single words.
        """
        part = part_of(image, region, box)
        page = _page_of(part, threads)
        lines = _in_rows(page, part, image)
        if find.strip():
            return _searched(find.strip(), lines)
        return _read(lines, page, level)

    return ocr


ocr = ocr_tool()
"""The tool with its default configuration."""


def warm(*, threads: int = 1) -> None:
    """Load the models into this process now rather than at the first call."""
    shared_text_model(threads).warm()


def _page_of(part: Image, threads: int) -> PageText:
    """What a picture says; read once, as a search often follows."""
    key = (part.digest, threads)
    with _recent_lock:
        known = _recent.get(key)
    page = known or read_page(shared_text_model(threads), part.pixels())
    with _recent_lock:
        _recent[key] = page
        _recent.move_to_end(key)
        while len(_recent) > RECENT:
            _recent.popitem(last=False)
    return page


def _read(lines: Rows, page: PageText, level: Level) -> Observation:
    every = [line for row in lines for line in row]
    text = "\n".join(map(_row_text, lines))
    return Observation(
        text=text or "No text was found.",
        regions=tuple(line.region for line in every) if level == "line" else tuple(_words(every)),
        data=_summary(every, page),
        untrusted=bool(every),
    )


def _searched(wanted: str, lines: Rows) -> Observation:
    hits = search(wanted, [list(_words(row)) for row in lines])
    if hits.matches:
        times = f" {len(hits.matches)} times, in these rows" if len(hits.matches) > 1 else " in this row"
        text = "\n".join([f"“{wanted}” was found{times}:", *_rows_with(hits.matches, lines)])
    else:
        nearest = ", ".join(f"“{text}”" for text in hits.nearest)
        text = f"“{wanted}” was not found." + (f" Nearest: {nearest}." if nearest else " Nothing comes near it.")
    data: Json = {"find": wanted, "matches": len(hits.matches), "nearest": list(hits.nearest)}
    return Observation(text=text, regions=hits.matches, data=data, untrusted=True)


def _rows_with(matches: Iterable[Region], lines: Rows) -> list[str]:
    """The rows that matches stand in, each once: who finds "total" wants what stands beside it."""
    numbers = dict.fromkeys(int(str(match.attributes["row"])) for match in matches)
    return [f"- {_row_text(lines[number])}" for number in numbers]


def _row_text(row: Sequence[ReadLine]) -> str:
    return _BETWEEN_LINES.join(line.region.text or "" for line in row)


def _summary(lines: Sequence[ReadLine], page: PageText) -> Json:
    scores = [line.region.score for line in lines if line.region.score is not None]
    return {
        "lines": len(lines),
        "words": sum(len(line.words) for line in lines),
        "mean_score": round(float(np.mean(scores)), 4) if scores else None,
        "skew_degrees": round(skew(line.region for line in lines), 2) + 0.0,
        "turned_degrees": page.turned_degrees,
        "full_size": page.full_size,
    }


def _words(lines: Iterable[ReadLine]) -> Iterator[Region]:
    return (word for line in lines for word in line.words)


def _in_rows(page: PageText, part: Image, image: Image) -> Rows:
    """The lines on the picture of the call, in rows as they stand once the page is upright."""
    upright = rotate(part, page.turned_degrees)
    placed = [
        replace(Region.of_polygon(part, line.quad), attributes={"line": index}).on(upright)
        for index, line in enumerate(page.lines)
    ]
    order = [[int(str(region.attributes["line"])) for region in row] for row in rows(placed)]
    return tuple(
        tuple(_read_line(page.lines[index], part, image, number) for index in row) for number, row in enumerate(order)
    )


def _read_line(line: Line, part: Image, image: Image, row: int) -> ReadLine:
    words = tuple(_region("word", word.text, word.quad, word.score, part).on(image) for word in words_of(line))
    region = _region("line", line.reading.text, line.quad, line.reading.score, part).on(image)
    listed: Json = [[word.text, [round(edge, 1) for edge in word.xyxy], round(word.score or 0, 4)] for word in words]
    return ReadLine(
        replace(region, attributes={"row": row, "words": listed}),
        tuple(replace(word, attributes={"row": row}) for word in words),
    )


def _region(label: str, text: str, quad: Quad, score: float, image: Image) -> Region:
    return Region.of_polygon(image, quad, label=label, score=round(score, 4), text=text)
