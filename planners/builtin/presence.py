"""Questions whether a thing is there: "is there a red triangle?", "any bikes?", "is it a cat or a dog?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, documents, searching
from .about import CONTAINS, IS_THERE, AboutThings, kind_of, number_of
from .desk import Desk, Unanswerable
from .finding import find_surely, findable
from .locating import no_finder
from .naming import Thing, beside, thing
from .patterns import Table, asks
from .programs import OnEach, Program
from .words import Words, bag


@dataclass(frozen=True)
class Exists(AboutThings):
    """Whether there is such a thing, or whether there is none."""

    negated: bool = False

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes or no, resting on the things that are there; otherwise on those that are there instead."""
        if not findable(desk, self.thing):
            return self._as_text(desk, image)
        found = find_surely(desk, image, self.thing, enough=1)
        word = compose.yes_no(bool(found.regions) != self.negated)
        if found.regions:
            seen = f"I find {number_of(found)}"
            text = f"{word.capitalize()}: {seen}."
            return compose.say(text, word, [(seen, region.handle) for region in found.regions])
        text = f"{word.capitalize()}: I find no {self.thing.phrase}{_instead(found.all)}."
        return compose.say(text, word, compose.cited(found.all) or [(text, image.handle)])

    def _as_text(self, desk: Desk, image: Image) -> Draft:
        """A word or a field of a document can be there although no tool finds things of that name."""
        name = documents.NAMES.get(self.thing.written.casefold())
        if name is not None and not self.negated:
            return documents.ValueOf(name, presence=True).on(desk, image)
        hits = searching.holding(self.thing.written, desk.lines(image)) if "ocr" in desk.tools else []
        refusal = compose.cannot(no_finder(desk, self.thing))
        if not hits:
            return refusal
        text = f"{refusal.text} The text does say “{hits[0][0].text}”."
        return compose.cannot(text, cite=compose.cited(line for line, _ in hits))


@dataclass(frozen=True)
class Either(OnEach):
    """Whether there is any of several kinds of things: "any buses or trucks"."""

    first: Thing
    second: Thing

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes when one of them is there; no when neither is."""
        both = desk.each((self.first, self.second), lambda one: _whether(desk, image, one))
        kept = [draft for draft in both if draft.value == "yes"] or both
        return replace(compose.together(kept), value=kept[0].value if compose.together(kept).complete else "")


@dataclass(frozen=True)
class OneOrOther(OnEach):
    """Which of two kinds of things it is: "is it a cat or a dog?"."""

    first: Thing
    second: Thing

    def on(self, desk: Desk, image: Image) -> Draft:
        """The one that is there, or both, or "neither"."""
        both = desk.each((self.first, self.second), lambda one: _whether(desk, image, one))
        told = compose.together(both)
        if not told.complete:
            return replace(told, value="")
        there = [one.noun for one, draft in zip((self.first, self.second), both, strict=True) if draft.value == "yes"]
        pairs = [(one.quote, one.handle) for one in told.citations]
        text = f"{compose.sentence(compose.listing(there) if there else 'neither')} {told.text}"
        return compose.say(text, ", ".join(there) or "neither", pairs)


def _whether(desk: Desk, image: Image, wanted: Thing) -> Draft:
    """Whether there is one, or why that cannot be told: the other of two may still be there."""
    try:
        return Exists(wanted).on(desk, image)
    except Unanswerable as reason:
        return reason.draft


def _instead(others: Sequence[Region]) -> str:
    return f"; I do find {compose.kinds(map(kind_of, others))}" if others else ""


def _anyone(words: Words) -> Thing | None:
    """Anyone, somebody."""
    said = len(words) == 1 and words[0].text in bag("anyone anybody someone somebody")
    return thing(words) if said else None


_ANY = "(a/an/any/some)"

TABLE: Table[Program] = Table(
    {"thing": thing, "anyone": _anyone, "beside": beside},
    (
        asks(
            Either,
            f"<is> there {_ANY} {{first:thing}} or {_ANY} {{second:thing}} {IS_THERE}",
            f"<does> (the) <it>/<picture> {CONTAINS} {_ANY} {{first:thing}} or {_ANY} {{second:thing}}",
            f"(do/can) (you) (see) any {{first:thing}} or {_ANY} {{second:thing}} (there/here)",
        ),
        asks(
            OneOrOther,
            "<is> <it> (a/an) {first:thing} or (a/an) {second:thing}",
        ),
        asks(
            lambda thing: Exists(thing, negated=True),
            f"<is> there not/no (a/an/any) {{thing}} {IS_THERE}",
            f"<is> no {{thing}} {IS_THERE}",
            f"<is> (a/an/any) {{thing}} not {IS_THERE}",
            f"<is> not (a/an/any) {{thing}} {IS_THERE}",
            f"<does> (the) <it>/<picture> not {CONTAINS} (a/an/any) {{thing}}",
            f"<does> (the) <it>/<picture> {CONTAINS} no {{thing}}",
            f"(the) <it>/<picture> {CONTAINS} no {{thing}}",
            f"(the) <it>/<picture> <does> not {CONTAINS} (a/an/any) {{thing}}",
            "<is> (a/an/any/the) {thing} absent/missing",
            f"no {{thing}} {IS_THERE}",
            "is (the) <it>/<picture> [without|free of] (a/an/any) {thing}",
            "can you not see (a/an/any) {thing}",
            "can you see no {thing}",
        ),
        asks(
            Exists,
            f"<is> there (a/an/any/some/one/also) (a) {{thing}} {IS_THERE}",
            "<is> (a/an/any/the/some) {thing} [present|visible|shown|there|here|depicted|seen|in <it>]",
            "<is> a/an/any/some {thing}",
            "<is> <it> a/an {thing}",
            f"<does> (the) <it>/<picture> (also) {CONTAINS} {_ANY} {{thing}}",
            f"(the) <it>/<picture> {CONTAINS} {_ANY} {{thing}}",
            f"do/can/could you see/find/spot/detect {_ANY} {{thing}} {IS_THERE}",
            f"see/spot/detect {_ANY} {{thing}} (there/anywhere)",
            "find any {thing}",
            "any {thing} (there/here/anywhere)",
            "<is> {thing:anyone} (there/here/visible/shown/present)",
            "can (a/an/any) {thing} be seen/found/spotted",
        ),
        asks(
            lambda thing, beside: Exists(replace(thing, beside=beside)),
            "<is> (a/an/any/the/some) {thing} (there) {beside}",
        ),
    ),
)
