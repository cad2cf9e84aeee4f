"""`lavr models`: what is known, what is here, where it is, and what fetches it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lavr.agent import doctor
from lavr.agent.cli.app import app
from lavr.tools.models.catalogue import CATALOGUE


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with the weights of one entry."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "yolo11n.pt").write_bytes(b"weights")
    return folder


def invoke(*words: str, models: Path) -> tuple[int, str, str]:
    environment = {"LAVR_MODELS": str(models), "LAVR_OFFLINE": "1", "HOME": str(models), "XDG_CACHE_HOME": ""}
    result = CliRunner().invoke(app, ["models", *words], env=environment)
    return result.exit_code, result.stdout, result.stderr


def test_every_entry_is_listed_with_size_and_licence_and_what_is_here_is_marked(models: Path) -> None:
    code, out, _ = invoke(models=models)
    assert code == 0
    assert out == invoke("list", models=models)[1]
    for each in CATALOGUE:
        line = next(line for line in out.splitlines() if line.split()[1:2] == [each.name])
        assert line.startswith("  ✓" if each.name == "yolo11n" else "  ·")
        assert f"{each.size_bytes / 1e6:,.0f} MB" in line
        assert f"({each.licence})" in line
    assert str(models / "yolo11n.pt") in out


def test_the_list_is_json_for_programs(models: Path) -> None:
    told = json.loads(invoke("list", "--json", models=models)[1])
    assert [each["name"] for each in told["models"]] == [each.name for each in CATALOGUE]
    assert told["models"][0]["path"] == str(models / "yolo11n.pt")
    assert told["models"][1]["path"] is None
    assert next(iter(told["folders"])) == str(models)
    assert told["offline"] is True


def test_where_tells_the_path_or_the_command_that_fetches_it(models: Path) -> None:
    assert invoke("where", "yolo11n", models=models)[:2] == (0, f"{models / 'yolo11n.pt'}\n")
    expected = "Not on this machine: lavr models pull sam-vit-b (375 MB)\n"
    assert invoke("where", "sam-vit-b", models=models)[:2] == (1, expected)
    assert json.loads(invoke("where", "sam-vit-b", "--json", models=models)[1])["path"] is None
    code, out, _ = invoke("where", models=models)
    assert (code, out.splitlines()[0]) == (0, f"{models}  LAVR_MODELS")


def test_pulling_what_is_here_tells_its_path(models: Path) -> None:
    assert invoke("pull", "yolo11n", models=models)[:2] == (0, f"yolo11n  {models / 'yolo11n.pt'}\n")
    told = json.loads(invoke("pull", "yolo11n", "--json", models=models)[1])
    assert told == {"models": [{"name": "yolo11n", "path": str(models / "yolo11n.pt")}]}


def test_pulling_offline_is_refused_with_what_to_do(models: Path) -> None:
    code, _, err = invoke("pull", "sam-vit-b", models=models)
    assert code == 2
    assert "sam_vit_b_01ec64.pth, 375 MB" in err
    assert "lavr models pull sam-vit-b" in err
    assert invoke("pull", "nonsense", models=models)[0] == 2


def test_the_doctor_tells_which_are_here(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAVR_MODELS", str(models))
    finding = doctor.known_models()
    assert finding.value.startswith("1 of ") or "yolo11n" in finding.value
    assert "lavr/models" in finding.reason
    monkeypatch.setenv("LAVR_MEMORY", "a lot")
    assert "'a lot' is no size of memory" in doctor.memory()


@pytest.mark.parametrize("command", ["ask no.png What?", "chat no.png"])
def test_offline_holds_for_the_process_and_those_it_starts(command: str) -> None:
    code = (
        "import os, sys; from lavr.agent.cli.app import app\n"
        f"app({[*command.split(), '--offline']!r}, standalone_mode=False)\n"
        "from lavr.hub import offline\n"
        "print(offline(), os.environ['LAVR_OFFLINE'], os.environ['HF_HUB_OFFLINE'])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "True 1 1\n"
