"""Which answers to facts a range tries: one for each way conditions tell them apart; the rest is in `promises/`."""

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.engine.ranges import MOST_FIRMS, classes


def kept(*, options: int, tests: list[list[str]]) -> list[list[str]]:
    """The answers a range tries for a fact of several choices that rules look at."""
    chosen = [{"id": f"o{n}", "says": "This"} for n in range(options)] + [
        {"id": "none", "says": "None", "exclusive": True}
    ]
    fact = {"id": "profile.data", "short": "D", "ask": "D?", "kind": "multiple", "assumed": ["none"], "options": chosen}
    ladder = [{"id": "bad", "says": "Bad", "points": 0}, {"id": "good", "says": "Good", "points": 100}]
    asked = [
        {
            "id": f"b.q{n}",
            "short": "Q",
            "ask": "Q?",
            "weight": 1,
            "options": ladder,
            "when": {"profile.data": {"includes": test}},
        }
        for n, test in enumerate(tests)
    ]
    questionnaire = Questionnaire.model_validate(
        {"id": "x", "version": "1", "title": "X", "about": "X.", "good_enough": 85, "minutes": {}, "profile": [fact],
         "bands": [], "banks": [{"id": "b", "title": "B", "about": "B.", "weight": 1, "questions": asked}]}
    )  # fmt: skip
    return sorted(
        sorted(value) for value in classes(questionnaire, Depth.FULL)["profile.data"] if isinstance(value, frozenset)
    )


def test_a_range_tries_one_answer_for_each_way_conditions_tell_answers_apart() -> None:
    assert kept(options=3, tests=[]) == [["none"]]
    assert kept(options=3, tests=[["o0", "o1"]]) == [["none"], ["o0"]]
    assert kept(options=3, tests=[["o0"], ["o1"]]) == [["none"], ["o0"], ["o0", "o1"], ["o1"]]
    assert kept(options=3, tests=[["o0", "o1"], ["o1"]]) == [["none"], ["o0"], ["o1"]]
    assert len(kept(options=9, tests=[[f"o{n}"] for n in range(9)])) == 2**9


def test_a_fact_of_very_many_choices_is_given_up_on_in_time() -> None:
    assert len(kept(options=40, tests=[[f"o{n}"] for n in range(40)])) > MOST_FIRMS
