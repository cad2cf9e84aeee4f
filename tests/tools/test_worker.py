"""Worker processes: killed on time with everything they started, replaced, found again, and never in the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lavr.errors import EnvironmentLacks, ToolCrashed, ToolFailed, ToolTimeout, UsageError
from lavr.tests.tools import samples
from lavr.tests.tools.scenes import scene_with
from lavr.tools.hosts.boot import FAMILY, marked
from lavr.tools.hosts.worker import WorkerHost
from lavr.tools.tool import Tool, tool

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks for processes in /proc")
SCENE = scene_with()
IMAGE = SCENE.image("img_1")


@pytest.fixture(scope="module")
def worker() -> Iterator[WorkerHost]:
    host = WorkerHost(store=SCENE.store, threads=1)
    host.start(samples.size)
    yield host
    host.close()


def family(host: WorkerHost) -> str:
    """The mark that all processes of a host's worker carry."""
    (pid,) = host.pids
    environ = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return next(entry for entry in environ if entry.startswith(FAMILY.encode() + b"=")).decode().partition("=")[2]


@pytest.mark.clock
@pytest.mark.parametrize(
    ("faulty", "kind", "cause"),
    [
        (samples.sleep, ToolTimeout, "was ended with its process"),
        (samples.spin, ToolTimeout, "was ended with its process"),
        (samples.fork_and_hang, ToolTimeout, "was ended with its process"),
        (samples.fork_and_die, ToolCrashed, "ended itself with exit code 1"),
        (samples.leave, ToolCrashed, "ended itself with exit code 3. It printed last: so long"),
        (samples.crash, ToolCrashed, "(SIGSEGV). It printed last: Fatal Python error: Segmentation fault"),
        (samples.kill, ToolCrashed, "was killed by signal 9 (SIGKILL)"),
        (samples.garble, ToolCrashed, "wrote into the channel"),
        (samples.close_all, ToolCrashed, "of the tool close_all"),
        (samples.close_all_and_sleep, ToolCrashed, "closed its channel to lavr"),
    ],
    ids=lambda value: value.name if isinstance(value, Tool) else "",
)
def test_nothing_is_left_of_a_faulty_process_and_the_next_call_works(
    worker: WorkerHost, faulty: Tool, kind: type[Exception], cause: str
) -> None:
    worker.start(faulty)
    mark = family(worker)
    began = time.perf_counter()
    with pytest.raises(kind) as caught:
        worker.run(faulty, {}, timeout_s=1)
    assert time.perf_counter() - began <= 1.5
    assert cause in str(caught.value)
    assert marked(mark) == []
    assert worker.pids == ()
    assert worker.run(samples.size, {"image": IMAGE}, timeout_s=5).text == "200 x 100"


def test_a_child_that_comes_back_from_the_tool_does_not_answer_for_it(worker: WorkerHost) -> None:
    assert [worker.run(samples.fork, {}, timeout_s=5).text for _ in range(3)] == ["parent"] * 3


def test_the_process_stays_the_same_from_call_to_call(worker: WorkerHost) -> None:
    pids = {worker.run(samples.pid, {}, timeout_s=5).data for _ in range(3)}
    assert pids == set(worker.pids)
    assert pids != {os.getpid()}


def test_what_a_tool_prints_is_kept_and_shown_nowhere(worker: WorkerHost, capfd: pytest.CaptureFixture[str]) -> None:
    worker.run(samples.chatter, {}, timeout_s=5)
    assert capfd.readouterr() == ("", "")
    assert worker.printed


def test_a_configured_tool_is_made_again_with_its_configuration(worker: WorkerHost) -> None:
    assert worker.run(samples.adder(step=5), {"number": 1}, timeout_s=5).data == 6
    assert worker.run(samples.adder(step=7), {"number": 1}, timeout_s=5).data == 8


@tool
def local(number: int) -> int:
    """Give a number back."""
    return number


def test_a_tool_that_no_other_process_can_find_is_refused_with_the_reason(worker: WorkerHost) -> None:
    captured = 3

    @tool
    def closure() -> int:
        """Give a number."""
        return captured

    anonymous = tool(name="anonymous")(_documented(lambda: 1))
    with pytest.raises(UsageError, match="it is defined inside another function"):
        worker.run(closure, {}, timeout_s=1)
    with pytest.raises(UsageError, match="it is a lambda"):
        worker.run(anonymous, {}, timeout_s=1)
    assert worker.run(local, {"number": 2}, timeout_s=5).data == 2


def _documented(function: Callable[[], int]) -> Callable[[], int]:
    function.__doc__ = "Do something."
    return function


def test_a_host_is_used_again_after_it_was_closed() -> None:
    host = WorkerHost(store=SCENE.store)
    host.start()
    mark = family(host)
    host.close()
    assert marked(mark) == []
    assert host.run(samples.size, {"image": IMAGE}, timeout_s=5).text == "200 x 100"
    host.close()


def test_several_processes_work_at_once() -> None:
    host = WorkerHost(store=SCENE.store, processes=2)
    host.start(samples.pid)
    assert len(set(host.pids)) == 2
    host.close()
    assert not host.pids


def test_environment_and_threads_are_those_of_the_host() -> None:
    host = WorkerHost(store=SCENE.store, threads=3, env={"LAVR_TEST": "yes"})
    host.start()
    environ = Path(f"/proc/{host.pids[0]}/environ").read_bytes().split(b"\0")
    host.close()
    assert b"OMP_NUM_THREADS=3" in environ
    assert b"LAVR_TEST=yes" in environ


def test_an_interpreter_that_is_not_there_is_told_with_a_remedy(tmp_path: Path) -> None:
    host = WorkerHost(store=SCENE.store, python=str(tmp_path / "python"))
    with pytest.raises(EnvironmentLacks, match="cannot be started"):
        host.run(samples.size, {"image": IMAGE}, timeout_s=1)


def test_an_interpreter_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    idle = tmp_path / "python"
    idle.write_text("#!/bin/sh\nsleep 60\n")
    idle.chmod(0o755)
    host = WorkerHost(store=SCENE.store, python=str(idle), load_timeout_s=0.3)
    with pytest.raises(EnvironmentLacks, match="it was not ready within"):
        host.start()
    assert host.pids == ()


def test_an_interpreter_without_the_core_dependencies_says_what_it_printed(tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec "{sys._base_executable}" -I -S "$@"\n')  # type: ignore[attr-defined] # in all CPythons
    bare.chmod(0o755)
    host = WorkerHost(store=SCENE.store, python=str(bare))
    with pytest.raises(EnvironmentLacks, match="No module named"):
        host.start()


def test_another_interpreter_keeps_its_own_packages_and_finds_the_tools(tmp_path: Path) -> None:
    other = tmp_path / "python"
    other.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    other.chmod(0o755)
    host = WorkerHost(store=SCENE.store, python=str(other))
    assert host.run(samples.size, {"image": IMAGE}, timeout_s=5).text == "200 x 100"
    assert host.run(samples.adder(step=2), {"number": 1}, timeout_s=5).data == 3
    host.close()


def script(tmp_path: Path, body: str) -> subprocess.CompletedProcess[str]:
    """Run a script of its own."""
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(body))
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=60, check=False)


def test_a_tool_of_a_script_is_found_and_the_script_does_not_run_twice(tmp_path: Path) -> None:
    ended = script(
        tmp_path,
        """
        from lavr.tools.hosts.worker import WorkerHost
        from lavr.tools.tool import tool
        print("loaded")

        @tool
        def double(number: int) -> int:
            '''Double a number.'''
            return 2 * number

        if __name__ == "__main__":
            print(WorkerHost().run(double, {"number": 4}, timeout_s=10).text)
        """,
    )
    assert (ended.stdout.split(), ended.stderr) == (["loaded", "8"], "")


def test_a_script_without_a_main_guard_is_told_so_instead_of_starting_workers_for_ever(tmp_path: Path) -> None:
    ended = script(
        tmp_path,
        """
        from lavr.tools.hosts.worker import WorkerHost
        from lavr.tools.tool import tool

        @tool
        def double(number: int) -> int:
            '''Double a number.'''
            return 2 * number

        try:
            WorkerHost().run(double, {"number": 4}, timeout_s=10)
        except Exception as error:
            print(type(error).__name__, error)
            raise
        """,
    )
    assert ended.stdout.startswith("UsageError")
    assert '`if __name__ == "__main__":`' in ended.stdout


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "pass", "sys.exit(3)"])
def test_no_worker_outlives_its_parent_even_one_that_holds_the_lock(tmp_path: Path, end: str) -> None:
    ended = script(
        tmp_path,
        f"""
        import os, sys, threading, time
        from pathlib import Path
        from lavr.tests.tools.samples import fork_and_hang, spin
        from lavr.tools.hosts.worker import WorkerHost
        host = WorkerHost(processes=2)
        host.start(spin, fork_and_hang)
        for tool in (spin, fork_and_hang):
            threading.Thread(target=host.run, args=(tool, {{}}), kwargs={{"timeout_s": 60}}, daemon=True).start()
        time.sleep(0.5)
        for pid in host.pids:
            environ = Path(f"/proc/{{pid}}/environ").read_bytes().split(b"\\0")
            print(next(e for e in environ if e.startswith(b"{FAMILY}=")).decode().partition("=")[2], flush=True)
        {end}
        """,
    )
    marks = ended.stdout.split()
    assert len(marks) == 2
    patience = time.monotonic() + 2
    while any(marked(mark) for mark in marks) and time.monotonic() < patience:
        time.sleep(0.02)
    assert [marked(mark) for mark in marks] == [[], []]


def test_a_forked_copy_of_the_parent_does_not_end_its_worker() -> None:
    host = WorkerHost(store=SCENE.store)
    host.start()
    child = os.fork()
    if child == 0:
        host.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert host.run(samples.size, {"image": IMAGE}, timeout_s=5).text == "200 x 100"
    host.close()


def test_a_stopped_process_is_ended_like_one_that_hangs() -> None:
    host = WorkerHost(store=SCENE.store)
    host.start(samples.size)
    os.kill(host.pids[0], signal.SIGSTOP)
    with pytest.raises(ToolTimeout):
        host.run(samples.size, {"image": IMAGE}, timeout_s=0.3)
    assert host.pids == ()


def test_a_process_that_died_between_calls_is_replaced_unnoticed() -> None:
    host = WorkerHost(store=SCENE.store)
    host.start(samples.size)
    os.kill(host.pids[0], signal.SIGKILL)
    time.sleep(0.1)
    assert host.run(samples.size, {"image": IMAGE}, timeout_s=5).text == "200 x 100"
    host.close()


def test_pictures_of_another_store_are_brought_along(worker: WorkerHost) -> None:
    elsewhere = scene_with((30, 20)).image("img_1")
    other = type(SCENE.store)()
    from dataclasses import replace

    other.put(elsewhere.pixels())
    assert worker.run(samples.size, {"image": replace(elsewhere, store=other)}, timeout_s=5).text == "30 x 20"


def test_arguments_that_are_too_much_are_refused(worker: WorkerHost) -> None:
    with pytest.raises(ToolFailed, match="too much"):
        worker.run(samples.fail, {"message": "x" * 70_000_000}, timeout_s=10)
    assert worker.run(samples.size, {"image": IMAGE}, timeout_s=5).text == "200 x 100"
