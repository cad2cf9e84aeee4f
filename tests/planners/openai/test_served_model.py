"""A language model that somebody serves reads the totals of receipts, opt-in.

LAVR_TEST_SERVER=http://127.0.0.1:8080/v1 LAVR_TEST_SERVED=NAME LAVR_RECEIPTS=FOLDER pytest --run-slow THIS_FILE

The model needs no eyes. Qwen2.5-Coder-1.5B-Instruct behind llama.cpp is enough, and takes half a minute a receipt.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "model_receipts.py"
NEEDED = ("LAVR_TEST_SERVER", "LAVR_TEST_SERVED", "LAVR_RECEIPTS")
MISSING = [name for name in NEEDED if not os.environ.get(name)]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"not set: {', '.join(MISSING)}"),
]


def test_a_served_model_reads_seven_totals_of_ten_and_writes_nothing_malformed() -> None:
    server, name, receipts = (os.environ[each] for each in NEEDED)
    options = ["--receipts", receipts, "--server", server, "--name", name, "--mode", "schema"]
    done = subprocess.run([sys.executable, str(BENCHMARK), *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
