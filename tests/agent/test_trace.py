"""Traces: what they tell, and that they come back from a file as they were."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lavr.agent.events import AnswerReady, CallFinished, Observed, RunStarted
from lavr.agent.trace import Trace, pictures_folder
from lavr.errors import ToolTimeout, UsageError
from lavr.tests.agent.traces import eventful_run, failed_run, simple_run
from lavr.vision.store import ImageStore


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "store")


@pytest.mark.parametrize("make", [simple_run, eventful_run, failed_run])
def test_a_trace_comes_back_from_jsonl_as_it_was(tmp_path: Path, store: ImageStore, make: object) -> None:
    assert callable(make)
    trace: Trace = make(store)
    trace.save(tmp_path / "run.jsonl")
    loaded = Trace.load(tmp_path / "run.jsonl", store)
    assert loaded.to_json() == trace.to_json()
    assert [type(event) for event in loaded.events] == [type(event) for event in trace.events]


def test_regions_masks_errors_and_evidence_survive_the_file(tmp_path: Path, store: ImageStore) -> None:
    trace = eventful_run(store)
    trace.save(tmp_path / "run.jsonl")
    loaded = Trace.load(tmp_path / "run.jsonl", store)
    before, after = trace.results[2], loaded.results[2]
    assert before.observation is not None
    assert after.observation == before.observation
    assert after.observation.regions[0].mask == before.observation.regions[0].mask
    error = loaded.results[1].error
    assert isinstance(error, ToolTimeout)
    assert error.data == {"seconds": 5.0}
    assert loaded.answer is not None
    assert trace.answer is not None
    assert loaded.answer.evidence == trace.answer.evidence


def test_each_line_is_one_event_and_a_picture_is_described_once(tmp_path: Path, store: ImageStore) -> None:
    trace = eventful_run(store)
    trace.save(tmp_path / "run.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text("utf-8").splitlines()]
    assert [line["event"] for line in lines] == [type(event).__name__ for event in trace.events]
    described = [key for line in lines for key in line.get("pictures", {})]
    assert described == ["img_1", "img_2"]


def test_pictures_are_kept_beside_the_file_so_that_another_process_can_show_it(
    tmp_path: Path, store: ImageStore
) -> None:
    trace = simple_run(store)
    trace.save(tmp_path / "run.jsonl")
    loaded = Trace.load(tmp_path / "run.jsonl")
    assert np.array_equal(loaded.images[0].pixels(), trace.images[0].pixels())
    trace.save(tmp_path / "bare.jsonl", pictures=False)
    assert not pictures_folder(tmp_path / "bare.jsonl").exists()


def test_text_that_breaks_lines_and_encodings_survives_the_file(tmp_path: Path, store: ImageStore) -> None:
    hostile = 'a\u2028b\r\nc"\\\udc80\x00'
    trace = simple_run(store, question=hostile)
    trace.save(tmp_path / "run.jsonl")
    loaded = Trace.load(tmp_path / "run.jsonl", store)
    assert loaded.started is not None
    assert loaded.started.question == hostile


def test_numbers_that_json_does_not_have_become_null(tmp_path: Path, store: ImageStore) -> None:
    trace = simple_run(store)
    taken = next(event for event in trace.events if isinstance(event, Observed))
    observation = taken.results[0].observation
    assert observation is not None
    odd = replace(observation, data={"ratio": float("nan")})
    event = replace(taken, results=(replace(taken.results[0], observation=odd),))
    Trace((event,)).save(tmp_path / "run.jsonl")
    line = json.loads((tmp_path / "run.jsonl").read_text("utf-8"), parse_constant=pytest.fail)
    assert line["results"][0]["observation"]["data"] == {"ratio": None}


@pytest.mark.parametrize("line", ["{", "[]", "3", '{"event": "Nothing"}', '{"event": "StepStarted"}'])
def test_a_line_that_is_no_event_is_refused_with_its_number(tmp_path: Path, store: ImageStore, line: str) -> None:
    path = tmp_path / "run.jsonl"
    simple_run(store).save(path)
    good = path.read_text("utf-8").splitlines()[0]
    path.write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="Line 2 "):
        Trace.load(path, store)


@pytest.mark.parametrize("name", ["trace.txt", "trace", "trace.json"])
def test_another_suffix_is_refused_with_the_ones_there_are(tmp_path: Path, store: ImageStore, name: str) -> None:
    with pytest.raises(UsageError, match=r"\.html or \.jsonl"):
        simple_run(store).save(tmp_path / name)


@pytest.mark.parametrize("name", ["trace.html", "trace.jsonl"])
def test_a_file_that_cannot_be_written_is_a_usage_error(tmp_path: Path, store: ImageStore, name: str) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(UsageError, match="cannot be written"):
        simple_run(store).save(tmp_path / "taken" / name)


def test_a_file_that_is_not_there_or_not_text_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        Trace.load(tmp_path / "none.jsonl")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read"):
        Trace.load(tmp_path / "binary.jsonl")


def test_steps_hold_thought_results_refusals_limits_and_pictures(store: ImageStore) -> None:
    steps = eventful_run(store).steps
    assert [step.number for step in steps] == [1, 2, 3]
    assert [result.call.id for result in steps[0].results] == ["c1", "c2"]
    assert [error.name for error in steps[1].refused] == ["InvalidArguments"]
    assert [shown.image.handle for shown in steps[1].images] == ["img_2"]
    assert [hit.limit for hit in steps[2].limits] == ["steps"]


def test_a_call_that_was_never_answered_is_told(store: ImageStore) -> None:
    trace = failed_run(store)
    assert [call.id for call in trace.steps[0].unanswered] == ["c1"]
    assert trace.answer is None
    assert trace.error is not None


def test_results_that_were_never_taken_in_are_still_told(store: ImageStore) -> None:
    events = tuple(event for event in simple_run(store).events if not isinstance(event, Observed))
    assert any(isinstance(event, CallFinished) for event in events)
    assert [result.call.id for result in Trace(events).results] == ["c1"]


def test_a_session_falls_into_runs_and_their_usage_adds_up(store: ImageStore) -> None:
    one, two = simple_run(store), eventful_run(store)
    both = Trace(one.events + two.events)
    assert [run.started.run_id for run in both.runs if run.started] == ["run-1", "run-2"]
    assert both.usage.calls == 4
    assert both.usage.tokens.read == 2080
    assert len(both.steps) == 5
    assert both.answer == two.answer


def test_the_trace_of_an_answer_ends_with_the_answer(store: ImageStore) -> None:
    trace = simple_run(store)
    assert trace.answer is not None
    answer = Trace(trace.events[:-1]).closed_by(trace.answer)
    last = answer.trace.events[-1]
    assert isinstance(last, AnswerReady)
    assert last.answer.text == answer.text
    assert last.answer.trace.events == ()
    assert isinstance(answer.trace.events[0], RunStarted)
