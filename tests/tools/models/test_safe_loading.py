"""No file of weights runs code, through whatever door it comes; sound ones are read as they were written."""

from __future__ import annotations

import io
import json
import pickle
import random
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lavr.errors import EnvironmentLacks, LavrError, MissingModel, UsageError, WeightsRefused
from lavr.planners.local.loading import load_model
from lavr.tests.tools.models.hostile_weights import HOSTILE, Hostile
from lavr.tools.models.safe_loading import load_weights
from lavr.tools.models.safe_yolo import safe_yolo_environment

pytestmark = pytest.mark.filterwarnings("ignore:Detected pickle protocol")  # by torch, of pickles it did not write
ARMED = [each for each in HOSTILE if each.armed]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_a_hostile_file_is_refused_and_its_payload_never_runs(hostile: Hostile, tmp_path: Path) -> None:
    path, marker = tmp_path / hostile.name, tmp_path / "marker"
    hostile.make(path, marker)
    with pytest.raises(WeightsRefused) as caught:
        load_weights(path)
    assert not marker.exists()
    assert str(path) in caught.value.cause
    assert caught.value.remedy


@pytest.mark.parametrize("hostile", ARMED, ids=lambda hostile: hostile.name)
def test_the_payload_is_real(hostile: Hostile, tmp_path: Path) -> None:
    path, marker = tmp_path / hostile.name, tmp_path / "marker"
    hostile.make(path, marker)
    _load_carelessly(path)
    assert marker.exists()


def _load_carelessly(path: Path) -> None:
    """As code without a thought for safety would."""
    for load in (
        lambda: torch.load(io.BytesIO(path.read_bytes()), weights_only=False),
        lambda: pickle.loads(path.read_bytes()),
        lambda: [*np.load(path, allow_pickle=True).values()],
        lambda: np.load(path, allow_pickle=True),
        lambda: [pickle.loads(part) for part in np.load(path).values()],
    ):
        try:
            load()
        except Exception:  # noqa: BLE001 - the next way may be the one for this file
            continue


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".bin", ".safetensors"])
def test_a_state_dict_is_read_as_it_was_written(suffix: str, tmp_path: Path) -> None:
    state = torch.nn.Linear(3, 2).state_dict()
    path = tmp_path / f"weights{suffix}"
    save_file(state, path) if suffix == ".safetensors" else torch.save(state, path)
    loaded = load_weights(path)
    assert loaded.keys() == state.keys()
    assert all(torch.equal(loaded[name], state[name]) for name in state)


def test_arrays_are_read_as_they_were_written(tmp_path: Path) -> None:
    one, two = np.arange(6, dtype=np.float32).reshape(2, 3), np.zeros((1000, 1000))
    np.save(tmp_path / "one.npy", one)
    np.savez(tmp_path / "plain.npz", one=one, two=two)
    np.savez_compressed(tmp_path / "packed.npz", one=one, two=two)
    assert np.array_equal(load_weights(tmp_path / "one.npy"), one)
    for name in ("plain.npz", "packed.npz"):
        loaded = load_weights(tmp_path / name)
        assert np.array_equal(loaded["one"], one)
        assert np.array_equal(loaded["two"], two)


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="There is no file"):
        load_weights(tmp_path / "none.pt")


def test_no_damage_to_a_file_raises_outside_the_tree_of_errors(tmp_path: Path) -> None:
    chance = random.Random(4)
    weight = torch.arange(64.0)
    state = {"weight": weight, "names": {0: "circle"}, "steps": 3}
    torch.save(state, tmp_path / "w.pt")
    torch.save(state, tmp_path / "w.pth", _use_new_zipfile_serialization=False)
    save_file({"weight": weight}, tmp_path / "w.safetensors")
    np.savez(tmp_path / "w.npz", weight=np.arange(64.0))
    for path in [*tmp_path.iterdir()]:
        sound = path.read_bytes()
        for _ in range(60):
            broken = bytearray(sound)
            for _ in range(chance.randint(1, 4)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            path.write_bytes(broken[: chance.randint(1, len(broken))] if chance.random() < 0.3 else broken)
            try:
                load_weights(path)
            except LavrError as error:
                assert isinstance(error, WeightsRefused | EnvironmentLacks)  # noqa: PT017 - some damage does no harm


@pytest.mark.parametrize("name", ["archive_system.pt", "eval.pt", "module.pt"])
def test_a_folder_of_transformers_with_a_hostile_file_runs_nothing(name: str, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    hostile = next(each for each in HOSTILE if each.name == name)
    folder = tmp_path / "model"
    folder.mkdir()
    config = {"model_type": "llama", "hidden_size": 8, "num_attention_heads": 2, "num_hidden_layers": 1}
    (folder / "config.json").write_text(json.dumps({**config, "intermediate_size": 8, "vocab_size": 16}))
    hostile.make(folder / "pytorch_model.bin", marker)
    with pytest.raises(MissingModel, match="cannot be loaded"):
        load_model(folder, offline=True)
    assert not marker.exists()


def test_ultralytics_that_was_imported_without_its_safe_mode_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ultralytics.utils", SimpleNamespace(SAFE_LOAD=False))
    with pytest.raises(UsageError, match="without its safe mode"):
        safe_yolo_environment()


YOLO_DOOR = """
import json, os, sys
from pathlib import Path
import cv2, PIL.Image, torch
before = PIL.Image.open, cv2.imread, cv2.imwrite, torch.save, cv2.getNumThreads()
from lavr.errors import LavrError
from lavr.tools.models.safe_yolo import _check_name, load_yolo, yolo_library
folder = Path(sys.argv[1])
told = {}
for path in sorted(folder.glob("*/*.pt")):
    try:
        load_yolo(path)
        told[path.name] = "loaded"
    except LavrError as error:
        told[path.name] = error.name
library = yolo_library()
from ultralytics.utils import AUTOINSTALL, ONLINE, SAFE_LOAD, USER_CONFIG_DIR
from ultralytics.utils.events import events
library.YOLO("yolo11n.yaml", task="detect").save(folder / "sound.pt")
sound = load_yolo(folder / "sound.pt")
try:
    _check_name(Path("/weights/yolov5n.pt"))
except LavrError as error:
    told["yolov5n.pt"] = error.cause
try:
    load_yolo("yolo11n.pt")
except LavrError as error:
    told["yolo11n.pt"] = error.name
print(json.dumps({
    "told": told,
    "sound": type(sound.model).__name__,
    "patched": (PIL.Image.open, cv2.imread, cv2.imwrite, torch.save, cv2.getNumThreads()) != before,
    "omp": os.environ.get("OMP_NUM_THREADS"),
    "switches": [events.enabled, AUTOINSTALL, ONLINE, SAFE_LOAD, library.settings["sync"]],
    "config": str(USER_CONFIG_DIR),
}))
"""


@pytest.mark.slow
def test_ultralytics_loads_its_own_checkpoints_and_runs_nothing_of_others(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    for hostile in HOSTILE:
        if hostile.name.endswith(".pt"):
            (tmp_path / hostile.name[:-3]).mkdir()
            hostile.make(tmp_path / hostile.name[:-3] / hostile.name, marker)
    found = _in_a_process_of_its_own(YOLO_DOOR, tmp_path)
    told = found["told"]
    assert "would be looked for as yolov5nu.pt" in told.pop("yolov5n.pt")
    assert told.pop("yolo11n.pt") == "MissingModel"
    assert set(told.values()) == {"WeightsRefused"}
    assert len(told) >= 8
    assert not marker.exists()
    assert found["sound"] == "DetectionModel"
    assert (found["patched"], found["omp"]) == (False, None)
    assert found["switches"] == [False, False, False, True, False]
    assert found["config"].startswith(str(tmp_path / "cache" / "lavr"))


def _in_a_process_of_its_own(code: str, folder: Path) -> Any:
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
    environ["PYTHONPATH"] = ":".join(path for path in sys.path if path)
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(folder)],
        env=environ,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "Ultralytics" not in run.stderr
    return json.loads(run.stdout)
