"""Loading: where files are found, where models go and why, and what is said when something is missing."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lavr.errors import EnvironmentLacks, MissingExtra, MissingModel, UsageError
from lavr.planners.local.finding import Files, find_files
from lavr.planners.local.loading import load_model
from lavr.planners.local.placing import GIB, Machine, choose_place, parameters_in
from lavr.planners.local.planner import LocalPlanner
from lavr.planners.rehearsal import asked
from lavr.tests.planners.local import tiny
from lavr.tests.planners.local.thinkers import SPECS

HERE = Machine(cpu_bytes=32 * GIB)
WITH_GPU = Machine(cpu_bytes=32 * GIB, gpu_bytes=24 * GIB, gpu="cuda:0")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for family in ("llama", "qwen3_vl"):
        tiny.save(family, folder / "tiny" / family)
    return folder


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_a_saved_model_of_every_family_is_loaded(family: str, tmp_path: Path) -> None:
    made, loaded = tiny.load(family), load_model(tiny.save(family, tmp_path), offline=True)
    assert (loaded.sees, loaded.placeholder) == (made.sees, made.placeholder)
    assert (loaded.device, loaded.dtype, loaded.notes) == ("cpu", "float32", ())
    assert loaded.reuse
    assert "there is no GPU" in loaded.reason


def test_a_planner_is_made_from_a_folder_and_decides(saved: Path) -> None:
    planner = LocalPlanner(saved / "tiny" / "qwen3_vl", thought_tokens=4)
    decision = planner.decide(asked("Which colour?"), SPECS)
    assert decision.calls or decision.answer


def test_the_folder_of_models_is_looked_into_first(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAVR_MODELS", str(saved))
    assert find_files("tiny/llama", offline=True) == Files(saved / "tiny" / "llama")
    monkeypatch.setenv("LAVR_MODELS", str(saved / "tiny"))
    assert find_files("somebody/llama", offline=True) == Files(saved / "tiny" / "llama")


def test_a_model_that_is_not_here_is_missing_with_the_command_that_fetches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAVR_MODELS", str(tmp_path))
    with pytest.raises(MissingModel) as caught:
        load_model("nobody/nothing-at-all", offline=True)
    assert f"hf download nobody/nothing-at-all --local-dir {tmp_path / 'nobody/nothing-at-all'}" in caught.value.remedy


def test_a_hub_that_cannot_be_reached_is_said_in_one_line_and_soon() -> None:
    code = (
        "import time; from lavr.planners.local.finding import find_files\n"
        "from lavr.errors import MissingModel\n"
        "start = time.perf_counter()\n"
        "try: find_files('nobody/nothing-at-all')\n"
        "except MissingModel as error: print(error.cause)\n"
        "print(time.perf_counter() - start < 20)"
    )
    environ = {"HF_ENDPOINT": "http://127.0.0.1:9", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    run = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=120)
    cause, soon = run.stdout.splitlines()
    assert "the hub cannot be reached" in cause, run.stderr
    assert soon == "True"


@pytest.mark.parametrize("source", ["/nowhere/at/all", "./nothing", "missing.gguf", "what is this?"])
def test_what_can_be_no_model_is_not_asked_of_the_hub(source: str) -> None:
    with pytest.raises(MissingModel, match="There is no model at"):
        load_model(source)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(MissingModel, match="cannot be loaded"):
        load_model(tmp_path)


def test_a_model_whose_weights_are_cut_off_is_refused(saved: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(saved / "tiny" / "llama", tmp_path / "broken")
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(MissingModel, match="cannot be loaded"):
        load_model(broken)


def test_two_gguf_files_in_a_folder_must_be_told_apart(tmp_path: Path) -> None:
    for name in ("a.gguf", "b.gguf"):
        (tmp_path / name).touch()
    with pytest.raises(UsageError, match="2 GGUF files"):
        find_files(tmp_path)
    assert find_files(tmp_path / "b.gguf") == Files(tmp_path, "b.gguf")


def test_loading_is_told_and_nothing_is_printed(saved: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[str, float, float]] = []
    load_model(saved / "tiny" / "llama", progress=lambda *each: told.append(each))
    load_model(saved / "tiny" / "llama")
    assert any(what == "Loading weights" and done == total > 0 for what, done, total in told)
    assert capfd.readouterr() == ("", "")


def test_loading_draws_a_bar_in_a_terminal(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    load_model(saved / "tiny" / "llama")
    assert "Loading weights" in terminal.getvalue()


def test_parameters_are_counted_without_loading_them(saved: Path) -> None:
    network = tiny.load("llama").network
    assert parameters_in(Files(saved / "tiny" / "llama")) == sum(each.numel() for each in network.parameters())


@pytest.mark.parametrize(
    ("parameters", "machine", "device", "dtype"),
    [
        (1e9, HERE, "cpu", "float32"),
        (8e9, HERE, "cpu", "bfloat16"),
        (8e9, WITH_GPU, "cuda:0", "bfloat16"),
        (12e9, WITH_GPU, "cpu", "bfloat16"),
        (1e9, Machine(32 * GIB, 24 * GIB, "cuda:0", "float16"), "cuda:0", "float16"),
    ],
)
def test_a_model_goes_where_it_fits(parameters: float, machine: Machine, device: str, dtype: str) -> None:
    place = choose_place(int(parameters), machine=machine)
    assert (place.device, place.dtype) == (device, dtype)
    assert "GiB" in place.reason


def test_what_was_asked_for_is_done_and_said() -> None:
    place = choose_place(10**9, device="cuda:1", dtype="float32", machine=WITH_GPU)
    assert (place.device, place.dtype) == ("cuda:1", "float32")
    assert "asked for" in place.reason
    assert choose_place(20 * 10**9, machine=WITH_GPU, bytes_each=0.6).device == "cuda:0"


def test_the_weights_of_a_gguf_file_are_unpacked_to_float32_and_that_is_said() -> None:
    place = choose_place(10**9, machine=WITH_GPU, unpacked=True)
    assert (place.device, place.dtype) == ("cuda:0", "float32")
    assert "what a GGUF file is unpacked to" in place.reason
    assert choose_place(10**9, dtype="bfloat16", machine=WITH_GPU, unpacked=True).dtype == "bfloat16"


def test_a_model_that_fits_nowhere_is_refused_with_numbers() -> None:
    with pytest.raises(EnvironmentLacks, match=r"needs 156\.5 GiB in bfloat16; 32\.0 GiB are free") as caught:
        choose_place(70 * 10**9, machine=HERE)
    assert "smaller model" in caught.value.remedy


def test_settings_that_do_not_exist_are_refused(saved: Path) -> None:
    folder = saved / "tiny" / "llama"
    for options in ({"dtype": "float8"}, {"device": "tpu"}, {"quantization": "1bit"}):
        with pytest.raises(UsageError, match="There is no"):
            load_model(folder, **options)  # type: ignore[arg-type]  # each is one text setting


def test_quantization_without_its_package_names_the_package(saved: Path) -> None:
    try:
        import bitsandbytes  # type: ignore[import-not-found]  # noqa: F401 - not of the extra
    except ImportError:
        with pytest.raises(MissingExtra, match="bitsandbytes"):
            load_model(saved / "tiny" / "llama", quantization="4bit")
    else:
        with pytest.raises(EnvironmentLacks, match="needs a GPU"):
            load_model(saved / "tiny" / "llama", device="cpu", quantization="4bit")
