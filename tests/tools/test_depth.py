"""The tool depth on tiny models of the real families, against what the library itself makes of the same pictures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from lavr.errors import InvalidRegion, MissingModel, ToolFailed, UnknownLineage, UsageError
from lavr.tests.tools.models import tiny_depth
from lavr.tests.tools.scenes import gradient
from lavr.tools.calls import Observation
from lavr.tools.depth import depth_tool
from lavr.tools.models.depths import depth_model
from lavr.tools.models.pool import shared_pool
from lavr.tools.tool import Tool
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.transforms import crop, rotate

T = tiny_depth.T


@pytest.fixture(scope="module", params=tiny_depth.FAMILIES)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny_depth.save(tiny_depth.FAMILIES[request.param], tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def anything(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny_depth.save(tiny_depth.depth_anything, tmp_path_factory.mktemp("relative"))


@pytest.fixture(scope="module")
def metric(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny_depth.save(tiny_depth.depth_anything_metric, tmp_path_factory.mktemp("metric"))


def noise(width: int, height: int, seed: int = 0) -> Image:
    """Coarse spots, so that pictures of any size have something to see."""
    spots = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Image.of(np.array(spots.repeat(-(-height // 6), axis=0).repeat(-(-width // 8), axis=1)[:height, :width]))


def by_the_library(weights: str, image: Image) -> NDArray[np.float32]:
    """The depth of a picture at its own size, as the library's documentation says to get it."""
    processor = T.AutoImageProcessor.from_pretrained(weights)
    network = T.AutoModelForDepthEstimation.from_pretrained(weights).eval()
    size = [(image.size_wh[1], image.size_wh[0])]
    with torch.inference_mode():
        outputs = network(**processor(images=image.pil(), return_tensors="pt"))
    return np.asarray(processor.post_process_depth_estimation(outputs, size)[0]["predicted_depth"].numpy())


def nearness_of(values: NDArray[np.float32], *, metric: bool) -> NDArray[np.float32]:
    inverse = 1 / np.maximum(values, 0.01) if metric else values
    low, high = np.percentile(inverse, (1, 99))
    return np.asarray(np.clip((inverse - low) / (high - low), 0, 1), dtype=np.float32)


def told(observation: Observation) -> dict[str, Any]:
    assert isinstance(observation.data, dict)
    return dict(observation.data)


def observed(tool: Tool, image: Image, *regions: Region) -> dict[str, Any]:
    return told(tool.observe(image=image, regions=list(regions)))


@pytest.mark.parametrize("size_wh", [(320, 200), (150, 410)], ids=["wide", "tall"])
def test_regions_have_the_median_of_what_the_library_gives(family: str, size_wh: tuple[int, int]) -> None:
    image = noise(*size_wh)
    boxes = [(10, 20, 60, 90), (90, 110, 140, 190), (70, 5, 130, 60)]
    data = observed(depth_tool(weights=family), image, *(Region(image, box) for box in boxes))
    values = by_the_library(family, image)
    nearness = nearness_of(values, metric=data["metric"])
    order = sorted(boxes, key=lambda box: -np.median(nearness[box[1] : box[3], box[0] : box[2]]))
    assert [boxes[int(each["region"]) - 1] for each in data["nearest_first"]] == order
    for each, (left, top, right, bottom) in zip(data["nearest_first"], order, strict=True):
        assert each["nearness"] == pytest.approx(np.median(nearness[top:bottom, left:right]), abs=2e-3)
        if data["metric"]:
            assert each["metres"] == pytest.approx(np.median(values[top:bottom, left:right]), rel=2e-3)


def test_a_region_of_the_root_is_found_on_a_turned_part_of_it(anything: str) -> None:
    root = noise(500, 300)
    turned = rotate(crop(root, (100, 50, 400, 250)), 90)
    nearness = np.rot90(nearness_of(by_the_library(anything, turned), metric=False), -1)
    region = Region(root, (150, 90, 220, 160))
    (only,) = observed(depth_tool(weights=anything), turned, region)["nearest_first"]
    assert only["nearness"] == pytest.approx(np.median(nearness[40:110, 50:120]), abs=2e-3)


def test_twelve_megapixels_give_a_picture_of_bearable_size_that_lies_right(anything: str) -> None:
    image = noise(4000, 3000)
    box = (600.0, 700.0, 1300.0, 1400.0)
    seen = depth_tool(weights=anything).observe(image=image, regions=[Region(image, box)])
    (picture,) = seen.images
    assert picture.size_wh == (1024, 768)
    assert Region(picture, picture.box).on(image).xyxy == pytest.approx(image.box)
    nearness = nearness_of(by_the_library(anything, image), metric=False)
    (only,) = told(seen)["nearest_first"]
    assert only["nearness"] == pytest.approx(np.median(nearness[700:1400, 600:1300]), abs=0.01)


def test_of_a_region_with_a_mask_only_the_mask_counts(anything: str) -> None:
    image = noise(320, 200)
    nearness = nearness_of(by_the_library(anything, image), metric=False)
    inside = np.zeros((200, 320), dtype=bool)
    inside[20:180:3, 30:290] = nearness[20:180:3, 30:290] > 0.6
    masked, boxed = Region.of_mask(image, Mask.of(inside)), Region(image, (30, 20, 290, 180))
    nearest = observed(depth_tool(weights=anything), image, boxed, masked)["nearest_first"]
    assert [each["region"] for each in nearest] == ["2", "1"]
    assert nearest[0]["nearness"] == pytest.approx(np.median(nearness[inside]), abs=2e-3)


def test_a_model_without_metres_says_so(anything: str) -> None:
    image = noise(320, 200)
    seen = depth_tool(weights=anything).observe(
        image=image,
        regions=[Region(image, (0, 0, 40, 40), label="cup", handle="r4"), Region(image, (160, 100, 220, 180))],
    )
    assert seen.text.startswith("Nearest first: ")
    assert "r4 cup (0." in seen.text
    assert "this model knows no metres" in seen.text
    assert not seen.untrusted


def test_a_metric_model_tells_metres(metric: str) -> None:
    image = noise(320, 200)
    seen = depth_tool(weights=metric).observe(image=image, regions=[Region(image, (0, 0, 40, 40), label="cup")])
    metres = told(seen)["nearest_first"][0]["metres"]
    assert 0 < metres < 20
    assert f"1 cup (about {metres:.2g} m)" in seen.text


def test_without_regions_the_nearest_and_the_farthest_part_are_told(anything: str) -> None:
    image = noise(320, 200)
    seen = depth_tool(weights=anything).observe(image=image)
    cells = np.array(told(seen)["nearness_of_parts"])
    names = ["top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right"]
    near, far = names[int(cells.argmax())], names[int(cells.argmin())]
    assert seen.text.startswith(f"The nearest part is at the {near}, the farthest at the {far}.")
    assert told(seen)["nearest_first"] == []


def test_what_the_values_mean_can_be_said(anything: str) -> None:
    image = noise(320, 200)
    boxes = [Region(image, (0, 0, 80, 80)), Region(image, (160, 100, 300, 180))]
    nearer = observed(depth_tool(weights=anything), image, *boxes)["nearest_first"]
    turned = observed(depth_tool(weights=anything, values="metres"), image, *boxes)["nearest_first"]
    assert [each["region"] for each in turned] == [each["region"] for each in nearer][::-1]


def test_near_and_far_are_not_guessed_for_an_unknown_kind_of_model(tmp_path: Path) -> None:
    weights = tiny_depth.save(tiny_depth.prompt_depth_anything, tmp_path)
    with pytest.raises(UsageError, match=r"prompt_depth_anything.*values='nearness'"):
        depth_tool(weights=weights).observe(image=noise(64, 64))
    assert depth_tool(weights=weights, values="nearness").observe(image=noise(64, 64)).images


def test_regions_elsewhere_are_named_and_all_of_them_elsewhere_are_refused(anything: str) -> None:
    root = noise(320, 200)
    part = crop(root, (0, 0, 100, 100))
    seen, unseen = Region(root, (10, 10, 40, 40)), Region(root, (200, 120, 260, 180), handle="r9")
    tool = depth_tool(weights=anything)
    assert "Outside the picture: r9." in tool.observe(image=part, regions=[seen, unseen]).text
    with pytest.raises(InvalidRegion, match="outside the picture"):
        tool.observe(image=part, regions=[unseen])
    with pytest.raises(UnknownLineage):
        tool.observe(image=noise(50, 50), regions=[seen])


def test_a_picture_that_is_too_narrow_is_refused_and_a_single_pixel_is_not(anything: str) -> None:
    tool = depth_tool(weights=anything)
    with pytest.raises(ToolFailed, match="3000 x 2 pixels is too narrow"):
        tool.observe(image=Image.of(gradient(3000, 2)))
    assert tool.observe(image=Image.of(gradient(1, 1))).images[0].size_wh == (1, 1)


def test_weights_that_are_nowhere_are_named_with_what_fetches_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAVR_OFFLINE", "1")
    with pytest.raises(MissingModel) as caught:
        depth_tool().observe(image=noise(64, 64))
    assert "Depth-Anything-V2-Small-hf" in caught.value.cause
    assert "99 MB" in caught.value.cause
    assert "lavr models pull depth-anything-v2-small" in caught.value.remedy


def test_a_folder_that_holds_another_kind_of_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(MissingModel, match="cannot be loaded"):
        depth_tool(weights=str(tmp_path)).observe(image=noise(64, 64))


def test_a_network_that_its_files_leave_without_a_head_is_refused(tmp_path: Path) -> None:
    weights = tiny_depth.save(tiny_depth.depth_anything, tmp_path)
    file = tmp_path / "model.safetensors"
    save_file({name: each for name, each in load_file(file).items() if not name.startswith("head.")}, file)
    with pytest.raises(MissingModel, match=r"lack .* tensors, such as head\."):
        depth_tool(weights=weights).observe(image=noise(64, 64))


def test_thirty_two_threads_on_one_model_see_what_one_sees(anything: str) -> None:
    model = depth_model(anything)
    pictures = [noise(60 + 13 * seed, 50 + 7 * seed, seed) for seed in range(32)]

    def measured(image: Image) -> NDArray[np.float32]:
        return shared_pool().run(model, lambda loaded: loaded.measure(image, image.size_wh))

    serial = [measured(image) for image in pictures]
    with ThreadPoolExecutor(32) as threads:
        for one, other in zip(serial, threads.map(measured, pictures), strict=True):
            np.testing.assert_array_equal(one, other)
    assert shared_pool().metrics[model.key].loads == 1
