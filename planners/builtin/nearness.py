"""How near things are to the camera, by the tool `depth`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...vision.image import Image
from ...vision.region import Region
from .desk import Desk, Unanswerable
from .outlining import outlined

DEPTH = "depth"

ALIKE = 0.03
"""Places whose nearness differs by less are about as near."""


def nearness(desk: Desk, image: Image, regions: Sequence[Region]) -> Sequence[float]:
    """How near each region is, from 0 for the farthest part of the picture to 1.

    Raises:
        Unanswerable: when no tool measures depth, or it does not tell of every region.
    """
    if len(regions) < 2:
        return [1.0] * len(regions)
    shapes = outlined(desk, regions)
    data = desk.see(DEPTH, image=image.handle, regions=[shape.handle for shape in shapes]).data
    rows = data.get("nearest_first") if isinstance(data, Mapping) else None
    told = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, Sequence) else []
    known = {str(row.get("region")): row.get("nearness") for row in told}
    values = [known.get(shape.handle) for shape in shapes]
    if not all(isinstance(value, int | float) for value in values):
        raise Unanswerable("The tool `depth` did not say how near each of them is.")
    return [float(value) for value in values if isinstance(value, int | float)]
