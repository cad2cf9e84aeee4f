"""`python -m lavr.demos.chat`: the chat."""

import typer

from .command import demo

if __name__ == "__main__":
    typer.run(demo)
