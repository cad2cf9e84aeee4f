"""Hostile pictures through the command line: refused in at most three lines, or accepted; never a traceback."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lavr.agent.cli.app import app
from lavr.tests.vision.hostile import CASES, Case

REFUSED = [case for case in CASES if case.expected is not None]
ACCEPTED = [case for case in CASES if case.expected is None]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_a_refused_picture_exits_with_2_and_at_most_three_lines(case: Case, tmp_path: Path) -> None:
    path = case.make(tmp_path)
    began = time.perf_counter()
    result = CliRunner().invoke(app, ["ask", str(path), "What does it say?"])
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert 2 <= len(lines) <= 3
    assert case.expected is not None
    assert lines[0].startswith(f"{case.expected.__name__}: ")
    assert lines[1].startswith("  → ")
    assert "Traceback" not in result.stderr
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.name)
def test_an_accepted_picture_is_looked_at(case: Case, tmp_path: Path) -> None:
    path = case.make(tmp_path)
    result = CliRunner().invoke(app, ["tools", "run", "look", f"image={path}"])
    assert result.exit_code == 0
    assert "Traceback" not in result.stderr
