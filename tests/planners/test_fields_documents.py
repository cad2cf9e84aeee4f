"""Fields on documents of several countries, typed by hand."""

from __future__ import annotations

import pytest

from lavr.planners.builtin.fields import find_field

from .paper import typed

DOCUMENTS = {
    "american invoice": """
INVOICE                                      Invoice #: 2021-0042
Acme Design Studio LLC                       Invoice Date: 03/04/2021
100 Market St, Suite 300                     Due Date: 04/03/2021
San Francisco, CA 94105
(415) 555-0100   billing@acmedesign.example.com

Bill To:                      Ship To:
Globex Corporation            Globex Warehouse
42 Industrial Way             7 Dock Rd
Reno, NV 89501                Reno, NV 89502

Description               Qty       Unit Price      Amount
Logo design               1         1,200.00        1,200.00
Website hours             20        85.00           1,700.00

                                    Subtotal        $2,900.00
                                    Tax (8.5%)      $246.50
                                    Total           $3,146.50
                                    Amount Paid     $1,000.00
                                    Balance Due     $2,146.50
Account No: 12345678
""",
    "german invoice": """
Elektro Schmidt GmbH

Herr Max Muster
Gartenweg 7
70174 Stuttgart
                                         Rechnungsnummer: 2023-118
                                         Rechnungsdatum: 05.03.2023
                                         Lieferdatum: 01.03.2023
Rechnung
Pos   Bezeichnung        Menge    Einzelpreis    Gesamt
1     Kabel NYM 3x1,5    50       1,20 €         60,00 €
2     Arbeitszeit        3,5      65,00 €        227,50 €
                         Nettobetrag             287,50 €
                         zzgl. 19 % MwSt.        54,63 €
                         Gesamtbetrag            342,13 €
Zahlbar bis 19.03.2023 ohne Abzug.
IBAN: DE02 1203 0000 0000 2020 51
USt-IdNr.: DE123456789
""",
    "german till": """
Frischmarkt Huber GmbH
Domstr. 20
50668 Koeln
                        EUR
BANANEN            1,29 B
VOLLMILCH          1,09 B
PFAND              0,25 A *
SUMME         EUR  2,63
Geg. BAR      EUR  5,00
Rückgeld BAR  EUR  2,37
Steuer %    Netto   Steuer   Brutto
A= 19,0%    0,21    0,04     0,25
B= 7,0%     2,22    0,16     2,38
Gesamtbetrag 2,43   0,20     2,63
Datum: 21.05.2021
Uhrzeit: 14:32:12 Uhr
Beleg-Nr. 7354
""",
    "french restaurant": """
BISTROT DU PORT
12 quai des Belges
13001 MARSEILLE
Tel: 04 91 00 00 00
SIRET: 123 456 789 00012
Table 7      Couverts: 2
Le 14/07/2022 à 21:32
2 Plat du jour          29,00
1 Bouteille vin         24,50
Total HT                48,64
TVA 10%                  4,86
TOTAL TTC               53,50 EUR
CB                      53,50
""",
    "american supermarket": """
Valley Grocers
( 479 ) 555 - 1234
4208 PLEASANT CROSSING BLVD
ROGERS AR 72756
BREAD       007225003712 F    2.88 N
PNT BUTR    007874237003 F    3.84 N
               SUBTOTAL      6.72
       TAX 1   4.000 %       0.27
                  TOTAL      6.99
             DEBIT TEND      6.99
             CHANGE DUE      0.00
REF # 0123456789
04/27/19 12:59:46
""",
    "japanese cafe": """
COFFEE HOUSE KYOTO
2-3-4 Kawaramachi, Kyoto
TEL 075-123-4567
2022年11月03日 10:15
Blend coffee   x2     ¥1,000
Cake                  ¥550
Subtotal              ¥1,550
Tax 10%               ¥155
TOTAL                 ¥1,705
Cash                  ¥2,000
Change                ¥295
""",
    "indian shop": """
SRI LAKSHMI STORES
MG Road, Bengaluru - 560001
GSTIN: 29ABCDE1234F1Z5
Bill No: 4521     Date: 15-08-2022
Rice 5kg         1     450.00    450.00
Oil 1L           2     180.00    360.00
Total Qty: 3
Gross Amount           810.00
CGST 2.5%               19.29
SGST 2.5%               19.29
Round Off               0.42
Net Amount          Rs. 849.00
You have saved Rs. 50.00
""",
    "malaysian shop": """
MAJU JAYA
TRADING SDN BHD
(1123456-K)
NO 8, JALAN KENARI 5,
47100 PUCHONG, SELANGOR
GST Reg No: 000123456789
TAX INVOICE
Doc No.   : CS00012345     Date: 01-06-201818:21:09
Cashier   : AMIN           Table : D3
Sugar 1kg         2 x 2.95       5.90
Total Sales (Inclusive of GST)   5.92
Rounding                        -0.02
TOTAL                            5.90
CASH RM                         10.00
CHANGE RM                        4.10
GST SUMMARY     Amount(RM)    Tax(RM)
SR 6%           5.58          0.34
Total:          5.58          0.34
""",
}

EXPECTED = [
    ("american invoice", "total", "3146.50"),
    ("american invoice", "amount due", "2146.50"),
    ("american invoice", "subtotal", "2900.00"),
    ("american invoice", "tax", "246.50"),
    ("american invoice", "date", "2021-03-04"),
    ("american invoice", "due date", "2021-04-03"),
    ("american invoice", "company", "Acme Design Studio LLC"),
    ("american invoice", "address", "100 Market St, Suite 300 San Francisco, CA 94105"),
    ("american invoice", "phone", "(415) 555-0100"),
    ("american invoice", "email", "billing@acmedesign.example.com"),
    ("american invoice", "invoice number", "2021-0042"),
    ("american invoice", "customer", "Globex Corporation"),
    ("american invoice", "account number", "12345678"),
    ("american invoice", "currency", "$"),
    ("german invoice", "total", "342.13"),
    ("german invoice", "subtotal", "287.50"),
    ("german invoice", "tax", "54.63"),
    ("german invoice", "date", "2023-03-05"),
    ("german invoice", "due date", "2023-03-19"),
    ("german invoice", "company", "Elektro Schmidt GmbH"),
    ("german invoice", "invoice number", "2023-118"),
    ("german invoice", "iban", "DE02 1203 0000 0000 2020 51"),
    ("german invoice", "tax number", "DE123456789"),
    ("german till", "total", "2.63"),
    ("german till", "paid", "5.00"),
    ("german till", "change", "2.37"),
    ("german till", "tax", "0.20"),
    ("german till", "date", "2021-05-21"),
    ("german till", "time", "14:32:12"),
    ("german till", "company", "Frischmarkt Huber GmbH"),
    ("german till", "currency", "EUR"),
    ("french restaurant", "total", "53.50"),
    ("french restaurant", "subtotal", "48.64"),
    ("french restaurant", "tax", "4.86"),
    ("french restaurant", "date", "2022-07-14"),
    ("french restaurant", "company", "BISTROT DU PORT"),
    ("french restaurant", "address", "12 quai des Belges 13001 MARSEILLE"),
    ("french restaurant", "table", "7"),
    ("french restaurant", "guests", "2"),
    ("french restaurant", "tax number", "123 456 789 00012"),
    ("american supermarket", "total", "6.99"),
    ("american supermarket", "tax", "0.27"),
    ("american supermarket", "date", "2019-04-27"),
    ("american supermarket", "company", "Valley Grocers"),
    ("american supermarket", "payment method", "debit"),
    ("american supermarket", "reference", "0123456789"),
    ("japanese cafe", "total", "1705"),
    ("japanese cafe", "change", "295"),
    ("japanese cafe", "date", "2022-11-03"),
    ("japanese cafe", "phone", "075-123-4567"),
    ("indian shop", "total", "849.00"),
    ("indian shop", "tax", "38.58"),
    ("indian shop", "discount", "50.00"),
    ("indian shop", "item count", "3"),
    ("malaysian shop", "total", "5.90"),
    ("malaysian shop", "rounding", "-0.02"),
    ("malaysian shop", "paid", "10.00"),
    ("malaysian shop", "change", "4.10"),
    ("malaysian shop", "tax", "0.34"),
    ("malaysian shop", "date", "2018-06-01"),
    ("malaysian shop", "time", "18:21:09"),
    ("malaysian shop", "company", "MAJU JAYA TRADING SDN BHD"),
    ("malaysian shop", "invoice number", "CS00012345"),
    ("malaysian shop", "cashier", "AMIN"),
    ("malaysian shop", "table", "D3"),
    ("malaysian shop", "tax number", "000123456789"),
    ("malaysian shop", "currency", "MYR"),
]
ABSENT = [
    ("american invoice", "tip"),
    ("american invoice", "table"),
    ("american supermarket", "due date"),
    ("japanese cafe", "invoice number"),
    ("indian shop", "change"),
    ("malaysian shop", "iban"),
    ("malaysian shop", "Wi-Fi password"),
]


@pytest.mark.parametrize(("document", "name", "value"), EXPECTED)
def test_a_field_of_a_document_is_found(document: str, name: str, value: str) -> None:
    found = find_field(name, typed(DOCUMENTS[document]))
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(("document", "name", "value"), EXPECTED)
def test_the_first_region_of_a_field_holds_what_is_printed(document: str, name: str, value: str) -> None:
    found = find_field(name, typed(DOCUMENTS[document]))
    assert found is not None
    line = found.regions[0].text or ""
    assert found.text in line or found.text.startswith(line)


@pytest.mark.parametrize(("document", "name"), ABSENT)
def test_a_field_that_is_not_printed_is_not_made_up(document: str, name: str) -> None:
    assert find_field(name, typed(DOCUMENTS[document])) is None
