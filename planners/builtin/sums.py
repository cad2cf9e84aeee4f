"""Questions that calculate with values that were read: "total minus tax", "split the total by 3"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...vision.image import Image
from ..base import Draft
from . import compose
from .desk import Desk
from .overall import W
from .patterns import Table, asks
from .programs import OnEach, Program
from .quantities import Reading, Term, amount, calculate, calculated, is_free, known, term, terms
from .scopes import ONE


@dataclass(frozen=True)
class Compute(OnEach):
    """A calculation.

    Attributes:
        terms: the numbers in it.
        formula: what the tool `calculate` is asked, with `{0}`, `{1}` for the terms.
        wording: the same in words.
        unit: what follows the result, such as `%`.
    """

    terms: tuple[Term, ...]
    formula: str
    wording: str
    unit: str = ""

    @property
    def aim(self) -> str:
        """Calculate."""
        return "calculate"

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """One result for each picture; a single one when the terms do not depend on the picture."""
        return self._result(desk, None) if all(map(is_free, self.terms)) else super().answer(desk, images)

    def on(self, desk: Desk, image: Image) -> Draft:
        """The result for this picture."""
        return self._result(desk, image)

    def _result(self, desk: Desk, image: Image | None) -> Draft:
        quantities = desk.each(self.terms, lambda term: term.quantity(desk, image))
        wording = self.wording.format(*(quantity.what for quantity in quantities))
        return calculated(desk, self.formula, quantities, wording, self.unit)


@dataclass(frozen=True)
class Holds(OnEach):
    """Whether one number, or the sum of two, is more than, less than or equal to another."""

    left: tuple[Term, ...]
    how: str
    right: Term

    @property
    def aim(self) -> str:
        """Compare the numbers."""
        return "compare the numbers"

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """One verdict for each picture; a single one when the terms do not depend on the picture."""
        free = all(map(is_free, (*self.left, self.right)))
        return self._verdict(desk, None) if free else super().answer(desk, images)

    def on(self, desk: Desk, image: Image) -> Draft:
        """The verdict for this picture."""
        return self._verdict(desk, image)

    def _verdict(self, desk: Desk, image: Image | None) -> Draft:
        """Yes or no, with both numbers."""
        *left, right = desk.each((*self.left, self.right), lambda term: term.quantity(desk, image))
        total, cite = left[0].number, []
        if len(left) > 1:
            total, call_id = calculate(desk, " + ".join(str(quantity.number) for quantity in left))
            cite = [(str(total), call_id)]
        word = compose.yes_no(_COMPARE[self.how](total, right.number))
        name = " plus ".join(quantity.what for quantity in left)
        text = f"{word.capitalize()}: {_named(name, total)} and {_named(right.what, right.number)}."
        return compose.say(text, word, [*cite, *(pair for quantity in (*left, right) for pair in quantity.cite)])


def _named(what: str, number: Decimal) -> str:
    return f"the number to compare with is {number}" if what == str(number) else f"the {what} is {number}"


_COMPARE: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "more": lambda a, b: a > b,
    "less": lambda a, b: a < b,
    "equal": lambda a, b: a == b,
    "at least": lambda a, b: a >= b,
    "at most": lambda a, b: a <= b,
}


def _formula(formula: str, wording: str, unit: str = "") -> Callable[..., Program]:
    def make(a: Term, b: Term, c: Term | None = None) -> Program:
        terms = (a, b) if c is None else (a, b, c)
        return Compute(terms, formula, wording, unit)

    return make


def _holds(how: str) -> Callable[..., Program]:
    return lambda a, b: Holds((a,), how, b)


def _compare_totals(how: str) -> Callable[..., Program]:
    return lambda i, j: Holds((Reading("total", i),), how, Reading("total", j))


def _share_of_total(b: Term) -> Program:
    return Compute((b, Reading("total")), "{0} / {1} * 100", "the share of {0} in {1}", "%")


def _sum_of(terms: tuple[Term, ...]) -> Program:
    formula = " + ".join(f"{{{at}}}" for at in range(len(terms)))
    return Compute(terms, formula, formula.replace("+", "plus"))


def _half(a: Term) -> Program:
    return Compute((a,), "{0} / 2", "half of {0}")


def _with_paid(b: Term) -> Program:
    return Compute((b, Reading("total")), "{0} - {1}", "the change from {0}")


def _each_of(b: Term) -> Program:
    return Compute((Reading("total"), b), "{0} / {1}", "{0} split by {1}")


TABLE: Table[Program] = Table(
    {
        "a": term,
        "b": term,
        "c": term,
        "known": known,
        "terms": terms,
        "amount": amount,
        "i": ONE.read,
        "j": ONE.read,
    },
    (
        asks(
            lambda a, b, c: Holds((a, b), "equal", c),
            "<does>/do (the) {a} and/plus/+ (the) {b} [add up to|sum up to|sum to|equal|make|give|come "
            "to|match] (the) {c}",
            "<is> (the) {a} plus/+ (the) {b} [equal to|the same as|equal|=] (the) {c}",
            "<is> (the) {c} (equal to) (the) sum of (the) {a} and (the) {b}",
        ),
        asks(
            _formula("{1} / {0} * 100", "the share of {1} in {0}", "%"),
            "what/which [percent|percentage|share|portion|fraction|part] (of) (the) {a} <is> (the) {b}",
            "how many percent (of) (the) {a} <is> (the) {b}",
        ),
        asks(
            _formula("{0} / {1} * 100", "the share of {0} in {1}", "%"),
            f"{W} {{a}} [as|in] (a/an) [percentage|percent|share] of (the) {{b}}",
            "what [percent|percentage] <is> (the) {a} of (the) {b}",
        ),
        asks(
            _share_of_total,
            "what/which/how [percent|percentage|share] <is> (the) {b}",
        ),
        asks(
            _half,
            f"{W} half (of) (the) {{a}}",
        ),
        asks(
            _formula("{0} / 100 * {1}", "{0}% of {1}"),
            f"{W} {{a}} percent (tip) (of/from/on) (the) {{b}}",
        ),
        asks(
            _with_paid,
            "(what <is>|how much <is>|how much) (the) (my) change (do/would/will/should) (i/we) (get) (back) "
            "(if) (i/we) [pay|paid|give|gave|hand over|with|from|for|to] (with) (a) {b} (note/bill)",
            "how much (change) (do/would/will/should) (i/we) get back (if) (i/we) "
            "[pay|paid|give|gave|from|for] (with) {b}",
            "(if) i [pay|paid|give|gave] (with) {b} (,) [how much|what] (change) (is/do/would/will) (the/my/i) "
            "(change/get) (back)",
        ),
        asks(
            _formula("{0} / {1}", "{0} split by {1}"),
            "split/divide/share (the) {a} (equally/evenly) [by|between|among|amongst|in|into|with|across] {b} "
            "(people/ways/persons/friends/parts|of us)",
            "how much <is> (the) {a} (each) (split/shared/divided) [by|between|among|per person for|for each "
            "of] {b} (people/ways/persons/friends)",
        ),
        asks(
            _each_of,
            "how much (<is>/<does>) (it/each/everyone/everybody/that) (per) (person) (pay) (each) (if) (we) "
            "(are/split) (<it>) [split|for|among|between|by|are|with|into|divided by] {b} "
            "(people/ways/persons/friends|of us)",
            "split <it>/everything (by/between/among/for/in/into) {b} (people/ways/persons/friends/parts)",
        ),
        asks(
            _formula("{0} - {1}", "{0} minus {1}"),
            f"{W} {{a}} [minus|-|less|without|excluding|before|after deducting] (the) {{b}}",
        ),
        asks(
            lambda a, b: _formula("{0} - {1}", "{0} minus {1}")(b, a),
            "(what <is>) subtract/deduct/subtracting/take (the) {a} [from|off|away from] (the) {b}",
        ),
        asks(
            _formula("abs({0} - {1})", "the difference between {0} and {1}"),
            f"{W} difference (between/of) (the) {{a}} [and|to] (the) {{b}}",
            "how much more <is> (the) {a} than (the) {b}",
        ),
        asks(
            _sum_of,
            f"{W} [sum|total] of {{terms}} (together)",
            f"{W} {{terms}} [together|combined|in total|added up|altogether]",
            "(what is) add/adding (up/together) {terms}",
            "what/how much <does>/<is> {terms} (cost) (all) [together|combined|in total|altogether]",
        ),
        asks(
            _formula("{0} + {1}", "{0} plus {1}"),
            f"{W} {{a}} [plus|+|added to|together with|including] (the) {{b}}",
            f"{W} sum of (the) {{a}} and (the) {{b}}",
            "(what is) add/adding (together/up) (the) {a} [and|to] (the) {b}",
            f"{W} {{a}} and (the) {{b}} (added/summed) [together|combined|in total|added up]",
        ),
        asks(
            _formula("{0} * {1}", "{0} times {1}"),
            f"{W} {{a}} [times|*|multiplied by|x] (the) {{b}}",
        ),
        asks(
            _formula("{0} / {1}", "{0} divided by {1}"),
            f"{W} {{a}} [/|divided by|over] (the) {{b}}",
        ),
        asks(
            _compare_totals("more"),
            "<is> {i} [more expensive|dearer|costlier|pricier|higher|more] than {j}",
        ),
        asks(
            _compare_totals("less"),
            "<is> {i} [cheaper|less expensive|lower|less] than {j}",
        ),
        asks(
            _holds("more"),
            "<is> (the) {a:known} [more|greater|larger|higher|bigger|above|over|exceeding] (than) (the) {b}",
            "<does> (the) {a} exceed (the) {b}",
        ),
        asks(
            _holds("less"),
            "<is> (the) {a:known} [less|smaller|lower|below|under|cheaper] (than) (the) {b}",
        ),
        asks(
            _holds("at least"),
            "<is> (the) {a} at least (the) {b}",
        ),
        asks(
            _holds("at most"),
            "<is> (the) {a} at most (the) {b}",
        ),
        asks(
            _holds("equal"),
            "<is> (the) {a:known} {b:amount}",
            "<is> (the) {a} (exactly) [equal to|the same as|exactly|=] (the) {b}",
            "<does> (the) {a} [equal|match] (the) {b}",
        ),
    ),
)
