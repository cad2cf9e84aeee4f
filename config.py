"""The config file: where it is, and what it says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import UsageError


def config_file(environ: Mapping[str, str]) -> Path:
    """Where the config file is, whether or not it exists: `LAVR_CONFIG`, or else `~/.config/lavr/config.toml`."""
    if environ.get("LAVR_CONFIG"):
        return Path(environ["LAVR_CONFIG"]).expanduser()
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path("~/.config").expanduser()) / "lavr" / "config.toml"


def read_config(file: Path) -> dict[str, Any]:
    """What a config file says; empty when there is none. Raises `UsageError` when it cannot be read."""
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"The config file {file} cannot be read: {error}", remedy="Mend or remove it.") from error


def table(settings: Mapping[str, Any], *names: str, file: Path) -> dict[str, Any]:
    """A table of a config file, such as `[tools.detect]`; empty when it is not there.

    Raises:
        UsageError: when something else than a table stands there.
    """
    found: Any = settings
    for number, name in enumerate(names, start=1):
        found = found.get(name, {})
        if not isinstance(found, dict):
            path = ".".join(names[:number])
            raise UsageError(f"In {file}, `{path}` is {found!r}.", remedy=f"Write a table: [{path}].")
    return dict(found)
