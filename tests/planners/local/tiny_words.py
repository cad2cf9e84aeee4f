"""A tokenizer trained on the spot, with the special tokens of all families, and a chat template with tool turns."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

VOCABULARY = 2400
_CORPUS = Path(__file__).resolve().parents[3]

SPECIALS = [
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"),
    *("<|video_pad|>", "<image>", "<video>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>"),
    *("<start_of_image>", "<end_of_image>", "<image_soft_token>", "<|image|>", "<|video|>", "<|audio|>", "<|image>"),
    *("<image|>", "<IMG_CONTEXT>", "<img>", "</img>", "<video_pad>", "<bos>", "<pad>", "[IMG]", "[IMG_BREAK]"),
    *("[IMG_END]", "<|image_start|>", "<|image_end|>", "<|img_thumbnail|>", "<audio|>", "<|audio>"),
    *(f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)),
    *(f"<|img_row_{row}_col_{column}|>" for row in range(1, 11) for column in range(1, 11)),
]
"""Tokens that are markup, left out of decoded text."""

TAGS = ["<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>"]
"""Added tokens that are text: models write them, and they stay in decoded text."""

TEMPLATE = """\
{%- macro written(content) -%}
{%- if content is string -%}{{ content }}{%- else -%}
{%- for part in content -%}
{%- if part.type == 'image' -%}PLACEHOLDER{%- else -%}{{ part.text }}{%- endif -%}
{%- endfor -%}
{%- endif -%}
{%- endmacro -%}
{%- if tools %}
{{- '<|im_start|>system\\n' }}
{%- if messages[0].role == 'system' %}{{ written(messages[0].content) + '\\n\\n' }}{%- endif %}
{{- '# Tools\\n\\nYou may call functions, one JSON signature a line:\\n<tools>' }}
{%- for tool in tools %}{{ '\\n' + (tool | tojson) }}{%- endfor %}
{{- '\\n</tools>\\n\\nCall one with:\\n' }}
{{- '<tool_call>\\n{"name": <name>, "arguments": <object>}\\n</tool_call><|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
{%- if message.role == 'tool' %}
{%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}{{ '<|im_start|>user' }}{%- endif %}
{{- '\\n<tool_response>\\n' + written(message.content) + '\\n</tool_response>' }}
{%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{ '<|im_end|>\\n' }}{%- endif %}
{%- elif not (tools and loop.first and message.role == 'system') %}
{{- '<|im_start|>' + message.role + '\\n' + written(message.content or '') }}
{%- for call in message.tool_calls or [] %}
{%- set function = call.function or call %}
{{- '\\n<tool_call>\\n{"name": "' + function.name + '", "arguments": ' }}
{{- (function.arguments if function.arguments is string else function.arguments | tojson) + '}\\n</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}
"""


def template(placeholder: str) -> str:
    """A template in the manner of ChatML and Qwen's tool turns, with a family's placeholder for pictures."""
    return TEMPLATE.replace("PLACEHOLDER", placeholder)


def tokenizer(placeholder: str = "", **roles: str) -> Any:
    """A fresh tokenizer; `roles` name special tokens that a processor asks its tokenizer for, such as `image_token`."""
    from transformers import PreTrainedTokenizerFast

    made: Any = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers leaves it untyped
        tokenizer_object=Tokenizer.from_str(_trained()),
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        padding_side="left",
        extra_special_tokens=roles or None,
        model_max_length=8192,
    )
    made.chat_template = template(placeholder)
    return made


@cache
def _trained() -> str:
    """The tokenizer as JSON: byte-level BPE over the package's own source."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    files = [str(path) for part in ("vision", "tools", "docs") for path in sorted((_CORPUS / part).glob("*.*"))]
    made.train(
        [file for file in files if file.endswith((".py", ".md"))],
        trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            special_tokens=SPECIALS,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    made.add_tokens(TAGS)
    return str(made.to_str())
