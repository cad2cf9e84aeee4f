"""What `@tool` makes of a function, and what it refuses."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import pytest

from lavr.errors import InvalidTool, ToolFailed
from lavr.tests.tools import samples
from lavr.tests.tools.scenes import gradient, scene_with
from lavr.tools.calls import Observation
from lavr.tools.hints import Box
from lavr.tools.spec import Effect
from lavr.tools.tool import Tool, tool, tool_factory
from lavr.vision.image import Image
from lavr.vision.region import Region

if TYPE_CHECKING:
    from decimal import Decimal

IMAGE = scene_with().image("img_1")
REGION = Region(IMAGE, (1.0, 2.0, 3.0, 4.0), label="dot")


def test_the_card_comes_from_name_docstring_and_options() -> None:
    spec = samples.crop.spec
    assert (spec.name, spec.card.purpose) == ("crop", "Show a part of a picture.")
    assert spec.card.example == {"image": "img_1", "box": [0, 0, 10, 10]}
    assert (samples.crop.timeout_s, samples.crop.host, samples.crop.version) == (30.0, "inline", "1")


def test_calling_a_tool_calls_the_function() -> None:
    assert samples.adder(step=2)(number=3) == 5
    assert samples.adder(step=2)(3) == 5


def test_a_tool_that_writes_is_never_cached() -> None:
    assert samples.write.spec.effect is Effect.WRITES
    assert not samples.write.cacheable
    assert samples.crop.cacheable


def test_a_recipe_names_the_function_or_the_factory_with_its_configuration() -> None:
    assert str(samples.crop.recipe).endswith("samples:crop")
    assert str(samples.adder(step=4).recipe).endswith('samples:adder({"step":4})')
    assert samples.adder().recipe.config == {"step": 1}


def test_a_tool_among_the_settings_of_a_factory_is_named_by_its_recipe() -> None:
    made = samples.twice(inner=samples.adder(step=4))
    assert '"step":4' in str(made.recipe)
    assert str(made.recipe) != str(samples.twice(inner=samples.adder(step=5)).recipe)
    assert not made.recipe.obstacle


def test_a_factory_with_a_tool_that_no_other_process_can_make_cannot_be_made_there_either() -> None:
    @tool
    def negated(number: int) -> int:
        """Negate a number."""
        return -number

    obstacle = samples.twice(inner=negated).recipe.obstacle
    assert obstacle == "its inner cannot: it is defined inside another function"


def one(text: str) -> str:
    """Do something with text."""
    return text


def test_a_tool_keeps_all_its_options() -> None:
    made = tool(name="two", timeout_s=2, host="far", version="9", retries=1, cacheable=False, finds=("circle",))(one)
    assert (made.name, made.timeout_s, made.host, made.version, made.retries) == ("two", 2, "far", "9", 1)
    assert (made.cacheable, made.spec.finds) == (False, ("circle",))


def no_docstring(text: str) -> str:
    return text


def no_hint(text) -> str:  # type: ignore[no-untyped-def] # noqa: ANN001 - what is refused
    """Do something."""
    return str(text)


def stars(*texts: str) -> str:
    """Do something."""
    return str(texts)


def by_position(text: str, /) -> str:
    """Do something."""
    return text


def unsupported(when: complex) -> str:
    """Do something."""
    return str(when)


def bare_list(names: list) -> str:  # type: ignore[type-arg] # what is refused
    """Do something."""
    return str(names)


def keys_that_are_numbers(names: dict[int, str]) -> str:
    """Do something."""
    return str(names)


def box_without_picture(box: Box) -> str:
    """Do something."""
    return str(box)


def hint_for_the_type_checker_only(price: Decimal) -> str:
    """Do something."""
    return str(price)


def default_that_is_no_json(image: Image | None = IMAGE) -> str:
    """Do something."""
    return str(image)


async def coroutine(text: str) -> str:
    """Do something."""
    return text


def generator(text: str) -> Iterator[str]:
    """Do something."""
    yield text


@pytest.mark.parametrize(
    ("function", "cause", "remedy"),
    [
        (no_docstring, "no_docstring has no docstring", "first sentence"),
        (no_hint, "parameter 'text': it has no type hint", "`text: str`"),
        (stars, "parameter 'texts': a planner cannot fill in", "take a list"),
        (by_position, "parameter 'text': it can only be given by position", "Remove the /"),
        (unsupported, "parameter 'when': a planner cannot fill in the type complex", "Supported are"),
        (bare_list, "parameter 'names': a planner cannot fill in the type list", "`list[str]`"),
        (keys_that_are_numbers, "parameter 'names': the keys of a dict must be str", "dict[str, X]"),
        (box_without_picture, "the box 'box' lies on no picture", "`image: Image`"),
        (hint_for_the_type_checker_only, "names 'Decimal'", "outside `if TYPE_CHECKING`"),
        (default_that_is_no_json, "is not JSON serializable", "such as None"),
        (coroutine, "is a coroutine or a generator", "plain function"),
        (generator, "is a coroutine or a generator", "plain function"),
        (functools.partial(one, text="a"), "not of a partial", "Write a function"),
        (samples.crop, "crop is a tool already", "once"),
        (lambda: 1, "'<lambda>' cannot be the name", "needs name="),
    ],
)
def test_a_function_that_cannot_be_a_tool_is_refused_with_what_to_do(
    function: Callable[..., Any], cause: str, remedy: str
) -> None:
    with pytest.raises(InvalidTool) as caught:
        tool(function)
    assert cause in caught.value.cause
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"timeout": 3}, "Did you mean 'timeout_s'?"),
        ({"timeout_s": 0}, "time limit of 0"),
        ({"timeout_s": float("inf")}, "time limit of inf"),
        ({"name": "two words"}, "cannot be the name"),
        ({"example": {"x": object()}}, "the example is not JSON"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidTool, match=message.replace("?", r"\?")):
        tool(**options)(one)


def test_a_factory_is_refused_settings_that_no_other_process_can_have() -> None:
    with pytest.raises(InvalidTool, match="the setting 'step' is of type object"):
        samples.adder(step=object())  # type: ignore[arg-type] # what is refused


def test_a_factory_that_makes_no_tool_is_refused() -> None:
    with pytest.raises(InvalidTool, match="gave back something of type int, not a Tool"):
        tool_factory(lambda: 3)()  # type: ignore[arg-type, return-value] # what is refused


def nested(depth: int) -> list[Any]:
    """A list in a list in a list ..."""
    outer: list[Any] = []
    for _ in range(depth):
        outer = [outer]
    return outer


PILLOW = PIL.Image.fromarray(gradient(8, 6))


@pytest.mark.parametrize(
    ("value", "text", "data"),
    [
        ("hello", "hello", None),
        (3, "3", 3),
        (True, "true", True),
        (2.5, "2.5", 2.5),
        (np.float32(0.5), "0.5", 0.5),
        ({"a": (1, np.int64(2))}, '{"a":[1,2]}', {"a": [1, 2]}),
        ([1, 2], "[1,2]", [1, 2]),
        ([], "Nothing was found.", []),
        (None, "Done; there is nothing to report.", None),
        (REGION, "1 region: dot.", None),
        ([REGION, REGION], "2 regions: 2 dot.", None),
        (IMAGE, "1 picture (200 x 100 pixels).", None),
        (("two", [REGION]), "two", None),
        (({"n": 1}, IMAGE), '{"n":1}', {"n": 1}),
        ((IMAGE, REGION), "1 region: dot.\n1 picture (200 x 100 pixels).", None),
        (PILLOW, "1 picture (8 x 6 pixels).", None),
        (gradient(8, 6), "1 picture (8 x 6 pixels).", None),
        (("see", PILLOW), "see", None),
    ],
)
def test_whatever_a_function_gives_back_becomes_an_observation(value: object, text: str, data: object) -> None:
    @tool
    def give() -> Any:
        """Give it back."""
        return value

    observation = give.observe()
    assert (observation.text, observation.data) == (text, data)


def test_pictures_and_regions_of_a_mix_are_kept_in_order() -> None:
    @tool
    def give() -> Any:
        """Give several things."""
        return "seen", [REGION], PILLOW, IMAGE

    observation = give.observe()
    assert observation.regions == (REGION,)
    assert [image.size_wh for image in observation.images] == [(8, 6), (200, 100)]
    assert (observation.images[0].pixels() == gradient(8, 6)).all()


def test_a_new_picture_is_kept_in_the_store_of_the_picture_it_came_from() -> None:
    image = scene_with((16, 16)).image("img_1")

    @tool
    def flip(image: Image) -> Any:
        """Flip a picture."""
        return image.pixels()[::-1].copy()

    assert flip.observe(image=image).images[0].store is image.store


def test_an_observation_passes_as_it_is() -> None:
    given = Observation("text", (REGION,), (IMAGE,), {"a": 1}, untrusted=True)

    @tool
    def give() -> Observation:
        """Give it back."""
        return given

    assert give.observe() == given


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ({1, 2}, "gave back a set"),
        (object(), "gave back an object"),
        ([1, {"a": {2}}], "a list: the set at [1].a is not JSON."),
        ({"a": float("nan")}, "the number nan at a is not JSON"),
        ({1: 2}, "the key 1 is not a string"),
        (nested(5000), "it is nested more than 60 deep"),
        (np.zeros((4, 4)), "an array of shape (4, 4) and type float64, which is no picture"),
        (("text", {1, 2}), "gave back a set"),
        (Observation(regions=[REGION, 3]), "an Observation with an int among its regions"),  # type: ignore[arg-type] # the fault
        (Observation(data=object()), "an Observation whose data is no JSON"),  # type: ignore[arg-type] # the fault
    ],
)
def test_what_is_no_observation_fails_and_names_its_type(value: object, cause: str) -> None:
    @tool
    def give() -> Any:
        """Give it back."""
        return value

    with pytest.raises(ToolFailed) as caught:
        give.observe()
    assert cause in caught.value.cause


def test_a_tool_is_moved_to_another_host_without_changing_it() -> None:
    moved: Tool = samples.size.on("worker")
    assert (moved.host, samples.size.host) == ("worker", "inline")
    assert moved.spec is samples.size.spec
