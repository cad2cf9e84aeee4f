"""One door to every field of a document."""

from __future__ import annotations

from collections.abc import Sequence

from ....vision.region import Region
from .catalogue import canonical
from .dated import find_date, find_time
from .details import find_currency, find_detail, find_labelled
from .model import Field, FieldKind, ValueType
from .names import find_address, find_company
from .page import Page
from .totals import find_sum


def find_field(name: str, lines: Sequence[Region]) -> Field | None:
    """The value of a field on a document.

    Args:
        name: a canonical name, one of its synonyms ("grand total"), or any label that is printed ("Doc No").
        lines: the OCR lines of the document.

    Returns:
        The field with the lines that hold it, or None when the document does not say.
    """
    page = Page(lines)
    if not page.lines:
        return None
    kind = canonical(name)
    return find_labelled(page, name) if kind is None else _find(page, kind)


def _find(page: Page, kind: FieldKind) -> Field | None:
    if kind.type is ValueType.MONEY:
        return find_sum(page, kind.name)
    if kind.type is ValueType.DATE:
        return find_date(page, due=kind.name == "due date")
    readers = {"time": find_time, "company": find_company, "address": find_address, "currency": find_currency}
    return readers[kind.name](page) if kind.name in readers else find_detail(page, kind)
