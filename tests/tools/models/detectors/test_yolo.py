"""Networks of Ultralytics: boxes, masks, key points and turned boxes are the library's own, in the right frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import pytest

from lavr.errors import MissingModel, UsageError
from lavr.tests.tools.models.tiny_yolo import HEADS, NAMES, SIDE, save_yolo
from lavr.tools.detect import detect_tool
from lavr.tools.models.catalogue import COCO
from lavr.tools.models.detectors.sources import source_of
from lavr.tools.models.detectors.yolo import BODY, MOST, OVERLAP, Yolo, patch_of
from lavr.tools.models.safe_yolo import load_yolo
from lavr.tools.tool import Tool
from lavr.vision.image import Image
from lavr.vision.store import Pixels

SURE = 0.001
"""Networks of random weights are sure of nothing."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("yolo")
    return {task: save_yolo(task, folder / f"{task}.pt") for task in HEADS}


def noise(width: int, height: int) -> Pixels:
    coarse = np.random.default_rng(5).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    return np.asarray(PIL.Image.fromarray(coarse).resize((width, height), PIL.Image.Resampling.BICUBIC))


def tool_of(file: Path, **options: Any) -> Tool:
    return detect_tool(weights=str(file), host="inline", min_score=SURE, **options)


def library_says(file: Path, pixels: Pixels) -> Any:
    """The library alone, as its documentation shows it."""
    bgr = np.ascontiguousarray(pixels[:, :, ::-1])
    return load_yolo(file).predict(bgr, conf=SURE, iou=OVERLAP, max_det=MOST, device="cpu", verbose=False)[0]


@pytest.mark.parametrize("task", HEADS)
@pytest.mark.parametrize("size", [(310, 140), (150, 400)], ids=["wide", "high"])
def test_boxes_are_those_of_the_library_on_a_part_of_a_picture_too(
    task: str, size: tuple[int, int], files: dict[str, Path]
) -> None:
    pixels = noise(*size)
    image = Image.of(np.pad(pixels, ((20, 30), (50, 10), (0, 0)), mode="reflect"))
    box = (50.0, 20.0, 50.0 + size[0], 20.0 + size[1])
    says = library_says(files[task], pixels)
    theirs = says.obb if task == "obb" else says.boxes
    raw = Yolo(files[task], "cpu").detect([pixels], (), SURE)[0]
    assert len(raw) == len(theirs) > 10
    assert np.allclose([found.xyxy for found in raw], theirs.xyxy.double().numpy(), atol=0.02)

    # Of several classes at one place the tool keeps the likeliest: random weights see nearly everything everywhere.
    found = tool_of(files[task], tile=0).observe(image=image, box=box).regions
    expected = np.clip(theirs.xyxy.double().numpy(), 0, [*size, *size]) + np.array([50, 20, 50, 20])
    apart = np.abs(np.array([region.xyxy for region in found])[:, None] - expected[None]).max(axis=2)
    sure = theirs.conf.numpy()
    assert apart.min(axis=1).max() < 0.02
    for region, distances in zip(found, apart, strict=True):
        same = [at for at in np.flatnonzero(distances < 0.02) if NAMES[int(theirs.cls[at])] == region.label]
        assert any(region.score == pytest.approx(float(sure[at]), abs=1e-3) for at in same)
    assert max(region.score or 0.0 for region in found) == pytest.approx(float(sure.max()), abs=1e-3)


def test_a_pose_comes_with_its_key_points_in_the_frame_of_the_picture(files: dict[str, Path]) -> None:
    pixels = noise(310, 140)
    image = Image.of(np.pad(pixels, ((20, 0), (50, 0), (0, 0)), mode="reflect"))
    found = tool_of(files["pose"], tile=0).observe(image=image, box=(50.0, 20.0, 360.0, 160.0)).regions
    says = library_says(files["pose"], pixels)
    boxes, points = says.boxes.xyxy.double().numpy(), says.keypoints.xy.double().numpy()
    placed = np.clip(boxes, 0, [310, 140] * 2) + np.array([50, 20, 50, 20])
    for region in found[:20]:
        at = int(np.abs(placed - np.array(region.xyxy)).max(axis=1).argmin())
        told: Any = region.attributes["points"]
        for name, (x, y, sure) in told.items():
            assert [x, y] == pytest.approx(points[at][BODY.index(name)] + [50, 20], abs=0.02)
            assert 0 <= sure <= 1


def test_a_turned_box_is_an_outline(files: dict[str, Path]) -> None:
    pixels = noise(310, 140)
    corners = library_says(files["obb"], pixels).obb.xyxyxyxy.double().numpy()
    raw = Yolo(files["obb"], "cpu").detect([pixels], (), SURE)[0]
    outlines = [np.array(found.polygon) for found in raw]
    assert len(outlines) == len(corners) > 5
    assert all(np.abs(outline - quad).max() < 0.02 for outline, quad in zip(outlines, corners, strict=True))
    regions = tool_of(files["obb"], tile=0).observe(image=Image.of(pixels)).regions
    assert regions
    for region in regions:
        corners = np.array(region.polygon)
        assert corners.min() > -0.01
        assert (corners.max(axis=0) < [310.01, 140.01]).all()


def test_masks_lie_within_their_boxes_and_look_like_those_of_the_library(files: dict[str, Path]) -> None:
    pixels = noise(310, 140)
    found = tool_of(files["segment"], tile=0).observe(image=Image.of(pixels)).regions
    bgr = np.ascontiguousarray(pixels[:, :, ::-1])
    options: dict[str, Any] = {"conf": SURE, "iou": OVERLAP, "device": "cpu", "verbose": False}
    says = load_yolo(files["segment"]).predict(bgr, retina_masks=True, **options)[0]
    theirs, boxes = says.masks.data.numpy().astype(bool), says.boxes.xyxy.numpy()
    shares = []
    for region in found:
        assert region.mask is not None
        left, top, right, bottom = region.mask.xyxy or (0, 0, 0, 0)
        box = region.xyxy
        assert left >= box[0] - 1
        assert top >= box[1] - 1
        assert right <= box[2] + 1
        assert bottom <= box[3] + 1
        at = int(np.abs(boxes - np.array(region.xyxy)).max(axis=1).argmin())
        mine = region.mask.array()
        shares.append((mine & theirs[at]).sum() / max((mine | theirs[at]).sum(), 1))
    assert np.median(shares) > 0.85


@pytest.mark.parametrize("size_hw", [(300, 500), (700, 200), (96, 96), (3000, 4000)])
def test_a_mask_that_was_seen_small_lies_where_the_thing_is(size_hw: tuple[int, int]) -> None:
    height, width = size_hw
    truth = np.zeros(size_hw, dtype=np.uint8)
    center, axes = (int(width * 0.6), int(height * 0.4)), (width // 5, height // 6)
    cv2.ellipse(truth, center, axes, 0, 0, 360, 1, -1)
    gain = 320 / max(size_hw)
    seen = cv2.resize(truth * 255, (round(width * gain), round(height * gain)), interpolation=cv2.INTER_AREA) > 127
    pad_y, pad_x = 320 - seen.shape[0], 320 - seen.shape[1]
    framed = np.pad(seen, ((pad_y // 2, pad_y - pad_y // 2), (pad_x // 2, pad_x - pad_x // 2))).astype(np.uint8)
    box = (center[0] - axes[0], center[1] - axes[1], center[0] + axes[0] + 1, center[1] + axes[1] + 1)
    patch = patch_of(framed, tuple(map(float, box)), size_hw)  # type: ignore[arg-type]  # four numbers
    assert patch is not None
    whole = np.zeros(size_hw, dtype=bool)
    h, w = patch.array.shape
    whole[patch.top : patch.top + h, patch.left : patch.left + w] = patch.array
    shared = (whole & (truth > 0)).sum() / (whole | (truth > 0)).sum()
    assert shared > 0.95


def test_what_a_file_finds_is_known_without_loading_it(files: dict[str, Path]) -> None:
    for file in files.values():
        assert source_of(str(file)).classes == NAMES
    tool = tool_of(files["detect"])
    assert tool.spec.finds == NAMES
    assert "AGPL-3.0" in tool.licence
    assert tool.spec.card.limits == "Finds only these: person, bicycle, dog."


def test_a_network_looks_at_pictures_at_the_size_that_it_was_trained_at(files: dict[str, Path]) -> None:
    assert Yolo(files["detect"], "cpu").side == SIDE


def test_only_what_is_asked_for_is_looked_for(files: dict[str, Path]) -> None:
    image = Image.of(noise(200, 120))
    found = tool_of(files["detect"]).observe(image=image, labels=("dogs", "bikes"))
    assert {region.label for region in found.regions} <= {"dog", "bicycle"}
    assert "person" not in str(found.data)


def test_a_file_for_another_task_is_refused(tmp_path: Path) -> None:
    from lavr.tools.models.safe_yolo import yolo_library

    plan, file = tmp_path / "cls.yaml", tmp_path / "cls.pt"
    plan.write_text('{"nc": 3, "backbone": [[-1, 1, "Conv", [8, 3, 2]]], "head": [[-1, 1, "Classify", ["nc"]]]}')
    yolo_library().YOLO(plan, task="classify").save(file)
    with pytest.raises(UsageError, match="finds no things"):
        tool_of(file).observe(image=Image.of(noise(60, 40)))


def test_absent_weights_are_named_with_their_size_and_the_command_that_fetches_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAVR_OFFLINE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    tool = detect_tool(weights="yolo11n", host="inline")
    assert tool.spec.finds == COCO
    with pytest.raises(MissingModel) as refused:
        tool.observe(image=Image.of(noise(60, 40)))
    named = ("yolo11n.pt", "MB", "AGPL-3.0", "lavr models pull yolo11n")
    assert [name for name in named if name not in str(refused.value)] == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match=r"shapes\.pt"):
        tool_of(tmp_path / "shapes.pt").observe(image=Image.of(noise(60, 40)))
