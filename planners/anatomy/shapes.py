"""Models that no class of `transformers` stands for: their plain shape, counted by formula.

A shape is JSON with up to three sections of sizes:

    {"name": "...",
     "vision":    {"num_hidden_layers", "hidden_size", "intermediate_size", "patch_size", "image_size",
                   "positions", "class_token", "pre_norm", "post_norm", "output_projection": [in, out]},
     "connector": {"kind": "linear" | "mlp" | "resampler", "input_size", "hidden_size", "queries", "depth"},
     "language":  {"num_hidden_layers", "hidden_size", "intermediate_size", "num_attention_heads",
                   "num_key_value_heads", "head_dim", "vocab_size", "qkv_bias", "tie_word_embeddings"}}

The encoder is a ViT with biases, the connector a projection or a cross-attention resampler, the language model a
decoder with gated feed-forward layers and RMS norms. `lavr planners inspect qwen-vl` shows the one that is shipped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from ...errors import UsageError
from .parts import Anatomy, LayerMemory, Part, Weights, Widths

Sizes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model.

    Attributes:
        name: of the model.
        language: of its decoder.
        vision: of its encoder; empty for a text-only model.
        connector: between the two; empty for a text-only model.
        context: most tokens; 0 when unknown.
        aliases: other names.
    """

    name: str
    language: Sizes
    vision: Sizes = field(default_factory=dict)
    connector: Sizes = field(default_factory=dict)
    context: int = 0
    aliases: tuple[str, ...] = ()

    def anatomy(self) -> Anatomy:
        """Taken apart, by formula. Raises `UsageError` for a size that is missing."""
        parts = {
            Part.ENCODER: _vision(self.vision) if self.vision else Weights(),
            Part.CONNECTOR: _connector(self.connector) if self.connector else Weights(),
            Part.LANGUAGE: _language(self.language),
        }
        layers = (LayerMemory(2 * _kv_width(self.language)),) * _size(self.language, "num_hidden_layers")
        return Anatomy(
            name=self.name,
            family="shape",
            parts={part: weights for part, weights in parts.items() if weights.count},
            layers=layers,
            decoder=_widths(self.language),
            encoder=_widths(self.vision) if self.vision else Widths(),
            vocabulary=_size(self.language, "vocab_size"),
            context=self.context,
            counted="by formula, from the sizes of the shape",
        )

    def visual_tokens(self) -> int:
        """Tokens of a picture, whatever its size: the queries of a resampler, or one for each patch."""
        if not self.vision:
            return 0
        side = _size(self.vision, "image_size") // _size(self.vision, "patch_size")
        return int(self.connector.get("queries") or side * side)

    def patches(self) -> int:
        """Patches that the encoder reads of a picture."""
        side = _size(self.vision, "image_size") // _size(self.vision, "patch_size") if self.vision else 0
        return side * side


def is_shape(data: object) -> bool:
    """Whether parsed JSON is a shape and no configuration of `transformers`."""
    return isinstance(data, dict) and isinstance(data.get("language"), dict) and "model_type" not in data


def read_shape(data: Sizes, name: str = "") -> Shape:
    """A shape from its JSON.

    Raises:
        UsageError: for a section that is no object.
    """
    for section in ("language", "vision", "connector"):
        if not isinstance(data.get(section, {}), dict):
            raise UsageError(f"The section {section!r} of the shape is no object.", remedy="Write its sizes in {}.")
    return Shape(
        name=str(data.get("name") or name),
        language=data["language"],
        vision=data.get("vision", {}),
        connector=data.get("connector", {}),
        context=int(data.get("context", 0)),
        aliases=tuple(map(str, data.get("aliases", ()))),
    )


@cache
def shipped_shapes() -> tuple[Shape, ...]:
    """The shapes that come with lavr."""
    folder = resources.files(__package__) / "shapes"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    return tuple(read_shape(json.loads(file.read_text("utf-8")), Path(file.name).stem) for file in files)


def shipped_shape(name: str) -> Shape | None:
    """The shipped shape of a name or hub id, whatever its case."""
    wanted = name.lower()
    return next((each for each in shipped_shapes() if wanted in {n.lower() for n in (each.name, *each.aliases)}), None)


def _vision(sizes: Sizes) -> Weights:
    width, inner = _size(sizes, "hidden_size"), _size(sizes, "intermediate_size")
    patch = _size(sizes, "patch_size")
    linear = 4 * width * width + 2 * width * inner
    layer = linear + 4 * width + inner + width + 4 * width  # biases of attention and feed-forward, two layer norms
    layers = _size(sizes, "num_hidden_layers")
    positions = int(sizes.get("positions") or (_size(sizes, "image_size") // patch) ** 2)
    stem = 3 * patch * patch * width + (positions + bool(sizes.get("class_token"))) * width
    norms = 2 * width * bool(sizes.get("pre_norm")) + 2 * int(sizes.get("post_norm") or 0)
    into, out = sizes.get("output_projection", (0, 0))
    return Weights(layers * layer + stem + norms + into * out, layers * linear)


def _connector(sizes: Sizes) -> Weights:
    into, width = _size(sizes, "input_size"), _size(sizes, "hidden_size")
    kind = sizes.get("kind", "linear")
    if kind == "resampler":
        queries = 2 * _size(sizes, "queries") * width  # the queries and their positions
        linear = into * width + 4 * width * width
        return Weights(queries + linear + 4 * width + 4 * width, linear)
    if kind in {"linear", "mlp"}:
        depth = int(sizes.get("depth", 1 if kind == "linear" else 2))
        linear = into * width + (depth - 1) * width * width
        return Weights(linear + depth * width, linear)
    raise UsageError(f"There is no connector of the kind {kind!r}.", remedy="Write linear, mlp or resampler.")


def _language(sizes: Sizes) -> Weights:
    width, inner = _size(sizes, "hidden_size"), _size(sizes, "intermediate_size")
    queries = _size(sizes, "num_attention_heads") * _head(sizes)
    kv = 2 * _kv_width(sizes)
    linear = 2 * width * queries + width * kv + 3 * width * inner
    layer = linear + (queries + kv) * bool(sizes.get("qkv_bias")) + 2 * width
    tables = _size(sizes, "vocab_size") * width * (1 if sizes.get("tie_word_embeddings") else 2)
    layers = _size(sizes, "num_hidden_layers")
    return Weights(layers * layer + tables + width, layers * linear)


def _kv_width(sizes: Sizes) -> int:
    heads = int(sizes.get("num_key_value_heads") or _size(sizes, "num_attention_heads"))
    return heads * _head(sizes)


def _head(sizes: Sizes) -> int:
    return int(sizes.get("head_dim") or _size(sizes, "hidden_size") // _size(sizes, "num_attention_heads"))


def _widths(sizes: Sizes) -> Widths:
    return Widths(_size(sizes, "hidden_size"), _size(sizes, "intermediate_size"))


def _size(sizes: Sizes, name: str) -> int:
    value = sizes.get(name)
    if not isinstance(value, int) or value < 1:
        raise UsageError(f"The shape says {value!r} for {name!r}.", remedy=f"Write a whole number: {name!r}: 32.")
    return value
