"""A generator of damaged replies: what a model meant, how it wrote it, and what went wrong on the way.

Every case is an intended decision, written in one of the dialects that models were trained on, with one or two damages.
The damages are of two sorts: `harmless` ones leave one meaning only, `ambiguous` ones leave none or several.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lavr.jsonable import Json
from lavr.planners.base import Decision, Draft
from lavr.tests.planners.replies.dialects import (
    ANSWERING,
    MANY,
    OBJECTS,
    OWN_MARKS,
    PROPER,
    SINGLE,
    STYLES,
    UNSTYLED,
    Dialect,
    Style,
)
from lavr.tools.calls import ToolCall
from lavr.tools.spec import ToolCard, ToolSpec

IMAGE: Json = {"type": "string", "format": "image"}
REGION: Json = {"anyOf": [{"type": "string", "format": "region"}, {"type": "null"}], "default": None}
NUMBERS: Json = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4, "format": "xyxy"}
BOX: Json = {"anyOf": [NUMBERS, {"type": "null"}], "default": None}


def spec(name: str, purpose: str, properties: dict[str, Json], required: Sequence[str]) -> ToolSpec:
    """A tool as planners see it."""
    schema: dict[str, Json] = {"type": "object", "properties": properties, "required": list(required)}
    return ToolSpec(name, ToolCard(purpose), {**schema, "additionalProperties": False})


TOOLS = (
    spec("ocr", "Read text.", {"image": IMAGE, "box": BOX, "find": {"type": "string", "default": ""}}, ["image"]),
    spec("zoom", "Enlarge a part.", {"image": IMAGE, "box": BOX, "scale": {"type": "number", "default": 0}}, ["image"]),
    spec("calculate", "Do sums.", {"expression": {"type": "string"}}, ["expression"]),
    spec("mark", "Draw.", {"image": IMAGE, "labels": {"type": "boolean", "default": True}, "at": REGION}, ["image"]),
    spec("find_objects", "Find things.", {"image": IMAGE, "labels": {"type": "array", "items": {"type": "string"}}},
         ["image", "labels"]),
    spec("count_dots", "Count dots.", {"image": IMAGE}, ["image"]),
    spec("count_docs", "Count documents.", {"image": IMAGE}, ["image"]),
)  # fmt: skip

THOUGHTS = (
    "",
    "I need the total, so I read the page first.",
    "The small print at the bottom is too small to read.",
    "Step 1: the picture has two parts (left, right); the left one matters.",
    "Das Wort steht oben links – größer zeigen!",
    "The set {a, b} is irrelevant; look at [12, 40] first.",
)
ANSWERS = (
    ("The total is 112.45.", "112.45"),
    ("It's a red bicycle, leaning against the wall.", "red"),
    ("Das Schild sagt: „Achtung, Stufe!“", ""),
    ("Two of them:\n- a cup\n- a plate", "2"),
    ("The color of the car is blue.", "blue"),
)
WORDS = ("TOTAL", "it's here", 'the "net" sum', "a {b} c", "5 < 6, 7 > 2", "größe", "x: y, z", "C:\\temp", "# 12 // no")
EXPRESSIONS = ("(112.45 - 6.37) / 2", "sum(1.20, 3.40)", "1,250.00 * 6%")


@dataclass(frozen=True, slots=True)
class Case:
    """One reply and what is right to make of it.

    Attributes:
        text: the reply as it came.
        intended: what its writer meant.
        harmless: whether that can be told from the text; otherwise it must be asked again.
        label: dialect and damages, for the figures.
    """

    text: str
    intended: Decision
    harmless: bool
    label: str


Damage = Callable[[str, random.Random], str]

AROUND: dict[str, Damage] = {
    "prose before": lambda text, _: f"Sure! Here is what I do next:\n\n{text}",
    "prose after": lambda text, _: f"{text}\n\nThat should give what is needed.",
    "prose on both sides": lambda text, _: f"Certainly.\n{text}\nI will wait for what comes back.",
    "thinking": lambda text, _: f"<think>\nMaybe zoom, maybe not: {{x}}.\n</think>\n\n{text}",
    "thinking with a call": lambda text, _: f'<think>{{"name": "zoom", "arguments": {{}}}}?</think>{text}',
    "thinking unopened": lambda text, _: f"The user wants it read.\n</think>\n{text}",
    "line ends": lambda text, _: text.replace("\n", "\r\n"),
    "white space": lambda text, _: f"\ufeff \n\t{text}\n\n ",
    "end of turn": lambda text, rng: text + rng.choice(["<|im_end|>", "<|eot_id|>", "</s>", "<end_of_turn>"]),
}
FENCES = ("```json\n{}\n```", "```\n{}\n```", "```tool_call\n{}\n```", "~~~json\n{}\n~~~", "```json\n{}")


def _one_call(rng: random.Random) -> ToolCall:
    tool = rng.choice(TOOLS)
    image = f"img_{rng.randint(1, 4)}"
    box: list[Json] = [rng.randint(0, 400) + rng.choice([0, 0.5]) for _ in range(4)]
    arguments: dict[str, dict[str, Json]] = {
        "ocr": rng.choice(
            [{"image": image}, {"image": image, "find": rng.choice(WORDS)}, {"image": image, "box": box}]
        ),
        "zoom": rng.choice([{"image": image, "box": box, "scale": 2.5}, {"image": image, "scale": 3}]),
        "calculate": {"expression": rng.choice(EXPRESSIONS)},
        "mark": {"image": image, "labels": rng.choice([True, False]), "at": rng.choice([None, "r12"])},
        "find_objects": {"image": image, "labels": ["red cup", rng.choice(WORDS)]},
    }
    return ToolCall("", tool.name, arguments.get(tool.name, {"image": image}))


def _calls(rng: random.Random, most: int) -> Decision:
    calls = [_one_call(rng) for _ in range(rng.randint(1, most))]
    unique = {json.dumps(call.to_json(), sort_keys=True): call for call in calls}
    return Decision(rng.choice(THOUGHTS), calls=tuple(unique.values()))


def _answer(rng: random.Random) -> Decision:
    text, value = rng.choice(ANSWERS)
    return Decision(rng.choice(THOUGHTS), answer=Draft(text, value=value))


def _pick(rng: random.Random) -> tuple[str, Dialect, Decision]:
    table = rng.choice([MANY, MANY, MANY, SINGLE, ANSWERING])
    name = rng.choice(sorted(table))
    decision = _answer(rng) if table is ANSWERING else _calls(rng, 3 if table is MANY else 1)
    return name, table[name], decision


def harmless(seed: int, count: int) -> Iterator[Case]:
    """Replies that are damaged and still mean one thing."""
    rng = random.Random(seed)
    for _ in range(count):
        name, dialect, decision = _pick(rng)
        style = PROPER if name in UNSTYLED else rng.choice([PROPER, *STYLES])
        text, done = dialect(decision, style), [name, style.name]
        if name == "prose":
            around = rng.choice(["thinking", "line ends", "white space", "end of turn"])
            yield Case(AROUND[around](text, rng), decision, harmless=True, label=f"{name}, {around}")
            continue
        text, more = _structural(text, name, style, decision, rng)
        around = rng.choice([*AROUND, "", ""])
        if around and not (name == "react answer" and around.startswith("prose")):
            text, more = AROUND[around](text, rng), [*more, around]
        yield Case(text, decision, harmless=True, label=", ".join([*done, *more]))


def _structural(text: str, name: str, style: Style, decision: Decision, rng: random.Random) -> tuple[str, list[str]]:
    """Damages of the frame: fences, braces and tags missing, misspelt names."""
    kind = rng.choice(["", "", "fence", "brace", "extra brace", "tag", "case", "typo", "twice"])
    if kind == "fence" and name not in OWN_MARKS and not name.startswith("answer"):
        return rng.choice(FENCES).format(text.strip()), ["fence"]
    if kind == "brace" and name in OBJECTS and not style.comment and _ends_whole(decision):
        return text.rstrip()[:-1].rstrip(), ["brace missing"]
    if kind == "extra brace" and name in OBJECTS:
        return text.rstrip() + "}", ["brace too many"]
    if kind == "tag" and name in {"hermes", "qwen coder", "glm", "answer tags"}:
        return text.rstrip().rsplit("</", 1)[0], ["last tag missing"]
    if kind == "case" and len(decision.calls) == 1:
        called = decision.calls[0].name
        return _renamed(text, called, called.upper().replace("_", "-")), ["name in capitals"]
    if kind == "typo" and len(decision.calls) == 1 and len(decision.calls[0].name) > 8 and "count" not in text:
        called = decision.calls[0].name
        return _renamed(text, called, called[:3] + called[4:]), ["misspelt name"]
    if kind == "twice" and decision.calls and name in {"hermes", "python"}:
        again = text[len(decision.thought) :]
        return f"{text}\n{again.strip()}", ["said twice"]
    return text, []


def _ends_whole(decision: Decision) -> bool:
    """Whether the last argument ends with a mark of its own: a number could go on."""
    return all(isinstance(list(call.arguments.values())[-1], str | list) for call in decision.calls)


def _renamed(text: str, old: str, new: str) -> str:
    head, _, tail = text.rpartition(old) if text.count(old) == 1 else text.partition(old)
    return f"{head}{new}{tail}"


def ambiguous(seed: int, count: int) -> Iterator[Case]:
    """Replies that must be asked again."""
    rng = random.Random(seed)
    for number in range(count):
        kind = list(SPOILED)[number % len(SPOILED)]
        decision = _calls(rng, 1)
        name = rng.choice(sorted({**MANY, **SINGLE}))
        dialect = {**MANY, **SINGLE}[name]
        text = SPOILED[kind](decision, dialect, rng)
        around = rng.choice(["", "", "prose before", "white space", "thinking", "end of turn"])
        cut = kind in {"cut value", "cut number"}
        if around and not (cut and around == "end of turn"):
            text = AROUND[around](text, rng)
        yield Case(text, decision, harmless=False, label=f"{name}, {kind}, {around}")


Spoil = Callable[[Decision, Dialect, random.Random], str]


def _and_answer(decision: Decision, dialect: Dialect, rng: random.Random) -> str:
    closing = rng.choice(["<answer>It is 9.00.</answer>", "Final Answer: It is 9.00.", '{"text": "It is 9.00."}'])
    return f"{dialect(decision, PROPER)}\n{closing}"


def _same_id(decision: Decision, _: Dialect, rng: random.Random) -> str:
    lines = [{"id": "c1", "name": "ocr", "arguments": {"image": image}} for image in ("img_1", "img_2")]
    if rng.random() < 0.5:
        return json.dumps({"tool_calls": lines})
    return "\n".join(f"<tool_call>{json.dumps(line)}</tool_call>" for line in lines)


def _near_two(decision: Decision, dialect: Dialect, rng: random.Random) -> str:
    wrong = rng.choice(["count_dos", "count_do_s", "count_do"])
    return dialect(Decision(calls=(ToolCall("", wrong, {"image": "img_1"}),)), PROPER)


def _cut_value(decision: Decision, dialect: Dialect, rng: random.Random) -> str:
    call = ToolCall("", "ocr", {"image": "img_1", "find": "the amount to be paid"})
    text = dialect(Decision(decision.thought, calls=(call,)), PROPER)
    return text[: text.index("amount") + rng.randint(0, 6)]


def _cut_number(decision: Decision, dialect: Dialect, rng: random.Random) -> str:
    call = ToolCall("", "zoom", {"image": "img_1", "box": [10, 20, 300, 4567]})
    text = dialect(Decision(decision.thought, calls=(call,)), PROPER)
    return text[: text.index("4567") + rng.randint(-3, 4)]


def _mention(decision: Decision, _: Dialect, rng: random.Random) -> str:
    tool = rng.choice(TOOLS).name
    said = (
        f"I would use the {tool} tool on img_1 to find out.",
        f"Let me call {tool} to see what is there.",
        f"Next I will run `{tool}` with the image.",
        f"I'll use {tool}(image) for this.",
        f"To answer this, calling {tool} would help.",
    )
    return rng.choice(said)


def _quoted(decision: Decision, dialect: Dialect, rng: random.Random) -> str:
    text = dialect(Decision(calls=decision.calls), PROPER).strip()
    frames = (
        f'The page says:\n<untrusted from="c1 ocr">\n{text}\n</untrusted>',
        "The page says:\n" + "\n".join(f"> {line}" for line in text.splitlines()),
        f"The text on the sign reads:\n```text\n{text}\n```",
    )
    return rng.choice(frames)


def _lacking(decision: Decision, dialect: Dialect, _: random.Random) -> str:
    return dialect(Decision(calls=(ToolCall("", "find_objects", {"image": "img_1"}),)), PROPER)


def _unknown(decision: Decision, dialect: Dialect, rng: random.Random) -> str:
    wrong = rng.choice(["teleport", "segment_anything", "web_search"])
    return dialect(Decision(calls=(ToolCall("", wrong, {"image": "img_1"}),)), PROPER)


def _only_thought(decision: Decision, dialect: Dialect, rng: random.Random) -> str:
    return f"<think>{dialect(decision, PROPER)}{rng.choice(['</think>', ''])}"


def _two_answers(decision: Decision, _: Dialect, rng: random.Random) -> str:
    return "<answer>It is 9.00.</answer>\n<answer>It is 19.00.</answer>"


def _two_values(decision: Decision, _: Dialect, rng: random.Random) -> str:
    inner = '{"image": "img_1", "image": "img_2"}'
    tagged = f'<tool_call>{{"name": "ocr", "arguments": {inner}}}</tool_call>'
    return rng.choice([tagged, f'{{"tool": "ocr", "args": {inner}}}'])


SPOILED: dict[str, Spoil] = {
    "call and answer": _and_answer,
    "one id twice": _same_id,
    "nearly two tools": _near_two,
    "cut value": _cut_value,
    "cut number": _cut_number,
    "mere mention": _mention,
    "quoted": _quoted,
    "argument lacking": _lacking,
    "unknown tool": _unknown,
    "only thought": _only_thought,
    "two answers": _two_answers,
    "one key twice": _two_values,
}


def same(left: Decision, right: Decision) -> bool:
    """Whether two decisions mean the same: the calls without their ids, or the words of the answer."""
    if left.answer is not None and right.answer is not None:
        return left.answer.text.replace("\r\n", "\n").strip() == right.answer.text.replace("\r\n", "\n").strip()
    return [replace(call, id="") for call in left.calls] == [replace(call, id="") for call in right.calls]
