"""How near things are to the camera, by the tool `depth`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...vision.image import Image
from ...vision.region import Region
from .desk import Desk, Unanswerable

DEPTH = "depth"


def nearness(desk: Desk, image: Image, regions: Sequence[Region]) -> Sequence[float]:
    """How near each region is; larger is nearer, in no unit.

    Raises:
        Unanswerable: when no tool measures depth, or it does not tell of every region.
    """
    if len(regions) < 2:
        return [0.0] * len(regions)
    data = desk.see(DEPTH, image=image.handle, regions=[region.handle for region in regions]).data
    rows = data.get("nearness") if isinstance(data, Mapping) else None
    known = rows if isinstance(rows, Mapping) else {}
    values = [known.get(region.handle) for region in regions]
    if not all(isinstance(value, int | float) for value in values):
        raise Unanswerable("The tool `depth` did not say how near each of them is.")
    return [float(value) for value in values if isinstance(value, int | float)]
