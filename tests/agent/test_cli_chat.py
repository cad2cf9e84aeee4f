"""`lavr chat`: questions and commands in one conversation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from lavr.agent.cli.chatting import Talk
from lavr.agent.trace import Trace
from lavr.errors import ImageNotFound, UsageError
from lavr.tests.agent.tables import agent_of, call, calls, says


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "my slip.png"
    PIL.Image.fromarray(np.full((40, 50, 3), 255, dtype=np.uint8)).save(path)
    return path


def talk(picture: Path) -> Talk:
    agent = agent_of(calls(call("find", image="img_1"), thought="I look."), says("2 things", ("2", "r1")))
    made = Talk(agent.session())
    made.add(str(picture))
    return made


def test_questions_are_answered_in_one_conversation(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chat = talk(picture)
    chat.hear("How many things?")
    chat.hear("And again?")
    assert capsys.readouterr().out == "2 things\n2 things\n"


def test_pictures_and_regions_are_listed(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chat = talk(picture)
    chat.hear("/images")
    assert "(new) my slip.png 50 × 40" in capsys.readouterr().err
    chat.hear("How many things?")
    capsys.readouterr()
    chat.hear("/images")
    chat.hear("/regions")
    err = capsys.readouterr().err
    assert "img_1 my slip.png 50 × 40" in err
    assert "(new)" not in err
    assert "r1 thing 0.50 at 0, 0, 5, 5 on img_1" in err


def test_a_picture_is_added_by_a_path_with_spaces_or_in_quotes(
    picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chat = talk(picture)
    chat.hear(f"/add {picture}")
    chat.hear(f'/add "{picture}"')
    assert capsys.readouterr().err.count("goes with the next question") == 3


def test_the_trace_holds_the_whole_conversation(picture: Path, tmp_path: Path) -> None:
    chat = talk(picture)
    chat.hear("How many things?")
    chat.hear("And again?")
    chat.hear(f"/trace {tmp_path / 'chat.jsonl'}")
    runs = Trace.load(tmp_path / "chat.jsonl").runs
    assert [run.started.question for run in runs if run.started] == ["How many things?", "And again?"]


def test_the_pictures_that_tools_made_are_saved(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agent = agent_of(calls(call("cut", image="img_1")), says("a part", ("part", "img_2")))
    chat = Talk(agent.session())
    chat.hear(f"/save {tmp_path / 'made'}")
    assert "No tool made a picture yet." in capsys.readouterr().err
    chat.add(str(picture))
    chat.hear("Cut it out.")
    chat.hear(f"/save {tmp_path / 'made'}")
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["img_2.png"]


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("/nonsense", UsageError, "/regions"),
        ("/add", UsageError, "/add photo.jpg"),
        ("/add none.png", ImageNotFound, "none.png"),
        ("/save", UsageError, "/save pictures"),
        ("/trace", UsageError, "/trace chat.html"),
        ("/trace chat.html", UsageError, "Ask something first"),
    ],
)
def test_what_cannot_be_followed_says_what_to_write(
    picture: Path, line: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said.replace("/", ".")):
        talk(picture).hear(line)


def test_empty_lines_are_nothing_and_quit_ends(picture: Path) -> None:
    chat = talk(picture)
    chat.hear("   ")
    assert chat.going
    chat.hear("/quit")
    assert not chat.going
