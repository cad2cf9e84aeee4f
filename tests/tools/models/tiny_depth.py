"""Tiny depth models of real families with random weights, in folders that transformers loads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers

T: Any = transformers

_ENCODER = {"hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 2, "intermediate_size": 64}
_NECK = {"neck_hidden_sizes": [8, 16, 16, 16], "fusion_hidden_size": 16}
_STAGES = ["stage1", "stage2", "stage3", "stage4"]


def _dinov2() -> Any:
    shape = {**_ENCODER, "image_size": 112, "patch_size": 14}
    return T.Dinov2Config(**shape, out_features=_STAGES, reshape_hidden_states=False)


def depth_anything(**changed: Any) -> tuple[Any, Any]:
    config = T.DepthAnythingConfig(
        backbone_config=_dinov2(), reassemble_hidden_size=32, patch_size=14, head_hidden_size=8, **_NECK, **changed
    )
    size = {"height": 112, "width": 112}
    return config, T.DPTImageProcessor(size=size, ensure_multiple_of=14, keep_aspect_ratio=True)


def depth_anything_metric() -> tuple[Any, Any]:
    return depth_anything(depth_estimation_type="metric", max_depth=20)


def dpt() -> tuple[Any, Any]:
    config = T.DPTConfig(**_ENCODER, image_size=96, patch_size=16, backbone_out_indices=[0, 1, 2, 3], **_NECK)
    return config, T.DPTImageProcessor(size={"height": 96, "width": 96})


def zoedepth() -> tuple[Any, Any]:
    backbone = T.BeitConfig(
        **_ENCODER,
        image_size=96,
        patch_size=16,
        out_features=_STAGES,
        reshape_hidden_states=False,
        use_relative_position_bias=True,
    )
    config = T.ZoeDepthConfig(
        backbone_config=backbone, bottleneck_features=16, num_relative_features=8, bin_embedding_dim=16, **_NECK
    )
    return config, T.ZoeDepthImageProcessor(size={"height": 96, "width": 128}, ensure_multiple_of=32)


def glpn() -> tuple[Any, Any]:
    config = T.GLPNConfig(
        depths=[1, 1, 1, 1], hidden_sizes=[8, 16, 16, 16], num_attention_heads=[1, 1, 2, 2], decoder_hidden_size=8
    )
    return config, T.GLPNImageProcessor(size_divisor=32)


def depth_pro() -> tuple[Any, Any]:
    encoder = {"model_type": "dinov2", **_ENCODER, "image_size": 64, "patch_size": 16}
    config = T.DepthProConfig(
        patch_size=64,
        image_model_config=encoder,
        patch_model_config=encoder,
        fov_model_config=encoder,
        use_fov_model=True,
        fusion_hidden_size=16,
        intermediate_hook_ids=[3, 1],
        intermediate_feature_dims=[8, 8],
        scaled_images_feature_dims=[16, 16, 8],
    )
    return config, T.DepthProImageProcessor(size={"height": 256, "width": 256})


def prompt_depth_anything() -> tuple[Any, Any]:
    config = T.PromptDepthAnythingConfig(
        backbone_config=_dinov2(), reassemble_hidden_size=32, patch_size=14, head_hidden_size=8, **_NECK
    )
    size = {"height": 112, "width": 112}
    return config, T.PromptDepthAnythingImageProcessor(size=size, ensure_multiple_of=14, keep_aspect_ratio=True)


FAMILIES: dict[str, Callable[[], tuple[Any, Any]]] = {
    made.__name__: made for made in (depth_anything, depth_anything_metric, dpt, zoedepth, glpn, depth_pro)
}


def save(make: Callable[[], tuple[Any, Any]], folder: Path) -> str:
    """Write a model with random weights, which differs from place to place, and its processor."""
    config, processor = make()
    network = T.AutoModelForDepthEstimation.from_config(config)
    torch.manual_seed(0)
    for weights in network.parameters():
        if weights.ndim >= 2:  # as they are made, what comes out is next to nothing
            torch.nn.init.normal_(weights, std=weights[0].numel() ** -0.5)
    network.save_pretrained(folder)
    processor.save_pretrained(folder)
    return str(folder)
