"""The tools describe and ask_region on tiny models of the real families, against the library's own generation."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch

from lavr.errors import InvalidArguments, MissingModel, UsageError
from lavr.tests.planners.local import tiny
from lavr.tests.planners.local.tiny_parts import T
from lavr.tests.tools.models import tiny_florence
from lavr.tests.tools.scenes import gradient
from lavr.tools.ask_region import ask_region_tool
from lavr.tools.calls import Observation
from lavr.tools.describe import describe_tool
from lavr.tools.models.pool import shared_pool
from lavr.tools.models.tellers import chat
from lavr.tools.models.tellers.florence import location
from lavr.vision.frame import Xyxy
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.transforms import rotate

CHATTING = ("smolvlm", "idefics3", "qwen2_5_vl", "llava_next")
TOKENS = 6


@pytest.fixture(scope="module", params=CHATTING)
def chatting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny.save(request.param, tmp_path_factory.mktemp(request.param)))


@pytest.fixture(scope="module")
def smolvlm(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny.save("smolvlm", tmp_path_factory.mktemp("smolvlm")))


@pytest.fixture(scope="module")
def florence(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny_florence.save(tmp_path_factory.mktemp("florence"))


def noise(width: int, height: int) -> Image:
    return Image.of(np.array(tiny.picture(width, height)))


def chatted(weights: str, picture: PIL.Image.Image, words: str, tokens: int = TOKENS) -> str:
    """What the library makes of it, in one step and with its own defaults but for sampling."""
    processor = T.AutoProcessor.from_pretrained(weights)
    network = T.AutoModelForImageTextToText.from_pretrained(weights).eval()
    content = [{"type": "image", "image": picture}, {"type": "text", "text": words}]
    inputs = processor.apply_chat_template(
        [{"role": "user", "content": content}],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
    )
    with torch.inference_mode():
        ids = network.generate(**inputs, max_new_tokens=tokens, do_sample=False)
    text = processor.batch_decode(ids[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)[0]
    return str(text).strip()


def florence_says(weights: str, picture: PIL.Image.Image, prompt: str) -> str:
    """What the library makes of it, as its documentation says."""
    processor = T.AutoProcessor.from_pretrained(weights)
    network = T.Florence2ForConditionalGeneration.from_pretrained(weights).eval()
    with torch.inference_mode():
        inputs = processor(text=prompt, images=picture, return_tensors="pt")
        ids = network.generate(**inputs, max_new_tokens=TOKENS, do_sample=False, num_beams=1)
    text = processor.batch_decode(ids, skip_special_tokens=False)[0]
    task = prompt[: prompt.index(">") + 1]
    said = processor.post_process_generation(text, task=task, image_size=picture.size)[task]
    return re.sub(r"<loc_\d+>|<\|[^|]*\|>", "", str(said)).strip()  # random weights write special tokens as well


def words_of(observation: Observation) -> str:
    assert isinstance(observation.data, dict)
    return str(observation.data["text"])


def test_a_chat_model_describes_the_whole_as_the_library_does(chatting: str) -> None:
    for image in (noise(150, 90), noise(70, 170)):
        seen = describe_tool(weights=chatting, tokens=TOKENS).observe(image=image)
        assert words_of(seen) == chatted(chatting, image.pil(), chat.DESCRIBE)
        assert seen.untrusted


def test_a_chat_model_is_asked_about_a_region_with_a_tenth_of_its_surroundings(chatting: str) -> None:
    image = noise(300, 200)
    part = image.pil().crop((90, 40, 210, 140))
    tool = ask_region_tool(weights=chatting, tokens=TOKENS)
    expected = chatted(chatting, part, f"What is it?\n{chat.ANSWER}")
    assert words_of(tool.observe(image=image, question=" What is it? ", box=(100, 50, 200, 130))) == expected


def test_a_region_of_the_root_is_described_as_it_lies_on_a_turned_picture(smolvlm: str) -> None:
    root = noise(300, 200)
    turned = rotate(root, 90)
    region = Region(root, (100, 50, 200, 130))
    part = root.pil().crop((90, 40, 210, 140)).transpose(PIL.Image.Transpose.ROTATE_90)
    seen = describe_tool(weights=smolvlm, tokens=TOKENS).observe(image=turned, region=region)
    assert words_of(seen) == chatted(smolvlm, part, chat.DESCRIBE)


def test_what_a_chat_model_is_shown_is_the_place_at_a_bearable_size() -> None:
    image = Image.of(gradient(4000, 3000))
    places: dict[Xyxy | None, Xyxy] = {
        None: (0, 0, 4000, 3000),
        (1000, 500, 3000, 2500): (800, 300, 3200, 2700),
        (3990, 2990, 4000, 3000): (3989, 2989, 4000, 3000),
    }
    for place, expected in places.items():
        seen = chat.shown(image, place)
        assert Region(seen, seen.box).on(image).xyxy == pytest.approx(expected)
        assert chat.SHORTEST <= min(seen.size_wh) <= max(seen.size_wh) <= chat.LONGEST


@pytest.mark.parametrize("size_wh", [(1, 1), (3000, 2), (2, 900)])
def test_pictures_of_any_shape_can_be_described(chatting: str, size_wh: tuple[int, int]) -> None:
    image = Image.of(gradient(*size_wh))
    assert describe_tool(weights=chatting, tokens=2).observe(image=image).text


def test_sampling_is_off_whatever_the_model_asks_for(smolvlm: str, tmp_path: Path) -> None:
    tiny.save("smolvlm", tmp_path)
    settings = tmp_path / "generation_config.json"
    wild = {"do_sample": True, "temperature": 9.0, "top_p": 0.99, "num_beams": 3}
    settings.write_text(json.dumps({**json.loads(settings.read_text()), **wild}))
    plain = describe_tool(weights=smolvlm, tokens=TOKENS)
    sampling = describe_tool(weights=str(tmp_path), tokens=TOKENS)
    assert words_of(sampling.observe(image=noise(90, 60))) == words_of(plain.observe(image=noise(90, 60)))


def test_florence_describes_the_whole_as_the_library_does(florence: str) -> None:
    for image in (noise(150, 90), noise(70, 170)):
        seen = describe_tool(weights=florence, tokens=TOKENS).observe(image=image)
        assert words_of(seen) == florence_says(florence, image.pil(), "<DETAILED_CAPTION>")
        assert seen.untrusted


def test_florence_is_told_where_a_region_lies_among_its_surroundings(florence: str) -> None:
    root = noise(400, 400)
    turned = rotate(root, 90)
    region = Region(root, (150, 100, 250, 180))
    around = root.pil().crop((50, 0, 350, 280)).transpose(PIL.Image.Transpose.ROTATE_90)
    # 280 x 300 pixels; the region, 80 x 100, begins 100 from the left and 100 from the top.
    place = "<loc_357><loc_333><loc_642><loc_666>"
    seen = describe_tool(weights=florence, tokens=TOKENS).observe(image=turned, region=region)
    assert words_of(seen) == florence_says(florence, around, f"<REGION_TO_DESCRIPTION>{place}")


def test_places_are_written_as_florence_writes_them(florence: str) -> None:
    quantize = T.AutoProcessor.from_pretrained(florence).post_processor.quantize
    image = Image.of(gradient(811, 377))
    corners = np.random.default_rng(0).uniform((0, 0), (811, 377), (50, 2, 2))
    boxes = [(*low, *high) for low, high in np.sort(corners, axis=1).tolist()] + [image.box]
    for box in boxes:
        (bins,) = quantize(torch.tensor([box], dtype=torch.float64), size=image.size_wh).tolist()
        assert location(Region(image, box)) == "".join(f"<loc_{each}>" for each in bins)


def test_florence_answers_no_questions_unless_it_was_taught_to(florence: str) -> None:
    image = noise(120, 80)
    with pytest.raises(UsageError, match="no task for questions"):
        ask_region_tool(weights=florence).observe(image=image, question="What is it?")
    taught = ask_region_tool(weights=florence, task="<DocVQA>", tokens=TOKENS)
    seen = taught.observe(image=image, question="What is it?", box=(20, 10, 100, 70))
    part = image.pil().crop((20, 10, 100, 70))
    assert words_of(seen) == florence_says(florence, part, "<DocVQA>What is it?")


def test_a_text_that_fills_all_the_room_is_said_to_be_cut_off(smolvlm: str) -> None:
    image = noise(90, 70)
    seen = describe_tool(weights=smolvlm, tokens=3).observe(image=image)
    assert seen.text == chatted(smolvlm, image.pil(), chat.DESCRIBE, tokens=3) + " ... (cut off)"
    assert isinstance(seen.data, dict)
    assert seen.data["cut"] is True


def test_both_tools_share_one_model(tmp_path: Path) -> None:
    weights = str(tiny.save("smolvlm", tmp_path))
    image = noise(90, 60)
    describe_tool(weights=weights, tokens=1).observe(image=image)
    ask_region_tool(weights=weights, tokens=1).observe(image=image, question="Is it new?")
    assert shared_pool().metrics[f"tell:{weights}"].loads == 1


def test_a_question_must_be_one(smolvlm: str) -> None:
    tool = ask_region_tool(weights=smolvlm)
    for question in ("  ", "x" * 1001):
        with pytest.raises(InvalidArguments, match="cannot be asked"):
            tool.observe(image=noise(90, 60), question=question)
    image = noise(90, 60)
    with pytest.raises(InvalidArguments, match="Both"):
        tool.observe(image=image, question="Why?", region=Region(image, image.box), box=image.box)


@pytest.mark.parametrize("tokens", [0, 1025])
def test_lengths_that_are_none_or_endless_are_refused(tokens: int) -> None:
    with pytest.raises(UsageError, match=f"{tokens} tokens"):
        describe_tool(tokens=tokens)
    with pytest.raises(UsageError, match=f"{tokens} tokens"):
        ask_region_tool(tokens=tokens)


def test_a_model_without_a_chat_template_cannot_be_asked(tmp_path: Path) -> None:
    tiny.save("smolvlm", tmp_path)
    (tmp_path / "chat_template.jinja").unlink()
    with pytest.raises(MissingModel, match="no chat template"):
        describe_tool(weights=str(tmp_path)).observe(image=noise(90, 60))


def test_weights_that_are_nowhere_are_named_with_what_fetches_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAVR_OFFLINE", "1")
    for tool, name in ((describe_tool(), "florence-2-base"), (ask_region_tool(), "smolvlm-500m")):
        arguments: dict[str, Any] = {"question": "Why?"} if tool.name == "ask_region" else {}
        with pytest.raises(MissingModel, match=f"{name} .* MB.*lavr models pull {name}"):
            tool.observe(image=noise(90, 60), **arguments)
