"""What people say around a question: "please", "could you tell me", "thanks", ", right?"."""

from __future__ import annotations

from .patterns import Table, asks
from .words import Word, Words, bag

BEFORE: Table[bool] = Table(
    {},
    [
        asks(
            lambda: True,
            ",/:/please/kindly/hi/hello/hey/ok/okay/so/and/also/well/now/then/but/um/uh/just/quickly/actually/thanks",
            "[hi|hello|hey] [there|lavr]",
            "[could|can|would|will|may] you (please/kindly/just)",
            "would you mind",
            "(i am/was) wondering",
            "i wonder",
            "i [want|need|wish|would like|like|wanna] (to) (know/see/find out)",
            "(please) tell/inform (me)",
            "let me know",
            "(do you) [know|think]",
            "any idea",
            "[could|can|may] [i|we] (get/have/see/please)",
            "check (for me) (if/whether/that)",
            "[see|say|find out|figure out|determine] [if|whether]",
            "find out",
            "figure out",
            "determine",
            "help me (to) (find/with)",
            "explain to me",
            "(my/quick/a) question (is)",
            "[what|how] about",
            "if",
            "whether",
            "is it [true|correct|right] that",
            "am i right that",
        )
    ],
)

AFTER: Table[bool] = Table(
    {},
    [
        asks(
            lambda: True,
            ",/:/please/thanks/right/correct/ok/okay/btw/then/now/exactly/actually/here/yes/no",
            "thank you (very much)",
            "thanks a lot",
            "or not",
            "for/to me",
            "by the way",
            "all right",
            "if possible",
            "if you can",
            "am i right",
            "do you know",
        )
    ],
)

TAGS: Table[bool] = Table(
    {}, [asks(lambda: True, ", [is/are] (not) [it|there|they]", ", [does/do] (not) [it|they]", ", is it not")]
)
"""Tags that only ask for a yes: ", isn't it?"."""

LONGEST = 6
_TURNED = bag("what where who when which")
_CORNERS = bag("top bottom upper lower the far middle center on to left or")
_SAYS = bag("say says read reads word words mention mentions text phrase")
"""What stands after these is what to look for, even if it is polite."""
_ARTICLES = bag("the this its my")
_IS = bag("is are was were")


def plainly(words: Words) -> Words:
    """The question without what is said around it, its verb where questions have it."""
    before = len(words) + 1
    while len(words) < before:
        before = len(words)
        words = _without_tail(_without_head(words))
    return _verb_first(words)


def _without_head(words: Words) -> Words:
    for length in range(min(LONGEST, len(words) - 1), 0, -1):
        if BEFORE.read(words[:length]):
            return words[length:]
    return words


def _without_tail(words: Words) -> Words:
    for length in range(min(LONGEST, len(words) - 1), 0, -1):
        tail = words[-length:]
        said = words[-length - 1].text in _SAYS
        if TAGS.read(tail) or (AFTER.read(tail) and not said and not _completes_a_question(words)):
            return words[:-length]
    return words


def _completes_a_question(words: Words) -> bool:
    """Whether the last word belongs to the question: "what is here", "in the top right"."""
    last, before = words[-1].text, words[-2].text
    return (last == "here" and before in _IS) or (last == "right" and before in _CORNERS)


def _verb_first(words: Words) -> Words:
    """What the total is -> what is the total; there is no dog -> is there no dog."""
    texts = [word.text for word in words]
    if texts[:1] == ["there"] and len(texts) > 2 and texts[1] in _IS:
        return (words[1], words[0], *words[2:])
    if texts[-2:] in (["there", "are"], ["there", "is"]) and len(texts) > 3:
        return (*words[:-2], words[-1], words[-2])
    turned = len(texts) > 3 and texts[0] in _TURNED and texts[1] in _ARTICLES and texts[-1] in _IS
    return (words[0], words[-1], *words[1:-1]) if turned and not _IS & set(texts[1:-1]) else words


def sentences(words: Words) -> list[Words]:
    """Words cut at the end of sentences, each without its mark; a full stop within one ("incl. tax") is left out."""
    found: list[list[Word]] = [[]]
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else None
        if word.quoted or word.text not in {"?", "!", ".", ";"}:
            found[-1].append(word)
        elif word.text != "." or following is None or following.raw[:1].isupper():
            found.append([])
    return [tuple(sentence) for sentence in found if sentence]


def asking(parts: list[Words]) -> list[Words]:
    """The sentences that are more than a greeting or thanks; all of them when none is more."""
    return [part for part in parts if not (BEFORE.read(part) or AFTER.read(part))] or parts
