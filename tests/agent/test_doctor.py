"""`lavr doctor`: what is there, what is missing, and what to type to get it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from lavr.agent import doctor
from lavr.agent.cli.app import app


@pytest.fixture(scope="module")
def report() -> doctor.Report:
    return doctor.examine()


def test_the_core_packages_are_told_with_their_versions(report: doctor.Report) -> None:
    assert report.packages["langgraph"] == metadata.version("langgraph")
    assert report.packages["numpy"] == metadata.version("numpy")
    assert "torch" not in report.packages


def test_each_extra_says_what_it_lacks_and_the_line_that_installs_it(report: doctor.Report) -> None:
    extras = {extra.name: extra for extra in report.extras}
    assert {"local", "openai", "yolo", "sam", "demo", "serve", "mcp"} <= set(extras)
    assert "all" not in extras
    for extra in extras.values():
        if extra.name != "paddle":
            assert extra.command == f'pip install "lavr[{extra.name}]"'
            assert [name for name in extra.missing if doctor.version_of(name)] == []


def test_what_has_an_interpreter_of_its_own_is_told_with_the_command_that_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAVR_HOSTS", str(tmp_path))
    assert "host paddle" not in doctor.examine().findings
    paddle = doctor.extras()[-1]
    assert (paddle.name, paddle.installed, paddle.command) == ("paddle", False, "lavr hosts make paddle")


def test_a_host_that_does_not_answer_is_told_and_is_not_healthy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAVR_HOSTS", str(tmp_path))
    (tmp_path / "paddle").mkdir()
    (tmp_path / "paddle" / "lavr-host.json").write_text('{"megabytes": 1}')
    report = doctor.examine()
    assert report.findings["host paddle"].value == "broken"
    assert report.findings["host paddle"].remedy == "lavr hosts make paddle repairs it."
    assert not report.healthy


def test_the_opencv_that_is_loaded_is_named(report: doctor.Report) -> None:
    finding = report.findings["opencv"]
    assert finding.value == cv2.__version__
    assert str(Path(cv2.__file__).parent) in finding.reason


def test_several_opencv_wheels_in_one_environment_are_warned_of(tmp_path: Path) -> None:
    for name in ("opencv_python", "opencv_contrib_python"):
        folder = tmp_path / f"{name}-4.9.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 4.9.0\n")
    program = f"import sys; sys.path.append({str(tmp_path)!r}); from lavr.agent import doctor; print(doctor.opencv())"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert f"value='{cv2.__version__}'" in told
    assert "Installed into the same folder: opencv-contrib-python 4.9.0 and opencv-python 4.9.0" in told
    assert "overwrote the others" in told
    assert "pip uninstall -y" in told


def test_the_planner_and_the_device_come_with_a_reason(report: doctor.Report) -> None:
    assert report.findings["planner"].reason
    assert report.findings["device"].value in {"cpu", "cuda", "mps"}
    assert report.findings["device"].reason


def test_a_planner_that_cannot_be_had_is_a_finding_and_not_a_crash(tmp_path: Path) -> None:
    program = "from lavr.agent import doctor; print(doctor.planner())"
    environment = {"LAVR_PLANNER": "nobody", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60, env=environment
    )
    assert "ok=False" in done.stdout
    assert "nobody" in done.stdout


def test_a_machine_that_lacks_a_core_package_is_not_healthy(report: doctor.Report) -> None:
    assert report.healthy
    assert not replace(report, packages={**report.packages, "numpy": ""}).healthy
    assert not replace(report, findings={"planner": doctor.Finding("none", ok=False)}).healthy


def test_the_folder_of_models_is_told(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(bytes(1024))
    assert doctor.models_folder(tmp_path).value.startswith("1 files")
    assert not doctor.models_folder(tmp_path / "none").ok


def test_the_self_test_reads_a_drawn_line() -> None:
    assert doctor.self_test().value == "passed"


def test_the_command_prints_json_for_programs() -> None:
    result = CliRunner().invoke(app, ["doctor", "--json"])
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert told["healthy"] is True
    assert told["system"]["lavr"] == metadata.version("lavr")


def test_the_command_tells_people_what_to_type() -> None:
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 0
    assert "Everything that lavr needs is there." in result.stdout
    for extra in doctor.extras():
        assert extra.installed or extra.command in result.stdout
