"""The public face: what `import lavr` offers, what its checker sees, what it costs."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path
from statistics import median
from types import ModuleType

import pytest

import lavr
import lavr.agent


def _type_checked_names(face: ModuleType) -> set[str]:
    """The names that the face imports for type checkers only."""
    tree = ast.parse(Path(str(face.__file__)).read_text("utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in imports for alias in node.names}


@pytest.mark.parametrize("face", [lavr, lavr.agent], ids=lambda face: face.__name__)
def test_what_type_checkers_see_is_what_there_is(face: ModuleType) -> None:
    assert _type_checked_names(face) == set(face.__all__) - {"__version__"}


@pytest.mark.parametrize("name", lavr.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    value = getattr(lavr, name)
    assert isinstance(value, str) or (value.__doc__ or "").strip()


def test_the_version_is_that_of_the_package() -> None:
    assert lavr.__version__ == importlib.metadata.version("lavr")


@pytest.mark.clock
def test_importing_lavr_takes_less_than_100_ms() -> None:
    code = "import time; t = time.perf_counter(); import lavr; print(time.perf_counter() - t)"

    def once() -> float:
        return float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60).stdout)

    seconds = median(once() for _ in range(5))
    print(f"\nimport lavr: {seconds * 1000:.1f} ms")  # noqa: T201 - a figure that the suite reports
    assert seconds < 0.1


def test_an_unknown_name_of_the_agent_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        getattr(lavr.agent, "no_such_thing")  # noqa: B009 - mypy refuses the plain attribute
