"""Which planner is taken, and why."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from inspect import signature
from pathlib import Path

import pytest

from lavr.config import config_file
from lavr.errors import MissingModel, UsageError
from lavr.planners.base import Decision, Draft
from lavr.planners.builtin import BuiltinPlanner
from lavr.planners.choose import choose_planner, select_planner
from lavr.planners.kinds import BUILTIN, LANGCHAIN, LOCAL, OPENAI, PlannerKind, make_planner, planner_name
from lavr.planners.scripted import ScriptedPlanner
from lavr.tests.planners.local import tiny

NOWHERE = Path("/does/not/exist.toml")


def written(folder: Path, text: str) -> Path:
    """A config file."""
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_configuration_it_is_the_builtin_one_and_says_how_to_get_more() -> None:
    choice = choose_planner(environ={}, config=NOWHERE)
    assert isinstance(choice.planner, BuiltinPlanner)
    assert choice.reason == "nothing else is configured"
    assert "multimodal model" in choice.more


def test_a_planner_that_is_given_is_taken() -> None:
    planner = ScriptedPlanner([Decision(answer=Draft("x"))])
    assert choose_planner(planner, environ={"LAVR_PLANNER": "nonsense"}).planner is planner


def test_the_argument_goes_before_the_environment_before_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, 'planner = "builtin"\n')
    assert choose_planner("builtin", environ={"LAVR_PLANNER": "x"}, config=file).reason == "it was asked for"
    assert choose_planner(environ={"LAVR_PLANNER": "builtin"}, config=file).reason == "LAVR_PLANNER says so"
    assert choose_planner("auto", environ={"LAVR_PLANNER": "auto"}, config=file).reason == f"{file} says so"


def test_the_config_file_is_where_the_environment_says() -> None:
    assert config_file({"LAVR_CONFIG": "/a/b.toml"}) == Path("/a/b.toml")
    assert config_file({"XDG_CONFIG_HOME": "/x"}) == Path("/x/lavr/config.toml")
    assert config_file({}) == Path("~/.config/lavr/config.toml").expanduser()


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(UsageError, match="no planner 'gpt'") as caught:
        choose_planner("gpt", environ={}, config=NOWHERE)
    assert "There are: auto, builtin, local:MODEL" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "kind", "rest"),
    [
        ("builtin", BUILTIN, ""),
        ("local:x", LOCAL, "x"),
        ("local:Qwen/Qwen3-VL-4B-Instruct", LOCAL, "Qwen/Qwen3-VL-4B-Instruct"),
        ("Qwen/Qwen3-VL-4B-Instruct", LOCAL, "Qwen/Qwen3-VL-4B-Instruct"),
        ("models/a.gguf", LOCAL, "models/a.gguf"),
        ("./folder", LOCAL, "./folder"),
        ("/folder/of/models", LOCAL, "/folder/of/models"),
        ("openai:gpt-9", OPENAI, "gpt-9"),
        ("openai:a/b@http://localhost:8000/v1", OPENAI, "a/b@http://localhost:8000/v1"),
        ("langchain:ollama:qwen3-vl:8b", LANGCHAIN, "ollama:qwen3-vl:8b"),
    ],
)
def test_names_say_their_kind_and_their_model(text: str, kind: PlannerKind, rest: str) -> None:
    name = planner_name(text)
    assert (name.kind, name.rest) == (kind, rest)


@pytest.mark.parametrize("text", ["local", "local:", "openai", "openai:", "langchain:", "builtin:x", "builtin:"])
def test_a_name_without_its_model_says_what_to_write(text: str) -> None:
    with pytest.raises(UsageError, match="no complete name") as caught:
        planner_name(text)
    assert "such as" in caught.value.remedy


@pytest.mark.parametrize("text", ["a b/c", "a/b/c", "https://example.org/v1", "-/x", "vertex:model"])
def test_what_can_be_no_name_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="There is no planner"):
        planner_name(text)


def test_a_name_below_the_folder_of_models_is_local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.setenv("LAVR_MODELS", str(tmp_path))
    assert planner_name("mine").kind is LOCAL


def test_selecting_makes_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, 'planner = "local:/no/such/model"\n[local]\ndevice = "cpu"\n')
    selected = select_planner(environ={}, config=file)
    assert str(selected.name) == "local:/no/such/model"
    assert selected.options == {"device": "cpu"}
    with pytest.raises(MissingModel):
        choose_planner(environ={}, config=file)


def test_a_folder_with_a_model_is_loaded_with_the_settings_of_the_config_file(tmp_path: Path) -> None:
    folder = tiny.save("qwen3_vl", tmp_path / "model")
    file = written(
        tmp_path, '[local]\ndevice = "cpu"\ndtype = "float32"\noffline = true\nthought_tokens = 8\ncalls_per_turn = 1\n'
    )
    planner = choose_planner(str(folder), environ={}, config=file).planner
    assert planner.name == f"local:{folder}"
    assert choose_planner(folder, environ={}, config=file).planner.name == planner.name


def test_a_server_is_named_with_its_address(tmp_path: Path) -> None:
    named = choose_planner("openai:some/model@http://localhost:8123/v1", environ={}, config=NOWHERE).planner
    file = written(
        tmp_path,
        'planner = "openai:m"\n[openai]\nbase_url = "http://localhost:8124/v1"\nretries = 1\ncalls_per_turn = 2\n',
    )
    configured = choose_planner(environ={}, config=file).planner
    assert repr(named) == "OpenAIPlanner('some/model', base_url='http://localhost:8123/v1')"
    assert repr(configured) == "OpenAIPlanner('m', base_url='http://localhost:8124/v1')"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[openai]\napi_key = "secret"', "no setting 'api_key'"),
        ('[openai]\nretries = "many"', "its type is int|'retries'"),
        ("[openai]\nretries = true", "'retries'"),
        ("openai = 3", "`openai` is 3"),
    ],
)
def test_settings_that_do_not_exist_are_refused(tmp_path: Path, table: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        choose_planner("openai:m", environ={}, config=written(tmp_path, table))


@pytest.mark.parametrize("text", ["planner = [", "planner = 3"])
def test_a_broken_config_file_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"config\.toml"):
        choose_planner(environ={}, config=written(tmp_path, text))


def test_a_config_file_without_the_key_changes_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, "[tools]\nx = 1\n")
    assert choose_planner(environ={}, config=file).reason == "nothing else is configured"


def test_a_thing_that_is_no_planner_is_refused() -> None:
    with pytest.raises(UsageError, match="A dict is no planner"):
        choose_planner({})  # type: ignore[arg-type]  # that is the point


def test_a_chat_model_of_langchain_becomes_a_planner() -> None:
    models = pytest.importorskip("langchain_core.language_models.fake_chat_models")
    planner = choose_planner(models.FakeListChatModel(responses=["x"])).planner
    assert type(planner).__name__ == "LangChainPlanner"
    assert planner.name.startswith("langchain")


@pytest.mark.parametrize(
    ("module", "name", "extra"),
    [("torch", "some/model", "local"), ("httpx", "openai:m", "openai"), ("langchain", "langchain:a:b", "langchain")],
)
def test_a_missing_extra_is_told_with_the_command_that_installs_it(module: str, name: str, extra: str) -> None:
    program = f"""
import sys
sys.modules[{module!r}] = None
from lavr.errors import MissingExtra
from lavr.planners.kinds import make_planner, planner_name
name = planner_name({name!r})
print(name.kind.ready)
try:
    make_planner(name)
except MissingExtra as error:
    print(error.remedy)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.splitlines() == ["False", f'pip install "lavr[{extra}]"']


def test_naming_planners_loads_nothing_heavy() -> None:
    program = """
import sys
from lavr.planners.choose import select_planner
from lavr.planners.kinds import KINDS
print([kind.ready for kind in KINDS], str(select_planner("some/model").name))
print([name for name in ("torch", "transformers", "httpx", "langchain", "rich") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[1] == "[]"


def test_options_reach_no_planner_that_has_none() -> None:
    with pytest.raises(UsageError, match="builtin has no setting"):
        make_planner(planner_name("builtin"), {"device": "cpu"})


def test_every_setting_is_one_that_its_planner_takes() -> None:
    from lavr.planners.langchain import LangChainPlanner
    from lavr.planners.local.loading import load_model
    from lavr.planners.local.planner import LocalPlanner
    from lavr.planners.openai.planner import OpenAIPlanner

    def arguments(*makers: Callable[..., object]) -> set[str]:
        return {name for maker in makers for name in signature(maker).parameters}

    assert set(LOCAL.options) <= arguments(load_model, LocalPlanner)
    assert set(OPENAI.options) <= arguments(OpenAIPlanner)
    of_the_chat_model = {"base_url", "temperature"}
    assert set(LANGCHAIN.options) <= arguments(LangChainPlanner) | of_the_chat_model
