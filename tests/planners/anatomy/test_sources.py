"""Where a model's description comes from: folders, files, a hub on loopback, and nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from lavr.errors import MissingModel, UsageError
from lavr.planners.anatomy.sources import source_of
from lavr.tests.planners.anatomy.hub import a_hub
from lavr.tests.planners.anatomy.published import qwen3_vl_4b
from lavr.tests.planners.local import tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save("qwen3_vl", tmp_path_factory.mktemp("models") / "mine")


def inspect(name: str, home: Path, **environment: str) -> tuple[int, dict[str, Any], str]:
    """`lavr planners inspect` in a process of its own, with its own cache of the hub."""
    done = subprocess.run(
        [sys.executable, "-m", "lavr", "planners", "inspect", name, "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "HF_HOME": str(home), **environment},
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def test_a_folder_a_configuration_file_and_a_configuration_are_the_same_model(folder: Path) -> None:
    config = tiny.load("qwen3_vl").network.config
    for model in (folder, str(folder), folder / "config.json", config):
        assert source_of(model).config.to_dict()["text_config"] == config.to_dict()["text_config"]


def test_a_name_below_the_folder_of_models_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAVR_MODELS", str(folder.parent))
    assert source_of("mine").folder == folder
    assert source_of("somebody/mine").folder == folder


def test_only_small_files_are_fetched_from_the_hub(tmp_path: Path) -> None:
    qwen3_vl_4b().save_pretrained(tmp_path / "model")
    files: Mapping[str, bytes] = {
        "some/model/config.json": (tmp_path / "model" / "config.json").read_bytes(),
        "some/model/preprocessor_config.json": json.dumps({"image_processor_type": "X", "max_pixels": 65536}).encode(),
        "some/model/model.safetensors": bytes(1000),
        "some/model/tokenizer.json": b"{}",
    }
    with a_hub(files) as hub:
        code, told, _ = inspect("some/model", tmp_path / "cache", HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="0")
        fetched = {path.rsplit("/", 1)[-1] for path in hub.asked if "/resolve/" in path}
    assert code == 0
    assert told["parameters"] == 4_437_815_808
    assert told["image"]["tokens"] <= 64  # by the settings that were fetched
    assert "its own settings" in told["image"]["source"]
    assert fetched == {"config.json", "preprocessor_config.json"}
    # The second time nothing is asked for, and nothing refused.
    assert refusals(["some/model"], tmp_path / "cache", HF_HUB_OFFLINE="1") == []


def refusals(names: Sequence[str], home: Path, **environment: str) -> list[str]:
    """What is said of each name, in one process with its own cache of the hub."""
    program = """
import sys
from lavr.errors import MissingModel
from lavr.planners.anatomy.sources import source_of
for name in sys.argv[1:]:
    try:
        source_of(name)
    except MissingModel as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, *names],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**os.environ, "HF_HOME": str(home), **environment},
    )
    return done.stdout.splitlines()


def test_what_the_hub_refuses_is_told_with_what_to_do(tmp_path: Path) -> None:
    names = ["some/other", "gated/model", "some/gguf"]
    with a_hub({"some/gguf/model.gguf": b"x"}) as hub:
        unknown, gated, weights = refusals(names, tmp_path, HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="0")
    assert "The hub has no model some/other" in unknown
    assert "Accept them on https://huggingface.co/gated/model" in gated
    assert "has no config.json" in weights


@pytest.mark.parametrize("environment", [{"HF_HUB_OFFLINE": "1"}, {"HF_ENDPOINT": "http://127.0.0.1:9"}])
def test_without_a_hub_the_command_that_fetches_elsewhere_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    (said,) = refusals(["some/model"], tmp_path, **{"HF_HUB_OFFLINE": "0", **environment})
    assert "hf download some/model config.json preprocessor_config.json --local-dir model" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no JSON"),
        ("[]", "describes no model"),
        ('{"model_type": "nobody-knows-it"}', "nobody-knows-it"),
        ('{"model_type": "llama", "hidden_size": "x"}', "hidden_size"),
    ],
)
def test_a_file_that_describes_no_model_is_refused(content: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(content)
    with pytest.raises(UsageError, match=said):
        source_of(file)


def test_code_of_a_repository_is_never_run(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "mine", "auto_map": {"AutoConfig": "code.Config"}}')
    (tmp_path / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Config: pass\n")
    with pytest.raises(UsageError, match="shape file"):
        source_of(tmp_path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["nothing", "./nothing", "nothing.gguf", "a/b/c", "some folder", "-/x"])
def test_a_name_that_is_nowhere_says_what_there_could_be(name: str) -> None:
    with pytest.raises(MissingModel) as caught:
        source_of(name)
    assert "qwen-vl" in caught.value.remedy


def test_a_folder_without_a_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match=r"no config\.json"):
        source_of(tmp_path)
    for number in range(2):
        (tmp_path / f"{number}.gguf").write_bytes(b"")
    with pytest.raises(MissingModel) as caught:
        source_of(tmp_path)
    assert "0.gguf" in caught.value.remedy


@pytest.mark.slow
def test_a_gguf_file_is_taken_apart() -> None:
    models = os.environ.get("LAVR_TEST_MODELS", "")
    file = Path(models) / "SmolLM2-135M-Instruct.Q4_1.gguf"
    if not models or not file.is_file():
        pytest.skip("LAVR_TEST_MODELS names no folder with SmolLM2-135M-Instruct.Q4_1.gguf")
    from lavr.planners.anatomy.counting import anatomy_of

    assert anatomy_of(source_of(file).config).total == 134_515_008
