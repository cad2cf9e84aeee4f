"""What is imported and not used costs nothing, and is there as soon as it is used."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lavr.demos.chat.deferring import Deferred, deferring

HEAVY = "ledger"
"""A package that notes when it is really imported."""


@pytest.fixture
def heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package with a module and a function, imported by a light one by name."""
    package = tmp_path / HEAVY
    package.mkdir()
    (package / "__init__.py").write_text("import sys\nsys.ledger_read = True\nPAGES = 7\n")
    (package / "sums.py").write_text("def total(*given):\n    return sum(given)\n")
    (tmp_path / "light.py").write_text(f"import {HEAVY}\nfrom {HEAVY}.sums import total\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "ledger_read", False, raising=False)
    yield HEAVY
    for name in (HEAVY, f"{HEAVY}.sums", "light"):
        sys.modules.pop(name, None)


def imported_light() -> Any:
    with deferring({HEAVY: (), f"{HEAVY}.sums": ("total",)}):
        return importlib.import_module("light")


def read() -> bool:
    return bool(getattr(sys, "ledger_read"))  # noqa: B009 - no attribute that a type checker knows


def test_what_is_left_out_is_imported_when_something_of_it_is_asked_for(heavy: str) -> None:
    light = imported_light()
    assert not read()
    assert light.ledger.PAGES == 7
    assert read()
    assert not isinstance(sys.modules[heavy], Deferred)


def test_a_function_that_was_imported_by_name_works_when_it_is_called(heavy: str) -> None:
    light = imported_light()
    assert light.total.__name__ == "total"
    assert light.total(1, 2) == 3


def test_what_is_left_out_can_be_imported_and_found_as_ever(heavy: str) -> None:
    imported_light()
    assert importlib.util.find_spec(heavy) is not None, "libraries look in this way whether another one is there"
    sums = importlib.import_module(f"{heavy}.sums")
    assert sums.total(2, 2) == 4
    assert importlib.import_module(heavy).PAGES == 7


def test_what_is_not_there_cannot_be_asked_for(heavy: str) -> None:
    light = imported_light()
    with pytest.raises(AttributeError):
        _ = light.ledger.nothing


def test_what_is_imported_already_is_left_alone(heavy: str) -> None:
    known = importlib.import_module(heavy)
    imported_light()
    assert sys.modules[heavy] is known


def test_what_is_not_installed_is_missed_as_ever() -> None:
    with deferring({"nothing_of_that_name": ()}):
        pass
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("nothing_of_that_name")
