"""`docs/choosing-a-planner.md` gives what the anatomy counts, and names every kind of planner."""

from __future__ import annotations

import pytest

from lavr.planners.anatomy.fitting import GIB
from lavr.planners.anatomy.inspecting import Inspection, inspect_model
from lavr.planners.anatomy.parts import Part
from lavr.planners.kinds import KINDS
from lavr.tests.planners.anatomy.published import PUBLISHED
from lavr.tests.project.source import ROOT

PAGE = (ROOT / "docs" / "choosing-a-planner.md").read_text("utf-8")


def row(name: str) -> str:
    """A line of the table: sizes in billions, visual tokens of a full-HD picture, GiB of a run of eight steps."""
    found = inspect_model(PUBLISHED[name].config())
    anatomy = found.anatomy
    parts = " / ".join(billions(anatomy.count(part)) for part in (Part.ENCODER, Part.CONNECTOR, Part.LANGUAGE))
    parts = parts if anatomy.sees else f"text only / {billions(anatomy.total)}"
    tokens = f"{found.picture.tokens:,}" if anatomy.sees else "none"
    memory = " | ".join(gib(found, precision) for precision in ("bfloat16", "8bit", "4bit"))
    return f"| `{name}` | {billions(anatomy.total)} | {parts} | {tokens} | {memory} | {found.verdict.card_gib} GB |"


def billions(count: int) -> str:
    return f"{count / 1e9:.2f}" if count >= 5e6 else f"{count / 1e9:.3f}"


def gib(found: Inspection, precision: str) -> str:
    return next(f"{need.total / GIB:.1f}" for need in found.needs if need.precision.name == precision)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_table_says_what_is_counted(name: str) -> None:
    assert row(name) in PAGE.splitlines()


def test_the_page_names_every_kind_with_its_example_and_its_extra() -> None:
    for kind in KINDS:
        assert f"`{kind.name}`" in PAGE
        assert kind.example in PAGE
        assert not kind.extra or kind.install in PAGE
        assert [option for option in kind.options if f"`{option}`" not in PAGE] == []
