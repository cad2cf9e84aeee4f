"""The steps in the terminal: what is shown, on a terminal and off it."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from lavr.agent.cli.progress import Progress, called, cited, counted, pictured
from lavr.agent.events import CallStarted, Event, Observed, StepStarted, ThoughtDelta
from lavr.agent.trace import Trace
from lavr.tests.agent.traces import LINES, drawn, eventful_run, read, simple_run
from lavr.tools.calls import ToolCall
from lavr.vision.store import ImageStore


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "store")


def shown(events: tuple[Event, ...], *, terminal: bool = False, quiet: bool = False) -> str:
    screen = Console(
        file=io.StringIO(), force_terminal=terminal, width=100, markup=False, highlight=False, soft_wrap=True
    )
    with Progress(screen, quiet=quiet) as progress:
        passed = list(progress.follow(events))
    assert tuple(passed) == events
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_every_step_is_told_in_order(store: ImageStore) -> None:
    told = shown(eventful_run(store).events)
    expected = (
        "planner local",
        "▣ img_1 receipt.png 560 × 460",
        "● I read the receipt and look for a signature.",
        "✓ c1 ocr(image=img_1)  842 ms",
        '✗ c2 detect(image=img_1, labels=["stamp", "signature"])  5.00 s',
        "c1 · 5 regions r1-r5 · CAFE LUMEN 2 x Flat white",
        "c2: ToolTimeout: detect did not end within 5 s.",
        "! asked again: ocr has no argument 'picture'.",
        "cached",
        "The box was clipped to the picture.",
        "▣ img_2 zoom of r4 260 × 60",
        "! 3 steps are used up; answer with what you have.",
        "! “signed” was cited to r99: There is no r99.",
    )
    places = [told.find(text) for text in expected]
    assert -1 not in places
    assert places == sorted(places)


def test_off_a_terminal_there_is_no_escape_sequence_and_no_spinner(store: ImageStore) -> None:
    told = shown(eventful_run(store).events)
    assert "\x1b" not in told
    assert "\r" not in told


def test_on_a_terminal_a_spinner_names_what_is_under_way(store: ImageStore) -> None:
    call = ToolCall("c1", "ocr", {"image": "img_1"})
    told = shown((StepStarted(1), ThoughtDelta(1, "hm"), CallStarted(1, call)), terminal=True)
    assert "c1 ocr(image=img_1)" in told


def test_quiet_says_nothing(store: ImageStore) -> None:
    assert shown(eventful_run(store).events, quiet=True) == ""


def test_a_picture_is_named_once(store: ImageStore) -> None:
    assert shown(eventful_run(store).events).count("▣ img_2") == 1


def test_text_out_of_a_picture_cannot_steer_the_terminal(store: ImageStore) -> None:
    evil = "\x1b[2J\x1b]52;c;b3duZWQ=\x07[bold red]x[/]\x9b31m\u202e\nsecond"
    told = shown(simple_run(store, (*LINES[:3], evil, "Z"), question=evil).events)
    assert not set(told) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert "[bold red]x[/]" in told.replace("\n", " ") or "…" in told


def test_names_of_tools_arguments_and_files_are_made_harmless(store: ImageStore) -> None:
    assert "\x1b" not in called(ToolCall("c1", "o\x1b[1mcr", {"a\x1b": "b\x1b"}))
    assert "\x1b" not in pictured(drawn(store, name="\x1b[31m.png"))
    answer = Trace(simple_run(store).events).answer
    assert answer is not None
    assert "\x1b" not in cited(replace(answer.evidence[0], quote="\x1b[31m"))


def test_regions_are_counted_with_their_handles(store: ImageStore) -> None:
    regions = read(drawn(store))
    assert counted(()) == ""
    assert counted(regions[:1]) == "1 region r1"
    assert counted(regions) == "5 regions r1-r5"


def test_notes_of_calls_that_were_taken_in_together_are_all_told(store: ImageStore) -> None:
    results = eventful_run(store).results
    told = shown((Observed(1, results),))
    assert "c1 · " in told
    assert "c2: " in told
    assert "c3 · " in told
