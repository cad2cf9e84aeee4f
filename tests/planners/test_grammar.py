"""The grammar: words, phrasings, places, spelling; and that no text can break it."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lavr.planners.base import Decision
from lavr.planners.builtin import labelled, places, scopes, targets
from lavr.planners.builtin.courtesy import plainly, sentences
from lavr.planners.builtin.documents import ValueOf
from lavr.planners.builtin.grammar import FAMILIES, NotUnderstood, understand, vocabulary
from lavr.planners.builtin.patterns import Table, asks
from lavr.planners.builtin.programs import Several
from lavr.planners.builtin.scopes import Named, Scoped
from lavr.planners.builtin.slots import number, ordinal
from lavr.planners.builtin.spelling import corrected
from lavr.planners.builtin.words import Words, phrase, text_of, tokenize
from lavr.planners.testing import QUESTIONS, asked
from lavr.tests.planners.world import FINDER, SPECS, World, decision_of


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("What's the TOTAL?", "what is the total ?"),
        ("which colour is img_2", "which color is img_2"),
        ("the QR-code, please", "the qr code , please"),
        ("sub-total minus e-mail", "subtotal minus email"),
        ("total-tax", "total - tax"),
        ("invoice # 12", "invoice number 12"),
        ("isn't there a dog?", "is there a dog ?"),
        ("is there not a dog", "is there not a dog"),
        ("it doesn't say so", "it does not say so"),
        ("the receipt's date", "the receipt date"),
        ("10% of 1,234.50", "10 percent of 1,234.50"),
        ("is 'Exit Now' there", "is exit now there"),
    ],
)
def test_words_are_cut_and_spelled_one_way(written: str, words: str) -> None:
    assert text_of(tokenize(written)) == words


def test_a_quotation_is_one_word_and_keeps_its_capitals() -> None:
    words = tokenize("where is “Exit Now”?")
    assert [(word.raw, word.quoted) for word in words][2] == ("Exit Now", True)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Could you please tell me what the total is, thanks!", "what is the total"),
        ("hey there, can you tell me the date please?", "the date"),
        ("I would like to know who sold it", "who sold it"),
        ("there is no dog, right?", "is there no dog"),
        ("tell me how many lines there are", "how many lines are there"),
        ("what is here", "what is here"),
        ("hello", "hello"),
    ],
)
def test_politeness_is_left_out_and_the_verb_put_in_its_place(said: str, meant: str) -> None:
    assert text_of(plainly(sentences(tokenize(said))[0])) == meant


def test_sentences_end_at_their_marks_but_not_at_an_abbreviation() -> None:
    parts = sentences(tokenize("I paid. What is the total incl. tax? And the date?"))
    assert [text_of(part) for part in parts] == ["i paid", "what is the total incl tax", "and the date"]


def test_a_phrasing_means_what_its_signs_say() -> None:
    table = Table({"thing": lambda words: phrase(words) if len(words) <= 2 else None}, [
        asks(lambda thing: thing, "what/which <is> (the|my) {thing} [here|over there]"),
    ])  # fmt: skip
    said = {text: table.read(tokenize(text)) for text in ("what is the cat here", "which are my two cats over there")}
    assert said == {"what is the cat here": "cat", "which are my two cats over there": "two cats"}
    assert table.read(tokenize("what is the cat")) is None
    assert table.read(tokenize("what is the small black cat here")) is None


@pytest.mark.parametrize("broken", ["what (is", "what is)", "a > b", "what {is"])
def test_a_broken_phrasing_is_refused_when_the_table_is_made(broken: str) -> None:
    with pytest.raises(ValueError, match="phrasing"):
        Table({"is": phrase}, [asks(str, broken)])


ALL_ROWS: list[tuple[Callable[..., object], tuple[str, ...]]] = [
    *((row.make, row.phrasings) for table in (*FAMILIES, labelled.TABLE) for row in table.rows),
    *((row.make, row.phrasings) for row in places.PLACES.rows),
    *((row.make, row.phrasings) for table in (scopes.SCOPES, scopes.ONE) for row in table.rows),
    *((row.make, row.phrasings) for row in targets.TARGETS.rows),
]


def test_the_slots_of_every_phrasing_are_arguments_of_its_program() -> None:
    for make, phrasings in ALL_ROWS:
        for text in phrasings:
            names = {name.partition(":")[0] for name in re.findall(r"\{([^}]*)\}", text)}
            inspect.signature(make).bind(**dict.fromkeys(names))


def test_the_grammar_knows_hundreds_of_phrasings() -> None:
    assert sum(len(phrasings) for _, phrasings in ALL_ROWS) >= 300


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("what is the toatl", "what is the total"),
        ("waht is the dtae", "what is the date"),
        ("how many wrods", "how many words"),
        ("what colro is the bakground", "what color is the background"),
    ],
)
def test_typing_errors_are_corrected_where_one_known_word_is_close(typed: str, meant: str) -> None:
    assert text_of(corrected(tokenize(typed), vocabulary())) == meant


@pytest.mark.parametrize("right", ["what is the table form", "read the 'toatl'", "the cat has a hat"])
def test_words_that_are_right_and_quotations_are_left_as_they_are(right: str) -> None:
    assert corrected(tokenize(right), vocabulary()) == tokenize(right)


def test_numbers_are_read_as_people_write_them() -> None:
    def value(text: str) -> str:
        return str(number(tokenize(text)))

    assert [value(text) for text in ("50", "1,234.50", "1.234,50", "1,000", "three", "50 euros", "RM 5")] == [
        "50", "1234.50", "1234.50", "1000", "3", "50", "5",
    ]  # fmt: skip
    assert number(tokenize("many")) is None
    assert [ordinal(tokenize(text)) for text in ("first", "last", "second last", "4th", "21st")] == [1, -1, -2, 4, 21]


def test_questions_are_taken_apart_at_and_and_commas() -> None:
    assert understand("company, date and total") == Several((ValueOf("company"), ValueOf("date"), ValueOf("total")))
    assert understand("what is the total in img_2?") == Scoped(ValueOf("total"), Named(("img_2",)))


def test_a_sentence_that_is_no_question_is_passed_over_and_one_that_is_not_understood_is_not() -> None:
    assert understand("I bought this yesterday. What is the total?") == ValueOf("total")
    both = understand("What is the total? Why is the sky blue?")
    assert isinstance(both, Several)
    assert both.parts == (ValueOf("total"), NotUnderstood("Why is the sky blue"))


WORDS = st.lists(st.sampled_from([*sorted(vocabulary()), "img_1", "r1", "50", "'x'", ",", "?", "and"]), max_size=16)


def decided(question: str) -> Decision:
    """What the planner does with a question about two pictures."""
    world = World()
    return decision_of(asked(question, [world.image(["TOTAL 3.00"]), world.image()]), (*SPECS, FINDER))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
@example("\x00")
@example("'" * 99)
@example("what is the " + "total " * 900)
@example("(((((" * 50)
@example("💥 what is the total 💥")
@example("\u202eetalot eht si tahw")
def test_no_text_breaks_it(question: str) -> None:
    decision = decided(question)
    assert decision.answer is None or decision.answer.text


@settings(max_examples=150, deadline=None)
@given(WORDS)
def test_no_order_of_words_that_it_knows_breaks_it(words: list[str]) -> None:
    world = World()
    draft = world.ask(" ".join(words), world.image(["TOTAL 3.00", "x"]), world.image()).draft
    assert draft.text
    assert all(one.quote in draft.text for one in draft.citations)


@pytest.mark.parametrize("question", [*QUESTIONS, "is there " * 300, "total and " * 60, "what is between " * 40])
def test_long_and_odd_questions_are_read_in_time(question: str) -> None:
    start = time.process_time()
    decided(question)
    assert time.process_time() - start < 2


def test_words_without_a_reader_are_the_words_themselves() -> None:
    words: Words = tokenize("a b")
    assert phrase(words) == "a b"
