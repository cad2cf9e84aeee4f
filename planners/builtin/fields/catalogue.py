"""The fields that documents commonly have: how people ask for them and how documents print them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .model import FieldKind, ValueType

_MONEY, _CODE, _TEXT = ValueType.MONEY, ValueType.CODE, ValueType.TEXT

# name | type | how people ask | how documents print it; the most telling labels first
_KINDS: tuple[tuple[str, ValueType, str, str], ...] = (
    (
        "total",
        _MONEY,
        "total amount, grand total, sum, total price, final amount, total sum, bill amount,"
        " invoice amount, total cost, overall total, net total, nett total, total including tax, total bill,"
        " gesamtbetrag, summe, jumlah",
        "grand total, total, amount due, balance due, total payable, amount payable, nett total, net total, jumlah,"
        " summe, gesamt, gesamtbetrag, rechnungsbetrag, zu zahlen, total ttc, net a payer, importe total, importe,"
        " total a pagar, totale, totaal",
    ),
    (
        "amount due",
        _MONEY,
        "balance due, total due, amount to pay, amount payable, total payable, amount owed, balance,"
        " outstanding amount, outstanding, still to pay",
        "balance due, amount due, total due, amount payable, total payable, outstanding, zu zahlen, net a payer",
    ),
    (
        "subtotal",
        _MONEY,
        "sub total, sub-total, subtotal amount, net amount, amount before tax, total before tax, total excluding tax,"
        " total without tax, net price, zwischensumme, sous-total",
        "subtotal, sub total, zwischensumme, sous total, total ht, total excl tax, net amount",
    ),
    (
        "tax",
        _MONEY,
        "taxes, tax amount, total tax, gst, vat, sst, gst amount, vat amount, sst amount, sales tax, service tax,"
        " value added tax, total gst, total vat, mwst, tva, iva",
        "gst, vat, sst, tax, mwst, tva, iva, ppn",
    ),
    (
        "service charge",
        _MONEY,
        "service, service fee, svc charge, service charges",
        "service charge, svc chg, service",
    ),
    ("tip", _MONEY, "gratuity, trinkgeld, pourboire, propina", "tip, gratuity"),
    (
        "discount",
        _MONEY,
        "discounts, savings, saving, reduction, rebate, total discount, total savings, rabatt, remise",
        "discount, savings, rabatt, remise, descuento, diskaun, potongan",
    ),
    ("rounding", _MONEY, "rounding adjustment, round off, rounding amount, rounding adj", "rounding, pembulatan"),
    (
        "paid",
        _MONEY,
        "cash, amount paid, paid amount, payment, payment amount, tendered, tender, cash tendered, cash paid,"
        " amount tendered, amount received, cash received, cash given, money given",
        "cash, paid, tendered, amount paid, tunai, bar, especes, efectivo",
    ),
    (
        "change",
        _MONEY,
        "change due, change given, change returned, cash back, money back, balance returned, rückgeld, monnaie, cambio",
        "change, baki, rückgeld, wechselgeld, rendu, vuelto, cambio, kembalian, kembali",
    ),
    (
        "date",
        ValueType.DATE,
        "invoice date, receipt date, bill date, issue date, date of issue, transaction date, purchase date,"
        " date of purchase, document date, order date, day, datum, tarikh, fecha, date of the invoice,"
        " date of the receipt",
        "invoice date, date, datum, tarikh, tanggal, fecha, data, rechnungsdatum",
    ),
    (
        "due date",
        ValueType.DATE,
        "payment due date, pay by date, date due, deadline, due by, fällig",
        "due date, payment due, pay by, due, fallig, faellig, zahlbar bis, echeance, vencimiento",
    ),
    (
        "time",
        ValueType.TIME,
        "time of purchase, transaction time, time of day, hour, clock time, uhrzeit, masa",
        "time, zeit, uhrzeit, heure, hora, masa, jam",
    ),
    (
        "company",
        ValueType.NAME,
        "company name, store, store name, shop, shop name, vendor, vendor name, seller, merchant, merchant name,"
        " business, business name, restaurant, restaurant name, supplier, issuer, retailer, firm, name of the company,"
        " name of the store, name of the shop",
        "company, seller, merchant, vendor, supplier, from",
    ),
    (
        "address",
        ValueType.ADDRESS,
        "company address, store address, shop address, location, street address, postal address, seller address",
        "address, alamat, adresse, direccion, anschrift",
    ),
    (
        "phone",
        ValueType.PHONE,
        "phone number, telephone, telephone number, tel, tel no, contact number, mobile, mobile number, hotline,"
        " telefon, phone no",
        "tel, telephone, phone, tel no, telefon, telefono, hp, mobile, contact, hotline, ph",
    ),
    ("fax", ValueType.PHONE, "fax number, fax no, telefax", "fax, fax no, telefax, faks"),
    ("email", _TEXT, "e-mail, email address, e-mail address, mail", "email, e mail, mail"),
    ("website", _TEXT, "web site, url, web address, homepage, web page, web", "website, web, homepage, www"),
    (
        "invoice number",
        _CODE,
        "invoice no, invoice id, receipt number, receipt no, bill number, bill no, document number, document no,"
        " doc no, invoice #, receipt #, invoice nr, receipt id, rechnungsnummer, number of the invoice",
        "invoice no, invoice number, invoice, inv no, inv, receipt no, receipt number, receipt, bill no, bill,"
        " tax invoice no, doc no, document no, no resit, no invois, rechnungsnummer, rechnung nr, beleg nr, bon nr,"
        " facture no, facture n, no de facture, factura no, factura, ticket no, ticket, slip no, cs no, ref no,"
        " trans no, transaction no, trx no, no faktur, no nota, check no",
    ),
    (
        "order number",
        _CODE,
        "order no, order id, order #, bestellnummer",
        "order no, order number, order, so no, po no",
    ),
    (
        "transaction number",
        _CODE,
        "transaction no, transaction id, trans no, trx, trace number",
        "transaction no, transaction id, trans no, trx no, trans id, trans, transaction, trace no",
    ),
    (
        "reference",
        _CODE,
        "reference number, reference no, ref no, ref",
        "reference no, reference number, ref no, ref, reference",
    ),
    (
        "tax number",
        _CODE,
        "gst id, gst number, gst no, gst reg no, gst registration number, vat number, vat id, vat no, tax id,"
        " sst number, sst no, sst id, tax registration number, gstin, ust-id, gst registration",
        "gst id no, gst reg no, gst registration no, gst id, gst no, gst reg number, gst, gstin, vat no, vat reg no,"
        " vat id, vat number, sst no, sst id, sst reg no, sst registration no, tax id, tax no, ust id nr, ust idnr,"
        " steuernummer, tva intra, n tva, nif, cif, npwp, abn, siret, tin, ein",
    ),
    (
        "registration number",
        _CODE,
        "company number, registration no, company registration number, reg no, company no, roc number, business number,"
        " co reg no, registration",
        "co reg no, company reg no, company no, co no, reg no, roc no, roc, registration no, ssm no, brn, co reg,"
        " business reg no, hrb",
    ),
    (
        "customer",
        _TEXT,
        "customer name, client, buyer, sold to, bill to, customer's name",
        "customer name, customer, bill to, sold to, client, buyer, kunde, cliente, pelanggan, name",
    ),
    ("table", _CODE, "table number, table no, tisch, meja", "table no, table, tisch, meja, tbl, mesa"),
    (
        "cashier",
        _TEXT,
        "cashier name, served by, server, operator, staff, waiter, salesperson, clerk, kassierer, name of the cashier",
        "cashier, served by, server, operator, kasir, juruwang, kassierer, caissier, cajero, staff, waiter, bediener,"
        " transaction by, user, clerk, salesperson, salesman",
    ),
    ("guests", ValueType.COUNT, "pax, number of guests, covers, guest count, people", "pax, guests, covers,"
        " no of pax, couverts, cubiertos, personen"),
    ("currency", ValueType.CURRENCY, "which currency, money, währung, unit of money", "currency"),
    (
        "item count",
        ValueType.COUNT,
        "number of items, items, items count, total items, total qty, total quantity, quantity, number of articles,"
        " how many items, qty",
        "total qty, total quantity, tot qty, total items, item count, items, no of items, qty, quantity, item, qtys,"
        " jumlah item, anzahl, articles, articulos, artikel, quantity out",
    ),
    (
        "payment method",
        _TEXT,
        "method of payment, payment type, how was it paid, payment mode, paid by, paid with, zahlungsart",
        "payment method, payment mode, payment type, paid by, tender type, zahlungsart",
    ),
    (
        "account number",
        _CODE,
        "account no, account, acc no",
        "account no, account number, acc no, a c no, account, konto",
    ),
    ("iban", _CODE, "iban number, bank account", "iban"),
)  # fmt: skip


def _kind(name: str, type_: ValueType, synonyms: str, labels: str) -> FieldKind:
    asked = tuple(part.strip() for part in synonyms.split(","))
    return FieldKind(name, type_, (name, *asked), tuple(part.strip() for part in labels.split(",")))


FIELDS: Mapping[str, FieldKind] = MappingProxyType({row[0]: _kind(*row) for row in _KINDS})
"""Canonical name -> what is known about the field."""


def canonical(name: str) -> FieldKind | None:
    """The field that people mean by a name ("Grand Total", "GST amount"), or None for a label of its own."""
    key = " ".join(name.lower().replace("_", " ").split())
    return FIELDS.get(key) or _BY_SYNONYM.get(key)


_BY_SYNONYM = {word: kind for kind in reversed(tuple(FIELDS.values())) for word in kind.synonyms}
