"""Which tools find a thing, how well they know it, and what they give back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ...jsonable import Json
from ...tools.spec import ToolSpec
from ...vision.image import Image
from ...vision.inflection import plural
from ...vision.nouns import WHATEVER_IS_KNOWN, broader, common_name, is_kind, wider
from ...vision.region import Region
from . import compose
from .desk import Desk, Unanswerable
from .naming import Thing

ANY_NAME = ("*",)
"""What a tool says it `finds` that takes the names of things as its argument `labels`."""

SHOWN = 12
"""Things that tools find which an answer names."""

FEW = 6
"""Kinds of a thing that a number names."""

SAME_PLACE = 0.5
"""From this intersection over union on, two regions of different tools are one thing."""


class Fit(Enum):
    """How well a tool knows a thing."""

    ALL = "finds them all"
    KINDS = "finds the usual kinds of them"
    SOME = "finds some kinds of them"
    AMONG = "finds them among others, and does not tell them apart"


@dataclass(frozen=True)
class Finders:
    """The tools to ask for a thing.

    Attributes:
        specs: the tools.
        fit: how well they know it.
        noun: the things they know: the thing itself, or what it is one of.
    """

    specs: Sequence[ToolSpec]
    fit: Fit
    noun: str

    def kinds_of(self, noun: str) -> Sequence[str]:
        """The names of what they find that are such things."""
        return sorted({name for spec in self.specs for name in spec.finds if is_a(name, noun)})


@dataclass(frozen=True)
class Found:
    """What tools found.

    Attributes:
        wanted: what was looked for.
        regions: those that are such things.
        all: everything that the tools gave back, other things too.
        finders: who found them.
    """

    wanted: Thing
    regions: Sequence[Region]
    all: Sequence[Region]
    finders: Finders

    @property
    def doubt(self) -> str:
        """Why a "no" or a number would not be certain; empty where it is."""
        number = compose.counted(len(self.regions), self.finders.noun)
        if self.finders.fit is Fit.AMONG and self.regions:
            return f"I find {number}, and no tool at hand tells {plural(self.wanted.noun)} from others."
        known = compose.listing(self.finders.kinds_of(self.wanted.noun))
        if self.finders.fit is Fit.SOME:
            return f"Of {plural(self.wanted.noun)} the tools at hand find only {known}: {number}."
        if self.finders.fit is Fit.KINDS and not self.regions:
            among = f"there is no {self.wanted.phrase} among these"
            return f"Of {plural(self.wanted.noun)} the tools at hand find only {known}: {among}."
        return ""

    @property
    def looked_for(self) -> str:
        """The kinds that were looked for, in a few words, where a number leaves others out; empty where it does not."""
        if self.finders.fit is not Fit.KINDS:
            return ""
        known = self.finders.kinds_of(self.wanted.noun)
        more = [f"{len(known) - FEW} more"] if len(known) > FEW else []
        return compose.listing([*known[:FEW], *more])


def finders_of(desk: Desk, wanted: Thing) -> Finders | None:
    """Who is to be asked: tools that name the thing, then one that takes any name, then those that come near.

    Where tools name only kinds of the thing, one that takes any name looks for the others.
    """
    noun = wanted.noun
    known = [(spec, list(map(common_name, spec.finds))) for spec in desk.specs if spec.finds]
    chosen = [spec for spec, names in known if any(is_kind(name, noun) for name in names)]
    named = noun in WHATEVER_IS_KNOWN or any(noun in names for spec, names in known if spec in chosen)
    open_to_all = [] if named else [spec for spec, _ in known if spec.finds == ANY_NAME]
    if chosen or open_to_all:
        return Finders([*chosen, *open_to_all], Fit.ALL if named or open_to_all else Fit.KINDS, noun)
    some = [spec for spec, names in known if any(is_a(name, noun) for name in names)]
    if some:
        return Finders(some, Fit.SOME, noun)
    for broad in broader(noun):
        among = [spec for spec, names in known if broad in names]
        if among:
            return Finders(among, Fit.AMONG, broad)
    return None


def known_by_name(desk: Desk, wanted: Thing) -> bool:
    """Whether a tool at hand names such things among what it finds, and not just takes any name."""
    finders = finders_of(desk, wanted)
    return finders is not None and any(spec.finds != ANY_NAME for spec in finders.specs)


def locate(desk: Desk, image: Image, wanted: Thing) -> Found:
    """The regions of things of that noun, whatever their colour and place.

    Raises:
        Unanswerable: when no tool finds such things.
    """
    finders = finders_of(desk, wanted)
    if finders is None:
        raise Unanswerable(no_finder(desk, wanted))
    seen = desk.each(finders.specs, lambda spec: desk.see(spec.name, **_arguments(spec, image, finders.noun)))
    every = _apart([result.regions for result in seen])
    return Found(wanted, [region for region in every if is_a(region.label, finders.noun)], every, finders)


def is_a(label: str, noun: str) -> bool:
    """Whether what has this label is such a thing: a `circle` and a `red circle` are circles and shapes."""
    name = common_name(label)
    return is_kind(name, noun) or any(is_kind(wide, noun) for wide in wider(name))


def no_finder(desk: Desk, wanted: Thing) -> str:
    """That no tool finds such things, and what the tools at hand do find."""
    if not desk.specs:
        return f"I had to stop before I could look for the {wanted.phrase}."
    known = sorted({name for spec in desk.specs for name in spec.finds if name != "*"})
    more = [f"{len(known) - SHOWN} more"] if len(known) > SHOWN else []
    others = f" The tools at hand find {compose.listing([*known[:SHOWN], *more])}." if known else ""
    return (
        f"No tool at hand finds {wanted.noun!r} in a picture.{others} A detector may: lavr ask --detector WEIGHTS "
        f"(`lavr models list` says which), or a tool of yours that declares it (`finds=[...]`). {compose.HINT}"
    )


def _apart(given: Sequence[Sequence[Region]]) -> list[Region]:
    """What several tools found, each thing once: of two at one place, the one with a mask, or else the first."""
    kept: list[Region] = []
    for regions in given:
        twins = [_twin(region, kept) for region in regions]
        for region, at in zip(regions, twins, strict=True):
            if at is None:
                kept.append(region)
            elif region.mask is not None and kept[at].mask is None:
                kept[at] = region
    return kept


def _twin(region: Region, others: Sequence[Region]) -> int | None:
    """Where the same thing is among what other tools found."""
    name = common_name(region.label)
    same = (at for at, other in enumerate(others) if is_a(other.label, name) and other.iou(region) >= SAME_PLACE)
    return next(same, None)


def _arguments(spec: ToolSpec, image: Image, noun: str) -> dict[str, Json]:
    """The picture under the name the tool gives it, and the labels where the tool takes them."""
    properties = spec.parameters.get("properties")
    known: Mapping[str, Json] = properties if isinstance(properties, Mapping) else {}
    names = [name for name, schema in known.items() if isinstance(schema, Mapping) and schema.get("format") == "image"]
    arguments: dict[str, Json] = {names[0] if names else "image": image.handle}
    if spec.finds == ANY_NAME or "labels" in _required(spec):
        arguments["labels"] = [noun]
    return arguments


def _required(spec: ToolSpec) -> Sequence[Json]:
    required = spec.parameters.get("required")
    return required if isinstance(required, Sequence) and not isinstance(required, str) else ()
