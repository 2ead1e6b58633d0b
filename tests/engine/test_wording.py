"""How old a reader must be, and which words are held against a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.engine.checks import warn
from assessment.engine.loading import Loaded
from assessment.engine.questionnaire import Plain, Questionnaire
from assessment.engine.reading_age import count, sentences
from tests.engine.tiny import tiny

EASY = "The cat sat on the mat. The dog ran to the door."
HARD = "Organisational responsibilities necessitate comprehensive administrative documentation."


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("make", 1),
        ("backups", 2),
        ("needed", 2),
        ("looked", 1),
        ("table", 2),
        ("fixes", 2),
        ("makes", 1),
        ("people", 2),
        ("password", 2),
        ("computer", 3),
        ("technician", 3),
        ("can’t", 1),
        ("IT", 1),
    ],
)
def test_syllables_are_about_right(word: str, syllables: int) -> None:
    assert count([word]).syllables == syllables


def test_the_formula_is_the_published_one() -> None:
    counts = count([EASY])
    assert (counts.words, counts.sentences, counts.syllables) == (12, 2, 12)
    assert counts.age == pytest.approx(0.39 * 12 / 2 + 11.8 * 12 / 12 - 15.59 + 5)
    assert count([HARD]).age > 20 > count([EASY]).age
    assert count(["", "14%"]).age == 0


def test_a_sentence_ends_at_a_stop_a_colon_or_the_end_of_a_text_and_nowhere_else() -> None:
    assert sentences(["Read it: then say so. Version 2.5 is “new”", "So"]) == [
        "Read it",
        "then say so",
        "Version 2.5 is “new”",
        "So",
    ]


@given(st.lists(st.text(max_size=40), max_size=4))
def test_any_text_can_be_measured(texts: list[str]) -> None:
    counts = count(texts)
    assert counts.words >= counts.sentences >= 0
    assert counts.syllables >= counts.words


def worded(why: str, plain: Plain | None = None, language: str = "en-GB") -> list[str]:
    """What is said of the tiny questionnaire when its first recommendation gives this reason."""
    whole = tiny()
    bank = whole.banks[0]
    advice = (bank.recommendations[0].model_copy(update={"why": why}), *bank.recommendations[1:])
    banks = (bank.model_copy(update={"recommendations": advice}), *whole.banks[1:])
    changed = whole.model_copy(update={"banks": banks, "plain": plain, "language": language})
    fresh = Questionnaire.model_validate_json(changed.canonical_json)
    return [found.code for found in warn(Loaded(fresh, ())) if found.code in ("reading-age", "forbidden-term")]


@pytest.mark.parametrize(
    ("why", "plain", "language", "codes"),
    [
        (EASY * 4, None, "en-GB", []),
        (HARD, None, "en-GB", []),  # too short to tell
        (HARD * 5, None, "en-GB", ["reading-age"]),
        (HARD * 5, None, "de", []),  # the formula is for English
        (HARD * 5, Plain(reading_age=25), "en-US", ["reading-age"]),
        ((EASY + HARD) * 3, Plain(reading_age=25), "en-US", []),
        ("Switch MFA on.", None, "en-GB", ["forbidden-term"]),
        ("It was Patched.", None, "en-GB", ["forbidden-term"]),
        ("The dispatcher came.", None, "en-GB", []),
        ("Two gadgets.", Plain(forbidden={"gadget": "thing"}), "en-GB", ["forbidden-term"]),
        ("Switch MFA.", Plain(forbidden={"gadget": "thing"}), "en-GB", []),
        ("Switch MFA.", Plain(forbidden={}), "en-GB", []),
        ("Switch MFA.", Plain(reading_age=9), "en-GB", ["forbidden-term"]),
        ("Ein Patch.", None, "de", []),
        ("Ein Patch.", Plain(forbidden={"Patch": "Update"}), "de", ["forbidden-term"]),
    ],
)
def test_a_text_is_held_to_our_measure_or_to_its_author_s(
    why: str, plain: Plain | None, language: str, codes: list[str]
) -> None:
    assert worded(why, plain, language) == codes
