"""`lavr hosts`: interpreters of their own for libraries that do not get on with the rest: list, make, remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...errors import EnvironmentLacks
from ...jsonable import Json
from ...tools.hosts.environments import Environment, environment, environments
from ..doctor import host, self_test, versions
from ..harmless import one_line
from .failing import print_json
from .screen import answer_screen, progress_screen

if TYPE_CHECKING:
    from rich.status import Status


def list_hosts(*, as_json: bool) -> None:
    """Each host: what it is for, whether it is made and answers."""
    if as_json:
        print_json([_as_plain(each) for each in environments()])
        return
    screen = answer_screen()
    for each in environments():
        kind = each.kind
        finding = host(each) if each.made else None
        mark, style = ("·", "dim") if finding is None else ("✓", "green") if finding.ok else ("✗", "red")
        screen.print(f"{mark} {kind.name:<8}", style=f"bold {style}", end="")
        screen.print(f"{kind.purpose}; {kind.licence}")
        screen.print(f"    {kind.why}", style="dim")
        if finding is not None:
            screen.print(f"    {one_line(f'{finding.value}: {finding.reason}')}")
        if finding is None or not finding.ok:
            screen.print(f"    → {each.command}  (about {kind.about_mb} MB)", style="yellow")


def make_host(name: str, *, besides: Sequence[str], again: bool) -> None:
    """Make a host, unless it is there and works; then let it work once. Raises `LavrError` when it cannot be made."""
    from ...tools.hosts.making import make

    wanted = environment(name)
    with progress_screen().status("Looking whether it is there", spinner="dots") as status:
        made = make(wanted, lambda line: _tell(status, line), besides=besides, again=again)
        if made.anew:
            _check(name, lambda line: _tell(status, line))
    took = f"made in {made.seconds:.0f} s" if made.anew else made.reason
    answer_screen().print(f"{name}: {took}; {versions(made.answer)}; {made.megabytes} MB")
    answer_screen().print(f"Use it: {wanted.kind.usage}")


def remove_host(name: str) -> None:
    """Remove a host and everything in it. Raises `UsageError` when its folder is something else."""
    from ...tools.hosts.making import remove

    unwanted = environment(name)
    gone = remove(unwanted)
    answer_screen().print(f"{unwanted.folder} {'was removed' if gone else 'is not there'}.")


def _check(name: str, tell: Callable[[str], None]) -> None:
    """Let a host work once."""
    tell("Reading a drawn line with it")
    tested = self_test(backend="paddle")
    if not tested.ok:
        raise EnvironmentLacks(f"The host {name} was made and does not work: {tested.reason}.", remedy=tested.remedy)
    tell(f"It {tested.reason}")


def _tell(status: Status, line: str) -> None:
    """A line below others where nothing can be drawn over, and one that changes in a terminal."""
    if status.console.is_terminal:
        status.update(one_line(line))
    else:
        status.console.print(f"  {one_line(line)}", style="dim")


def _as_plain(each: Environment) -> Json:
    found = host(each) if each.made else None
    return {
        "name": each.kind.name,
        "purpose": each.kind.purpose,
        "why": each.kind.why,
        "licence": each.kind.licence,
        "folder": str(each.folder),
        "made": each.made,
        "works": found is not None and found.ok,
        "record": each.record,
        "command": each.command,
    }
