"""Which planner is taken, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from lavr.errors import MissingExtra, UsageError
from lavr.planners.base import Decision, Draft
from lavr.planners.builtin import BuiltinPlanner
from lavr.planners.choose import choose_planner, config_file
from lavr.planners.scripted import ScriptedPlanner

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
    assert "There are: auto, builtin" in caught.value.remedy


@pytest.mark.parametrize(
    "name", ["local", "local:x", "openai:gpt-9", "openai", "langchain:x", "Qwen/Qwen3-VL-4B-Instruct"]
)
def test_a_planner_that_is_not_built_yet_is_named_as_such_and_never_pretended(name: str) -> None:
    with pytest.raises(MissingExtra, match="not in this version") as caught:
        choose_planner(name, environ={}, config=NOWHERE)
    assert "`builtin`, which needs no model" in caught.value.remedy


@pytest.mark.parametrize("text", ["planner = [", "planner = 3"])
def test_a_broken_config_file_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"config\.toml"):
        choose_planner(environ={}, config=written(tmp_path, text))


def test_a_config_file_without_the_key_changes_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, "[tools]\nx = 1\n")
    assert choose_planner(environ={}, config=file).reason == "nothing else is configured"
