"""`lavr ask`: what goes to stdout and stderr, exit codes, traces, interrupts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from typer.testing import CliRunner

from lavr import Agent, Citation, Decision, Draft, Image, Observation, Region, ScriptedPlanner, ToolCall, tool
from lavr.agent.cli.app import app
from lavr.agent.cli.asking import Setup, ask
from lavr.agent.cli.failing import ExitCode
from lavr.agent.trace import Trace
from lavr.errors import LavrError, UsageError
from lavr.tools.cutout import cutout
from lavr.tools.look import look
from lavr.tools.redact import redact

EVIL = "TOTAL 9.99\x1b[31m\x1b]0;owned\x07\u202e"


@tool
def read_line(image: Image) -> Observation:
    """Read a line that was written to do harm."""
    line = Region(image, (4, 4, 60, 20), "line", 0.9, EVIL)
    return Observation(EVIL, (line,), untrusted=True)


@dataclass(frozen=True)
class Scripted(Setup):
    """A setup whose planner plays a script."""

    script: Sequence[Decision] = ()

    def agent(self) -> Agent:
        return Agent(ScriptedPlanner(self.script), tools=[read_line, redact, cutout, look])


def script(text: str = "The total is 9.99.", *, complete: bool = True) -> Scripted:
    call = ToolCall("c1", "read_line", {"image": "img_1"})
    answer = Draft(text, (Citation("9.99", "r1"),), complete=complete, value="9.99")
    return Scripted(script=(Decision("I read it.", (call,)), Decision("Done.", answer=answer)))


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "slip.png"
    PIL.Image.fromarray(np.full((40, 80, 3), 255, dtype=np.uint8)).save(path)
    return str(path)


def asked(picture: str, setup: Setup, **options: object) -> ExitCode:
    chosen = {"traces": (), "as_json": False, "quiet": False, **options}
    return ask([picture, "What is the total?"], setup, **chosen)  # type: ignore[arg-type] # options of one test each


def test_stdout_carries_the_answer_and_stderr_the_steps_and_the_evidence(
    picture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(picture, script()) is ExitCode.ANSWERED
    out, err = capsys.readouterr()
    assert out == "The total is 9.99.\n"
    for told in ("● I read it.", "✓ c1 read_line(image=img_1)", "1 region r1", "“9.99” ← r1 at 4, 4, 60, 20 on img_1"):
        assert told in err


def test_nothing_that_stands_in_a_picture_reaches_the_terminal_as_a_command(
    picture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(picture, script(f"It says {EVIL}, 9.99"))
    out, err = capsys.readouterr()
    for text in (out, err):
        assert not set(text) & {"\x1b", "\x07", "\u202e"}
        assert "\\x1b[31m" in text


def test_quiet_leaves_only_the_answer(picture: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked(picture, script(), quiet=True)
    assert capsys.readouterr() == ("The total is 9.99.\n", "")


def test_json_is_all_there_is_on_stdout(picture: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked(picture, script(), as_json=True)
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert err == ""
    assert (answer["answer"], answer["value"], answer["complete"]) == ("The total is 9.99.", "9.99", True)
    assert answer["evidence"][0]["region"]["xyxy"] == [4, 4, 60, 20]
    assert answer["images"] == [{"handle": "img_1", "name": "slip.png", "size_wh": [80, 40]}]
    assert answer["usage"]["calls"] == 1


def test_an_answer_that_is_not_complete_exits_with_1(picture: str) -> None:
    assert asked(picture, script(complete=False)) is ExitCode.INCOMPLETE


def test_traces_are_written_as_asked(picture: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    targets = [tmp_path / "run.html", tmp_path / "run.jsonl"]
    asked(picture, script(), traces=targets)
    assert "<h1" in targets[0].read_text("utf-8")
    loaded = Trace.load(targets[1]).answer
    assert loaded is not None
    assert loaded.text == "The total is 9.99."
    assert str(targets[0]) in capsys.readouterr().err


def test_a_run_that_fails_still_leaves_its_trace(picture: str, tmp_path: Path) -> None:
    with pytest.raises(LavrError):
        asked(picture, Scripted(script=script().script[:1]), traces=[tmp_path / "run.jsonl"])
    assert [result.call.id for result in Trace.load(tmp_path / "run.jsonl").results] == ["c1"]


def test_a_trace_that_cannot_be_named_so_is_refused_before_the_work(picture: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.html or \.jsonl"):
        asked(picture, script(), traces=[tmp_path / "run.txt"])


def editing(*cited: str) -> Scripted:
    """A script that looks at the picture, redacts the line, cuts it out, and cites what it made."""
    first = (ToolCall("c1", "read_line", {"image": "img_1"}), ToolCall("c2", "look", {"image": "img_1"}))
    then = (
        ToolCall("c3", "redact", {"image": "img_1", "regions": ["r1"]}),
        ToolCall("c4", "cutout", {"image": "img_1", "box": [4, 4, 60, 20]}),
    )
    answer = Draft("Here it is.", tuple(Citation("Here it is", handle) for handle in cited))
    return Scripted(script=(Decision("", first), Decision("", then), Decision("", answer=answer)))


def test_pictures_that_tools_made_are_saved_and_those_that_were_given_are_not(
    picture: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(picture, editing("img_2"), folder=tmp_path / "made" / "here")
    assert sorted(path.name for path in (tmp_path / "made" / "here").iterdir()) == ["img_2.png", "img_3.png"]
    with PIL.Image.open(tmp_path / "made" / "here" / "img_2.png") as redacted:
        assert np.asarray(redacted)[4:20, 4:60].max() == 0
        assert np.asarray(redacted)[30:].min() == 255
    err = capsys.readouterr().err
    assert f"Saved {tmp_path / 'made' / 'here' / 'img_2.png'}" in err
    assert "--save" not in err


def test_a_picture_that_the_answer_shows_is_not_kept_unless_that_is_asked_for(
    picture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(picture, editing("img_2", "r1"))
    assert "img_2 is not kept: --save DIR writes it." in capsys.readouterr().err
    asked(picture, editing("img_1", "r1"))
    assert "--save" not in capsys.readouterr().err


def test_json_names_the_pictures_that_the_answer_shows_and_the_files(
    picture: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(picture, editing("img_2", "img_1"), as_json=True, folder=tmp_path)
    told = json.loads(capsys.readouterr().out)
    assert told["shown"] == [{"handle": "img_2", "name": "redacted img_1", "size_wh": [80, 40]}]
    assert told["saved"] == [str(tmp_path / "img_2.png"), str(tmp_path / "img_3.png")]


def test_a_run_without_pictures_of_tools_saves_nothing(picture: str, tmp_path: Path) -> None:
    asked(picture, script(), folder=tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_a_folder_that_is_a_file_is_refused_before_the_work(picture: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a file"):
        asked(picture, Scripted(script=()), folder=Path(picture))


def invoke(*words: str, stdin: bytes = b"") -> tuple[int, str, str]:
    result = CliRunner().invoke(app, words, input=stdin)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ask", "PICTURE"), "the question is missing"),
        (("ask", "What is it?"), "No picture was given"),
        (("ask", "PICTURE", " "), "The question is empty"),
        (("ask", "none.png", "What is it?"), "none.png"),
        (("ask", "evil\x1b[2J.png", "What is it?"), "[2J.png"),
        (("ask", "PICTURE", "What?", "--planner", "nobody"), "nobody"),
        (("ask", "PICTURE", "What?", "--planner", "local"), "no complete name"),
        (("ask", "PICTURE", "What?", "--tools", "ocr,nothing"), "nothing"),
        (("ask", "https://example.com/a.png", "What?"), "allow"),
    ],
    ids=lambda value: " ".join(value).replace("\x1b", "ESC") if isinstance(value, tuple) else None,
)
def test_what_is_refused_exits_with_2_and_says_why_and_what_to_do(
    picture: str, words: tuple[str, ...], said: str
) -> None:
    code, out, err = invoke(*(picture if word == "PICTURE" else word for word in words))
    assert (code, out) == (2, "")
    assert said in err
    assert "→" in err
    assert len(err.splitlines()) <= 3
    assert "\x1b" not in err
    assert "Traceback" not in err


def test_an_error_is_json_as_well_when_json_was_asked_for() -> None:
    code, out, err = invoke("ask", "none.png", "What?", "--json")
    assert code == 2
    assert json.loads(out)["error"]["name"] == "ImageNotFound"
    assert "none.png" in err


def test_help_and_version_are_there() -> None:
    assert "Ask questions about pictures" in invoke("--help")[1]
    assert "0 answered" in invoke("ask", "--help")[1]
    assert invoke("--version")[1].startswith("lavr ")


SLEEPER = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite run in the background ignores interrupts

from lavr import Agent, Decision, Image, ScriptedPlanner, ToolCall, tool
from lavr.agent.cli import asking, main

picture, begun = sys.argv[1:]


@tool(timeout_s=60)
def sleep(image: Image) -> str:
    '''Sleep.'''
    Path(begun).write_text("begun")
    time.sleep(60)
    return "slept"


class Slow(asking.Setup):
    def agent(self):
        return Agent(ScriptedPlanner([Decision("", (ToolCall("c1", "sleep", {"image": "img_1"}),))]), tools=[sleep])


asking.Setup = Slow
sys.argv = ["lavr", "ask", picture, "What?", "--trace", begun + ".jsonl"]
main()
"""


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_an_interrupt_ends_at_once_with_130_and_keeps_the_trace(picture: str, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    program = tmp_path / "sleeper.py"
    program.write_text(SLEEPER)
    process = subprocess.Popen(
        [sys.executable, str(program), picture, str(begun)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 30
    while not begun.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    interrupted = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - interrupted < 5
    assert out == ""
    assert "Interrupted." in err
    assert "Traceback" not in err
    assert [call.id for call in Trace.load(tmp_path / "begun.jsonl").steps[0].unanswered] == ["c1"]
