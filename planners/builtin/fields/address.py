"""Where the issuer of a document is: its postal address."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .company import find_company
from .dates import find_dates
from .labels import find_label, fold
from .model import Field
from .money import find_amounts
from .page import Line, Page, shares_columns
from .trade import CONTACT, POSTCODE, TITLE, address_likeness, is_registration

_MOST_ROWS = 8
_MOST_LINES = 6
_LIKELY = 0.45


def find_address(page: Page) -> Field | None:
    """The postal address of the issuer: the lines below its name that look like one."""
    lines = _lines(page, _start(page))
    if not lines:
        return None
    text = re.sub(r"\s+", " ", " ".join(line.text.strip(" ;|") for line in lines)).strip()
    text = re.sub(r"^(address|alamat|adresse|anschrift|direccion)\s*[:.]\s*", "", text, flags=re.IGNORECASE)
    sure = 0.85 if any(POSTCODE.search(line.text) for line in lines) else 0.6
    return Field("address", text, text, tuple(line.region for line in lines), sure)


def _start(page: Page) -> int:
    """The row where the address may begin: that of a label, or the one below the name of the company."""
    for label in ("address", "alamat", "adresse", "anschrift", "direccion"):
        for hit in find_label(page, label):
            if hit.start == 0 and hit.closed:
                return hit.line.row
    company = find_company(page)
    if company is None:
        return 0
    return 1 + max(line.row for line in page.lines if any(line.region is region for region in company.regions))


def _lines(page: Page, start: int) -> list[Line]:
    found: list[Line] = []
    for full_row in page.rows[start : start + _MOST_ROWS]:
        row = _own(full_row, found)
        if found and (_is_over(row) or len(found) >= _MOST_LINES):
            break
        if _belongs(row, begun=bool(found)):
            found += row
        elif found and not is_registration(" ".join(line.text for line in row)):
            break
    while len(found) > 1 and address_likeness(found[-1].text) < 0.3:
        found.pop()
    return found


def _own(row: Sequence[Line], found: Sequence[Line]) -> list[Line]:
    """The cells of a row that stand in the column of the address, without what is printed beside it."""
    column = [line for line in row if not found or any(shares_columns(line, other) for other in found)]
    return [line for line in column if line.left - column[0].right < 2.5 * line.height]


def _is_over(row: Sequence[Line]) -> bool:
    """Whether a row cannot be a part of an address: a title, a phone number, a date, an amount."""
    text = " ".join(line.text for line in row)
    return bool(TITLE.search(fold(text)) or CONTACT.search(fold(text)) or find_dates(text) or _amounts(text))


def _amounts(text: str) -> bool:
    return any(amount.exact for amount in find_amounts(text))


def _belongs(row: Sequence[Line], *, begun: bool) -> bool:
    text = " ".join(line.text for line in row)
    if _is_over(row) or is_registration(text):
        return False
    return address_likeness(text) >= _LIKELY or (begun and sum(map(str.isalpha, text)) >= 3)
