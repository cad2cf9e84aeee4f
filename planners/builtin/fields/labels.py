"""Finding a printed label in OCR text that may be misspelt, and the value that belongs to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from rapidfuzz import fuzz

from .page import Line, Page

_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_AFTER_LABEL = " \t:;#.=-–—_*|>№°º)]'’"
_LOOKALIKES = str.maketrans("01l|", "oiii")
_SHORT = 6
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LabelFound:
    """A label in a line.

    Attributes:
        line: where it is printed.
        start, end: its place in the text of the line; `end` is after the colon, sign or blanks that close it.
        score: how alike label and print are, 0 to 1.
        closed: whether a colon, a `#` or the end of the line follows.
    """

    line: Line
    start: int
    end: int
    score: float
    closed: bool

    @property
    def rest(self) -> str:
        """What the line says after the label."""
        return self.line.text[self.end :].strip()

    @property
    def before(self) -> str:
        """What the line says before the label."""
        return self.line.text[: self.start].strip()

    @property
    def marked(self) -> bool:
        """Whether it is printed as a label: with a colon, a `#` or a "no"."""
        return bool(re.search(r"[:#№]|\bn(?:o|r|umber)\b", self.line.text[self.start : self.end], re.IGNORECASE))


def fold(text: str) -> str:
    """Lower case, without accents, one letter per letter where possible."""
    spelled = text.replace("ß", "ss").lower()
    return "".join(letter for letter in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(letter))


def shape(word: str) -> str:
    """A folded word with the letters and digits that OCR takes for each other made the same."""
    return word.translate(_LOOKALIKES)


def find_label(page: Page, label: str) -> list[LabelFound]:
    """Where a label is printed, best first: alike, at the start of its line, closed by a colon, high up."""
    wanted = shape("".join(_TOKEN.findall(fold(label))))
    if not wanted:
        return []
    found = [hit for line in page.lines for hit in _in_line(line, wanted, len(_TOKEN.findall(label)))]
    return sorted(found, key=lambda hit: (-hit.score - 0.1 * hit.closed - 0.05 * (hit.start == 0), hit.line.row))


def _in_line(line: Line, wanted: str, words: int) -> Iterator[LabelFound]:
    text = line.text
    tokens = list(_TOKEN.finditer(text))
    best: LabelFound | None = None
    for size in range(max(1, words - 1), words + 2):
        for first in range(len(tokens) - size + 1):
            last = first + size - 1
            printed = fold(text[tokens[first].start() : tokens[last].end()])
            score = _score(shape("".join(_TOKEN.findall(printed))), wanted)
            if score and (best is None or score > best.score):
                best = _hit(line, tokens[first].start(), tokens[last].end(), score)
    if best is not None:
        yield best


def _hit(line: Line, start: int, end: int, score: float) -> LabelFound:
    rest = line.text[end:]
    stop = end + len(rest) - len(rest.lstrip(_AFTER_LABEL))
    closed = not rest.strip() or bool(re.match(r"\s*\.?\s*[:#=]", rest))
    return LabelFound(line, start, stop, score, closed)


def _score(printed: str, wanted: str) -> float:
    """How alike a print and a label are; among short labels one letter makes another label (reg no, ref no)."""
    if len(wanted) <= _SHORT and printed != wanted:
        return 0.0
    return alike(printed, wanted, least=0.84)


def alike(printed: str, wanted: str, *, least: float = 0.8) -> float:
    """How alike two folded words are: `least` to 1, or 0 for different words; short ones must be the same."""
    if printed == wanted:
        return 1.0
    if len(wanted) <= 4:
        return 0.0
    ratio = fuzz.ratio(printed, wanted) / 100
    return ratio if ratio >= least else 0.0


def beside(page: Page, found: LabelFound, read: Callable[[str], T | None]) -> tuple[T, Line] | None:
    """The value of a label: in the rest of its line, to the right in its row, or below.

    Args:
        page: the page.
        found: the label.
        read: makes a value of a text, or None when the text holds none.
    """
    value = read(found.rest)
    if value is not None:
        return value, found.line
    for other in page.right_of(found.line)[:3]:
        if other.text.rstrip().endswith(":") and not other.text.startswith(":"):
            break  # the next label begins
        value = read(other.text.lstrip(_AFTER_LABEL))
        if value is not None:
            return value, other
    if found.rest or not (found.marked or len(page.rows[found.line.row]) > 1):
        return None
    for other in page.below(found.line):
        value = read(other.text.lstrip(_AFTER_LABEL))
        if value is not None:
            return value, other
    return None


def until_next_label(text: str) -> str:
    """The text up to where another label begins: `1076565 Cashier: X` -> `1076565`."""
    cut = re.search(r"\s+[A-Z][A-Za-z.]*(?:\s(?:No|ID|Nr)\.?)?\s?[:#]", text)
    return text[: cut.start()].strip() if cut else text.strip()
