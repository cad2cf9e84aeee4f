"""Networks that break the recipe of reuse on purpose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lavr.planners.local.cache import cache_argument
from lavr.planners.local.loaded import LoadedModel
from lavr.tests.planners.local import tiny


class Misplacing:
    """A network that shifts positions of what is fed on top of a cache, as a careless model file would."""

    def __init__(self, network: Any, shift: int = 3) -> None:
        self._network, self._shift = network, shift

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)

    def __call__(self, **arguments: Any) -> Any:
        if self._is_continued(arguments) and arguments["input_ids"].shape[1] > 1:
            # Every other token: rotary positions are relative, a shift of all would hardly be seen.
            arguments["position_ids"] = arguments["position_ids"].clone()
            arguments["position_ids"][..., ::2] += self._shift
        return self._network(**arguments)

    def _is_continued(self, arguments: dict[str, Any]) -> bool:
        cache = arguments.get(cache_argument(self._network))
        return bool(cache and cache.get_seq_length())


class Raising(Misplacing):
    """A network that refuses positions."""

    def __call__(self, **arguments: Any) -> Any:
        if self._is_continued(arguments):
            raise TypeError("forward() got an unexpected keyword argument 'position_ids'")
        return self._network(**arguments)


class Forgetful(Misplacing):
    """A network that does not take back what its vision encoder made of a picture."""

    def __call__(self, **arguments: Any) -> Any:
        return self.forward(**{"cache" if key == "past_key_values" else key: value for key, value in arguments.items()})

    def forward(self, cache: Any = None, **arguments: Any) -> Any:
        assert "mm_encoder_outputs" not in arguments
        return self._network(**{cache_argument(self._network): cache}, **arguments)


def misplacing(family: str) -> LoadedModel:
    """A tiny model that misplaces what is fed on top of a cache."""
    model = tiny.load(family)
    return replace(model, network=Misplacing(model.network))


def raising(family: str) -> LoadedModel:
    """A tiny model that raises when something is fed on top of a cache."""
    model = tiny.load(family)
    return replace(model, network=Raising(model.network))
