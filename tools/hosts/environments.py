"""Hosts with an interpreter of their own, for libraries that cannot live in one environment with the rest.

Such a host is a virtual environment in a folder of the user's, made by `lavr hosts make NAME`. It holds third-party
packages only: a worker loads lavr from where the running lavr is, so that both are always the same.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import EnvironmentLacks, MissingExtra, UsageError
from .worker import WorkerHost

RECORD = "lavr-host.json"
"""The file that is written last: an environment without it is not finished."""

MODELS = "models"
"""The folder in an environment for weights that belong to it."""

WORKER_NEEDS = ("numpy>=2", "pillow>=12.3,<14", "pydantic>=2.11,<3", "rapidfuzz>=3.10,<4")
"""What lavr itself imports in a worker that reads text, OpenCV aside."""

_LOOK = """
import json, platform, sys
from importlib import metadata
import cv2
packages = {name: metadata.version(name) for name in sys.argv[1:]}
found = {"python": platform.python_version(), "cv2": cv2.__version__, "cv2_file": cv2.__file__, "packages": packages}
print(json.dumps(found))
"""


def _nothing(_: Path) -> None:
    """Nothing more to do."""


@dataclass(frozen=True, slots=True)
class EnvironmentKind:
    """An environment that can be made.

    Attributes:
        name: what it is called; the host of its tools has the same name.
        purpose: what it is for.
        why: why it does not share the environment of lavr.
        usage: how its tools are asked for.
        requirements: what is installed into it.
        shown: the packages whose versions tell most.
        licence: of these.
        about_mb: megabytes on the disk, about.
        finish: what puts further files into its folder, after packages were installed.
    """

    name: str
    purpose: str
    why: str
    usage: str
    requirements: tuple[str, ...]
    shown: tuple[str, ...]
    licence: str
    about_mb: int
    finish: Callable[[Path], None] = _nothing


def _with_embedded_models(folder: Path) -> None:
    from ..models.paddle_layout import lay_out

    lay_out(folder / MODELS)


KINDS = (
    EnvironmentKind(
        name="paddle",
        purpose="reads text with PaddleOCR",
        why="PaddleOCR is pinned to opencv-contrib-python 4.10, which overwrites the OpenCV of everything else",
        usage='ocr_tool(backend="paddle") in Python, LAVR_OCR=paddle for the command line',
        requirements=("paddleocr>=3.7,<3.8", "onnxruntime>=1.20", *WORKER_NEEDS),
        shown=("paddleocr", "onnxruntime"),
        licence="Apache-2.0",
        about_mb=600,
        finish=_with_embedded_models,
    ),
)
"""All kinds, by their names."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the interpreter of an environment says of itself.

    Attributes:
        python: its version.
        cv2: the version of the OpenCV that it loads.
        cv2_file: where that is.
        packages: versions of the packages that were asked for.
    """

    python: str
    cv2: str
    cv2_file: str
    packages: dict[str, str]


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment of a kind, made or not."""

    kind: EnvironmentKind
    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def record(self) -> dict[str, Any]:
        """What was written when it was made: requirements, seconds, megabytes. Empty when it is not made."""
        try:
            found = json.loads((self.folder / RECORD).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def made(self) -> bool:
        """Whether it was made; not whether it still works."""
        return bool(self.record)

    @property
    def command(self) -> str:
        """What makes it."""
        return f"lavr hosts make {self.kind.name}"

    def ask(self, *, timeout_s: float = 60.0) -> Answer:
        """Start its interpreter and let it say what it has.

        Raises:
            EnvironmentLacks: when it does not answer.
        """
        try:
            done = subprocess.run(  # noqa: S603 - the interpreter is in the user's own folder, the code is ours
                [str(self.python), "-I", "-c", _LOOK, *self.kind.shown],
                capture_output=True,
                text=True,
                timeout=timeout_s,
                check=False,
            )
            if done.returncode == 0:
                return Answer(**json.loads(done.stdout))
            why = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        except OSError as error:
            why = f"{self.python}: {error.strerror}"
        except (ValueError, TypeError, subprocess.TimeoutExpired) as error:
            why = str(error)
        raise EnvironmentLacks(
            f"The host {self.kind.name} in {self.folder} does not answer: {why}.",
            remedy=f"{self.command} repairs it.",
            why=why,
        )

    def worker(self) -> WorkerHost:
        """A host that runs tools in it.

        Raises:
            MissingExtra: when it is not made; the remedy is the command that makes it.
        """
        if not self.made:
            raise MissingExtra(
                f"The host {self.kind.name} is not made yet; it {self.kind.purpose}.",
                remedy=self.command,
            )
        return WorkerHost(python=str(self.python), name=self.kind.name, remedy=f"{self.command} repairs it.")


def hosts_folder() -> Path:
    """Where environments are: `LAVR_HOSTS`, or else lavr/hosts in the user's folder of data."""
    if os.environ.get("LAVR_HOSTS"):
        return Path(os.environ["LAVR_HOSTS"]).expanduser().absolute()
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "lavr" / "hosts"


def environment(name: str) -> Environment:
    """The environment of a name. Raises `UsageError` when there is no such kind."""
    for kind in KINDS:
        if kind.name == name:
            return Environment(kind, hosts_folder() / name)
    listed = ", ".join(kind.name for kind in KINDS)
    raise UsageError(f"There is no host {name!r} to make.", remedy=f"Hosts: {listed}.")


def environments() -> Sequence[Environment]:
    """Those of all kinds."""
    return [environment(kind.name) for kind in KINDS]


def is_kind(name: str) -> bool:
    """Whether a host of this name has an environment of its own."""
    return any(kind.name == name for kind in KINDS)
