"""Depth from one picture: Depth Anything, DPT, ZoeDepth, Depth Pro and the like, through transformers."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...errors import ToolFailed, UsageError
from ...vision.frame import SizeWh
from ...vision.image import Image
from .pool import PooledModel
from .pretrained import Pretrained, load_pretrained
from .weights import bytes_expected

Values: TypeAlias = Literal["nearness", "metres"]
"""What a model gives for each pixel: a number that grows as things come nearer, or the distance in metres."""

VALUES: dict[str, Values] = {
    "dpt": "nearness",  # MiDaS: inverse depth, https://arxiv.org/abs/1907.01341
    "zoedepth": "metres",
    "depth_pro": "metres",
    "glpn": "metres",
    "tipsv2_dpt": "metres",
}
"""By `model_type`. Depth Anything says in its configuration which of both it is; its relative one is inverse depth."""

MAX_STRETCH = 20
"""Pictures more than this many times as long as wide shrink to nothing in a model."""


@dataclass(frozen=True, slots=True)
class DepthModel:
    """A network that sees depth, and what its values mean."""

    loaded: Pretrained
    values: Values

    def measure(self, image: Image, size_wh: SizeWh) -> NDArray[np.float32]:
        """The values of each pixel of a picture, H x W of `size_wh`.

        The picture is brought to the size of the network, and the values to `size_wh`, by the library's own processor.

        Raises:
            ToolFailed: for a picture that is too narrow, or when the network gives no numbers.
        """
        import torch

        width, height = image.size_wh
        if max(width, height) > MAX_STRETCH * min(width, height):
            cause = f"A picture of {width} x {height} pixels is too narrow to see depth in."
            raise ToolFailed(cause, remedy="Give a part of it that is less long.")
        inputs = self.loaded.processor(images=image.pil(), return_tensors="pt")
        with torch.inference_mode():
            outputs = self.loaded.network(**self.loaded.moved(inputs))
            target = (size_wh[1], size_wh[0])
            values = self._resized(outputs, (height, width), target).float().reshape(target).cpu().numpy()
        if not np.isfinite(values).all():
            raise ToolFailed("The depth model gave values that are no numbers.", remedy="Use other weights.")
        return np.asarray(values, dtype=np.float32)

    def _resized(self, outputs: Any, source_hw: tuple[int, int], target_hw: tuple[int, int]) -> Any:
        process = self.loaded.processor.post_process_depth_estimation
        # ZoeDepth pads its pictures, and must know how large they were to take the padding away.
        padded = "source_sizes" in inspect.signature(process).parameters
        sizes = {"source_sizes": [source_hw]} if padded else {}
        return process(outputs, target_sizes=[target_hw], **sizes)[0]["predicted_depth"]


def depth_model(weights: str, values: Values | Literal["auto"] = "auto") -> PooledModel[DepthModel]:
    """How the pool loads a depth model.

    Args:
        weights: a name of the catalogue, an id of the hub, or a folder.
        values: what the model gives for each pixel; "auto" for what is known of its kind.
    """

    def load(device: str) -> DepthModel:
        # DPT has layers that its files lack and that nothing uses, but depth comes out of the head.
        loaded = load_pretrained(
            weights,
            device,
            kind="depth",
            network="AutoModelForDepthEstimation",
            processor="AutoImageProcessor",
            needed=("head.", "relative_head.", "metric_head."),
        )
        return DepthModel(loaded, _values_of(loaded.network.config, weights) if values == "auto" else values)

    return PooledModel(
        f"depth:{weights}:{values}",
        load,
        lambda model: model.loaded.size_bytes,
        expected_bytes=bytes_expected(weights),
    )


def _values_of(config: Any, weights: str) -> Values:
    """What the values of a model mean. Raises `UsageError` where that is not known: a guess may turn near into far."""
    kind = str(config.model_type)
    if kind == "depth_anything":
        return "metres" if config.depth_estimation_type == "metric" else "nearness"
    if kind not in VALUES:
        raise UsageError(
            f"What the values of {weights} ({kind}) mean is not known.",
            remedy="Say it: values='nearness' where they grow as things come nearer, or values='metres'.",
        )
    return VALUES[kind]
