"""What the pool of models gives: 32 threads that all want one model, through the pool, one by one, and behind a lock.

    python benchmarks/model_pool.py

The model is a small convolutional network with random weights, as large as the body of a quick detector. Each thread
asks for its pictures one at a time, as sessions do; the pool puts together what waits at the same time. Printed are
pictures per second in the best of five rounds, and the sizes of the micro-batches that formed; results are compared.
On a GPU the pool must be at least twice as quick as the lock; without one that part is skipped, and said so.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

from lavr.tools.models.devices import choose_device
from lavr.tools.models.memory import network_bytes
from lavr.tools.models.pool import ModelPool, PooledModel

THREADS = 32
ROUNDS = 5
AT_LEAST_CPU, AT_LEAST_GPU = 0.95, 2.0
"""The pool beside the plain loop on the CPU, and beside the lock on a GPU."""


def network(device: str) -> Any:
    """Five layers that halve the picture."""
    torch.manual_seed(0)
    layers: list[torch.nn.Module] = []
    for inputs, outputs in ((3, 16), (16, 32), (32, 64), (64, 128), (128, 128)):
        layers += [torch.nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), torch.nn.SiLU()]
    layers += [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(128, 80)]
    return torch.nn.Sequential(*layers).eval().to(device)


@torch.inference_mode()
def scores(model: Any, pictures: list[torch.Tensor]) -> list[torch.Tensor]:
    """Eighty numbers for each picture."""
    device = next(model.parameters()).device
    return list(model(torch.stack(pictures).to(device)).cpu())


def timed(ask: Callable[[torch.Tensor], torch.Tensor], pictures: list[torch.Tensor], threads: int) -> Any:
    """Pictures per second, and the results in one tensor."""
    with ThreadPoolExecutor(threads) as executor:
        began = time.perf_counter()
        results = list(executor.map(ask, pictures))
        return len(pictures) / (time.perf_counter() - began), torch.stack(results)


def compare(device: str, side: int, count: int, batch: int) -> dict[str, float]:
    """The three rates on one device."""
    pictures = [torch.rand(3, side, side) for _ in range(count)]
    pool = ModelPool(device=device)
    model = PooledModel("network", load=network, size=network_bytes, batch=batch)
    plain, lock = network(device), threading.Lock()

    def behind_a_lock(picture: torch.Tensor) -> torch.Tensor:
        with lock:
            return scores(plain, [picture])[0]

    def through_the_pool(picture: torch.Tensor) -> torch.Tensor:
        return pool.batched(model, picture, scores)

    def one_by_one(picture: torch.Tensor) -> torch.Tensor:
        return scores(plain, [picture])[0]

    ways = {"serial": (one_by_one, 1), "lock": (behind_a_lock, THREADS), "pool": (through_the_pool, THREADS)}
    expected = scores(plain, pictures)
    rates = dict.fromkeys(ways, 0.0)
    for _ in range(ROUNDS):  # in turn, so that what else the machine does falls on all of them
        for name, (ask, threads) in ways.items():
            speed, found = timed(ask, pictures, threads)
            if not torch.allclose(found, torch.stack(expected), atol=1e-3):
                raise AssertionError(f"{name}: other results than of all pictures at once")
            rates[name] = max(rates[name], speed)
    print(f"{device}: {count} pictures of {side} x {side}, {THREADS} threads")
    for name, speed in rates.items():
        print(f"  {name:<8}{speed:9.0f} pictures/s  {speed / rates['serial']:5.2f} x serial")
    print(f"  micro-batches: {dict(sorted(pool.metrics['network'].batches.items()))}")
    return rates


def main() -> int:
    """Print the rates; 1 when the pool is slower than it must be."""
    torch.set_num_threads(1)
    rates = compare("cpu", side=96, count=512, batch=8)
    kept = rates["pool"] >= AT_LEAST_CPU * rates["serial"]
    print(f"  the pool must reach {AT_LEAST_CPU:g} x serial: {'kept' if kept else 'NOT KEPT'}")
    device = choose_device()
    if not device.name.startswith("cuda"):
        print(f"GPU: skipped ({device.reason})")
        return 0 if kept else 1
    rates = compare(device.name, side=320, count=2048, batch=16)
    quick = rates["pool"] >= AT_LEAST_GPU * rates["lock"]
    print(f"  the pool must reach {AT_LEAST_GPU:g} x the lock: {'kept' if quick else 'NOT KEPT'}")
    return 0 if kept and quick else 1


if __name__ == "__main__":
    sys.exit(main())
