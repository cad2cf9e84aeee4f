"""Questions that read the same about a chart and about things: "how many visitors in March", "how many cups in all"."""

from __future__ import annotations

from dataclasses import dataclass

from ...vision.image import Image
from ..base import Draft
from .counting import CountThings
from .desk import Desk
from .finding import findable
from .locating import known_by_name
from .programs import OnEach, Program, attempt


@dataclass(frozen=True)
class ChartOrThings(OnEach):
    """A number that stands on a chart, or else that of things which a tool finds."""

    chart: Program
    things: CountThings

    @property
    def aim(self) -> str:
        """The aim of counting."""
        return self.things.aim

    def on(self, desk: Desk, image: Image) -> Draft:
        """Things first where a tool knows them by name, and the chart first otherwise; none found is not believed."""
        if not findable(desk, self.things.thing):
            return attempt(self.chart, desk, [image])
        known = known_by_name(desk, self.things.thing)
        first, second = (self.things, self.chart) if known else (self.chart, self.things)
        draft = attempt(first, desk, [image])
        if draft.complete and draft.value != "0":
            return draft
        other = attempt(second, desk, [image])
        return other if other.complete or second is self.things else draft
