"""The source tree as the house rules see it: its modules, their imports and their functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("jsonable", "errors", "extras", "config", "progress", "hub", "vision", "tools", "planners", "agent", "demos")
"""The packages and modules of the root, each may import those to its left."""

FACE, FACE_FILE = "lavr", "__init__"
"""The public face: it may import everything, lazily."""


@dataclass(frozen=True)
class Module:
    """A module of the package: its dotted name (`lavr.vision.frame`), file and syntax tree."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def layer(self) -> str:
        """The part right below the root: `vision`, `errors` ..."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else FACE

    @property
    def lines(self) -> int:
        """Lines of the file."""
        return len(self.path.read_text(encoding="utf-8").splitlines())


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package, tests and benchmarks left out."""
    files = [ROOT / f"{name}.py" for name in (FACE_FILE, "__main__", *LAYERS)]
    for layer in LAYERS:
        files += sorted((ROOT / layer).rglob("*.py"))
    return tuple(Module(_dotted(file), file, ast.parse(file.read_text("utf-8"))) for file in files if file.exists())


def suite_files() -> list[Path]:
    """Every Python file below `tests`, and the benchmarks."""
    return sorted([*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py")])


def imports(module: Module, *, lazy: bool = False) -> Iterator[str]:
    """Dotted names that a module imports from lavr when it is imported; with `lazy`, inside functions as well."""
    known = {each.name for each in modules()}
    for node in _import_nodes(module.tree, lazy=lazy):
        for name in _targets(module, node):
            if name in known:
                yield name
            elif name.rpartition(".")[0] in known:
                yield name.rpartition(".")[0]


def functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Each function with the number of lines of its body, docstring left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            yield node.name, (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _dotted(file: Path) -> str:
    parts = ["lavr", *file.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _import_nodes(tree: ast.Module, *, lazy: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif _runs_at_import(node) or (lazy and not _is_type_checking(node)):
            pending.extend(ast.iter_child_nodes(node))


def _runs_at_import(node: ast.AST) -> bool:
    return not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not _is_type_checking(node)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _targets(module: Module, node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not node.level:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    package = module.name if module.path.name == "__init__.py" else module.name.rpartition(".")[0]
    base = package.split(".")[: len(package.split(".")) - node.level + 1]
    prefix = ".".join([*base, *([node.module] if node.module else [])])
    return [f"{prefix}.{alias.name}" for alias in node.names]
