"""The date, the due date and the time of a document, chosen among all that are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .dates import DateFound, find_dates, find_times
from .labels import find_label, fold
from .model import Field
from .money import find_amounts
from .page import Line, Page

_DATE_LABEL = re.compile(
    r"\b(date|datum|tarikh|tanggal|tgl|fecha|data|rechnungsdatum|belegdatum|issued|dated|dato|pvm)\b|date[:.]|^date",
    re.IGNORECASE,
)
_BEST_LABEL = re.compile(
    r"\b(invoice|inv|receipt|bill|issue|transaction|trans|doc(ument)?|purchase|sales?|rechnungs?|facture|factura|print)\W*"
    r"(date|datum|tarikh)|rechnungsdatum|date (de |of )?(facture|issue)|fecha de (factura|emision)|belegdatum",
    re.IGNORECASE,
)
_OTHER_LABEL = re.compile(
    r"\b(due|pay(ment)? (due|by)|expir\w*|exp|valid|until|before|best|birth|dob|since|deliver\w*|ship\w*|from|to|period"
    r"|next|return\w*|member|join\w*|prev\w*|last|effective|warranty|promo\w*|fallig\w*|faellig\w*|zahlbar|liefer\w*"
    r"|leistung\w*|echeance|vencimiento|livraison|entrega|closed|arrival|departure|check.?(in|out)|collect\w*|mfg|bb)\b",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b(due|pay(ment)? by|fallig\w*|faellig\w*|zahlbar|echeance|vencimiento|jatuh tempo)\b", re.IGNORECASE
)
_AMERICAN = re.compile(r"\b[A-Zl]{2}[ ,]+\d{5}(-\d{4})?\b|\bsales tax\b|\(\d{3}\) ?\d{3}-\d{4}\b")


@dataclass(frozen=True, slots=True)
class _Candidate:
    line: Line
    date: DateFound
    label: str
    score: float


def find_date(page: Page, *, due: bool = False) -> Field | None:
    """The date of the document, or the date until which it is to be paid."""
    candidates = list(_candidates(page))
    if due:
        candidates = [one for one in candidates if _DUE.search(one.label)]
    if not candidates:
        return None
    best = max(candidates, key=lambda one: (one.score + 0.1 * _repeats(one, candidates), -one.line.row))
    return _field("due date" if due else "date", best, candidates)


def find_time(page: Page) -> Field | None:
    """The time of the document: labelled, or else beside its date, or else the first one."""
    labelled = [hit.line for name in ("time", "uhrzeit", "masa", "heure", "hora") for hit in find_label(page, name)]
    beside = [other for line in labelled[:3] for other in (line, *page.right_of(line)[:2])]
    dated = find_date(page)
    row = next((line.row for line in page.lines if dated and line.region is dated.regions[0]), None)
    near = page.rows[row] if row is not None else []
    for line in (*beside, *near, *page.lines):
        for value, text in find_times(line.text):
            shown = value.strftime("%H:%M:%S" if value.second else "%H:%M")
            return Field("time", text, shown, (line.region,), 0.9 if line in beside or line in near else 0.6)
    return None


def _candidates(page: Page) -> Iterator[_Candidate]:
    month_first = _month_first(page)
    for line in page.lines:
        for one in find_dates(line.text, month_first=month_first):
            label = _label(page, line, one)
            yield _Candidate(line, one, label, _score(page, line, one, label))


def _month_first(page: Page) -> bool:
    """Whether the page writes the month first: a date that allows no other reading says so, or it looks American."""
    texts = [line.text for line in page.lines]
    for text in texts:
        for one in find_dates(text):
            numbers = [int(number) for number in re.findall(r"\d+", one.text)]
            if not one.ambiguous and len(numbers) == 3 and numbers[0] <= 31 and not one.compact:
                if numbers[1] > 12:
                    return True
                if numbers[0] > 12:
                    return False
    return any(_AMERICAN.search(text) for text in texts)


def _label(page: Page, line: Line, one: DateFound) -> str:
    """What stands before a date in its line, or else to the left of it or above it."""
    before = fold(line.text[: one.span[0]])
    if re.search(r"[a-z]{2}", before):
        return before
    left = [fold(other.text) for other in page.left_of(line)[:1] if not find_dates(other.text)]
    if any(_DATE_LABEL.search(text) or _OTHER_LABEL.search(text) for text in left):
        return left[0]
    heads = [other for other in page.above(line) if len(other.text) < 30]
    above = [fold(head.text) for head in heads if not any(find_dates(other.text) for other in page.rows[head.row])]
    return next((text for text in above if _DATE_LABEL.search(text) or _OTHER_LABEL.search(text)), "")


def _score(page: Page, line: Line, one: DateFound, label: str) -> float:
    row = page.rows[line.row]
    score = 0.5 * bool(_DATE_LABEL.search(label)) + 0.4 * bool(_BEST_LABEL.search(label))
    score -= 0.8 * bool(_OTHER_LABEL.search(label) and not _BEST_LABEL.search(label))
    score += 0.3 * any(find_times(other.text) for other in row)
    score -= 0.3 * any(amount.exact for other in row for amount in find_amounts(other.text))
    score -= 0.9 * one.compact + 0.3 * (len(find_dates(line.text)) > 1)
    score += 0.15 * (page.depth(line) < 0.4)
    return score - 0.5 * (one.value.year < 1990)


def _repeats(one: _Candidate, candidates: Sequence[_Candidate]) -> int:
    return min(sum(other.date.value == one.date.value for other in candidates) - 1, 2)


def _field(name: str, best: _Candidate, candidates: Sequence[_Candidate]) -> Field:
    notes = []
    if best.date.ambiguous:
        notes.append("day and month could be swapped")
    others = sorted({str(one.date.value) for one in candidates if one.score > -0.3} - {str(best.date.value)})
    if others and name == "date":
        notes.append(f"other dates are printed too: {', '.join(others[:3])}")
    confidence = min(0.97, max(0.3, 0.7 + 0.25 * best.score - 0.05 * len(notes)))
    return Field(
        name, best.date.text, str(best.date.value), (best.line.region,), round(confidence, 2), "; ".join(notes)
    )
