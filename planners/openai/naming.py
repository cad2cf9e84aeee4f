"""What the name of a model tells about how it sees, and how large it is.

Models are trained to write boxes in one unit, and a server does not say which. A model that is not listed here is
taken to count thousandths, which most newer ones do and which does not depend on how a server resizes pictures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...vision.units import CoordinateUnit


@dataclass(frozen=True, slots=True)
class Hint:
    """How the models of a family see.

    Attributes:
        pattern: what their names contain.
        unit: in which they read and write boxes.
        multiple_of: the sides of pictures are rounded to it here, so that the server does not resize them again.
    """

    pattern: str
    unit: CoordinateUnit = CoordinateUnit.PER_MILLE
    multiple_of: int = 1


HINTS = (
    Hint(r"qwen2(\.5)?-?(vl|omni)|qvq|mimo-?vl", CoordinateUnit.PIXELS, 28),
    Hint(r"qwen3(\.\d)?-?vl|qwen3\.5|qwen4", CoordinateUnit.PER_MILLE, 32),
    Hint(r"glm-?4(\.\d)?v|glm-?4\.\dv", CoordinateUnit.PER_MILLE, 28),
    Hint(r"kimi-?vl|kimi-?k2\.5", CoordinateUnit.UNIT, 28),
)
ANY = Hint("")


_SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d+(?:\.\d+)?|0_\d+)(b)|(\d{3})(m))(?![a-z0-9])", re.IGNORECASE)
"""1.5b, 0_5b, 135m; not 1m, which is how long a context is."""
_UNITS = {"b": 1e9, "m": 1e6}


def parameters_of(model: str) -> float | None:
    """How many parameters a model's name says that it has: 1.5e9 for "Qwen2.5-Coder-1.5B"; None when it does not."""
    found = [(b or m, unit_b or unit_m) for b, unit_b, m, unit_m in _SIZE.findall(model)]
    return max((float(number.replace("_", ".")) * _UNITS[unit.lower()] for number, unit in found), default=None)


def hint_of(model: str) -> Hint:
    """The hint for a model's name, or that for any model."""
    return next((hint for hint in HINTS if re.search(hint.pattern, model, re.IGNORECASE)), ANY)
