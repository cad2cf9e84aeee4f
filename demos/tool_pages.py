"""Write the pages of `docs/tools`: one for each tool, made of its card and of an example that is run.

`python -m lavr.demos.tool_pages [FOLDER]` writes them again; a test checks that they are what this writes.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw
from typer.testing import CliRunner

from ..agent.cli.app import app
from ..errors import LavrError
from ..tools.configured import CONFIGURABLE
from ..tools.spec import Effect
from ..tools.tool import Tool
from .draw_samples import IMAGES, INK, font
from .tool_examples import EXAMPLES, Example, every_tool

PAGES = Path(__file__).parents[1] / "docs" / "tools"
WIDE, GAP, COLORS = 480, 16, 64
"""Pictures on the pages are at most so many pixels wide and high, with so many between two of them, and have so many
colours, to be small files."""

THUMB_WH, ACROSS = (150, 112), 5
"""Size of the pictures of the contact sheet in pixels, and how many stand side by side."""


@dataclass(frozen=True, slots=True)
class Run:
    """An example that was run.

    Attributes:
        commands: what was typed, and what was printed.
        picture: what the result looks like, or None when there is nothing to see.
    """

    commands: tuple[tuple[str, str], ...]
    picture: Image.Image | None


def page(tool: Tool, run: Run | None) -> str:
    """The page of a tool."""
    card, example = tool.spec.card, EXAMPLES.get(tool.name)
    parts = [f"# {tool.name}", card.purpose]
    if run is not None and run.picture is not None and example is not None:
        parts.append(f'<img src="images/{tool.name}.png" alt="{example.says}" width="{run.picture.width}">')
    parts += [f"**Not for:** {card.avoid}"] * bool(card.avoid)
    parts += [f"**Limits:** {card.limits}"] * bool(card.limits)
    parts += [_arguments(tool), _facts(tool)]
    parts += [f"**With weights:** {each.more}" for each in CONFIGURABLE if each.name == tool.name]
    parts += ["## Example"]
    parts += _shown(run) if run is not None else [_no_example(tool)]
    parts += ["A planner writes:", f"```json\n{json.dumps(dict(card.example))}\n```"]
    parts += ["[All tools](README.md)"]
    return "\n\n".join(parts) + "\n"


def _no_example(tool: Tool) -> str:
    return (
        f"There is none here: `{tool.name}` needs [weights](../models.md) that do not come with lavr, and a picture of "
        "results that no model gave would show nothing."
    )


def index(all_tools: Sequence[Tool]) -> str:
    """The page that leads to the others."""
    rows = [f"| [`{tool.name}`]({tool.name}.md) | {tool.spec.card.purpose} |" for tool in all_tools]
    return (
        "\n\n".join(
            [
                "# The tools",
                "What an agent can call. Each page is made of the tool's card, which is what planners read, and of an "
                "example that is run: `python -m lavr.demos.tool_pages` writes them all again.",
                f'<img src="images/contact-sheet.png" alt="What the tools give back" width="{_sheet_wh(1)[0]}">',
                "\n".join(["| tool | for |", "|---|---|", *rows]),
                "In an agent, places are given by handle (`r3`). By hand, on the command line, they are four numbers "
                "in pixels, left, top, right and bottom; several have `;` between them. `--save DIR` writes the "
                "pictures that come back, and of a cut-out a second one with a transparent ground.",
                f"```console\n$ lavr tools run {EXAMPLES['redact'].commands[0]} --save out\n"
                "$ lavr tools show enhance\n```",
                "Pictures that tools made for an answer are written with `lavr ask ... --save DIR`; in Python, those "
                "that an answer shows are its `images`. [Write a tool](../write-a-tool.md) of your own.",
            ]
        )
        + "\n"
    )


def _arguments(tool: Tool) -> str:
    from ..agent.cli.toolbench import argument_facts

    rows = ["| argument | takes | default | |", "|---|---|---|---|"]
    for name in tool.parameters.names:
        kind, usual = argument_facts(tool, name)
        kind = kind.replace("|", "or")
        rows.append(f"| `{name}` | {kind} | {usual} | {tool.parameters.describe(name)} |")
    return "\n".join(rows)


def _facts(tool: Tool) -> str:
    where = "in the same process" if tool.host == "inline" else "in a worker process, which can be ended"
    effect = "It changes nothing outside." if tool.spec.effect is Effect.READS else "It changes the world outside."
    again = "" if tool.cacheable else " Equal calls are run again: their results differ."
    licence = f" {tool.licence}" if tool.licence else ""
    return f"Runs {where}, for at most {tool.timeout_s:g} s. {effect}{again}{licence}"


def _shown(run: Run) -> list[str]:
    lines = [f"$ lavr tools run {command}\n{printed}".rstrip("\n") for command, printed in run.commands]
    return ["```console\n" + "\n".join(lines) + "\n```"]


def run_example(example: Example) -> Run:
    """Run an example in a folder of its own that has the sample pictures.

    Raises:
        LavrError: when a command fails.
    """
    with _sample_folder():
        *before, last = example.commands
        printed = [_run(f"{command} --save out") for command in before]
        printed.append(_run(last))
        shown = example.drawn or last
        picture = None
        if example.picture:
            _run(f"{shown} --save out")
            picture = _beside([_opened(name) for name in (example.beside, example.picture) if name])
        commands = [*(f"{command} --save out" for command in before), last]
        return Run(tuple(zip(commands, printed, strict=True)), picture)


@contextlib.contextmanager
def _sample_folder() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for sample in IMAGES.glob("*.png"):
            shutil.copy(sample, folder)
        yield


def _run(command: str) -> str:
    ended = CliRunner().invoke(app, ["tools", "run", *shlex.split(command)])
    if ended.exit_code != 0:
        raise LavrError(f"lavr tools run {command} ended with {ended.exit_code}: {ended.output}")
    return ended.stdout


def _opened(name: str) -> Image.Image:
    with Image.open(name) as picture:
        return picture.convert("RGB")


def _beside(pictures: Sequence[Image.Image]) -> Image.Image:
    """One picture, or several side by side, small enough for a page."""
    each = (WIDE - GAP * (len(pictures) - 1)) // len(pictures)
    small = [_small(picture, (each, WIDE)) for picture in pictures]
    together = Image.new(
        "RGB", (sum(one.width + GAP for one in small) - GAP, max(one.height for one in small)), "white"
    )
    left = 0
    for one in small:
        together.paste(one, (left, (together.height - one.height) // 2))
        left += one.width + GAP
    return together


def _small(picture: Image.Image, limits_wh: tuple[int, int]) -> Image.Image:
    small = picture.copy()
    small.thumbnail(limits_wh, Image.Resampling.LANCZOS)
    return small


def contact_sheet(pictures: dict[str, Image.Image]) -> Image.Image:
    """All pictures side by side, each with its name below."""
    down = -(-len(pictures) // ACROSS)
    sheet = Image.new("RGB", _sheet_wh(down), "white")
    draw = ImageDraw.Draw(sheet)
    for at, (name, picture) in enumerate(pictures.items()):
        left, top = at % ACROSS * (THUMB_WH[0] + 10) + 10, at // ACROSS * (THUMB_WH[1] + 32) + 10
        small = _small(picture, THUMB_WH)
        x, y = left + (THUMB_WH[0] - small.width) // 2, top + (THUMB_WH[1] - small.height) // 2
        sheet.paste(small, (x, y))
        draw.rectangle((x - 1, y - 1, x + small.width, y + small.height), outline=(170, 170, 170))
        draw.text((left + THUMB_WH[0] / 2, top + THUMB_WH[1] + 12), name, INK, font(14), anchor="mm")
    return sheet


def _sheet_wh(down: int) -> tuple[int, int]:
    return ACROSS * (THUMB_WH[0] + 10) + 10, down * (THUMB_WH[1] + 32) + 10


def main(folder: Path = PAGES) -> None:
    """Write every page and every picture."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    pictures: dict[str, Image.Image] = {}
    tools = every_tool()
    for tool in tools:
        run = run_example(EXAMPLES[tool.name]) if tool.name in EXAMPLES else None
        (folder / f"{tool.name}.md").write_text(page(tool, run), encoding="utf-8")
        if run is not None and run.picture is not None:
            pictures[tool.name] = run.picture
    (folder / "README.md").write_text(index(tools), encoding="utf-8")
    for name, picture in {**pictures, "contact-sheet": contact_sheet(pictures)}.items():
        few = picture.quantize(COLORS, dither=Image.Dither.NONE)
        few.save(folder / "images" / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PAGES)
