"""Things to do with a place or a picture: zoom into it, show it again, mark it, measure it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...vision.image import Image
from ..base import Draft
from . import compose, slots
from .desk import Desk
from .editing import SHOWN, OnPlaces, made, named
from .patterns import Table, asks
from .programs import OnEach, Program
from .selecting import Selection, selection


@dataclass(frozen=True)
class ZoomRegion(Program):
    """Show a region in true pixels."""

    handle: str

    @property
    def aim(self) -> str:
        """Show it."""
        return f"show {self.handle} enlarged"

    def answer(self, desk: Desk, _images: Sequence[Image]) -> Draft:
        """The handle of the new picture."""
        region = desk.region(self.handle)
        seen = desk.see("zoom", image=region.image.handle, region=self.handle)
        return made(seen.images, f"{self.handle} enlarged")


@dataclass(frozen=True)
class ZoomPlace(OnEach):
    """Show a part of the picture, the place where a text stands, or a thing."""

    what: Selection

    @property
    def aim(self) -> str:
        """Show it."""
        return "show that part enlarged"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The handles of the new pictures."""
        box = self.what.box()
        if box is not None:
            return made(desk.see("zoom", image=image.handle, box=list(box)).images, "that part")
        there, missing = self.what.there(desk, image)
        found = there[:SHOWN]
        seen = desk.each(found, lambda region: desk.see("zoom", image=region.image.handle, region=region.handle))
        shown = made([picture for one in seen for picture in one.images], f"{named(found)} enlarged")
        return compose.together([shown, *missing])


@dataclass(frozen=True)
class Look(OnEach):
    """Show a picture again."""

    @property
    def aim(self) -> str:
        """Show it."""
        return "show it"

    def on(self, desk: Desk, image: Image) -> Draft:
        """That it was shown."""
        desk.see("look", image=image.handle)
        return compose.say(f"Here is {compose.title(image)}.", image.handle, [(compose.title(image), image.handle)])


@dataclass(frozen=True)
class Mark(OnPlaces):
    """Draw the handles of what is found onto the picture: lines, codes, a text, things, or known regions."""

    @property
    def aim(self) -> str:
        """Mark them."""
        return "mark them on the picture"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The handle of the marked picture, and the list of marks."""
        regions, missing = self.what.there(desk, image)
        handles = [region.handle for region in regions]
        seen = desk.see("mark", image=image.handle, regions=handles)
        names = [
            f"{region.handle} “{region.text}”" if region.text else f"{region.handle} {region.label}"
            for region in regions
        ]
        done = made(seen.images, f"the picture with {compose.counted(len(handles), 'mark')}")
        listed = compose.say("\n".join(names), "", zip(names, handles, strict=True))
        return compose.together([done, listed, *missing], "\n")


@dataclass(frozen=True)
class Measure(Program):
    """How far apart two regions are."""

    a: str
    b: str

    def answer(self, desk: Desk, _images: Sequence[Image]) -> Draft:
        """What the tool `measure` says."""
        first, second = desk.region(self.a), desk.region(self.b)
        result = desk.ask("measure", image=first.image.handle, a=first.handle, b=second.handle)
        text = result.observation.text if result.observation else ""
        return compose.say(text, "", [(text, handle) for handle in (result.call.id, self.a, self.b)])


TABLE: Table[Program] = Table(
    {
        "region": slots.region,
        "a": slots.region,
        "b": slots.region,
        "what": selection,
    },
    (
        asks(
            ZoomRegion,
            "zoom (in/into) (in/on/to) (the) (region) {handle:region}",
            "enlarge/magnify/crop (out) (the) (region) {handle:region}",
            "(look) (closer/close) (at) (the) region {handle:region}",
            "show/<give> (me) (the) (region) {handle:region} (closer/larger/bigger/enlarged/again)",
        ),
        asks(
            ZoomPlace,
            "zoom (in/into) (in/on/to) {what}",
            "enlarge/magnify/crop (<it>|the <picture>) (out/to/in) {what}",
            "(take) (a) [look closer|look closely|closer look|close look|close up|closeup] (at/of) {what}",
            "show/<give> (me) (a) [closer|close] (view/look/up) (of/at) {what}",
        ),
        asks(
            Look,
            "(show/look/display/see/<give>) (me) (at) (the) (<picture>/<it>) again",
            "show/look/display (me) (at) (the) (<picture>/<it>)",
        ),
        asks(
            ZoomPlace,
            "show (me) (just/only) {what}",
        ),
        asks(
            Mark,
            "mark/number/box/outline/circle/label/annotate/tag (me) (all/each) (of) {what}",
            "[draw|put] (a/the) box/boxes/mark/marks/outline/outlines/frame around/on {what}",
        ),
        asks(
            Measure,
            "how far <is> {a} (away) from {b}",
            "(what <is>) (the) distance [between|from] {a} [and|to] {b}",
            "measure (the) (distance) (between/from) {a} [and|to] {b}",
            "how far apart <is> {a} and {b}",
        ),
    ),
)
