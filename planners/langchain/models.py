"""Chat models of LangChain: made of a string, named, and told of tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ...errors import MissingExtra, UsageError
from ...extras import need
from ...jsonable import Json
from .failures import is_missing_key

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable

    Asked: TypeAlias = Runnable[Any, AIMessage]

EXTRA = "langchain"


def chat_model(model: object, options: Mapping[str, Any]) -> BaseChatModel:
    """The chat model itself, or the one that `init_chat_model` makes of a string such as "ollama:qwen3-vl:8b".

    Raises:
        MissingExtra: when langchain, or the provider's package, is not installed.
        UsageError: when the string names no provider, a key is missing, or the object is no chat model.
    """
    need("langchain_core", extra=EXTRA)
    from langchain_core.language_models import BaseChatModel

    if isinstance(model, BaseChatModel):
        if options:
            raise UsageError(
                f"The chat model is made already; {', '.join(options)} cannot be set.",
                remedy="Set them where it is made, or give its name as a string.",
            )
        return model
    if not isinstance(model, str) or not model.strip():
        raise UsageError(
            f"A {type(model).__name__} is no chat model.",
            remedy='Give a chat model of LangChain, or a string such as "openai:gpt-5" or "ollama:qwen3-vl:8b".',
        )
    return _made(model, options)


def _made(model: str, options: Mapping[str, Any]) -> BaseChatModel:
    need("langchain", extra=EXTRA)
    from langchain.chat_models import init_chat_model
    from langchain_core.language_models import BaseChatModel

    try:
        made = init_chat_model(model, **options)
    except ImportError as error:
        package = _package(str(error))
        remedy = f"pip install {package}" if package else str(error)
        raise MissingExtra(f"The provider of {model!r} needs a package of its own.", remedy=remedy) from error
    except ValueError as error:
        raise UsageError(
            f"{model!r} cannot be made: {_first_line(error)}",
            remedy='Write provider:model, such as "openai:gpt-5", "anthropic:claude-sonnet-5" or "ollama:qwen3-vl:8b".',
        ) from error
    except Exception as error:
        if is_missing_key(error):
            raise UsageError(
                f"{model!r} cannot be made: {_first_line(error)}",
                remedy="Set the environment variable that it names, or pass api_key=....",
            ) from error
        raise
    if not isinstance(made, BaseChatModel):
        raise UsageError(f"{model!r} is no chat model.", remedy="Name one model.")
    return made


def model_name(model: BaseChatModel) -> str:
    """What people call it: the name that it has at its provider, or else its class."""
    for key in ("model_name", "model", "model_id", "repo_id"):
        value = getattr(model, key, None)
        if isinstance(value, str) and value.strip():
            return value.removeprefix("models/")
    return type(model).__name__


def most_tokens(model: BaseChatModel) -> int:
    """How many tokens its replies may have, as far as it says; 0 otherwise."""
    for key in ("max_tokens", "max_output_tokens", "num_predict", "max_completion_tokens"):
        value = getattr(model, key, None)
        if isinstance(value, int) and value > 0:
            return value
    return 0


def with_tools(model: BaseChatModel, tools: Sequence[Json]) -> Asked | None:
    """The model told of tools, or None when it cannot be told of any.

    Args:
        model: the chat model.
        tools: functions in OpenAI's form, which all providers' packages take.
    """
    try:
        return model.bind_tools(list(tools))  # type: ignore[arg-type]  # JSON objects are dictionaries
    except NotImplementedError:
        return None


def _package(message: str) -> str:
    """The package that LangChain's message says to install."""
    return message.partition("pip install ")[2].strip(" `.'\"").split("`")[0]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
