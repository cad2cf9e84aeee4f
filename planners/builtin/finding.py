"""Finding things: which tool finds them, which of its regions are meant, and what colour they have.

This is where detection and segmentation come in: any tool whose spec says what it `finds` is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...jsonable import Json
from ...tools.spec import ToolSpec
from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, slots
from .desk import Desk, Unanswerable
from .palette import Palette, names_of
from .words import Words, bag, text_of

ANYTHING = frozenset({"object", "thing", "item", "anything", "something", "figure"})
"""Nouns that stand for whatever a tool finds."""

KINDS: Mapping[str, frozenset[str]] = {
    "shape": bag(
        "circle rectangle triangle square ellipse oval pentagon hexagon octagon star diamond polygon line cross "
        "heart arrow trapezoid rhombus parallelogram ring"
    ),
    "animal": bag("dog cat horse sheep cow elephant bear zebra giraffe bird fish mouse rabbit"),
    "vehicle": bag("car truck bus motorcycle bicycle train boat airplane van"),
}
"""Nouns that stand for several kinds of things."""

SYNONYMS: Mapping[str, str] = {
    "people": "person", "man": "person", "woman": "person", "men": "person", "women": "person", "child": "person",
    "children": "person", "human": "person", "humans": "person", "boy": "person", "girl": "person", "guy": "person",
    "disc": "circle", "disk": "circle", "round": "circle", "bike": "bicycle", "motorbike": "motorcycle",
    "automobile": "car", "plane": "airplane", "aeroplane": "airplane", "kitten": "cat", "puppy": "dog",
    "mice": "mouse", "stuff": "thing", "phone": "cell phone", "tv": "television", "form": "shape",
    "geometric shape": "shape", "geometrical shape": "shape", "colored shape": "shape",
}  # fmt: skip


@dataclass(frozen=True)
class Thing:
    """Things that are asked about.

    Attributes:
        noun: what they are, in the singular.
        color: the colour they are said to have, or empty.
        written: the words of the question, for things that turn out to be words.
        most: how the one that is meant stands out among them ("largest", "leftmost"), or empty.
    """

    noun: str
    color: str = ""
    written: str = ""
    most: str = ""

    @property
    def phrase(self) -> str:
        """Red circle."""
        return " ".join(part for part in (self.most, self.color, self.noun) if part)

    @property
    def is_general(self) -> bool:
        """Whether the noun stands for several kinds of things."""
        return self.noun in ANYTHING or self.noun in KINDS


def thing(words: Words) -> Thing | None:
    """Words that name things, with or without a colour: "the red circle", "blue shapes", "stop sign"."""
    rest = slots.without_articles(words)
    rest = rest[1:] if len(rest) > 1 and rest[0].text in _QUANTIFIERS else rest
    most, rest = _most(rest)
    color = slots.color(rest[:1]) if len(rest) > 1 else None
    nouns = rest[1:] if color else rest
    if color is None and len(rest) > 2 and rest[0].text in _SHADES:
        color, nouns = slots.color(rest[1:2]), rest[2:] if slots.color(rest[1:2]) else rest
    if not 1 <= len(nouns) <= 3 or not all(map(slots.is_plain, nouns)) or any(w.text in _NO_NOUN for w in nouns):
        return None
    return Thing(singular(text_of(nouns)), color or "", " ".join(word.raw for word in rest), most)


def _most(words: Words) -> tuple[str, Words]:
    """How one thing stands out, and the words without it: "leftmost shape", "the shape on the right"."""
    texts = tuple(word.text for word in words)
    if len(words) > 1 and texts[0] in _SUPERLATIVES:
        return _SUPERLATIVES[texts[0]], words[1:]
    if len(words) > 3 and texts[-3] in ("on", "at") and texts[-2] == "the" and texts[-1] in _SIDES:
        return _SIDES[texts[-1]], words[:-3]
    return "", words


def size_of(region: Region) -> float:
    """How much of the picture a thing covers, in square pixels; without a mask, the share of its box by its kind."""
    return region.area * (1.0 if region.mask is not None else _FILLED.get(singular(region.label.split()[-1]), 1.0))


_FILLED = {"circle": 0.785, "ellipse": 0.785, "oval": 0.785, "triangle": 0.5, "pentagon": 0.69, "star": 0.35}
"""The part of its box that a shape fills."""


_SUPERLATIVES: Mapping[str, str] = {
    "largest": "largest", "biggest": "largest", "smallest": "smallest", "leftmost": "leftmost",
    "rightmost": "rightmost", "topmost": "topmost", "highest": "topmost", "lowest": "lowest",
}  # fmt: skip
_SIDES: Mapping[str, str] = {"left": "leftmost", "right": "rightmost", "top": "topmost", "bottom": "lowest"}
_MEASURES: Mapping[str, Callable[[Region], float]] = {
    "largest": size_of,
    "smallest": lambda region: -size_of(region),
    "leftmost": lambda region: -region.center[0],
    "rightmost": lambda region: region.center[0],
    "topmost": lambda region: -region.center[1],
    "lowest": lambda region: region.center[1],
}


_SHADES = frozenset({"dark", "light", "bright", "pale"})
_QUANTIFIERS = bag("any some single many other different all visible")
_NO_NOUN = bag(
    "is are was were does do did what which where when who how there in on of at and or not no the a an any it "
    "this that to from with than color colors say says present visible image picture if many much shown between "
    "for my your i you me we they contain have please does did can left right right top bottom same"
)


def singular(noun: str) -> str:
    """The singular of an English noun, by its common name."""
    for known in (noun, *_stems(noun)):
        if known in SYNONYMS:
            return SYNONYMS[known]
        if known in ANYTHING or known in KINDS or any(known in kind for kind in KINDS.values()):
            return known
    stems = _stems(noun)
    return stems[0] if stems else noun


def _stems(noun: str) -> list[str]:
    if noun.endswith("ies"):
        return [f"{noun[:-3]}y"]
    if noun.endswith(("sses", "xes", "ches", "shes")):
        return [noun[:-2]]
    return [noun[:-1]] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else []


def find(desk: Desk, image: Image, wanted: Thing) -> Sequence[Region]:
    """The regions of the things, of the colour that was named.

    Raises:
        Unanswerable: when no tool finds such things.
    """
    found = find_any_color(desk, image, wanted)
    if wanted.color:
        named = desk.each(found, lambda region: colors_of(desk, region))
        found = [region for region, names in zip(found, named, strict=True) if wanted.color in names]
    return [max(found, key=_MEASURES[wanted.most])] if wanted.most and found else found


def find_any_color(desk: Desk, image: Image, wanted: Thing) -> Sequence[Region]:
    """The regions of the things, whatever their colour; raises as `find` does."""
    return [region for region in everything(desk, image, wanted) if is_a(region, wanted)]


def everything(desk: Desk, image: Image, wanted: Thing) -> Sequence[Region]:
    """All that the tools gave back that find such things, other things too; raises as `find` does."""
    finders = [spec for spec in desk.specs if finds(spec, wanted)]
    if not finders:
        raise Unanswerable(no_finder(desk, wanted))
    seen = desk.each(finders, lambda spec: desk.see(spec.name, **_arguments(spec, image, wanted)))
    return [region for result in seen for region in result.regions]


def none_found(image: Image, wanted: Thing) -> Draft:
    """That there are no such things on a picture, although a tool would find them."""
    return compose.cannot(f"I find no {wanted.phrase}.", cite=[(f"no {wanted.phrase}", image.handle)])


def findable(desk: Desk, wanted: Thing) -> bool:
    """Whether any tool at hand finds such things."""
    return any(finds(spec, wanted) for spec in desk.specs)


def no_finder(desk: Desk, wanted: Thing) -> str:
    """That no tool finds such things, and what the tools at hand do find."""
    known = sorted({name for spec in desk.specs for name in spec.finds if name != "*"})
    others = f" The tools at hand find {compose.listing(known)}." if known else ""
    return (
        f"No tool at hand finds {wanted.noun!r} in a picture.{others} Register one that declares it "
        f"(`finds=[...]`), or ask another planner. {compose.HINT}"
    )


def finds(spec: ToolSpec, wanted: Thing) -> bool:
    """Whether a tool can find such things."""
    if spec.finds == ("*",):
        return True
    return any(_named(name, wanted) for name in spec.finds)


def is_a(region: Region, wanted: Thing) -> bool:
    """Whether a region is such a thing, by its label: `circle` and `red circle` are circles and shapes."""
    return _named(region.label, wanted) or (wanted.noun == "shape" and wanted.noun in region.label)


def _named(label: str, wanted: Thing) -> bool:
    low = label.casefold().replace("_", " ").replace("-", " ").strip()
    names = {singular(low), singular(low.rpartition(" ")[2])}
    if wanted.noun in ANYTHING:
        return True
    return wanted.noun in names or bool(KINDS.get(wanted.noun, frozenset()) & names)


def _arguments(spec: ToolSpec, image: Image, wanted: Thing) -> dict[str, Json]:
    """The picture under the name the tool gives it, and the labels where the tool takes them."""
    properties = spec.parameters.get("properties")
    known: Mapping[str, Json] = properties if isinstance(properties, Mapping) else {}
    names = [name for name, schema in known.items() if isinstance(schema, Mapping) and schema.get("format") == "image"]
    arguments: dict[str, Json] = {names[0] if names else "image": image.handle}
    if spec.finds == ("*",) or "labels" in _required(spec):
        arguments["labels"] = [wanted.noun]
    return arguments


def _required(spec: ToolSpec) -> Sequence[Json]:
    required = spec.parameters.get("required")
    return required if isinstance(required, Sequence) and not isinstance(required, str) else ()


def colors_of(desk: Desk, region: Region) -> Sequence[str]:
    """The names of a region's colour, the most telling one first: from the tool that found it, or else measured.

    Of several colours in its box, that of the picture's background is not its own.
    """
    known = region.attributes.get("color")
    if isinstance(known, str) and known:
        return names_of(known)
    head = region.label.partition(" ")[0].casefold()
    if head in slots.COLORS and " " in region.label:
        return names_of(head)
    palette = Palette.of(desk.see("color", image=region.image.handle, region=region.handle))
    if palette.background is not None or len(palette.colors) < 2:
        return palette.foreground
    around = Palette.of(desk.see("color", image=region.image.handle)).background
    own = [hue.names for hue in palette.colors if around is None or hue.names != around.names]
    return own[0] if own else palette.foreground
