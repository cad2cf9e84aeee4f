"""What slots of phrasings mean that several families of questions share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from .words import Word, Words, bag, phrase, text_of

_COLORS = bag(
    "red orange yellow green blue purple pink brown black white gray teal cyan magenta turquoise violet beige navy "
    "maroon olive lime gold silver indigo khaki crimson scarlet cream peach mint tan lavender salmon coral aqua "
    "fuchsia ivory"
)
COLORS: Mapping[str, str] = {
    **{name: name for name in _COLORS},
    "grey": "gray",
    "golden": "gold",
    "reddish": "red",
    "bluish": "blue",
    "greenish": "green",
}
"""Names of colours, each with the spelling it is compared in."""

ORDINALS: Mapping[str, int] = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "1st": 1, "2nd": 2, "3rd": 3, "top": 1, "last": -1, "final": -1, "bottom": -1,
}  # fmt: skip
NUMBERS: Mapping[str, int] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "twenty": 20, "fifty": 50, "hundred": 100,
}  # fmt: skip
_NOISE = bag("the a an word words phrase text string term name letters")
_JOINTS = bag("and or , ; ? ! : . & = < >")
_NEVER_A_LABEL = bag(
    "is are was were does do did what which where when who whose why how can could this that it there i you he "
    "she we they not in on at of to from with between below above next say says if than"
)
_ARTICLES = bag("the a an my our this that its your their his her")


def without_articles(words: Words) -> Words:
    """Words without the articles at their start."""
    at = 0
    while at < len(words) and words[at].text in _ARTICLES and not words[at].quoted:
        at += 1
    return words[at:]


def text(words: Words) -> str | None:
    """A piece of text to look for: a quotation, or a few words as they are written."""
    quoted = [word for word in words if word.quoted]
    if quoted:
        others = [word.text for word in words if not word.quoted]
        return quoted[0].raw if len(quoted) == 1 and all(other in _NOISE for other in others) else None
    at = 0
    while at < len(words) - 1 and words[at].text in _NOISE:
        at += 1
    rest = words[at:]
    plain = bool(rest) and len(rest) <= 8 and not any(word.text in _JOINTS for word in rest)
    return phrase(rest) if plain else None


def quoted(words: Words) -> str | None:
    """A quotation."""
    return words[0].raw if len(words) == 1 and words[0].quoted else None


def label(words: Words) -> str | None:
    """The name of a value, as printed on a document: "table number", "cashier"."""
    rest = without_articles(words)
    if len(rest) == 1 and rest[0].quoted:
        return rest[0].raw
    bad = any(word.text in _JOINTS or word.text in _NEVER_A_LABEL for word in rest)
    return phrase(rest) if rest and len(rest) <= 4 and not bad else None


def number(words: Words) -> Decimal | None:
    """A number in digits or words, without its currency: `50`, `1,234.50`, `three`."""
    kept = [word.text for word in words if word.text not in _CURRENCIES]
    if len(kept) != 1:
        return None
    if kept[0] in NUMBERS:
        return Decimal(NUMBERS[kept[0]])
    return _decimal(kept[0])


_CURRENCIES = bag("usd eur gbp rm myr dollar dollars euro euros pound pounds ringgit yen rupees rupee bucks inr chf")


def _decimal(written: str) -> Decimal | None:
    if not re.fullmatch(r"\d+(?:[.,]\d+)*", written):
        return None
    head, _, tail = written.replace(",", ".").rpartition(".")
    if not head or (len(tail) == 3 and "," in written):
        return Decimal(head.replace(".", "") + tail)
    return Decimal(f"{head.replace('.', '')}.{tail}")


def count(words: Words) -> int | None:
    """A whole number above nothing."""
    value = number(words)
    return int(value) if value is not None and value == int(value) and 0 < value < 10_000 else None


def ordinal(words: Words) -> int | None:
    """`first` -> 1, `last` -> -1, `3rd` -> 3, `second last` -> -2."""
    texts = [word.text for word in words]
    if len(texts) == 3 and texts[1:] == ["to", "last"] and texts[0] in ORDINALS:
        return -ORDINALS[texts[0]]
    if len(texts) == 2 and texts[1] == "last" and texts[0] in ORDINALS:
        return -ORDINALS[texts[0]]
    if len(texts) == 2 and texts[0].isdigit() and texts[1] in {"st", "nd", "rd", "th"}:
        return int(texts[0])
    return ORDINALS.get(texts[0]) if len(texts) == 1 else None


def region(words: Words) -> str | None:
    """The handle of a region: `r3`."""
    return words[0].text if len(words) == 1 and re.fullmatch(r"r\d+", words[0].text) else None


def image(words: Words) -> str | None:
    """The handle of a picture: `img_2`."""
    return words[0].text if len(words) == 1 and re.fullmatch(r"img_\d+", words[0].text) else None


def color(words: Words) -> str | None:
    """The name of a colour, in one spelling; `dark` and `light` are left out."""
    kept = [word.text for word in words if word.text not in {"dark", "light", "bright", "pale", "color", "colored"}]
    return COLORS.get(kept[0]) if len(kept) == 1 else None


def one_of(names: Mapping[str, str]) -> Callable[[Words], str | None]:
    """A reader that knows a list of names, each of one or more words."""

    def read(words: Words) -> str | None:
        return names.get(text_of(without_articles(words)))

    return read


def is_plain(word: Word) -> bool:
    """Whether it is an ordinary word: no quotation, no sign, no number, no handle."""
    return not word.quoted and word.text.isalpha()
