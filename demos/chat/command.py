"""The command `lavr demo`; what it does is imported when it runs, so that `--help` is quick."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ...agent.cli.failing import reporting

PORT = 7860
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def demo(
    planner: Annotated[
        list[str] | None, typer.Option(help="Offer this planner, and take it; may be repeated.", metavar="NAME")
    ] = None,
    host: Annotated[str, typer.Option(help="Where to listen. Only this machine by default.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="The port.", min=0, max=65535, show_default=f"{PORT}, or the next free one")
    ] = None,
    auth: Annotated[
        list[str] | None,
        typer.Option(
            help="Ask for a name and a password; may be repeated.", metavar="NAME:PASSWORD", envvar="LAVR_AUTH"
        ),
    ] = None,
    at_once: Annotated[int, typer.Option(help="Questions worked on at the same time.", min=1)] = 4,
    waiting: Annotated[int, typer.Option(help="Questions that may wait besides.", min=0)] = 16,
    idle: Annotated[float, typer.Option(help="Minutes until an idle chat is thrown away.", min=0.1)] = 30.0,
) -> None:
    """Open the chat in a browser: drop pictures, ask, watch the agent work, point at things."""
    with reporting():
        from .server import free_socket, serve
        from .setup import Setup

        setup = Setup(
            planners=tuple(planner or ()),
            at_once=at_once,
            waiting=waiting,
            idle_s=60 * idle,
            auth=tuple(_pair(each) for each in auth or ()),
        )
        setup.selection  # noqa: B018 - a config file that cannot be read is told before anything is loaded
        bound = free_socket(host, PORT if port is None else port, exact=port is not None)
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
        typer.echo(f"The chat is at http://{shown}:{bound.getsockname()[1]} in a moment. Ctrl+C ends it.")
        if host not in LOOPBACK and not setup.auth:
            typer.echo(
                "Everybody who reaches this machine can use it: --auth NAME:PASSWORD asks who they are.", err=True
            )
        sys.stdout.flush()
        serve(setup, bound)


def _pair(given: str) -> tuple[str, str]:
    name, colon, password = given.partition(":")
    if not (name and colon and password):
        raise typer.BadParameter("Write NAME:PASSWORD.", param_hint="--auth")
    return name, password
