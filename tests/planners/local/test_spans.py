"""Spans are encoded once, one processor call a picture, and refuse pictures that have no place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from lavr.errors import UsageError
from lavr.planners.local import spans
from lavr.planners.local.spans import SpanEncoder, token_span
from lavr.tests.planners.local import tiny


@pytest.mark.parametrize("text", ["no place", "<image> and <image>"])
def test_pictures_without_a_place_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="1 pictures do not fit"):
        SpanEncoder(tiny.load("llava_next")).encode(text, [tiny.picture(60, 60)])


def test_a_model_that_sees_nothing_refuses_pictures() -> None:
    with pytest.raises(UsageError, match="sees none"):
        SpanEncoder(tiny.load("llama")).encode("<image>", [tiny.picture(60, 60)])


def test_equal_spans_are_encoded_once() -> None:
    encoder = SpanEncoder(tiny.load("llava_next"))
    first = encoder.encode("<image>What?", [tiny.picture(60, 60, 1)], ["digest one"])
    assert encoder.encode("<image>What?", [tiny.picture(60, 60, 1)], ["digest one"]) is first
    other = encoder.encode("<image>What?", [tiny.picture(60, 60, 2)], ["digest two"])
    assert other.digest != first.digest


def test_spans_that_were_not_used_for_long_are_forgotten() -> None:
    encoder = SpanEncoder(tiny.load("llama"))
    first = encoder.encode("first")
    for index in range(spans.ENCODED_SPANS):
        encoder.encode(f"span {index}")
    assert encoder.encode("first") is not first


def test_the_digest_is_of_what_is_fed() -> None:
    encoder = SpanEncoder(tiny.load("qwen3_vl"))
    text = f"{tiny.load('qwen3_vl').placeholder}What?"
    one, same, other = (encoder.encode(text, [tiny.picture(90, 90, seed)]) for seed in (1, 1, 2))
    assert one.digest == same.digest
    assert one.ids == other.ids
    assert one.digest != other.digest


def test_threads_may_share_an_encoder() -> None:
    encoder = SpanEncoder(tiny.load("llava_next"))

    def digest(turn: int) -> tuple[int, str]:
        seed = turn % 5
        return seed, encoder.encode(f"<image>{seed}", [tiny.picture(60, 60, seed)], [str(seed)]).digest

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(digest, range(60)))) == 5


def test_a_span_knows_its_length_its_ids_and_its_pictures() -> None:
    model = tiny.load("llava_next")
    span = SpanEncoder(model).encode("<image>a<image>b", [tiny.picture(60, 60, 1), tiny.picture(60, 90, 2)])
    assert span.picture_count == len(span.pieces) == 2
    assert len(span) == len(span.ids) > 30
    assert len(token_span([])) == 0
