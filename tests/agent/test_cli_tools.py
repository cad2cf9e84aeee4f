"""`lavr tools`: list, show, run by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest
from typer.testing import CliRunner

from lavr import Image, Observation, Region, tool
from lavr.agent.cli.app import app
from lavr.agent.cli.saving import made_pictures, save_pictures
from lavr.agent.cli.toolbench import arguments_of
from lavr.errors import InvalidArguments
from lavr.tools.cutout import cutout
from lavr.tools.registry import default_tools
from lavr.tools.tool import Box
from lavr.vision.mask import Mask
from lavr.vision.scene import Scene


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    pixels = np.full((120, 400, 3), 255, dtype=np.uint8)
    cv2.putText(pixels, "TOTAL 11.50", (20, 75), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (20, 20, 20), 3, cv2.LINE_AA)
    path = tmp_path / "slip.png"
    PIL.Image.fromarray(pixels).save(path)
    return path


def invoke(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["tools", *words])
    return result.exit_code, result.stdout, result.stderr


def test_the_tools_are_listed_with_their_purpose() -> None:
    code, out, _ = invoke()
    assert code == 0
    assert out == invoke("list")[1]
    names = default_tools().names
    assert [line.split()[0] for line in out.splitlines()] == list(names)


def test_a_card_is_shown_for_people_and_for_programs() -> None:
    code, out, _ = invoke("show", "zoom")
    assert code == 0
    assert out.startswith("zoom: ")
    assert json.loads(invoke("show", "zoom", "--json")[1])["name"] == "zoom"


def test_an_unknown_tool_is_refused_with_the_closest_ones() -> None:
    code, out, err = invoke("show", "zom")
    assert (code, out) == (2, "")
    assert "Did you mean zoom" in err


def test_a_tool_runs_by_hand_and_its_pictures_are_saved(picture: Path, tmp_path: Path) -> None:
    code, out, err = invoke("run", "ocr", f"image={picture}", "--save", str(tmp_path / "out"))
    assert code == 0
    assert "11.50" in out
    assert "on img_1" in err
    with PIL.Image.open(tmp_path / "out" / "img_1-marked.png") as marked:
        assert marked.size == (400, 120)


def test_several_regions_are_redacted_by_hand_and_the_picture_is_written(picture: Path, tmp_path: Path) -> None:
    places = "regions=10,20,60,100;200,20,260,100"
    code, out, err = invoke("run", "redact", f"image={picture}", places, "--save", str(tmp_path / "out"))
    assert code == 0
    assert out.startswith("Filled with black: r1, r2;")
    assert err.count("Saved") == 1
    with PIL.Image.open(tmp_path / "out" / "img_2.png") as made:
        pixels = np.asarray(made)
    assert pixels[20:100, 10:60].max() == pixels[20:100, 200:260].max() == 0
    assert pixels[20:100, 100:160].max() == 255


@tool
def disk(image: Image) -> Observation:
    """Cut a disk out of the middle."""
    width, height = image.size_wh
    inside = np.hypot(*np.mgrid[-height / 2 : height / 2, -width / 2 : width / 2]) < 30
    found: Observation = cutout(image=image, region=Region.of_mask(image, Mask.of(inside), label="disk"))
    return found


def test_a_cut_out_is_written_with_a_transparent_ground_as_well(picture: Path, tmp_path: Path) -> None:
    scene = Scene()
    image = scene.add_image(Image.open(picture, store=scene.store))
    found = disk(image)
    cut = scene.add_image(found.images[0])
    thing = replace(found.regions[0], image=cut)
    pictures = made_pictures([replace(found, images=(cut,), regions=(thing,))])
    save_pictures(pictures, tmp_path)
    assert sorted(path.name for path in tmp_path.glob("img*")) == ["img_2-cutout.png", "img_2.png"]
    with PIL.Image.open(tmp_path / "img_2-cutout.png") as transparent:
        rgba = np.asarray(transparent)
    assert rgba.shape == (59, 59, 4)
    assert (rgba[0, 0] == (255, 255, 255, 0)).all()  # nothing of the picture is hidden under what is transparent
    assert rgba[30, 30, 3] == 255
    assert np.array_equal(rgba[:, :, :3], cut.pixels())


def test_a_result_is_json_for_programs(picture: Path) -> None:
    code, out, _ = invoke("run", "ocr", f"image={picture}", "--json")
    assert code == 0
    told = json.loads(out)
    assert told["arguments"] == {"image": "img_1"}
    assert "11.50" in " ".join(region["text"] for region in told["regions"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "ocr", "slip.png"), "key=value"),
        (("run", "ocr", "image=none.png"), "none.png"),
        (("run", "ocr"), "image"),
        (("run", "zoom", "image=PICTURE", "nonsense=1"), "nonsense"),
        (("run", "nothing", "image=PICTURE"), "Tools:"),
        (("run", "ocr", "image=PICTURE", "--save", "PICTURE/under-a-file"), "cannot be written"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_refused_exits_with_2_and_at_most_three_lines(picture: Path, words: tuple[str, ...], said: str) -> None:
    code, _, err = invoke(*(word.replace("PICTURE", str(picture)) for word in words))
    assert code == 2
    assert said in err
    assert "Traceback" not in err
    refusal = [line for line in err.splitlines() if not line.startswith((" ", "▣"))]
    assert len(refusal) <= 3


@tool
def measure_all(
    image: Image, others: list[Image], region: Region | None = None, box: Box | None = None, name: str = "", n: int = 1
) -> Observation:
    """Take arguments of every kind."""
    return Observation(f"{len(others)} {region} {box} {name} {n}")


def test_pictures_regions_boxes_numbers_and_text_are_read_from_words(picture: Path) -> None:
    scene = Scene()
    words = ["region=1,2,30,40", f"image={picture}", f"others={picture},{picture}", "box=1,2,3,4", "name=7", "n=7"]
    read = arguments_of(measure_all, words, scene)
    assert list(read) == ["region", "image", "others", "box", "name", "n"]
    assert read["image"] == "img_1"
    assert read["others"] == ["img_2", "img_3"]
    assert scene.region("r1").xyxy == (1, 2, 30, 40)
    assert (read["box"], read["name"], read["n"]) == ([1, 2, 3, 4], "7", 7)


@pytest.mark.parametrize("word", ["region=1,2,3,4", "image", "region=a,b"])
def test_words_that_cannot_be_read_say_what_to_write(word: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        arguments_of(measure_all, [word], Scene())
    assert caught.value.remedy
