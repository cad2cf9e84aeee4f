"""Singular and plural of English nouns, as far as people name things in pictures with them."""

from __future__ import annotations

from collections.abc import Mapping

_IRREGULAR: Mapping[str, str] = {
    "people": "person", "men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth",
    "geese": "goose", "mice": "mouse", "oxen": "ox", "dice": "die", "knives": "knife", "wolves": "wolf",
    "leaves": "leaf", "shelves": "shelf", "loaves": "loaf", "calves": "calf", "scarves": "scarf", "hooves": "hoof",
    "thieves": "thief", "wives": "wife", "halves": "half", "buses": "bus", "gases": "gas", "lenses": "lens",
    "viruses": "virus", "cactuses": "cactus", "cacti": "cactus", "octopuses": "octopus", "walruses": "walrus",
    "potatoes": "potato", "tomatoes": "tomato", "mangoes": "mango", "heroes": "hero", "flamingoes": "flamingo",
    "cookies": "cookie", "movies": "movie", "ties": "tie", "pies": "pie", "brownies": "brownie", "hoodies": "hoodie",
    "zombies": "zombie", "selfies": "selfie", "smoothies": "smoothie", "axes": "axe", "headaches": "headache",
    "taxis": "taxi", "kiwis": "kiwi",
}  # fmt: skip
_PLURALS: Mapping[str, str] = {one: many for many, one in reversed(list(_IRREGULAR.items()))}
_UNCHANGED = frozenset({
    "sheep", "fish", "deer", "moose", "series", "species", "aircraft", "scissors", "pants", "jeans", "trousers",
    "shorts", "sunglasses", "binoculars", "skis", "lens", "bus", "gas", "news", "chess", "tennis", "iris", "pliers",
    "tongs", "headphones", "goggles", "tweezers", "cattle", "furniture", "fruit", "cutlery", "food",
})  # fmt: skip
_MARKED = ("sses", "xes", "ches", "shes", "zzes")
"""Plurals in -es."""


def singular(noun: str) -> str:
    """The singular of a noun of one or more words: `stop signs` -> `stop sign`; a singular stays as it is."""
    *before, last = noun.split() or [""]
    return " ".join((*before, _one(last)))


def plural(noun: str) -> str:
    """The plural of a noun in the singular, of one or more words: `red knife` -> `red knives`."""
    *before, last = noun.split() or [""]
    return " ".join((*before, _many(last)))


def _one(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _UNCHANGED or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > len("dies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(_MARKED) else word[:-1]


def _many(word: str) -> str:
    if word in _UNCHANGED and word not in _PLURALS:
        return word
    if word in _PLURALS:
        return _PLURALS[word]
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"
