"""Amounts of money in the ways the world prints them, and in the ways OCR misreads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

CURRENCIES = {
    "rm": "MYR", "myr": "MYR", "usd": "USD", "us$": "USD", "eur": "EUR", "euro": "EUR", "€": "EUR", "gbp": "GBP",
    "£": "GBP", "jpy": "JPY", "yen": "JPY", "円": "JPY", "cny": "CNY", "rmb": "CNY", "元": "CNY", "inr": "INR",
    "₹": "INR", "rs": "Rs", "sgd": "SGD", "s$": "SGD", "aud": "AUD", "a$": "AUD", "cad": "CAD", "c$": "CAD",
    "hkd": "HKD", "hk$": "HKD", "nt$": "TWD", "twd": "TWD", "nzd": "NZD", "nz$": "NZD", "chf": "CHF", "sfr": "CHF",
    "kr": "kr", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "rp": "IDR", "idr": "IDR", "thb": "THB", "฿": "THB",
    "php": "PHP", "₱": "PHP", "vnd": "VND", "₫": "VND", "krw": "KRW", "₩": "KRW", "r$": "BRL", "brl": "BRL",
    "mxn": "MXN", "zar": "ZAR", "pln": "PLN", "zł": "PLN", "zl": "PLN", "czk": "CZK", "kč": "CZK", "huf": "HUF",
    "₺": "TRY", "₽": "RUB", "aed": "AED", "sar": "SAR", "kwd": "KWD",
    "omr": "OMR", "$": "$", "¥": "¥", "￥": "¥",
}  # fmt: skip
"""How a currency is printed (lower case) -> its ISO code, or the sign itself where several countries share it."""

_THREE_DECIMALS = {"KWD", "OMR"}
_SIGN = "|".join(re.escape(sign) for sign in sorted(CURRENCIES, key=len, reverse=True) if not sign.isalpha())
_WORD = "|".join(sorted((sign for sign in CURRENCIES if sign.isalpha() and sign.isascii()), key=len, reverse=True))
_FOREIGN = "|".join(sign for sign in CURRENCIES if sign.isalpha() and not sign.isascii())
_CURRENCY_BEFORE = rf"(?P<before>{_SIGN}|{_FOREIGN}|(?<![a-z])(?:{_WORD})\.?)"
_CURRENCY_AFTER = rf"(?P<after>{_SIGN}|{_FOREIGN}|(?:{_WORD})\b\.?)"
_GROUPED = r"\d{1,3}(?:[.,'’]\d{3}){1,4}(?!\d)|\d{1,2}(?:,\d{2}){1,3},\d{3}(?!\d)"
_SPACED = r"\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,3}(?=\s?[.,]\s?\d{2}(?!\d))"
_DECIMALS = r"(?:\s?[.,]\s?\d{1,3}(?!\d)|[.,](?:-{1,2}|–|—))"
_NUMBER = rf"(?P<number>(?:(?:{_GROUPED}|{_SPACED}|\d+){_DECIMALS}?|(?<![\w.,])[.,]\d{{2}})(?!\d))"
_AMOUNT = re.compile(
    rf"(?P<open>\()?(?P<minus>(?<![\w)])[-−–]\s?)?(?:{_CURRENCY_BEFORE}\s?)?(?P<minus2>[-−–]\s?)?"
    rf"(?<!\d[.,:/*])(?<!\d[-/:])(?<!\d){_NUMBER}"
    rf"(?!\s?[./:-]\d)(?P<percent>\s?%)?(?:\s?{_CURRENCY_AFTER})?(?:/-)?(?P<close>\))?(?P<trailing>-(?![\w]))?",
    re.IGNORECASE,
)
_MISREAD_ZERO = re.compile(
    r"(?<=[\d.,])[OoQ](?=[\d.,OoQ]|\b)|(?<![A-Za-z\d])[OoQ](?=[.,]\s?[\dOoQ]{2})|(?<=\d[.,]\d)[cC]\b"
)
_MISREAD_ONE = re.compile(r"(?<=[\d.,])[lI|](?=[\d.,])|(?<=\d[.,]\d)[lI|](?!\w)|(?<![A-Za-z\d])[lI|](?=\d*[.,]\d{2}\b)")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money in a text.

    Attributes:
        value: the number, with the decimals that are printed.
        text: as printed, with its currency.
        span: where it is in the text, start and end.
        currency: ISO code or sign, or empty.
        exact: whether decimals are printed; a bare whole number may be anything.
    """

    value: Decimal
    text: str
    span: tuple[int, int]
    currency: str = ""
    exact: bool = True


def repair_digits(text: str) -> str:
    """The text with the letters that OCR puts in numbers (O for 0, l for 1) made digits again; same length."""
    return _MISREAD_ONE.sub("1", _MISREAD_ZERO.sub("0", text))


def find_amounts(text: str, *, decimal: str = "") -> list[Amount]:
    """Every amount in a text, left to right; percentages, dates, times and long codes are none.

    Args:
        text: a line of text.
        decimal: the decimal sign of the document ("." or ",") where known; it settles "1.234".
    """
    return list(_amounts(repair_digits(text), text, decimal))


def parse_money(text: str, *, decimal: str = "") -> Decimal | None:
    """The first amount in a text; one with decimals or a currency is preferred to a bare whole number."""
    amounts = find_amounts(text, decimal=decimal)
    telling = [amount for amount in amounts if amount.exact or amount.currency]
    return next((amount.value for amount in (*telling, *amounts)), None)


def decimal_sign(texts: Sequence[str]) -> str:
    """The decimal sign that a document uses, "." or ",", by the amounts that leave no doubt; empty without any."""
    points = sum(len(re.findall(r"(?<![\d.,])\d+(?:,\d{3})*\.\d{2}(?![\d.,])", text)) for text in texts)
    commas = sum(len(re.findall(r"(?<![\d.,])\d+(?:\.\d{3})*,\d{2}(?![\d.,])", text)) for text in texts)
    if points == commas:
        return ""
    return "." if points > commas else ","


def currency_in(text: str) -> str:
    """The currency that is named in a text, as an ISO code or sign, or empty."""
    match = re.search(rf"{_SIGN}|{_FOREIGN}|(?<![a-zA-Z])(?:{_WORD})(?![a-zA-Z])", text, re.IGNORECASE)
    return CURRENCIES[match.group().lower()] if match else ""


def _amounts(repaired: str, printed: str, decimal: str) -> Iterator[Amount]:
    for match in _AMOUNT.finditer(repaired):
        if match["percent"]:
            continue
        currency = CURRENCIES.get((match["before"] or match["after"] or "").lower().rstrip("."), "")
        value, exact = _value(match["number"], "." if currency in _THREE_DECIMALS else decimal, currency)
        if not (exact or currency) and len(match["number"]) > 9:
            continue
        negative = match["minus"] or match["minus2"] or match["trailing"] or (match["open"] and match["close"])
        text = printed[slice(*match.span())].strip()
        text = text.strip(" ()") if bool(match["open"]) != bool(match["close"]) else text
        yield Amount(-value if negative else value, text, match.span(), currency, exact)


def _value(number: str, decimal: str, currency: str) -> tuple[Decimal, bool]:
    """The value of the digits and separators of an amount, and whether decimals are printed."""
    compact = re.sub(r"[\s'’\u00a0\u202f]", "", number)
    whole, sign, rest = _split(compact)
    if not rest.isdigit():
        return Decimal(re.sub(r"\D", "", whole) or "0"), bool(sign)
    if len(rest) == 3 and not _three_are_decimals(whole, sign, decimal, currency):
        return Decimal(re.sub(r"\D", "", whole + rest)), False
    cents = rest + "0" if len(rest) == 1 else rest
    return Decimal(f"{re.sub(r'[.,]', '', whole) or '0'}.{cents}"), True


def _split(compact: str) -> tuple[str, str, str]:
    at = max(compact.rfind("."), compact.rfind(","))
    return (compact, "", "") if at < 0 else (compact[:at], compact[at], compact[at + 1 :])


def _three_are_decimals(whole: str, sign: str, decimal: str, currency: str) -> bool:
    if currency in _THREE_DECIMALS or whole in ("", "0"):
        return True
    other = "," if sign == "." else "."
    if other in whole:
        return True
    return sign == decimal and sign not in whole and not currency
