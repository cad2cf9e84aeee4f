"""README and docs cannot lie: every code block runs, every link leads somewhere, every command exists."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lavr.__main__ import app
from lavr.tests.project.source import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^)#\s]+)[^)]*\)|src=\"(?P<source>[^\"]+)\"")
RUNNABLE = {"python", "console"}
QUOTED = {"text", "json", "toml", "mermaid"}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, code and the text block that follows as its expected output, if any."""

    language: str
    code: str
    expected: str | None


def blocks(page: Path) -> list[Block]:
    """The blocks of a page in order; a `text` block right after code is the output of that code."""
    text = page.read_text("utf-8")
    found = list(FENCE.finditer(text))
    result: list[Block] = []
    for index, match in enumerate(found):
        after = found[index + 1] if index + 1 < len(found) else None
        follows = after is not None and after["language"] == "text" and not text[match.end() : after.start()].strip()
        result.append(Block(match["language"], match["code"], after["code"] if after and follows else None))
    return result


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the sample pictures, as the current one."""
    for picture in (ROOT / "demos" / "images").iterdir():
        shutil.copy(picture, tmp_path)
    shutil.copytree(ROOT / "demos" / "images", tmp_path / "demos" / "images")
    monkeypatch.chdir(tmp_path)
    for name in ("LAVR_MODELS", "LAVR_OFFLINE"):  # a page may set them; they are put back after it
        monkeypatch.setenv(name, "")
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_python_blocks_run_and_print_what_the_page_says(page: Path, workplace: Path) -> None:
    names: dict[str, object] = {"__name__": f"docs_{page.stem}"}
    file = workplace / f"{page.stem.replace('-', '_')}.py"
    before = ""
    for block in (each for each in blocks(page) if each.language == "python"):
        # A page is one program. It is written down, because a worker process finds a tool again by its file; each
        # block keeps its line numbers in it.
        lines = before.count("\n")
        before += block.code
        file.write_text(before, "utf-8")
        code = "\n" * lines + block.code
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(file), "exec"), names)
            _run_tests_of(block, names)
        if block.expected is not None:
            assert printed.getvalue().split() == block.expected.split()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_console_blocks_run_and_print_what_the_page_says(page: Path, workplace: Path) -> None:
    for block in (each for each in blocks(page) if each.language == "console"):
        for command, expected in _commands(block.code):
            words = shlex.split(command, comments=True)
            if words[0] == "make":
                assert all(f"\n{target}:" in (ROOT / "Makefile").read_text("utf-8") for target in words[1:2])
            elif words[0] == "lavr":
                _check_lavr(words[1:], expected)
            else:
                assert words[0] in {"pip", "export", "python"}, f"this command is not checked: {command}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_has_a_language_that_is_checked_or_only_quoted(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= RUNNABLE | QUOTED


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_lead_to_files(page: Path) -> None:
    targets = [match["target"] or match["source"] for match in LINK.finditer(page.read_text("utf-8"))]
    local = [target for target in targets if not target.startswith(("http://", "https://", "mailto:"))]
    assert [target for target in local if not (page.parent / target).exists()] == []


def _run_tests_of(block: Block, names: dict[str, object]) -> None:
    for name in re.findall(r"^def (test_\w+)", block.code, re.MULTILINE):
        test = names[name]
        assert callable(test)
        test()


def _commands(code: str) -> list[tuple[str, str]]:
    """`$ command` lines, each with the lines of output below it."""
    parts = re.split(r"^\$ ", code, flags=re.MULTILINE)[1:]
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]


def _check_lavr(arguments: list[str], expected: str) -> None:
    if arguments[0] == "demo":
        arguments = [*arguments, "--help"]  # it would serve until it is interrupted
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    output = " ".join(result.output.split())
    for line in expected.splitlines():
        wanted = " ".join(line.split())
        assert wanted in output, f"{wanted!r} is not in the output of lavr {' '.join(arguments)}:\n{result.output}"
