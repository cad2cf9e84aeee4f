"""What the label beside an amount says it is, in the languages of tills, also where it is misspelt."""

from __future__ import annotations

import re
from functools import cache

from .labels import alike, fold, shape

_WORDS = """
total totals grand sub subtotal nett net netto amount amt due balance payable pay jumlah besar keseluruhan kecil summe
gesamt gesamtbetrag gesamtsumme endbetrag endsumme rechnungsbetrag betrag zahlen zahlbetrag ttc ht htva montant payer
importe pagar totale totaal complessivo apagar zwischensumme sous brutto bruto tax taxes taxable gst vat sst mwst ust
steuer tva iva hst pst igst cgst sgst ppn moms btw service svc serv charge charges charged chg bedienung servis tip
gratuity
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

_TAX = r"(?:gst|vat|sst|tax|taxes|mwst|ust|steuer|tva|iva|hst|pst|igst|cgst|sgst|ppn|moms|btw)"
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
TAX_SUMMARY = re.compile(
    rf"\b{_TAX}\b.*\b(net|netto|goods|brutto|base|amount|ht)\b|\b(net|netto|goods|base|ht)\b.*\b{_TAX}\b|"
    rf"\b{_TAX}\b.*\b(summary|analysis|breakdown|code|rate)\b|\b(summary|analysis)\b"
)
GOODS = re.compile(
    r"\b(qty|quantity|descr\w*|item|items|price|u/p|s/price|product|article|artikel|menge|einzelpreis|bezeichnung|libelle"
    r"|designation|cantidad|descripcion|precio|kuantiti|harga|disc%?|unit|rate|pos|hours)\b"
)


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
