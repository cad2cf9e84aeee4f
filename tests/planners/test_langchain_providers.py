"""Real packages of providers against a server on loopback: what is sent, and what their errors become."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from lavr import Agent
from lavr.errors import EnvironmentLacks, LavrError, LimitReached, MissingExtra, UsageError
from lavr.planners.base import Decision
from lavr.planners.rehearsal import asked, looked, reading_spec
from lavr.tests.planners.openai.loopback import Loopback, refuses, says, serving

pytest.importorskip("langchain_openai", reason="langchain-openai is not installed")

from lavr.planners.langchain import LangChainPlanner

KEY = "sk-abcdefghijklmnopqrstuvwxyz"


def planner_at(server: Loopback, **options: Any) -> LangChainPlanner:
    """A planner of LangChain's own package for OpenAI, made of a string."""
    return LangChainPlanner("openai:gpt-4o", base_url=server.url, api_key=KEY, max_retries=0, timeout=5, **options)


def decided(server: Loopback, **options: Any) -> Decision:
    """One decision of such a planner after a look at the picture."""
    _, later = looked()
    return planner_at(server, **options).decide(later, (reading_spec(),))


def test_pictures_are_sent_in_turns_of_the_user_and_results_to_their_calls() -> None:
    with serving(says("It says 9.00.")) as server:
        decision = decided(server)
    assert decision.answer is not None
    assert decision.answer.text == "It says 9.00."
    messages = server.chats[0].body["messages"]
    roles = [message["role"] for message in messages]
    assert roles[roles.index("assistant") :][:2] == ["assistant", "tool"]
    with_pictures = {message["role"] for message in messages if "image_url" in json.dumps(message["content"])}
    assert with_pictures == {"user"}
    call, result = messages[roles.index("assistant")]["tool_calls"][0], messages[roles.index("tool")]
    assert result["tool_call_id"] == call["id"]


@pytest.mark.parametrize(
    ("status", "message", "kind", "told"),
    [
        (401, f"Incorrect API key provided: {KEY}", UsageError, "API key"),
        (403, "You may not use this model.", UsageError, "API key"),
        (404, "The model does not exist.", UsageError, "model's name"),
        (429, "Rate limit reached.", EnvironmentLacks, "max_retries"),
        (500, "Something broke.", EnvironmentLacks, "Try later"),
        (503, "Overloaded.", EnvironmentLacks, "Try later"),
        (400, "This model's maximum context length is 4096 tokens.", LimitReached, "max_side"),
        (400, "This model does not support image input.", UsageError, "sees=False"),
        (400, "temperature is out of range.", UsageError, "Correct what it names"),
    ],
)
def test_errors_of_providers_say_who_must_do_what_and_never_show_the_key(
    status: int, message: str, kind: type[LavrError], told: str
) -> None:
    with serving(refuses(status, message)) as server, pytest.raises(kind) as raised:
        decided(server)
    assert told in raised.value.remedy
    assert KEY not in str(raised.value)
    assert len(server.chats) == 1


def test_a_server_that_is_not_there_is_a_lack_of_the_environment() -> None:
    with serving(refuses(500, "")) as server:
        url = server.url
    server.url = url
    with pytest.raises(EnvironmentLacks, match="does not answer"):
        decided(server)


def test_a_provider_without_tools_for_the_model_is_asked_in_plain_text() -> None:
    refusal = refuses(400, "registry.ollama.ai/library/llava:7b does not support tools")
    with serving(refusal, says("<answer>It says 9.00.</answer>")) as server:
        planner = planner_at(server)
        decision = planner.decide(asked("What does it say?"), (reading_spec(),))
    assert decision.answer is not None
    assert (planner.mode, "does not support tools" in planner.reason) == ("text", True)
    assert "tools" not in server.chats[1].body


def test_an_agent_takes_a_chat_model_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(says("It is white.")) as server:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        assert Agent("langchain:openai:gpt-4o").ask(None, "Which colour is snow?").text == "It is white."


def test_a_provider_whose_package_is_missing_says_which_to_install() -> None:
    with pytest.raises(MissingExtra) as raised:
        LangChainPlanner("ollama:qwen3-vl:8b")
    assert raised.value.remedy == "pip install langchain-ollama"


def test_a_string_without_langchain_says_which_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain", None)
    with pytest.raises(MissingExtra) as raised:
        LangChainPlanner("ollama:qwen3-vl:8b")
    assert raised.value.remedy == 'pip install "lavr[langchain]"'


def test_a_string_without_a_provider_and_a_missing_key_are_usage_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UsageError, match="nosuch:bar"):
        LangChainPlanner("nosuch:bar")
    with pytest.raises(UsageError, match="api_key"):
        LangChainPlanner("openai:gpt-4o")
