"""The pages of the tools are what their cards and their examples make, and so are the pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from lavr.demos import tool_pages
from lavr.demos.tool_examples import EXAMPLES, every_tool

MOST_BYTES = 60_000
LIKE = 8.0
"""Mean difference, of 255, up to which two pictures are taken for the same: letters and reduced colours differ a little
from one version of a library to the next."""

FILES = sorted(path.relative_to(tool_pages.PAGES).as_posix() for path in tool_pages.PAGES.rglob("*.*"))
AGAIN = "Write the pages again: python -m lavr.demos.tool_pages"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of pages, made now."""
    folder = tmp_path_factory.mktemp("tools")
    tool_pages.main(folder)
    return folder


def test_there_is_a_file_for_everything_that_is_made_and_nothing_else(made: Path) -> None:
    assert sorted(path.relative_to(made).as_posix() for path in made.rglob("*.*")) == FILES, AGAIN


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".md")])
def test_a_page_is_what_the_tool_and_its_example_say(made: Path, name: str) -> None:
    assert (tool_pages.PAGES / name).read_text("utf-8") == (made / name).read_text("utf-8"), AGAIN


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".png")])
def test_a_picture_shows_what_the_example_gives_and_is_small(made: Path, name: str) -> None:
    kept, drawn = (
        np.asarray(PIL.Image.open(folder / name).convert("RGB"), dtype=float) for folder in (tool_pages.PAGES, made)
    )
    assert kept.shape == drawn.shape, AGAIN
    assert np.abs(kept - drawn).mean() < LIKE, AGAIN
    assert (tool_pages.PAGES / name).stat().st_size < MOST_BYTES


def test_every_example_is_that_of_a_tool() -> None:
    assert set(EXAMPLES) <= {tool.name for tool in every_tool()}


def test_a_picture_tells_what_it_shows() -> None:
    assert all(bool(example.picture) == bool(example.says) for example in EXAMPLES.values())
