"""Detectors of transformers: the boxes are those of the library's own post-processing, in the frame of the picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch
import transformers

from lavr.errors import InvalidArguments, MissingModel, UsageError
from lavr.tests.tools.models.tiny_detectors import MAKERS, NAMES
from lavr.tools.calls import Observation
from lavr.tools.detect import LEAST, detect_tool
from lavr.tools.models.catalogue import COCO
from lavr.tools.models.detectors.sources import TOLD_IN_WORDS, source_of
from lavr.tools.models.detectors.tiling import TWICE
from lavr.vision.boxes import iou
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.store import Pixels
from lavr.vision.transforms import crop, rotate

WORDS = ("dog", "red car", "person")
CLOSED, OPEN = ("rt-detr", "d-fine"), ("grounding-dino", "owlv2")

CLOSED_SETS = ("d-fine-s", "rt-detr-v2-s")


@dataclass(frozen=True)
class Expected:
    """What the library says: N x 4 boxes, N scores, N labels."""

    boxes: Any
    scores: Any
    labels: list[str]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {name: tmp_path_factory.mktemp("detectors") / name for name in MAKERS}
    for name, make in MAKERS.items():
        make(made[name])
    return made


@cache
def library_model(name: str, folder: Path) -> tuple[Any, Any]:
    """The processor and the network, as the library loads them."""
    library: Any = transformers  # its factories are untyped
    if name in CLOSED:
        network = library.AutoModelForObjectDetection.from_pretrained(folder).eval()
        return library.AutoImageProcessor.from_pretrained(folder), network
    network = library.AutoModelForZeroShotObjectDetection.from_pretrained(folder).eval()
    return library.AutoProcessor.from_pretrained(folder), network


def library_says(name: str, folder: Path, pixels: Pixels) -> Expected:
    """The library alone, as its documentation shows it, on one picture."""
    picture, size = PIL.Image.fromarray(pixels), [pixels.shape[:2]]
    processor, network = library_model(name, folder)
    if name in CLOSED:
        with torch.inference_mode():
            outputs = network(**processor(images=picture, return_tensors="pt"))
        (found,) = processor.post_process_object_detection(outputs, threshold=0.0, target_sizes=size)
        labels = [network.config.id2label[int(number)] for number in found["labels"]]
    else:
        texts = [[f"a photo of a {word}" for word in WORDS] if name == "owlv2" else list(WORDS)]
        inputs = processor(images=picture, text=texts, return_tensors="pt")
        with torch.inference_mode():
            outputs = network(**inputs)
        (found,) = processor.post_process_grounded_object_detection(
            outputs, threshold=0.0, target_sizes=size, text_labels=texts
        )
        labels = [str(label).removeprefix("a photo of a ") for label in found["text_labels"]]
    return Expected(found["boxes"].double().numpy(), found["scores"].double().numpy(), labels)


def noise(width: int, height: int, seed: int = 5) -> Pixels:
    """A picture of soft blots, in which every detector of random weights sees something."""
    coarse = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    return np.asarray(PIL.Image.fromarray(coarse).resize((width, height), PIL.Image.Resampling.BICUBIC))


@cache
def large(name: str) -> Image:
    """Twelve megapixels; two for OWLv2, whose processor blurs a padded square in float64, which takes minutes."""
    return Image.of(noise(1600, 1200) if name == "owlv2" else noise(4000, 3000))


def seen(name: str, folder: Path, image: Image, **place: Any) -> Observation:
    tool = detect_tool(weights=str(folder), host="inline", min_score=0.0, tile=0)
    return tool.observe(image=image, labels=() if name in CLOSED else WORDS, **place)


def check(regions: Sequence[Region], expected: Expected, pixels: Pixels, offset: tuple[int, int] = (0, 0)) -> None:
    """Every region is a box of the library's, cut to the picture; every other box of the library's is a second one."""
    height, width = pixels.shape[:2]
    theirs = np.clip(expected.boxes, 0, [width, height, width, height])
    kept = (theirs[:, 2:] - theirs[:, :2]).min(axis=1) >= LEAST
    theirs, scores = theirs[kept] + np.array([*offset, *offset]), expected.scores[kept]
    mine = np.array([region.xyxy for region in regions])
    assert len(mine) > 3
    differences = np.abs(mine[:, None] - theirs[None]).max(axis=2)
    nearest = differences.argmin(axis=1)
    assert differences[np.arange(len(mine)), nearest].max() < 0.02
    assert np.abs(np.array([region.score for region in regions]) - scores[nearest]).max() < 1e-3
    labels = [label for label, keep in zip(expected.labels, kept, strict=True) if keep]
    known = (*NAMES.values(), *WORDS)
    assert all(region.label in known for region in regions)
    agreed = [region.label == labels[at] for region, at in zip(regions, nearest, strict=True) if labels[at] in known]
    assert all(agreed)
    left_out = np.setdiff1d(np.arange(len(theirs)), nearest)
    assert (iou(theirs[left_out], mine).max(axis=1, initial=0) > TWICE - 0.01).all()


@pytest.mark.parametrize("name", MAKERS)
class TestBoxes:
    def test_on_a_picture_that_is_not_square(self, name: str, folders: dict[str, Path]) -> None:
        pixels = noise(310, 140)
        found = seen(name, folders[name], Image.of(pixels))
        check(found.regions, library_says(name, folders[name], pixels), pixels)

    def test_on_a_part_of_a_picture(self, name: str, folders: dict[str, Path]) -> None:
        image = Image.of(noise(310, 240))
        part = crop(image, (40, 30, 200, 190))
        expected = library_says(name, folders[name], part.pixels())
        found = seen(name, folders[name], image, box=(40.0, 30.0, 200.0, 190.0))
        check(found.regions, expected, part.pixels(), (40, 30))
        region = Region(part, (0.0, 0.0, 160.0, 160.0))
        assert seen(name, folders[name], image, region=region).regions == found.regions
        on_part = seen(name, folders[name], part)
        moved = np.array([region.on(image).xyxy for region in on_part.regions])
        assert moved == pytest.approx(np.array([region.xyxy for region in found.regions]), abs=0.02)

    def test_on_a_photo_that_lies_on_its_side(self, name: str, folders: dict[str, Path]) -> None:
        file = io.BytesIO()
        exif = PIL.Image.Exif()
        exif[0x0112] = 6
        PIL.Image.fromarray(noise(200, 320)).save(file, "JPEG", exif=exif)
        image = Image.open(file.getvalue())
        assert image.size_wh == (320, 200)
        found = seen(name, folders[name], image)
        check(found.regions, library_says(name, folders[name], image.pixels()), image.pixels())

    def test_on_a_picture_that_was_turned(self, name: str, folders: dict[str, Path]) -> None:
        page = Image.of(noise(300, 200))
        turned = rotate(page, 90)
        found = seen(name, folders[name], turned)
        check(found.regions, library_says(name, folders[name], turned.pixels()), turned.pixels())
        for region in found.regions:
            left, top, right, bottom = region.xyxy
            assert region.on(page).xyxy == pytest.approx((300 - bottom, left, 300 - top, right))

    def test_on_a_large_picture(self, name: str, folders: dict[str, Path]) -> None:
        image = large(name)
        found = seen(name, folders[name], image)
        check(found.regions, library_says(name, folders[name], image.pixels()), image.pixels())


@pytest.mark.parametrize("name", MAKERS)
def test_tiles_show_what_the_library_sees_in_them(name: str, folders: dict[str, Path]) -> None:
    pixels = noise(400, 260)
    tool = detect_tool(weights=str(folders[name]), host="inline", min_score=0.0, tile=260)
    found = tool.observe(image=Image.of(pixels), labels=() if name in CLOSED else WORDS).regions
    parts = {0: pixels[:, :260], 140: pixels[:, 140:], -1: pixels}
    shown = []
    for left, part in parts.items():
        boxes = library_says(name, folders[name], np.ascontiguousarray(part)).boxes
        shown.append(np.clip(boxes, 0, part.shape[1::-1] * 2) + max(left, 0) * np.array([1, 0, 1, 0]))
    mine = np.array([region.xyxy for region in found])
    apart = np.abs(mine[:, None] - np.vstack(shown)[None]).max(axis=2).min(axis=1)
    of_pieces = (apart > 0.02) & (mine[:, 2] - mine[:, 0] > 0)  # joined out of what both tiles cut
    assert (~of_pieces).sum() > 3
    assert all(box[0] < 260 and box[2] > 140 for box in mine[of_pieces])


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_set_says_what_it_finds_and_looks_only_for_what_is_asked(name: str, folders: dict[str, Path]) -> None:
    tool = detect_tool(weights=str(folders[name]), host="inline", min_score=0.0)
    assert tool.spec.finds == ("person", "bicycle", "dog")
    image = Image.of(noise(200, 150))
    everything = tool.observe(image=image)
    people = tool.observe(image=image, labels=("people",))
    counts = {label: sum(each.label == label for each in people.regions) for label in NAMES.values()}
    assert people.data == {"counts": {"person": counts["person"]}}
    assert counts["bicycle"] == counts["dog"] == 0
    assert len(people.regions) >= sum(each.label == "person" for each in everything.regions)


@pytest.mark.parametrize("name", OPEN)
def test_one_that_is_told_in_words_wants_words(name: str, folders: dict[str, Path]) -> None:
    tool = detect_tool(weights=str(folders[name]), host="inline", min_score=0.0)
    assert tool.spec.finds == ("*",)
    with pytest.raises(InvalidArguments, match="told nothing"):
        tool.observe(image=Image.of(noise(200, 150)))
    found = tool.observe(image=Image.of(noise(200, 150)), labels=("the dogs", "red cars"))
    assert {region.label for region in found.regions} <= {"dog", "red car"}
    assert set(found.data["counts"]) == {"dog", "red car"}  # type: ignore[index,call-overload,arg-type]  # it is a dict


def test_more_words_than_grounding_dino_reads_at_once_are_refused(folders: dict[str, Path]) -> None:
    tool = detect_tool(weights=str(folders["grounding-dino"]), host="inline")
    with pytest.raises(InvalidArguments, match="fewer"):
        tool.observe(image=Image.of(noise(200, 150)), labels=tuple(f"red dog {n}" for n in range(90)))


def test_the_model_types_that_are_told_in_words_are_those_of_the_library() -> None:
    from transformers.models.auto import modeling_auto

    assert set(modeling_auto.MODEL_FOR_ZERO_SHOT_OBJECT_DETECTION_MAPPING_NAMES) == TOLD_IN_WORDS


@pytest.mark.parametrize(
    ("weights", "names"),
    [
        ("d-fine-s", ("dfine-small-coco", "MB", "lavr models pull d-fine-s")),
        ("owlv2-base", ("owlv2-base-patch16-ensemble", "MB", "lavr models pull owlv2-base")),
        ("somebody/else", ("somebody/else", "somebody--else", "lavr models pull somebody/else")),
    ],
)
def test_absent_weights_are_named_with_their_size_and_the_command_that_fetches_them(
    weights: str, names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAVR_OFFLINE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LAVR_MODELS", str(tmp_path / "models"))
    tool = detect_tool(weights=weights, host="inline")
    assert tool.spec.finds == (COCO if weights in CLOSED_SETS else ("*",))
    with pytest.raises(MissingModel) as refused:
        tool.observe(image=Image.of(noise(60, 40)), labels=("dog",))
    assert [name for name in names if name not in str(refused.value)] == []


@pytest.mark.parametrize(("name", "score"), [("d-fine-s", 0.5), ("yolo11n", 0.3), ("owlv2-base", 0.15)])
def test_the_session_that_fetches_weights_believes_the_same_scores_as_later_ones(
    name: str, score: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("LAVR_MODELS", str(tmp_path / "models"))
    source = source_of(name)
    assert source.stated
    assert source.usual_score == score


def test_a_folder_that_holds_no_detector_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(MissingModel, match="cannot be loaded"):
        detect_tool(weights=str(tmp_path), host="inline").observe(image=Image.of(noise(60, 40)))
    with pytest.raises(UsageError, match="backend"):
        source_of(str(tmp_path), "caffe")
