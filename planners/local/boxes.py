"""The grammar of a box: four numbers in range, of which the first pair lies before the second.

That left < right and top < bottom is more than a JSON schema can say. llguidance's parametric rules can: while left and
top are written, their digits are noted in 32 bits (four bits a digit); right and bottom are compared with them digit
by digit, from the front. A number is "above" as soon as one of its digits was greater, and "tight" as long as all of
its digits are those of the greatest number allowed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from ...vision.frame import SizeWh
from ...vision.units import CoordinateUnit

DIGITS = 4
"""Digits of a coordinate at most: pictures are shown at less than 10,000 pixels a side."""

_BITS = 4
_NEVER = '"" %if lt(_, 0)'


def orderable(unit: CoordinateUnit, extent_wh: SizeWh) -> bool:
    """Whether the order of a box's sides can be told to a grammar."""
    return unit is not CoordinateUnit.PIXELS or max(extent_wh) < 10**DIGITS


def box_rules(unit: CoordinateUnit, extent_wh: SizeWh) -> str:
    """Lark rules; the first one, `box`, is left, top, right, bottom as JSON in a unit.

    Args:
        unit: what the numbers count.
        extent_wh: the largest numbers in pixels; other units have their own.
    """
    width, height = extent_wh if unit is CoordinateUnit.PIXELS else (1000, 1000)
    fractions = unit is CoordinateUnit.UNIT
    sides = [
        _Side("left", 0, width - 1, '", " top', notes=True, fractions=fractions),
        _Side("top", 1, height - 1, '", " right', notes=True, fractions=fractions),
        _Side("right", 0, width, '", " bottom', notes=False, fractions=fractions),
        _Side("bottom", 1, height, '"]" end', notes=False, fractions=fractions),
    ]
    # The last rule has a condition, which always holds, because llguidance wants parameters to be used.
    end = 'end::_: "" %if ge(_, 0)\n'
    return 'box: "[" left::0x0\n' + end + "".join(rule for side in sides for rule in side.rules())


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the four numbers.

    Attributes:
        name: of its rules.
        axis: 0 for x, 1 for y.
        most: the greatest value; thousandths when `fractions`.
        then: what follows it.
        notes: whether its digits are noted; otherwise they are compared with those noted on its axis.
        fractions: whether it is written as 0.000 to 1.000.
    """

    name: str
    axis: int
    most: int
    then: str
    notes: bool
    fractions: bool

    def rules(self) -> Iterator[str]:
        yield f"{self.name}::_: {' | '.join(self._starts())}\n"
        states = list(itertools.product((False,) if self.notes else (False, True), (False, True)))
        for position, (above, tight) in itertools.product(range(len(str(self.most))), states):
            options = " | ".join(self._digits(position, range(10), above=above, tight=tight)) or _NEVER
            yield f"{self._rule(position, above=above, tight=tight)}::_: {options}\n"

    def _starts(self) -> Iterator[str]:
        """One alternative for each number of digits."""
        if self.fractions:
            lead = self._rule(2, above=False, tight=False)
            if self.notes:
                yield f'"0." {lead}::_'
            else:
                yield f'"0." {lead}::_ %if lt([{self._at(0)}:{self._at(3)}], 0x999)'
                yield f'"1.000" {self._next("_")}'
            return
        length = len(str(self.most))
        for digits in range(1, length + 1):
            first = range(0 if digits == 1 else 1, 10)
            for option in self._digits(digits - 1, first, above=False, tight=digits == length):
                # A number of fewer digits is only compared when the noted one has no more than it.
                longer = "" if self.notes or digits == DIGITS else f"[{self._at(digits)}:{self._at(DIGITS)}]"
                yield _also(option, f"is_zeros({longer})") if longer else option

    def _digits(self, position: int, digits: range, *, above: bool, tight: bool) -> Iterator[str]:
        """An alternative for each digit at a position; units are at 0."""
        limit = int(str(self.most).zfill(DIGITS)[-1 - position])
        for digit in digits:
            if tight and digit > limit:
                return
            still_tight = tight and digit == limit
            if self.notes:
                yield self._noted(position, digit, tight=still_tight)
            elif above:
                yield f'"{digit}" {self._after(position, above=True, tight=still_tight)}'
            else:
                yield from self._compared(position, digit, tight=still_tight)

    def _noted(self, position: int, digit: int, *, tight: bool) -> str:
        argument = f"bit_or({digit << self._at(position)})"
        return f'"{digit}" {self._after(position, above=False, tight=tight, argument=argument)}'

    def _compared(self, position: int, digit: int, *, tight: bool) -> Iterator[str]:
        noted = f"[{self._at(position)}:{self._at(position + 1)}]"
        if digit:
            yield f'"{digit}" {self._after(position, above=True, tight=tight)} %if lt({noted}, {digit})'
        if position:
            # An equal digit only helps when the rest can still be greater than what was noted.
            rest = str(self.most).zfill(DIGITS)[-position:] if tight else "9" * position
            greater = f"lt([{self._at(0)}:{self._at(position)}], 0x{rest})"
            after = self._after(position, above=False, tight=tight)
            yield f'"{digit}" {after} %if and(eq({noted}, {digit}), {greater})'

    def _after(self, position: int, *, above: bool, tight: bool, argument: str = "_") -> str:
        if position == 0:
            return self._next(argument)
        return f"{self._rule(position - 1, above=above, tight=tight)}::{argument}"

    def _next(self, argument: str) -> str:
        return f"{self.then}::{argument}"

    def _rule(self, position: int, *, above: bool, tight: bool) -> str:
        return f"{self.name}_{position}{'_above' if above else ''}{'_tight' if tight else ''}"

    def _at(self, position: int) -> int:
        """The first bit of a digit."""
        return (self.axis * DIGITS + position) * _BITS


def _also(option: str, condition: str) -> str:
    """An alternative under one more condition."""
    symbols, asked, given = option.partition(" %if ")
    return f"{symbols} %if and({condition}, {given})" if asked else f"{symbols} %if {condition}"
