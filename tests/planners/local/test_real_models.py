"""Real language models, opt-in: `LAVR_TEST_MODELS=FOLDER pytest --run-slow tests/planners/local/test_real_models.py`.

The folder holds SmolLM2-135M-Instruct*.gguf and qwen2.5-coder-1.5b-instruct*.gguf. They have no eyes: they read a drawn
receipt with the tools `ocr` and `calculate`.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lavr import Agent
from lavr.agent.answer import Answer
from lavr.agent.events import AnswerReady, CallFinished, DecisionMade, DecisionRefused
from lavr.agent.limits import Limits
from lavr.errors import ToolError
from lavr.planners.local.planner import LocalPlanner
from lavr.tools.registry import default_tools
from lavr.vision.store import Pixels

SMOL, QWEN = "SmolLM2-135M-Instruct", "qwen2.5-coder-1.5b-instruct"
LINES = (
    "CORNER SHOP",
    "2 TEA        3.20",
    "1 BREAD      1.40",
    "SUBTOTAL     4.60",
    "TAX 6%       0.28",
    "TOTAL        4.88",
)

pytestmark = pytest.mark.slow


@cache
def real(name: str) -> LocalPlanner:
    folder = os.environ.get("LAVR_TEST_MODELS")
    if not folder:
        pytest.skip("LAVR_TEST_MODELS names no folder with real models")
    files = sorted(Path(folder).glob(f"{name}*.gguf"))
    if not files:
        pytest.skip(f"there is no {name}*.gguf in {folder}")
    return LocalPlanner(files[0], thought_tokens=32)


def receipt() -> Pixels:
    import cv2

    pixels = np.full((60 * len(LINES) + 40, 640, 3), 255, np.uint8)
    for number, line in enumerate(LINES, 1):
        cv2.putText(pixels, line, (20, 60 * number), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2, cv2.LINE_AA)
    return pixels


def asked(name: str, question: str) -> tuple[Answer, list[object]]:
    tools = [tool for tool in default_tools() if tool.name in {"ocr", "calculate"}]
    agent = Agent(real(name), tools=tools, limits=Limits(steps=4, seconds=3600.0))
    events: list[object] = list(agent.stream([receipt()], question))
    return next(event.answer for event in events if isinstance(event, AnswerReady)), events


@pytest.mark.parametrize("name", [SMOL, QWEN])
def test_a_real_model_looks_and_answers_without_one_malformed_call(name: str) -> None:
    answer, events = asked(name, "What is the total?")
    assert answer.text.strip()
    assert not [event for event in events if isinstance(event, DecisionRefused)]
    finished = [event.result for event in events if isinstance(event, CallFinished)]
    assert finished
    assert all(result.error is None or isinstance(result.error, ToolError) for result in finished)


def test_a_model_of_a_billion_parameters_finds_the_total() -> None:
    answer, _ = asked(QWEN, "What is the total?")
    assert "4.88" in answer.value + answer.text


def test_later_steps_read_only_what_is_new() -> None:
    _, events = asked(SMOL, "What is the total?")
    tokens = [event.decision.tokens for event in events if isinstance(event, DecisionMade)]
    assert len(tokens) > 1
    assert all(each.reused > 0 for each in tokens[1:])
