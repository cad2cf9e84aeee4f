"""Codes, phone numbers, names of people, and the value of any label that is printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .labels import LabelFound, beside, find_label, until_next_label
from .model import Field, FieldKind, ValueType
from .money import currency_in, find_amounts
from .page import Line, Page

Read = Callable[[str], str | None]
_PHONE = re.compile(r"(?:\(?\+?\d[\d()\s./\-–]{5,18}\d)")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-/._]*")
_NOT_A_CODE = re.compile(r"^\d{1,2}[:.]\d{2}|^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}$")
_FILLER = re.compile(r"^\W*(?:(?:number|num|nr|no|id|code|n)\b|[#№°º])[\s.:#°º]*", re.IGNORECASE)


def find_detail(page: Page, kind: FieldKind) -> Field | None:
    """The value of a field that is printed with a label."""
    read = _READERS.get(kind.type, read_text)
    for position, label in enumerate(kind.labels):
        found = _labelled(page, kind.name, label, read)
        if found is not None:
            regions, (text, value) = found
            return Field(kind.name, text, value, regions, round(max(0.6, 0.92 - 0.01 * position), 2))
    return _unlabelled(page, kind)


def find_labelled(page: Page, label: str) -> Field | None:
    """The value of a label of any kind, as text."""
    found = _labelled(page, label, label, read_text)
    if found is None:
        return None
    regions, (text, value) = found
    return Field(label, text, value, regions, 0.75)


def find_currency(page: Page) -> Field | None:
    """The currency that most amounts are printed with."""
    named: dict[str, list[Line]] = {}
    for line in page.lines:
        codes = {amount.currency for amount in find_amounts(line.text)} or {""}
        code = next(iter(codes - {""}), "") or _alone(line.text)
        if code:
            named.setdefault(code, []).append(line)
    if not named:
        return None
    code, lines = max(named.items(), key=lambda item: len(item[1]))
    printed = next((amount.text for amount in find_amounts(lines[0].text) if amount.currency), lines[0].text)
    sign = re.sub(r"[\d.,\s'’()-]+", " ", printed).strip() or code
    note = f"{code} may be that of several countries" if code in ("$", "¥", "kr", "Rs") else ""
    return Field("currency", sign, code, tuple(lines[:3] and [line.region for line in lines[:3]]), 0.85, note)


def _alone(text: str) -> str:
    """The currency of a head of a column or a label: `(RM)`, `Total (EUR)`."""
    bracketed = re.search(r"[(\[]\s*([^\d)\]]{1,4})\s*[)\]]", text)
    return currency_in(bracketed[1]) if bracketed else ""


def read_phone(text: str) -> str | None:
    """The first phone number in a text."""
    for match in _PHONE.finditer(text):
        number = match.group().strip(" -./(") if match.group().count("(") != match.group().count(")") else match.group()
        digits = re.sub(r"\D", "", number)
        if 6 <= len(digits) <= 15:
            return re.split(r"\s?/\s?(?=\d{2,})", number)[0].strip()
    return None


def read_code(text: str) -> str | None:
    """The first number or code at the head of a text; one that has no digit is none."""
    bare = _FILLER.sub("", text).lstrip(" .:#-)")
    for match in list(_CODE.finditer(bare))[:2]:
        code = match.group().strip("-/._")
        if any(letter.isdigit() for letter in code) and not _NOT_A_CODE.match(code):
            return code
        if len(code) > 3 or code.islower():
            return None
    return None


def read_text(text: str) -> str | None:
    """The text up to the next label."""
    bare = until_next_label(_FILLER.sub("", text).strip(" .:#=-|*[]()"))
    return bare if re.search(r"\w", bare) else None


def read_count(text: str) -> str | None:
    """The first whole number."""
    match = re.search(r"(?<![\d.,])\d{1,4}(?:[.,]0{1,3})?(?![\d.,])", text)
    return re.split(r"[.,]", match.group())[0] if match else None


def read_email(text: str) -> str | None:
    """An e-mail address."""
    match = re.search(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text)
    return match.group() if match else None


def read_website(text: str) -> str | None:
    """The address of a web site."""
    match = re.search(
        r"(?:https?://|www\.)\S+|(?<![@\w.])[\w-]+\.(?:com|net|org|de|fr|es|it|co|my|sg|id|eu)\b\S*",
        text,
        re.IGNORECASE,
    )
    return match.group().rstrip(".,)") if match else None


_READERS: dict[ValueType, Read] = {
    ValueType.PHONE: read_phone,
    ValueType.CODE: read_code,
    ValueType.COUNT: read_count,
    ValueType.TEXT: read_text,
}


def _labelled(page: Page, name: str, label: str, read: Read) -> tuple[tuple, tuple[str, str]] | None:
    for hit in find_label(page, label):
        if not _may_label(hit, name):
            continue
        got = beside(page, hit, read)
        if got is not None:
            value, line = got
            regions = (line.region,) if line is hit.line else (line.region, hit.line.region)
            return regions, (value, value)
    return None


def _may_label(hit: LabelFound, name: str) -> bool:
    """Whether a label is printed as one: at the start of its line or after a gap, or closed by a colon."""
    before = hit.line.text[: hit.start].rstrip()
    return hit.closed or not before or before[-1] in ":;/|)]" or hit.score == 1.0


def _unlabelled(page: Page, kind: FieldKind) -> Field | None:
    """Fields that show what they are without a label."""
    readers: dict[str, Read] = {"email": read_email, "website": read_website, "phone": _bare_phone}
    read = readers.get(kind.name)
    if read is None:
        return None
    head: Sequence[Line] = page.lines[: max(12, len(page.lines) // 3)] if kind.name == "phone" else page.lines
    for line in head:
        value = read(line.text)
        if value is not None:
            return Field(kind.name, value, value, (line.region,), 0.6)
    return None


def _bare_phone(text: str) -> str | None:
    """A line that is nothing but a phone number."""
    return read_phone(text) if re.fullmatch(r"\s*\(?\+?\d[\d()\s.\-–]{6,18}\d\s*", text) and "-" in text else None
