"""Models of the shape of Qwen3-VL with random weights, and spans of random pictures and words for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import transformers

from lavr.planners.local.loaded import LoadedModel
from lavr.planners.local.spans import Piece, Span

TRANSFORMERS: Any = transformers
START, END, PAD, FIRST_WORD = 1, 2, 3, 10
GRID = (1, 40, 60)
MERGED, PATCH = 2, 16
PICTURE_TOKENS = GRID[1] * GRID[2] // MERGED**2


@dataclass(frozen=True)
class Shape:
    """Sizes of a text model and a vision encoder: layers, width, inner width, heads, key-value heads, vocabulary."""

    text: tuple[int, int, int, int, int, int]
    vision: tuple[int, int, int, int]


SHAPES = {
    "tiny": Shape((4, 128, 256, 4, 2, 1000), (2, 64, 128, 2)),
    "small": Shape((10, 640, 1920, 10, 2, 16000), (6, 384, 1152, 6)),
    "medium": Shape((16, 1024, 3584, 16, 8, 32000), (12, 640, 2560, 10)),
    "7b": Shape((36, 4096, 12288, 32, 8, 151936), (27, 1152, 4304, 16)),
}


def made(shape: Shape, device: str, dtype: torch.dtype) -> LoadedModel:
    """A model of a shape, with random weights."""
    layers, width, inner, heads, shared, words = shape.text
    depth, seen_width, seen_inner, seen_heads = shape.vision
    rope = {"rope_type": "default", "rope_theta": 5e6, "mrope_interleaved": True}
    half = width // heads // 2
    sections = [half - 2 * (half // 3), half // 3, half // 3]
    config = TRANSFORMERS.Qwen3VLConfig(
        text_config={
            "vocab_size": words,
            "hidden_size": width,
            "intermediate_size": inner,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "num_key_value_heads": shared,
            "head_dim": width // heads,
            "max_position_embeddings": 32768,
            "rope_parameters": {**rope, "mrope_section": sections},
            "eos_token_id": None,
            "bos_token_id": None,
            "pad_token_id": 0,
        },
        vision_config={
            "depth": depth,
            "hidden_size": seen_width,
            "intermediate_size": seen_inner,
            "num_heads": seen_heads,
            "out_hidden_size": width,
            "patch_size": PATCH,
            "spatial_merge_size": MERGED,
            "temporal_patch_size": 2,
            "deepstack_visual_indexes": [depth // 3, 2 * depth // 3],
            "num_position_embeddings": 2304,
        },
        image_token_id=PAD,
        video_token_id=4,
        vision_start_token_id=START,
        vision_end_token_id=END,
        tie_word_embeddings=True,
    )
    torch.manual_seed(0)
    torch.set_default_dtype(dtype)
    with torch.device(device):
        network = TRANSFORMERS.Qwen3VLForConditionalGeneration(config).eval()
    torch.set_default_dtype(torch.float32)
    return LoadedModel("shaped", network, tokenizer=None, device=device)


def words(count: int, seed: int) -> list[int]:
    """Token ids of made-up text."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(FIRST_WORD, 900, (count,), generator=generator).tolist()


def shown(seed: int, count: int) -> Span:
    """A picture of 600 visual tokens, and text below it."""
    ids = torch.tensor([[START, *[PAD] * PICTURE_TOKENS, END, *words(count, seed)]])
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randn(GRID[1] * GRID[2], 3 * 2 * PATCH * PATCH, generator=generator)
    pictures = {"pixel_values": pixels, "image_grid_thw": torch.tensor([GRID])}
    piece = Piece(ids, {"mm_token_type_ids": (ids == PAD).long()}, pictures, 1, str(seed).encode())
    return Span((piece,))
