"""What differs from family to family: the unit of coordinates, the placeholder of a picture, what bounds its tokens.

A family that is not in the table works too, in thousandths and at whatever its processor costs; see
`docs/adding-a-family.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...vision.units import CoordinateUnit
from . import bounds, shown
from .bounds import BoundRule
from .shown import ShownRule


@dataclass(frozen=True, slots=True)
class Family:
    """How the models of one family take pictures.

    Attributes:
        name: what people call it.
        model_types: `model_type` in the configurations of its models.
        unit: the unit in which they read and write boxes.
        source: who says so; empty when nobody does, and the unit is the one that most others use.
        placeholder: what stands for a picture in the text, where the chat template does not tell.
        shown: reads off the size at which the processor feeds a picture.
        asked: arguments that make the image processor tell what `shown` needs.
        bound: the arguments that keep a picture within so many visual tokens.
    """

    name: str
    model_types: tuple[str, ...]
    unit: CoordinateUnit = CoordinateUnit.PER_MILLE
    source: str = ""
    placeholder: str = ""
    shown: ShownRule = shown.as_it_is
    asked: Mapping[str, Any] = field(default_factory=dict)
    bound: BoundRule = bounds.unbounded


_QWEN = "<|vision_start|><|image_pad|><|vision_end|>"
_LAYOUT = {"return_row_col_info": True}

OTHERS = Family("a family without an entry", ())
TEXT_ONLY = Family("text", ())

FAMILIES = (
    Family(
        "Qwen2-VL",
        ("qwen2_vl",),
        source="https://github.com/QwenLM/Qwen3-VL/issues/1485: 0-1000",
        placeholder=_QWEN,
        shown=shown.by_grid,
        bound=bounds.pixels,
    ),
    Family(
        "Qwen2.5-VL",
        ("qwen2_5_vl",),
        unit=CoordinateUnit.PIXELS,
        source="https://github.com/QwenLM/Qwen3-VL/issues/940: pixels of the picture as it is fed to the model",
        placeholder=_QWEN,
        shown=shown.by_grid,
        bound=bounds.pixels,
    ),
    Family(
        "Qwen3-VL",
        ("qwen3_vl", "qwen3_vl_moe"),
        source="https://github.com/QwenLM/Qwen3-VL/issues/1741, quoting its README: relative, 0 to 1000",
        placeholder=_QWEN,
        shown=shown.by_grid,
        bound=bounds.pixels,
    ),
    Family(
        "Qwen3.5",
        ("qwen3_5", "qwen3_5_moe", "qwen4_exp"),
        placeholder=_QWEN,
        shown=shown.by_grid,
        bound=bounds.pixels,
    ),
    Family(
        "GLM-V",
        ("glm4v", "glm4v_moe", "glm46v"),
        source="https://github.com/zai-org/GLM-skills (glmv-grounding): normalised to 0-1000",
        placeholder="<|begin_of_image|><|image|><|end_of_image|>",
        shown=shown.by_grid,
        bound=bounds.pixels_of_frames,
    ),
    Family(
        "InternVL",
        ("internvl",),
        source="https://internvl.readthedocs.io/en/latest/get_started/chat_data_format.html: 0-1000",
        placeholder="<IMG_CONTEXT>",
        shown=shown.by_canvas,
        bound=bounds.patches,
    ),
    Family(
        "LLaVA-NeXT",
        ("llava_next",),
        unit=CoordinateUnit.UNIT,
        source="https://github.com/haotian-liu/LLaVA/issues/606: fractions of the sides",
        placeholder="<image>",
        shown=shown.by_pinpoint,
        bound=bounds.pinpoints,
    ),
    Family(
        "LLaVA-OneVision",
        ("llava_onevision",),
        unit=CoordinateUnit.UNIT,
        source="trained on the boxes of LLaVA: https://github.com/haotian-liu/LLaVA/issues/606",
        placeholder="<image>",
        shown=shown.by_pinpoint,
        bound=bounds.pinpoints,
    ),
    Family("Idefics3", ("idefics3",), placeholder="<image>", shown=shown.by_tiles, asked=_LAYOUT, bound=bounds.tiles),
    Family("SmolVLM", ("smolvlm",), placeholder="<image>", shown=shown.by_tiles, asked=_LAYOUT, bound=bounds.tiles),
    Family("Gemma 3", ("gemma3",), placeholder="<start_of_image>", shown=shown.whole_square),
    Family("Gemma 4", ("gemma4",), placeholder="<|image|>", shown=shown.by_positions, bound=bounds.soft_tokens),
    Family("Mistral 3, Pixtral", ("mistral3",), placeholder="[IMG]", shown=shown.by_size, bound=bounds.longest_edge),
    Family(
        "LFM2-VL",
        ("lfm2_vl",),
        unit=CoordinateUnit.UNIT,
        source="model card of LiquidAI/LFM2.5-VL-450M: normalised to [0,1]",
        placeholder="<image>",
        shown=shown.by_shapes,
        asked=_LAYOUT,
        bound=bounds.image_tokens,
    ),
)


def family_of(model_type: str, *, sees: bool = True) -> Family:
    """The family of a `model_type`; `OTHERS` for one without an entry, `TEXT_ONLY` for a model without eyes."""
    if not sees:
        return TEXT_ONLY
    return next((each for each in FAMILIES if model_type in each.model_types), OTHERS)
