"""Questions for the list of what was bought: "what did I buy?", "how many items?", "which item costs the most?"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, documents, slots
from .desk import Desk, Unanswerable
from .fields import find_amounts, find_field
from .patterns import Table, asks
from .places import plain, rows_of
from .programs import OnEach, Program
from .words import Words, bag

FEWEST = 2
SHOWN = 30


@dataclass(frozen=True)
class Item:
    """One row of the list: what was bought, how many where that is printed, and the amount at its end."""

    name: str
    price: Decimal
    row: tuple[Region, ...]
    pieces: int | None = None


def read_items(desk: Desk, image: Image) -> Sequence[Item]:
    """The rows that make up the list of a receipt.

    They are believed only when their amounts add up to a sum that is printed: a list that OCR or the layout tore
    apart would give wrong answers that look right.

    Raises:
        Unanswerable: when there is no such list.
    """
    lines = desk.lines(image)
    sums = [Decimal(found.value) for name in _SUMS if (found := find_field(name, lines)) is not None]
    rows = [item for row in rows_of(lines) if (item := _item(tuple(row))) is not None]
    for start in range(len(rows)):
        for end in range(len(rows), start + FEWEST - 1, -1):
            chosen = rows[start:end]
            if sum(item.price for item in chosen) in sums and not any(map(_is_sum, chosen)):
                return chosen
    raise Unanswerable(f"I read {compose.counted(len(lines), 'line')} and find no list of items that adds up to a sum.")


_SUMS = ("subtotal", "total")


def _item(row: tuple[Region, ...]) -> Item | None:
    """A row that starts with words and ends with an amount."""
    text = " ".join(line.text or "" for line in row).strip()
    amounts = [amount for amount in find_amounts(text) if amount.exact and amount.span[1] >= len(text) - 2]
    if not amounts:
        return None
    name = text[: amounts[-1].span[0]].strip(" .:-*$€£¥")
    counted = re.match(r"(\d{1,3})\s*(?:x|×|\*|pcs?\b)?\s+(?=[^\W\d])", name, re.IGNORECASE)
    pieces = int(counted[1]) if counted else None
    name = name[counted.end() :] if counted else name
    return Item(name, amounts[-1].value, row, pieces) if any(map(str.isalpha, name)) else None


def _is_sum(item: Item) -> bool:
    return documents.NAMES.get(plain(item.name)) is not None or bool(_OF_SUMS & set(plain(item.name).split()))


_OF_SUMS = bag("total subtotal cash change vat gst sst tax card visa mastercard paid due balance")


@dataclass(frozen=True)
class ListItems(OnEach):
    """What was bought."""

    @property
    def aim(self) -> str:
        """List the items."""
        return "list the items"

    def on(self, desk: Desk, image: Image) -> Draft:
        """Each with its price, resting on its row."""
        items = read_items(desk, image)
        said = [f"{item.name} ({item.price})" for item in items[:SHOWN]]
        more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
        text = f"{compose.counted(len(items), 'item').capitalize()}: {compose.listing(said)}{more}."
        return compose.say(text, "; ".join(item.name for item in items), _cited(items))


@dataclass(frozen=True)
class CountItems(OnEach):
    """How many items there are: as printed, or else the rows of the list."""

    @property
    def aim(self) -> str:
        """Count the items."""
        return "count the items"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The number that is printed, or that of the rows, and of the pieces where they are more."""
        if find_field("item count", desk.lines(image)) is not None:
            return documents.ValueOf("item count").on(desk, image)
        items = read_items(desk, image)
        pieces = sum(item.pieces or 1 for item in items)
        several = f", {pieces} pieces in all" if pieces != len(items) else ""
        said = compose.listing([item.name for item in items[:SHOWN]])
        text = f"{compose.counted(len(items), 'item').capitalize()}{several}: {said}."
        return compose.say(text, str(len(items)), _cited(items))


@dataclass(frozen=True)
class ExtremeItem(OnEach):
    """Which item costs the most or the least."""

    most: bool

    @property
    def aim(self) -> str:
        """Compare the items."""
        return "compare the prices of the items"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The item and its amount; all of them when several cost the same."""
        items = read_items(desk, image)
        best = (max if self.most else min)(item.price for item in items)
        found = [item for item in items if item.price == best]
        names = compose.listing([item.name for item in found])
        how = "most" if self.most else "least"
        cost = "costs" if len(found) == 1 else "cost"
        note = "".join(f", for {item.pieces}" for item in found[:1] if (item.pieces or 1) > 1)
        return compose.say(
            f"{names} {cost} the {how}: {best}{note}.", names, [(str(best), found[0].row[-1].handle), *_cited(found)]
        )


@dataclass(frozen=True)
class Bought(OnEach):
    """Whether something is among the items."""

    name: str

    @property
    def aim(self) -> str:
        """Look for the milk."""
        return f"look for the {self.name}"

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes with the row, or no where the list is read for certain."""
        items = read_items(desk, image)
        found = _called(self.name, items)
        if found:
            text = f"Yes: {compose.listing([f'{item.name} ({item.price})' for item in found])}."
            return compose.say(text, "yes", _cited(found))
        said = compose.listing([item.name for item in items[:SHOWN]])
        return compose.say(f"No: the items are {said}.", "no", _cited(items))


@dataclass(frozen=True)
class PiecesOf(OnEach):
    """How many pieces of an item there are, or what one of them costs."""

    name: str
    unit_price: bool = False

    @property
    def aim(self) -> str:
        """Look for the coffee."""
        return f"look for the {self.name}"

    def on(self, desk: Desk, image: Image) -> Draft:
        """The number in front of the item; its amount shared by it."""
        found = _called(self.name, read_items(desk, image))
        if len(found) != 1:
            raise Unanswerable(f"I find {compose.counted(len(found), 'item')} called “{self.name}”.")
        item = found[0]
        if not self.unit_price:
            if item.pieces is None:
                raise Unanswerable(f"There is “{item.name}”, and how many is not printed with it.")
            return compose.say(f"{item.pieces}: {item.pieces} x {item.name}.", str(item.pieces), _cited(found))
        each = (item.price / (item.pieces or 1)).quantize(Decimal("0.01"))
        shared = f" ({item.price} / {item.pieces})" if (item.pieces or 1) > 1 else ""
        return compose.say(
            f"One {item.name} is {each}{shared}.", str(each), [(str(item.price), item.row[-1].handle), *_cited(found)]
        )


def _called(name: str, items: Sequence[Item]) -> list[Item]:
    """The items of a name, in the singular or plural."""
    wanted = [_stem(word) for word in plain(name).split()]
    return [item for item in items if set(wanted) <= {_stem(word) for word in plain(item.name).split()}]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _cited(items: Sequence[Item]) -> list[tuple[str, str]]:
    return [(item.name, item.row[0].handle) for item in items]


def _extreme(most: bool) -> Callable[[], Program]:
    return lambda: ExtremeItem(most)


def _goods(words: Words) -> str | None:
    """What somebody may have bought: a few plain words that are neither a field nor a place."""
    name = slots.label(words)
    return name if name and all(map(slots.is_plain, words)) and name.casefold() not in documents.NAMES else None


_ITEMS = "items/things/articles/products/goods/purchases"
_ITEM = "item/items/thing/article/product/position/dish/drink/purchase"
_THERE = "(<is>/<does>) (there/<it>/<i>) (<buy>/listed/have/contain/included) (on/in) (<it>)"

TABLE: Table[Program] = Table(
    {"goods": _goods},
    (
        asks(
            CountItems,
            f"how many (different) {_ITEMS} {_THERE}",
            f"(what <is>) (the) number of {_ITEMS} {_THERE}",
            f"count (the) {_ITEMS}",
        ),
        asks(
            ListItems,
            f"(what <is>|<give>) (me) (all) (the) (different) {_ITEMS} {_THERE}",
            f"what/which {_ITEMS} {_THERE}",
            "what <does> <i> [buy|purchase|order|get|eat|drink|have] (there/here)",
            "what <is> [bought|purchased|ordered|sold] (there/here)",
            "what <does> <i> spend (the/my) (money) on",
        ),
        asks(
            _extreme(True),
            f"(what/which) (<is>) (the) (single) most expensive/costly (single) ({_ITEM}) (<is>) (on <it>)",
            f"what/which ({_ITEM}) <is> (the) [most expensive|dearest|costliest]",
            f"what/which ({_ITEM}) <does>/costs/cost (cost) (the) most",
        ),
        asks(
            _extreme(False),
            f"(what/which) (<is>) (the) (single) [cheapest|least expensive] ({_ITEM}) (<is>) (on <it>)",
            f"what/which ({_ITEM}) <is> (the) [cheapest|least expensive]",
            f"what/which ({_ITEM}) <does>/costs/cost (cost) (the) least",
        ),
        asks(
            Bought,
            "did <i> [buy|purchase|order|get|have] (a/an/any/some/the) {name:goods}",
            "<is> (a/an/any/some/the) {name:goods} [among|one of] the items",
        ),
        asks(
            PiecesOf,
            "how many {name:goods} <does> <i> [buy|purchase|order|get|have|pay for]",
            "how many {name:goods} <is> [bought|ordered|purchased|sold]",
        ),
        asks(
            lambda name: PiecesOf(name, unit_price=True),
            "how much <does>/<is> [one|a single|each|every] {name:goods} (cost/costs)",
            "(what <is>) (the) (unit) price [per|of one|for one|of a single|of each] {name:goods}",
            "(what <is>) (the) unit price of (the) {name:goods}",
            "what <does> [one|a single|each] {name:goods} cost",
        ),
    ),
)
