"""Questions for barcodes: "what does the QR code say", "how many barcodes?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, slots
from .desk import Desk
from .patterns import Table, asks
from .places import position, standing
from .programs import OnEach, Program

_ANY = ("code", "barcode")
"""People who say barcode mean whatever a scanner reads."""


@dataclass(frozen=True)
class Codes(OnEach):
    """Something about the codes on a picture.

    Attributes:
        kind: `qr code`, `barcode` (which means any code) or another format.
        asked: `text`, `count`, `presence`, `absence`, `format` or `place`.
    """

    kind: str
    asked: str

    @property
    def aim(self) -> str:
        """Count the codes."""
        return "count the codes" if self.asked == "count" else "say what the codes hold"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The answer from the codes that were found."""
        found = desk.see("barcode", image=image.handle).regions
        codes = of_kind(self.kind, found)
        if self.asked in ("presence", "absence"):
            word = compose.yes_no(bool(codes) == (self.asked == "presence"))
            text = f"{word.capitalize()}: I find {compose.counted(len(codes), self.kind)}."
            return compose.say(text, word, _rest_on(text, codes) or [(text, image.handle)])
        if self.asked == "count":
            text = f"I find {compose.counted(len(codes), self.kind)}."
            return compose.say(text, str(len(codes)), _rest_on(text, codes) or [(text, image.handle)])
        return self._told(codes) if codes else self._none(found)

    def _told(self, codes: Sequence[Region]) -> Draft:
        tell = {"format": _format, "place": _place}.get(self.asked, _content)
        drafts = [tell(code) for code in codes]
        return compose.together(drafts)

    def _none(self, found: Sequence[Region]) -> Draft:
        others = f" I do find {compose.kinds(map(_name, found))}." if found else ""
        return compose.cannot(f"I find no {self.kind}.{others}")


def of_kind(kind: str, codes: Sequence[Region]) -> list[Region]:
    """The codes of a kind; every one where the kind is that of no format."""
    return [code for code in codes if kind in _ANY or kind.split()[0] in _format_of(code)]


def _format_of(code: Region) -> str:
    return _name(code).casefold().replace("_", " ").replace("-", " ")


def _name(code: Region) -> str:
    return code.label or "code"


def _content(code: Region) -> Draft:
    text = f"The {_name(code)} says “{code.text or ''}”."
    return compose.say(text, code.text or "", [(code.text or "", code.handle)])


def _format(code: Region) -> Draft:
    return compose.say(f"It is of the format {_name(code)}.", _name(code), [(_name(code), code.handle)])


def _place(code: Region) -> Draft:
    where = position(code)
    box = ", ".join(str(round(edge)) for edge in code.xyxy)
    return compose.say(f"The {_name(code)} is {standing(code)}, box [{box}].", where, [(where, code.handle)])


def _rest_on(text: str, codes: Sequence[Region]) -> list[tuple[str, str]]:
    return [(text, code.handle) for code in codes]


KINDS = slots.one_of(
    {
        name: kind
        for kind, names in {
            "barcode": "barcode;barcodes;ean;ean code;upc;product code;strichcode;gtin",
            "qr code": "qr code;qr codes;qr;qrs",
            "code": "code;codes;scannable code;scannable codes;machine readable code",
            "data matrix": "data matrix;datamatrix;data matrix code;datamatrix code",
            "pdf417": "pdf417",
            "aztec": "aztec code;aztec",
        }.items()
        for name in names.split(";")
    }
)


TABLE: Table[Program] = Table(
    {"kind": KINDS},
    (
        asks(
            lambda kind: Codes(kind, "count"),
            "how many {kind} (<is>/can/do/<does>) (there/you/<it>) (see/find/have/contain)",
            "count (all) {kind}",
            "(what <is>) (the) number of {kind}",
        ),
        asks(
            lambda kind: Codes(kind, "absence"),
            "is there no/not {kind} (present/visible)",
            "no {kind} (present/visible/there)",
            "is no {kind} [present|visible|there]",
            "<does> (the) <it>/<picture>/<paper>/label not have/contain/show (a/an/any) {kind}",
        ),
        asks(
            lambda kind: Codes(kind, "presence"),
            "<is> there (a/an/any) {kind} (there/present/visible/on <it>)",
            "<is> (a/an/any) {kind} [present|visible|there]",
            "<does> (the) <it>/<picture>/<paper>/label have/contain/show (a/an/any) {kind}",
            "can you see (a/an/any) {kind}",
        ),
        asks(
            lambda kind: Codes(kind, "place"),
            "where <is> {kind} (located)",
            "locate/find (me) {kind}",
        ),
        asks(
            lambda kind: Codes(kind, "format"),
            "what/which (kind/type/sort/format) (of) {kind} <is> <it>/there",
            "(what <is>) (the) type/format/symbology (of) {kind}",
            "what/which (kind/type/format) <is> {kind}",
        ),
        asks(
            lambda kind: Codes(kind, "text"),
            "what <does> {kind} (<say>/contain/hold/encode/mean/store/link/point/lead) (to)",
            "what <is> (encoded/stored) (in/on) {kind}",
            "scan/decode/<read>/<give> (me) (all) {kind}",
            "what <is> {kind} (value/number/content)",
            "(what <is>) (the) (content/contents/value/number/text/data/payload/url/link) (of/in/behind) {kind}",
            "where <does> {kind} (link/point/lead/go/take) (me) (to)",
            "{kind} (value/number/content/text)",
            "what/which (url/link/address/number/text/code) <is> (<written>/encoded/stored) (in/on/by) {kind}",
            "what <does> <i> get (if) (<i>) scan/scanning {kind}",
        ),
        asks(
            lambda: Codes("code", "text"),
            "scan/decode (<it>|(the) <paper>/<picture>)",
        ),
    ),
)
