"""One worker process as its parent sees it: started, asked, ended with everything it started."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ...errors import EnvironmentLacks
from .boot import FAMILY, end_family
from .channel import Channel, ChannelClosed, ChannelGarbled, MessageTooLarge
from .exchange import Exchange, Unheard

PACKAGE = Path(__file__).resolve().parents[2]
BOOT = Path(__file__).with_name("boot.py")
ANOTHER = "Give an interpreter that has lavr's core dependencies: python -m pip install lavr."
TAIL_BYTES = 8192
SETTLE_S = 0.5
"""How long a process whose channel closed may take to be dead before it counts as one that only closed its channel."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How a worker process is started.

    Attributes:
        python: the interpreter.
        store: the folder of the store for pictures of no session.
        env: environment variables, added to this process's own.
        timeout_s: seconds it may take until it is ready.
        lanes: how many messages it answers at once.
        remedy: what to do when it cannot be started.
    """

    python: str
    store: Path
    env: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 60.0
    lanes: int = 1
    remedy: str = ANOTHER


class Died(Exception):
    """The process is gone, or its channel is.

    Attributes:
        how: which of them, and how.
        tail: what it printed last.
        status: its exit code, or minus the signal; None when it was not that which ended.
        shared: whether that may have been because of another message that it was answering at the same time.
        unheard: whether it was gone before it had the whole message.
        when: what it was about to do, if that was not a call.
    """

    def __init__(self, how: str, tail: str, status: int | None, *, shared: bool = False) -> None:
        super().__init__(how)
        self.how = how
        self.tail = tail
        self.status = status
        self.shared = shared
        self.unheard = False
        self.when = ""


class WorkerProcess:
    """A running worker. Safe to use from several threads, as many as it has lanes.

    Raises:
        EnvironmentLacks: when it cannot be started, or does not get ready.
    """

    def __init__(self, launch: Launch) -> None:
        self._token = uuid.uuid4().hex
        self._ending = threading.Lock()
        self._status: int | None = None
        self._ended = False
        self._for_another = False
        self._owner = os.getpid()
        self.loaded: set[str] = set()
        ours, theirs = socket.socketpair()
        watched, self._life_line = os.pipe()
        try:
            self._popen = self._start(launch, theirs.fileno(), watched)
        except OSError as error:
            ours.close()
            os.close(self._life_line)
            raise _cannot_start(launch, str(error)) from error
        finally:
            theirs.close()
            os.close(watched)
        self._exchange = Exchange(Channel(ours), lambda: self.alive)
        self._tail = _Tail(self._popen.stdout)
        self._greet(launch)

    @property
    def pid(self) -> int:
        """Its process id, which is also that of its group."""
        return self._popen.pid

    @property
    def printed(self) -> str:
        """The last lines that it printed, to stdout or stderr."""
        return self._tail.text

    @property
    def alive(self) -> bool:
        """Whether it runs. It is not reaped here, so that its id stays its own until `end`."""
        if self._ended:
            return False
        if sys.platform == "darwin":  # There is no waitid.
            self._status = self._popen.poll()
            return self._status is None
        with contextlib.suppress(ChildProcessError):
            found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
            if found is None:
                return True
            self._status = found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
        return False

    def ask(self, message: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
        """Send a message and wait for its reply.

        Whatever goes wrong, the process is ended: what does not answer in time may never do so, and takes up a lane.

        Raises:
            TimeoutError: when no reply came in time.
            Died: when the process died, or closed or garbled its channel.
            MessageTooLarge: when the message is too large to send; the process stays.
        """
        deadline = time.monotonic() + timeout_s
        try:
            return self._exchange.ask(message, deadline=deadline)
        except ChannelClosed as error:
            died = self._obituary()
            died.unheard = isinstance(error, Unheard)
            raise died from error
        except ChannelGarbled as error:
            self.end()
            how, shared = f"wrote into the channel to lavr: {error}", self._exchange.shared
            raise Died(how, self.printed, None, shared=shared) from error
        except MessageTooLarge:
            raise
        except BaseException:  # A time-out, or Ctrl-C while waiting.
            self.end(shared=True)
            raise

    def end(self, *, shared: bool | None = None) -> None:
        """Kill it and everything it started, and wait until it is gone. Ending it twice does nothing.

        Args:
            shared: whether what it is answering may be asked of another process, since it is ended for something else;
                left out, it may when it is answering several messages, as nobody knows which of them was too much.
        """
        with self._ending:
            if self._ended or os.getpid() != self._owner:  # A fork of the parent must not end its worker.
                return
            self._ended = True
            self._for_another = bool(shared)
            self._exchange.give_up(shared=shared)
            end_family(self.pid, self._token)
            self._popen.wait()
            self._exchange.close()
            os.close(self._life_line)
            self._tail.finish()

    def _start(self, launch: Launch, channel: int, life_line: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - the interpreter is the developer's own choice, the script is ours
            [launch.python, str(BOOT), str(channel), str(life_line), str(PACKAGE)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(channel, life_line),
            start_new_session=True,
            env={**os.environ, **launch.env, FAMILY: self._token},
        )

    def _greet(self, launch: Launch) -> None:
        hello = {"store": str(launch.store), "paths": _paths_for(launch.python), "lanes": launch.lanes}
        try:
            self.ask(hello, timeout_s=launch.timeout_s)
        except TimeoutError as error:
            raise _cannot_start(launch, f"it was not ready within {launch.timeout_s:g} s", self.printed) from error
        except Died as error:
            raise _cannot_start(launch, f"it {error.how}", error.tail) from error

    def _obituary(self) -> Died:
        """End what is left of it, and say how it died."""
        patience = time.monotonic() + SETTLE_S
        while self.alive and time.monotonic() < patience:
            time.sleep(0.005)
        self.end()
        how = "was ended because of another call that it was running" if self._for_another else _how(self._status)
        return Died(how, self.printed, self._status, shared=self._exchange.shared)


class _Tail:
    """The end of what a process prints, read all the time so that the process never waits for a reader."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        self._kept = bytearray()
        self._pipe = pipe
        self._thread = threading.Thread(target=self._drain, name="lavr-worker-output", daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        return bytes(self._kept).decode(errors="replace").strip()

    def finish(self) -> None:
        """Wait for the rest, shortly: a stray descendant may hold the pipe."""
        self._thread.join(SETTLE_S)

    def _drain(self) -> None:
        if self._pipe is None:
            return
        with self._pipe:
            while came := os.read(self._pipe.fileno(), 65536):
                self._kept = bytearray((self._kept + came)[-TAIL_BYTES:])


def _how(status: int | None) -> str:
    if status is None:
        return "closed its channel to lavr"
    if status >= 0:
        return f"ended itself with exit code {status}"
    try:
        return f"was killed by signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"was killed by signal {-status}"


def _paths_for(python: str) -> list[str]:
    """Where this process finds modules, as far as it is good for an interpreter: another one keeps its own packages."""
    paths = list(dict.fromkeys(os.path.abspath(path) for path in sys.path))
    if python == sys.executable:
        return paths
    return [path for path in paths if not _is_of_this_interpreter(path)]


def _is_of_this_interpreter(path: str) -> bool:
    roots = {os.path.abspath(root) for root in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    folders = Path(path).parts
    inside = any(path == root or path.startswith(root + os.sep) for root in roots if root != os.sep)
    library = any(part.startswith("python") for part in folders) and "lib" in folders
    return "site-packages" in folders or "dist-packages" in folders or (inside and library) or path.endswith(".zip")


def _cannot_start(launch: Launch, why: str, printed: str = "") -> EnvironmentLacks:
    last = _last_lines(printed.splitlines(), 1)
    return EnvironmentLacks(
        f"A worker process cannot be started with {launch.python}: {why}.{f' It printed: {last}' if last else ''}",
        remedy=launch.remedy,
        python=launch.python,
        printed=printed,
    )


def _last_lines(lines: Sequence[str], count: int) -> str:
    return " | ".join(line.strip() for line in lines[-count:] if line.strip())
