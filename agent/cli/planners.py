"""`lavr planners`: the kinds of planners, the one that is taken, and models taken apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...errors import UsageError
from ...jsonable import Json
from ...planners.anatomy.fitting import GIB, Verdict, gpu_of
from ...planners.anatomy.inspecting import Inspection, Plan, inspect_model
from ...planners.anatomy.parts import Part
from ...planners.choose import Selection, select_planner
from ...planners.kinds import KINDS, PlannerKind
from ..harmless import one_line
from .failing import print_json
from .screen import answer_screen, progress_screen

if TYPE_CHECKING:
    from rich.table import Table

BAR = 24
_COLORS = {Part.ENCODER: "cyan", Part.CONNECTOR: "yellow", Part.LANGUAGE: "green"}
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_SIZE = re.compile(r"(\d+)\s*[xX×]\s*(\d+)")


def list_planners(*, as_json: bool) -> None:
    """Each kind: whether it can be used, what for, what it needs, an example; then the one that is taken."""
    selected = select_planner()
    if as_json:
        print_json({"planners": [_kind_as_json(kind) for kind in KINDS], "auto": _selection_as_json(selected)})
        return
    screen = answer_screen()
    for kind in KINDS:
        mark, style = ("✓", "green") if kind.ready else ("✗", "red")
        screen.print(f"{mark} {kind.name:<10}", style=f"bold {style}", end="")
        screen.print(kind.purpose)
        screen.print(f'    lavr ask receipt.png "What is the total?" --planner {kind.example}', style="dim")
        if not kind.ready:
            screen.print(f"    → {kind.install}  (lacks {', '.join(kind.missing)})", style="yellow")
        if kind.needs:
            screen.print(f"    needs {kind.needs}", style="dim")
    _print_selection(selected)


def tell_auto(*, as_json: bool) -> bool:
    """The planner that `auto` takes, and why; whether it can be used."""
    selected = select_planner()
    if as_json:
        print_json(_selection_as_json(selected))
    else:
        _print_selection(selected)
    return selected.name.kind.ready


def inspect_planner(model: str, *, image: str, steps: int, gpu: str, offline: bool, as_json: bool) -> None:
    """A model taken apart. Raises `LavrError` for a model or a size that cannot be."""
    plan = Plan(_size(image), steps, gpu_of(gpu) if gpu else None, offline=offline)
    if not as_json:
        progress_screen().print(f"Reading the configuration of {one_line(model)} ...", style="dim")
    found = inspect_model(model, plan)
    if as_json:
        print_json(found.to_json())
        return
    screen = answer_screen()
    anatomy = found.anatomy
    screen.print(f"{one_line(anatomy.name)}: {_billions(anatomy.total)} parameters", style="bold")
    screen.print(f"  {anatomy.family}, {anatomy.counted}; {one_line(found.source.found)}", style="dim")
    screen.print(_parts_table(found), soft_wrap=False)
    _print_tokens(found)
    screen.print(_memory_table(found), soft_wrap=False)
    _print_verdict(found)
    for note in found.notes:
        screen.print(f"  ! {one_line(note)}", style="yellow")


def _parts_table(found: Inspection) -> Table:
    from rich.text import Text

    anatomy = found.anatomy
    table = _table("part", "parameters", "share", "")
    for part in anatomy.parts:
        share = anatomy.share(part)
        bar = Text(_bar(share), style=_COLORS.get(part, "magenta"))
        table.add_row(part.value, _billions(anatomy.count(part)), f"{share:.1%}", bar)
    return table


def _print_tokens(found: Inspection) -> None:
    screen, reading, anatomy = answer_screen(), found.reading, found.anatomy
    width, height = found.plan.image_wh
    if anatomy.sees:
        tokens = "?" if found.picture.tokens is None else f"{found.picture.tokens:,}"
        screen.print(f"  A picture of {width}x{height}: {tokens} visual tokens", end="")
        screen.print(f" ({found.picture.source})", style="dim")
    each = f"{reading.picture:,} of a picture, {reading.step_text} of text" if anatomy.sees else f"{reading.step_text}"
    screen.print(f"  A run of {reading.steps} steps: {reading.tokens:,} tokens", end="")
    screen.print(f" ({reading.prompt:,} of instructions and tools; a step: {each})", style="dim")
    cache = next(need.cache for need in found.needs if need.precision.name == "bfloat16")
    screen.print(f"  Its key-value cache: {_gib(cache)} in bfloat16", end="")
    screen.print(f" ({anatomy.cache_bytes(1) / 1024:,.0f} KiB for the first token)", style="dim")


def _memory_table(found: Inspection) -> Table:
    table = _table("memory, GiB", "weights", "+ cache", "+ activations", "+ runtime", "= total")
    fits = found.verdict.fits
    for need in found.needs:
        style = "bold green" if fits is need.precision else None
        numbers = (need.weights, need.cache, need.activations, need.runtime, need.total)
        table.add_row(need.precision.name, *(f"{number / GIB:.1f}" for number in numbers), style=style)
    return table


def _print_verdict(found: Inspection) -> None:
    verdict, screen = found.verdict, answer_screen()
    card = (
        f"the smallest usual GPU for it in bfloat16 has {verdict.card_gib} GiB"
        if verdict.card_gib
        else ("in bfloat16 it fits no single GPU")
    )
    if verdict.gpu is None:
        screen.print(f"  No GPU is here to fit it on ({card}); --gpu 24GB asks about one.", style="bold")
    elif verdict.fits is None:
        lacking = f"{_gib(-verdict.free)} are lacking even in 4 bits"
        screen.print(f"✗ It does not fit {verdict.gpu.name}: {lacking}; {card}.", style="bold red")
    else:
        screen.print(f"✓ It fits {verdict.gpu.name} in {_fitting(verdict)}.", style="bold green")


def _fitting(verdict: Verdict) -> str:
    if verdict.fits is None:
        return ""
    left = f"{_gib(verdict.free)} to spare"
    how = "" if verdict.fits.quantised_bytes is None else f": {verdict.fits.option}"
    return f"{verdict.fits.name} ({left}){how}"


def _table(*columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False, header_style="dim")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number and column else "left", no_wrap=True)
    return table


def _bar(share: float) -> str:
    """A bar of eighths; a part that is there shows at least one."""
    eighths = max(round(share * BAR * 8), 1)
    return _EIGHTHS[8] * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _print_selection(selected: Selection) -> None:
    screen, kind = answer_screen(), selected.name.kind
    screen.print(f"auto takes {one_line(str(selected.name))}: {one_line(selected.reason)}.", style="bold")
    if not kind.ready:
        screen.print(f"  → {kind.install}  (lacks {', '.join(kind.missing)})", style="yellow")
    if selected.more:
        screen.print(f"  {selected.more}", style="dim")


def _kind_as_json(kind: PlannerKind) -> dict[str, Any]:
    return {
        "name": kind.name,
        "purpose": kind.purpose,
        "form": kind.form,
        "example": kind.example,
        "ready": kind.ready,
        "missing": [*kind.missing],
        "install": kind.install,
        "needs": kind.needs,
    }


def _selection_as_json(selected: Selection) -> dict[str, Json]:
    return {
        "planner": str(selected.name),
        "reason": selected.reason,
        "ready": selected.name.kind.ready,
        "install": selected.name.kind.install,
        "more": selected.more,
    }


def _size(text: str) -> tuple[int, int]:
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no size of a picture.", remedy="Write width and height, such as 1920x1080.")
    return int(found[1]), int(found[2])


def _billions(count: int) -> str:
    return f"{count / 1e9:.2f} B" if count >= 5e6 else f"{count / 1e6:.2f} M"


def _gib(count: int) -> str:
    return f"{count / GIB:.1f} GiB"
