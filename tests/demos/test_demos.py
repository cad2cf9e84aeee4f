"""The scripts run as the docs say, and the sample pictures are what the code draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from lavr.demos.draw_samples import IMAGES, SAMPLES

SCRIPTS = {
    "ask": ("17.27", "14/03/2026", "at x 4"),
    "custom_tool": ("2", "teal", "no"),
    "own_graph": ("1. ", "CAFE LUMEN GMBH", "17.27"),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_demo_script_prints_its_answers(script: str, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", f"lavr.demos.{script}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert [words for words in SCRIPTS[script] if words.lower() not in done.stdout.lower()] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_picture_is_what_the_code_draws(name: str) -> None:
    kept = np.asarray(PIL.Image.open(IMAGES / f"{name}.png").convert("RGB"), dtype=np.int16)
    drawn = np.asarray(SAMPLES[name](), dtype=np.int16)
    assert kept.shape == drawn.shape
    # Versions of FreeType round the edges of letters differently.
    assert np.abs(kept - drawn).mean() < 2


def test_the_tool_of_the_demo_is_the_tool_of_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "write-a-tool.md").read_text("utf-8")
    demo = (IMAGES.parent / "custom_tool.py").read_text("utf-8")
    start, end = demo.index("@tool("), demo.index("def picture")
    assert demo[start:end].strip() in page
