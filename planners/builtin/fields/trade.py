"""The words by which the head of a document shows its parts: companies, streets, titles, numbers."""

from __future__ import annotations

import re

from .labels import fold


def _any(words: str, *, before: str = r"\b", after: str = r"\b") -> re.Pattern[str]:
    """A pattern for any of the expressions, which stand one beside the other with `|` or line breaks between."""
    joined = "|".join(part.strip() for line in words.splitlines() for part in line.split("|") if part.strip())
    return re.compile(f"{before}(?:{joined}){after}", re.IGNORECASE)


SURE_LEGAL = _any(
    r"""
    sdn\.?\s?\.?bhd | s/b | berhad | pte\.?\s?ltd | pvt\.?\s?ltd | pty\.?\s?ltd | ltd | limited | inc | llc
    plc | corp | gmbh | sarl | s\.a\.r\.l | s\.p\.a | s\.r\.l | ltda | co\. | plt
    """,
    after=r"(?!\w)",
)
"""Legal forms that hardly occur in other words."""

LEGAL = _any(
    r"""
    sdn | bhd | incorporated | llp | corporation | mbh | ug | ohg | e\.\s?k | kg | ag | s\.\s?a | s\.\s?l | sas
    sasu | s\.?l\.?u | spa | srl | b\.\s?v | bv | n\.\s?v | oy | oyj | ab | a/s | aps | sp\.?\s?z\.?\s?o\.?\s?o
    s\.\s?r\.\s?o | kft | eireli | pt | cv
    """,
    after=r"(?!\w)\.?",
)
"""Legal forms that may be other words as well."""

BUSINESS = _any(
    r"""
    trading | enterprises? | restaurant | restoran | restaurante | ristorante | cafe | kafe | coffee | bakery
    \w*backerei | hardware | mart | minimart | supermarket | market | \w*markt | supermercados? | supermarche
    hypermarket | stores? | shop | \w*haus | pharmacy | farmasi | apotheke | clinic | klinik | hotel | group
    holdings | services? | pernia?gaan | syarikat | kedai | perusahaan | industries | marketing | electrical
    station | stesen | petroleum | bistro | bar | grill | kitchen | foods? | seafood | books? | bookstore
    stationery | boutique | fashion | motors? | auto | tyres? | printing | advertising | telecommunications?
    communications? | salon | spa | centre | center | deli | diner | cash & carry | pizza | pizzeria | burger
    boulangerie | pharmacie | farmacia | gasthaus | company | & ?co | sons | bros | brothers | emporium
    gallery | studio | laundry | agency | consult\w* | solutions | systems | technologies | international
    house | warung | gerai | toko | panaderia | ferreteria | librairie | libreria | garage | tankstelle
    parking | realty | realties | properties | construction | outdoor | supply | supplies | elektro\w*
    """
)
"""Kinds of business, folded."""

TITLE = _any(
    r"""
    tax | invoice | invois | receipt | resit | bill | cash sales? | rechnung | quittung | beleg | facture
    factura | recibo | ticket | quotation | statement | delivery order | copy | original | duplicate | reprint
    welcome | thank | terima kasih | selamat | tunai | order | page | customer | willkommen | danke | merci
    gracias | bienvenue | bienvenidos | check | guest | simplified | simplificada | scontrino | kassenbon | bon
    faktur | nota | struk | credit note | purchase | transaction | takeaway | take away | dine | opening
    open daily | hours | table | void | member | please | come again | since | cashier | server | item | qty
    description | amount | price
    """
)
"""What stands in the head of a document and is no name, folded."""

STREET = _any(
    r"""
    no | lot | unit | jalan | jaian | jln | jl | lorong | lrg | taman | tmn | persiaran | lebuh\w* | bandar
    seksyen | kawasan | kampung | kg | batu | mukim | street | st | road | rd | avenue | ave | av | avda | lane
    ln | drive | dr | blvd | boulevard | highway | hwy | suite | ste | floor | level | ground | block | blk
    plaza | mall | building | tower | wisma | menara | kompleks | complex | plot | square | park | village
    district | p\.?o\.? ?box | postcode | \w*strasse | \w*str | \w*platz | \w*weg | \w*gasse | allee | rue
    chemin | place | quai | route | calle | avenida | paseo | carrer | via | viale | piazza | corso | rua
    praca | laan | straat | \w*gatan | selangor | johor | kuala lumpur | malaysia | singapore | perak | penang
    pulau pinang | melaka | sabah | sarawak | kedah | kelantan | pahang | terengganu | perlis | negeri | bahru
    baru | off | industrial | perindustrian | estate | centre | darul | ehsan
    """
)
"""Words of postal addresses, folded."""

CONTACT = _any(
    r"""
    telp? | telephone | telefono | phone | fax | h/?p | mobile | hotline | telefon | e-?mail | www | http | gst
    sst | vat | tax id | reg | roc | abn | gstin | ust | co\.? ?no | company no | nif | cif | siret | npwp | tin
    ein | licen[cs]e | @\w+ | \w+\.com | \w+\.net
    """,
    before=r"(?<!\w)",
)
"""How to reach a company, and under which number it is known; folded."""

BUYER = _any(
    "bill(?:ed)? to | sold to | ship to | deliver to | customer | client | buyer | attn | kunde | cliente",
    before=r"^\s*",
)
"""The label of who buys."""

POSTCODE = re.compile(
    r"\b\d{5}(?:-\d{4})?\b|\b[A-Z]{1,2}\d{1,2}[A-Z]? ?\d[A-Z]{2}\b|\b\d{3} \d{2}\b|\b\d{4} [A-Z]{2}\b|\b\d{6}\b"
)
_HOUSE_NUMBER = re.compile(r"\d+[A-Z]?[-/]\d|^\s*\d+[A-Z]?[ ,]|\b\d{1,4}[a-z]?$", re.IGNORECASE)
_NUMBER_LINE = re.compile(r"[\s(\[]*(?:[A-Z]{0,2}\d[\d\s-]{3,}[A-Z]{0,2}|\(?co\W.*|\(?roc\b.*)[)\]\s]*", re.IGNORECASE)
_REGISTRATION = re.compile(
    r"\s*[(\[{]\s*(?:co\.?\s*)?(?:reg\.?\s*)?(?:no\.?\s*)?[:.]?\s*[A-Z]{0,3}\d[\dOo ]{3,}[\w\s\-./:]*[)\]}]?"
    r"|\s*[(\[]\s*(?:co|roc|reg|company|ssm|brn)\b[^)\]]*[)\]]?|\s+\d{5,}\s?-\s?[A-Z]\b.*$|\s+(?:roc|co\.? ?reg)\b.*$",
    re.IGNORECASE,
)


def without_registration(text: str) -> str:
    """The text without a registration number: `ACME SDN BHD (123456-X)` -> `ACME SDN BHD`."""
    return _REGISTRATION.sub("", text)


def is_registration(text: str) -> bool:
    """Whether a line is nothing but a registration number."""
    return bool(_NUMBER_LINE.fullmatch(text))


def repair_capitals(text: str) -> str:
    """The text with each small l that stands among capitals read as the capital I it is."""
    return re.sub(r"(?<=[A-Z])l(?=[A-Z])|(?<=[A-Z]{2})l\b|(?<![A-Za-z])l(?=[A-Z]{2}|nc\b|nternational\b)", "I", text)


def address_likeness(text: str) -> float:
    """How much a line looks like a part of an address, 0 to 2."""
    score = 0.45 * min(len(STREET.findall(fold(text))), 3) + 0.15 * min(text.count(","), 2)
    return min(score + 0.6 * bool(POSTCODE.search(text)) + 0.4 * bool(_HOUSE_NUMBER.search(text)), 2.0)
