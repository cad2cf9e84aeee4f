"""Edits of a picture: blur or black out, cut out, remove, light up; and what several edits after another come to."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ...jsonable import Json
from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose
from .desk import Desk, Unanswerable
from .finding import find
from .naming import Thing
from .outlining import outlined
from .patterns import Table, asks
from .programs import OnEach, Program
from .selecting import Handles, Selection, selection

SHOWN = 8
"""Texts or handles that an answer names."""


@dataclass(frozen=True)
class Edited:
    """What an edit made.

    Attributes:
        images: the new pictures.
        done: what was done, as in "a dog (r7) blurred".
        cite: pieces of `done` and the regions they name.
        missing: why other things that were named are left as they were.
        unchanged: whether the pictures are those that were there, for nothing was to be done to them.
    """

    images: Sequence[Image]
    done: str
    cite: Sequence[tuple[str, str]] = ()
    missing: Sequence[Draft] = ()
    unchanged: bool = False

    @property
    def draft(self) -> Draft:
        """The answer that names the new pictures."""
        if not self.images:
            raise Unanswerable("The tool gave no picture back.")
        handles = [image.handle for image in self.images]
        new = "The new picture is" if len(handles) == 1 else "The new pictures are"
        text = f"{new} {compose.listing(handles)}: {self.done}."
        if self.unchanged:
            text = f"{compose.listing(handles)} is {self.done}."
        draft = compose.say(text, ", ".join(handles), [*zip(handles, handles, strict=True), *self.cite])
        return compose.together([draft, *self.missing])


class Edit(OnEach):
    """Something that makes a new picture out of a picture."""

    @abstractmethod
    def edited(self, desk: Desk, source: Image, canvas: Image) -> Edited:
        """The new pictures, and what was done.

        Args:
            desk: the tools and what they gave back.
            source: the picture on which things are found.
            canvas: the picture that is changed: the source, or what an earlier edit made of it.

        Raises:
            Wanted: when results are missing.
            Unanswerable: when it cannot be done.
        """

    def on(self, desk: Desk, image: Image) -> Draft:
        """The handle of the new picture."""
        return self.edited(desk, image, image).draft


@dataclass(frozen=True)
class OnPlaces(OnEach):
    """A program about places on a picture, asked about the picture that they are on."""

    what: Selection

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """One answer for each picture; of regions by their handles, about their own."""
        return super().answer(desk, own_pictures(desk, self.what, images))


@dataclass(frozen=True)
class EditPlaces(OnPlaces, Edit):
    """An edit of places on the picture.

    Attributes:
        what: the places.
        tool: what does it.
        done: what becomes of them: "blurred".
        how: the argument `how` of the tool, or empty where it has none or its default is meant.
        whole: whether the things themselves are meant, not the boxes around them.
    """

    tool: str
    done: str
    how: str = ""
    whole: bool = False

    @property
    def aim(self) -> str:
        """Have it blurred."""
        return f"have it {self.done}"

    def edited(self, desk: Desk, source: Image, canvas: Image) -> Edited:
        """The picture with these places changed."""
        more: dict[str, Json] = {"how": self.how} if self.how else {}
        box = self.what.box()
        if box is not None:
            seen = desk.see(self.tool, image=canvas.handle, box=list(box), **more)
            return Edited(seen.images, f"that part {self.done}")
        found, missing = self.what.there(desk, source)
        shapes = outlined(desk, found) if self.whole else found
        seen = desk.see(self.tool, image=canvas.handle, regions=[region.handle for region in shapes], **more)
        return Edited(seen.images, f"{named(found)} {self.done}", cited(found), missing)


@dataclass(frozen=True)
class CutOut(OnPlaces, Edit):
    """A thing as a picture of its own."""

    @property
    def aim(self) -> str:
        """Cut it out."""
        return "cut it out"

    def edited(self, desk: Desk, source: Image, canvas: Image) -> Edited:
        """A picture of each thing."""
        box = self.what.box()
        if box is not None:
            return Edited(desk.see("cutout", image=canvas.handle, box=list(box)).images, "that part cut out")
        found, missing = self.what.there(desk, source)
        shapes = outlined(desk, found)
        seen = desk.each(shapes, lambda region: desk.see("cutout", image=canvas.handle, region=region.handle))
        bare = any(shape.mask is None and shape.polygon is None and shape.text is None for shape in shapes)
        how = " as it lies in its box, for nothing outlined it" if bare else ""
        pictures = [image for one in seen for image in one.images]
        return Edited(pictures, f"{named(found)} cut out{how}", cited(found), missing)


@dataclass(frozen=True)
class Highlight(OnPlaces, Edit):
    """Places lit up, or marked where no tool lights up."""

    @property
    def aim(self) -> str:
        """Show it."""
        return "show where it is"

    def edited(self, desk: Desk, source: Image, canvas: Image) -> Edited:
        """The picture with these places lit up."""
        tool, done = ("highlight", "highlighted") if "highlight" in desk.tools else ("mark", "marked")
        return EditPlaces(self.what, tool, done).edited(desk, source, canvas)


@dataclass(frozen=True)
class WithoutBackground(Edit):
    """The one thing on a picture without what is around it."""

    def edited(self, desk: Desk, source: Image, canvas: Image) -> Edited:
        """The thing cut out; asks which one where there are several."""
        found = find(desk, source, Thing("object"))
        if len(found) != 1:
            raise Unanswerable(
                f"I find {compose.kinds(region.label for region in found)}: say what to keep, as in “cut out the dog”."
            )
        return CutOut(Handles((found[0].handle,))).edited(desk, source, canvas)


@dataclass(frozen=True)
class InTurn(OnEach):
    """Several edits, each of what the one before made."""

    parts: tuple[Edit, ...]

    @property
    def aim(self) -> str:
        """The aims of its parts."""
        return compose.listing([part.aim for part in self.parts])

    def on(self, desk: Desk, image: Image) -> Draft:
        """The handle of the last picture; where an edit cannot be done, that of the last one that could."""
        done: list[Edited] = []
        for part in self.parts:
            try:
                done.append(part.edited(desk, image, _canvas(done, image)))
            except Unanswerable as reason:
                return compose.together([*([_summed(done)] if done else []), reason.draft])
        return _summed(done)


def _canvas(done: Sequence[Edited], source: Image) -> Image:
    """What the next edit changes."""
    made = done[-1].images if done else [source]
    if len(made) != 1:
        raise Unanswerable(f"That makes {compose.counted(len(made), 'picture')}, and the next edit takes one.")
    return made[0]


def _summed(done: Sequence[Edited]) -> Draft:
    """What edits in turn come to: the last picture."""
    text = ", then ".join(each.done for each in done)
    missing = [reason for each in done for reason in each.missing]
    cite = [pair for each in done for pair in each.cite]
    return Edited(done[-1].images, text, cite, missing, all(each.unchanged for each in done)).draft


def in_turn(programs: Sequence[Program]) -> Program | None:
    """Several programs as one, if all of them are edits."""
    edits = tuple(program for program in programs if isinstance(program, Edit))
    return InTurn(edits) if len(edits) == len(programs) and len(edits) > 1 else None


def made(images: Sequence[Image], what: str) -> Draft:
    """The answer that shows new pictures."""
    if not images:
        raise Unanswerable("The tool gave no picture back.")
    handles = [image.handle for image in images]
    text = f"Here is {what}: {compose.listing(handles)}."
    return compose.say(text, ", ".join(handles), zip(handles, handles, strict=True))


def named(regions: Sequence[Region]) -> str:
    """Regions as an answer names them: texts as they were read, things by kind and handle."""
    texts = [f"“{region.text}”" for region in regions if region.text]
    things = [region for region in regions if not region.text]
    more = [f"{len(texts) - SHOWN} more texts"] if len(texts) > SHOWN else []
    said = [*texts[:SHOWN], *more]
    if things:
        handles = ", ".join(region.handle for region in things)
        kinds = compose.kinds(region.label or "place" for region in things)
        said.append(f"{kinds} ({handles})" if len(things) <= SHOWN else kinds)
    return compose.listing(said)


def cited(regions: Sequence[Region]) -> list[tuple[str, str]]:
    """The pieces of `named`, each resting on its region."""
    return [(region.text or region.handle, region.handle) for region in regions]


def own_pictures(desk: Desk, what: Selection, images: Sequence[Image]) -> Sequence[Image]:
    """The pictures on which regions named by their handles lie: those asked about, or else their own."""
    if not isinstance(what, Handles):
        return images
    roots = {desk.region(handle).image.lineage: desk.region(handle).image for handle in what.handles}
    given = [image for image in (*images, *desk.conversation.images) if image.lineage in roots]
    first = {image.lineage: image for image in reversed(given)}
    return [first.get(lineage, image) for lineage, image in roots.items()]


def _redact(done: str, how: str = "") -> Callable[[Selection], Program]:
    return lambda what: EditPlaces(what, "redact", done, how)


_ALL = "(out/all/both/of)"
_FROM = "(from/of/in) (the/this) (<picture>)"

TABLE: Table[Program] = Table(
    {"what": selection},
    (
        asks(
            _redact("blurred", "blur"),
            f"blur {_ALL} {{what}} (out)",
            "make {what} blurry/blurred/unsharp",
        ),
        asks(
            _redact("pixelated", "pixelate"),
            f"pixelate/pixelize/pixelise/mosaic {_ALL} {{what}}",
        ),
        asks(
            _redact("blacked out", "fill"),
            f"[black|blank] out {_ALL} {{what}}",
            "black {what} out",
            f"redact/censor/blacken/cover/mask (up/over) {_ALL} {{what}} (up) "
            "(with (a) (black) bar/bars/box/boxes/rectangle/rectangles)",
            "paint over {what}",
            "[put|draw|place] (a) (black) bar/box/rectangle/square over {what}",
        ),
        asks(
            _redact("hidden"),
            f"hide/conceal/obscure/anonymize/anonymise/obfuscate {_ALL} {{what}}",
            "make {what} unreadable/unrecognizable/unrecognisable/illegible/invisible/anonymous",
        ),
        asks(
            Highlight,
            f"highlight (me) {_ALL} {{what}}",
            "[light up|point out|emphasize|emphasise] {what}",
        ),
        asks(
            WithoutBackground,
            f"[remove|erase|delete|drop|take away|get rid of|cut out] (the) background {_FROM}",
            "[without|no] (the) background",
        ),
        asks(
            CutOut,
            f"cut (out) {_ALL} {{what}} (out) {_FROM}",
            "extract/isolate {what} (from (the) background)",
            "[separate|cut|cut out] {what} from (the) background",
            "[remove|erase|delete] (the) background of/from/around/behind {what}",
            "<give> (me) just/only {what} (,) (without (the) background)",
            "<give> (me) {what} (,) without (the) background",
            "[make|create] (a) [cutout|cut out|sticker] of {what}",
            "cutout {what}",
        ),
        asks(
            partial(EditPlaces, tool="inpaint", done="removed", whole=True),
            f"[remove|erase|delete|get rid of|take out|take away|wipe out|retouch|inpaint|eliminate] {{what}} {_FROM}",
            "make {what} disappear",
            "take {what} out/away",
        ),
    ),
)
