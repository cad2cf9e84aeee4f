"""Parts and caches, held against real networks: tiny ones of every family, and published ones without memory."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest
import torch
from transformers import DynamicCache

from lavr.errors import MissingExtra, UsageError
from lavr.planners.anatomy.counting import anatomy_of, part_of, skeleton
from lavr.planners.anatomy.fitting import PRECISIONS
from lavr.planners.anatomy.parts import Part
from lavr.planners.local.cache import cache_argument, tensors_of
from lavr.tests.planners.anatomy.published import PUBLISHED
from lavr.tests.planners.local import tiny
from lavr.tests.planners.local.tiny_parts import T


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_models_have_the_size_that_their_pages_say(name: str) -> None:
    published = PUBLISHED[name]
    config = published.config()
    anatomy = anatomy_of(config, name)
    assert anatomy.total / 1e9 == pytest.approx(published.billions, rel=0.02)
    assert anatomy.total == sum(weights.numel() for weights in skeleton(config).parameters())
    assert anatomy.unknown == ()


@pytest.mark.parametrize(
    ("name", "exactly"),
    [
        ("Qwen/Qwen2.5-VL-7B-Instruct", 8_292_166_656),
        ("Qwen/Qwen3-VL-4B-Instruct", 4_437_815_808),
        ("Qwen/Qwen3-VL-8B-Instruct", 8_767_123_696),
        ("HuggingFaceTB/SmolVLM2-2.2B-Instruct", 2_246_784_880),
        ("google/gemma-3-4b-it", 4_300_079_472),
        ("meta-llama/Llama-3.1-8B-Instruct", 8_030_261_248),
    ],
)
def test_published_models_have_exactly_the_parameters_of_their_weight_files(name: str, exactly: int) -> None:
    assert anatomy_of(PUBLISHED[name].config()).total == exactly


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_the_parts_of_a_real_network_add_up_and_each_has_its_own(family: str) -> None:
    network = tiny.load(family).network
    anatomy = anatomy_of(network.config)
    assert anatomy.total == sum(weights.numel() for weights in network.parameters())
    seeing = {Part.ENCODER, Part.CONNECTOR, Part.LANGUAGE}
    assert set(anatomy.parts) == (seeing if family in tiny.SEEING else {Part.LANGUAGE})
    language = network.get_decoder() if family in tiny.TEXT else network.model.get_decoder()
    held = {id(weights): weights.numel() for weights in language.parameters()}
    head = network.get_output_embeddings().weight
    assert anatomy.count(Part.LANGUAGE) == sum({**held, id(head): head.numel()}.values())


@pytest.mark.parametrize("tokens", [7, 90])
@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_the_cache_is_exactly_as_large_as_the_real_one(family: str, tokens: int) -> None:
    network = tiny.load(family).network
    cache = DynamicCache(config=network.config)
    axes = (3, 1, tokens) if hasattr(network.model, "get_rope_index") else (1, tokens)
    with torch.no_grad():
        network(
            input_ids=torch.full((1, tokens), 9),
            position_ids=torch.arange(tokens).expand(axes),
            use_cache=True,
            **{cache_argument(network): cache},
        )
    held = sum(tensor.nbytes for tensor in tensors_of(cache) if tensor.ndim > 1)
    assert anatomy_of(network.config).cache_bytes(tokens, number_bytes=4) == held


def test_the_cache_of_latent_attention_is_counted_as_it_is_kept() -> None:
    config = T.DeepseekV3Config(
        vocab_size=100,
        hidden_size=64,
        intermediate_size=64,
        moe_intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        n_routed_experts=4,
        num_experts_per_tok=2,
        n_group=1,
        topk_group=1,
        kv_lora_rank=16,
        q_lora_rank=16,
        qk_rope_head_dim=8,
        qk_nope_head_dim=16,
        v_head_dim=16,
        first_k_dense_replace=2,
    )
    network = T.AutoModelForCausalLM.from_config(config).eval()
    cache = DynamicCache(config=config)
    with torch.no_grad():
        network(input_ids=torch.full((1, 11), 9), use_cache=True, **{cache_argument(network): cache})
    held = sum(tensor.nbytes for tensor in tensors_of(cache) if tensor.ndim > 1)
    assert anatomy_of(config).cache_bytes(11, number_bytes=4) == held


def test_half_precision_weights_take_what_a_real_network_takes() -> None:
    network = tiny.load("qwen3_vl", fresh=True).network.to(torch.bfloat16)
    half = next(each for each in PRECISIONS if each.name == "bfloat16")
    held = sum(weights.nbytes for weights in network.parameters())
    assert half.weights_bytes(anatomy_of(network.config)) == held


def test_only_linear_layers_but_the_output_layer_are_quantised() -> None:
    network = tiny.load("llama").network
    linear = [module for module in network.modules() if isinstance(module, torch.nn.Linear)]
    wanted = sum(module.weight.numel() for module in linear if module is not network.get_output_embeddings())
    assert anatomy_of(network.config).parts[Part.LANGUAGE].quantisable == wanted


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("model.visual.blocks.0.attn.qkv.weight", Part.ENCODER),
        ("model.visual.deepstack_merger_list.0.norm.weight", Part.CONNECTOR),
        ("model.language_model.layers.0.mlp.gate_proj.weight", Part.LANGUAGE),
        ("model.language_model.per_layer_model_projection.weight", Part.LANGUAGE),
        ("model.vision_tower.vision_model.embeddings.patch_embedding.weight", Part.ENCODER),
        ("vision_model.embeddings.patch_projection.weight", Part.ENCODER),
        ("model.connector.perceiver_resampler.layers.0.mlp.weight", Part.CONNECTOR),
        ("qformer.encoder.layer.0.crossattention.weight", Part.CONNECTOR),
        ("query_tokens", Part.CONNECTOR),
        ("language_projection.weight", Part.CONNECTOR),
        ("model.image_newline", Part.CONNECTOR),
        ("model.audio_tower.layers.0.fc1.weight", Part.AUDIO),
        ("model.vqmodel.decoder.conv.weight", Part.OTHER),
        ("lm_head.weight", Part.LANGUAGE),
    ],
)
def test_modules_are_sorted_by_their_names(name: str, part: Part) -> None:
    assert part_of(name) is part


def test_a_q_former_is_a_connector() -> None:
    config = T.Blip2Config(
        vision_config={"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2},
        qformer_config={"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2},
        text_config=T.OPTConfig(hidden_size=32, ffn_dim=64, num_hidden_layers=2, num_attention_heads=2),
    )
    network: Any = skeleton(config)
    qformer = sum(weights.numel() for weights in network.qformer.parameters())
    queries = network.query_tokens.numel() + sum(each.numel() for each in network.language_projection.parameters())
    assert anatomy_of(config).count(Part.CONNECTOR) == qformer + queries


def test_a_configuration_that_contradicts_itself_is_refused() -> None:
    config = T.LlamaConfig(hidden_size=64, num_attention_heads=4, vocab_size=100)
    config.hidden_size = -1
    with pytest.raises(UsageError, match="llama"):
        anatomy_of(config)


def test_a_family_that_needs_another_package_names_it() -> None:
    if find_spec("timm"):
        pytest.skip("timm is installed")
    with pytest.raises(MissingExtra) as caught:
        anatomy_of(T.FastVlmConfig())
    assert caught.value.remedy == "pip install timm"
