"""One door to every field of a document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ....vision.region import Region
from .address import find_address
from .catalogue import canonical
from .company import find_company
from .dated import find_date, find_time
from .details import find_currency, find_detail, find_labelled, find_payment_method
from .model import Field, ValueType
from .page import Page
from .totals import find_sum

_READERS: Mapping[str, Callable[[Page], Field | None]] = {
    "time": find_time,
    "company": find_company,
    "address": find_address,
    "currency": find_currency,
    "payment method": find_payment_method,
}


def find_field(name: str, lines: Sequence[Region]) -> Field | None:
    """The value of a field on a document.

    Args:
        name: a canonical name, one of its synonyms ("grand total"), or any label that is printed ("Doc No").
        lines: the OCR lines of the document.

    Returns:
        The field with the lines that hold it, or None when the document does not say.
    """
    return find_fields((name,), lines)[name]


def find_fields(names: Iterable[str], lines: Sequence[Region]) -> dict[str, Field | None]:
    """Several fields of one document, by the names that were asked for; cheaper than one by one."""
    page = Page(lines)
    return {name: _find(page, name) if page.lines else None for name in names}


def _find(page: Page, name: str) -> Field | None:
    kind = canonical(name)
    if kind is None:
        return find_labelled(page, name)
    if kind.type is ValueType.MONEY:
        return find_sum(page, kind.name)
    if kind.type is ValueType.DATE:
        return find_date(page, due=kind.name == "due date")
    read = _READERS.get(kind.name)
    return find_detail(page, kind) if read is None else read(page)
