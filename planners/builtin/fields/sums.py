"""Which printed amount is what: the total, the tax, the cash, the change ..., by the label beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .labels import alike, fold, shape
from .money import Amount, decimal_sign, find_amounts
from .page import Line, Page

_WORDS = """
total totals grand sub subtotal nett net netto amount amt due balance payable pay jumlah besar keseluruhan kecil summe
gesamt gesamtbetrag gesamtsumme endbetrag endsumme rechnungsbetrag betrag zahlen zahlbetrag ttc ht htva montant payer
importe pagar totale totaal complessivo apagar zwischensumme sous brutto bruto tax taxes taxable gst vat sst mwst ust
tva iva hst pst igst cgst sgst ppn moms btw service svc serv charge charges charged chg bedienung servis tip gratuity
trinkgeld pourboire propina discount disc discounts rabatt remise descuento desconto diskaun diskon potongan nachlass
savings saving saved save promo promotion voucher coupon rebate rounding rounded round roundoff adjustment adj
pembulatan pelarasan genap rundung arrondi redondeo cash tunai paid payment tender tendered received receive visa
master mastercard card credit debit amex maestro bar gegeben especes efectivo contanti contant kontant dinheiro bayar
carte karte tarjeta girocard ewallet paypal wallet nets accepted deposit change baki wechselgeld rueckgeld ruckgeld
rendu monnaie vuelto cambio troco resto kembali kembalian wisselgeld vaxel qty quantity kuantiti anzahl items item pcs
pieces articles articulos artikel units weight points point pts member loyalty opening closing earned redeemed bonus
stamps expire expiry inclusive incl including included inc inklusive inkl compris excl excluding exclusive exkl excluded
before after without with sales sale bill invoice price summary analysis breakdown rate code excluded hors base
imponible collected outstanding owed order unit previous rm usd eur myr merchandise goods cost fare fee value last
remaining available prior forward limit number count refund exchange exempt rated zero standard of
"""
_VOCABULARY = frozenset(_WORDS.split())
_BY_SHAPE = {shape(word): word for word in _WORDS.split()}

_TAX = r"(?:gst|vat|sst|tax|taxes|mwst|ust|tva|iva|hst|pst|igst|cgst|sgst|ppn|moms|btw)"
_TOTAL = r"(?:total|totals|totale|totaal|jumlah|summe|gesamt\w*|endbetrag|endsumme|montant|betrag|importe|amount|amt)"
_INCLUDING = r"(?:inclusive|incl|including|inc|inkl|inklusive|ttc|with|after|compris)"
_EXCLUDING = r"(?:excl|excluding|exclusive|exkl|excluded|ht|htva|before|without|hors)"

_RULES: tuple[tuple[str, str, float], ...] = (
    ("other", r"\b(points?|pts|loyalty|earned|redeemed|stamps|expir[ey]+|member|weight|refund|exempt|rated)\b", 1.0),
    (
        "other",
        r"\b(opening|closing|previous|last|prior|remaining|available|forward|card) (balance|limit|credit)\b",
        1.0,
    ),
    ("other", r"\b(credit limit|unit price|balance (forward|remaining|available))\b", 1.0),
    ("change", r"\b(change|baki|wechselgeld|ruckgeld|rueckgeld|rendu|monnaie|vuelto|cambio|troco|kembali(an)?)\b", 1.0),
    ("change", r"\b(wisselgeld|vaxel|resto)\b", 0.9),
    (
        "total",
        rf"\b{_TOTAL} (\w+ )?(after )?rounded\b|\bround(ed|ing)?\b.*{_TOTAL}$|{_TOTAL} (?:\w+ )?after rounding\b",
        1.1,
    ),
    ("rounding", r"\b(rounding|round|roundoff|rounded|pembulatan|pelarasan|genap|rundung|arrondi|redondeo)\b", 1.0),
    ("total", rf"\b{_TOTAL} (\w+ )?(after|less) (disc|discount|savings)\b", 0.9),
    ("subtotal", rf"\b(sub total|subtotal|{_TOTAL}) (\w+ )?before (disc|discount|savings)\b", 0.8),
    ("discount", r"\b(disc|discounts?|savings?|saved|save|rabatt|remise|descuento|desconto|diskaun|diskon)\b", 1.0),
    ("discount", r"\b(potongan|nachlass|promo|promotion|vouchers?|coupons?|rebate)\b", 0.9),
    ("count", r"\b(qty|quantity|kuantiti|anzahl|pcs|pieces|items?|articles|articulos|artikel|units|count)\b", 1.0),
    ("subtotal", rf"\b{_TAX} {_EXCLUDING}|{_EXCLUDING} {_TAX}|{_TOTAL} {_EXCLUDING}|base imponible|taxable\b", 0.9),
    ("total", rf"\b({_TOTAL}|sales?|price|bill) .*({_INCLUDING})\b.*|{_INCLUDING} .*{_TAX}.* {_TOTAL}$", 0.95),
    ("subtotal", rf"\b(sub total|subtotal|zwischensumme|sous total)\b(?!.*{_INCLUDING})", 1.0),
    ("tax", rf"\b{_TAX}\b(?!.*\b(invoice|summary)\b)(?!.*\bpayable (?!{_TAX})\w+)", 1.0),
    ("service charge", r"\b(service|svc|serv|servis|bedienung)( (charges?|chg))?\b", 1.0),
    ("tip", r"\b(tip|gratuity|trinkgeld|pourboire|propina)\b", 1.0),
    (
        "total",
        r"\b(amount|amt|total|balance|net+|bill) (due|payable|owed|outstanding|charged)|payable|zu zahlen\b",
        1.05,
    ),
    (
        "total",
        r"\b(net a payer|a payer|a pagar|to pay|zahlbetrag|montant due?|apagar|total bayar|jumlah bayar)\b",
        1.05,
    ),
    ("paid", r"\b(accepted|tender|tendered|received|paid|tunai|cash|visa|master|mastercard|card|debit|credit)\b", 1.0),
    ("paid", r"\b(gegeben|especes|efectivo|contanti|contant|kontant|dinheiro|carte|karte|tarjeta|girocard)\b", 1.0),
    ("paid", r"\b(bar|amex|maestro|ewallet|paypal|wallet|nets|payment|deposit|bayar|collected)\b", 0.8),
    (
        "subtotal",
        r"\b(sub total|subtotal|zwischensumme|sous total|jumlah kecil|total ht|netto|merchandise|goods)\b",
        1.0,
    ),
    ("total", r"\b(grand total|nett? total|total nett?|gesamt\w*|rechnungsbetrag|jumlah (besar|keseluruhan))\b", 1.1),
    ("total", r"\b(endbetrag|endsumme|total amount|amount total|importe total|bill total|invoice total)\b", 1.0),
    ("total", r"^(\w )?(total|totals|totale|totaal|jumlah|summe)( (rm|usd|eur|myr))?$", 1.0),
    ("total", r"\b(total|totals|totale|totaal|jumlah|summe)\b", 0.85),
    ("total", r"\b(nett?|balance|importe|montant|betrag|bill amount|invoice amount|brutto|bruto)\b", 0.6),
    ("total", r"\b(amount|amt|sales|fare|fee)\b", 0.45),
)
_COMPILED = tuple((kind, re.compile(pattern), strength) for kind, pattern, strength in _RULES)
_SUMMARY = re.compile(rf"\b{_TAX}\b.*\b(summary|analysis|breakdown|code|rate)\b|\b(summary|analysis)\b")
_GOODS = re.compile(
    r"\b(qty|quantity|descr\w*|item|items|price|u/p|s/price|product|article|artikel|menge|einzelpreis|bezeichnung|libelle"
    r"|designation|cantidad|descripcion|precio|kuantiti|harga|disc%?|unit|rate|pos|hours)\b"
)
_CELL = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount with what its label says it is.

    Attributes:
        line: the line that contains it.
        amount: the amount.
        kind: "total", "tax", "paid" ..., "count", "other", or empty for an amount without a telling label.
        strength: how telling the label is, 0 to 1.1.
        label: the label, corrected.
        label_line: where the label is printed.
        summary: whether it stands in a table that sums up the tax.
    """

    line: Line
    amount: Amount
    kind: str
    strength: float
    label: str = ""
    label_line: Line | None = None
    summary: bool = False

    @property
    def money(self) -> bool:
        """Whether it can be an amount to pay: two decimals, none, or a currency."""
        return self.amount.currency != "" or self.amount.value.as_tuple().exponent in (0, -2)


def classify(label: str) -> tuple[str, float]:
    """What an amount with this label is, and how telling the label is; ("", 0) when it says nothing."""
    said = corrected(label)
    return next(((kind, strength) for kind, pattern, strength in _COMPILED if pattern.search(said)), ("", 0.0))


def corrected(label: str) -> str:
    """The words of a label, lower case, misread ones replaced by the word of the trade they look like."""
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[^\W\d_])[01](?=[^\W\d_])", _letter, fold(label)))
    return " ".join(part for word in words for part in _trade_words(word))


def _letter(match: re.Match[str]) -> str:
    return "o" if match.group() == "0" else "l"


@cache
def _trade_words(word: str) -> tuple[str, ...]:
    if word in _VOCABULARY or len(word) < 4:
        return (word,)
    if shape(word) in _BY_SHAPE:
        return (_BY_SHAPE[shape(word)],)
    for cut in range(2, len(word) - 1):
        if word[:cut] in _VOCABULARY and word[cut:] in _VOCABULARY:
            return (word[:cut], word[cut:])
    near = [(alike(word, known), known) for known in _VOCABULARY if abs(len(known) - len(word)) <= 1]
    score, known = max(near, default=(0.0, word))
    return (known,) if score else (word,)


def sums(page: Page) -> list[Sum]:
    """Every amount of the page with its label, top to bottom."""
    decimal = decimal_sign([line.text for line in page.lines])
    found: list[Sum] = []
    summary_ends = -1
    for row in page.rows:
        said = corrected(" ".join(line.text for line in row))
        if _SUMMARY.search(said) and not any(one.exact for line in row for one in find_amounts(line.text)):
            summary_ends = row[0].row + 6
        for line in row:
            in_summary = row[0].row <= summary_ends
            found += [_labelled(page, line, amount, in_summary) for amount in find_amounts(line.text, decimal=decimal)]
    return found


def _labelled(page: Page, line: Line, amount: Amount, summary: bool) -> Sum:
    if summary:
        column = next((head for head in page.above(line, rows=4) if not find_amounts(head.text)), None)
        if column is not None:
            kind = "tax" if classify(column.text)[0] == "tax" else "base"
            return Sum(line, amount, kind, 0.5, corrected(column.text), column, True)
    for label, where, trust in _labels(page, line, amount):
        kind, strength = classify(label)
        if kind == "rounding" and abs(amount.value) >= 1 and amount.exact:
            kind = "total"  # nobody rounds by that much: it is what was rounded
        if kind:
            return Sum(line, amount, kind, strength * trust, corrected(label), where, summary)
    return Sum(line, amount, "", 0.0, summary=summary)


def _labels(page: Page, line: Line, amount: Amount) -> Iterator[tuple[str, Line, float]]:
    """The texts that may label an amount, the likeliest first, each with how far it can be trusted."""
    before = line.text[: amount.span[0]]
    earlier = find_amounts(before)
    own = before[earlier[-1].span[1] :] if earlier and earlier[-1].exact else before
    if _CELL.search(re.sub(r"\b(?:rm|myr|usd|eur)\b", "", own, flags=re.IGNORECASE)):
        yield own, line, 1.0
        return
    if earlier and earlier[-1].exact:
        return
    labelled = False
    for label, where in _leftwards(page, line):
        labelled = True
        yield label, where, 1.0
    if not labelled:
        yield from _upwards(page, line)


def _leftwards(page: Page, line: Line) -> Iterator[tuple[str, Line]]:
    """The cells to the left up to the next amount; neighbours that nearly touch are read together."""
    near = line
    label = ""
    for cell in page.left_of(line):
        if any(one.exact for one in find_amounts(cell.text)):
            return
        if _CELL.search(cell.text):
            touching = bool(label) and near.left - cell.right < 2.0 * line.height
            label = f"{cell.text} {label}" if touching else cell.text
            following = next(iter(page.left_of(cell)), None)
            near = cell
            if following is None or cell.left - following.right >= 2.0 * line.height or _ends(following.text):
                yield label, cell
                label = ""


def _ends(text: str) -> bool:
    """Whether a cell cannot be the first half of a label: it is closed by a colon or holds numbers."""
    return text.rstrip().endswith(":") or any(letter.isdigit() for letter in text)


def _upwards(page: Page, line: Line) -> Iterator[tuple[str, Line, float]]:
    """The label above an amount that has none in its row; the head of a table of goods labels none."""
    for other in page.above(line):
        if not _GOODS.search(fold(" ".join(one.text for one in page.rows[other.row]))):
            yield other.text, other, 0.6
    if line.row and len(page.rows[line.row]) == 1:
        before = page.rows[line.row - 1]
        if len(before) == 1 and not find_amounts(before[0].text):
            yield before[0].text, before[0], 0.7
