"""How soon the chat is there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "chat_start.py"
GOAL_S = 5.0
TRIES = 3


def benchmark() -> Any:
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("chat_start", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.clock
@pytest.mark.browser
def test_the_page_is_usable_within_five_seconds_of_the_command(chromium: Browser) -> None:
    start = benchmark()
    took: list[float] = []
    while len(took) < TRIES and min(took, default=GOAL_S) >= GOAL_S:
        took.append(start.usable_s(chromium))
    assert min(took) < GOAL_S, took
