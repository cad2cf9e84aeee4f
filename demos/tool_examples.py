"""Every tool that lavr brings, and the examples on their pages: what is typed, on the sample pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..jsonable import Json
from ..tools.configured import CONFIGURABLE
from ..tools.registry import default_tools
from ..tools.tool import Tool

SETTINGS: Mapping[str, Mapping[str, Json]] = {
    "detect": {"weights": "grounding-dino-tiny", "backend": "zero-shot"},
    "search": {"weights": "grounding-dino-tiny"},
}
"""What the factories of some tools must be told, by the name of the tool; the weights need not be there."""


def every_tool() -> list[Tool]:
    """The tools that are at hand anyway, then those that need weights, made with the settings above."""
    at_hand = default_tools()
    made = [each.factory(**SETTINGS.get(each.name, {})) for each in CONFIGURABLE if each.name not in at_hand]
    return [*at_hand, *made]


@dataclass(frozen=True, slots=True)
class Example:
    """Commands that show a tool at work, in a folder with the sample pictures.

    Attributes:
        commands: what follows `lavr tools run`; all but the last prepare a picture. Pictures are written to `out`.
        picture: the file that shows the result; empty when there is nothing to see.
        drawn: a command that draws that file, where the tool itself draws nothing.
        beside: a file to be shown to the left of it.
        says: what the picture shows.
    """

    commands: tuple[str, ...]
    picture: str = ""
    drawn: str = ""
    beside: str = ""
    says: str = ""


FEBRUARY, MARCH = "305,329,425,500", "500,122,620,500"
AROUND = "110,100,790,500"
BOARD, INSIDE, HOURS = "130,120,770,480", "150,140,750,460", "230,285,670,345"
CODES = "40,300,500,430", "540,250,760,470"

EXAMPLES: dict[str, Example] = {
    "ocr": Example(("ocr image=sign.png",), "out/img_1-marked.png", says="Every line that was read, with its handle."),
    "zoom": Example(("zoom image=receipt.png box=40,590,580,650",), "out/img_2.png", says="The line of the total."),
    "look": Example(("look image=chart.png",), "out/img_1.png", says="The picture itself."),
    "mark": Example(
        (f'mark image=chart.png "regions={FEBRUARY};{MARCH}"',), "out/img_2.png", says="Two bars and their handles."
    ),
    "highlight": Example(
        (f"highlight image=sign.png box={HOURS}",), "out/img_2.png", says="The opening hours, lit up."
    ),
    "segment": Example(
        (f"segment image=sign.png box={AROUND} label=board",),
        "out/img_2.png",
        says="The mask of the board, wall left out.",
    ),
    "cutout": Example((f"cutout image=sign.png box={BOARD}",), "out/img_2.png", says="The board without the wall."),
    "redact": Example(
        ('redact image=label.png "regions=90,98,290,134;36,135,280,206"',),
        "out/img_2.png",
        says="Name and address cannot be read any more.",
    ),
    "inpaint": Example(
        ("inpaint image=sign.png box=230,150,670,260",),
        "out/img_2.png",
        says="The board as if OPEN had never stood there.",
    ),
    "rotate": Example(("rotate image=label.png degrees=90",), "out/img_2.png", says="The label on its side."),
    "enhance": Example(
        ("enhance image=desk.png how=document",),
        "out/img_2.png",
        beside="desk.png",
        says="A receipt on a desk, and the receipt as seen from straight above.",
    ),
    "color": Example(
        (f"color image=sign.png box={INSIDE}",),
        "out/img_2.png",
        drawn=f"highlight image=sign.png box={INSIDE}",
        says="The part of the picture that was asked about.",
    ),
    "barcode": Example(("barcode image=label.png",), "out/img_1-marked.png", says="Both codes, where they were found."),
    "measure": Example(
        (f"measure image=label.png a={CODES[0]} b={CODES[1]}",),
        "out/img_2.png",
        drawn=f'mark image=label.png "regions={CODES[0]};{CODES[1]}"',
        says="The two codes that were measured.",
    ),
    "calculate": Example(('calculate expression="15.70 + 10%*15.70"',)),
    "compare": Example(
        (f"redact image=sign.png box={HOURS}", "compare a=sign.png b=out/img_2.png"),
        "out/img_2-marked.png",
        says="Where the second picture differs.",
    ),
}
"""By the name of the tool. One that is not here needs weights that do not come with lavr."""
