"""What a result of the tool `color` says: names of colours, how much of the place each covers, and the background."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...jsonable import Json
from ...tools.calls import Observation
from . import slots
from .words import bag

BETWEEN = bag("teal turquoise cyan")
"""Colours that people count neither as green nor as blue; of every other one the basic colour is a name as well."""

PLAIN = bag("crimson gold silver")
"""Shades that most people call by the basic colour, unless they are asked about that very shade."""


@dataclass(frozen=True)
class Hue:
    """A colour.

    Attributes:
        names: what it may be called, the most telling name first: "navy", "blue".
        share: the part of the whole place that it covers, 0 to 1; 0 where the tool does not say.
    """

    names: tuple[str, ...]
    share: float = 0.0


@dataclass(frozen=True)
class Palette:
    """The colours of a place.

    Attributes:
        colors: those apart from the background, most of it first.
        background: the even colour around them, or None.
    """

    colors: tuple[Hue, ...]
    background: Hue | None

    @classmethod
    def of(cls, seen: Observation) -> Palette:
        """What a result of `color` says; empty where it says nothing."""
        data: Mapping[str, Json] = seen.data if isinstance(seen.data, Mapping) else {}
        rows = data.get("colors")
        colors = [_hue(row) for row in rows] if isinstance(rows, Sequence) and not isinstance(rows, str) else []
        background = _hue(data.get("background"))
        left = 1 - background.share if background else 1.0
        own = [hue for hue in colors if hue is not None]
        if background is not None and [hue.names for hue in own] == [background.names]:
            own, background = [], Hue(background.names, 1.0)
        return cls(tuple(Hue(hue.names, hue.share * left) for hue in own), background)

    @property
    def foreground(self) -> tuple[str, ...]:
        """The names of what stands out: the colour of a thing or of a text."""
        return self.colors[0].names if self.colors else self.surface

    @property
    def surface(self) -> tuple[str, ...]:
        """The names of the background, or else of what covers most."""
        return self.background.names if self.background else self.prevailing

    @property
    def prevailing(self) -> tuple[str, ...]:
        """The names of what covers most."""
        return self.ranked[0].names if self.ranked else ()

    @property
    def ranked(self) -> list[Hue]:
        """Every colour, the background too, most of it first."""
        shares: dict[tuple[str, ...], float] = {}
        for hue in (*([self.background] if self.background else []), *self.colors):
            shares[hue.names] = shares.get(hue.names, 0.0) + hue.share
        return sorted((Hue(names, share) for names, share in shares.items()), key=lambda hue: -hue.share)


def _hue(row: Json) -> Hue | None:
    """A colour as the tool writes it: a name, or an object with `name`, `basic`, `share`."""
    if isinstance(row, str):
        return Hue(names_of(row))
    if not isinstance(row, Mapping) or not row.get("name"):
        return None
    share = row.get("share")
    names = names_of(str(row["name"]), str(row.get("basic") or ""))
    return Hue(names, float(share) if isinstance(share, (int, float)) else 0.0)


def names_of(name: str, basic: str = "") -> tuple[str, ...]:
    """What a colour may be called, in one spelling: its own name first."""
    own = slots.COLORS.get(name.casefold().strip(), name.casefold().strip())
    kind = slots.COLORS.get(basic.casefold(), basic.casefold())
    if not kind or kind == own or own in BETWEEN:
        return (own,)
    return (kind, own) if own in PLAIN else (own, kind)
