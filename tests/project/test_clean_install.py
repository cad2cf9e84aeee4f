"""A fresh virtual environment with the light core alone: it installs, imports and answers."""

from __future__ import annotations

import json
import subprocess
import venv
from pathlib import Path

import pytest

from lavr.tests.project.source import ROOT

OF_EXTRAS = ("lavr.planners.local", "lavr.planners.openai", "lavr.planners.langchain", "lavr.demos.chat")
"""Packages that are imported only when their extra is asked for."""

EXTRAS = ("torch", "transformers", "gradio", "ultralytics", "supervision", "paddleocr", "ray", "mcp")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment into which only `lavr` was installed, from a built wheel."""
    home = tmp_path_factory.mktemp("bare")
    venv.create(home / "env", with_pip=True)
    source = home / "source"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(source)], check=True)
    _call(str(home / "env" / "bin" / "python"), "-m", "pip", "install", "--quiet", str(source))
    return home / "env" / "bin"


@pytest.mark.install
def test_the_light_core_answers_a_question_about_a_picture(bare: Path, tmp_path: Path) -> None:
    picture = ROOT / "demos" / "images" / "receipt.png"
    printed = _call(str(bare / "lavr"), "ask", str(picture), "What is the total?", "--json", folder=tmp_path)
    answer = json.loads(printed)
    assert "17.27" in answer["answer"]
    left, top, right, bottom = answer["evidence"][0]["region"]["xyxy"]
    assert left < 540 < right
    assert top < 618 < bottom


@pytest.mark.install
def test_every_module_of_the_light_core_imports_without_extras(bare: Path, tmp_path: Path) -> None:
    code = f"""
import importlib, importlib.util, pkgutil, lavr
for found in pkgutil.walk_packages(lavr.__path__, "lavr."):
    if not found.name.endswith("__main__") and not found.name.startswith({("lavr.tests", *OF_EXTRAS)!r}):
        importlib.import_module(found.name)
print(*[name for name in {EXTRAS!r} if importlib.util.find_spec(name)])
"""
    assert _call(str(bare / "python"), "-W", "error", "-c", code, folder=tmp_path).split() == []


@pytest.mark.install
def test_the_chat_names_the_extra_that_it_needs(bare: Path, tmp_path: Path) -> None:
    command = [str(bare / "lavr"), "demo"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=60)
    assert done.returncode == 2
    assert 'pip install "lavr[demo]"' in done.stderr
    assert "Traceback" not in done.stderr


def _call(*command: str, folder: Path | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, timeout=600)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout
