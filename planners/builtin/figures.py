"""Questions for the numbers on a chart: "which month had the most visitors?", "what is the highest value?"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, slots
from .charts import Bar, read_chart
from .desk import Desk, Unanswerable
from .patterns import Table, asks
from .places import plain
from .programs import OnEach, Program
from .quantities import Quantity, calculated
from .words import Words, bag


@dataclass(frozen=True)
class AboutChart(OnEach):
    """What questions about a chart share.

    Attributes:
        noun: what is counted ("visitors"), or empty; it must stand on the picture.
    """

    noun: str = field(default="", kw_only=True)

    @property
    def aim(self) -> str:
        """Read the numbers of the chart."""
        return "read the numbers of the chart"

    def bars(self, desk: Desk, image: Image) -> Sequence[Bar]:
        """The bars. Raises `Unanswerable` when no numbers are printed, or the chart is of something else."""
        lines = desk.lines(image)
        bars = read_chart(lines)
        if not bars:
            raise Unanswerable(
                f"I read {compose.counted(len(lines), 'line')} and find no chart whose numbers are printed with labels."
            )
        if self.noun and not _mentions(lines, self.noun):
            raise Unanswerable(f"There is a chart, but nothing on it says “{self.noun}”.")
        return bars


@dataclass(frozen=True)
class OneBar(AboutChart):
    """The number of one bar."""

    label: str

    def on(self, desk: Desk, image: Image) -> Draft:
        """The number that stands in its column."""
        bars = self.bars(desk, image)
        found = [bar for bar in bars if plain(bar.label) == plain(self.label)]
        if len(found) != 1:
            labels = compose.listing([bar.label for bar in bars])
            raise Unanswerable(f"There is no single “{self.label}” on the chart; its labels are {labels}.")
        return compose.say(f"{found[0].label}: {_text(found[0])}.", str(found[0].value), _cited(found))


@dataclass(frozen=True)
class ExtremeBar(AboutChart):
    """Which bar has the highest or lowest number, or that number."""

    highest: bool
    label: bool = True

    def on(self, desk: Desk, image: Image) -> Draft:
        """The label with its number; all of them when several are equal."""
        bars = self.bars(desk, image)
        best = (max if self.highest else min)(bar.value for bar in bars)
        found = [bar for bar in bars if bar.value == best]
        names = compose.listing([bar.label for bar in found])
        how = "highest" if self.highest else "lowest"
        text = f"{names}: {_text(found[0])}, the {how} of {len(bars)} numbers."
        return compose.say(text, names if self.label else str(best), _cited(found))


@dataclass(frozen=True)
class AllBars(AboutChart):
    """The sum, the average or the number of the bars."""

    how: str

    def on(self, desk: Desk, image: Image) -> Draft:
        """The result over every printed number."""
        bars = self.bars(desk, image)
        if self.how == "count":
            labels = compose.listing([bar.label for bar in bars])
            return compose.say(f"I read {len(bars)} numbers with labels: {labels}.", str(len(bars)), _cited(bars))
        quantities = [Quantity(bar.value, bar.label, ((_text(bar), bar.number.handle),)) for bar in bars]
        total = " + ".join(f"{{{at}}}" for at in range(len(bars)))
        formula = total if self.how == "sum" else f"({total}) / {len(bars)}"
        return calculated(desk, formula, quantities, f"the {self.how}")


@dataclass(frozen=True)
class ListBars(AboutChart):
    """Every label with its number."""

    def on(self, desk: Desk, image: Image) -> Draft:
        """In the order in which they stand."""
        bars = self.bars(desk, image)
        text = compose.listing([f"{bar.label} ({_text(bar)})" for bar in bars])
        return compose.say(f"The chart shows {text}.", ", ".join(bar.label for bar in bars), _cited(bars))


@dataclass(frozen=True)
class CompareBars(AboutChart):
    """Whether one bar is higher than another."""

    first: str
    second: str
    more: bool

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes or no, with both numbers."""
        a, b = (_value(OneBar(label, noun=self.noun), desk, image) for label in (self.first, self.second))
        word = compose.yes_no(a[1] > b[1] if self.more else a[1] < b[1])
        text = f"{word.capitalize()}: {a[0].label} has {_text(a[0])} and {b[0].label} has {_text(b[0])}."
        return compose.say(text, word, _cited([a[0], b[0]]))


@dataclass(frozen=True)
class Gap(AboutChart):
    """How much higher one bar is than another."""

    first: str
    second: str

    def on(self, desk: Desk, image: Image) -> Draft:
        """The difference."""
        both = [_value(OneBar(label, noun=self.noun), desk, image) for label in (self.first, self.second)]
        quantities = [Quantity(number, bar.label, ((_text(bar), bar.number.handle),)) for bar, number in both]
        return calculated(desk, "abs({0} - {1})", quantities, f"the difference between {self.first} and {self.second}")


def _value(one: OneBar, desk: Desk, image: Image) -> tuple[Bar, Decimal]:
    one.on(desk, image)
    bar = next(bar for bar in one.bars(desk, image) if plain(bar.label) == plain(one.label))
    return bar, bar.value


def _mentions(lines: Sequence[Region], noun: str) -> bool:
    said = {word.rstrip("s") for line in lines for word in plain(line.text or "").split()}
    return all(word.rstrip("s") in said for word in plain(noun).split())


def _text(bar: Bar) -> str:
    return (bar.number.text or "").strip()


def _cited(bars: Sequence[Bar]) -> list[tuple[str, str]]:
    return [pair for bar in bars for pair in ((_text(bar), bar.number.handle), (bar.label, bar.name.handle))]


def _noun(words: Words) -> str | None:
    """What is counted: one to three plain words that name no kind of number."""
    name = slots.label(words)
    return name if name and all(map(slots.is_plain, words)) and not _NO_NOUN & {word.text for word in words} else None


_NO_NOUN = bag("words lines letters numbers digits times people items pictures barcodes codes shapes more total")


def _extreme(highest: bool, label: bool) -> Callable[..., ExtremeBar]:
    return lambda noun="": ExtremeBar(highest, label, noun=noun)


def _over(how: str) -> Callable[..., AllBars]:
    return lambda noun="": AllBars(how, noun=noun)


_KIND = "month/year/day/quarter/week/bar/column/category/label/country/city/product/group/team/name/one/region/season"
_HAS = "has/had/have/<is>/shows/saw/got/reached"
_VALUE = "value/number/bar/figure/point/column"
_CHART = "chart/graph/diagram/plot/bars/values/numbers/columns"

TABLE: Table[Program] = Table(
    {"noun": _noun, "label": slots.label, "first": slots.label, "second": slots.label},
    (
        asks(
            _extreme(True, True),
            f"[what|which|in which|in what] {_KIND} ({_HAS}) (there) (the) [most|highest|largest|biggest|greatest] "
            f"({{noun}})",
            f"[what|which] {_KIND} <is> (the) [highest|largest|tallest|biggest|best]",
            "when <is>/<does> (there) (the) [most|highest number of] {noun}",
        ),
        asks(
            _extreme(False, True),
            f"[what|which|in which|in what] {_KIND} ({_HAS}) (there) (the) [fewest|least|lowest|smallest] ({{noun}})",
            f"[what|which] {_KIND} <is> (the) [lowest|smallest|shortest|worst]",
            "when <is>/<does> (there) (the) [fewest|least] {noun}",
        ),
        asks(
            _extreme(True, False),
            f"(what <is>) (the) [highest|largest|biggest|maximum|max|greatest] {_VALUE} (shown/here)",
            "(what <is>) (the) maximum",
        ),
        asks(
            _extreme(False, False),
            f"(what <is>) (the) [lowest|smallest|minimum|min|least] {_VALUE} (shown/here)",
            "(what <is>) (the) minimum",
        ),
        asks(
            _over("sum"),
            f"(what <is>) (the) [sum|total] of (all) (the) {_CHART}",
            "how many {noun} (<is>) (there) [in total|altogether|in all|overall]",
            "(what <is>) (the) total number of {noun}",
            f"add up (all) (the) {_CHART}",
        ),
        asks(
            _over("average"),
            f"(what <is>) (the) [average|mean] (of (all) (the) {_CHART}|value/number)",
            "(what <is>) (the) [average|mean] number of {noun} (per month/year/day/week)",
        ),
        asks(
            _over("count"),
            "how many [bars|columns|categories] (<is>/<does>) (there/<it>) (have/shown) (in/on) (the) (chart/graph)",
        ),
        asks(
            ListBars,
            "what/which [months|years|days|categories|labels|bars|countries|products|values|data] (<is>) (there) "
            "([shown|listed|displayed|covered]) (in/on) (the) (chart/graph)",
            "what <does> (the) [chart|graph|diagram|plot] (show/say)",
            "<give> (me) (all) (the) [values|data] of (the) (chart/graph)",
        ),
        asks(
            lambda first, second, noun="": CompareBars(first, second, True, noun=noun),
            "did/does {first} have/get/see more {noun} than {second}",
            "<is> there more {noun} in {first} than (in) {second}",
            "<is> {first} higher than {second}",
        ),
        asks(
            lambda first, second, noun="": CompareBars(first, second, False, noun=noun),
            "did/does {first} have/get/see [fewer|less] {noun} than {second}",
            "<is> there [fewer|less] {noun} in {first} than (in) {second}",
            "<is> {first} lower than {second}",
        ),
        asks(
            lambda first, second, noun="": Gap(first, second, noun=noun),
            "how many/much more/fewer/less {noun} (<is> (there)) [in|on|for] {first} than (in/on/for) {second}",
            "how many/much more/fewer/less {noun} <does> {first} have than {second}",
        ),
        asks(
            lambda label, noun="": OneBar(label, noun=noun),
            "how many/much {noun} (<is>/<does>/came) (there) [in|for|on] {label}",
            "how many/much {noun} <does>/has {label} have/has/get/see",
            "(what <is>) (the) number of {noun} [in|for] {label}",
            f"(what <is>) (the) {_VALUE} [in|for|at|above] {{label}}",
            "how [high|tall|large|big] <is> (the) bar/column [for|of] {label}",
        ),
    ),
)
