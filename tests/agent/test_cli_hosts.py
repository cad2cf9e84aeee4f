"""`lavr hosts`: list, make, remove. A host is really made in tests/tools/test_paddle_host.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lavr.agent.cli.app import app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of hosts."""
    monkeypatch.setenv("LAVR_HOSTS", str(tmp_path / "hosts"))
    return tmp_path / "hosts"


def invoke(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["hosts", *words])
    return result.exit_code, result.stdout, result.stderr


def test_hosts_are_listed_with_why_they_are_apart_and_the_command(folder: Path) -> None:
    code, out, _ = invoke()
    assert code == 0
    assert out == invoke("list")[1]
    assert "PaddleOCR is pinned to opencv-contrib-python 4.10" in out
    assert "→ lavr hosts make paddle" in out
    (listed,) = json.loads(invoke("list", "--json")[1])
    assert (listed["name"], listed["made"], listed["works"]) == ("paddle", False, False)
    assert listed["folder"] == str(folder / "paddle")


def test_a_broken_host_is_listed_with_what_repairs_it(folder: Path) -> None:
    (folder / "paddle").mkdir(parents=True)
    (folder / "paddle" / "lavr-host.json").write_text('{"megabytes": 1}')
    _, out, _ = invoke("list")
    assert "✗ paddle" in out
    assert "does not answer" in out
    assert "→ lavr hosts make paddle" in out


def test_an_unknown_host_is_refused_with_those_that_there_are(folder: Path) -> None:
    code, out, err = invoke("make", "padle")
    assert (code, out) == (2, "")
    assert "Hosts: paddle." in err


def test_a_host_that_is_not_there_is_not_removed_and_a_strange_folder_neither(folder: Path) -> None:
    assert invoke("remove", "paddle")[1] == f"{folder / 'paddle'} is not there.\n"
    (folder / "paddle").mkdir(parents=True)
    (folder / "paddle" / "thesis.txt").touch()
    code, _, err = invoke("remove", "paddle")
    assert code == 2
    assert "is no host of lavr" in err
    assert (folder / "paddle" / "thesis.txt").exists()


def test_nothing_is_made_where_nothing_may_be_fetched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAVR_OFFLINE", "1")
    code, _, err = invoke("make", "paddle")
    assert code == 2
    assert "nothing may be fetched" in err
    assert not (folder / "paddle").exists()


def test_a_question_that_needs_a_host_names_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAVR_OCR", "paddle")
    monkeypatch.setattr("lavr.agent.shared._workers", {})  # another test may have made one, which runs already
    result = CliRunner().invoke(app, ["ask", "receipt.png", "What is the total?"])
    assert result.exit_code == 2, result.output
    assert "lavr hosts make paddle" in result.stderr
