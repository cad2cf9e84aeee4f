"""Edits of the whole picture: turn it, straighten it, make it clearer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ...vision.image import Image
from . import slots
from .desk import Desk, Unanswerable
from .editing import Edit, Edited
from .patterns import Table, asks
from .programs import Program


@dataclass(frozen=True)
class Rotate(Edit):
    """The picture turned by an angle: in degrees, counter-clockwise."""

    degrees: float

    @property
    def aim(self) -> str:
        """Turn it."""
        return "turn it"

    def edited(self, desk: Desk, _source: Image, canvas: Image) -> Edited:
        """The turned picture."""
        way = "" if self.degrees % 360 == 180 else " counter-clockwise" if self.degrees >= 0 else " clockwise"
        turned = desk.see("rotate", image=canvas.handle, degrees=self.degrees).images
        return Edited(turned, f"turned by {abs(self.degrees):g} degrees{way}")


@dataclass(frozen=True)
class Upright(Edit):
    """The picture turned so that its text stands upright."""

    @property
    def aim(self) -> str:
        """See which way the text stands."""
        return "see which way its text stands"

    def edited(self, desk: Desk, _source: Image, canvas: Image) -> Edited:
        """The turned picture, or the old one where it is upright; refused where no text shows which way is up."""
        seen = desk.see("ocr", image=canvas.handle)
        degrees = seen.data.get("turned_degrees") if isinstance(seen.data, Mapping) else None
        if not seen.regions or not isinstance(degrees, int | float):
            raise Unanswerable("I find no text that shows which way is up: say by how many degrees to turn it.")
        if degrees == 0:
            return Edited([canvas], "upright already, as its text stands", unchanged=True)
        return Rotate(float(degrees)).edited(desk, canvas, canvas)


@dataclass(frozen=True)
class Enhance(Edit):
    """The picture made easier to see or read.

    Attributes:
        how: the argument of the tool.
        done: what becomes of the picture.
        already: what it is where the tool gives it back as it was.
    """

    how: str
    done: str
    already: str = "left as it is"

    @property
    def aim(self) -> str:
        """Have it straightened."""
        return f"have it {self.done}"

    def edited(self, desk: Desk, _source: Image, canvas: Image) -> Edited:
        """The new picture; the old one where there was nothing to do."""
        images = desk.see("enhance", image=canvas.handle, how=self.how).images
        if [image.digest for image in images] == [canvas.digest]:
            return Edited([canvas], self.already, unchanged=True)
        return Edited(images, self.done)


def _turned(turns: int) -> Callable[..., Program]:
    """Turned clockwise for -1, counter-clockwise for 1."""
    return lambda n=Decimal(90): Rotate(float(n) * turns)


def _enhanced(*settings: str) -> Callable[[], Program]:
    return lambda: Enhance(*settings)


_IT = "(the/this/my) (<picture>/<it>/<paper>)"
_BY = "(by) {n} (degree/degrees/deg)"
_TURN = f"rotate/turn {_IT}"

TABLE: Table[Program] = Table(
    {"n": slots.number},
    (
        asks(
            lambda: Rotate(180.0),
            f"{_TURN} (by) (upside) down/180/around/over (degrees/degree/deg)",
            f"put {_IT} upside down",
        ),
        asks(
            _turned(1),
            f"{_TURN} {_BY} [counterclockwise|counter clockwise|anticlockwise|anti clockwise|(to the) left]",
            f"{_TURN} [counterclockwise|counter clockwise|anticlockwise|anti clockwise|(to the) left] {_BY}",
            f"{_TURN} (to) (the) [counterclockwise|counter clockwise|anticlockwise|anti clockwise|left]",
        ),
        asks(
            _turned(-1),
            f"{_TURN} {_BY} (clockwise|(to the) right)",
            f"{_TURN} [clockwise|(to the) right] {_BY}",
            f"{_TURN} (to) (the) [clockwise|right]",
            f"{_TURN} (by) (a) quarter (turn) (clockwise)",
            "rotate (<it>|the <picture>)",
        ),
        asks(
            Upright,
            f"[rotate|turn|set|put|make] {_IT} [upright|the right way up|the right way round|right side up]",
            f"fix/correct (the) (orientation/rotation) (of) {_IT}",
        ),
        asks(
            _enhanced("deskew", "straightened", "level already"),
            f"straighten/deskew/level (out/up) {_IT}",
            f"make {_IT} straight",
        ),
        asks(
            _enhanced("document", "seen from straight above"),
            f"flatten/rectify/unwarp/dewarp/crop (to) {_IT}",
            f"fix/correct (the) perspective (of) {_IT}",
        ),
        asks(
            _enhanced("contrast", "with more contrast"),
            f"enhance/improve/increase/raise/boost/fix (the) contrast (of) {_IT}",
            f"enhance/improve/sharpen {_IT}",
            f"brighten {_IT} (up)",
            "(the/this/my) <picture>/<it> <is> too dark/pale/faint (, (can/could/please) (you) brighten/fix <it> (up))",
            f"make {_IT} [brighter|clearer|more readable|easier to read|better]",
        ),
    ),
)
