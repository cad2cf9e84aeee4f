"""Hosts with an interpreter of their own: made, left alone, repaired, removed. The packages in them are made here."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lavr.errors import EnvironmentLacks, MissingExtra, UsageError
from lavr.tests.tools import samples
from lavr.tools.hosts import making
from lavr.tools.hosts.environments import KINDS, RECORD, Environment, EnvironmentKind, environment, hosts_folder
from lavr.tools.hosts.making import make, remove
from lavr.tools.ocr import ocr_tool
from lavr.tools.registry import Toolbox
from lavr.tools.runner import ToolRunner

Wheel = Callable[[str, str], str]


@pytest.fixture
def wheel(tmp_path: Path) -> Wheel:
    """Makes a wheel of one module, named cv2 or otherwise, that only has a version; its path."""

    def written(name: str, version: str) -> str:
        path = tmp_path / f"{name}-{version}-py3-none-any.whl"
        info = f"{name}-{version}.dist-info"
        files = {
            f"{name}.py": f"__version__ = {version!r}\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD"))
        with zipfile.ZipFile(path, "w") as archive:
            for file, text in {**files, f"{info}/RECORD": record}.items():
                archive.writestr(file, text)
        return str(path)

    return written


@pytest.fixture
def small(tmp_path: Path, wheel: Wheel) -> Environment:
    """An environment that holds one small package."""
    kind = EnvironmentKind(
        name="small",
        purpose="is small",
        why="it is a test",
        usage="not at all",
        requirements=(wheel("cv2", "4.1.0"),),
        shown=("cv2",),
        licence="Apache-2.0",
        about_mb=1,
        finish=lambda folder: (folder / "finished").touch(),
    )
    return Environment(kind, tmp_path / "hosts" / "small")


def quiet(_: str) -> None:
    """Told nothing."""


def test_an_environment_is_made_once_and_then_left_as_it_is(small: Environment) -> None:
    told: list[str] = []
    first = make(small, told.append)
    assert first.anew
    assert first.answer.packages == {"cv2": "4.1.0"}
    assert first.answer.cv2 == "4.1.0"
    assert str(small.folder) in first.answer.cv2_file
    assert (small.folder / "finished").exists()
    assert "it was not there" in told[0]
    assert any("irtual environment" in line for line in told)
    second = make(small, quiet)
    assert (second.anew, second.reason) == (False, "it is there and works")
    assert second.megabytes == first.megabytes


def test_a_broken_environment_is_told_and_repaired(small: Environment) -> None:
    make(small, quiet)
    small.python.unlink()
    with pytest.raises(EnvironmentLacks, match="does not answer") as raised:
        small.ask()
    assert raised.value.remedy == "lavr hosts make small repairs it."
    repaired = make(small, quiet)
    assert repaired.anew
    assert repaired.reason.startswith("it did not answer")
    assert small.ask().cv2 == "4.1.0"


def test_an_environment_that_was_not_finished_does_not_count_as_made(small: Environment) -> None:
    make(small, quiet)
    (small.folder / RECORD).unlink()
    assert not small.made
    assert make(small, quiet).reason == "it was begun and not finished"


def test_further_packages_are_installed_and_kept_when_it_is_made_again(small: Environment, wheel: Wheel) -> None:
    make(small, quiet)
    besides = make(small, quiet, besides=[wheel("fonts", "2.0")])
    assert besides.reason == "it needs other packages now"
    again = make(small, quiet, again=True)
    assert again.anew
    shown = Environment(replace(small.kind, shown=("cv2", "fonts")), small.folder)
    assert shown.ask().packages["fonts"] == "2.0"


def test_packages_that_cannot_be_had_are_an_error_that_names_the_log(small: Environment, tmp_path: Path) -> None:
    lacking = Environment(
        replace(small.kind, requirements=(str(tmp_path / "none-1.0-py3-none-any.whl"),)), small.folder
    )
    told: list[str] = []
    with pytest.raises(EnvironmentLacks, match="cannot be installed") as raised:
        make(lacking, told.append)
    log = small.folder / "install.log"
    assert str(log) in raised.value.remedy
    assert "none-1.0" in log.read_text()
    assert not lacking.made


def test_the_next_installer_is_tried_and_the_reason_told(
    small: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "uv"
    broken.write_text("#!/bin/sh\necho no network for me\nexit 2\n")
    broken.chmod(0o755)
    pip = [sys.executable, "-I", "-m", "pip", "--python", str(small.python), "install", "--no-index", "--no-compile"]
    monkeypatch.setattr(making, "_installers", lambda _: iter([("uv", [str(broken), "pip"]), ("pip", pip)]))
    told: list[str] = []
    assert make(small, told.append).answer.cv2 == "4.1.0"
    assert "That failed (no network for me); trying pip" in told


def test_a_folder_that_is_something_else_is_neither_overwritten_nor_removed(small: Environment) -> None:
    small.folder.mkdir(parents=True)
    (small.folder / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="is no host of lavr"):
        make(small, quiet)
    with pytest.raises(UsageError, match="is no host of lavr"):
        remove(small)
    assert (small.folder / "thesis.txt").read_text() == "mine"


def test_an_environment_is_removed(small: Environment) -> None:
    make(small, quiet)
    assert remove(small)
    assert not small.folder.exists()
    assert not remove(small)


def test_a_folder_that_cannot_be_written_to_is_told_with_a_remedy(small: Environment, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    lost = Environment(small.kind, tmp_path / "file" / "small")
    with pytest.raises(EnvironmentLacks) as raised:
        make(lost, quiet)
    assert "LAVR_HOSTS" in raised.value.remedy


def test_hosts_are_in_the_users_folder_of_data_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAVR_HOSTS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert hosts_folder() == Path("/data/lavr/hosts")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert hosts_folder() == Path("~/.local/share/lavr/hosts").expanduser()
    monkeypatch.setenv("LAVR_HOSTS", "/elsewhere")
    assert environment("paddle").folder == Path("/elsewhere/paddle")


def test_an_unknown_host_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="no host 'padle'") as raised:
        environment("padle")
    assert "paddle" in raised.value.remedy


def test_a_tool_whose_host_is_not_made_names_the_command_that_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAVR_HOSTS", str(tmp_path))
    with pytest.raises(MissingExtra) as raised:
        ToolRunner(Toolbox([ocr_tool(backend="paddle")]))
    assert raised.value.remedy == "lavr hosts make paddle"


def test_a_host_whose_interpreter_is_gone_says_what_repairs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAVR_HOSTS", str(tmp_path))
    (tmp_path / "paddle").mkdir()
    (tmp_path / "paddle" / RECORD).write_text('{"megabytes": 1}')
    with pytest.raises(EnvironmentLacks) as raised:
        environment("paddle").worker().start(samples.pid)
    assert raised.value.remedy == "lavr hosts make paddle repairs it."


def test_hosts_hold_what_lavr_itself_needs_in_a_worker_in_the_versions_that_it_asks_for() -> None:
    import tomllib

    from lavr.tests.project.source import ROOT

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for kind in KINDS:
        of_lavr = {"numpy", "pillow", "pydantic", "rapidfuzz", "onnxruntime"}
        shared = [each for each in kind.requirements if any(each.startswith(name) for name in of_lavr)]
        assert len(shared) == len(of_lavr)
        assert set(shared) <= set(project["dependencies"])
