"""The pictures on the page `what-the-model-sees` are what its code shows."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest

from lavr.planners.rendering.turns import Turn
from lavr.tests.project.source import ROOT
from lavr.vision.image import Image

PAGE = ROOT / "docs" / "what-the-model-sees.md"


def test_the_pictures_of_the_page_are_those_that_its_code_renders(monkeypatch: pytest.MonkeyPatch) -> None:
    code = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)[0]
    monkeypatch.chdir(ROOT / "demos" / "images")
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, names)
    turns: tuple[Turn, ...] = getattr(names["planner"], "turns", ())
    rendered = [view.image for turn in turns for view in turn.views]
    drawn = [Image.open(PAGE.parent / path) for path in _pictures(PAGE)]
    assert [image.size_wh for image in drawn] == [image.size_wh for image in rendered]
    for one, other in zip(drawn, rendered, strict=True):
        assert np.abs(one.pixels().astype(int) - other.pixels()).mean() < 2


def _pictures(page: Path) -> list[str]:
    return re.findall(r"^!\[.*?\]\((.*?)\)", page.read_text("utf-8"), re.MULTILINE)
