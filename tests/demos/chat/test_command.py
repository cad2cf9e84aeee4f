"""`lavr demo`: its options, what it says when something is missing or taken, and how soon it is there."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from lavr.__main__ import app
from lavr.demos.chat.quick import load_gradio
from lavr.demos.chat.server import free_socket
from lavr.errors import MissingExtra, UsageError


def test_the_command_line_has_the_chat() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    assert "demo" in shown
    options = CliRunner().invoke(app, ["demo", "--help"]).output
    assert [name for name in ("--planner", "--auth", "--host", "--port", "--at-once") if name not in options] == []
    assert "share" not in options


def test_without_gradio_the_line_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "gradio"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "gradio", None)
    with pytest.raises(MissingExtra) as missing:
        load_gradio()
    assert missing.value.remedy == 'pip install "lavr[demo]"'


def test_a_port_that_is_taken_is_passed_over_unless_it_was_asked_for() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}"):
            free_socket("127.0.0.1", port, exact=True)
        other = free_socket("127.0.0.1", port, exact=False)
        assert other.getsockname()[1] > port
        other.close()


@pytest.mark.parametrize("given", ["ann", "ann:", ":secret"])
def test_a_name_without_a_password_is_refused(given: str) -> None:
    result = CliRunner().invoke(app, ["demo", "--auth", given])
    assert result.exit_code == 2
    assert "NAME:PASSWORD" in result.output


def test_the_chat_listens_on_this_machine_alone_unless_told_otherwise() -> None:
    help_text = " ".join(CliRunner().invoke(app, ["demo", "--help"]).output.split())
    assert "default: 127.0.0.1" in help_text


def test_the_page_is_made_without_what_gradio_does_not_need_for_it() -> None:
    made = (
        "import sys\n"
        "from lavr.demos.chat.server import Chat\n"
        "chat = Chat()\n"
        "unused = ('pandas._libs', 'gradio.cli.commands', 'huggingface_hub.inference')\n"
        "print([name for name in unused if name in sys.modules])\n"
        "import gradio as gr, pandas as pd\n"
        "print(pd.DataFrame({'a': [1, 2]}).a.sum(), gr.external.__name__, callable(gr.load))\n"
    )
    done = subprocess.run([sys.executable, "-c", made], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines() == ["[]", "3 gradio.external True"], done.stderr
