"""Configurations and processors of the families, a few thousand weights each."""

from __future__ import annotations

from typing import Any

from lavr.tests.planners.local.tiny_parts import (
    ENCODER,
    PADDED,
    PINPOINTS,
    QWEN,
    TOWER,
    Recipe,
    T,
    part,
    qwen_ids,
    recipe,
    rope,
    text_shape,
    token_id,
)
from lavr.tests.planners.local.tiny_words import tokenizer


def llama() -> Recipe:
    return Recipe(T.LlamaConfig(**text_shape()), None, tokenizer())


def qwen2() -> Recipe:
    return Recipe(T.Qwen2Config(**text_shape(vocab_size=PADDED)), None, tokenizer())


def gemma2() -> Recipe:
    return Recipe(
        T.Gemma2Config(**text_shape(head_dim=16, sliding_window=24, query_pre_attn_scalar=16)), None, tokenizer()
    )


def qwen2_5_vl() -> Recipe:
    vision = {**TOWER, "patch_size": 14, "window_size": 112, "fullatt_block_indexes": [1], "in_chans": 3}
    config = T.Qwen2_5_VLConfig(
        text_config=text_shape(rope_parameters=rope([2, 3, 3])), vision_config=vision, **qwen_ids()
    )
    images = part("qwen2_vl.image_processing_qwen2_vl", "Qwen2VLImageProcessor")
    videos = part("qwen2_vl.video_processing_qwen2_vl", "Qwen2VLVideoProcessor")
    pictures = images(min_pixels=56 * 56, max_pixels=280 * 280)
    return recipe(config, T.Qwen2_5_VLProcessor, QWEN, {}, image_processor=pictures, video_processor=videos())


def _qwen3(config: Any) -> Recipe:
    images = part("qwen2_vl.image_processing_qwen2_vl", "Qwen2VLImageProcessor")
    videos = part("qwen3_vl.video_processing_qwen3_vl", "Qwen3VLVideoProcessor")
    pictures = images(patch_size=16, min_pixels=64 * 64, max_pixels=320 * 320)
    return recipe(config, T.Qwen3VLProcessor, QWEN, {}, image_processor=pictures, video_processor=videos())


def qwen3_vl() -> Recipe:
    text = text_shape(head_dim=16, vocab_size=PADDED, rope_parameters=rope([2, 3, 3], mrope_interleaved=True))
    vision = {**TOWER, "depth": 3, "patch_size": 16, "deepstack_visual_indexes": [0, 1], "num_position_embeddings": 256}
    return _qwen3(T.Qwen3VLConfig(text_config=text, vision_config=vision, **qwen_ids()))


def qwen3_5() -> Recipe:
    text = text_shape(
        head_dim=32,
        layer_types=["linear_attention", "linear_attention", "linear_attention", "full_attention"],
        linear_num_key_heads=2,
        linear_num_value_heads=4,
        linear_key_head_dim=16,
        linear_value_head_dim=16,
        rope_parameters=rope([1, 1, 2], mrope_interleaved=True, partial_rotary_factor=0.25),
    )
    vision = {**TOWER, "patch_size": 16, "num_position_embeddings": 256}
    return _qwen3(T.Qwen3_5Config(text_config=text, vision_config=vision, **qwen_ids()))


def glm4v() -> Recipe:
    config = T.Glm4vConfig(
        text_config=text_shape(rope_parameters=rope([2, 3, 3], 1e4, partial_rotary_factor=1.0)),
        vision_config={**TOWER, "patch_size": 14, "image_size": 56},
        image_token_id=token_id("<|image|>"),
        video_token_id=token_id("<|video|>"),
        image_start_token_id=token_id("<|image_start|>"),
        image_end_token_id=token_id("<|image_end|>"),
        video_start_token_id=token_id("<img>"),
        video_end_token_id=token_id("</img>"),
    )
    images = part("glm4v.image_processing_glm4v", "Glm4vImageProcessor")
    videos = part("glm4v.video_processing_glm4v", "Glm4vVideoProcessor")
    pictures = images(size={"shortest_edge": 56 * 56 * 2, "longest_edge": 200 * 200 * 2})
    placeholder = "<|image_start|><|image|><|image_end|>"
    return recipe(config, T.Glm4vProcessor, placeholder, {}, image_processor=pictures, video_processor=videos())


def llava_next() -> Recipe:
    config = T.LlavaNextConfig(
        text_config=T.LlamaConfig(**text_shape()),
        vision_config=T.CLIPVisionConfig(**ENCODER, image_size=56, patch_size=14),
        image_token_index=token_id("<image>"),
        image_grid_pinpoints=PINPOINTS,
        vision_feature_layer=-1,
        image_seq_length=16,
    )
    pictures = T.LlavaNextImageProcessor(
        size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56}, image_grid_pinpoints=PINPOINTS
    )
    return recipe(
        config,
        T.LlavaNextProcessor,
        "<image>",
        {},
        image_processor=pictures,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
    )


def llava_onevision() -> Recipe:
    pinpoints = [[56, 56], *PINPOINTS]
    config = T.LlavaOnevisionConfig(
        text_config=T.Qwen2Config(**text_shape()),
        vision_config=T.SiglipVisionConfig(**ENCODER, image_size=56, patch_size=14, vision_use_head=False),
        image_token_index=token_id("<image>"),
        video_token_index=token_id("<video>"),
        image_grid_pinpoints=pinpoints,
        vision_feature_layer=-1,
    )
    size = {"height": 56, "width": 56}
    videos = part("llava_onevision.video_processing_llava_onevision", "LlavaOnevisionVideoProcessor")
    return recipe(
        config,
        T.LlavaOnevisionProcessor,
        "<image>",
        {},
        image_processor=T.LlavaOnevisionImageProcessor(size=size, image_grid_pinpoints=pinpoints),
        video_processor=videos(size=size),
        num_image_tokens=16,
        vision_feature_select_strategy="full",
    )


def _idefics(name: str, **parts: Any) -> Recipe:
    longest = {"longest_edge": 64}
    config = getattr(T, f"{name}Config")(
        text_config=T.LlamaConfig(**text_shape()),
        vision_config={**ENCODER, "image_size": 64, "patch_size": 8, "max_image_size": longest},
        image_token_id=token_id("<image>"),
        scale_factor=2,
    )
    pictures = getattr(T, f"{name}ImageProcessor")(size={"longest_edge": 128}, max_image_size=longest)
    make = getattr(T, f"{name}Processor")
    return recipe(config, make, "<image>", {}, image_processor=pictures, image_seq_len=16, **parts)


def idefics3() -> Recipe:
    return _idefics("Idefics3")


def smolvlm() -> Recipe:
    videos = part("smolvlm.video_processing_smolvlm", "SmolVLMVideoProcessor")
    longest = {"longest_edge": 64}
    return _idefics("SmolVLM", video_processor=videos(size=longest, max_image_size=longest))
