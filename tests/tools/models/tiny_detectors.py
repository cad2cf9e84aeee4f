"""Detectors of the real architectures with random weights, thin enough for a test, in folders of transformers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

SIDE = 96
"""Pixels. How large the detectors see a picture."""

NAMES = {0: "person", 1: "bicycle", 2: "dog"}


def _untyped(name: str) -> Any:
    """A class of transformers whose arguments it leaves untyped."""
    import transformers

    return getattr(transformers, name)


def rt_detr(folder: Path) -> None:
    """RT-DETR v2 on a ResNet of five thin stages."""
    from transformers import RTDetrImageProcessor, RTDetrV2Config, RTDetrV2ForObjectDetection

    backbone = _untyped("RTDetrResNetConfig")(
        embedding_size=8,
        hidden_sizes=[8, 12, 16, 24],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )
    config = RTDetrV2Config(backbone_config=backbone, encoder_in_channels=[12, 16, 24], **_THIN)
    _saved(RTDetrV2ForObjectDetection, config, folder)
    RTDetrImageProcessor(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)


def d_fine(folder: Path) -> None:
    """D-FINE on an HGNet of thin stages."""
    from transformers import DFineConfig, DFineForObjectDetection, RTDetrImageProcessor

    backbone = _untyped("HGNetV2Config")(
        embedding_size=8,
        stem_channels=[3, 8, 8],
        hidden_sizes=[12, 16, 20, 24],
        depths=[1, 1, 1, 1],
        stage_in_channels=[8, 12, 16, 20],
        stage_mid_channels=[8, 8, 8, 8],
        stage_out_channels=[12, 16, 20, 24],
        stage_num_blocks=[1, 1, 1, 1],
        stage_numb_of_layers=[1, 1, 1, 1],
        out_features=["stage2", "stage3", "stage4"],
    )
    config = DFineConfig(backbone_config=backbone, encoder_in_channels=[16, 20, 24], **_THIN)
    _saved(DFineForObjectDetection, config, folder)
    RTDetrImageProcessor(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)


def grounding_dino(folder: Path) -> None:
    """Grounding DINO on a Swin of thin stages, with a BERT of some words."""
    from transformers import (
        BertTokenizer,
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
    )

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?", "dog", "red", "car", "person", "bicycle"]
    backbone = _untyped("SwinConfig")(
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 2, 2],
        window_size=4,
        out_features=["stage2", "stage3", "stage4"],
    )
    config = GroundingDinoConfig(
        backbone_config=backbone,
        text_config={
            "model_type": "bert",
            "vocab_size": len(words),
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 16,
            "max_position_embeddings": 64,
        },
        d_model=32,
        num_queries=20,
        encoder_layers=1,
        encoder_ffn_dim=32,
        encoder_attention_heads=2,
        decoder_layers=2,
        decoder_ffn_dim=32,
        decoder_attention_heads=2,
        max_text_len=64,
    )
    _saved(GroundingDinoForObjectDetection, config, folder)
    size = {"shortest_edge": SIDE, "longest_edge": 2 * SIDE}
    tokenizer = BertTokenizer({word: number for number, word in enumerate(words)})
    _untyped("GroundingDinoProcessor")(GroundingDinoImageProcessor(size=size), tokenizer).save_pretrained(folder)


def owlv2(folder: Path) -> None:
    """OWLv2 on two thin transformers, with a tokenizer that spells."""
    from transformers import CLIPTokenizer, Owlv2Config, Owlv2ForObjectDetection, Owlv2ImageProcessor

    letters = [*"abcdefghijklmnopqrstuvwxyz", *(f"{letter}</w>" for letter in "abcdefghijklmnopqrstuvwxyz")]
    # The end of a text has the highest number, as the model looks for it there; 0 in front would stand for no text.
    vocabulary = {text: number for number, text in enumerate([*letters, "<|startoftext|>", "<|endoftext|>"])}
    begin, end = len(letters), len(letters) + 1
    thin = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    ends = {"bos_token_id": begin, "eos_token_id": end, "pad_token_id": end}
    config = Owlv2Config(
        text_config={**thin, **ends, "vocab_size": len(vocabulary), "max_position_embeddings": 32},
        vision_config={**thin, "image_size": SIDE, "patch_size": 16},
        projection_dim=16,
    )
    _saved(Owlv2ForObjectDetection, config, folder, lambda network: network.box_head.dense2.weight.data.mul_(0.05))
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=32)
    processor = Owlv2ImageProcessor(size={"height": SIDE, "width": SIDE})
    _untyped("Owlv2Processor")(processor, tokenizer).save_pretrained(folder)


MAKERS: Mapping[str, Callable[[Path], None]] = {
    "rt-detr": rt_detr,
    "d-fine": d_fine,
    "grounding-dino": grounding_dino,
    "owlv2": owlv2,
}

_THIN: Mapping[str, Any] = {
    "id2label": NAMES,
    "label2id": {name: number for number, name in NAMES.items()},
    "encoder_hidden_dim": 32,
    "encoder_ffn_dim": 32,
    "encoder_attention_heads": 2,
    "feat_strides": [8, 16, 32],
    "d_model": 32,
    "decoder_in_channels": [32, 32, 32],
    "decoder_ffn_dim": 32,
    "decoder_attention_heads": 2,
    "decoder_layers": 2,
    "num_queries": 20,
    "num_denoising": 0,
}


def _saved(network: Any, config: Any, folder: Path, mend: Callable[[Any], object] = bool) -> None:
    """Make a network of random weights and save it; `mend` keeps its boxes from lying all on the edge."""
    torch.manual_seed(0)
    made = network(config).eval()
    mend(made)
    made.save_pretrained(folder)
