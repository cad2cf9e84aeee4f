"""What people say around a question: "please", "could you tell me", "thanks", ", right?"."""

from __future__ import annotations

from .words import Word, Words

_BEFORE = tuple(
    tuple(phrase.split())
    for phrase in [
        "please",
        "kindly",
        "hi",
        "hello",
        "hey",
        "hey there",
        "hi there",
        "ok",
        "okay",
        "so",
        "and",
        "also",
        "well",
        "now",
        "then",
        "but",
        "um",
        "uh",
        "yo",
        "thanks",
        ",",
        ":",
        "could you",
        "can you",
        "would you",
        "will you",
        "could you please",
        "can you please",
        "would you please",
        "may you",
        "would you mind",
        "could you kindly",
        "tell me",
        "let me know",
        "i want",
        "i want to know",
        "i need",
        "i need to know",
        "i would like",
        "i would like to know",
        "i wanna know",
        "i like to know",
        "i want to see",
        "i would like to see",
        "do you know",
        "do you see",
        "any idea",
        "i wonder",
        "i am wondering",
        "i was wondering",
        "wondering",
        "check",
        "check whether",
        "check if",
        "see if",
        "can you tell",
        "could you tell",
        "can you tell me",
        "can you say",
        "tell",
        "say",
        "explain to me",
        "help me",
        "help me to",
        "help me find",
        "find out",
        "figure out",
        "determine",
        "just",
        "quickly",
        "actually",
        "question",
        "my question is",
        "what about",
        "how about",
        "if",
        "whether",
        "it is true that",
        "is it true that",
        "is it correct that",
        "am i right that",
        "do you think",
        "let us",
        "could i",
        "can i",
        "may i",
        "could i get",
        "can i get",
        "may i have",
        "can i have",
        "could i have",
        "to know",
        "quick question",
        "so then",
        "in short",
        "bot",
        "agent",
        "lavr",
    ]
)
_KEPT = {("hello",), ("hi",), ("hey",), ("hi", "there"), ("hey", "there"), ("hello", "there")}
_AFTER = tuple(
    tuple(phrase.split())
    for phrase in [
        "please",
        "thanks",
        "thank you",
        "thx",
        "thank you very much",
        "thanks a lot",
        "right",
        "correct",
        "or not",
        ", right",
        ", correct",
        ",",
        ":",
        "is it",
        "is there",
        "is it not",
        "does it",
        "does it not",
        "is there not",
        "are there",
        "are there not",
        "am i right",
        "do you know",
        "for me",
        "to me",
        "in your opinion",
        "exactly",
        "by the way",
        "btw",
        "now",
        "then",
        "here",
        "actually",
        ", yes",
        ", no",
        "ok",
        "okay",
        "all right",
        "if you can",
        "if possible",
    ]
)
_TURNED = {"what", "where", "who", "when", "which"}
_IS = {"is", "are", "was", "were"}


def plainly(words: Words) -> Words:
    """The question without what is said around it, its verb where questions have it."""
    before = len(words) + 1
    while len(words) < before:
        before = len(words)
        words = _without_tail(_without_head(words))
    return _verb_first(words)


def _without_head(words: Words) -> Words:
    texts = tuple(word.text if not word.quoted else "" for word in words)
    for phrase in sorted(_BEFORE, key=len, reverse=True):
        rest = words[len(phrase) :]
        if texts[: len(phrase)] == phrase and rest:
            return rest
    return words


def _without_tail(words: Words) -> Words:
    texts = tuple(word.text if not word.quoted else "" for word in words)
    for phrase in sorted(_AFTER, key=len, reverse=True):
        rest = words[: len(words) - len(phrase)]
        needs_more = 3 if phrase[0] in _IS | {"does"} or phrase == ("here",) else 1
        if texts[len(rest) :] == phrase and len(rest) >= needs_more:
            return rest
    return words


def _verb_first(words: Words) -> Words:
    """What the total is -> what is the total; there is no dog -> is there no dog."""
    texts = [word.text for word in words]
    if texts[:1] == ["there"] and len(texts) > 2 and texts[1] in _IS:
        return (words[1], words[0], *words[2:])
    articles = {"the", "this", "its", "my"}
    if (
        len(texts) > 3
        and texts[0] in _TURNED
        and texts[1] in articles
        and texts[-1] in _IS
        and not _IS & set(texts[1:-1])
    ):
        return (words[0], words[-1], *words[1:-1])
    return words


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
