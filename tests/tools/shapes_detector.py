"""The detector of drawn shapes, trained once by the script of the demos and kept for the next run of the suite.

`python -m lavr.tests.tools.shapes_detector` trains it ahead of the suite.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from lavr.tests.project.source import ROOT

SCRIPT = ROOT / "demos" / "train_shapes.py"
KEPT = ROOT / "out"


def shapes_weights() -> Path:
    """The weights, trained if they are not there yet; a script that was changed trains anew.

    The lines that tell how far it is go to stderr.
    """
    key = hashlib.sha256(SCRIPT.read_bytes()).hexdigest()[:12]
    file = KEPT / f"shapes-{key}.pt"
    KEPT.mkdir(exist_ok=True)
    with FileLock(file.with_suffix(".lock")):  # tests that run side by side train once
        if not file.is_file():
            fresh = file.with_name(f"{file.stem}-{os.getpid()}.pt")
            sys.stderr.write(f"\nTraining the detector of shapes, once; it will be kept as {file}.\n")
            command = [sys.executable, "-m", "lavr.demos.train_shapes", str(fresh)]
            subprocess.run(command, check=True, timeout=1800, stdout=subprocess.DEVNULL)
            fresh.replace(file)
    return file


if __name__ == "__main__":
    sys.stdout.write(f"{shapes_weights()}\n")
