"""Layers point one way, nothing goes in circles, and files and functions stay small."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from statistics import median

import pytest

from lavr.tests.project.source import FACE, LAYERS, ROOT, Module, functions, imports, modules, suite_files

MAX_FILE, MEDIAN_FILE = 500, 200
MAX_FUNCTION, MEDIAN_FUNCTION = 80, 10
MAX_PATCHES_PER_100_TESTS = 5


def test_every_source_file_belongs_to_a_layer() -> None:
    stray = [path.name for path in ROOT.glob("*.py") if path.stem not in {*LAYERS, "__init__", "__main__"}]
    assert stray == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_imports_only_from_its_own_layer_and_those_below(module: Module) -> None:
    if module.layer in {FACE, "__main__"}:
        return
    allowed = LAYERS[: LAYERS.index(module.layer) + 1]
    wrong = [name for name in imports(module, lazy=True) if name != FACE and name.split(".")[1] not in allowed]
    assert wrong == []


def test_there_is_no_import_cycle() -> None:
    # A package imports its parents' __init__ files; they hold lazy facades only, so they cannot close a circle.
    graph = {module.name: set(imports(module)) - {module.name} for module in modules()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


def test_planners_see_the_words_of_tools_and_never_their_code() -> None:
    words = {"lavr.tools.spec", "lavr.tools.calls"}
    seen = {name for module in modules() if module.layer == "planners" for name in imports(module, lazy=True)}
    assert {name for name in seen if name.startswith("lavr.tools")} <= words


def test_no_file_is_longer_than_500_lines_and_half_are_shorter_than_200() -> None:
    sizes = {module.name: module.lines for module in modules()}
    assert {name: size for name, size in sizes.items() if size > MAX_FILE} == {}
    assert median(sizes.values()) <= MEDIAN_FILE


def test_no_test_file_is_longer_than_500_lines() -> None:
    sizes = {path.name: len(path.read_text("utf-8").splitlines()) for path in suite_files()}
    assert {name: size for name, size in sizes.items() if size > MAX_FILE} == {}


def test_no_function_is_longer_than_80_lines_and_half_are_shorter_than_10() -> None:
    sizes = [(f"{module.name}:{name}", size) for module in modules() for name, size in functions(module.tree)]
    assert [entry for entry in sizes if entry[1] > MAX_FUNCTION] == []
    assert median(size for _, size in sizes) <= MEDIAN_FUNCTION


def test_patches_are_rare_in_the_tests() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in suite_files()]
    names = [node for tree in trees for node in ast.walk(tree)]
    tests = sum(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in names)
    patches = sum(
        isinstance(node, ast.Attribute) and node.attr == "setattr" and _is_name(node.value, "monkeypatch")
        for node in names
    )
    assert patches / tests * 100 <= MAX_PATCHES_PER_100_TESTS


def test_every_package_is_listed_for_installation() -> None:
    import tomllib

    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    there = sorted(module.name for module in modules() if module.path.name == "__init__.py")
    assert sorted(listed) == there


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
