"""`$ref`: what a call can say about another call's result."""

from __future__ import annotations

from typing import cast

import pytest

from lavr import Image, Observation, Region, ToolCall
from lavr.agent.references import look_up, needs, next_wave, renamed, resolved
from lavr.errors import InvalidArguments, ToolFailed
from lavr.jsonable import Json
from lavr.tests.agent.tables import call, picture
from lavr.tools.calls import ToolResult


def _ref(text: str) -> Json:
    return {"$ref": text}


def _results() -> dict[str, ToolResult]:
    image = picture()
    named = Image(image.digest, image.size_wh, image.lineage, handle="img_2", store=image.store)
    regions = tuple(Region(named, (i, 0, i + 1, 1), "line", 0.5, f"T{i}", handle=f"r{i}") for i in (1, 2))
    data: Json = {"total": 9, "rows": [{"name": "a"}, {"name": "b"}]}
    seen = Observation("two lines", regions, (named,), data)
    return {
        "c1": ToolResult(call("ocr", "c1"), seen),
        "c2": ToolResult(call("ocr", "c2"), error=ToolFailed("it broke")),
        "c3": ToolResult(call("say", "c3"), Observation("hello")),
    }


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("c1.regions", ["r1", "r2"]),
        ("c1.regions[0]", "r1"),
        ("c1.regions[-1]", "r2"),
        ("c1.regions[1].text", "T2"),
        ("c1.regions[1].score", 0.5),
        ("c1.images[0]", "img_2"),
        ("c1.text", "two lines"),
        ("c1.data.total", 9),
        ("c1.data.rows[1].name", "b"),
        ("c1", {"total": 9, "rows": [{"name": "a"}, {"name": "b"}]}),
        ("c3", "hello"),
    ],
)
def test_a_reference_stands_for_a_part_of_a_result(reference: str, value: Json) -> None:
    found = look_up(reference, _results())
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("reference", "cause"),
    [
        ("c9.text", "there is no call 'c9'"),
        ("c2.text", "the call c2 failed: it broke"),
        ("c1.regions[2]", "there is no [2]: the list has 2"),
        ("c1.colour", "there is no 'colour'"),
        ("c1.data.rows.name", "there is no 'name'"),
        ("c1.text[0]", "[0] was asked of something that is no list"),
        ("c1.data.total[0]", "[0] was asked of something that is no list"),
        ("c1..text", "is no reference"),
        ("c1.regions[x]", "is no reference"),
        ("", "is no reference"),
    ],
)
def test_a_reference_that_leads_nowhere_says_why(reference: str, cause: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        look_up(reference, _results())
    assert cause in caught.value.cause
    assert caught.value.remedy


def test_references_are_replaced_however_deep_they_lie() -> None:
    made = call("mark", "c4", places=[_ref("c1.regions[0]"), {"at": _ref("c1.data.total")}], word="c1.text")
    assert resolved(made, _results()).arguments == {"places": ["r1", {"at": 9}], "word": "c1.text"}


def test_an_object_with_more_than_a_reference_is_left_alone() -> None:
    value: Json = {"$ref": "c1.text", "other": 1}
    assert resolved(call("mark", "c4", x=value), _results()).arguments == {"x": value}


def test_calls_are_renamed_inside_references_and_unknown_ones_stay() -> None:
    value: Json = {"a": _ref("x.regions[0]"), "b": [_ref("c1.text")], "c": "x.regions"}
    assert renamed(value, {"x": "c7"}) == {"a": _ref("c7.regions[0]"), "b": [_ref("c1.text")], "c": "x.regions"}


def _waves(*todo: ToolCall) -> list[list[str]]:
    left, waves = list(todo), []
    while left:
        wave, stuck = next_wave(left)
        waves.append([("!" if stuck else "") + ready.id for ready in wave])
        left = [waiting for waiting in left if waiting not in wave]
    return waves


def test_independent_calls_run_together_and_dependent_ones_after_them() -> None:
    made = [
        call("a", "c1", x=_ref("c3.text")),
        call("b", "c2"),
        call("c", "c3", x=1),
        call("d", "c4", x=_ref("c1.text")),
    ]
    assert _waves(*made) == [["c2", "c3"], ["c1"], ["c4"]]


def test_a_call_that_is_the_same_as_one_before_it_waits_for_its_result() -> None:
    assert _waves(call("a", "c1", x=1), call("a", "c2", x=1), call("a", "c3", x=2)) == [["c1", "c3"], ["c2"]]


def test_calls_in_a_circle_are_found_and_those_behind_them_are_not_blamed() -> None:
    ring = [call("a", "c1", x=_ref("c2.text")), call("b", "c2", x=_ref("c1.text"))]
    behind = call("c", "c3", x=_ref("c1.text"))
    assert _waves(*ring, behind) == [["!c1", "!c2"], ["c3"]]
    assert _waves(call("a", "c1", x=_ref("c1.text"))) == [["!c1"]]


def test_a_reference_to_a_call_of_an_earlier_decision_does_not_wait() -> None:
    assert needs(call("a", "c5", x=_ref("c1.text"))) == {"c1"}
    assert _waves(call("a", "c5", x=_ref("c1.text"))) == [["c5"]]


def test_a_resolved_call_keeps_its_id_and_name() -> None:
    made = resolved(ToolCall("c4", "mark", cast("dict[str, Json]", {"x": _ref("c1.text")})), _results())
    assert (made.id, made.name, made.arguments) == ("c4", "mark", {"x": "two lines"})
