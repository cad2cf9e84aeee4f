"""Who issued a document: the name of the company and its address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .dates import find_dates
from .labels import find_label, fold, until_next_label
from .model import Field
from .money import find_amounts
from .page import Line, Page

_LEGAL = re.compile(
    r"\b(sdn\.?\s?\.?bhd|s/b|bhd|berhad|pte\.?\s?ltd|pvt\.?\s?ltd|pty\.?\s?ltd|ltd|limited|inc|incorporated|llc|llp|plc"
    r"|corp|corporation|gmbh(\s?&\s?co\.?(\s?kg)?)?|mbh|ug|ohg|e\.\s?k|kg|ag|s\.\s?a\.?(\s?r\.\s?l)?(\s?s)?|sarl|sas|sasu"
    r"|s\.?\s?l\.?\s?u?|s\.\s?p\.\s?a|spa|s\.\s?r\.\s?l|srl|b\.\s?v|bv|n\.\s?v|oy|oyj|ab|a/s|aps|as|sp\.?\s?z\.?\s?o\.?\s?o"
    r"|s\.\s?r\.\s?o|kft|ltda|eireli|pt|cv|co\.(?!\s?(reg|no))|co\.?,?\s?ltd|plt)(?![\w])\.?",
    re.IGNORECASE,
)
_STRONG_LEGAL = re.compile(
    r"\b(sdn\.?\s?\.?bhd|s/b|berhad|pte\.?\s?ltd|pvt\.?\s?ltd|pty\.?\s?ltd|ltd|limited|inc|llc|plc|corp|gmbh|sarl|s\.a\.r\.l"
    r"|s\.p\.a|s\.r\.l|ltda|co\.|plt)(?![\w])",
    re.IGNORECASE,
)
_BUSINESS = re.compile(
    r"\b(trading|enterprise?s?|restaurant|restoran|restaurante|ristorante|cafe|kafe|coffee|bakery|hardware|mart|minimart"
    r"|supermarket|market|markt|supermercado|supermarche|hypermarket|store|stores|shop|pharmacy|farmasi|apotheke|clinic"
    r"|klinik|hotel|group|holdings|services?|pernia?gaan|syarikat|kedai|perusahaan|industries|marketing|electrical"
    r"|station|stesen|petroleum|bistro|bar|grill|kitchen|food|foods|seafood|book|books|bookstore|stationery|boutique"
    r"|fashion|motor|motors|auto|tyres?|printing|advertising|telecommunications?|communications?|salon|spa|centre|center"
    r"|cash & carry|deli|pizza|pizzeria|burger|baeckerei|bäckerei|boulangerie|pharmacie|farmacia|gasthaus|company|&? ?co"
    r"|sons|bros|brothers|emporium|gallery|studio|laundry|agency|consult\w*|solutions|systems|technologies|international"
    r"|house|warung|gerai|panaderia|ferreteria|librairie|garage|tankstelle|parking|realty|realties|properties|construction)"
    r"\b",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(tax|invoice|invois|receipt|resit|bill|cash sales?|rechnung|quittung|beleg|facture|factura|recibo|ticket|quotation"
    r"|statement|delivery order|copy|original|duplicate|reprint|welcome|thank|terima kasih|selamat|tunai|order|page"
    r"|customer|willkommen|danke|merci|gracias|bienvenue|bienvenidos|check|guest|simplified|scontrino|kassenbon|credit note"
    r"|purchase|transaction|takeaway|take away|dine|opening|open daily|hours|table|void|member|please|come again)\b",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"\b(no|lot|unit|jalan|jaian|jln|lorong|lrg|taman|tmn|persiaran|lebuh\w*|bandar|seksyen|kawasan|kampung|kg|batu|mukim"
    r"|street|st|road|rd|avenue|ave|av|lane|ln|drive|dr|blvd|boulevard|highway|hwy|suite|ste|floor|level|ground|block|blk"
    r"|plaza|mall|building|tower|wisma|menara|kompleks|complex|plot|square|park|village|district|p\.?o\.? ?box|postcode"
    r"|\w*stra(ss|ß)e|\w*str|\w*platz|\w*weg|\w*gasse|allee|rue|chemin|place|quai|route|calle|avenida|paseo|plaza|carrer"
    r"|via|viale|piazza|corso|rua|praca|laan|straat|\w*gatan|city|selangor|johor|kuala lumpur|malaysia|singapore|perak"
    r"|penang|pulau pinang|melaka|sabah|sarawak|kedah|kelantan|pahang|terengganu|perlis|negeri|bahru|baru|building|sg|off"
    r"|industrial|estate|centre|darul|ehsan)\b\.?",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b(tel|telp|telephone|phone|fax|h/?p|mobile|hotline|telefon|e-?mail|www|http|gst|sst|vat|tax id|reg|roc|abn|gstin|ust"
    r"|co\.? ?no|company no|nif|cif|siret|npwp|tin|licen[cs]e)\b|@\w+\.\w|\.com\b|w{3}\.|\.net\b",
    re.IGNORECASE,
)
_BUYER = re.compile(
    r"\b(bill(ed)? to|sold to|ship to|deliver to|customer|client|buyer|attn|kunde|cliente|to)\b\s*:?", re.IGNORECASE
)
_BRACKETED_NUMBER = re.compile(
    r"\s*[(\[{]\s*(?:co\.?\s*)?(?:reg\.?\s*)?(?:no\.?\s*)?[:.]?\s*[A-Z]{0,3}[\d ]{4,}[\w\s\-./:]*[)\]}]?"
    r"|\s*[(\[]\s*(?:co|roc|reg|company|ssm|brn)\b[^)\]]*[)\]]?|\s+\d{5,}\s?-\s?[A-Z]\b.*$|\s+(?:roc|co\.? ?reg)\b.*$",
    re.IGNORECASE,
)
_POSTCODE = re.compile(
    r"\b\d{5}(?:-\d{4})?\b|\b[A-Z]{1,2}\d{1,2}[A-Z]? ?\d[A-Z]{2}\b|\b\d{3} ?\d{2}\b|\b\d{4} [A-Z]{2}\b|\b\d{6}\b"
)


def find_company(page: Page) -> Field | None:
    """The name of who issued the document."""
    labelled = _labelled_company(page)
    if labelled is not None:
        return labelled
    scored = [(_company_score(page, lines), lines) for lines in _name_candidates(page)]
    if not scored:
        return None
    score, lines = max(scored, key=lambda item: (item[0], -item[1][0].row))
    text = " ".join(line.text for line in lines)
    name = company_name(text)
    if score <= 0 or not name:
        return None
    regions = tuple(line.region for line in lines)
    return Field("company", name, name, regions, round(min(0.95, 0.35 + score / 4), 2))


def company_name(text: str) -> str:
    """The name in a line: registration numbers and what follows the legal form are left out."""
    bare = _BRACKETED_NUMBER.sub("", text).strip(" ,;:|*-–=_~'\"")
    legal = list(_STRONG_LEGAL.finditer(bare))
    if legal and legal[-1].start() > 2:
        end = legal[-1].end()
        tail = bare[end:].lstrip(".")
        if not tail.strip().startswith("&") and not re.match(r"\s*(kg|ltd|co)\b", tail, re.IGNORECASE):
            dot = bare[end : end + 1] == "."
            bare = bare[: end + dot]
    return re.sub(r"\s+", " ", bare).strip()


def find_address(page: Page) -> Field | None:
    """The postal address of the issuer: the lines below its name that look like one."""
    company = find_company(page)
    start = 0
    if company is not None:
        start = 1 + max(line.row for line in page.lines if line.region in company.regions)
    lines = _address_lines(page, start)
    if not lines:
        return None
    text = re.sub(r"\s+", " ", " ".join(line.text.strip(" ;|") for line in lines)).strip()
    sure = 0.85 if any(_POSTCODE.search(line.text) for line in lines) else 0.6
    return Field("address", text, text, tuple(line.region for line in lines), sure)


def _labelled_company(page: Page) -> Field | None:
    """A company that is introduced by a label: `Seller: X`, `Company name: X`."""
    for label in ("company name", "company", "seller", "merchant", "vendor", "supplier", "store name"):
        for hit in find_label(page, label):
            rest = until_next_label(hit.rest)
            after_colon = ":" in hit.line.text[hit.start : hit.end]
            if hit.start == 0 and after_colon and hit.score > 0.9 and _looks_like_name(rest) and label != "store name":
                name = company_name(rest)
                return Field("company", name, name, (hit.line.region,), 0.85)
    return None


def _name_candidates(page: Page) -> Iterator[tuple[Line, ...]]:
    """Rows of the head of the page, joined with the next one where a name runs on."""
    rows = page.rows[: max(14, len(page.rows) // 3)]
    for number, row in enumerate(rows):
        parts = [line for line in row if not _is_number(line.text)]
        if not parts or not _looks_like_name(" ".join(line.text for line in parts)):
            continue
        pieces = tuple(_touching(parts))
        yield pieces
        if number + 1 < len(rows):
            following = tuple(_touching(rows[number + 1]))
            if _runs_on(pieces, following):
                yield (*pieces, *following)


def _touching(parts: Sequence[Line]) -> Iterator[Line]:
    """The lines of a row that belong together, from the left, until a wide gap."""
    before: Line | None = None
    for line in parts:
        if before is not None and line.left - before.right > 2.5 * line.height:
            return
        yield line
        before = line


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\s(\[]*(?:[A-Z]{0,2}\d[\d\s-]{3,}[A-Z\d-]*|\(?co\W.*)[)\]\s]*", text, re.IGNORECASE))


def _looks_like_name(text: str) -> bool:
    bare = _BRACKETED_NUMBER.sub("", text)
    letters = sum(letter.isalpha() for letter in bare)
    digits = sum(letter.isdigit() for letter in bare)
    if letters < 3 or digits > letters or len(bare) > 70:
        return False
    return not (find_dates(bare) or any(one.exact for one in find_amounts(bare)))


def _runs_on(first: Sequence[Line], second: Sequence[Line]) -> bool:
    """Whether a name goes on in the next row: the row says nothing but a legal form or a kind of business."""
    if not second or not first:
        return False
    upper, lower = " ".join(line.text for line in first), " ".join(line.text for line in second)
    heights = second[0].height / max(first[0].height, 1.0)
    close = second[0].top - first[0].bottom < 0.8 * first[0].height
    if not (0.7 < heights < 1.4 and close) or _STRONG_LEGAL.search(upper) or not _looks_like_name(lower):
        return False
    bare = _BRACKETED_NUMBER.sub("", lower)
    own = re.sub(
        r"[\W_]|\(m\)", "", _BUSINESS.sub("", _LEGAL.sub("", re.sub(r"\([a-z]\)", "", bare, flags=re.IGNORECASE)))
    )
    return (len(own) < 3 and bool(_LEGAL.search(bare) or _BUSINESS.search(bare))) or upper.rstrip().endswith(("&", "-"))


def _company_score(page: Page, lines: Sequence[Line]) -> float:
    text = " ".join(line.text for line in lines)
    plain = fold(_BRACKETED_NUMBER.sub("", text))
    score = (
        1.2 * bool(_STRONG_LEGAL.search(plain)) + 0.6 * bool(_LEGAL.search(plain)) + 0.5 * bool(_BUSINESS.search(plain))
    )
    score += 0.4 * (len(lines) > 1 and lines[0].row != lines[-1].row)
    score += 0.5 * min(max(lines[0].height / page.type_height - 1, -0.5), 1.5)
    score += 1.0 - 0.12 * _rank(page, lines[0])
    score += 0.2 * bool(_BRACKETED_NUMBER.search(text)) + 0.2 * _followed_by_number(page, lines[-1])
    score -= 1.5 * bool(_TITLE.search(plain)) + 1.2 * bool(_CONTACT.search(plain))
    score -= 0.8 * _address_likeness(text) * (0.3 if _STRONG_LEGAL.search(plain) else 1.0)
    score -= 1.2 * _after_address(page, lines[0]) + 1.5 * _for_buyer(page, lines[0])
    score -= 0.8 * (":" in text) + 0.5 * (len(re.sub(r"[\W\d]", "", plain)) < 5)
    return score - 1.0 * (min(line.region.score or 1.0 for line in lines) < 0.6)


def _rank(page: Page, line: Line) -> int:
    """How many rows with words stand above."""
    return sum(1 for row in page.rows[: line.row] if any(sum(c.isalpha() for c in one.text) >= 3 for one in row))


def _followed_by_number(page: Page, line: Line) -> bool:
    following = page.rows[line.row + 1 : line.row + 2]
    return any(
        _is_number(one.text) or re.search(r"\b(roc|co\.? ?reg)", one.text, re.IGNORECASE)
        for row in following
        for one in row
    )


def _address_likeness(text: str) -> float:
    """How much a line looks like a part of an address, 0 to 2."""
    words = len(_STREET.findall(fold(text)))
    score = 0.45 * min(words, 3) + 0.6 * bool(_POSTCODE.search(text)) + 0.15 * min(text.count(","), 2)
    return min(
        score + 0.3 * bool(re.search(r"\d+[A-Z]?[-/]\d|^\s*\d+[A-Z]?[ ,]|\b\d{1,4}[a-z]?$", text, re.IGNORECASE)), 2.0
    )


def _after_address(page: Page, line: Line) -> bool:
    above = [other for row in page.rows[: line.row] for other in row]
    return any(_address_likeness(other.text) >= 0.9 or _CONTACT.search(fold(other.text)) for other in above)


def _for_buyer(page: Page, line: Line) -> bool:
    above = page.rows[max(line.row - 1, 0) : line.row + 1]
    return any(re.match(r"\s*(bill(ed)? to|sold to|ship to|deliver to|customer|client|buyer|attn)\b", one.text, re.IGNORECASE)
               for row in above for one in row)  # fmt: skip


def _address_lines(page: Page, start: int) -> list[Line]:
    found: list[Line] = []
    for row in page.rows[start : start + 10]:
        text = " ".join(line.text for line in row)
        ends = _TITLE.search(fold(text)) or _CONTACT.search(fold(text)) or find_dates(text)
        if _is_number(text) or (_CONTACT.search(fold(text)) and not found):
            continue
        if found and (ends or len(found) >= 6):
            break
        if not ends and (_address_likeness(text) >= 0.45 or (found and _looks_like_name(text))):
            found += row
        elif found:
            break
    while found and _address_likeness(found[-1].text) < 0.3 and len(found) > 1:
        found.pop()
    return found
