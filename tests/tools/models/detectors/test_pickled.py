"""The classes of a checkpoint are read without running it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from lavr.tools.models.detectors.pickled import Checkpoint, peek


class Payload:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


@pytest.mark.parametrize(
    "names",
    [{0: "circle"}, {0: "dog", 1: "dog", 2: "cat"}, dict(enumerate(f"class {n}" for n in range(700)))],
    ids=["one", "twice the same", "many"],
)
def test_the_names_of_the_classes_are_read(names: dict[int, str], tmp_path: Path) -> None:
    file = tmp_path / "weights.pt"
    torch.save({"epoch": 3, "model": {"names": names, "weight": torch.zeros(4)}, "train_args": {"names": None}}, file)
    assert peek(file).names == tuple(names.values())


def test_nothing_in_a_checkpoint_is_run(tmp_path: Path) -> None:
    file, trace = tmp_path / "evil.pt", tmp_path / "trace"
    torch.save({"names": {0: "circle"}, "model": Payload(trace)}, file)
    assert peek(file).names == ("circle",)
    assert not trace.exists()
    torch.load(file, weights_only=False)
    assert trace.exists(), "the payload of this test does nothing"


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 torn"], ids=["empty", "text", "torn"])
def test_what_is_no_checkpoint_says_nothing(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "weights.pt"
    file.write_bytes(content)
    assert peek(file) == Checkpoint()


def test_names_that_are_not_numbered_from_zero_are_not_taken_for_classes(tmp_path: Path) -> None:
    file = tmp_path / "weights.pt"
    torch.save({"names": {"a": "b"}, "other": {"names": {1: "x"}}}, file)
    assert peek(file) == Checkpoint()


def test_a_damaged_pickle_says_nothing(tmp_path: Path) -> None:
    file = tmp_path / "weights.pt"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("weights/data.pkl", b"\x80\x02}q\x00X\xff\xff")
    assert peek(file) == Checkpoint()
