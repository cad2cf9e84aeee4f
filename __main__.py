"""The command line, put together: the agent's commands and those of the demos, which lie above it."""

from .agent.cli import main as run
from .agent.cli.app import app
from .demos.chat.command import demo

__all__ = ["app", "main"]

app.command()(demo)


def main() -> None:
    """Run the command line on the arguments of this process, and exit with its code."""
    run()


if __name__ == "__main__":
    main()
