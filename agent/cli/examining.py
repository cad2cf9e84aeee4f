"""`lavr doctor`: the report, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..doctor import Finding, Report
from ..doctor import examine as look
from ..harmless import one_line
from .failing import print_json
from .screen import answer_screen

if TYPE_CHECKING:
    from rich.console import Console


NAME_WIDTH = 30


def examine(*, as_json: bool, check: bool) -> bool:
    """Print the report; whether lavr can work as it should."""
    report = look(check=check)
    if as_json:
        print_json(report.to_json())
    else:
        _print(report, answer_screen())
    return report.healthy


def _print(report: Report, screen: Console) -> None:
    for name, value in report.system.items():
        _line(screen, name, value)
    for name, finding in report.findings.items():
        _finding(screen, name, finding)
    screen.print("Packages", style="bold")
    for name, version in report.packages.items():
        _line(screen, name, version or "missing: pip install --force-reinstall lavr", style="" if version else "red")
    screen.print("Extras", style="bold")
    for extra in report.extras:
        missing = f"{extra.command}  (lacks {', '.join(extra.missing)})"
        _line(screen, extra.name, "installed" if extra.installed else missing, style="" if extra.installed else "dim")
    screen.print(
        "Everything that lavr needs is there." if report.healthy else "Something is wrong: see above.", style="bold"
    )


def _finding(screen: Console, name: str, finding: Finding) -> None:
    text = f"{finding.value}: {finding.reason}" if finding.reason else finding.value
    _line(screen, name, one_line(text), style="" if finding.ok else "red")
    if finding.remedy:
        screen.print(f"{'':<{NAME_WIDTH + 2}}→ {one_line(finding.remedy)}", style="yellow" if finding.ok else "red")


def _line(screen: Console, name: str, text: str, style: str = "") -> None:
    screen.print(f"  {name:<{NAME_WIDTH}}{text}", style=style or None)
