"""Segment Anything in all its forms: the library's own masks, in the right place, from small random networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lavr.errors import MissingModel, ToolFailed, WeightsRefused
from lavr.tests.tools.models import sams
from lavr.tools.models.pool import ModelPool
from lavr.tools.models.segmenters.choose import segmenter
from lavr.tools.models.segmenters.embeddings import Embeddings
from lavr.tools.models.segmenters.promptable import Promptable, PromptedSegmenter, enlarged, is_ambiguous
from lavr.tools.models.segmenters.prompts import Prompt
from lavr.tools.models.segmenters.segment_anything import SegmentAnything, build, segment_anything
from lavr.tools.models.segmenters.transformers_sam import transformers_sam
from lavr.vision.frame import SizeWh
from lavr.vision.store import Pixels

TWELVE_MEGAPIXELS = (4000, 3000)
"""The library takes long to enlarge all masks of a point to this: there the box alone is asked for."""

ROUNDING = 1e-5
"""Part of the pixels: where logits are as good as 0, one mask alone is enlarged to other last bits than three."""


@pytest.fixture(scope="module", params=["segment_anything", "sam", "sam_hq", "sam2"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Promptable, Any]:
    """A network as lavr runs it, and the library's own way to ask it."""
    if request.param == "segment_anything":
        sam = sams.original()
        return SegmentAnything(build(sam.state_dict())), _predictor(sam)
    folder = sams.folder_of(request.param, tmp_path_factory.mktemp("weights"))
    return transformers_sam(str(folder)).load("cpu"), _processor(folder)


Own = tuple[NDArray[np.bool_], float]


def _predictor(sam: Any) -> Any:
    from segment_anything import SamPredictor

    predictor = SamPredictor(sam)

    def ask(pixels: Pixels, prompt: Prompt) -> Own:
        predictor.set_image(pixels)
        points = np.array([*prompt.inside, *prompt.outside])
        labels = np.array([1] * len(prompt.inside) + [0] * len(prompt.outside))
        box = None if prompt.box is None else np.array(prompt.box)
        given = (points, labels) if len(points) else (None, None)
        masks, scores, _ = predictor.predict(*given, box, multimask_output=is_ambiguous(prompt))
        return masks[scores.argmax()], float(scores.max())

    return ask


def _processor(folder: Path) -> Any:
    import transformers

    library: Any = transformers
    model = library.AutoModelForMaskGeneration.from_pretrained(folder)
    processor = library.AutoProcessor.from_pretrained(folder)

    def ask(pixels: Pixels, prompt: Prompt) -> Own:
        given: dict[str, Any] = {}
        if prompt.inside:
            given["input_points"] = [[[[float(x), float(y)] for x, y in (*prompt.inside, *prompt.outside)]]]
            given["input_labels"] = [[[1] * len(prompt.inside) + [0] * len(prompt.outside)]]
        if prompt.box:
            given["input_boxes"] = [[list(map(float, prompt.box))]]
        seen = processor(pixels.copy(), return_tensors="pt", input_data_format="channels_last", **given)
        sizes = [seen.pop(key) for key in ("original_sizes", "reshaped_input_sizes") if key in seen]
        asked = {name: tensor if tensor.dtype is torch.int64 else tensor.float() for name, tensor in seen.items()}
        with torch.no_grad():
            found = model(**asked, multimask_output=is_ambiguous(prompt))
        chosen = int(found.iou_scores[0, 0].argmax())
        masks = processor.post_process_masks(found.pred_masks, *sizes)[0][0]
        return masks[chosen].numpy(), float(found.iou_scores[0, 0, chosen])

    return ask


@pytest.mark.parametrize("size_wh", [*sams.SIZES, TWELVE_MEGAPIXELS])
def test_masks_are_those_of_the_library_pixel_by_pixel(pair: tuple[Promptable, Any], size_wh: SizeWh) -> None:
    network, ask = pair
    pixels = sams.blotches(size_wh).pixels()
    embedding = network.embed(pixels)
    prompts = sams.prompts_on(size_wh)
    for prompt in prompts[1:2] if size_wh == TWELVE_MEGAPIXELS else prompts:
        (mine,) = network.decode(embedding, [prompt])
        mask, score = ask(pixels, prompt)
        differing = np.count_nonzero(enlarged(mine.values, embedding) != mask)
        assert differing <= ROUNDING * mask.size
        assert mine.score == pytest.approx(score, abs=1e-4)


def test_the_answers_of_the_random_networks_depend_on_what_is_asked(pair: tuple[Promptable, Any]) -> None:
    network, _ = pair
    embedding = network.embed(sams.blotches((640, 480)).pixels())
    masks = [enlarged(network.decode(embedding, [each])[0].values, embedding) for each in sams.prompts_on((640, 480))]
    assert all(0.01 < mask.mean() < 0.99 for mask in masks)
    assert not np.array_equal(masks[0], masks[1])


def test_prompts_decoded_together_are_decoded_as_alone(pair: tuple[Promptable, Any]) -> None:
    network, _ = pair
    embedding = network.embed(sams.blotches((640, 480)).pixels())
    alike = [Prompt((40.0 * n, 30.0, 40.0 * n + 200, 300.0)) for n in range(5)]
    for together, prompt in zip(network.decode(embedding, alike), alike, strict=True):
        (alone,) = network.decode(embedding, [prompt])
        assert torch.allclose(together.values, alone.values, atol=1e-4)
        assert together.score == pytest.approx(alone.score, abs=1e-5)


@pytest.mark.parametrize("name", ["vit_b", "vit_l", "vit_h"])
def test_the_sizes_of_the_published_models_are_read_off_their_tensors(name: str) -> None:
    from segment_anything import sam_model_registry

    from lavr.tools.models.segmenters.segment_anything import _network

    with torch.device("meta"):
        published = sam_model_registry[name]()
        mine = _network(published.state_dict())
    assert repr(mine) == repr(published)
    blocks = [
        [(block.window_size, block.attn.num_heads) for block in sam.image_encoder.blocks] for sam in (mine, published)
    ]
    assert blocks[0] == blocks[1]


@pytest.mark.parametrize("key", ["model", "state_dict", ""])
def test_a_checkpoint_may_be_wrapped_and_come_from_several_gpus_or_in_half_precision(key: str) -> None:
    sam = sams.original()
    tensors = {f"module.{name}": tensor.half() for name, tensor in sam.state_dict().items()}
    built = build({key: tensors, "epoch": 3} if key else tensors)
    assert built.pixel_mean.flatten().tolist() == pytest.approx(sam.pixel_mean.flatten().tolist())
    for name, tensor in built.state_dict().items():
        assert tensor.dtype is torch.float32
        assert torch.equal(tensor, sam.state_dict()[name].half().float())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda tensors: {"image_encoder.layers.0.x": tensors["mask_decoder.mask_tokens.weight"]}, "it is MobileSAM"),
        (lambda tensors: {"model": {"image_encoder.trunk.x": torch.zeros(1)}}, "a checkpoint of SAM 2, not of SAM"),
        (lambda tensors: {name: each for name, each in tensors.items() if "neck.0" not in name}, "neck.0.weight"),
        (lambda tensors: {**tensors, "mask_decoder.mask_tokens.weight": torch.zeros(2, 7)}, "Error(s) in loading"),
        (lambda tensors: {**tensors, "other": torch.zeros(1)}, "Error(s) in loading"),
        (lambda tensors: [1, 2], "does not hold tensors by name"),
        (lambda tensors: {"a": 1}, "does not hold tensors by name"),
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_of_sam_is_refused_with_the_reason(change: Any, told: str) -> None:
    with pytest.raises(WeightsRefused) as caught:
        build(change(sams.original().state_dict()))
    assert told in caught.value.cause
    assert "SAM 2" in f"{caught.value}"


def test_a_folder_without_a_sam_or_with_some_of_its_tensors_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = sams.folder_of("sam2", tmp_path)
    file = folder / "model.safetensors"
    tensors = load_file(file)
    save_file({name: each for name, each in tensors.items() if "mask_decoder" not in name}, file, {"format": "pt"})
    with pytest.raises(MissingModel, match=r"its files lack \d+ tensors, such as mask_decoder"):
        transformers_sam(str(folder)).load("cpu")
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(MissingModel, match="cannot be loaded"):
        transformers_sam(str(folder)).load("cpu")
    (folder / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(MissingModel, match="cannot be loaded"):
        transformers_sam(str(folder)).load("cpu")


@pytest.mark.parametrize(
    ("weights", "file", "size"),
    [("sam-vit-b", "sam_vit_b_01ec64.pth", "375 MB"), ("sam2.1-tiny", "sam2.1-hiera-tiny", "156 MB")],
)
def test_weights_that_are_not_there_are_named_with_size_and_command(
    weights: str, file: str, size: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("LAVR_OFFLINE", "1"), ("LAVR_MODELS", str(tmp_path)), ("XDG_CACHE_HOME", str(tmp_path))):
        monkeypatch.setenv(name, value)
    with pytest.raises(MissingModel) as caught:
        segmenter(weights).cut(sams.blotches((64, 48)), [Prompt((1, 1, 9, 9))])
    told = str(caught.value)
    assert file in told
    assert size in told
    assert f"lavr models pull {weights}" in told


def test_a_checkpoint_and_a_folder_are_found_by_their_paths(tmp_path: Path) -> None:
    image = sams.blotches((64, 48))
    pool = ModelPool(device="cpu")
    for model in (
        segment_anything(str(sams.file_of(sams.original(), tmp_path))),
        transformers_sam(str(sams.folder_of("sam2", tmp_path))),
    ):
        (cut,) = PromptedSegmenter(model, "a model", pool=pool).cut(image, [Prompt((5, 5, 40, 40))])
        assert cut.mask.size_wh == (64, 48)
        assert cut.score is not None
        assert 0 <= cut.score <= 1
        assert pool.metrics[model.key].bytes > 100_000


def test_a_picture_that_is_all_but_a_line_is_refused() -> None:
    with pytest.raises(ToolFailed, match="too narrow for a model"):
        PromptedSegmenter(segment_anything("x.pth"), "a model").cut(sams.blotches((900, 2)), [Prompt((1, 0, 9, 1))])


def test_the_least_recently_used_embeddings_go_when_the_budget_is_full(tmp_path: Path) -> None:
    network = transformers_sam(str(sams.folder_of("sam2", tmp_path))).load("cpu")
    images = [sams.blotches((64, 64), seed) for seed in range(3)]
    made: list[Pixels] = []

    def embed(pixels: Pixels) -> Any:
        made.append(pixels)
        return network.embed(pixels)

    size = network.embed(images[0].pixels()).bytes
    kept = Embeddings(budget_bytes=2 * size + 10)
    for number in (0, 1, 0, 2, 0, 1):
        kept.of("m", images[number], embed)
    assert [len(made), len(kept), kept.bytes] == [4, 2, 2 * size]
    kept.of("another", images[1], embed)
    assert len(made) == 5
    nothing_fits = Embeddings(budget_bytes=size - 1)
    assert nothing_fits.of("m", images[0], embed).bytes == size
    assert len(nothing_fits) == 0
