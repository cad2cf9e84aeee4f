"""Small networks of the real architectures of Segment Anything, with random weights, and files of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from lavr.tools.models.segmenters.prompts import Prompt
from lavr.tools.models.segmenters.segment_anything import DEVIATION, MEAN
from lavr.vision.frame import SizeWh
from lavr.vision.image import Image

SIDE, WIDTH = 256, 32
"""What their encoders see, in pixels, and how wide their embeddings are."""

SIZES = ((640, 480), (300, 700), (64, 64), (33, 20), (5, 3), (3, 50), (1, 1))
"""Pictures: wide, tall, square, small, with 3 rows or columns (which look like channels), and of one pixel."""


def seeded(make: Callable[[], Any], seed: int = 0) -> Any:
    """What `make` makes, its random weights the same at every call."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return make()


def original(side: int = SIDE, *, width: int = WIDTH, dim: int = 64, depth: int = 2, heads: int = 2) -> Any:
    """A SAM of the package segment-anything."""
    return seeded(lambda: _original(side, width, dim, depth, heads))


def _original(side: int, width: int, dim: int, depth: int, heads: int) -> Any:
    from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    grid = side // 16
    encoder = ImageEncoderViT(
        img_size=side,
        patch_size=16,
        embed_dim=dim,
        depth=depth,
        num_heads=heads,
        out_chans=width,
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        use_rel_pos=True,
        window_size=7,
        global_attn_indexes=tuple(range(depth - 1, 0, -3)),
    )
    decoder = MaskDecoder(
        transformer_dim=width,
        transformer=TwoWayTransformer(depth=2, embedding_dim=width, num_heads=8, mlp_dim=8 * width),
        iou_head_hidden_dim=width,
    )
    prompts = PromptEncoder(width, (grid, grid), (side, side), 16)
    return Sam(encoder, prompts, decoder, MEAN, DEVIATION).eval()


def file_of(sam: Any, folder: Path) -> Path:
    """A checkpoint, as the package saves it."""
    path = folder / "sam_small.pth"
    torch.save(sam.state_dict(), path)
    return path


def folder_of(kind: str, folder: Path) -> Path:
    """A model folder of transformers: "sam", "sam_hq" or "sam2"."""
    make = {"sam": _sam, "sam_hq": _sam_hq, "sam2": _sam2}[kind]
    model, processor = seeded(make)
    model.save_pretrained(folder / kind)
    processor.save_pretrained(folder / kind)
    return folder / kind


_PROMPTS = {"hidden_size": WIDTH, "image_size": SIDE, "patch_size": 16, "mask_input_channels": 16}
_DECODER = {"hidden_size": WIDTH, "mlp_dim": 64, "num_hidden_layers": 2, "iou_head_hidden_dim": 32}
_ENCODER = {
    "hidden_size": 64,
    "output_channels": WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": SIDE,
    "window_size": 7,
    "global_attn_indexes": [1],
    "num_pos_feats": WIDTH // 2,
    "mlp_dim": 128,
}


def _sam() -> tuple[Any, Any]:
    from transformers import SamConfig, SamModel

    config = SamConfig(vision_config=_ENCODER, prompt_encoder_config=_PROMPTS, mask_decoder_config=_DECODER)
    return SamModel(config), _padding_processor()


def _sam_hq() -> tuple[Any, Any]:
    from transformers import SamHQConfig, SamHQModel

    decoder = {**_DECODER, "vit_dim": 64}
    config = SamHQConfig(vision_config=_ENCODER, prompt_encoder_config=_PROMPTS, mask_decoder_config=decoder)
    return SamHQModel(config), _padding_processor()


def _padding_processor() -> Any:
    import transformers

    library: Any = transformers
    images = library.SamImageProcessor(size={"longest_edge": SIDE}, pad_size={"height": SIDE, "width": SIDE})
    return library.SamProcessor(images)


def _sam2() -> tuple[Any, Any]:
    from transformers import Sam2Config, Sam2ImageProcessor, Sam2Model, Sam2Processor

    backbone = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": 16,
        "image_size": [SIDE, SIDE],
        "blocks_per_stage": [1, 1, 2, 1],
        "embed_dim_per_stage": [16, 32, 64, 128],
        "num_attention_heads_per_stage": [1, 2, 4, 8],
        "window_size_per_stage": [8, 4, 4, 4],
        "global_attention_blocks": [3],
        "window_positional_embedding_background_size": [7, 7],
    }
    encoder = {
        "backbone_config": backbone,
        "backbone_channel_list": [128, 64, 32, 16],
        "backbone_feature_sizes": [[SIDE // 4] * 2, [SIDE // 8] * 2, [SIDE // 16] * 2],
        "fpn_hidden_size": WIDTH,
    }
    config = Sam2Config(vision_config=encoder, prompt_encoder_config=_PROMPTS, mask_decoder_config=_DECODER)
    return Sam2Model(config), Sam2Processor(Sam2ImageProcessor(size={"height": SIDE, "width": SIDE}))


def blotches(size_wh: SizeWh, seed: int = 0) -> Image:
    """A picture of soft coloured blotches."""
    coarse = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), dtype=np.uint8)
    return Image.of(np.ascontiguousarray(cv2.resize(coarse, size_wh, interpolation=cv2.INTER_CUBIC), dtype=np.uint8))


def prompts_on(size_wh: SizeWh) -> list[Prompt]:
    """A point, a box, a box with points on and beside the thing."""
    width, height = size_wh
    box = (0.2 * width, 0.3 * height, 0.8 * width, 0.9 * height)
    on, off = (0.4 * width, 0.6 * height), (0.5, 0.5)
    return [Prompt(None, (on,)), Prompt(box), Prompt(box, (on,), (off,))]
