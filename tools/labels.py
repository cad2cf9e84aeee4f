"""Names of things: singular and plural, synonyms, and which classes of a detector are meant by what was asked for.

People ask for "people", "bikes" and "TVs"; a detector knows "person", "bicycle" and "tv".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

ANYTHING = frozenset({"object", "thing", "item", "anything", "something", "everything", "stuff", "figure", "all"})
"""Words that stand for whatever a detector knows."""

SAME = (
    ("person", "human", "human being", "people", "somebody", "pedestrian"),
    ("bicycle", "bike", "cycle", "push bike"),
    ("motorcycle", "motorbike", "motor bike"),
    ("car", "automobile", "motor car"),
    ("truck", "lorry"),
    ("airplane", "aeroplane", "plane", "aircraft", "jet"),
    ("boat", "ship"),
    ("tv", "television", "tv set", "television set", "tvmonitor", "tv monitor"),
    ("cell phone", "phone", "mobile phone", "mobile", "smartphone", "cellphone", "telephone"),
    ("couch", "sofa", "settee"),
    ("dining table", "table", "diningtable"),
    ("potted plant", "plant", "pottedplant", "houseplant", "flower pot"),
    ("laptop", "notebook", "laptop computer"),
    ("refrigerator", "fridge"),
    ("stop sign", "stopsign"),
    ("traffic light", "stoplight", "traffic signal"),
    ("donut", "doughnut"),
    ("hot dog", "hotdog"),
    ("sports ball", "ball"),
    ("wine glass", "glass", "goblet"),
    ("cup", "mug"),
    ("remote", "remote control"),
    ("hair drier", "hair dryer", "hairdryer"),
    ("handbag", "purse", "bag"),
    ("backpack", "rucksack"),
    ("cow", "cattle", "bull", "ox"),
    ("dog", "puppy"),
    ("cat", "kitten", "kitty"),
    ("circle", "disc", "disk", "round"),
    ("ellipse", "oval"),
    ("rhombus", "diamond"),
)
"""Names of the same thing."""

BROADER: Mapping[str, str] = {
    "man": "person", "woman": "person", "boy": "person", "girl": "person", "child": "person", "kid": "person",
    "guy": "person", "lady": "person", "baby": "person", "adult": "person", "van": "car", "taxi": "car",
    "suv": "car", "pickup": "truck", "kayak": "boat", "sailboat": "boat", "pony": "horse", "lamb": "sheep",
    "calf": "cow", "armchair": "chair", "stool": "chair", "football": "sports ball", "basketball": "sports ball",
    "square": "rectangle",
}  # fmt: skip
"""What a thing is taken for where a detector does not know it by itself."""

KINDS: Mapping[str, str] = {
    "shape": "circle rectangle triangle square ellipse pentagon hexagon octagon star rhombus cross heart arrow ring "
    "trapezoid parallelogram polygon",
    "animal": "dog cat horse sheep cow elephant bear zebra giraffe bird fish mouse rabbit",
    "pet": "dog cat",
    "vehicle": "car truck bus motorcycle bicycle train boat airplane van",
    "furniture": "chair couch bed dining_table bench",
    "fruit": "apple orange banana",
    "food": "apple orange banana sandwich broccoli carrot hot_dog pizza donut cake",
    "cutlery": "fork knife spoon",
    "appliance": "refrigerator oven toaster microwave",
}
"""Words that stand for several kinds of things; blanks in a name are written as _."""

_IRREGULAR = {
    "person": "people", "man": "men", "woman": "women", "child": "children", "mouse": "mice", "goose": "geese",
    "foot": "feet", "tooth": "teeth", "ox": "oxen", "knife": "knives", "wolf": "wolves", "leaf": "leaves",
    "shelf": "shelves", "loaf": "loaves", "scarf": "scarves", "half": "halves", "calf": "calves", "hoof": "hooves",
    "bus": "buses", "gas": "gases", "lens": "lenses", "sheep": "sheep", "fish": "fish", "deer": "deer",
    "aircraft": "aircraft", "scissors": "scissors", "skis": "skis", "cattle": "cattle", "furniture": "furniture",
    "fruit": "fruit", "cutlery": "cutlery", "food": "food", "glass": "glasses", "ellipse": "ellipses",
    "rhombus": "rhombuses", "axe": "axes", "taxi": "taxis", "potato": "potatoes", "tomato": "tomatoes",
}  # fmt: skip
_SINGULARS = {plural: singular for singular, plural in _IRREGULAR.items()}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a label that was asked for means to a detector.

    Attributes:
        asked: the label as it was asked for.
        classes: the classes that are meant, as the detector calls them; empty when it knows none.
        exact: whether they are just what was asked for, not something broader.
    """

    asked: str
    classes: tuple[str, ...]
    exact: bool = True


def meaning(asked: str, classes: Sequence[str]) -> Meaning:
    """Which of a detector's classes a label means: by its name, a synonym, a group ("animals"), or its last words."""
    by_form = {form: name for name in reversed(classes) for form in _forms(normal(name))}
    wanted = normal(asked)
    if singular(wanted) in ANYTHING:
        return Meaning(asked, tuple(classes))
    for form in _forms(wanted):
        if form in by_form:
            return Meaning(asked, (by_form[form],))
    group = [by_form[form] for form in _members(singular(wanted)) if form in by_form]
    if group:
        return Meaning(asked, tuple(dict.fromkeys(group)))
    for form in _forms(wanted):
        if BROADER.get(form, "") in by_form:
            return Meaning(asked, (by_form[BROADER[form]],), exact=False)
    _, _, rest = wanted.partition(" ")
    return Meaning(asked, meaning(rest, classes).classes if rest else (), exact=False)


def nearest(asked: str, classes: Sequence[str], count: int = 5) -> list[str]:
    """The classes whose names come nearest to a label, best first."""
    return [name for name, _, _ in process.extract(singular(normal(asked)), classes, scorer=fuzz.WRatio, limit=count)]


def normal(name: str) -> str:
    """A name as it is compared: lower case, blanks for hyphens and underscores, no article."""
    words = re.sub(r"[\s_\-.,;:!?]+", " ", name.casefold()).strip()
    return re.sub(r"^(?:the|a|an|any|some|all) (?=.)", "", words)


def singular(noun: str) -> str:
    """The singular of an English noun: of its last word, where it has several."""
    head, blank, word = noun.rpartition(" ")
    return head + blank + _singular_word(word)


def plural(noun: str) -> str:
    """The plural of an English noun: of its last word, where it has several."""
    head, blank, word = noun.rpartition(" ")
    return head + blank + _plural_word(word)


def counted(counts: Mapping[str, int]) -> str:
    """How many there are of each: "3 circles, 1 square"."""
    return ", ".join(f"{count} {label if count == 1 else plural(label)}" for label, count in counts.items())


def _forms(name: str) -> Iterator[str]:
    """A name, its singular, and their synonyms."""
    own = tuple(dict.fromkeys((name, singular(name))))
    yield from own
    for names in SAME:
        if not set(own).isdisjoint(names):
            yield from names


def _members(group: str) -> Iterable[str]:
    return (name.replace("_", " ") for name in KINDS.get(group, "").split())


def _singular_word(word: str) -> str:
    if word in _SINGULARS:
        return _SINGULARS[word]
    if word in _IRREGULAR or word.endswith(("ss", "us", "is")) or not word.endswith("s"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    return word[:-1]


def _plural_word(word: str) -> str:
    if word in _IRREGULAR or not word:
        return _IRREGULAR.get(word, word)
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh", "zz")) else f"{word}s"
