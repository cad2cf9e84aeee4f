"""The commands of `lavr` and their options; what they do is imported when they run, so that `--help` is quick."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from .failing import MEANINGS, ExitCode, reporting

app = typer.Typer(
    name="lavr",
    help="Ask questions about pictures, and get answers that point at their evidence.",
    epilog=MEANINGS,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
tools_app = typer.Typer(help="What the agent can call: list, show, run by hand.", invoke_without_command=True)
app.add_typer(tools_app, name="tools")
planners_app = typer.Typer(help="Who decides: list, inspect a model, say which is taken.", invoke_without_command=True)
app.add_typer(planners_app, name="planners")
models_app = typer.Typer(
    help="The weights of vision models: list, fetch, say where they are.", invoke_without_command=True
)
app.add_typer(models_app, name="models")
hosts_app = typer.Typer(
    help="Interpreters of their own for some tools: list, make, remove.", invoke_without_command=True
)
app.add_typer(hosts_app, name="hosts")

Words = Annotated[
    list[str], typer.Argument(metavar="IMAGE... QUESTION", help="Pictures (`-`: stdin), then the question.")
]
Pictures = Annotated[list[str] | None, typer.Argument(metavar="IMAGE...", help="Pictures to talk about.")]
Planner = Annotated[str, typer.Option(help="Who decides; what is configured when left out.", metavar="NAME")]
ToolNames = Annotated[str, typer.Option("--tools", help="Only these tools, with commas between.", metavar="A,B")]
Offline = Annotated[bool, typer.Option("--offline", help="Fetch no models.")]
Detector = Annotated[
    str, typer.Option(help="Weights for `detect`; what is configured when left out.", metavar="WEIGHTS")
]
AllowUrls = Annotated[bool, typer.Option("--allow-urls", help="Pictures may be http(s) addresses.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout, and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only the answer.")]
Steps = Annotated[int | None, typer.Option("--max-steps", help="Most decisions.", min=1, show_default="12")]
Timeout = Annotated[float | None, typer.Option("--timeout", help="Most seconds.", min=0.001, show_default="300")]
Traces = Annotated[
    list[Path] | None,
    typer.Option("--trace", help="Write a .html page or .jsonl log; may be repeated.", metavar="PATH"),
]
ToolName = Annotated[str, typer.Argument(metavar="NAME")]
HostName = Annotated[str, typer.Argument(metavar="NAME", help="Such as paddle; `lavr hosts list` has all.")]


def run() -> None:
    """Run the command line and exit. A bug shows its traceback and exits with 3."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="lavr")
    except Exception:  # noqa: BLE001 - the last handler there is: it tells everything and passes it on as exit code 3
        traceback.print_exc()
        sys.stderr.write("This is a bug in lavr, or in a tool or planner that was added to it.\n")
        raise SystemExit(ExitCode.BROKEN) from None


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"lavr {version('lavr')}")
        raise typer.Exit


@app.callback()
def lavr(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Ask questions about pictures, and get answers that point at their evidence."""


@app.command(epilog=MEANINGS)
def ask(
    words: Words,
    planner: Planner = "",
    tools: ToolNames = "",
    detector: Detector = "",
    trace: Traces = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    allow_urls: AllowUrls = False,
    max_steps: Steps = None,
    timeout: Timeout = None,
    offline: Offline = False,
    save: Annotated[
        Path | None, typer.Option(help="Write the pictures that tools made here, as PNG.", metavar="DIR")
    ] = None,
) -> None:
    """Answer a question about one or more pictures: the answer on stdout, the steps on stderr."""
    with reporting(as_json=as_json):
        _go_offline(offline)
        from .asking import Setup, ask

        setup = Setup(planner, tools, detector, allow_urls=allow_urls, max_steps=max_steps, timeout=timeout)
        code = ask(words, setup, traces=trace or [], as_json=as_json, quiet=quiet, folder=save)
    raise typer.Exit(code)


@app.command()
def chat(
    images: Pictures = None,
    planner: Planner = "",
    tools: ToolNames = "",
    detector: Detector = "",
    allow_urls: AllowUrls = False,
    offline: Offline = False,
) -> None:
    """Talk about pictures: several questions in one conversation."""
    with reporting():
        _go_offline(offline)
        from .asking import Setup
        from .chatting import chat

        chat(images or [], Setup(planner, tools, detector, allow_urls=allow_urls))


@app.command()
def doctor(
    as_json: AsJson = False,
    check: Annotated[bool, typer.Option("--check", help="Read a drawn picture as well.")] = False,
) -> None:
    """Say what is installed, what is missing, and what to type to get it."""
    with reporting(as_json=as_json):
        from .examining import examine

        healthy = examine(as_json=as_json, check=check)
    raise typer.Exit(ExitCode.ANSWERED if healthy else ExitCode.INCOMPLETE)


@tools_app.callback()
def tools(context: typer.Context) -> None:
    """What the agent can call: list, show, run by hand."""
    if context.invoked_subcommand is None:
        list_tools()


@tools_app.command("list")
def list_tools(detector: Detector = "", as_json: AsJson = False) -> None:
    """List the tools with what they are for."""
    with reporting(as_json=as_json):
        from .toolbench import list_tools

        list_tools(detector=detector, as_json=as_json)


@tools_app.command("show")
def show_tool(name: ToolName, detector: Detector = "", as_json: AsJson = False) -> None:
    """Show what a tool is for, when not to use it, and its arguments."""
    with reporting(as_json=as_json):
        from .toolbench import show_tool

        show_tool(name, detector=detector, as_json=as_json)


@tools_app.command("run")
def run_tool(
    name: ToolName,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE...", help="image=photo.jpg box=1,2,3,4 regions=1,2,3,4;5,6,7,8"),
    ] = None,
    detector: Detector = "",
    as_json: AsJson = False,
    save: Annotated[
        Path | None, typer.Option(help="Write the pictures and the marked regions here.", metavar="DIR")
    ] = None,
) -> None:
    """Run a tool by hand. A picture is given by its path, a box or a region by four numbers in pixels."""
    with reporting(as_json=as_json):
        from .toolbench import run_tool

        run_tool(name, arguments or [], detector=detector, as_json=as_json, folder=save)


@planners_app.callback()
def planners(context: typer.Context) -> None:
    """Who decides: list, inspect a model, say which is taken."""
    if context.invoked_subcommand is None:
        list_planners()


@planners_app.command("list")
def list_planners(as_json: AsJson = False) -> None:
    """List the kinds of planners: whether each can be used now, what it needs, how it is named."""
    with reporting(as_json=as_json):
        from .planners import list_planners

        list_planners(as_json=as_json)


@planners_app.command("auto")
def auto_planner(as_json: AsJson = False) -> None:
    """Say which planner is taken when none is named, and why."""
    with reporting(as_json=as_json):
        from .planners import tell_auto

        ready = tell_auto(as_json=as_json)
    raise typer.Exit(ExitCode.ANSWERED if ready else ExitCode.INCOMPLETE)


@planners_app.command("inspect")
def inspect_planner(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="An id of the hub, a folder, a .gguf or config.json file, a shape.")
    ],
    image: Annotated[
        str, typer.Option("--image", help="Size of the pictures, in pixels.", metavar="WxH")
    ] = "1920x1080",
    steps: Annotated[int, typer.Option("--steps", help="Steps of a run, each bringing a picture.", min=0)] = 8,
    gpu: Annotated[
        str, typer.Option("--gpu", help="Memory of a GPU; this machine's when left out.", metavar="24GB")
    ] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Fetch nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a model apart by its configuration alone: parameters, visual tokens, memory, whether it fits a GPU."""
    with reporting(as_json=as_json):
        from .planners import inspect_planner

        inspect_planner(model, image=image, steps=steps, gpu=gpu, offline=offline, as_json=as_json)


@models_app.callback()
def models(context: typer.Context) -> None:
    """Weights of vision models: list, fetch, say where they are."""
    if context.invoked_subcommand is None:
        list_models()


@models_app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the weights that lavr knows by name: size, licence, whether they are on this machine."""
    with reporting(as_json=as_json):
        from .models import list_models

        list_models(as_json=as_json)


@models_app.command("pull")
def pull_models(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Names of the list, or ids of the hub.")],
    as_json: AsJson = False,
) -> None:
    """Fetch weights that are not on this machine yet."""
    with reporting(as_json=as_json):
        from .models import pull_models

        pull_models(names, as_json=as_json)


@models_app.command("where")
def where_models(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="A name of the list, or an id of the hub.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say where weights are, or, without a name, which folders are looked into."""
    with reporting(as_json=as_json):
        from .models import tell_where

        here = tell_where(name, as_json=as_json)
    raise typer.Exit(ExitCode.ANSWERED if here else ExitCode.INCOMPLETE)


def _go_offline(asked: bool) -> None:
    if asked:
        from ...hub import go_offline

        go_offline()


@hosts_app.callback()
def hosts(context: typer.Context) -> None:
    """Interpreters of their own for some tools: list, make, remove."""
    if context.invoked_subcommand is None:
        list_hosts()


@hosts_app.command("list")
def list_hosts(as_json: AsJson = False) -> None:
    """List the hosts: what each is for, why it is apart, whether it is made and answers."""
    with reporting(as_json=as_json):
        from .hosts import list_hosts

        list_hosts(as_json=as_json)


@hosts_app.command("make")
def make_host(
    name: HostName,
    besides: Annotated[
        list[str] | None, typer.Option("--with", help="Install this as well; may be repeated.", metavar="PACKAGE")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Make it anew even when it works.")] = False,
) -> None:
    """Make a host, or repair it. One that is there and works stays as it is."""
    with reporting():
        from .hosts import make_host

        make_host(name, besides=besides or [], again=again)


@hosts_app.command("remove")
def remove_host(name: HostName) -> None:
    """Remove a host and everything in it."""
    with reporting():
        from .hosts import remove_host

        remove_host(name)
