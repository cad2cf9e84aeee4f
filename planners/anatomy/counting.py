"""Counting parameters exactly: the network is built without memory (torch's meta device) and its modules are sorted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...errors import MissingExtra, UsageError
from ...extras import need
from .parts import Anatomy, Part, Weights, Widths
from .remembering import layer_memories

_CONNECTOR = re.compile(
    r"merger|projector|projection$|resampler|connector|aligner|q_?former|query_tokens|newline|adapter|embed_vision$"
    r"|vision_embed_tokens|vision_proj|mm_proj|high_res_vision_(proj|neck|alpha)|gated_cross_attn_layers|perceiver"
)
_INSIDE_ENCODER = re.compile(r"merger|projector|resampler|connector|adapter|^downsample$|perceiver")
_ENCODER = re.compile(r"^visual|vision|^image_(encoder|tower|model)")
_DRAWS = re.compile(r"^(vqmodel|generation_\w+)$")
_AUDIO = re.compile(r"audio|speech")
_LANGUAGE = re.compile(
    r"^(language_model|text_model|text_decoder|decoder|lm_head|layers|h|embed_tokens\w*|wte|norm|final_layernorm|ln_f"
    r"|embedding_norm|transformer|gpt_neox|output|rotary_emb\w*)$"
)


def anatomy_of(config: Any, name: str = "") -> Anatomy:
    """Take a `transformers` configuration apart.

    Raises:
        MissingExtra: without the extra `local`, or when the family needs a package that is not installed.
        UsageError: for a configuration that no network can be built from.
    """
    network = skeleton(config)
    decoder = config.get_text_config(decoder=True)
    vision = getattr(config, "vision_config", None)
    parts, unknown = _sorted(network)
    head = network.get_output_embeddings()
    return Anatomy(
        name=name or str(getattr(config, "name_or_path", "")) or config.model_type,
        family=config.model_type,
        parts=parts,
        layers=layer_memories(decoder),
        decoder=_widths(decoder),
        encoder=_widths(vision) if vision is not None else Widths(),
        vocabulary=int(head.weight.shape[0]) if head is not None else int(getattr(decoder, "vocab_size", 0)),
        context=int(getattr(decoder, "max_position_embeddings", 0) or 0),
        counted=f"every parameter of {type(network).__name__}, built without memory",
        unknown=unknown,
    )


def skeleton(config: Any) -> Any:
    """The network of a configuration, with shapes and without numbers. Errors as for `anatomy_of`."""
    torch: Any = need("torch", extra="local")
    library: Any = need("transformers", extra="local")
    seeing = type(config) in library.AutoModelForImageTextToText._model_mapping
    kind = library.AutoModelForImageTextToText if seeing else library.AutoModelForCausalLM
    try:
        with torch.device("meta"):
            return kind.from_config(config)
    except ImportError as error:
        package = (re.search(r"pip install ([\w-]+)", str(error)) or ["", ""])[1]
        remedy = f"pip install {package}" if package else "Install what its message names."
        raise MissingExtra(f"{config.model_type} needs a package: {_first_line(error)}", remedy=remedy) from error
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError, ZeroDivisionError) as error:
        raise UsageError(
            f"No network can be built from this configuration of {config.model_type}: {_first_line(error)}",
            remedy="It must be one that AutoModelForImageTextToText or AutoModelForCausalLM takes.",
        ) from error


def part_of(name: str) -> Part:
    """The part that a parameter belongs to, by its dotted name such as `model.visual.merger.mlp.0.weight`."""
    inside: Part | None = None
    for word in name.split("."):
        if inside is Part.ENCODER:
            if _INSIDE_ENCODER.search(word):
                return Part.CONNECTOR
        elif _DRAWS.match(word):
            return Part.OTHER
        elif _CONNECTOR.search(word):
            return Part.CONNECTOR
        elif _AUDIO.search(word):
            return Part.AUDIO
        elif _ENCODER.search(word):
            inside = Part.ENCODER
        elif _LANGUAGE.match(word):
            return Part.LANGUAGE
    return inside or Part.OTHER


def _sorted(network: Any) -> tuple[dict[Part, Weights], tuple[str, ...]]:
    """The sizes by part, largest role first, and the modules of no known part."""
    shrinking = set(_quantisable(network))
    parts: dict[Part, Weights] = {}
    unknown: dict[str, None] = {}
    for name, weights in network.named_parameters():  # shared weights come once
        part = part_of(name)
        count = int(weights.numel())
        parts[part] = parts.get(part, Weights()) + Weights(count, count if id(weights) in shrinking else 0)
        if part is Part.OTHER:
            unknown[".".join(name.split(".")[:2])] = None
    return {part: parts[part] for part in Part if part in parts}, tuple(unknown)


def _quantisable(network: Any) -> Iterator[int]:
    """The identities of the weights of linear layers, the output layer left out."""
    torch: Any = need("torch", extra="local")
    head = network.get_output_embeddings()
    for module in network.modules():
        if isinstance(module, torch.nn.Linear) and (head is None or module.weight is not head.weight):
            yield id(module.weight)


def _widths(config: Any) -> Widths:
    hidden = _first(config, "hidden_size", "embed_dim", "width", "d_model")
    inner = _first(config, "intermediate_size", "mlp_dim", "ffn_dim") or 4 * hidden
    experts = _first(config, "num_experts_per_tok", "top_k_experts")
    if experts and _first(config, "moe_intermediate_size"):
        shared = _first(config, "shared_expert_intermediate_size")
        inner = max(inner, experts * _first(config, "moe_intermediate_size") + shared)
    return Widths(hidden, inner)


def _first(config: Any, *names: str) -> int:
    """The first of several names under which families keep a number; 0 when there is none."""
    for name in names:
        value = getattr(config, name, None)
        if isinstance(value, int) and value:
            return value
    return 0


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
