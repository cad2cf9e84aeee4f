"""The words of a question: cut, spelled one way, and freed of politeness."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

LONGEST = 120
"""Words beyond this are not read: nobody asks a question that long, and pasted text is not a question."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word, number, sign or quotation.

    Attributes:
        text: as it is matched: lower case, spelled one way.
        raw: as the user wrote it, without quotation marks.
        quoted: whether it stood in quotation marks; a quotation is one word however long.
    """

    text: str
    raw: str
    quoted: bool = False


Words: TypeAlias = tuple[Word, ...]
NOT = Word("not", "not")
"""The second half of "isn't" and its like."""

_TOKEN = re.compile(
    r"""
    (?P<quote> "[^"]+" | “[^”]+” | „[^“”]+[“”] | «[^»]+» | `[^`]+` | (?<!\w)['‘][^'’]+['’](?!\w) )
  | (?P<handle> img_\d+ | \b[rc]\d+\b )
  | (?P<number> \d+(?:[.,]\d+)* )
  | (?P<word> [^\W\d_]+(?:['’][^\W\d_]+)* )
  | (?P<sign> [-+*/×÷=<>%\#,;:?!.&] )
    """,
    re.VERBOSE | re.IGNORECASE,
)

_SPELLED = {
    "isnt": "isn't", "arent": "aren't", "doesnt": "doesn't", "dont": "don't", "wasnt": "wasn't", "didnt": "didn't",
    "colour": "color", "colours": "colors", "coloured": "colored", "grey": "gray", "centre": "center",
    "pic": "picture", "pics": "pictures", "img": "image", "imgs": "images", "nr": "number", "no.": "number",
    ">": "more", "<": "less", "#": "number", "%": "percent", "×": "*", "÷": "/", "–": "-", "photograph": "photo",
    "plz": "please", "pls": "please", "u": "you", "teh": "the", "wat": "what", "ppl": "people",
}  # fmt: skip

_JOINED = {
    ("bar", "code"): "barcode", ("bar", "codes"): "barcodes", ("sub", "total"): "subtotal", ("e", "mail"): "email",
    ("qrcode",): "qr code", ("qrcodes",): "qr codes", ("per", "cent"): "percent", ("no", "."): "number",
}  # fmt: skip
_HYPHENED = {"bar", "bottom", "check", "e", "grand", "lower", "mid", "qr", "sub", "t", "top", "upper", "wi"}
"""Words after which a hyphen joins; after any other it is a minus."""

_SHORT = {
    "'s": "is", "'re": "are", "'m": "am", "'ve": "have", "'ll": "will", "'d": "would",
}  # fmt: skip
_SHORT_HEADS = {"what", "where", "who", "when", "which", "how", "it", "that", "there", "here", "i", "they", "you", "we"}
_WHOLE = {
    "whats": ("what", "is"), "wheres": ("where", "is"), "whos": ("who", "is"), "whens": ("when", "is"),
    "hows": ("how", "is"), "theres": ("there", "is"), "cannot": ("can", "not"),
    "nobody": ("no", "person"),
}  # fmt: skip


def tokenize(question: str) -> Words:
    """The words of a question, at most `LONGEST`; whatever is no word, number or known sign is left out."""
    found = (_word(match) for match, _ in zip(_TOKEN.finditer(question), range(LONGEST), strict=False))
    apart = [part for word in found for part in _unfolded(word)]
    return _without_leading_nt(tuple(_joined(apart)))


def phrase(words: Iterable[Word]) -> str:
    """Words as the user wrote them, with single spaces."""
    return " ".join(word.raw for word in words)


def text_of(words: Iterable[Word]) -> str:
    """Words as they are matched, with single spaces."""
    return " ".join(word.text for word in words)


def bag(text: str) -> frozenset[str]:
    """The words of a string as a set, for lists of words that read better as one line."""
    return frozenset(text.split())


def _word(match: re.Match[str]) -> Word:
    raw = match.group()
    if match.lastgroup == "quote":
        inner = raw[1:-1].strip()
        return Word(inner.casefold(), inner, quoted=True)
    low = raw.casefold().replace("’", "'")
    return Word(_SPELLED.get(low, low), raw)


def _unfolded(word: Word) -> Iterator[Word]:
    """What's -> what is; isn't -> is not; receipt's -> receipt."""
    head, mark, _ = word.text.partition("'")
    tail = word.text[len(head) :]
    if word.quoted or (not mark and word.text not in _WHOLE):
        yield word
    elif word.text in _WHOLE:
        yield from (Word(part, part) for part in _WHOLE[word.text])
    elif tail in _SHORT and (head in _SHORT_HEADS or tail != "'s"):
        yield from (Word(head, head), Word(_SHORT[tail], _SHORT[tail]))
    elif tail == "'t":
        stem = {"ca": "can", "wo": "will"}.get(head, head.removesuffix("n"))
        yield from (Word(stem, stem), NOT)
    else:
        yield replace(word, text=head if tail == "'s" else word.text)


def _joined(words: Sequence[Word]) -> Iterator[Word]:
    """Bar code -> barcode, top-left -> top left."""
    words = [word for at, word in enumerate(words) if not _is_hyphen(words, at)]
    at = 0
    while at < len(words):
        for parts, whole in _JOINED.items():
            here = words[at : at + len(parts)]
            if tuple(word.text for word in here) == parts and not any(word.quoted for word in here):
                yield from (Word(piece, piece) for piece in whole.split())
                at += len(parts)
                break
        else:
            yield words[at]
            at += 1


def _is_hyphen(words: Sequence[Word], at: int) -> bool:
    return words[at].text == "-" and 0 < at < len(words) - 1 and words[at - 1].text in _HYPHENED


def _without_leading_nt(words: Words) -> Words:
    """Isn't there a dog? asks what "is there a dog?" asks; "is there not a dog?" asks the opposite."""
    return (words[0], *words[2:]) if len(words) > 2 and words[1] is NOT else words
