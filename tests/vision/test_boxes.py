"""Arrays of boxes, each result beside a naive one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lavr.errors import InvalidRegion
from lavr.vision import boxes
from lavr.vision.frame import Xyxy

thousand = settings(max_examples=1000, deadline=None)
some = settings(max_examples=300, deadline=None)
edges = st.integers(0, 30)


def _box(left: int, top: int, width: int, height: int) -> Xyxy:
    return (float(left), float(top), float(left + width), float(top + height))


box = st.builds(_box, edges, edges, edges, edges)
many = st.lists(box, max_size=8)
scored = st.lists(st.tuples(box, st.integers(0, 5), st.sampled_from("ab")), max_size=10)


def _naive_iou(one: Xyxy, other: Xyxy) -> float:
    width = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in (one, other)]
    union = sum(areas) - width * height
    return width * height / union if union else 0.0


def _naive_nms(found: list[tuple[Xyxy, int, str]], iou_above: float) -> list[int]:
    kept: list[int] = []
    for index in sorted(range(len(found)), key=lambda index: (-found[index][1], index)):
        rivals = [other for other in kept if found[other][2] == found[index][2]]
        if all(_naive_iou(found[index][0], found[other][0]) <= iou_above for other in rivals):
            kept.append(index)
    return kept


@some
@given(many, many)
def test_iou_agrees_with_the_naive_one(some: list[Xyxy], others: list[Xyxy]) -> None:
    matrix = boxes.iou(boxes.as_boxes(some), boxes.as_boxes(others))
    naive = [[_naive_iou(one, other) for other in others] for one in some]
    assert matrix.shape == (len(some), len(others))
    assert matrix.ravel().tolist() == pytest.approx([value for row in naive for value in row])


@thousand
@given(scored, st.sampled_from([0.0, 0.3, 0.5, 0.9]))
def test_nms_agrees_with_the_naive_one(found: list[tuple[Xyxy, int, str]], iou_above: float) -> None:
    xyxy = boxes.as_boxes([item[0] for item in found])
    kept = boxes.nms(xyxy, [item[1] for item in found], iou_above=iou_above, groups=[item[2] for item in found])
    assert kept == _naive_nms(found, iou_above)


@some
@given(many)
def test_conversions_lead_back(some: list[Xyxy]) -> None:
    xyxy = boxes.as_boxes(some)
    assert np.allclose(boxes.xywh_to_xyxy(boxes.xyxy_to_xywh(xyxy)), xyxy)
    assert np.allclose(boxes.cxcywh_to_xyxy(boxes.xyxy_to_cxcywh(xyxy)), xyxy)


def test_the_orders_are_those_of_coco_and_yolo() -> None:
    xyxy = boxes.as_boxes([(10, 20, 40, 30)])
    assert boxes.xyxy_to_xywh(xyxy).tolist() == [[10, 20, 30, 10]]
    assert boxes.xyxy_to_cxcywh(xyxy).tolist() == [[25, 25, 30, 10]]


def test_boxes_are_cut_to_the_picture() -> None:
    cut = boxes.clip(boxes.as_boxes([(-5, 2, 50, 9), (60, 0, 70, 5)]), (40, 8))
    assert cut.tolist() == [[0, 2, 40, 8], [40, 0, 40, 5]]
    assert boxes.area(cut).tolist() == [240, 0]


@pytest.mark.parametrize("values", [[(1, 2, 3)], [1, 2, 3, 4], [[[1, 2, 3, 4]]]])
def test_other_shapes_are_refused(values: list[object]) -> None:
    with pytest.raises(InvalidRegion, match="N x 4"):
        boxes.as_boxes(np.array(values))
