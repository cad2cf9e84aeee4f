"""Questions about two pictures: "are these the same", "what changed", "which receipt is more expensive?"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ...jsonable import Json
from ...tools.calls import Observation, ToolResult
from ...vision.image import Image
from ..base import Draft
from . import compose, documents, slots
from .desk import Desk, Unanswerable
from .fields import Field
from .patterns import Table, asks
from .programs import Program
from .scopes import All, Named, Scoped


@dataclass(frozen=True)
class Same(Program):
    """Whether two pictures are the same."""

    negated: bool = False

    @property
    def aim(self) -> str:
        """Compare them."""
        return "say whether they are the same"

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """Yes or no, with what the tool `compare` says."""
        result = _compared(desk, images)
        seen = result.observation or Observation()
        same = _is_same(seen)
        if same is None:
            return compose.say(seen.text, "", [(seen.text, result.call.id)])
        word = compose.yes_no(same != self.negated)
        return compose.say(f"{word.capitalize()}: {seen.text}", word, [(seen.text, result.call.id)])


@dataclass(frozen=True)
class Changes(Program):
    """What differs between two pictures."""

    @property
    def aim(self) -> str:
        """Compare them."""
        return "say what differs"

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """What the tool `compare` says, resting on the places that differ."""
        result = _compared(desk, images)
        seen = result.observation or Observation()
        handles = [result.call.id, *(region.handle for region in seen.regions)]
        value = _places(seen)
        return compose.say(seen.text, value, [(seen.text, handle) for handle in handles])


@dataclass(frozen=True)
class Extreme(Program):
    """Which of several documents has the highest or lowest value, or the earlier or later date."""

    name: str
    highest: bool

    @property
    def aim(self) -> str:
        """Compare the totals."""
        return f"compare the {self.name}s"

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """The picture, with the values of all."""
        chosen = images if len(images) > 1 else All(2).images(desk)
        found = desk.each(chosen, lambda image: documents.read_value(desk, image, self.name))
        keys = [_key(field) for field in found]
        said = [f"{compose.title(image)} has {field.value}" for image, field in zip(chosen, found, strict=True)]
        cite = [(field.value, region.handle) for field in found for region in field.regions[:1]]
        best = max(keys) if self.highest else min(keys)
        if keys.count(best) > 1:
            return compose.say(f"The {self.name} is the same: {compose.listing(said)}.", "equal", cite)
        winner = chosen[keys.index(best)]
        how = _HOW[isinstance(best, Decimal), self.highest]
        text = f"{compose.title(winner)} has the {how} {self.name}: {compose.listing(said)}."
        return compose.say(text, winner.handle, [(compose.title(winner), winner.handle), *cite])


@dataclass(frozen=True)
class SameValue(Program):
    """Whether documents agree in a value."""

    name: str

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """Yes or no, with the values of all."""
        chosen = images if len(images) > 1 else All(2).images(desk)
        found = desk.each(chosen, lambda image: documents.read_value(desk, image, self.name))
        word = compose.yes_no(len({field.value.casefold() for field in found}) == 1)
        said = [f"{compose.title(image)} has {field.value}" for image, field in zip(chosen, found, strict=True)]
        cite = [(field.value, region.handle) for field in found for region in field.regions[:1]]
        return compose.say(f"{word.capitalize()}: {compose.listing(said)}.", word, cite)


def _compared(desk: Desk, images: Sequence[Image]) -> ToolResult:
    chosen = images if len(images) > 1 else All(2).images(desk)
    if len(chosen) != 2:
        raise Unanswerable(f"I compare two pictures, and there are {len(chosen)}: name two, such as img_1 and img_2.")
    return desk.ask("compare", a=chosen[0].handle, b=chosen[1].handle)


def _places(seen: Observation) -> str:
    """How many places differ; the tool shows each on both pictures. Empty when it names none."""
    images = [region.image.handle for region in seen.regions]
    return str(max(map(images.count, images))) if images else ""


def _is_same(seen: Observation) -> bool | None:
    """Whether a result of `compare` says that nothing differs; None when it does not say."""
    data: Mapping[str, Json] = seen.data if isinstance(seen.data, Mapping) else {}
    for key in ("same", "identical", "equal"):
        if isinstance(data.get(key), bool):
            return bool(data[key])
    return False if seen.regions else None


def _key(field: Field) -> Decimal | str:
    """What values are compared by: amounts as numbers, dates as ISO text. Raises `Unanswerable` for other values."""
    try:
        return Decimal(field.value)
    except InvalidOperation:
        if field.name in ("date", "due date", "time"):
            return field.value
        raise Unanswerable(f"The {field.name} “{field.text}” is nothing I can order.") from None


_HOW = {(True, True): "highest", (True, False): "lowest", (False, True): "latest", (False, False): "earliest"}


def _extreme(name: str, highest: bool) -> Callable[[], Program]:
    return lambda: Extreme(name, highest)


def _same_two(i: str, j: str) -> Program:
    return Scoped(Same(), Named((i, j)))


def _most(name: str) -> Program:
    return Extreme(name, highest=True)


def _least(name: str) -> Program:
    return Extreme(name, highest=False)


_WHICH = "(what/which) (one) (of) (the) (two/both/these) (<paper>/<picture>/one/them/purchase) (<is>/<does>/has)"
_TWO = "(the/these/those/both) (two/both) (<picture>/<paper>/files)"

TABLE: Table[Program] = Table(
    {"name": documents.field, "i": slots.image, "j": slots.image},
    (
        asks(
            SameValue,
            f"<is>/do (the) {{name}} {_TWO} (the) same/identical/equal",
            f"<does> {_TWO} (they) have the same {{name}}",
            f"<does> {_TWO} (they) share (the) {{name}}",
            f"<is> {_TWO} (they/<it>) (issued/sold/bought) [from|by|at|on|in] the same {{name}}",
            f"<does> {_TWO} (they) come from the same {{name}}",
        ),
        asks(
            Same,
            f"<is> {_TWO} (they/<it>) (exactly/really) (the) same/identical/equal/duplicates (<picture>)",
            f"<does> {_TWO} (they) match",
            "same (<picture>)",
            "is <it> the same",
        ),
        asks(
            lambda: Same(negated=True),
            f"<is> {_TWO} (they/<it>) (really) (not/any) different/differ (the same)",
            f"<does> {_TWO} (they) differ",
            f"<is> {_TWO} (they) not (the) same/identical/equal",
            "<is> there (a/any) difference/differences/changes (between) (them) " + _TWO,
        ),
        asks(
            _same_two,
            "<is> {i} (exactly) (the) [same as|identical to|equal to|like] {j}",
            "<is> {i} and {j} (the) same",
        ),
        asks(
            _most,
            "compare (the) {name} ([of|between] the two)",
        ),
        asks(
            Changes,
            f"what/which (has/have/<is>) [changed|different|change|changes] (between) {_TWO} (them)",
            "(what <is>|what <does>|<give>) (me) (the) difference/differences/differ/changes (between/of/in) "
            f"{_TWO} (them)",
            f"compare {_TWO} (<it>/them) (to each other)",
            "spot the difference/differences",
            "how <does> <it> differ",
            f"how <is> {_TWO} (they) different",
            "where <does>/<is> <it> [differ|different]",
            f"how many differences (<is>) (there) (between) {_TWO} (them)",
        ),
        asks(
            _extreme("total", True),
            f"{_WHICH} [more expensive|most expensive|dearer|costlier|pricier|cost more|costs more|costs the "
            "most|higher|the more expensive]",
            "<picture>/<paper> that costs more",
        ),
        asks(
            _extreme("total", False),
            f"{_WHICH} (the) [cheaper|cheapest|less expensive|least expensive|cost less|costs less|costs the "
            "least|lower]",
        ),
        asks(
            _extreme("date", False),
            f"{_WHICH} (the) (dated/from) [earlier|earliest|older|oldest|first|came first|before]",
        ),
        asks(
            _extreme("date", True),
            f"{_WHICH} (the) (dated/from) [later|latest|newer|newest|most recent|more recent|recent|last]",
        ),
        asks(
            _most,
            f"{_WHICH} (the) "
            f"[higher|highest|larger|largest|bigger|biggest|greater|greatest|later|latest|more|most] {{name}}",
        ),
        asks(
            _least,
            f"{_WHICH} (the) [lower|lowest|smaller|smallest|earlier|earliest|less|least] {{name}}",
        ),
    ),
)
