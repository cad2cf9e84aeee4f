"""SAM, SAM-HQ and SAM 2 through transformers, from a model folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....vision.store import Pixels
from ..pool import PooledModel
from ..pretrained import load_pretrained
from .embeddings import Embedding
from .promptable import Logits, Promptable, best, coordinates, is_ambiguous, pooled
from .prompts import Prompt


def transformers_sam(weights: str) -> PooledModel[Promptable]:
    """A model of transformers.

    Args:
        weights: a name of the catalogue, such as "sam2.1-tiny", an id of the hub, or a folder.
    """

    def load(device: str) -> Promptable:
        loaded = load_pretrained(
            weights,
            device,
            kind="segment",
            network="AutoModelForMaskGeneration",
            processor="AutoImageProcessor",
            needed=("vision_encoder.", "prompt_encoder.", "mask_decoder."),
        )
        return TransformersSam(loaded.network, loaded.processor)

    return pooled("sam", weights, load)


class TransformersSam:
    """A network of transformers. See `Promptable`.

    Args:
        module: a `SamModel`, `SamHQModel` or `Sam2Model`, on its device.
        processor: the image processor that belongs to it.
    """

    def __init__(self, module: Any, processor: Any) -> None:
        self.module = module.eval()
        self.device = module.device
        self._processor = processor

    def embed(self, pixels: Pixels) -> Embedding:
        """See `Promptable.embed`."""
        import torch

        # A copy: torch warns of arrays that it could not write into. The order is named: pictures may be 3 pixels high.
        seen = self._processor(pixels.copy(), input_data_format="channels_last", return_tensors="pt")
        tensor = seen["pixel_values"].to(self.device, self.module.dtype)
        with torch.inference_mode():
            features = _moved(self.module.get_image_embeddings(tensor), "cpu")
        whole = (int(tensor.shape[-1]), int(tensor.shape[-2]))
        size = (pixels.shape[1], pixels.shape[0])
        if "reshaped_input_sizes" not in seen:
            return Embedding(features, whole, size)
        height, width = (int(side) for side in seen["reshaped_input_sizes"][0])
        return Embedding(features, (width, height), size, whole)

    def decode(self, embedding: Embedding, prompts: Sequence[Prompt]) -> list[Logits]:
        """See `Promptable.decode`."""
        import torch

        names = ("input_points", "input_labels", "input_boxes")
        given = {
            name: tensor[None]
            for name, tensor in zip(names, coordinates(prompts, embedding, self.device), strict=True)
            if tensor is not None
        }
        features = _moved(embedding.features, self.device)
        if isinstance(features, tuple):  # SAM-HQ also looks at what lies between the layers of the encoder.
            features, given["intermediate_embeddings"] = features
        with torch.inference_mode():
            found = self.module(image_embeddings=features, multimask_output=is_ambiguous(prompts[0]), **given)
        return best(found.pred_masks[0], found.iou_scores[0])


def _moved(features: Any, device: Any) -> Any:
    """Tensors on another device, in the same lists and tuples."""
    if isinstance(features, list | tuple):
        return type(features)(_moved(each, device) for each in features)
    return features.to(device)
