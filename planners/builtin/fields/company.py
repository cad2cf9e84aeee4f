"""Who issued a document: the name of the company."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .dates import find_dates
from .labels import find_label, fold, until_next_label
from .model import Field
from .money import find_amounts
from .page import Line, Page
from .trade import (
    BUSINESS,
    BUYER,
    CONTACT,
    LEGAL,
    SURE_LEGAL,
    TITLE,
    address_likeness,
    is_registration,
    repair_capitals,
    without_registration,
)

_SELLER_LABELS = ("company name", "company", "seller", "merchant", "vendor", "supplier")
_SLOGAN = re.compile(
    r"(?<![\w.@])(?!(?:of|and|the|de|du|des|la|le|les|el|los|zum|zur|und|et|y|e|by|in|for|at)\b)[a-z]{3,}\b"
)
"""A word in small letters, which names do without."""
_HEAD_ROWS = 14
_ADDRESS = 0.7
"""From this likeness on a line is taken for an address."""


def find_company(page: Page) -> Field | None:
    """The name of who issued the document: what a label says, or else the likeliest line of its head."""
    labelled = _labelled(page)
    if labelled is not None:
        return labelled
    scored = [(_score(page, lines), lines) for lines in _candidates(page)]
    score, lines = max(scored, key=lambda item: (item[0], -item[1][0].row), default=(0.0, ()))
    name = company_name(_text(lines))
    if score <= 0 or not name:
        return None
    return Field("company", name, name, tuple(line.region for line in lines), round(min(0.95, 0.35 + score / 4), 2))


def company_name(text: str) -> str:
    """The name in a line: registration numbers and what follows the legal form are left out."""
    bare = repair_capitals(without_registration(text)).strip(" ,;:|*-–=_~'\"")
    legal = list(SURE_LEGAL.finditer(bare))
    if legal and legal[-1].start() > 2:
        end = legal[-1].end() + bare.startswith(".", legal[-1].end())
        goes_on = re.match(r"\s*(&|kg\b|ltd\b|co\b|\([a-z]\)$)", bare[end:], re.IGNORECASE)
        bare = bare if goes_on else bare[:end]
    return re.sub(r"\s+", " ", bare).strip()


def _text(lines: Sequence[Line]) -> str:
    return repair_capitals(" ".join(line.text for line in lines))


def _labelled(page: Page) -> Field | None:
    """A company that is introduced by a label: `Seller: X`."""
    for label in _SELLER_LABELS:
        for hit in find_label(page, label):
            name = company_name(until_next_label(hit.rest))
            after_colon = ":" in hit.line.text[hit.start : hit.end]
            if hit.start == 0 and after_colon and hit.score > 0.9 and _looks_like_name(name):
                return Field("company", name, name, (hit.line.region,), 0.85)
    return None


def _candidates(page: Page) -> Iterator[tuple[Line, ...]]:
    """Rows of the head of the page that may be a name, also joined with the next one where a name runs on."""
    rows = page.rows[: max(_HEAD_ROWS, len(page.rows) // 3)]
    for number, row in enumerate(rows):
        pieces = tuple(_touching([line for line in row if not is_registration(line.text)]))
        if not pieces or not _looks_like_name(_text(pieces)):
            continue
        yield pieces
        following = tuple(_touching(rows[number + 1])) if number + 1 < len(rows) else ()
        if following and _runs_on(pieces, following):
            yield (*pieces, *following)


def _touching(row: Sequence[Line]) -> Iterator[Line]:
    """The lines of a row that belong together, from the left up to a wide gap."""
    before: Line | None = None
    for line in row:
        if before is not None and line.left - before.right > 2.5 * line.height:
            return
        yield line
        before = line


def _looks_like_name(text: str) -> bool:
    bare = without_registration(text)
    letters, digits = sum(map(str.isalpha, bare)), sum(map(str.isdigit, bare))
    if letters < 3 or digits > letters or len(bare) > 70:
        return False
    return not find_dates(bare) and not any(amount.exact for amount in find_amounts(bare))


def _runs_on(first: Sequence[Line], second: Sequence[Line]) -> bool:
    """Whether a name goes on in the next row: type of the same size, close below, and the name is not finished."""
    upper, lower = _text(first), without_registration(_text(second))
    if _SLOGAN.search(upper):
        return False
    same_type = 0.7 < second[0].height / max(first[0].height, 1.0) < 1.4
    close = second[0].top - first[0].bottom < 1.1 * first[0].height
    if not (same_type and close and _looks_like_name(lower)) or _finished(upper):
        return False
    return upper.rstrip().endswith(("&", "-")) or _only_trade_words(lower)


def _finished(name: str) -> bool:
    legal = list(SURE_LEGAL.finditer(name))
    return bool(legal) and not fold(legal[-1].group()).startswith("co")


def _only_trade_words(text: str) -> bool:
    """Whether a line says nothing but a legal form or a kind of business: `TRADING SDN BHD`."""
    own = re.sub(r"\([a-z]\)", "", fold(text))
    for words in (SURE_LEGAL, LEGAL, BUSINESS):
        own = words.sub("", own)
    return len(re.sub(r"[\W_]", "", own)) < 3 and bool(re.search(r"\w", text))


def _score(page: Page, lines: Sequence[Line]) -> float:
    """The evidence that lines are the name of the issuer; above nought it may be."""
    text = _text(lines)
    plain = fold(without_registration(text))
    legal = bool(SURE_LEGAL.search(plain))
    return (
        _wording(plain, legal)
        - 0.5 * bool(_SLOGAN.search(text))
        + _placing(page, lines)
        - 0.8 * address_likeness(text) * (0.3 if legal else 1.0)
        - 0.8 * (":" in text)
        + 0.2 * (text != without_registration(text))
    )


def _wording(plain: str, legal: bool) -> float:
    """What the words of a folded line say for and against a name."""
    if LEGAL.sub("", SURE_LEGAL.sub("", plain)).strip(" .,()&") == "":
        return -2.0  # a legal form alone is the end of a name
    titled = TITLE.search(BUSINESS.sub("", plain))
    score = 1.8 * legal or 0.6 * bool(LEGAL.search(plain))
    score += 0.5 * bool(BUSINESS.search(plain) and not re.search(r"\d[a-z]?$", plain))
    score -= 1.5 * bool(titled) + 1.2 * bool(CONTACT.search(plain))
    return score - 0.5 * (len(re.sub(r"[\W\d]", "", plain)) < 5)


def _placing(page: Page, lines: Sequence[Line]) -> float:
    """What the place and the size of the type say for and against a name."""
    first, last = lines[0], lines[-1]
    score = 1.0 - 0.12 * _rank(page, first) + 0.4 * (first.row != last.row)
    score += 0.5 * min(max(first.height / page.type_height - 1, -0.5), 1.5)
    score += 0.2 * any(is_registration(line.text) for row in page.rows[last.row + 1 : last.row + 2] for line in row)
    score -= 1.2 * _after_address(page, first)
    score -= 1.5 * any(
        BUYER.search(line.text) for row in page.rows[max(first.row - 1, 0) : first.row + 1] for line in row
    )
    return score - 1.0 * (min(1.0 if line.region.score is None else line.region.score for line in lines) < 0.6)


def _rank(page: Page, line: Line) -> int:
    """How many rows with words stand above."""
    return sum(any(sum(map(str.isalpha, one.text)) >= 3 for one in row) for row in page.rows[: line.row])


def _after_address(page: Page, line: Line) -> bool:
    """Whether an address or a phone number stands above: what follows is somebody else."""
    above = [other for row in page.rows[: line.row] for other in row]
    return any(
        (address_likeness(other.text) >= _ADDRESS and not SURE_LEGAL.search(fold(other.text)))
        or (CONTACT.search(fold(without_registration(other.text))) and not TITLE.search(fold(other.text)))
        for other in above
    )
