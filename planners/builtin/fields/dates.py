"""Dates and times of day in every usual order and with month names, also where OCR glued them together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

_MONTHS = {
    1: "january jan januar janvier janv enero ene gennaio gen janeiro januari styczen januar jaenner",
    2: "february feb februar fevrier fevr fev febrero febbraio fevereiro februari pebruari",
    3: "march mar marz maerz mrz mars marzo marco maart maret mac mrt",
    4: "april apr avril avr abril abr aprile",
    5: "may mai mayo maggio mag maio mei maj",
    6: "june jun juni juin junio giugno giu junho",
    7: "july jul juli juillet juil julio luglio lug julho julai",
    8: "august aug aout agosto ago augustus agustus ogos agt augusti",
    9: "september sep sept septembre septiembre settembre set setembro",
    10: "october oct oktober okt octobre octubre ottobre ott outubro out oktobar",
    11: "november nov novembre noviembre novembro nopember",
    12: "december dec dezember dez decembre diciembre dic dicembre dezembro disember desember des dis",
}
_MONTH_OF = {name: month for month, names in _MONTHS.items() for name in names.split()}
_NAME = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_YEAR = r"(?P<year>(?:19|20)\d{2}(?=\D|$|\d{1,2}:\d{2})(?!:)|'?\d{2}(?=\D|$|\d{1,2}:\d{2})(?!:\d))"
_LONG_YEAR = r"(?P<year>(?:19|20)\d{2})"
_SEP = r"(?:\s?(?P<sep>[./\-–])\s?)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\d./-]){_LONG_YEAR}{_SEP}(?P<month>\d{{1,2}})\s?(?P=sep)\s?(?P<day>\d{{2}}|\d(?!\d))"
        r"(?=\D|$|\d{1,2}:\d{2})",
        rf"{_LONG_YEAR}\s?年\s?(?P<month>\d{{1,2}})\s?月\s?(?P<day>\d{{1,2}})\s?日",
        rf"(?<![\d./-])(?P<first>\d{{1,2}}){_SEP}(?P<second>\d{{1,2}})\s?(?P=sep)\s?{_YEAR}(?![./-]\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|°)?[\s.,/\-–]{{0,3}}(?:of\s|de\s|d')?(?P<name>{_NAME})(?![a-z])"
        rf"[\s.,/\-–']{{0,3}}(?:de\s|del\s)?{_YEAR}",
        rf"(?<![a-z])(?P<name>{_NAME})[\s.,/\-–]{{0,3}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.,/\-–']{{1,3}}{_YEAR}",
        rf"(?<!\d){_LONG_YEAR}[\s.,/\-–]{{0,2}}(?P<name>{_NAME})[\s.,/\-–]{{0,2}}(?P<day>\d{{1,2}})(?!\d)",
        rf"(?<!\d){_LONG_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)",
    )
)
_TIME = re.compile(
    r"(?<![\d:.,])(?P<hour>[01]?\d|2[0-4])\s?(?P<sep>[:h])\s?(?P<minute>[0-5]\d)(?:[:\s](?P<second>[0-5]\d))?(?!\d)"
    r"(?:\s?(?P<half>[ap])\.?\s?m\b)?|(?<![\d:.,])(?P<hour2>[01]?\d|2[0-3])\.(?P<minute2>[0-5]\d)\s?"
    r"(?:(?P<half2>[ap])\.?\s?m\b|uhr)",
    re.IGNORECASE,
)
_MISREAD = re.compile(r"(?<=[\d/.\-:])[oOQ](?=[\d/.\-:oOQ])|(?<![a-z\d])[oO](?=\d[/.\-:])|(?<=\d)[oO]\b", re.IGNORECASE)
_MISREAD_ONE = re.compile(r"(?<=[\d/.\-:])[lI|](?=[\d/.\-:])|(?<![a-z\d])[lI|](?=\d[/.\-:])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DateFound:
    """A date in a text.

    Attributes:
        value: the date.
        text: as printed.
        span: where it is in the text, start and end.
        ambiguous: whether day and month could be swapped.
        compact: whether it is eight bare digits, which may be any number.
    """

    value: date
    text: str
    span: tuple[int, int]
    ambiguous: bool = False
    compact: bool = False


def find_dates(text: str, *, month_first: bool = False) -> list[DateFound]:
    """Every date in a text, left to right.

    Args:
        text: a line of text.
        month_first: read 03/04/2018 as the 4th of March; a date that only makes sense otherwise is read otherwise.
    """
    found: list[DateFound] = []
    plain = _plain(text)
    for pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            if any(match.start() < other.span[1] and other.span[0] < match.end() for other in found):
                continue
            reading = _reading(match, month_first)
            if reading is not None:
                compact = match.group().isdigit()
                found.append(DateFound(reading[0], text[slice(*match.span())], match.span(), reading[1], compact))
    return sorted(found, key=lambda one: one.span)


def parse_date(text: str, *, month_first: bool = False) -> date | None:
    """The first date in a text, or None."""
    return next((one.value for one in find_dates(text, month_first=month_first)), None)


def find_times(text: str) -> list[tuple[time, str]]:
    """Every time of day in a text, with what is printed; the time glued to a date counts as well."""
    plain = _plain(text)
    for one in find_dates(text):
        start, end = one.span
        plain = plain[:start] + " " * (end - start) + plain[end:]
    return [(value, text[slice(*match.span())].strip()) for match, value in _times(plain)]


def parse_time(text: str) -> time | None:
    """The first time of day in a text, or None."""
    return next((value for value, _ in find_times(text)), None)


def _times(plain: str) -> Iterator[tuple[re.Match[str], time]]:
    for match in _TIME.finditer(plain):
        hour, half = int(match["hour"] or match["hour2"]), (match["half"] or match["half2"] or "").lower()
        if half:
            hour = hour % 12 + (12 if half == "p" else 0) if hour <= 12 else hour
        yield match, time(hour % 24, int(match["minute"] or match["minute2"]), int(match["second"] or 0))


def _reading(match: re.Match[str], month_first: bool) -> tuple[date, bool] | None:
    """The date of a match and whether its day and month could be swapped."""
    parts = match.groupdict()
    if parts.get("first"):
        return _numeric((int(parts["first"]), int(parts["second"])), parts["year"], parts["sep"], month_first)
    month = _MONTH_OF[parts["name"].lower()] if parts.get("name") else int(parts["month"])
    value = _date(_year(parts["year"]), month, int(parts["day"]))
    return None if value is None else (value, False)


def _numeric(numbers: tuple[int, int], year: str, sep: str, month_first: bool) -> tuple[date, bool] | None:
    first, second = numbers
    day_first, other = _date(_year(year), second, first), _date(_year(year), first, second)
    if len(year) == 2 and (day_first or other or date.max).year > date.today().year + 1:
        turned = _date(_year(f"{first:02d}"), second, int(year))
        if turned is not None:
            return turned, False
    if day_first and other and day_first != other:
        dotted = sep == "."  # nobody puts dots between month, day and year
        return (other if month_first and not dotted else day_first), not dotted
    value = day_first or other
    return None if value is None else (value, False)


def _year(text: str) -> int:
    year = int(text.lstrip("'"))
    return year if year > 99 else year + (2000 if year < 70 else 1900)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _plain(text: str) -> str:
    """The text without accents and with misread digits repaired; every character stays in its place."""
    bare = "".join(_base(letter) for letter in text)
    return _MISREAD_ONE.sub("1", _MISREAD.sub("0", bare))


def _base(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[:1]
    return base if base.isascii() or not letter.isalpha() else letter
