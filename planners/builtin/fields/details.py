"""Codes, phone numbers, names of people, and the value of any label that is printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ....vision.region import Region
from .catalogue import FIELDS
from .dates import find_dates
from .labels import LabelFound, beside, find_label, until_next_label
from .model import Field, FieldKind, ValueType
from .money import currency_in, find_amounts
from .page import Line, Page
from .sums import sums

Read = Callable[[str], str | None]
_PHONE = re.compile(r"\(?\+?\d[\d()\s./\-–]{5,18}\d")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-/._]*")
_SPACED_CODE = re.compile(r"\W*([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,}(?: [A-Z0-9]{1,4})?|\d{2,4}(?: \d{2,5}){2,})\b")
_NO_CODE = re.compile(r"\d+[.,]\d+(?![\w.-])|^\d{1,2}:\d{2}|^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}$")
_FILLER = re.compile(r"^\W*(?:(?:number|num|nr|no|id|code|n)\b|[#№°º])[\s.:#°º]*", re.IGNORECASE)
_MONEY_ONLY = re.compile(r"[\d.,]*[.,]\d{2}")
_METHOD = re.compile(
    r"\b(cash|tunai|visa|master ?card|credit ?card|debit ?card|amex|american express|maestro|girocard|ec.?karte|nets"
    r"|paypal|apple pay|google pay|e-?wallet|grab ?pay|touch.?n.?go|cheque|check|bank transfer|bar|especes|efectivo"
    r"|contanti|carte|tarjeta|kreditkarte|credit|debit|card)\b",
    re.IGNORECASE,
)
_SHARED_SIGNS = ("$", "¥", "kr", "Rs")


def find_detail(page: Page, kind: FieldKind) -> Field | None:
    """The value of a field that is printed with a label, or that shows what it is by itself."""
    if kind.name in _SHOWN:
        return _shown(page, kind.name, _SHOWN[kind.name])
    read = _READERS.get(kind.type, read_text)
    for position, label in enumerate(kind.labels):
        found = _labelled(page, kind.name, label, read)
        if found is not None:
            value, regions = found
            return Field(kind.name, value, value, regions, round(max(0.6, 0.92 - 0.01 * position), 2))
    return _shown(page, kind.name, _bare_phone) if kind.name == "phone" else None


def find_labelled(page: Page, label: str) -> Field | None:
    """The value of a label of any kind, as text."""
    found = _labelled(page, label, label, read_text)
    return None if found is None else Field(label, found[0], found[0], found[1], 0.75)


def find_currency(page: Page) -> Field | None:
    """The currency that most lines with money name."""
    named: dict[str, list[Line]] = {}
    for line in page.lines:
        code = next((amount.currency for amount in find_amounts(line.text) if amount.currency), _in_head(line.text))
        if code:
            named.setdefault(code, []).append(line)
    if not named:
        return None
    code, lines = max(named.items(), key=lambda item: len(item[1]))
    signs = re.findall(r"[^\W\d]+|[^\w\s.,()]+", lines[0].text)
    sign = next((sign for sign in signs if currency_in(sign) == code), code)
    note = f"{code} may be that of several countries" if code in _SHARED_SIGNS else ""
    return Field("currency", sign, code, tuple(line.region for line in lines[:3]), 0.85, note)


def find_payment_method(page: Page) -> Field | None:
    """How it was paid: the word beside the amount that was paid, or after a label."""
    for one in sums(page):
        where = one.label_line or one.line
        match = _METHOD.search(where.text) if one.kind == "paid" and not one.summary else None
        if match:
            regions = (where.region,) if where is one.line else (where.region, one.line.region)
            return Field("payment method", match.group(), match.group().lower(), regions, 0.85)
    return find_detail(page, FIELDS["payment method"])


def read_phone(text: str) -> str | None:
    """The first phone number in a text; a date is none."""
    for match in _PHONE.finditer(_without_dates(text)):
        number = re.split(r"\s?/\s?(?=\d{2,})", match.group())[0].strip()
        if number.count("(") != number.count(")"):
            number = number.strip("()")
        if 6 <= sum(letter.isdigit() for letter in number) <= 15:
            return number
    return None


def read_code(text: str) -> str | None:
    """The number or code at the head of a text; a word, an amount, a date or a time is none."""
    spaced = _SPACED_CODE.match(_FILLER.sub("", text))
    if spaced:
        return spaced[1]
    bare = _FILLER.sub("", text).lstrip(" .:#-)[(")
    for match in list(_CODE.finditer(bare))[:2]:
        code = match.group().strip("-/._")
        if any(letter.isdigit() for letter in code) and not _NO_CODE.match(bare[match.start() :]):
            return code
        if len(code) > 3 or code.islower():
            return None
    return None


def read_text(text: str) -> str | None:
    """The text up to the next label; an amount alone is none."""
    bare = until_next_label(_FILLER.sub("", text).strip(" .:#=-|*[]()"))
    return bare if re.search(r"\w", bare) and not _MONEY_ONLY.fullmatch(bare) else None


def read_count(text: str) -> str | None:
    """The whole number at the head of a text, if it is not nought."""
    match = re.match(r"\W*(?:s\W*)?(\d{1,4})(?:[.,]0{1,3})?(?![\d.,])", text)
    return match[1] if match and int(match[1]) else None


def read_email(text: str) -> str | None:
    """An e-mail address."""
    match = re.search(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}", text)
    return match.group() if match else None


def read_website(text: str) -> str | None:
    """The address of a web site."""
    match = re.search(
        r"https?://\S+|\bwww\.\S+|(?<![@\w.-])[\w-]+\.(?:com|net|org|de|fr|es|it|co|my|sg|id|eu)\b[\w./-]*",
        text,
        re.IGNORECASE,
    )
    return match.group().rstrip(".,)") if match else None


_READERS: Mapping[ValueType, Read] = {
    ValueType.PHONE: read_phone,
    ValueType.CODE: read_code,
    ValueType.COUNT: read_count,
    ValueType.TEXT: read_text,
}
_SHOWN: Mapping[str, Read] = {"email": read_email, "website": read_website}


def _labelled(page: Page, name: str, label: str, read: Read) -> tuple[str, tuple[Region, ...]] | None:
    for hit in find_label(page, label):
        got = beside(page, hit, read) if _may_label(hit, name) else None
        if got is not None:
            value, line = got
            return value, (line.region,) if line is hit.line else (line.region, hit.line.region)
    return None


def _may_label(hit: LabelFound, name: str) -> bool:
    """Whether what is like a label stands where a label does, and is not the tail of another one."""
    if hit.before.endswith(":") and not hit.rest:
        return False
    if name == "registration number" and re.search(r"(gst|sst|vat|tax)\W*(id)?\W*$", hit.before, re.IGNORECASE):
        return False
    return hit.closed or not hit.before or hit.before[-1] in ":;/|)]" or hit.score == 1.0


def _shown(page: Page, name: str, read: Read) -> Field | None:
    """A value that shows what it is without a label."""
    for line in page.lines:
        value = read(line.text)
        if value is not None:
            return Field(name, value, value, (line.region,), 0.7)
    return None


def _bare_phone(text: str) -> str | None:
    """A line that is nothing but a phone number."""
    alone = re.fullmatch(r"\s*\(?\+?\d[\d()\s.\-–]{6,18}\d\s*", text)
    return read_phone(text) if alone and re.search(r"[-()+]", text) else None


def _without_dates(text: str) -> str:
    for one in find_dates(text):
        text = text[: one.span[0]] + " " * (one.span[1] - one.span[0]) + text[one.span[1] :]
    return text


def _in_head(text: str) -> str:
    """The currency in the head of a column or at the end of a label: `(RM)`, `Total (EUR)`, `CHANGE RM`."""
    named = re.search(r"[(\[]\s*([^\d)\]]{1,4})\s*[)\]]|(?:^|\s)([A-Z]{2,3}|[€£¥$])\s*:?$", text)
    return currency_in(named[1] or named[2]) if named else ""
