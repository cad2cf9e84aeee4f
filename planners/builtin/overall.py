"""Questions that take one number from several documents: "sum of both totals", "average total"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...vision.image import Image
from ..base import Draft
from . import compose, documents
from .desk import Desk
from .patterns import Table, asks
from .programs import Program
from .quantities import Reading, calculated
from .scopes import ONE, Scope


@dataclass(frozen=True)
class OverAll(Program):
    """One number out of the same value on several pictures: their sum, difference or average."""

    how: str
    name: str

    @property
    def aim(self) -> str:
        """Calculate."""
        return f"calculate the {self.how}"

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """The result, with each value resting on its region."""
        several = images if len(images) > 1 else list(desk.conversation.images)
        quantities = desk.each(several, lambda image: Reading(self.name).quantity(desk, image))
        if len(quantities) < 2:
            return documents.ValueOf(self.name).answer(desk, images)
        numbers = " + ".join(f"{{{at}}}" for at in range(len(quantities)))
        formula = {"sum": numbers, "average": f"({numbers}) / {len(quantities)}"}.get(self.how, "abs({0} - {1})")
        if self.how == "difference":
            high, low = sorted(quantities, key=lambda quantity: -quantity.number)[:2]
            quantities, formula = [high, low], "{0} - {1}"
        return calculated(desk, formula, quantities, f"the {self.how} of the {self.name} of {_handles(several)}")


def _handles(images: Sequence[Image]) -> str:
    return compose.listing([image.handle for image in images])


def _price_gap(**_: Scope) -> Program:
    return OverAll("difference", "total")


def _over(how: str) -> Callable[..., Program]:
    return lambda name: OverAll(how, name)


W = "(what <is>|how much <is>|calculate|compute|work out|<give>) (me) (the) (result of) (the)"
BOTH = "([of|in|on|from|for|between] (the) both/all/two/these/<paper>/<picture>) (<paper>/<picture>)"

TABLE: Table[Program] = Table(
    {"name": documents.field, "i": ONE.read, "j": ONE.read},
    (
        asks(
            _over("sum"),
            f"{W} [sum/combined/added|sum of] (the) {{name}} {BOTH} (combined/together)",
            f"{W} {{name}} {BOTH} combined/together",
            f"(add) (up) (the) {{name}} {BOTH} together",
            f"add up (the) {{name}} {BOTH}",
        ),
        asks(
            lambda: OverAll("sum", "total"),
            f"how/what (much) <is>/<does> (<it>/<i>) (all) (cost/pay/spend/spent/paid/come/owe) (to) (for/on) (<it>) "
            f"{BOTH} [altogether|together|combined|in all]",
            "add <it> (all) up",
        ),
        asks(
            _over("difference"),
            f"{W} difference (of/between/in) (the) {{name}} {BOTH}",
            "by/how much (do/does) (the) {name} differ",
        ),
        asks(
            _over("average"),
            f"{W} [average/mean|average of] (of) (the) {{name}} {BOTH}",
        ),
        asks(
            _price_gap,
            "how much [more expensive|cheaper|more|less] <is> {i} than {j}",
        ),
    ),
)
