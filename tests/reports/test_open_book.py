"""A questionnaire laid open says everything that counts, in words that cannot be misread."""

import re
from dataclasses import asdict

from assessment.engine.conditions import parse
from assessment.engine.questions import Depth
from assessment.reports.open_book import Quoting, lay_open
from tests.reports.conftest import questionnaire


def said(value: object) -> str:
    """Everything in a book, as one text."""
    if isinstance(value, dict):
        return " ".join(map(said, value.values()))
    return " ".join(map(said, value)) if isinstance(value, list | tuple) else str(value)


BOOK = lay_open(questionnaire())
WORDS = said(asdict(BOOK))


def test_every_question_option_rule_and_recommendation_is_there() -> None:
    whole = questionnaire()
    for question in whole.questions.values():
        assert question.ask in WORDS
        assert question.help is None or question.help in WORDS
        assert all(option.says in WORDS for option in question.options)
        assert question.why_weight is None or question.why_weight.says in WORDS
    for rule in whole.all_rules.values():
        for text in (rule.finding, rule.because, rule.contradiction, rule.story and rule.story.says):
            assert text is None or text in WORDS
    for advice in whole.recommendations.values():
        assert advice.do in WORDS
        assert all(step in WORDS for step in advice.steps)
    assert [link for _, link, _ in BOOK.sources] == [figure.link for figure in whole.figures]


def test_points_weights_and_caps_are_those_of_the_questionnaire() -> None:
    whole = questionnaire()
    for bank, shown in zip(whole.banks, BOOK.banks, strict=True):
        for question, one in zip(bank.questions, shown.questions, strict=True):
            points = [re.match(r"\d+", counts) for _, counts in one.options[: len(question.options)]]
            assert [int(found[0]) if found else None for found in points] == [o.points for o in question.options]
            assert (one.weight == f"Weight {question.weight}") is question.scored
            assert any(fact.startswith("Asked in every check") for fact in one.facts) is (
                all(question.asked_at(depth) for depth in Depth)
            )
        for rule, told in zip(bank.rules, shown.rules, strict=True):
            caps = [*rule.caps.banks.values(), *([rule.caps.overall] if rule.caps.overall is not None else [])]
            assert [int(n) for says in told.does for n in re.findall(r"more than (\d+)\.$", says)] == caps


def test_bands_cover_every_score_once() -> None:
    spans = [tuple(map(int, span.split(" to "))) for _, span, _ in BOOK.bands]
    assert [score for low, high in spans for score in range(low, high + 1)] == list(range(101))


def test_and_or_and_not_cannot_be_mistaken_for_each_other() -> None:
    whole = questionnaire()
    one, two = (f"backups.{name}" for name in ("tested-restore", "schedule"))
    worst = {name: whole.questions[name].ladder[0] for name in (one, two)}
    mixed = parse({"any": [{one: worst[one]}, {"not": {"all": [{one: worst[one]}, {two: worst[two]}]}}]})
    first, second = (f"“{whole.questions[name].short}” is “{whole.questions[name].options[0].says}”" for name in worst)
    assert mixed.words(Quoting(whole)) == f"{first} or (it is not so that ({first} and {second}))"


def test_no_id_of_a_question_is_shown_to_anybody() -> None:
    ids = [name for name in questionnaire().questions if "." in name]
    told = said([[q["facts"] for q in bank["questions"]] for bank in asdict(BOOK)["banks"]])
    told += said([[(r["when"], r["does"]) for r in bank["rules"]] for bank in asdict(BOOK)["banks"]])
    assert [name for name in ids if name in told] == []
