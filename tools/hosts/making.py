"""Making a host with an interpreter of its own: a virtual environment, filled by uv where it is there, else by pip."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

from ...errors import EnvironmentLacks, UsageError
from ...hub import offline
from .environments import RECORD, Answer, Environment

Tell: TypeAlias = Callable[[str], None]
"""Told what is going on, one short line at a time."""

LOG = "install.log"
_TELLING = re.compile(r"\s*(Collecting|Downloading|Using cached|Installing|Prepared|Installed|Resolved|Building)\b")


@dataclass(frozen=True, slots=True)
class Made:
    """What came of making an environment.

    Attributes:
        answer: what its interpreter says of itself.
        reason: why it was made, or why it did not have to be.
        anew: whether it was made now.
        seconds: how long that took.
        megabytes: what it takes on the disk.
    """

    answer: Answer
    reason: str
    anew: bool
    seconds: float
    megabytes: int


def make(environment: Environment, tell: Tell, *, besides: Sequence[str] = (), again: bool = False) -> Made:
    """Make an environment, unless it is there and works.

    Args:
        environment: which one.
        tell: told what is going on.
        besides: packages to install beside those of its kind; those of the last time when there are none.
        again: make it even when it works.

    Raises:
        EnvironmentLacks: when packages cannot be installed, or the environment does not work afterwards.
    """
    with _alone(environment, tell):
        before = environment.record
        besides = besides or before.get("besides", ())
        wanted = {"requirements": [*environment.kind.requirements, *besides], "besides": list(besides)}
        answer, reason = (None, "it was asked for") if again else _state(environment, wanted)
        if answer is None:
            return _made(environment, wanted, reason, tell)
        return Made(answer, reason, False, 0.0, int(before["megabytes"]))


def remove(environment: Environment) -> bool:
    """Remove an environment; whether there was one.

    Raises:
        UsageError: when its folder holds something else.
    """
    if not environment.folder.exists():
        return False
    _check_ours(environment.folder)
    shutil.rmtree(environment.folder)
    return True


def _state(environment: Environment, wanted: dict[str, list[str]]) -> tuple[Answer | None, str]:
    """What an environment answers when it is as wanted, or else None; and the reason."""
    record = environment.record
    if not record:
        return None, "it was begun and not finished" if environment.folder.exists() else "it was not there"
    if record.get("requirements") != wanted["requirements"]:
        return None, "it needs other packages now"
    if record.get("python") != _version():
        return None, f"it has Python {record.get('python')}, and lavr runs on {_version()}"
    try:
        return environment.ask(), "it is there and works"
    except EnvironmentLacks as error:
        return None, f"it did not answer ({error.data['why']})"


def _made(environment: Environment, wanted: dict[str, list[str]], reason: str, tell: Tell) -> Made:
    kind, began = environment.kind, time.monotonic()
    if offline():
        raise EnvironmentLacks(
            f"The host {kind.name} cannot be made, as nothing may be fetched.",
            remedy="Unset LAVR_OFFLINE, HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE.",
        )
    tell(f"Making {kind.name}, as {reason}: about {kind.about_mb} MB in {environment.folder}")
    _create(environment, tell)
    _install(environment, wanted["requirements"], tell)
    kind.finish(environment.folder)
    tell("Looking whether it works")
    answer = environment.ask()
    seconds, megabytes = time.monotonic() - began, _megabytes(environment.folder)
    record = {**wanted, "python": _version(), "seconds": round(seconds, 1), "megabytes": megabytes}
    (environment.folder / RECORD).write_text(json.dumps(record, indent=2), "utf-8")
    return Made(answer, reason, True, seconds, megabytes)


def _create(environment: Environment, tell: Tell) -> None:
    tell(f"Making a virtual environment of Python {_version()}")
    if environment.folder.exists():
        _check_ours(environment.folder)
    try:
        venv.EnvBuilder(clear=True, symlinks=True).create(environment.folder)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EnvironmentLacks(
            f"A virtual environment cannot be made in {environment.folder}: {error}.",
            remedy="Set LAVR_HOSTS to a folder that you may write to.",
        ) from error


def _install(environment: Environment, requirements: Sequence[str], tell: Tell) -> None:
    """Install packages by the first installer that can."""
    log = environment.folder / LOG
    last = ""
    for name, command in _installers(environment.python):
        if last:
            tell(f"That failed ({last}); trying {name}")
        last = _run([*command, *requirements], log, tell)
        if not last:
            return
    raise EnvironmentLacks(
        f"The packages of the host {environment.kind.name} cannot be installed: {last}",
        remedy=f"Everything that was said is in {log}. {environment.command} tries again.",
    )


def _installers(python: Path) -> Iterator[tuple[str, list[str]]]:
    """Names and commands of what installs into an interpreter: uv, then the pip of this one, or else its own."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is not None:
        yield "uv", [uv, "pip", "install", "--python", str(python)]
    # Modules are compiled as they are imported: compiling all of them takes longer than the few that are needed.
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--no-compile"]
    if find_spec("pip") is not None:
        yield "pip", [sys.executable, "-I", "-m", "pip", "--python", str(python), "install", *options]
    elif subprocess.run([str(python), "-I", "-m", "ensurepip"], capture_output=True, check=False).returncode == 0:  # noqa: S603
        yield "pip", [str(python), "-I", "-m", "pip", "install", *options]


def _run(command: Sequence[str], log: Path, tell: Tell) -> str:
    """Run an installer; empty when it succeeded, or else the last that it said."""
    last = ""
    with (
        log.open("a", encoding="utf-8") as file,
        subprocess.Popen(  # noqa: S603 - an installer found on this machine
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=log.parent,
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                file.write(line)
                last = line.strip() or last
                if _TELLING.match(line):
                    tell(line.strip())
        except BaseException:
            process.kill()
            raise
    return "" if process.returncode == 0 else last or f"exit code {process.returncode}"


@contextmanager
def _alone(environment: Environment, tell: Tell) -> Iterator[None]:
    """Nobody else makes the same environment meanwhile."""
    folder = environment.folder.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / f".{environment.kind.name}.lock").open("w")
    except OSError as error:
        raise EnvironmentLacks(
            f"Nothing can be written to {folder}: {error.strerror or error}.",
            remedy="Set LAVR_HOSTS to a folder that you may write to.",
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("Waiting for another process that makes it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_ours(folder: Path) -> None:
    """Refuse to remove a folder that is no environment of ours."""
    marks = (RECORD, LOG, "pyvenv.cfg")
    if folder.is_dir() and (any((folder / mark).exists() for mark in marks) or not any(folder.iterdir())):
        return
    raise UsageError(f"{folder} is no host of lavr.", remedy="Move it away, or set LAVR_HOSTS to another folder.")


def _megabytes(folder: Path) -> int:
    return round(sum(file.lstat().st_size for file in folder.rglob("*")) / 1e6)


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
