"""Glue: what templates write between turns, whatever they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from lavr.planners.base import Role
from lavr.planners.local.glue import BETWEEN, Glue, find_glue
from lavr.planners.local.spans import SpanEncoder
from lavr.tests.planners.local import tiny
from lavr.tests.planners.local.tiny_words import tokenizer

LLAMA = """\
{{- '<|begin|>' }}
{%- for message in messages %}
{{- '<|start|>' + message['role'] + '<|end|>\\n\\n' }}
{%- if message['role'] == 'tool' %}{{ message['content'] | tojson }}{% else %}{{ message['content'] | trim }}{% endif %}
{{- '<|eot|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|start|>assistant<|end|>\\n\\n' }}{% endif %}"""

GEMMA = """\
{{ '<bos>' }}
{%- if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}
{%- for message in messages %}
{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}
{{- '<start_of_turn>' + message['role'].replace('assistant', 'model') + '\\n' }}
{{- message['content'] + '<end_of_turn>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"""

REASONING = """\
{%- for message in messages %}
{%- set said = message.content.split('</think>')[-1] if message.role == 'assistant' else message.content %}
{{- '<|im_start|>' + message.role + '\\n' + said + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' }}{% endif %}"""

STEPS = [
    (Role.USER, Role.PLANNER),
    (Role.PLANNER, Role.USER),
    (Role.PLANNER, Role.TOOL),
    (Role.TOOL, Role.TOOL),
    (Role.TOOL, Role.USER),
    (Role.TOOL, Role.PLANNER),
    (Role.USER, Role.USER),
]


def glue_of(template: str | None) -> Glue:
    words = tokenizer()
    words.chat_template = template
    return find_glue(words)


def test_turns_are_closed_and_opened_as_the_template_does() -> None:
    glue = glue_of(tokenizer().chat_template)
    assert glue.step(Role.USER, Role.PLANNER) == "<|im_end|>\n<|im_start|>assistant\n"
    assert glue.step(Role.PLANNER, Role.TOOL) == "<|im_end|>\n<|im_start|>user\n<tool_response>\n"
    assert glue.step(Role.TOOL, Role.TOOL) == "\n</tool_response>\n<tool_response>\n"
    assert glue.step(Role.TOOL, Role.PLANNER) == "\n</tool_response><|im_end|>\n<|im_start|>assistant\n"


def test_tools_are_told_where_the_template_tells_them() -> None:
    words = tokenizer()
    tool = {"type": "function", "function": {"name": "zoom"}}
    head = find_glue(words).head("Be kind.", [tool])  # type: ignore[list-item]  # plain JSON
    system, _, user = head.partition("<|im_end|>")
    assert "Be kind." in system
    assert '"name": "zoom"' in system
    assert user == "\n<|im_start|>user\n"


def test_a_template_that_writes_results_as_json_keeps_its_quotes() -> None:
    glue = glue_of(LLAMA)
    assert glue.step(Role.PLANNER, Role.TOOL) == '<|eot|><|start|>tool<|end|>\n\n"'
    assert glue.step(Role.TOOL, Role.PLANNER) == '"<|eot|><|start|>assistant<|end|>\n\n'
    assert glue.head("Be kind.") == "<|begin|><|start|>system<|end|>\n\nBe kind.<|eot|><|start|>user<|end|>\n\n"


def test_without_a_system_role_the_instruction_begins_the_first_turn_of_the_user() -> None:
    assert glue_of(GEMMA).head("Be kind.") == f"<bos><start_of_turn>user\nBe kind.{BETWEEN}"


def test_without_a_role_for_tools_results_are_told_by_the_user() -> None:
    glue = glue_of(GEMMA)
    assert not glue.tools_speak
    assert glue.step(Role.PLANNER, Role.TOOL) == "<end_of_turn>\n<start_of_turn>user\n"
    assert glue.step(Role.TOOL, Role.TOOL) == glue.step(Role.TOOL, Role.USER) == BETWEEN
    assert glue.step(Role.TOOL, Role.PLANNER) == "<end_of_turn>\n<start_of_turn>model\n"


def test_a_prompt_that_the_template_drops_later_stays_in_the_log() -> None:
    glue = glue_of(REASONING)
    assert glue.step(Role.USER, Role.PLANNER).endswith("<think>\n\n</think>\n\n")
    assert glue.step(Role.PLANNER, Role.USER) == "<|im_end|>\n<|im_start|>user\n"


def test_a_model_without_a_template_gets_a_plain_one() -> None:
    glue = glue_of(None)
    assert glue.head("Be kind.") == "System: Be kind.\n\nUser: "
    assert glue.step(Role.USER, Role.PLANNER) == "\n\nAssistant: "


@pytest.mark.parametrize("template", [LLAMA, GEMMA, REASONING, None], ids=["llama", "gemma", "reasoning", "plain"])
def test_every_step_of_a_conversation_has_glue(template: str | None) -> None:
    glue = glue_of(template)
    assert all(glue.step(before, after) for before, after in STEPS)


def test_what_the_tokenizer_puts_first_is_put_first_once() -> None:
    class Beginning:
        """A tokenizer that begins every text with a token of its own."""

        def __init__(self, inner: Any) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inner, name)

        def __call__(self, text: str) -> dict[str, list[int]]:
            return {"input_ids": [self._inner.bos_token_id, *self._inner(text)["input_ids"]]}

    words = tokenizer()
    words.bos_token = "<bos>"
    assert find_glue(Beginning(words)).head("Be kind.").startswith("<bos><|im_start|>system")
    words.chat_template = GEMMA
    assert find_glue(Beginning(words)).head("Be kind.").count("<bos>") == 1


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_segments_are_tokenised_as_the_whole(family: str) -> None:
    model = tiny.load(family)
    glue, encoder = find_glue(model.tokenizer, model.processor), SpanEncoder(model)
    parts = [glue.head("Be kind."), "Which colour?", glue.step(Role.USER, Role.PLANNER)]
    apart = [token for part in parts for token in encoder.encode(part).ids]
    assert apart == encoder.encode("".join(parts)).ids
