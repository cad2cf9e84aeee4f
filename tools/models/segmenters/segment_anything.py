"""SAM through the package `segment-anything`: any checkpoint of its architecture, of whatever size.

The package has three sizes and loads checkpoints by plain unpickling. Here the sizes are read off the tensors, so that
a checkpoint of one's own needs no name, and the file is opened by the safe loader alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ....errors import WeightsRefused
from ....extras import need
from ....vision.store import Pixels
from ..pool import PooledModel
from ..safe_loading import load_weights
from ..weights import weights_file
from .embeddings import Embedding
from .promptable import Logits, Promptable, best, coordinates, is_ambiguous, pooled
from .prompts import Prompt

MEAN, DEVIATION = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]
"""Of the colours that SAM was trained on: red, green, blue, 0 to 255."""

_ENCODER = "image_encoder"
_DECODER = "mask_decoder"

State = Mapping[str, Any]
"""The tensors of a checkpoint by name."""


def segment_anything(weights: str) -> PooledModel[Promptable]:
    """A checkpoint of `segment-anything`.

    Args:
        weights: a name of the catalogue, such as "sam-vit-b", or the path of a file.
    """

    def load(device: str) -> Promptable:
        return SegmentAnything(build(load_weights(weights_file(weights, kind="segment"))).to(device))

    return pooled("segment-anything", weights, load)


class SegmentAnything:
    """A network of `segment-anything`. See `Promptable`.

    Args:
        module: a `segment_anything.modeling.Sam`, on its device.
    """

    def __init__(self, module: Any) -> None:
        self.module = module.eval()
        self.device = module.device

    def embed(self, pixels: Pixels) -> Embedding:
        """See `Promptable.embed`."""
        import torch
        from segment_anything.utils.transforms import ResizeLongestSide

        side = self.module.image_encoder.img_size
        resized = ResizeLongestSide(side).apply_image(pixels)
        tensor = torch.as_tensor(resized, device=self.device).permute(2, 0, 1)[None]
        with torch.inference_mode():
            features = self.module.image_encoder(self.module.preprocess(tensor))
        seen, size = (resized.shape[1], resized.shape[0]), (pixels.shape[1], pixels.shape[0])
        return Embedding(features.cpu(), seen, size, (side, side))

    def decode(self, embedding: Embedding, prompts: Sequence[Prompt]) -> list[Logits]:
        """See `Promptable.decode`."""
        import torch

        sam = self.module
        points, labels, boxes = coordinates(prompts, embedding, self.device)
        with torch.inference_mode():
            sparse, dense = sam.prompt_encoder(None if points is None else (points, labels), boxes, None)
            masks, scores = sam.mask_decoder(
                image_embeddings=embedding.features.to(self.device),
                image_pe=sam.prompt_encoder.get_dense_pe(),
                sparse_prompt_embeddings=sparse,
                dense_prompt_embeddings=dense,
                multimask_output=is_ambiguous(prompts[0]),
            )
        return best(masks, scores)


def build(held: object) -> Any:
    """A `segment_anything.modeling.Sam` in float32 with the tensors of a checkpoint, its sizes read off them.

    Args:
        held: what the file holds: tensors by name, as they are or under "model" or "state_dict".

    Raises:
        WeightsRefused: when it is no checkpoint of that architecture.
        MissingExtra: when the package is not installed.
    """
    need("segment_anything", extra="sam")
    import torch

    tensors = _tensors(held)
    _check(tensors)
    try:
        with torch.device("meta"):  # The tensors are there already: none is made to be overwritten.
            sam = _network(tensors)
        sam.load_state_dict(tensors, assign=True)
    except (KeyError, IndexError, ValueError, RuntimeError, ZeroDivisionError) as error:
        raise _not_sam(str(error).splitlines()[0][:200]) from error
    sam.pixel_mean, sam.pixel_std = (torch.tensor(values).view(-1, 1, 1) for values in (MEAN, DEVIATION))
    return sam.float()


def _tensors(held: object) -> State:
    for key in ("model", "state_dict"):
        if isinstance(held, Mapping) and isinstance(held.get(key), Mapping):
            held = held[key]
    if not isinstance(held, Mapping) or not all(hasattr(value, "shape") for value in held.values()):
        raise _not_sam("it does not hold tensors by name")
    return {re.sub(r"^module\.", "", str(name)): value for name, value in held.items()}


def _network(tensors: State) -> Any:
    from segment_anything.modeling import MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    encoder, width = _encoder(tensors), int(tensors[f"{_ENCODER}.neck.0.weight"].shape[0])
    side = encoder.img_size
    grid = side // encoder.patch_embed.proj.kernel_size[0]
    head = f"{_DECODER}.iou_prediction_head.layers"
    return Sam(
        image_encoder=encoder,
        prompt_encoder=PromptEncoder(
            embed_dim=width,
            image_embedding_size=(grid, grid),
            input_image_size=(side, side),
            mask_in_chans=int(tensors["prompt_encoder.mask_downscaling.3.weight"].shape[0]),
        ),
        mask_decoder=MaskDecoder(
            num_multimask_outputs=int(tensors[f"{_DECODER}.mask_tokens.weight"].shape[0]) - 1,
            transformer=TwoWayTransformer(
                depth=_count(tensors, rf"{_DECODER}\.transformer\.layers\.(\d+)\."),
                embedding_dim=width,
                mlp_dim=int(tensors[f"{_DECODER}.transformer.layers.0.mlp.lin1.weight"].shape[0]),
                num_heads=8,
            ),
            transformer_dim=width,
            iou_head_depth=_count(tensors, rf"{re.escape(head)}\.(\d+)\."),
            iou_head_hidden_dim=int(tensors[f"{head}.0.weight"].shape[0]),
        ),
        pixel_mean=MEAN,
        pixel_std=DEVIATION,
    )


def _encoder(tensors: State) -> Any:
    import torch
    from segment_anything.modeling import ImageEncoderViT

    _, grid, _, width = tensors[f"{_ENCODER}.pos_embed"].shape
    patch = int(tensors[f"{_ENCODER}.patch_embed.proj.weight"].shape[-1])
    depth = _count(tensors, rf"{_ENCODER}\.blocks\.(\d+)\.")
    # Relative positions reach across the window of a block: 2 x size - 1 rows, each as wide as a head.
    reach = [tensors[f"{_ENCODER}.blocks.{block}.attn.rel_pos_h"].shape for block in range(depth)]
    windows = {(rows + 1) // 2 for rows, _ in reach} - {grid}
    return ImageEncoderViT(
        img_size=int(grid) * patch,
        patch_size=patch,
        embed_dim=int(width),
        depth=depth,
        num_heads=int(width // reach[0][1]),
        mlp_ratio=tensors[f"{_ENCODER}.blocks.0.mlp.lin1.weight"].shape[0] / width,
        out_chans=int(tensors[f"{_ENCODER}.neck.0.weight"].shape[0]),
        qkv_bias=f"{_ENCODER}.blocks.0.attn.qkv.bias" in tensors,
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        use_rel_pos=True,
        window_size=int(max(windows, default=0)),
        global_attn_indexes=tuple(block for block, (rows, _) in enumerate(reach) if (rows + 1) // 2 == grid),
    )


def _check(tensors: State) -> None:
    if f"{_ENCODER}.blocks.0.attn.rel_pos_h" in tensors:
        return
    if any(name.startswith(f"{_ENCODER}.layers.") for name in tensors):
        raise _not_sam("it is MobileSAM, whose encoder the package does not have")
    if any("memory_encoder" in name or "image_encoder.trunk" in name for name in tensors):
        raise WeightsRefused(
            "This is a checkpoint of SAM 2, not of SAM.",
            remedy="Take the folder of transformers instead, such as facebook/sam2.1-hiera-tiny.",
        )
    raise _not_sam(f"it has no {_ENCODER}.blocks.0.attn.rel_pos_h")


def _not_sam(why: str) -> WeightsRefused:
    remedy = "Give a checkpoint of segment-anything, or the folder of a SAM or SAM 2 of transformers."
    return WeightsRefused(f"This is no checkpoint of segment-anything: {why}.", remedy=remedy)


def _count(tensors: State, pattern: str) -> int:
    """One more than the highest number in the names that begin so."""
    found = (re.match(pattern, name) for name in tensors)
    return 1 + max((int(match[1]) for match in found if match), default=-1)
