"""The pool: one thread a model, micro-batches, a budget that is kept, and fallbacks that are said."""

from __future__ import annotations

import gc
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from lavr.errors import EnvironmentLacks, MissingModel, UsageError
from lavr.tools.calls import ToolCall
from lavr.tools.models.devices import Device, choose_device
from lavr.tools.models.memory import is_out_of_memory, network_bytes
from lavr.tools.models.pool import ModelPool, PooledModel, shared_pool
from lavr.tools.registry import Toolbox
from lavr.tools.runner import ToolRunner
from lavr.tools.tool import tool
from lavr.vision.scene import Scene

MB = 1 << 20
GPU = Device("cuda:0", "the test pretends that there is one")


@dataclass
class Fake:
    """A model that doubles numbers, slowly.

    Attributes:
        device: it was loaded for.
        busy: how many threads compute with it at this moment.
    """

    device: str
    busy: int = 0

    def doubled(self, numbers: Sequence[float]) -> list[float]:
        self.busy += 1
        alone = self.busy == 1
        time.sleep(0.002)
        self.busy -= 1
        assert alone, "two threads computed at once"
        return [2 * number for number in numbers]


def fake(key: str = "fake", *, size: int = MB, batch: int = 8, **options: Any) -> PooledModel[Fake]:
    return PooledModel(key, load=Fake, size=lambda _: size, batch=batch, **options)


def double(model: Fake, numbers: list[float]) -> list[float]:
    return model.doubled(numbers)


@pytest.fixture
def pool() -> ModelPool:
    return ModelPool(budget_bytes=100 * MB, device="cpu")


def at_once(work: Callable[[int], Any], threads: int = 32, calls: int = 128) -> list[Any]:
    """The results of calls from many threads, in the order of the calls."""
    with ThreadPoolExecutor(threads) as executor:
        return list(executor.map(work, range(calls)))


def test_a_model_is_loaded_at_first_use_and_told_of() -> None:
    told: list[tuple[str, float, float]] = []
    pool = ModelPool(budget_bytes=MB, device="cpu", progress=lambda *each: told.append(each))
    assert pool.run(fake(), lambda model: model.device) == "cpu"
    assert told == [("Loading fake on cpu", 0, 0), ("Loading fake on cpu", 1, 1)]
    pool.run(fake(), lambda model: model.device)
    metrics = pool.metrics["fake"]
    assert (metrics.loads, metrics.hits, metrics.calls, metrics.bytes) == (1, 1, 2, MB)
    assert len(told) == 2


def test_many_threads_load_a_model_once_and_use_it_one_at_a_time(pool: ModelPool) -> None:
    results = at_once(lambda number: pool.run(fake(), lambda model: model.doubled([number])[0]))
    assert results == [2 * number for number in range(128)]
    metrics = pool.metrics["fake"]
    assert (metrics.loads, metrics.hits) == (1, 127)


def test_two_models_compute_at_the_same_time(pool: ModelPool) -> None:
    both = threading.Barrier(2, timeout=10)
    at_once(lambda number: pool.run(fake(f"fake{number}"), lambda _: both.wait()), threads=2, calls=2)


def test_calls_that_wait_are_put_together_with_the_results_of_serial_ones(pool: ModelPool) -> None:
    results = at_once(lambda number: pool.batched(fake(), float(number), double))
    assert results == [2.0 * number for number in range(128)]
    sizes = pool.metrics["fake"].batches
    assert sizes.total() < 64
    assert max(sizes) == 8
    assert pool.metrics["fake"].calls == 128


def test_a_real_network_gives_the_same_in_micro_batches() -> None:
    torch.manual_seed(0)
    layers = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten()
    ).eval()
    model = PooledModel("network", load=lambda device: layers.to(device), size=network_bytes)
    pictures = [torch.rand(3, 32, 32) for _ in range(96)]

    @torch.no_grad()
    def features(network: Any, batch: list[torch.Tensor]) -> list[torch.Tensor]:
        return list(network(torch.stack(batch)))

    serial = [features(layers, [picture])[0] for picture in pictures]
    pool = ModelPool(budget_bytes=MB, device="cpu")
    found = at_once(lambda number: pool.batched(model, pictures[number], features), calls=96)
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(found, serial, strict=True))
    assert max(pool.metrics["network"].batches) > 1
    assert pool.metrics["network"].bytes == 4 * (3 * 8 * 9 + 8)


def test_calls_with_other_work_never_share_a_batch(pool: ModelPool) -> None:
    seen: list[set[str]] = []

    def work(name: str) -> Callable[[Fake, list[str]], list[str]]:
        def named(_: Fake, items: list[str]) -> list[str]:
            seen.append(set(items))
            time.sleep(0.001)
            return [f"{name}{item}" for item in items]

        return named

    works = {name: work(name) for name in "ab"}
    names = ["ab"[number % 2] for number in range(64)]
    results = at_once(lambda number: pool.batched(fake(), names[number], works[names[number]]), calls=64)
    assert results == [name * 2 for name in names]
    assert all(len(items) == 1 for items in seen)


def test_an_item_that_fails_fails_alone(pool: ModelPool) -> None:
    def picky(model: Fake, numbers: list[float]) -> list[float]:
        if 13.0 in numbers:
            raise ValueError("thirteen")
        return model.doubled(numbers)

    def call(number: int) -> float | str:
        try:
            return pool.batched(fake(), float(number), picky)
        except ValueError as error:
            return str(error)

    assert at_once(call, calls=64) == ["thirteen" if number == 13 else 2.0 * number for number in range(64)]


def test_work_that_gives_another_number_of_results_is_told(pool: ModelPool) -> None:
    with pytest.raises(UsageError, match="gave 2 results for 1 items"):
        pool.batched(fake(), 1.0, lambda _, items: [*items, *items])


def test_an_interrupted_leader_leaves_nobody_waiting(pool: ModelPool) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def interrupted(model: Fake, numbers: list[float]) -> list[float]:
        if 0.0 in numbers:
            begun.set()
            go_on.wait(10)
            raise KeyboardInterrupt
        return model.doubled(numbers)

    def call(number: int) -> float | str:
        try:
            return pool.batched(fake(), float(number), interrupted)
        except KeyboardInterrupt:
            return "interrupted"

    with ThreadPoolExecutor(8) as executor:
        first = executor.submit(call, 0)
        begun.wait(10)
        others = [executor.submit(call, number) for number in range(1, 8)]
        time.sleep(0.05)
        go_on.set()
        assert first.result(10) == "interrupted"
        assert [other.result(10) for other in others] == [2.0 * number for number in range(1, 8)]


def test_a_model_that_cannot_be_loaded_fails_every_caller_and_is_tried_again(pool: ModelPool) -> None:
    there = threading.Event()

    def load(device: str) -> Fake:
        if not there.is_set():
            raise MissingModel("no weights")
        return Fake(device)

    model = PooledModel("late", load=load, size=lambda _: MB)

    def call(number: int) -> float | str:
        try:
            return pool.batched(model, float(number), double)
        except MissingModel as error:
            return error.cause

    assert at_once(call, threads=8, calls=8) == ["no weights"] * 8
    assert pool.memory["cpu"].used == 0
    there.set()
    assert call(4) == 8.0


def test_the_model_that_was_used_longest_ago_goes_first() -> None:
    pool = ModelPool(budget_bytes=2 * MB, device="cpu")
    for key in ("a", "b", "a", "c", "a"):
        pool.run(fake(key), lambda _: None)
    assert {key: (each.loads, each.evictions) for key, each in pool.metrics.items()} == {
        "a": (1, 0),
        "b": (1, 1),
        "c": (1, 0),
    }


def test_a_pinned_model_stays_until_it_is_unpinned() -> None:
    pool = ModelPool(budget_bytes=2 * MB, device="cpu")
    pool.pin("a")
    for key in ("a", "b", "c", "d"):
        pool.run(fake(key), lambda _: None)
    assert [pool.metrics[key].evictions for key in "abcd"] == [0, 1, 1, 0]
    pool.unpin("a")
    pool.run(fake("e"), lambda _: None)
    assert pool.metrics["a"].evictions == 1


def test_a_model_in_use_is_waited_for_and_never_put_away() -> None:
    pool = ModelPool(budget_bytes=MB, device="cpu")
    begun, go_on = threading.Event(), threading.Event()
    alive: list[bool] = []

    def long(model: Fake) -> None:
        begun.set()
        go_on.wait(10)
        alive.append(model.device == "cpu" and pool.memory["cpu"].used == MB)

    with ThreadPoolExecutor(2) as executor:
        first = executor.submit(pool.run, fake("a"), long)
        begun.wait(10)
        second = executor.submit(pool.run, fake("b"), lambda model: model.device)
        time.sleep(0.05)
        assert not second.done()
        go_on.set()
        assert second.result(10) == "cpu"
        first.result(10)
    assert alive == [True]
    assert pool.memory["cpu"].peak == MB


def test_work_that_uses_a_second_model_goes_over_the_budget_rather_than_wait_for_itself() -> None:
    pool = ModelPool(budget_bytes=MB, device="cpu")
    assert pool.run(fake("a"), lambda _: pool.run(fake("b"), lambda model: model.device)) == "cpu"
    assert pool.memory["cpu"].peak == 2 * MB
    assert pool.notes == (f"b: with it, models take {MB:,} bytes more than their budget on cpu.",)


def test_many_threads_on_more_models_than_fit_stay_within_the_budget() -> None:
    pool = ModelPool(budget_bytes=2 * MB, device="cpu")
    chance = random.Random(4)
    keys = [chance.choice("abcd") for _ in range(200)]
    results = at_once(lambda number: pool.batched(fake(keys[number]), float(number), double), calls=200)
    assert results == [2.0 * number for number in range(200)]
    assert pool.memory["cpu"].peak <= 2 * MB
    assert sum(each.evictions for each in pool.metrics.values()) > 0


class Block(torch.nn.Module):
    """A network of 48 MB that adds its number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.full((12 * MB,), float(number)), requires_grad=False)

    def forward(self, value: float) -> float:
        return value + float(self.weight[-1])


def test_three_models_in_turn_on_a_budget_for_two_stay_within_it_for_real() -> None:
    size, budget = 48 * MB, 100 * MB
    pool = ModelPool(budget_bytes=budget, device="cpu")
    models = [PooledModel(f"block{number}", _maker_of(number), network_bytes) for number in range(3)]
    gc.collect()
    before = _peak_since_now()
    results = [pool.run(models[turn % 3], lambda block: block(10.0)) for turn in range(30)]
    rise = _peak() - before
    assert results == [10.0 + turn % 3 for turn in range(30)]
    metrics = pool.metrics
    # With room for two, the one that was used longest ago is always the one that is needed next.
    assert [metrics[model.key].loads for model in models] == [10, 10, 10]
    assert sum(metrics[model.key].evictions for model in models) == 28
    assert pool.memory["cpu"].peak == 2 * size
    assert rise <= budget * 1.1, f"{rise / MB:.0f} MB"


def _maker_of(number: int) -> Callable[[str], Block]:
    return lambda _: Block(number)


def _peak_since_now() -> int:
    """Begin to watch how much memory this process takes; what it takes now, in bytes."""
    watch = Path("/proc/self/clear_refs")
    if not watch.exists():
        pytest.skip("only Linux tells the peak of a moment")
    watch.write_text("5")
    return _peak()


def _peak() -> int:
    status = Path("/proc/self/status").read_text().split()
    return int(status[status.index("VmHWM:") + 1]) * 1024


class Tight:
    """A model on a device with little memory: it computes `most` items at once when nothing else is there."""

    def __init__(self, device: str, room: Callable[[], bool], most: int, loads_on: Sequence[str]) -> None:
        if device not in loads_on:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        self.device, self.room, self.most = device, room, most

    def doubled(self, numbers: list[float]) -> list[float]:
        if self.device != "cpu" and (len(numbers) > self.most or not self.room()):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return [2 * number for number in numbers]


def tight(
    room: Callable[[], bool] = lambda: True, most: int = 100, loads_on: Sequence[str] = ("cuda:0", "cpu")
) -> PooledModel[Tight]:
    return PooledModel("tight", load=lambda device: Tight(device, room, most, loads_on), size=lambda _: MB, batch=8)


def doubled_tightly(model: Tight, numbers: list[float]) -> list[float]:
    return model.doubled(numbers)


@pytest.fixture
def gpu() -> Iterator[ModelPool]:
    """A pool on a GPU that is pretended."""
    pool = ModelPool(budget_bytes=100 * MB, device=GPU)
    yield pool
    pool.close()


def test_when_memory_runs_out_the_others_go_and_it_is_tried_once_more(gpu: ModelPool) -> None:
    gpu.run(fake("other"), lambda _: None)
    gpu.run(fake("pinned"), lambda _: None)
    gpu.pin("pinned")
    model = tight(room=lambda: gpu.metrics["other"].evictions == 1)
    assert gpu.batched(model, 3.0, doubled_tightly) == 6.0
    assert gpu.notes == ("tight: memory ran out on cuda:0; other went, and it ran again.",)
    assert gpu.metrics["pinned"].evictions == 0
    assert gpu.metrics["tight"].device == "cuda:0"


def test_a_batch_that_is_too_large_is_halved_until_it_fits(gpu: ModelPool) -> None:
    model = tight(most=2)
    begun, go_on = threading.Event(), threading.Event()

    def slow_first(loaded: Tight, numbers: list[float]) -> list[float]:
        begun.set()
        go_on.wait(10)
        return loaded.doubled(numbers)

    with ThreadPoolExecutor(9) as executor:
        first = executor.submit(gpu.batched, model, 0.0, slow_first)
        begun.wait(10)
        others = [executor.submit(gpu.batched, model, float(number), doubled_tightly) for number in range(8)]
        while len(gpu._room.seat("tight").line) < 8:
            time.sleep(0.001)
        go_on.set()
        assert [first.result(10), *(other.result(10) for other in others)] == [0.0, *(2.0 * n for n in range(8))]
    assert gpu.metrics["tight"].batches == {1: 1, 2: 4}
    assert gpu.notes == (
        "tight: 8 items at once are too many for cuda:0; now at most 4.",
        "tight: 4 items at once are too many for cuda:0; now at most 2.",
    )


def test_one_item_that_is_too_large_for_the_gpu_goes_to_the_cpu(gpu: ModelPool) -> None:
    model = tight(most=0)
    assert gpu.batched(model, 4.0, doubled_tightly) == 8.0
    assert gpu.run(model, lambda loaded: loaded.device) == "cpu"
    (note,) = gpu.notes
    assert note == (
        "tight: memory ran out on cuda:0 (CUDA out of memory. Tried to allocate 20.00 MiB.); "
        "it runs on the CPU until it is loaded anew."
    )
    assert (gpu.memory["cuda:0"].used, gpu.memory["cpu"].used) == (0, MB)


def test_what_fits_nowhere_leaves_no_trace_in_the_books(gpu: ModelPool) -> None:
    for _ in range(3):
        with pytest.raises(EnvironmentLacks, match="Memory ran out for tight to be loaded"):
            gpu.batched(tight(most=0, loads_on=["cuda:0"]), 1.0, doubled_tightly)
    assert {name: memory.used for name, memory in gpu.memory.items()} == {"cuda:0": 0, "cpu": 0}
    assert gpu.batched(tight(), 1.0, doubled_tightly) == 2.0
    assert (gpu.memory["cuda:0"].used, gpu.memory["cpu"].used) == (MB, 0)


def test_a_fallback_is_a_note_of_the_call_on_whose_way_it_was_taken(gpu: ModelPool) -> None:
    @tool
    def double_it(number: float) -> float:
        """Double a number."""
        return gpu.batched(tight(most=0), number, doubled_tightly)

    runner = ToolRunner(Toolbox([double_it]))
    first, second = (runner.run(ToolCall(f"c{n}", "double_it", {"number": n}), Scene()) for n in (1, 2))
    assert first.observation is not None
    (note,) = first.notes
    assert note.startswith("tight: memory ran out on cuda:0")
    assert first.observation.notes == second.notes == ()


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        type("Fail", (Exception,), {"__module__": "onnxruntime.capi.onnxruntime_pybind11_state"})(
            "Failed to allocate memory for requested buffer of size 4096"
        ),
    ],
    ids=["cublas", "onnxruntime"],
)
def test_the_words_of_every_library_for_no_memory_are_understood(error: Exception) -> None:
    assert is_out_of_memory(error)
    assert not is_out_of_memory(ValueError(str(error)))


def test_a_model_that_does_not_fit_on_the_gpu_runs_on_the_cpu(gpu: ModelPool) -> None:
    gpu.run(fake("other"), lambda _: None)
    assert gpu.run(tight(loads_on=["cpu"]), lambda loaded: loaded.device) == "cpu"
    assert gpu.notes == (
        "tight: it did not fit on cuda:0; other went, and it was loaded again.",
        "tight: it does not fit on cuda:0 (CUDA out of memory. Tried to allocate 2.00 GiB.), and runs on the CPU.",
    )


def test_when_nothing_helps_the_error_is_typed_and_the_pool_goes_on(pool: ModelPool) -> None:
    def greedy(_: Fake) -> bytes:
        raise MemoryError

    with pytest.raises(EnvironmentLacks, match="Memory ran out for fake to compute: MemoryError"):
        pool.run(fake(), greedy)
    with pytest.raises(EnvironmentLacks, match="Memory ran out for tight to be loaded"):
        pool.run(tight(loads_on=[]), lambda _: None)
    assert pool.run(fake(), lambda model: model.doubled([1])) == [2]


def test_a_model_of_the_cpu_stays_there_in_a_pool_of_the_gpu(gpu: ModelPool) -> None:
    assert gpu.run(fake(device="cpu"), lambda model: model.device) == "cpu"
    assert "cuda:0" not in gpu.memory


def test_closing_puts_models_away_those_in_use_when_they_are_done(pool: ModelPool) -> None:
    pool.run(fake("idle"), lambda _: None)

    def closing(_: Fake) -> int:
        pool.close()
        return pool.memory["cpu"].used

    assert pool.run(fake("busy"), closing) == MB
    assert pool.memory["cpu"].used == 0
    assert pool.run(fake("busy"), lambda model: model.device) == "cpu"
    assert pool.metrics["busy"].loads == 2


def test_metrics_are_plain_json(pool: ModelPool) -> None:
    pool.batched(fake(), 1.0, double)
    told = pool.metrics["fake"].to_json()
    assert isinstance(told, dict)
    assert {"loads": 1, "hits": 0, "evictions": 0, "calls": 1, "batches": {"1": 1}, "bytes": MB}.items() <= told.items()


@pytest.mark.parametrize("named", ["cuda:1", "cuda:x"])
def test_a_gpu_that_is_not_there_is_told_with_those_that_are(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda *_: (1, 2))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda *_: "a GPU")
    assert choose_device("cuda:0").name == "cuda:0"
    with pytest.raises(EnvironmentLacks, match=f"There is no {named} here, but cuda:0"):
        choose_device(named)


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="holds no model"):
        ModelPool(budget_bytes=0)


def test_a_process_has_one_pool() -> None:
    assert len({id(each) for each in at_once(lambda _: shared_pool(), calls=32)}) == 1
