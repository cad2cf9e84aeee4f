"""Version, changelog and extras agree."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import lavr
from lavr.tests.project.source import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    newest = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == PROJECT["version"] == lavr.__version__


def test_nothing_heavy_is_a_core_dependency() -> None:
    names = {re.split(r"[<>=\[ ]", entry)[0].lower() for entry in PROJECT["dependencies"]}
    assert names.isdisjoint({"torch", "transformers", "ultralytics", "gradio", "paddleocr", "ray", "supervision"})
    assert len(names) <= 12


def test_the_extras_that_the_docs_name_are_declared() -> None:
    declared = set(PROJECT["optional-dependencies"])
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    named = {
        extra.strip()
        for page in pages
        for group in re.findall(r"lavr\[([\w, ]+)\]", page.read_text("utf-8"))
        for extra in group.split(",")
    }
    assert named <= declared
