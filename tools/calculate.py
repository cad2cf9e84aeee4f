"""Exact arithmetic: decimal numbers, a few functions, and nothing that could run anything else."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException, Inexact, localcontext

from ..errors import InvalidArguments
from .calls import Observation
from .tool import tool

MAX_LENGTH = 500
"""Characters of an expression."""

MAX_DEPTH = 40
"""How deep parentheses and functions may be nested."""

MAX_DIGITS = 100
"""Digits before the point of any number on the way."""

SHOWN_DIGITS = 12
"""Significant digits of results that have no end, such as 1/3."""

_CONTEXT = Context(prec=MAX_DIGITS + 50, rounding=ROUND_HALF_UP)
_CURRENCY = re.compile(r"[$€£¥₹₩]|(?<![A-Za-z])(?:USD|EUR|GBP|MYR|RM|CHF|JPY|INR)(?![A-Za-z])")
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "^": "**"})
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_PERCENT = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*%(?!\s*[\d.(A-Za-z])")
_PERCENT_OF = re.compile(r"%\s*of\s+")
_NUMBER = re.compile(r"\d[\d_]*(\.\d*)?([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?")
_NO_RESULT = "Check for a division by zero or the root of a negative number."
_REMEDY = "Write numbers, + - * / // % **, parentheses, and min max sum mean round abs sqrt. 12.5% means 0.125."


@tool(
    avoid="Counting things and comparing pictures.",
    limits=f"Numbers of at most {MAX_DIGITS} digits. Inside a function commas separate its arguments; elsewhere they "
    "group thousands.",
    example={"expression": "19.90 * 3 - 10%*59.70"},
)
def calculate(expression: str) -> Observation:
    """Calculate exactly, in decimal: sums of money come out to the cent.

    Args:
        expression: such as "(112.45 - 6.37) / 2", "sum(1.20, 3.40)", "1,250.00 * 6%" or "round(2/3, 2)".
    """
    source = _source(expression)
    tree = _parsed(source, expression)
    try:
        with localcontext(_CONTEXT) as context:
            value = _Calculator(source).value(tree)
            exact = not context.flags[Inexact]
    except DecimalException as error:
        raise _refused(f"{_short(expression)} has no result.", _NO_RESULT) from error
    shown = _shown(value, exact=exact)
    return Observation(
        text=f"{_short(expression)} {'=' if exact else '≈'} {shown}",
        data={"expression": expression, "value": shown, "exact": exact},
    )


def _source(expression: str) -> str:
    """The expression as Python would write it."""
    if len(expression) > MAX_LENGTH:
        raise _refused(f"The expression has {len(expression)} characters; {MAX_LENGTH} are the limit.")
    text = _CURRENCY.sub(" ", expression).translate(_SIGNS)
    text = _PERCENT_OF.sub("% * ", _without_thousands(text))
    return _PERCENT.sub(r"percent(\1)", text).strip()


def _parsed(source: str, expression: str) -> ast.expr:
    try:
        return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _refused(f"{_short(expression)!r} is not an expression.") from error


def _without_thousands(text: str) -> str:
    """1,250.00 becomes 1250.00, but not among the arguments of a function."""
    return "".join(
        piece if inside else _THOUSANDS.sub(lambda found: found.group().replace(",", ""), piece)
        for piece, inside in _by_function(text)
    )


def _by_function(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is inside the parentheses of a function."""
    pieces: list[tuple[str, bool]] = []
    stack: list[bool] = []
    begin = 0
    for place, character in enumerate(text):
        if character in "([":
            called = character == "[" or bool(re.search(r"[A-Za-z_]\s*$", text[:place]))
            pieces.append((text[begin:place], any(stack)))
            begin = place
            stack.append(called)
        elif character in ")]" and stack:
            pieces.append((text[begin:place], any(stack)))
            begin = place
            stack.pop()
    return [*pieces, (text[begin:], any(stack))]


class _Calculator:
    """Walks an expression; anything but numbers, operators and the known functions is refused."""

    def __init__(self, source: str) -> None:
        self._source = source

    def value(self, node: ast.expr, depth: int = 0) -> Decimal:
        if depth > MAX_DEPTH:
            raise _refused(f"The expression is nested more than {MAX_DEPTH} deep.")
        if isinstance(node, ast.Constant):
            return _bounded(self._number(node))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
            operand = self.value(node.operand, depth + 1)
            return -operand if isinstance(node.op, ast.USub) else operand
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            _check_percent(node)
            left, right = self.value(node.left, depth + 1), self.value(node.right, depth + 1)
            return _bounded(_OPERATORS[type(node.op)](left, right))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return _bounded(self._called(node.func.id, node.args, depth))
        raise _refused(f"{_short(self._source)} holds something that is not arithmetic.")

    def _number(self, node: ast.Constant) -> Decimal:
        """The number as it was written: Python's own would be binary, and 0.1 not a tenth."""
        written = ast.get_source_segment(self._source, node) or ""
        if not _NUMBER.fullmatch(written):
            raise _refused(f"{_short(written)} is not a decimal number.")
        return Decimal(written.replace("_", ""))

    def _called(self, name: str, arguments: Sequence[ast.expr], depth: int) -> Decimal:
        listed = arguments[0].elts if len(arguments) == 1 and isinstance(arguments[0], ast.List | ast.Tuple) else None
        values = [self.value(each, depth + 1) for each in (arguments if listed is None else listed)]
        function = _FUNCTIONS.get(name)
        if function is None:
            raise _refused(f"There is no function {name!r}.")
        fewest, most, compute = function
        if not fewest <= len(values) <= most:
            raise _refused(f"{name} takes {fewest} to {most} numbers, not {len(values)}.")
        return compute(*values)


def _check_percent(node: ast.BinOp) -> None:
    """100 + 10% is 110 to some and 100.1 to others."""
    right = node.right
    is_percent = isinstance(right, ast.Call) and isinstance(right.func, ast.Name) and right.func.id == "percent"
    left_too = (
        isinstance(node.left, ast.Call) and isinstance(node.left.func, ast.Name) and node.left.func.id == "percent"
    )
    if is_percent and not left_too and isinstance(node.op, ast.Add | ast.Sub):
        remedy = "Say of what: 100 * (1 + 10%), or 100 + 10%*100."
        raise _refused("A percentage is added to a number, which can be meant in two ways.", remedy)


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if base and abs(exponent) * max(1, abs(base.adjusted()) + 1) > MAX_DIGITS:
        raise _refused(f"The power {_plain(base)} ** {_plain(exponent)} is too large.")
    return base**exponent


def _floor(left: Decimal, right: Decimal) -> Decimal:
    """Python's own rule, as with whole numbers: down, not towards zero."""
    quotient = left // right
    return quotient - 1 if left % right and (left < 0) != (right < 0) else quotient


def _round(value: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
    """Half a unit goes up, away from zero, as with money."""
    if digits != digits.to_integral_value() or abs(digits) > SHOWN_DIGITS:
        raise _refused(f"A number cannot be rounded to {_plain(digits)} digits.")
    with localcontext():  # to round is meant here, and does not make the result inexact
        return value.quantize(Decimal(1).scaleb(-int(digits)), rounding=ROUND_HALF_UP)


def _bounded(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise _refused("A step on the way has no result.", _NO_RESULT)
    if value and abs(value.adjusted()) > MAX_DIGITS:
        raise _refused(f"A number on the way has more than {MAX_DIGITS} digits.")
    return value


_OPERATORS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.FloorDiv: _floor,
    ast.Mod: lambda left, right: left - right * _floor(left, right),
    ast.Pow: _power,
}

_FUNCTIONS: dict[str, tuple[int, int, Callable[..., Decimal]]] = {
    "min": (1, MAX_LENGTH, lambda *values: min(values)),
    "max": (1, MAX_LENGTH, lambda *values: max(values)),
    "sum": (1, MAX_LENGTH, lambda *values: sum(values, Decimal(0))),
    "mean": (1, MAX_LENGTH, lambda *values: sum(values, Decimal(0)) / len(values)),
    "round": (1, 2, _round),
    "abs": (1, 1, abs),
    "sqrt": (1, 1, lambda value: value.sqrt()),
    "percent": (1, 1, lambda value: value / 100),
}


def _shown(value: Decimal, *, exact: bool) -> str:
    return _plain(value if exact else Context(prec=SHOWN_DIGITS, rounding=ROUND_HALF_UP).plus(value))


def _plain(value: Decimal) -> str:
    """Without an exponent; of zeros at the end two places stay, as in 17.50."""
    text = f"{value:f}" if value else f"{abs(value):f}"
    whole, point, places = text.partition(".")
    kept = places[:2] + places[2:].rstrip("0")
    return whole if kept in ("", "0") else f"{whole}{point}{kept}"


def _short(expression: str) -> str:
    return expression if len(expression) <= 80 else f"{expression[:77]}..."


def _refused(cause: str, remedy: str = _REMEDY) -> InvalidArguments:
    return InvalidArguments(cause, remedy=remedy)
