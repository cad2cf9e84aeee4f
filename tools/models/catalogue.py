"""The weights that lavr knows by name: what they are for, their files, sizes, hashes, licences and sources.

A hash is given where several independent sources agree on it; where none is known the field is empty, and a fetched
file is checked by its size alone. Sizes are exact where a hash is given, and otherwise those that the source states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

MB = 10**6

Kind = Literal["detect", "segment", "depth", "describe"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights with a name.

    Attributes:
        name: what people call them.
        kind: the tool that uses them.
        purpose: what they do, in some words.
        licence: of the weights.
        size_bytes: of what is fetched.
        file: the name of the file; empty for a folder of the hub.
        url: where the file comes from; empty for a folder of the hub.
        sha256: of the file; empty where none is known.
        hub: the id of the repository on the Hugging Face hub; empty for a single file.
        extra: the extra of lavr that runs them.
        finds: what a detector of a closed set finds, so that it is known before the weights are here.
        model_type: as transformers calls it, for a detector of the hub.
    """

    name: str
    kind: Kind
    purpose: str
    licence: str
    size_bytes: int
    file: str = ""
    url: str = ""
    sha256: str = ""
    hub: str = ""
    extra: str = "models"
    finds: tuple[str, ...] = ()
    model_type: str = ""

    @property
    def source(self) -> str:
        """The page or the address that they come from."""
        return f"https://huggingface.co/{self.hub}" if self.hub else self.url


_COCO = (
    "person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign, "
    "parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, "
    "handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, "
    "surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, "
    "broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, "
    "laptop, mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, "
    "scissors, teddy bear, hair drier, toothbrush"
)
COCO = tuple(_COCO.split(", "))
"""The 80 kinds of things of the COCO data set."""

_ULTRALYTICS = "https://github.com/ultralytics/assets/releases/download/v8.4.0"
_SAM = "https://dl.fbaipublicfiles.com/segment_anything"

CATALOGUE = (
    Weights(
        "yolo11n",
        "detect",
        "80 kinds of things (COCO), quick",
        "AGPL-3.0 or paid",
        5_613_764,
        file="yolo11n.pt",
        url=f"{_ULTRALYTICS}/yolo11n.pt",
        extra="yolo",
        sha256="0ebbc80d4a7680d14987a577cd21342b65ecfd94632bd9a8da63ae6417644ee1",
        finds=COCO,
    ),
    Weights(
        "yolo11n-seg",
        "detect",
        "the same with masks",
        "AGPL-3.0 or paid",
        6 * MB,
        file="yolo11n-seg.pt",
        url=f"{_ULTRALYTICS}/yolo11n-seg.pt",
        extra="yolo",
        finds=COCO,
    ),
    Weights(
        "yolo11n-pose",
        "detect",
        "people with 17 key points",
        "AGPL-3.0 or paid",
        6 * MB,
        file="yolo11n-pose.pt",
        url=f"{_ULTRALYTICS}/yolo11n-pose.pt",
        extra="yolo",
        finds=("person",),
    ),
    Weights(
        "d-fine-s",
        "detect",
        "80 kinds of things (COCO)",
        "Apache-2.0",
        42 * MB,
        hub="ustc-community/dfine-small-coco",
        finds=COCO,
        model_type="d_fine",
    ),
    Weights(
        "rt-detr-v2-s",
        "detect",
        "80 kinds of things (COCO)",
        "Apache-2.0",
        81 * MB,
        hub="PekingU/rtdetr_v2_r18vd",
        finds=COCO,
        model_type="rt_detr_v2",
    ),
    Weights(
        "grounding-dino-tiny",
        "detect",
        "anything that is named in words",
        "Apache-2.0",
        690 * MB,
        hub="IDEA-Research/grounding-dino-tiny",
        model_type="grounding-dino",
    ),
    Weights(
        "owlv2-base",
        "detect",
        "anything that is named in words",
        "Apache-2.0",
        620 * MB,
        hub="google/owlv2-base-patch16-ensemble",
        model_type="owlv2",
    ),
    Weights(
        "sam-vit-b",
        "segment",
        "masks from points and boxes",
        "Apache-2.0",
        375_042_383,
        file="sam_vit_b_01ec64.pth",
        url=f"{_SAM}/sam_vit_b_01ec64.pth",
        extra="sam",
        sha256="ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
    ),
    Weights(
        "sam2.1-tiny",
        "segment",
        "masks from points and boxes, quick",
        "Apache-2.0",
        156 * MB,
        hub="facebook/sam2.1-hiera-tiny",
    ),
    Weights(
        "depth-anything-v2-small",
        "depth",
        "relative depth",
        "Apache-2.0",
        99 * MB,
        hub="depth-anything/Depth-Anything-V2-Small-hf",
    ),
    Weights(
        "florence-2-base",
        "describe",
        "captions of a picture or a part of it",
        "MIT",
        463 * MB,
        hub="florence-community/Florence-2-base",
    ),
    Weights(
        "smolvlm-256m",
        "describe",
        "captions and answers about a picture, quick",
        "Apache-2.0",
        513 * MB,
        hub="HuggingFaceTB/SmolVLM-256M-Instruct",
    ),
    Weights(
        "smolvlm-500m",
        "describe",
        "captions and answers about a picture",
        "Apache-2.0",
        1015 * MB,
        hub="HuggingFaceTB/SmolVLM-500M-Instruct",
    ),
)
"""Every entry, in the order in which they are listed."""


def find(name: str) -> Weights | None:
    """The entry of a name, a file name or a hub id; None when there is none."""
    return next((each for each in CATALOGUE if name and name in {each.name, each.file, each.hub}), None)
