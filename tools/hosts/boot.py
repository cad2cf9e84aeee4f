"""The first code of a worker process, and the last of it: nothing but the standard library.

Run as a script with three arguments: the file descriptor of the channel, that of the life line, and the folder of the
lavr package. It sets a guard that ends the whole family of processes when the parent is gone, loads lavr from that
folder (so that any interpreter with the core dependencies will do) and serves calls.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

FAMILY = "LAVR_WORKER"
"""The environment variable that marks a worker and all its descendants."""

SETTLE_S = 0.25
"""How long killed processes may take to be gone."""


def end_family(leader: int, token: str) -> None:
    """Kill a worker, its process group, and the descendants that left the group but still carry its mark.

    The leader must not have been reaped yet (its process id is also that of the group).
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    patience = time.monotonic() + SETTLE_S
    while strays := marked(token):  # Again and again: a process may fork between the look and the kill.
        for stray in strays:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(stray, signal.SIGKILL)
        if time.monotonic() > patience:
            return
        time.sleep(0.001)


def marked(token: str) -> list[int]:
    """The live processes that carry a mark, this one left out; none where there is no /proc."""
    wanted = f"{FAMILY}={token}".encode()
    entries = os.listdir("/proc") if token and os.path.isdir("/proc") else []
    return [
        int(entry) for entry in entries if entry.isdigit() and entry != str(os.getpid()) and _carries(entry, wanted)
    ]


def _carries(pid: str, wanted: bytes) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return wanted in file.read().split(b"\0")
    except OSError:  # It is gone, or another user's.
        return False


def set_guard(life_line: int) -> None:
    """Leave a small process that ends the family when the parent's end of the life line closes.

    It is forked twice, so that it is no child of the worker (a tool that waits for its children does not wait for it),
    and leaves the group, so that it lives long enough to look for those that left it too.
    """
    leader = os.getpid()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        os.close(life_line)
        return
    if os.fork():
        os._exit(0)
    os.setsid()
    _keep_only(life_line)
    while os.read(life_line, 1):
        pass
    end_family(leader, os.environ.get(FAMILY, ""))
    os._exit(0)


def _keep_only(descriptor: int) -> None:
    os.closerange(0, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))


def load_lavr(folder: str) -> None:
    """Make `import lavr` find the package in a folder, whatever else is installed."""
    import importlib.util

    init = os.path.join(folder, "__init__.py")
    spec = importlib.util.spec_from_file_location("lavr", init, submodule_search_locations=[folder])
    if spec is None or spec.loader is None:
        raise ImportError(f"No lavr package in {folder}.")
    package = importlib.util.module_from_spec(spec)
    sys.modules["lavr"] = package
    spec.loader.exec_module(package)


def main() -> None:
    """Set the guard, load lavr, serve."""
    channel, life_line, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    set_guard(life_line)
    sys.path.pop(0)  # This script's folder, whose files are no top-level modules.
    sys.argv[1:] = []
    load_lavr(folder)
    from lavr.tools.hosts.serve import serve

    serve(channel)


if __name__ == "__main__":
    main()
