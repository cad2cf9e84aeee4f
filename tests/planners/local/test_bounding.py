"""Bounded schemas: short values, live handles, boxes in the planner's unit, and nothing that was not allowed before."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import product
from typing import Any

import pytest

from lavr.planners.handles import Handles
from lavr.planners.local.bounding import ARRAY_LIMIT, STRING_LIMIT, bounded
from lavr.planners.local.lengths import max_bytes
from lavr.tools.registry import default_tools
from lavr.vision.units import CoordinateUnit

LIVE = Handles(("img_1", "img_2"), ("r1", "r2", "r3"), ("c1",), (640, 480))
BOX = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4, "format": "xyxy"}
REGION = {"type": "string", "format": "region"}
IMAGE = {"type": "string", "format": "image"}


def bound(
    schema: dict[str, Any], *, handles: Handles = LIVE, unit: CoordinateUnit = CoordinateUnit.PER_MILLE
) -> dict[str, Any]:
    found = bounded(schema, handles=handles, unit=unit)
    assert found is not None
    return found


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def test_handles_become_the_live_ones() -> None:
    assert bound(IMAGE) == {"enum": ["img_1", "img_2"]}
    assert bound({"type": "array", "items": REGION})["items"] == {"enum": ["r1", "r2", "r3"]}


@pytest.mark.parametrize(
    ("unit", "most"), [(CoordinateUnit.PIXELS, [640, 480]), (CoordinateUnit.PER_MILLE, [1000, 1000])]
)
def test_points_reach_as_far_as_pictures_do(unit: CoordinateUnit, most: list[int]) -> None:
    point = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2, "format": "xy"}
    sides = bound({"type": "array", "items": point}, unit=unit)["items"]["prefixItems"]
    assert [side["maximum"] for side in sides] == most
    assert [side["minimum"] for side in sides] == [0, 0]


def test_a_tool_that_needs_a_handle_of_which_none_is_live_cannot_be_called() -> None:
    schema = closed(["image", "region"], image=IMAGE, region=REGION)
    assert bounded(schema, handles=Handles(("img_1",)), unit=CoordinateUnit.PIXELS) is None


def test_an_optional_parameter_without_a_live_handle_is_left_out() -> None:
    schema = closed(["image"], image=IMAGE, region=REGION)
    assert list(bound(schema, handles=Handles(("img_1",)))["properties"]) == ["image"]


def test_a_region_or_null_is_null_when_no_region_is_live() -> None:
    assert bound({"anyOf": [REGION, {"type": "null"}]}, handles=Handles(("img_1",))) == {"type": "null"}


def test_a_list_of_regions_is_empty_when_no_region_is_live_unless_it_may_not_be() -> None:
    nothing = Handles(("img_1",))
    assert bound({"type": "array", "items": REGION}, handles=nothing)["maxItems"] == 0
    assert bounded({"type": "array", "items": REGION, "minItems": 1}, handles=nothing, unit=CoordinateUnit.UNIT) is None


@pytest.mark.parametrize(
    ("unit", "highs"), [(CoordinateUnit.PIXELS, [640, 480]), (CoordinateUnit.PER_MILLE, [1000] * 2)]
)
def test_boxes_are_whole_numbers_up_to_the_size_shown(unit: CoordinateUnit, highs: list[int]) -> None:
    sides = bound(BOX, unit=unit)["prefixItems"]
    assert [side["type"] for side in sides] == ["integer"] * 4
    assert [side["maximum"] for side in sides[2:]] == highs
    assert [side["maximum"] for side in sides[:2]] == [high - 1 for high in highs]


def test_boxes_between_0_and_1_have_three_decimals() -> None:
    assert bound(BOX, unit=CoordinateUnit.UNIT)["prefixItems"][3]["multipleOf"] == 0.001


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, {"minLength": 0, "maxLength": STRING_LIMIT}),
        ({"type": "string", "maxLength": 9}, {"maxLength": 9}),
        ({"type": "string", "minLength": 300}, {"minLength": 300, "maxLength": 300}),
        ({"type": "string", "pattern": "^a+$"}, {"pattern": "^a+$", "maxLength": STRING_LIMIT}),
        ({"type": "integer"}, {"minimum": -(10**9), "maximum": 10**9}),
        ({"type": "integer", "exclusiveMinimum": 3}, {"exclusiveMinimum": 3, "maximum": 10**9 + 3}),
        ({"type": "number", "minimum": 0, "maximum": 1}, {"minimum": 0, "maximum": 1, "multipleOf": 0.0001}),
        ({"type": "number", "minimum": 0, "maximum": 0.001}, {"multipleOf": 0.000001}),
        ({"type": "number", "minimum": 2.5, "maximum": 2.5}, {"enum": [2.5]}),
        ({"type": "array", "items": {"type": "null"}}, {"minItems": 0, "maxItems": ARRAY_LIMIT}),
        ({"type": "array", "items": {"type": "null"}, "minItems": 30}, {"minItems": 30, "maxItems": 30}),
    ],
)
def test_every_value_is_bounded(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    found = bound(schema)
    assert {key: found.get(key) for key in expected} == expected


def test_what_grammars_do_not_know_is_dropped() -> None:
    schema = {"type": "string", "pattern": "^(?!no).*$", "format": "password", "title": "T", "default": "x"}
    assert set(bound(schema)) == {"type", "minLength", "maxLength"}
    assert "uniqueItems" not in bound({"type": "array", "items": {"type": "boolean"}, "uniqueItems": True})


def test_one_of_becomes_any_of_and_one_option_stands_alone() -> None:
    assert bound({"oneOf": [{"type": "null"}, {"type": "boolean"}]}) == {
        "anyOf": [{"type": "null"}, {"type": "boolean"}]
    }
    assert bound({"type": ["null"]}) == {"type": "null"}
    assert bound({"allOf": [{"type": "boolean"}]}) == {"type": "boolean"}


def test_what_stands_beside_a_union_holds_for_its_options() -> None:
    found = bound({"anyOf": [{"type": "string"}, {"type": "null"}], "maxLength": 3, "description": "d"})
    assert found["anyOf"][0]["maxLength"] == 3


def test_a_free_dictionary_has_few_short_keys() -> None:
    found = bound({"type": "object", "additionalProperties": {"type": "boolean"}})
    assert found["maxProperties"] == ARRAY_LIMIT
    assert list(found["patternProperties"].values()) == [{"type": "boolean"}]


def test_a_dictionary_of_named_keys_becomes_an_object() -> None:
    schema = {"type": "object", "propertyNames": {"enum": ["a", "b"]}, "additionalProperties": {"type": "null"}}
    assert list(bound(schema)["properties"]) == ["a", "b"]


def test_a_value_of_no_type_is_a_plain_one() -> None:
    assert [option["type"] for option in bound({})["anyOf"]] == ["string", "number", "boolean", "null"]


def test_a_closed_object_without_properties_stays_empty() -> None:
    assert bound({"type": "object", "additionalProperties": False})["properties"] == {}


@pytest.mark.parametrize(
    ("schema", "longest"),
    [
        ({"type": "boolean"}, "false"),
        ({"type": "integer", "minimum": -10, "maximum": 5}, "-10"),
        ({"type": "number", "minimum": -1, "maximum": 0}, "-1.0000"),
        ({"enum": ["a", 1234567, None]}, "1234567"),
        ({"anyOf": [{"type": "null"}, {"enum": ["é"]}]}, '"é"'),
    ],
)
def test_lengths_are_bounded_in_bytes(schema: dict[str, Any], longest: str) -> None:
    assert max_bytes(bound(schema)) >= len(longest.encode())
    assert max_bytes(bound(schema)) <= len(longest.encode()) + 2


def test_the_longest_value_of_an_object_is_not_longer_than_the_bound() -> None:
    schema = closed([], a={"type": "string", "maxLength": 3}, b={"type": "array", "items": {"type": "null"}})
    longest = json.dumps({"a": "🙂" * 3, "b": [None] * ARRAY_LIMIT}, ensure_ascii=False).encode()
    assert len(longest) <= max_bytes(bound(schema)) <= len(longest) + 8  # a separator more than items


def test_a_schema_without_bounds_has_no_length() -> None:
    with pytest.raises(KeyError):
        max_bytes({"type": "integer", "minimum": 0})
    with pytest.raises(KeyError):
        max_bytes({"type": "string"})


@pytest.mark.parametrize("tool", list(default_tools()), ids=lambda tool: str(tool.name))
@pytest.mark.parametrize("unit", list(CoordinateUnit))
def test_every_shipped_tool_is_bounded(tool: Any, unit: CoordinateUnit) -> None:
    found = bounded(tool.spec.parameters, handles=LIVE, unit=unit)
    assert found is not None
    assert list(found["properties"]) == list(tool.spec.parameters["properties"])  # type: ignore[arg-type]
    assert max_bytes(found) < 2000


def test_only_days_that_there_are_can_be_written() -> None:
    pattern = re.compile(bound({"type": "string", "format": "date"})["pattern"])
    for year in (1, 4, 99, 100, 400, 1900, 1996, 2000, 2023, 2024, 9999):
        for month, day in product(range(14), range(33)):
            written = f"{year:04}-{month:02}-{day:02}"
            assert bool(pattern.search(written)) == is_day(written), written
    assert not pattern.search("0000-01-29")
    moment = bound({"type": "string", "format": "date-time"})["pattern"]
    assert re.search(moment, "2024-02-29T23:59:59.5+02:00")
    assert not re.search(moment, "2023-02-29T23:59:59Z")


def is_day(written: str) -> bool:
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True
