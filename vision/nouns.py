"""What things are called: one common name for each, kinds of things, and things that are a kind of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .inflection import singular


def _bag(words: str) -> frozenset[str]:
    return frozenset(words.split())


ANYTHING = frozenset({"object", "thing", "item", "figure"})
"""Nouns that stand for whatever a tool finds."""

# A mouse is no animal here: to detectors trained on COCO, as most are, it is that of a computer.
KINDS: Mapping[str, frozenset[str]] = {
    "shape": _bag(
        "circle rectangle triangle square ellipse pentagon hexagon octagon star polygon line cross heart arrow "
        "trapezoid rhombus parallelogram ring"
    ),
    "animal": _bag("dog cat horse sheep cow elephant bear zebra giraffe bird fish rabbit pig goat duck chicken"),
    "pet": _bag("dog cat rabbit hamster"),
    "vehicle": _bag("car truck bus motorcycle bicycle train boat airplane van tram tractor"),
    "fruit": _bag("apple banana orange pear lemon strawberry grape cherry peach pineapple"),
    "furniture": _bag("chair couch bed bench desk shelf") | {"dining table"},
    "food": _bag("banana apple sandwich orange broccoli carrot pizza donut cake") | {"hot dog"},
    "table": frozenset({"dining table", "coffee table", "desk"}),
    "plant": _bag("flower tree") | {"potted plant"},
    "ball": frozenset({"sports ball", "football", "tennis ball", "basketball"}),
    "shirt": frozenset({"t-shirt"}),
    "glass": frozenset({"wine glass"}),
    "bag": _bag("handbag backpack suitcase"),
    "cutlery": _bag("fork knife spoon"),
    "appliance": _bag("refrigerator oven toaster microwave"),
}
"""Nouns that stand for several kinds of things."""

WHATEVER_IS_KNOWN = ANYTHING | {"shape"}
"""Nouns of which a tool that finds some kinds finds all that are meant; there are always more kinds of fruit."""

_SAME: Mapping[str, str] = {
    "person": "human;human being;folk;folks;anyone;anybody;everyone;everybody;someone;somebody",
    "circle": "disc;disk;round",
    "ellipse": "oval",
    "rhombus": "diamond",
    "shape": "form;geometric shape;geometrical shape;colored shape",
    "thing": "stuff;anything;something;everything",
    "bicycle": "bike;pushbike;push bike;cycle",
    "motorcycle": "motorbike;motor bike",
    "car": "automobile;motor car",
    "truck": "lorry",
    "airplane": "plane;aeroplane;aircraft;jet",
    "boat": "ship",
    "cell phone": "phone;telephone;cellphone;mobile;mobile phone;smartphone",
    "tv": "television;tv set;television set;telly;tvmonitor;tv monitor",
    "couch": "sofa;settee",
    "potted plant": "pottedplant;houseplant;house plant",
    "dining table": "diningtable;dinner table;kitchen table",
    "refrigerator": "fridge",
    "backpack": "rucksack",
    "handbag": "purse",
    "donut": "doughnut",
    "hot dog": "hotdog",
    "hair drier": "hair dryer;hairdryer",
    "laptop": "notebook computer;laptop computer",
    "remote": "remote control",
    "tie": "necktie",
    "teddy bear": "teddy;stuffed bear",
    "traffic light": "traffic signal;stoplight",
    "stop sign": "stopsign",
    "fire hydrant": "hydrant",
    "number plate": "license plate;licence plate;registration plate;numberplate",
    "t-shirt": "t shirt;tshirt;tee shirt;tee",
    "trash can": "garbage can;rubbish bin;dustbin;trash bin",
}
"""Common name -> others for the very same thing."""

_AMONG: Mapping[str, frozenset[str]] = {
    "person": _bag(
        "man woman child kid boy girl baby toddler lady gentleman guy adult pedestrian cyclist rider driver player "
        "worker policeman waiter bride groom student teacher"
    ),
    "dog": _bag("puppy poodle terrier labrador dachshund"),
    "cat": _bag("kitten kitty"),
    "bird": _bag("pigeon seagull duck parrot sparrow swan eagle chicken goose"),
    "car": _bag("taxi cab suv van limousine convertible"),
    "truck": _bag("pickup"),
    "cow": _bag("bull calf ox"),
    "horse": _bag("pony foal"),
    "sheep": _bag("lamb"),
    "boat": _bag("kayak sailboat canoe ferry"),
    "cup": _bag("mug teacup"),
    "chair": _bag("armchair stool"),
}
"""Things -> what people tell apart among them, and a tool that finds these things mostly cannot."""

_TAKEN_FOR: Mapping[str, str] = {"square": "rectangle"}
"""Things -> what a tool that does not know them takes them for, although people do not count them among those."""

_WHOLE = frozenset({"hot dog", "teddy bear", "sea horse", "guinea pig", "baseball bat", "number plate", "trash can"})
"""Compounds that are no kind of what their last word says."""

_COMMON = {other: name for name, others in _SAME.items() for other in others.split(";")}
_ONE_OF = {narrow: broad for broad, names in _AMONG.items() for narrow in names}


def common_name(noun: str) -> str:
    """The singular of a noun, by the common name of the thing: `sofas` -> `couch`."""
    spelled = noun.casefold().replace("_", " ").replace("-", " ").strip()
    one = singular(spelled)
    return _COMMON.get(spelled) or _COMMON.get(one) or ("t-shirt" if one == "t shirt" else one)


def head(noun: str) -> str:
    """What a compound is a kind of: `stop sign` -> `sign`; the noun itself where it is none."""
    return noun if noun in _WHOLE else common_name(noun.rpartition(" ")[2])


def wider(noun: str) -> Iterator[str]:
    """What a thing is one of, the nearest first: `poodle` -> `dog`; `police car` -> `car`."""
    if noun in _ONE_OF:
        yield _ONE_OF[noun]
    if head(noun) != noun:
        yield head(noun)
        yield from wider(head(noun))


def broader(noun: str) -> Iterator[str]:
    """Under which names a thing may be found by a tool that does not know its own: also `square` -> `rectangle`."""
    yield from wider(noun)
    yield from (_TAKEN_FOR[name] for name in (noun, head(noun)) if name in _TAKEN_FOR)


def is_kind(noun: str, kind: str) -> bool:
    """Whether things of one noun are always things of the other: circles are shapes, and all are objects."""
    return kind in ANYTHING or noun == kind or noun in KINDS.get(kind, ())


def is_general(noun: str) -> bool:
    """Whether the noun stands for several kinds of things."""
    return noun in ANYTHING or noun in KINDS
