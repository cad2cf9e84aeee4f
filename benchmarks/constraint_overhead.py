"""What keeping a model to a grammar costs: milliseconds per token, beside the time of the token itself.

Run it: `python benchmarks/constraint_overhead.py [TOKENS]`. The vocabulary is that of the Qwen model in the folder
`LAVR_TEST_MODELS`, or else a synthetic one of 151,936 byte-level tokens. The model has the shape of a language model of
1.5 billion parameters (28 layers of 1536, bf16) with made-up weights, on this machine's CPU; on a GPU with `--device
cuda`. The grammar is that of lavr's own tools with 3 live images and 27 live regions. On a CPU, times are those of one
thread on the processor, so that what else the machine does matters little.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from lavr.planners.handles import Handles
from lavr.planners.local.cache import cache_argument
from lavr.planners.local.callformats import CallFormat
from lavr.planners.local.matching import Constraint
from lavr.tools.registry import default_tools
from lavr.vision.units import CoordinateUnit

VOCABULARY = 151_936
LIVE = Handles(
    tuple(f"img_{number}" for number in range(1, 4)),
    tuple(f"r{number}" for number in range(1, 28)),
    ("c1",),
    (1024, 768),
)


def qwen_tokenizer() -> Any:
    """The tokenizer of a real model, or None when there is none on this machine."""
    folder = os.environ.get("LAVR_TEST_MODELS", "")
    files = sorted(Path(folder).glob("qwen*.gguf")) if folder else []
    if not files:
        return None
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, gguf_file=files[0].name)


def synthetic_tokenizer() -> Any:
    """A byte-level tokenizer of as many tokens: all bytes, and made-up words of two to nine letters."""
    import itertools

    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    syllables = ["".join(pair) for pair in itertools.product("bcdfghklmnprstvz", "aeiou")]
    words = itertools.chain.from_iterable(
        ("".join(part) for part in itertools.product(["", "Ġ"], *[syllables] * count)) for count in (1, 2, 3)
    )
    tokens = dict.fromkeys([*alphabet, *itertools.islice(words, VOCABULARY - len(alphabet) - 1)])
    inner = Tokenizer(models.BPE(vocab={token: number for number, token in enumerate(tokens)}, merges=[]))
    inner.pre_tokenizer, inner.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|im_end|>")  # type: ignore[no-untyped-call]


def constraint_ms(words: Any, device: str, decisions: int = 12) -> dict[str, float]:
    """Set-up times, and milliseconds per token of the mask, of accepting and of asking for forced tokens."""
    began = _now(device)
    constraint = Constraint(words, VOCABULARY)
    ready = _now(device)
    rules = CallFormat.choose(words).grammar(default_tools().specs, LIVE, CoordinateUnit.PER_MILLE)
    constraint.matcher(rules)
    compiled = _now(device)
    spent = [_decision_ms(constraint, rules, seed, device) for seed in range(decisions)]
    masks = sorted(ms for masks, _ in spent for ms in masks)
    accepts = sorted(ms for _, accepts in spent for ms in accepts)
    return {
        "tokenizer_s": ready - began,
        "grammar_ms": (compiled - ready) * 1000,
        "tokens": len(masks),
        "mask_median_ms": statistics.median(masks),
        "mask_mean_ms": statistics.fmean(masks),
        "mask_p99_ms": masks[int(0.99 * len(masks))],
        "accept_mean_ms": statistics.fmean(accepts),
    }


def _now(device: str) -> float:
    return time.process_time() if device == "cpu" else time.perf_counter()


def _decision_ms(constraint: Constraint, rules: str, seed: int, device: str) -> tuple[list[float], list[float]]:
    """Times of one decision of random logits, thought included."""
    generator = torch.Generator().manual_seed(seed)
    matcher, masks, accepts = constraint.matcher(rules), list[float](), list[float]()
    while not matcher.done:
        logits = torch.randn(VOCABULARY, generator=generator).to(device)
        began = _now(device)
        matcher.mask(logits)
        token = int(logits.argmax())
        masked = _now(device)
        matcher.accept(token)
        forced = matcher.forced()
        accepted = _now(device)
        masks.append((masked - began) * 1000)
        accepts.append((accepted - masked) * 1000)
        for each in forced:
            matcher.accept(each)
    return masks, accepts


def token_ms(device: str, tokens: int, prompt: int = 64) -> tuple[float, int]:
    """Median milliseconds of one decoded token after a prompt, and the number of parameters."""
    from transformers import AutoModelForCausalLM, DynamicCache, Qwen2Config

    config = Qwen2Config(
        vocab_size=VOCABULARY, hidden_size=1536, intermediate_size=8960, num_hidden_layers=28,
        num_attention_heads=12, num_key_value_heads=2, tie_word_embeddings=True,
    )  # fmt: skip
    factory: Any = AutoModelForCausalLM  # transformers leaves its methods untyped
    with torch.device("meta"):
        model = factory.from_config(config, dtype=torch.bfloat16).eval()
    model.to_empty(device=device)
    model.tie_weights()
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.data.fill_(0.01)  # drawing 1.5 billion numbers takes minutes, and times do not depend on them
    spent = []
    with torch.inference_mode():
        kept = {cache_argument(model): DynamicCache(config=config)}
        model(torch.randint(0, VOCABULARY, (1, prompt), device=device), use_cache=True, **kept)
        for number in range(tokens + 2):
            began = _now(device)
            model(torch.tensor([[number]], device=device), use_cache=True, **kept).logits[0, -1].argmax().item()
            spent.append((_now(device) - began) * 1000)
    return statistics.median(spent[2:]), sum(weights.numel() for weights in model.parameters())


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("tokens", type=int, nargs="?", default=12)
    options.add_argument("--device", default="cpu")
    chosen = options.parse_args(arguments)
    torch.set_num_threads(1)
    words = qwen_tokenizer()
    name = "synthetic" if words is None else "Qwen"
    spent = constraint_ms(words or synthetic_tokenizer(), chosen.device)
    print(f"vocabulary: {name}, {VOCABULARY:,} rows; device: {chosen.device}", flush=True)
    print(json.dumps({key: round(value, 3) for key, value in spent.items()}), flush=True)
    one, parameters = token_ms(chosen.device, chosen.tokens)
    cost = spent["mask_mean_ms"] + spent["accept_mean_ms"]
    print(f"a token of a model of {parameters / 1e9:.2f}B parameters (bf16): {one:.1f} ms")
    print(f"the constraint: {cost:.3f} ms a token, {100 * cost / one:.2f} % of it")


if __name__ == "__main__":
    main()
