"""Keys go where they belong, and are shown nowhere."""

from __future__ import annotations

import logging

import pytest

from lavr.errors import UsageError
from lavr.planners.openai.address import OPENAI_URL, address_of
from lavr.planners.openai.planner import OpenAIPlanner
from lavr.planners.testing import asked
from lavr.tests.planners.openai.loopback import answers, body, refuses, serving

KEY = "sk-secret-0123456789"


def test_the_key_of_openai_goes_to_openai_alone() -> None:
    environ = {"OPENAI_API_KEY": KEY}
    assert address_of(OPENAI_URL, None, allow_http=False, environ=environ).key == KEY
    assert address_of("https://models.example.org/v1", None, allow_http=False, environ=environ).key == ""


def test_our_own_variable_goes_before_and_to_any_server_and_an_argument_before_both() -> None:
    environ = {"OPENAI_API_KEY": "sk-other", "LAVR_OPENAI_API_KEY": f" {KEY}\n"}
    assert address_of(OPENAI_URL, None, allow_http=False, environ=environ).key == KEY
    assert address_of("http://localhost:8000/v1", None, allow_http=False, environ=environ).key == KEY
    assert address_of(OPENAI_URL, "sk-given", allow_http=False, environ=environ).key == "sk-given"
    assert address_of(OPENAI_URL, "", allow_http=False, environ=environ).key == ""


def test_the_environment_says_where_the_server_is() -> None:
    both = {"LAVR_OPENAI_BASE_URL": "http://localhost:1/v1", "OPENAI_BASE_URL": "https://other.example.org/v1"}
    assert address_of(None, None, allow_http=False, environ=both).url == "http://localhost:1/v1"
    paired = {"OPENAI_BASE_URL": "https://other.example.org/v1", "OPENAI_API_KEY": KEY}
    assert address_of(None, None, allow_http=False, environ=paired).key == KEY
    assert address_of("https://third.example.org/v1", None, allow_http=False, environ=paired).key == ""
    assert address_of(None, None, allow_http=False, environ={}).url == OPENAI_URL


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "models.example.org", "[2001:db8::1]:8000", "localhost.example.org"])
def test_a_key_does_not_travel_in_the_clear(host: str) -> None:
    with pytest.raises(UsageError, match="plain http") as caught:
        address_of(f"http://{host}/v1", KEY, allow_http=False)
    assert "allow_http=True" in caught.value.remedy
    assert KEY not in str(caught.value)
    assert address_of(f"http://{host}/v1", KEY, allow_http=True).key == KEY
    assert address_of(f"http://{host}/v1", "", allow_http=False).key == ""


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "gpu.localhost"])
def test_a_key_may_go_to_this_machine_over_plain_http(host: str) -> None:
    assert address_of(f"http://{host}/v1", KEY, allow_http=False).local


@pytest.mark.parametrize("url", [" ", "localhost:8000", "ftp://host/v1", "https://", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no address"):
        address_of(url, None, allow_http=False)


def test_a_password_in_the_address_is_refused_without_being_repeated() -> None:
    with pytest.raises(UsageError, match="base_url has a user or a password") as caught:
        address_of("https://me:hunter2@example.org/v1", None, allow_http=False)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk-two\nlines", "sk with space", "sk-größe"])
def test_a_key_that_cannot_be_one_is_refused_without_being_repeated(key: str) -> None:
    with pytest.raises(UsageError, match="no key has") as caught:
        address_of(OPENAI_URL, key, allow_http=False)
    assert key not in str(caught.value)


def test_paths_are_put_below_the_base_and_its_query_stays() -> None:
    address = address_of("https://example.org/openai/v1/?api-version=1#x", "", allow_http=False)
    assert address.at("chat/completions") == "https://example.org/openai/v1/chat/completions?api-version=1"


def test_the_key_is_in_the_header_and_in_no_repr_log_or_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = refuses(400, f"you sent Authorization: Bearer {KEY}")
    with serving(answers(), echo) as server, OpenAIPlanner("tiny", base_url=server.url, api_key=KEY) as planner:
        planner.decide(asked("?"), ())
        assert server.chats[0].headers["Authorization"] == f"Bearer {KEY}"
        with pytest.raises(UsageError, match=r"Bearer \*\*\*") as caught:
            planner.decide(asked("?"), ())
    shown = [repr(planner), repr(planner._server.address), str(caught.value), str(caught.value.to_json()), caplog.text]
    assert [text for text in shown if KEY in text] == []


def test_redirects_are_not_followed() -> None:
    with serving(answers()) as elsewhere:
        moved = body(b"", status=308, Location=f"{elsewhere.url}/chat/completions")
        with serving(moved) as server, pytest.raises(UsageError, match="not followed"):
            OpenAIPlanner("tiny", base_url=server.url, api_key=KEY).decide(asked("?"), ())
        assert elsewhere.requests == []


def test_no_key_is_sent_when_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAVR_OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with serving(answers()) as server, OpenAIPlanner("tiny", base_url=server.url) as planner:
        planner.decide(asked("?"), ())
    assert "Authorization" not in server.chats[0].headers
    with serving(refuses(401)) as server, pytest.raises(UsageError, match="none is set"):
        OpenAIPlanner("tiny", base_url=server.url).decide(asked("?"), ())
