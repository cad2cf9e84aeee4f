"""The toolbox."""

from __future__ import annotations

import pytest

from lavr.errors import UnknownTool, UsageError
from lavr.tests.tools import samples
from lavr.tools.registry import Toolbox, default_tools


def test_tools_keep_their_order() -> None:
    box = Toolbox([samples.size, samples.crop])
    box.add(samples.areas)
    assert box.names == ("size", "crop", "areas")
    assert [spec.name for spec in box.specs] == ["size", "crop", "areas"]
    assert [tool.name for tool in box] == ["size", "crop", "areas"]
    assert len(box) == 3
    assert "crop" in box
    assert box.get("crop") is samples.crop


def test_a_subset_has_the_order_that_was_asked_for() -> None:
    box = Toolbox([samples.size, samples.crop, samples.areas])
    assert box.subset(["areas", "size"]).names == ("areas", "size")


def test_a_name_is_taken_once() -> None:
    with pytest.raises(UsageError, match="There is a tool 'size' already"):
        Toolbox([samples.size, samples.size])


def test_a_plain_function_is_no_tool() -> None:
    with pytest.raises(UsageError, match=r"is not a tool\. Decorate the function with @tool"):
        Toolbox().add(len)  # type: ignore[arg-type] # what is refused


def test_an_unknown_name_is_told_with_the_closest_ones() -> None:
    box = Toolbox([samples.size, samples.crop])
    with pytest.raises(UnknownTool) as caught:
        box.get("corp")
    assert caught.value.cause == "There is no tool 'corp'."
    assert caught.value.remedy == "Did you mean crop? Tools: size, crop."
    with pytest.raises(UnknownTool, match="Tools: size, crop"):
        box.subset(["size", "xyz"])


def test_the_shipped_tools_are_all_there_in_order() -> None:
    assert default_tools().names == (
        "ocr",
        "zoom",
        "look",
        "mark",
        "highlight",
        "segment",
        "cutout",
        "redact",
        "inpaint",
        "rotate",
        "enhance",
        "color",
        "barcode",
        "measure",
        "calculate",
        "compare",
    )
