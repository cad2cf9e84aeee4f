"""Keeping a model to a grammar while it writes: which tokens may come next, and what follows from those it chose."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...errors import LavrError
from ...extras import need

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLTokenizer

GRAMMARS_KEPT = 64


class Constraint:
    """Grammars over one vocabulary. Made once for a tokenizer, which takes seconds; safe to use from several threads.

    Args:
        tokenizer: a fast tokenizer of `transformers`.
        vocabulary: rows of the model's output layer, which may be more than the tokenizer has tokens.
        stop_ids: tokens that end a turn; the tokenizer's own end when empty.

    Attributes:
        compiled: how many grammars were compiled so far.

    Raises:
        MissingExtra: when llguidance is not installed.
    """

    def __init__(self, tokenizer: Any, vocabulary: int, *, stop_ids: Collection[int] = ()) -> None:
        need("llguidance", extra="local")
        import llguidance.hf

        self.vocabulary = vocabulary
        self.stop_ids = tuple(stop_ids) or (int(tokenizer.eos_token_id),)
        self._tokens: LLTokenizer = llguidance.hf.from_tokenizer(
            tokenizer, n_vocab=vocabulary, eos_token=list(self.stop_ids)
        )
        self.compiled = 0
        self._roots: OrderedDict[str, LLMatcher] = OrderedDict()
        self._lock = threading.Lock()

    def matcher(self, grammar: str) -> Matcher:
        """A matcher at the beginning of a grammar, in llguidance's dialect of Lark.

        Raises:
            LavrError: when the grammar cannot be compiled, with llguidance's reason.
        """
        with self._lock:
            root = self._roots.get(grammar) or self._compiled(grammar)
            self._roots[grammar] = root
            self._roots.move_to_end(grammar)
            while len(self._roots) > GRAMMARS_KEPT:
                self._roots.popitem(last=False)
            return Matcher(root.deep_copy(), self.vocabulary, frozenset(self.stop_ids))

    def _compiled(self, grammar: str) -> LLMatcher:
        from llguidance import LLMatcher

        self.compiled += 1
        root = LLMatcher(self._tokens, grammar, log_level=0)
        if root.is_error():
            raise LavrError(
                f"The grammar of the tools cannot be compiled: {_reason(root.get_error())}",
                remedy="Simplify the schema of the tool that it names.",
            )
        return root


class Matcher:
    """One text on its way through a grammar."""

    def __init__(self, inner: LLMatcher, vocabulary: int, stop_ids: frozenset[int]) -> None:
        self._inner = inner
        self._vocabulary = vocabulary
        self._stop_ids = stop_ids
        self._bits = np.zeros((vocabulary + 31) // 32, dtype=np.int32)
        self.stopped_by: int | None = None

    @property
    def done(self) -> bool:
        """Whether the text is over: a stop token was accepted, or nothing but one may follow."""
        return self.stopped_by is not None or bool(self._inner.is_stopped())

    @property
    def complete(self) -> bool:
        """Whether the text may end here."""
        return self.done or bool(self._inner.is_accepting())

    def copy(self) -> Matcher:
        """A matcher that goes its own way from here."""
        twin = Matcher(self._inner.deep_copy(), self._vocabulary, self._stop_ids)
        twin.stopped_by = self.stopped_by
        return twin

    def mask(self, logits: torch.Tensor) -> torch.Tensor:
        """Set the logits of the tokens that may not come next to minus infinity, in place.

        Args:
            logits: of the next token, over the vocabulary, the last dimension.

        Raises:
            LavrError: when the matcher is lost; never after tokens that its masks allowed.
        """
        self._inner.unsafe_compute_mask_ptr(self._bits.ctypes.data, self._bits.nbytes)
        if self._inner.is_error():
            raise self._lost()
        banned = np.unpackbits((~self._bits).view(np.uint8), bitorder="little", count=self._vocabulary)
        return logits.masked_fill_(torch.from_numpy(banned.view(np.bool_)).to(logits.device), -torch.inf)

    def allows(self, token: int) -> bool:
        """Whether a token may come next."""
        if token in self._stop_ids:
            return self.stopped_by is None and self.complete
        return not self.done and self._inner.validate_tokens([token]) == 1

    def accept(self, token: int) -> None:
        """Take a token that came next.

        Raises:
            LavrError: when the grammar does not allow it.
        """
        if token in self._stop_ids and self.complete:
            self.stopped_by = token
        elif self.done or not self._inner.consume_token(token):
            raise self._lost()

    def forced(self) -> list[int]:
        """The tokens that must come next, none where there is a choice. They still have to be accepted."""
        if self.done:
            return []
        tokens = self._inner.compute_ff_tokens()
        # Forced text that spells an added token is given as that token, which the grammar then refuses.
        return tokens[: self._inner.validate_tokens(tokens)]

    def _lost(self) -> LavrError:
        why = _reason(self._inner.get_error()) or "the text is over."
        return LavrError(f"The text left its grammar: {why}", remedy="Sample only tokens that the mask allows.")


def _reason(report: str) -> str:
    """The line of llguidance's report that says what is wrong; the rest is its state and the whole grammar."""
    lines = [line for line in report.splitlines() if line.startswith("Error: ")]
    return lines[0].removeprefix("Error: ") if lines else report.split("\n", 1)[0]
