"""A tiny Florence-2 with random weights, in a folder that transformers loads."""

from __future__ import annotations

from pathlib import Path

import torch

from lavr.tests.planners.local.tiny_parts import T
from lavr.tests.planners.local.tiny_words import tokenizer

SIDE = 64
"""Pixels: its pictures are squares of this, where the real ones have 768."""

PLACES = [f"<loc_{number}>" for number in range(1000)]


def save(folder: Path) -> str:
    """Write the network and its processor."""
    words = tokenizer("<image>", image_token="<image>")
    words.add_special_tokens(
        {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "additional_special_tokens": PLACES}
    )
    images = T.CLIPImageProcessor(
        size={"height": SIDE, "width": SIDE}, crop_size={"height": SIDE, "width": SIDE}, do_center_crop=False
    )
    images.image_seq_length = (SIDE // 32) ** 2 + 1
    processor = T.Florence2Processor(images, words, post_processor_config={"pure_text": {}})
    network = T.Florence2ForConditionalGeneration(_config(words))
    torch.manual_seed(0)
    for weights in network.parameters():
        if weights.ndim >= 2:
            torch.nn.init.normal_(weights, std=0.3)
    network.save_pretrained(folder)
    processor.save_pretrained(folder)
    return str(folder)


def _config(words: T) -> T:
    ends = {"pad_token_id": words.pad_token_id, "bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id}
    layers = {f"{side}_{what}": 2 for side in ("encoder", "decoder") for what in ("layers", "attention_heads")}
    text = T.BartConfig(
        vocab_size=len(words),
        d_model=32,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_position_embeddings=256,
        decoder_start_token_id=words.eos_token_id,
        forced_eos_token_id=words.eos_token_id,
        **layers,
        **ends,
    )
    vision = T.Florence2VisionConfig(
        depths=(1, 1, 1, 1),
        embed_dim=(8, 16, 16, 32),
        num_heads=(1, 2, 2, 2),
        num_groups=(1, 2, 2, 2),
        window_size=4,
        projection_dim=32,
    )
    return T.Florence2Config(text_config=text, vision_config=vision, image_token_id=words.image_token_id, **ends)
