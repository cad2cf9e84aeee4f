"""`lavr planners`: the kinds, the one that is taken, models taken apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lavr.agent import doctor
from lavr.agent.cli.app import app
from lavr.agent.cli.planners import BAR, _bar
from lavr.planners.kinds import KINDS
from lavr.tests.planners.local import tiny


def invoke(*words: str, **environment: str) -> tuple[int, str, str]:
    nothing = {"LAVR_CONFIG": "/no/such/file.toml", "LAVR_PLANNER": ""}
    result = CliRunner().invoke(app, ["planners", *words], env={**nothing, **environment})
    return result.exit_code, result.stdout, result.stderr


def test_every_kind_is_listed_with_an_example_and_the_one_that_is_taken() -> None:
    code, out, _ = invoke()
    assert code == 0
    assert out == invoke("list")[1]
    for kind in KINDS:
        assert f"{'✓' if kind.ready else '✗'} {kind.name}" in out
        assert f"--planner {kind.example}" in out
        assert kind.ready or kind.install in out
    assert "auto takes builtin: nothing else is configured." in out


def test_the_list_is_json_for_programs() -> None:
    told = json.loads(invoke("list", "--json")[1])
    assert [kind["name"] for kind in told["planners"]] == ["builtin", "local", "openai", "langchain"]
    assert told["planners"][0]["ready"] is True
    assert told["auto"]["planner"] == "builtin"


def test_what_is_configured_is_taken_and_says_why_without_being_made() -> None:
    code, out, _ = invoke("auto", LAVR_PLANNER="nobody/has-this-model")
    assert (code, out) == (0, "auto takes local:nobody/has-this-model: LAVR_PLANNER says so.\n")
    assert json.loads(invoke("auto", "--json")[1])["reason"] == "nothing else is configured"


def test_a_configured_name_that_is_none_is_refused() -> None:
    code, _, err = invoke("auto", LAVR_PLANNER="nonsense")
    assert code == 2
    assert "There is no planner 'nonsense'" in err


def test_a_planner_whose_packages_are_missing_says_what_installs_them() -> None:
    program = "import sys; sys.modules['httpx'] = None; from lavr.agent.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "planners", "auto"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "LAVR_PLANNER": "openai:m"},
    )
    assert done.returncode == 1
    assert 'pip install "lavr[openai]"' in done.stdout


def test_the_doctor_names_the_configured_planner_without_making_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAVR_PLANNER", "nobody/has-this-model")
    finding = doctor.planner()
    assert (finding.value, finding.ok) == ("local:nobody/has-this-model", True)


def test_the_first_qwen_vl_is_taken_apart() -> None:
    code, out, _ = invoke("inspect", "qwen-vl", "--gpu", "24GB")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert code == 0
    assert lines[0] == "Qwen-VL: 9.66 B parameters"
    assert any(line.startswith("vision encoder 1.86 B 19.3%") for line in lines)
    assert any(line.startswith("connector 0.08 B 0.8%") for line in lines)
    assert any(line.startswith("language model 7.72 B 80.0%") for line in lines)
    assert "256 visual tokens" in out
    assert "✓ It fits a GPU of 24 GiB in bfloat16" in out


def test_a_model_that_does_not_fit_says_what_is_lacking_and_what_would() -> None:
    out = invoke("inspect", "qwen-vl", "--gpu", "8GB")[1]
    assert "✗ It does not fit a GPU of 8 GiB" in out
    assert "the smallest usual GPU for it in bfloat16 has 24 GiB" in out
    assert 'quantization="4bit"' in invoke("inspect", "qwen-vl", "--gpu", "12GB")[1]


def test_a_folder_is_taken_apart_for_pictures_of_a_size(tmp_path: Path) -> None:
    folder = tiny.save("qwen3_vl", tmp_path / "tiny")
    code, out, err = invoke("inspect", str(folder), "--image", "640x480", "--steps", "3", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["image"]["size_wh"] == [640, 480]
    assert told["image"]["source"] == "counted by the model's own processor"
    assert told["reading"]["steps"] == 3
    assert told["parameters"] == sum(weights.numel() for weights in tiny.load("qwen3_vl").network.parameters())
    assert sum(part["share"] for part in told["parts"].values()) == pytest.approx(1)


def test_more_steps_need_more_memory() -> None:
    def cache(steps: int) -> int:
        told = json.loads(invoke("inspect", "qwen-vl", "--steps", str(steps), "--json")[1])
        return int(told["memory"]["bfloat16"]["cache"])

    assert cache(0) < cache(8) < cache(30)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing",), "There is no model 'nothing'"),
        (("nobody/has-it", "--offline"), "hf download nobody/has-it"),
        (("qwen-vl", "--image", "big"), "no size of a picture"),
        (("qwen-vl", "--image", "0x10"), "no picture"),
        (("qwen-vl", "--gpu", "huge"), "no size of a GPU"),
    ],
)
def test_what_cannot_be_inspected_exits_with_2_and_says_what_to_do(words: tuple[str, ...], said: str) -> None:
    code, out, err = invoke("inspect", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert "→" in err


@pytest.mark.parametrize(("share", "width"), [(1.0, BAR), (0.5, BAR / 2), (0.0001, 1)])
def test_bars_are_as_long_as_the_share(share: float, width: float) -> None:
    assert len(_bar(share)) == width


def test_the_terminal_is_safe_from_names(tmp_path: Path) -> None:
    sizes = {"num_hidden_layers": 2, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4}
    file = tmp_path / "evil.json"
    file.write_text(json.dumps({"name": "\x1b[31mred", "language": {**sizes, "vocab_size": 100}}))
    assert "\x1b" not in invoke("inspect", str(file))[1]
