"""Each obvious way of reusing a cache that is wrong without saying so, beside ours, which is right."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import DynamicCache, PreTrainedTokenizerFast

from lavr.planners.local.cache import cache_argument, fork
from lavr.planners.local.keys import keys_along
from lavr.planners.local.loaded import LoadedModel
from lavr.planners.local.session import Session
from lavr.planners.local.spans import Piece, SpanEncoder, token_span
from lavr.tests.planners.local import tiny
from lavr.tests.planners.local.talks import TOLERANCE, Talk, fitting, noise, talk
from lavr.tests.planners.local.uncached import Whole

WRONG = 100 * TOLERANCE
"""A difference that no rounding explains."""

BY_POSITION = ("qwen2_5_vl", "qwen3_vl", "qwen3_5", "glm4v")
BY_TYPE = ("gemma3", "gemma4")


def apart(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).abs().max())


@torch.no_grad()
def fed(model: LoadedModel, cache: Any, piece: Piece, **more: Any) -> torch.Tensor:
    """The logits after a piece in the naive way: the new ids and pictures with their types, and nothing else."""
    kept = {cache_argument(model.network): cache, "use_cache": True}
    arguments = {"input_ids": piece.ids, **piece.types, **piece.pictures, **kept, **more}
    logits: torch.Tensor = model.network(**arguments).logits[0, -1]
    return logits.float()


def beginning(family: str, count: int = 1) -> Talk:
    """The first parts of the talk, computed in our way."""
    begun = Talk(tiny.load(family))
    for part in fitting(begun.model, talk())[:count]:
        begun.feed(part)
    begun.session.logits()
    return begun


def pieces_of(model: LoadedModel, number: int) -> tuple[Piece, ...]:
    """One part of the talk as pieces."""
    part = fitting(model, talk())[number]
    return SpanEncoder(model).encode(part.text.replace("*", model.placeholder), part.pictures).pieces


@pytest.mark.parametrize("family", [*BY_POSITION, *BY_TYPE])
def test_continuing_with_the_new_ids_and_pictures_alone_is_wrong(family: str) -> None:
    begun = beginning(family)
    (piece,) = pieces_of(begun.model, 2)
    cache = DynamicCache(config=begun.model.network.config)
    fed(begun.model, cache, pieces_of(begun.model, 0)[0])
    naive = fed(begun.model, cache, piece)

    begun.feed(talk()[2])
    assert apart(naive, begun.whole().logits()) > WRONG
    assert begun.difference() <= TOLERANCE


@pytest.mark.parametrize("family", BY_POSITION)
def test_positions_that_the_model_remembers_are_those_of_another_session(family: str) -> None:
    model = tiny.load(family)
    (first,), (other,) = pieces_of(model, 0), pieces_of(model, 2)
    cache = DynamicCache(config=model.network.config)
    fed(model, cache, first)
    fed(model, DynamicCache(config=model.network.config), other)  # someone else's conversation begins
    naive = fed(model, cache, token_span([300]).pieces[0])

    begun = beginning(family)
    noise(model)
    begun.session.push([300])
    whole = begun_whole(begun, [300])
    assert apart(naive, whole) > WRONG
    assert apart(begun.session.logits(), whole) <= TOLERANCE


def begun_whole(begun: Talk, ids: list[int]) -> torch.Tensor:
    """The logits of a full pass over what a talk was fed and some more tokens."""
    whole = Whole(begun.model, begun.text, begun.pictures)
    whole.extend(ids)
    return whole.logits()


@pytest.mark.parametrize("family", BY_TYPE)
def test_token_types_of_the_new_span_alone_are_wrong_even_with_positions(family: str) -> None:
    begun = beginning(family)
    model, past = begun.model, len(begun.session)
    (piece,) = pieces_of(model, 2)
    cache = DynamicCache(config=model.network.config)
    fed(model, cache, pieces_of(model, 0)[0])
    naive = fed(model, cache, piece, position_ids=torch.arange(past, past + len(piece))[None])

    begun.feed(talk()[2])
    assert apart(naive, begun.whole().logits()) > WRONG
    assert begun.difference() <= TOLERANCE


def test_a_picture_cut_in_two_passes_is_wrong_where_its_tokens_see_each_other() -> None:
    begun = beginning("gemma3")
    model = begun.model
    (piece,) = pieces_of(model, 0)
    kinds = piece.types["token_type_ids"][0]
    middle = int(kinds.nonzero()[len(kinds.nonzero()) // 2])
    with torch.no_grad():
        seen = model.network.get_image_features(piece.pictures["pixel_values"], return_dict=True).pooler_output
        words = model.network.get_input_embeddings()(piece.ids)
        words[0, kinds.bool()] = seen[0]
        kept = {cache_argument(model.network): DynamicCache(config=model.network.config)}
        for part, types in ((words[:, :middle], kinds[:middle]), (words[:, middle:], kinds)):
            output = model.network(inputs_embeds=part, token_type_ids=types[None], **kept)
    assert apart(output.logits[0, -1], begun.whole().logits()) > WRONG
    assert begun.difference() <= TOLERANCE


@pytest.mark.parametrize("family", ["qwen3_5", "gemma3", "gemma4", "lfm2_vl"])
def test_cropping_back_to_a_prefix_is_refused_by_caches_that_forget(family: str) -> None:
    begun = beginning(family, 3)
    with pytest.raises(RuntimeError):
        fork(begun.session._cache).crop(-4)
    branch = begun.fork()
    branch.session.push([300, 301])
    branch.session.logits()
    assert begun.difference() <= TOLERANCE


def test_cropping_recurrent_states_that_record_the_past_is_wrong() -> None:
    begun = beginning("qwen3_5")
    model = begun.model
    cache = DynamicCache(config=model.network.config)
    for layer in cache.layers:
        if hasattr(layer, "activate_past_recording"):
            layer.activate_past_recording()
    before, extra = pieces_of(model, 0)[0], token_span(range(300, 310)).pieces[0]
    fed(model, cache, before)
    fed(model, cache, extra)
    cache.crop(-len(extra))
    at = torch.full((3, 1, 1), begun.session._next_position)
    cropped = fed(model, cache, token_span([320]).pieces[0], position_ids=at)

    branch = begun.fork()
    branch.session.push(list(range(300, 310)))
    branch.session.logits()
    begun.session.push([320])
    whole = begun_whole(begun, [320])
    assert apart(cropped, whole) > WRONG
    assert apart(begun.session.logits(), whole) <= TOLERANCE


@pytest.mark.parametrize("family", ["qwen3_5", "lfm2_vl"])
def test_states_shared_by_a_shallow_copy_are_spoilt(family: str) -> None:
    begun = beginning(family)
    shallow = copy.copy(begun.session._cache)
    shallow.layers = [copy.copy(layer) for layer in shallow.layers]
    spoilt, kept = begun.session.fork(), begun.session.fork()
    spoilt._cache = begun.session._cache
    fed(begun.model, shallow, token_span(range(300, 310)).pieces[0])

    spoilt.push([320])
    kept.push([320])
    whole = begun_whole(begun, [320])
    assert apart(spoilt.logits(), whole) > WRONG
    assert apart(kept.logits(), whole) <= TOLERANCE


@pytest.mark.parametrize("family", ["llama", "qwen3_vl", "gemma3"])
def test_a_cache_that_two_branches_share_is_wrong_for_both(family: str) -> None:
    begun = beginning(family)
    shared = fork(begun.session._cache)
    fed(begun.model, shared, token_span(range(300, 310)).pieces[0])
    naive = fed(begun.model, shared, token_span([320]).pieces[0])

    branch = begun.fork()
    branch.session.push(list(range(300, 310)))
    branch.session.logits()
    begun.session.push([320])
    whole = begun_whole(begun, [320])
    assert apart(naive, whole) > WRONG
    assert apart(begun.session.logits(), whole) <= TOLERANCE


def test_feeding_a_cache_what_it_holds_already_is_wrong_and_a_session_never_does() -> None:
    begun = beginning("llama")
    (piece,) = pieces_of(begun.model, 0)
    again = fed(begun.model, fork(begun.session._cache), piece)
    assert apart(again, begun.whole().logits()) > WRONG

    computed = begun.session.reading.computed
    assert begun.difference() <= TOLERANCE
    assert begun.session.reading.computed == computed


def test_a_cache_of_other_tokens_is_accepted_by_a_network_and_told_apart_by_its_key() -> None:
    model = tiny.load("llama")
    right, wrong = token_span([300, 301, 302]), token_span([300, 301, 400])
    caches = []
    for span in (right, wrong):
        caches.append(DynamicCache(config=model.network.config))
        fed(model, caches[-1], span.pieces[0])
    following = token_span([310]).pieces[0]
    assert apart(fed(model, caches[0], following), fed(model, caches[1], following)) > WRONG
    assert keys_along(model, [right]) != keys_along(model, [wrong])


def test_two_pictures_in_one_call_lose_their_tiles_and_ours_keep_them() -> None:
    model = tiny.load("llava_onevision")
    first, second = tiny.picture(112, 56, 1), tiny.picture(56, 112, 2)
    options = {"return_tensors": "pt", "add_special_tokens": False}
    together = model.processor(text=["<image><image>"], images=[[first, second]], **options)["input_ids"]
    alone = [SpanEncoder(model).encode("<image>", [each]) for each in (first, second)]
    assert together.shape[1] < sum(map(len, alone))

    both = SpanEncoder(model).encode("<image><image>", [first, second])
    assert both.ids == alone[0].ids + alone[1].ids


def test_tokens_that_were_sampled_change_when_their_text_is_tokenised_again() -> None:
    model = tiny.load("llama")
    ids = torch.randint(300, 2000, (60,), generator=torch.Generator().manual_seed(0)).tolist()
    again = model.tokenizer(model.tokenizer.decode(ids), add_special_tokens=False)["input_ids"]
    session = Session(model)
    session.push(ids)
    assert again != ids
    assert session.ids == ids


def sentencepiece_like() -> LoadedModel:
    """A model whose tokenizer puts a space before the first word of a text, as SentencePiece does."""
    made = Tokenizer(models.BPE(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    made.decoder = decoders.Metaspace(prepend_scheme="first")
    made.train_from_iterator(
        ["the total of the receipt is in the crop"] * 9,
        trainers.BpeTrainer(vocab_size=90, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False),
    )
    tokenizer: Any = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers leaves it untyped
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )
    return replace(tiny.load("llama"), tokenizer=tokenizer)


def test_a_span_is_not_tokenised_as_the_beginning_of_a_text() -> None:
    texts = ["<s>the total", " of the receipt</s>", "the crop"]
    model = sentencepiece_like()
    whole = model.tokenizer("".join(texts), add_special_tokens=False)["input_ids"]
    naive = [each for text in texts for each in model.tokenizer(text, add_special_tokens=False)["input_ids"]]
    encoder = SpanEncoder(model)
    assert naive != whole
    assert [each for text in texts for each in encoder.encode(text).ids] == whole
