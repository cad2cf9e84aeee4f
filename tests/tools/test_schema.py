"""The JSON schema that planners see."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, cast

import pytest
from pydantic import BaseModel

from lavr.errors import InvalidTool
from lavr.tests.tools import samples
from lavr.tools.docstring import Docstring
from lavr.tools.tool import Tool, tool
from lavr.vision.image import Image
from lavr.vision.region import Region


def properties(made: Tool) -> dict[str, Any]:
    return cast("dict[str, Any]", made.spec.parameters["properties"])


BOX = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4, "format": "xyxy"}


def test_images_regions_and_boxes_are_handles_and_numbers() -> None:
    assert samples.crop.spec.parameters == {
        "type": "object",
        "additionalProperties": False,
        "required": ["image"],
        "properties": {
            "image": {"type": "string", "format": "image", "description": "the picture."},
            "box": {
                "anyOf": [BOX, {"type": "null"}],
                "default": None,
                "description": "which part; all of it when left out.",
            },
            "scale": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 8,
                "default": 1.0,
                "description": "how much larger.",
            },
        },
    }


def test_choices_lists_and_enums_are_spelled_out() -> None:
    found = properties(samples.areas)
    assert found["regions"]["items"] == {"type": "string", "format": "region"}
    assert found["unit"]["enum"] == ["px", "percent"]
    assert (found["mode"]["enum"], found["mode"]["default"]) == (["fast", "good"], "fast")


def test_nested_objects_are_closed_and_have_no_references() -> None:
    grid = properties(samples.describe)["grid"]
    assert grid["additionalProperties"] is False
    assert grid["properties"]["mode"]["enum"] == ["fast", "good"]
    assert "$ref" not in str(samples.describe.spec.parameters)
    assert "title" not in str(samples.describe.spec.parameters)


def test_a_tool_without_arguments_has_an_empty_closed_object() -> None:
    assert samples.pid.spec.parameters == {"type": "object", "properties": {}, "additionalProperties": False}


def test_parameters_may_be_called_like_the_attributes_of_pydantic_models() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        @tool
        def odd(copy: str, json: int = 1, model_config: str = "", title: str = "", properties: str = "") -> str:
            """Take odd names."""
            return copy + str(json) + model_config + title + properties

    assert odd.parameters.names == ("copy", "json", "model_config", "title", "properties")
    assert set(properties(odd)) == {"copy", "json", "model_config", "title", "properties"}
    assert odd.parameters.required == ("copy",)


def test_the_picture_that_boxes_lie_on_is_image_or_the_first_one() -> None:
    assert samples.crop.parameters.picture == "image"

    @tool
    def two(first: Image, image: Image) -> str:
        """Take two."""
        return f"{first} {image}"

    @tool
    def by_region(images: list[Image], region: Region | None = None) -> str:
        """Take a region."""
        return f"{images} {region}"

    assert two.parameters.picture == "image"
    assert by_region.parameters.picture == "region"


class Node(BaseModel):
    children: list[Node] = []


@dataclass
class Holder:
    image: Image


def test_a_type_that_contains_itself_is_refused() -> None:
    def grow(node: Node) -> str:
        """Grow."""
        return str(node)

    with pytest.raises(InvalidTool, match="contains itself"):
        tool(grow)


def test_a_picture_inside_a_dataclass_is_refused() -> None:
    def hold(holder: Holder) -> str:
        """Hold."""
        return str(holder)

    with pytest.raises(InvalidTool, match="hold"):
        tool(hold)


def test_a_docstring_gives_purpose_and_arguments() -> None:
    def function() -> None:
        """Do this and that. Not more.

        More words.

        Args:
            first: one
                line after another: still the first.
            second (int): with a type.

        Returns:
            nothing: at all.
        """

    read = Docstring.of(function)
    assert read.purpose == "Do this and that."
    assert read.arguments == {"first": "one line after another: still the first.", "second": "with a type."}


def test_a_missing_docstring_gives_nothing() -> None:
    assert Docstring.of(lambda: None) == Docstring("", {})
