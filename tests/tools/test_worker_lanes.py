"""Several calls at once in one worker process, and what becomes of them when it ends because of one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lavr.errors import ToolCrashed, ToolTimeout, UsageError
from lavr.tests.tools import company, samples
from lavr.tests.tools.scenes import scene_with
from lavr.tools.hosts.worker import WorkerHost
from lavr.tools.tool import Tool

SCENE = scene_with()
LANES = 4


@pytest.fixture(scope="module")
def host() -> Iterator[WorkerHost]:
    host = WorkerHost(store=SCENE.store, threads=1, lanes=LANES)
    yield host
    host.close()


@pytest.fixture
def caller() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as executor:
        yield executor


def call(host: WorkerHost, tool: Tool, timeout_s: float = 30.0, **arguments: Any) -> Any:
    observation = host.run(tool, arguments, timeout_s=timeout_s)
    return observation.data if observation.data is not None else observation.text


def until_began(folder: Path, count: int) -> None:
    patience = time.monotonic() + 20
    while len([*folder.glob("began*")]) < count:
        assert time.monotonic() < patience
        time.sleep(0.005)


def test_calls_run_at_once_in_one_process(host: WorkerHost, caller: ThreadPoolExecutor, tmp_path: Path) -> None:
    calls = [
        caller.submit(call, host, company.meet, folder=str(tmp_path), number=number, count=LANES)
        for number in range(LANES)
    ]
    found = [each.result() for each in calls]
    assert [each["number"] for each in found] == list(range(LANES))
    assert {each["pid"] for each in found} == set(host.pids)


def test_every_call_gets_its_own_reply(host: WorkerHost, caller: ThreadPoolExecutor) -> None:
    replies = list(caller.map(lambda number: call(host, company.twice, number=number), range(100)))
    assert replies == [2 * number for number in range(100)]


def test_models_put_together_what_waits(host: WorkerHost, caller: ThreadPoolExecutor) -> None:
    found = list(caller.map(lambda number: call(host, company.batched, number=number), range(24)))
    assert [each["doubled"] for each in found] == [2 * number for number in range(24)]
    assert max(each["size"] for each in found) > 1


def test_a_call_that_takes_too_long_ends_alone(host: WorkerHost, caller: ThreadPoolExecutor, tmp_path: Path) -> None:
    host.start(company.linger, company.hang)
    (before,) = host.pids
    calls = [caller.submit(call, host, company.linger, folder=str(tmp_path), number=number) for number in range(3)]
    until_began(tmp_path, 3)
    with pytest.raises(ToolTimeout, match="did not end within"):
        call(host, company.hang, timeout_s=0.3)
    (tmp_path / "go").touch()
    found = [each.result() for each in calls]
    assert [each["number"] for each in found] == [0, 1, 2]
    assert before not in {each["pid"] for each in found}
    assert len([*tmp_path.glob("began*")]) == 6


def test_a_call_that_crashes_ends_alone(host: WorkerHost, caller: ThreadPoolExecutor, tmp_path: Path) -> None:
    calls = [caller.submit(call, host, company.linger, folder=str(tmp_path), number=number) for number in range(3)]
    until_began(tmp_path, 3)
    crashing = caller.submit(call, host, company.die, folder=str(tmp_path))
    (tmp_path / "now").touch()
    # All four are run again, each alone: the one that is to blame dies a second time, and with nobody beside it.
    (tmp_path / "go").touch()
    with pytest.raises(ToolCrashed, match="ended itself with exit code 9"):
        crashing.result()
    assert [each.result()["number"] for each in calls] == [0, 1, 2]
    assert call(host, company.twice, number=4) == 8


def test_what_writes_is_never_run_twice(host: WorkerHost, caller: ThreadPoolExecutor, tmp_path: Path) -> None:
    writing = caller.submit(call, host, company.write, folder=str(tmp_path), number=1)
    until_began(tmp_path, 1)
    with pytest.raises(ToolTimeout):
        call(host, company.hang, timeout_s=0.2)
    with pytest.raises(ToolCrashed, match="of the tool write was ended because of another call"):
        writing.result()
    assert len([*tmp_path.glob("began*")]) == 1


def test_a_call_alone_that_crashes_is_not_run_again(host: WorkerHost, tmp_path: Path) -> None:
    (tmp_path / "now").touch()
    host.start(company.die)
    began = set(host.pids)
    with pytest.raises(ToolCrashed):
        call(host, company.die, folder=str(tmp_path))
    assert began
    assert host.pids == ()


def test_closing_the_host_ends_what_runs(caller: ThreadPoolExecutor, tmp_path: Path) -> None:
    host = WorkerHost(store=SCENE.store, lanes=2)
    calls = [caller.submit(call, host, company.linger, folder=str(tmp_path), number=number) for number in range(2)]
    until_began(tmp_path, 2)
    host.close()
    assert [type(each.exception()) for each in calls] == [ToolCrashed, ToolCrashed]
    assert host.pids == ()
    assert len([*tmp_path.glob("began*")]) == 2


def test_faults_of_all_kinds_at_once_are_told_apart(host: WorkerHost, caller: ThreadPoolExecutor) -> None:
    def outcome(number: int) -> str:
        faulty = (samples.fail, samples.leave_politely, samples.fail_typed, company.twice)[number % 4]
        arguments = {"number": number} if faulty is company.twice else {}
        try:
            return str(call(host, faulty, **arguments))
        except Exception as error:  # noqa: BLE001 - its kind is what is compared
            return type(error).__name__

    outcomes = list(caller.map(outcome, range(40)))
    assert outcomes == [str(2 * number) if number % 4 == 3 else "ToolFailed" for number in range(40)]


def test_several_processes_have_lanes_each(caller: ThreadPoolExecutor, tmp_path: Path) -> None:
    host = WorkerHost(store=SCENE.store, processes=2, lanes=2)
    host.start(company.meet)
    calls: list[Future[Any]] = [
        caller.submit(call, host, company.meet, folder=str(tmp_path), number=number, count=4) for number in range(4)
    ]
    pids = [each.result()["pid"] for each in calls]
    assert sorted(pids) == sorted([*host.pids] * 2)
    host.close()


def test_no_lanes_are_refused() -> None:
    with pytest.raises(UsageError, match="0 lanes each runs nothing"):
        WorkerHost(lanes=0)
