"""The remaining families: sliding windows, pictures seen both ways, tiles, convolutions."""

from __future__ import annotations

from typing import Any

from lavr.tests.planners.local.tiny_parts import ENCODER, Recipe, T, part, recipe, text_shape, token_id

SLIDING = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]


def gemma3(window: int = 24) -> Recipe:
    text = text_shape(head_dim=16, sliding_window=window, layer_types=SLIDING, query_pre_attn_scalar=16)
    config = T.Gemma3Config(
        text_config=T.Gemma3TextConfig(**text),
        vision_config=T.SiglipVisionConfig(**ENCODER, image_size=56, patch_size=7, vision_use_head=False),
        mm_tokens_per_image=16,
        boi_token_index=token_id("<start_of_image>"),
        eoi_token_index=token_id("<end_of_image>"),
        image_token_index=token_id("<image_soft_token>"),
    )
    roles = {
        "boi_token": "<start_of_image>",
        "eoi_token": "<end_of_image>",
        "image_token": "<image_soft_token>",
    }
    pictures = T.Gemma3ImageProcessor(size={"height": 56, "width": 56})
    make = T.Gemma3Processor
    return recipe(config, make, "<start_of_image>", roles, image_processor=pictures, image_seq_length=16)


def gemma4(window: int = 24) -> Recipe:
    text = text_shape(
        head_dim=16,
        sliding_window=window,
        num_hidden_layers=6,
        layer_types=[*SLIDING, "sliding_attention", "full_attention"],
        hidden_size_per_layer_input=8,
        vocab_size_per_layer_input=text_shape()["vocab_size"],
        num_kv_shared_layers=2,
        global_head_dim=32,
        use_bidirectional_attention="vision",
    )
    vision = {"num_key_value_heads": 2, "head_dim": 16, "patch_size": 8, "pooling_kernel_size": 2}
    roles = {
        "boi_token": "<|image>",
        "eoi_token": "<image|>",
        "image_token": "<|image|>",
        "audio_token": "<|audio|>",
        "boa_token": "<|audio>",
        "eoa_token": "<audio|>",
    }
    config = T.Gemma4Config(
        text_config=T.Gemma4TextConfig(**text),
        vision_config=T.Gemma4VisionConfig(**ENCODER, **vision, position_embedding_size=256),
        audio_config=None,
        video_token_id=token_id("<|video|>"),
        eoa_token_index=token_id("<audio|>"),
        **{
            f"{name}_id": token_id(roles[name])
            for name in ("boi_token", "eoi_token", "image_token", "audio_token", "boa_token")
        },
    )
    return recipe(config, T.Gemma4Processor, "<|image|>", roles, **_gemma4_parts())


def _gemma4_parts() -> dict[str, Any]:
    patches = {"patch_size": 8, "pooling_kernel_size": 2}
    return {
        "feature_extractor": part("gemma4.feature_extraction_gemma4", "Gemma4AudioFeatureExtractor")(),
        "image_processor": T.Gemma4ImageProcessor(**patches, max_soft_tokens=70),
        "video_processor": part("gemma4.video_processing_gemma4", "Gemma4VideoProcessor")(**patches),
        "image_seq_length": 70,
    }


def internvl() -> Recipe:
    config = T.InternVLConfig(
        text_config=T.Qwen2Config(**text_shape()),
        vision_config={**ENCODER, "image_size": [56, 56], "patch_size": [14, 14]},
        image_token_id=token_id("<IMG_CONTEXT>"),
        image_seq_length=4,
        downsample_ratio=0.5,
    )
    roles = {
        "start_image_token": "<img>",
        "end_image_token": "</img>",
        "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }
    size = {"height": 56, "width": 56}
    return recipe(
        config,
        T.InternVLProcessor,
        "<IMG_CONTEXT>",
        roles,
        image_processor=T.GotOcr2ImageProcessor(size=size, crop_to_patches=True, max_patches=4),
        video_processor=part("internvl.video_processing_internvl", "InternVLVideoProcessor")(size=size),
        image_seq_length=4,
    )


def mistral3() -> Recipe:
    config = T.Mistral3Config(
        text_config=T.MistralConfig(**text_shape(head_dim=16)),
        vision_config=T.PixtralVisionConfig(**ENCODER, image_size=112, patch_size=14),
        image_token_index=token_id("[IMG]"),
        spatial_merge_size=2,
        vision_feature_layer=-1,
    )
    pictures = T.PixtralImageProcessor(size={"longest_edge": 112}, patch_size={"height": 14, "width": 14})
    tokens = {"image_token": "[IMG]", "image_break_token": "[IMG_BREAK]", "image_end_token": "[IMG_END]"}
    return recipe(
        config,
        T.PixtralProcessor,
        "[IMG]",
        {},
        image_processor=pictures,
        patch_size=14,
        spatial_merge_size=2,
        **tokens,
    )


def lfm2_vl() -> Recipe:
    config = T.Lfm2VlConfig(
        text_config=T.Lfm2Config(**text_shape(layer_types=["conv", "conv", "full_attention", "conv"], conv_L_cache=3)),
        vision_config=T.Siglip2VisionConfig(**ENCODER, num_patches=64, patch_size=16, vision_use_head=False),
        image_token_id=token_id("<image>"),
        projector_hidden_size=64,
        downsample_factor=2,
    )
    pictures = part("lfm2_vl.image_processing_lfm2_vl", "Lfm2VlImageProcessor")(
        tile_size=128,
        min_image_tokens=4,
        max_image_tokens=16,
        max_num_patches=64,
        encoder_patch_size=16,
        downsample_factor=2,
        do_image_splitting=False,
    )
    return recipe(config, T.Lfm2VlProcessor, "<image>", {}, image_processor=pictures)
