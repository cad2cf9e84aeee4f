"""Progress: a line where a terminal is, whole lines behind a spinner, and nothing elsewhere."""

from __future__ import annotations

import io
import sys

import pytest

from lavr.progress import TerminalLine, bar_class, default_progress, silent


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    default_progress()("Fetching", 1, 2)
    assert default_progress() is silent
    assert stderr.getvalue() == ""


def test_a_line_is_drawn_over_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "__stderr__", terminal)
    line = default_progress()
    assert isinstance(line, TerminalLine)
    for done in (0, 1, 2, 100):
        line("Fetching shapes.pt", done, 100)
    line("Loading a model with a name that is too long for the terminal", 0, 0)
    line("Loading another", 1, 1)
    start = "\r\033[K"
    assert terminal.getvalue() == (
        f"{start}Fetching shapes.pt   0%{start}Fetching shapes.pt 100%\n"
        f"{start}Loading a model with a name that is too\n{start}Loading another 100%\n"
    )


def test_behind_a_spinner_whole_lines_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    line = default_progress()
    for done in (0, 1, 2, 100):
        line("Fetching shapes.pt", done, 100)
    assert terminal.getvalue() == "Fetching shapes.pt   0%\nFetching shapes.pt 100%\n"


def test_the_bars_of_libraries_tell_it_too(capfd: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[str, float, float]] = []
    bar = bar_class(lambda *each: told.append(each))
    assert [*bar(range(2), desc="Loading: ")] == [0, 1]
    with bar(total=10, name="hub") as counted:
        counted.update(4)
    assert told[-1] == ("", 4.0, 10.0)
    assert ("Loading", 2.0, 2.0) in told
    assert capfd.readouterr() == ("", "")
