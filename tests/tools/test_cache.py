"""Results by content, attached to the pictures of the call that asks."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np

from lavr.tests.tools import samples
from lavr.tests.tools.scenes import gradient, scene_with
from lavr.tools.cache import ResultCache
from lavr.tools.calls import Observation, ToolCall
from lavr.tools.registry import Toolbox
from lavr.tools.runner import ToolRunner
from lavr.tools.tool import Tool, tool
from lavr.vision.frame import Frame
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.scene import Scene


def asked(made: Tool, image: Image, cache: ResultCache) -> Observation:
    """Ask the cache for a call on a picture, and run it when it is not known."""
    known = cache.get(made, {"image": image})
    if known is None:
        known = made.observe(image=image)
        cache.put(made, {"image": image}, known)
    return known


def test_the_same_call_is_run_once_and_said_to_be_cached() -> None:
    scene = scene_with()
    runner = ToolRunner(Toolbox([samples.counted]), cache=ResultCache())
    first, second = (runner.run(ToolCall(name, "counted", {"image": "img_1"}), scene) for name in ("c1", "c2"))
    assert first.observation == second.observation
    assert (first.cached, second.cached, second.call.id) == (False, True, "c2")


def test_equal_pixels_of_another_session_are_the_same_call() -> None:
    runner = ToolRunner(Toolbox([samples.counted]), cache=ResultCache())
    results = [runner.run(ToolCall("c1", "counted", {"image": "img_1"}), scene_with()) for _ in range(2)]
    assert [result.cached for result in results] == [False, True]


def test_notes_are_told_again_with_a_cached_result() -> None:
    scene = scene_with()
    runner = ToolRunner(Toolbox([samples.beyond_box]), cache=ResultCache())
    first, second = (runner.run(ToolCall(name, "beyond_box", {"image": "img_1"}), scene) for name in ("c1", "c2"))
    assert second.cached
    assert first.notes == second.notes != ()


def test_what_is_found_lies_on_the_picture_that_asks_not_on_the_one_that_asked_first() -> None:
    cache = ResultCache()
    whole = Image.of(gradient(100, 80))
    part = whole.derive(np.ascontiguousarray(whole.pixels()[10:30, 20:60]), Frame.shift(20, 10), "crop of img_1")
    alone = replace(Image.of(part.pixels().copy()), handle="img_5")
    before, after = asked(samples.found, alone, cache), asked(samples.found, part, cache)
    assert before.regions[0].image == alone
    assert after.regions[0].image == part
    assert after.regions[0].on(whole).xyxy == (21.0, 12.0, 25.0, 16.0)


def test_a_cached_crop_is_a_crop_of_the_picture_that_asks() -> None:
    @tool
    def corner(image: Image) -> Image:
        """Cut a corner."""
        return image.derive(np.ascontiguousarray(image.pixels()[5:15, 5:25]), Frame.shift(5, 5), "corner")

    cache = ResultCache()
    first = replace(Image.of(gradient()), handle="img_1")
    second = replace(Image.of(gradient()), handle="img_2", frame=Frame.shift(100, 50), lineage="other")
    asked(corner, first, cache)
    found = asked(corner, second, cache).images[0]
    assert (found.lineage, found.parent, found.frame) == ("other", "img_2", Frame.shift(105, 55))


def test_a_new_picture_gets_a_lineage_of_its_own_each_time() -> None:
    @tool
    def drawn(image: Image) -> Image:
        """Draw something new."""
        return Image.of(np.zeros((4, 4, 3), np.uint8))

    cache, image = ResultCache(), Image.of(gradient())
    lineages = {asked(drawn, image, cache).images[0].lineage for _ in range(3)}
    assert len(lineages) == 3
    assert image.lineage not in lineages


def test_a_result_that_names_a_handle_is_not_given_for_another_handle() -> None:
    @tool
    def named(image: Image) -> str:
        """Name the picture."""
        return f"This is {image.handle}."

    cache = ResultCache()
    image = Image.of(gradient())
    assert asked(named, replace(image, handle="img_1"), cache).text == "This is img_1."
    assert asked(named, replace(image, handle="img_2"), cache).text == "This is img_2."


def test_version_arguments_configuration_and_pixels_tell_calls_apart() -> None:
    cache, image = ResultCache(), Image.of(gradient())
    region = Region(image, (0.0, 0.0, 5.0, 5.0), handle="r1")
    cache.put(samples.size, {"image": image}, Observation("one"))
    cache.put(samples.areas, {"regions": [region]}, Observation("two"))
    cache.put(samples.adder(step=1), {"number": 1}, Observation("three"))
    assert cache.get(samples.size, {"image": image}) == Observation("one")
    assert cache.get(replace(samples.size, version="2"), {"image": image}) is None
    assert cache.get(samples.size, {"image": Image.of(gradient(seed=3))}) is None
    assert cache.get(samples.areas, {"regions": [replace(region, xyxy=(0.0, 0.0, 5.0, 6.0))]}) is None
    assert cache.get(samples.areas, {"regions": [region], "mode": samples.Mode.GOOD}) is None
    assert cache.get(samples.adder(step=2), {"number": 1}) is None
    assert cache.get(samples.adder(step=1), {"number": 1.0}) is None


def test_two_pictures_that_lie_otherwise_to_each_other_are_another_call() -> None:
    @tool
    def related(image: Image, other: Image) -> str:
        """Relate two pictures."""
        return f"{image.frame} {other.frame}"

    cache, image = ResultCache(), Image.of(gradient())
    cache.put(related, {"image": image, "other": replace(image, frame=Frame.shift(1, 1))}, Observation("near"))
    assert cache.get(related, {"image": image, "other": replace(image, frame=Frame.shift(9, 9))}) is None
    moved = replace(image, frame=Frame.shift(7, 7), lineage="elsewhere")
    assert cache.get(related, {"image": moved, "other": replace(moved, frame=Frame.shift(8, 8))}) is not None


def test_tools_made_in_a_function_are_told_apart_although_they_have_one_name() -> None:
    def make(answer: str) -> Tool:
        @tool
        def say(image: Image) -> str:
            """Say something."""
            return answer

        return say

    cache, image = ResultCache(), Image.of(gradient())
    yes, no = make("yes"), make("no")
    assert [asked(made, image, cache).text for made in (yes, no, yes, no)] == ["yes", "no", "yes", "no"]
    assert cache.get(yes.on("worker"), {"image": image}) is not None


def test_the_least_recently_used_is_dropped_first() -> None:
    cache = ResultCache(memory_bytes=10_000)
    for number in range(3):
        cache.put(samples.adder(), {"number": number}, Observation("x" * 3_000))
        cache.get(samples.adder(), {"number": 0})
    assert len(cache) == 2
    assert cache.get(samples.adder(), {"number": 0}) is not None
    assert cache.get(samples.adder(), {"number": 1}) is None
    cache.put(samples.adder(), {"number": 9}, Observation("x" * 50_000))
    assert cache.get(samples.adder(), {"number": 9}) is None
    cache.clear()
    assert len(cache) == 0


def test_what_writes_and_what_is_not_cacheable_and_errors_are_not_kept() -> None:
    cache = ResultCache()
    fickle = replace(samples.counted, cacheable=False)
    runner = ToolRunner(Toolbox([samples.write, fickle, samples.fail]), cache=cache)
    for name, arguments in [("write", {"note": "a"}), ("counted", {"image": "img_1"}), ("fail", {})]:
        results = [runner.run(ToolCall("c1", name, arguments), scene_with()) for _ in range(2)]
        assert not any(result.cached for result in results)
    assert len(cache) == 0


def test_many_threads_may_use_it_at_once() -> None:
    cache, image = ResultCache(memory_bytes=20_000), Image.of(gradient())
    wrong: list[str] = []

    def work(start: int) -> None:
        for number in range(start, start + 100):
            key = {"image": image, "number": number % 37}
            cache.put(samples.size, key, Observation(str(number % 37)))
            known = cache.get(samples.size, key)
            if known is not None and known.text != str(number % 37):
                wrong.append(known.text)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert cache._used <= 20_000


def test_cached_pictures_are_brought_to_the_store_that_asks() -> None:
    runner = ToolRunner(Toolbox([samples.crop]), cache=ResultCache())
    call = ToolCall("c1", "crop", {"image": "img_1", "box": [0, 0, 9, 9]})
    runner.run(call, scene_with())
    mine = Scene(type(scene_with().store)())
    mine.add_image(Image.of(gradient(), store=mine.store))
    result = runner.run(call, mine)
    assert result.cached
    assert result.observation is not None
    assert mine.store.path(result.observation.images[0].digest).is_file()
    assert result.observation.images[0].store is mine.store
