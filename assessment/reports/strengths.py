"""Picks what a firm does well already, in the words it was said in; nothing that the rest of the report takes back."""

from collections.abc import Iterator

from assessment.engine.advice import Severity
from assessment.engine.result import AnswerResult, Certainty
from assessment.reports.quotes import Quote
from assessment.reports.quoting import Quoting

MOST = 5
MOST_OF_A_BANK = 2


def strengths(quoting: Quoting) -> tuple[Quote, ...]:
    """The good answers that weigh most, heaviest first; at most two of one bank, so that they show the breadth."""
    found: list[AnswerResult] = []
    for answer in sorted(_good(quoting), key=lambda one: _weight(quoting, one), reverse=True):
        same = sum(_bank(one) == _bank(answer) for one in found)
        if len(found) < MOST and same < MOST_OF_A_BANK:
            found.append(answer)
    return tuple(quoting.quote(answer) for answer in found)


def _good(quoting: Quoting) -> Iterator[AnswerResult]:
    asked, enough = quoting.questionnaire.questions, quoting.questionnaire.good_enough
    doubted, shaken = _doubted(quoting), _shaken(quoting)
    for answer in quoting.outcome.answers:
        question = asked[answer.question]
        if answer.state != "answered" or not question.scored or not _weight(quoting, answer):
            continue
        points = question.option(answer.options[0]).points or 0
        if points >= enough and answer.question not in doubted and question.bank not in shaken:
            yield answer


def _doubted(quoting: Quoting) -> set[str]:
    """Questions that a finding names, that do not fit with others, or that the plan has a step for."""
    outcome = quoting.outcome
    clashes = (quoting.questionnaire.all_rules[rule].when.questions for rule in outcome.contradictions)
    named = [*(f.questions for f in outcome.findings), *(a.reasons for a in outcome.plan), *clashes]
    return {question for questions in named for question in questions}


def _shaken(quoting: Quoting) -> set[str]:
    """Banks with a confirmed critical finding: a good detail there would sound like a comfort it is not."""
    critical = (
        f for f in quoting.outcome.findings if f.severity is Severity.CRITICAL and f.certainty is Certainty.CONFIRMED
    )
    return {question.partition(".")[0] for finding in critical for question in finding.questions}


def _weight(quoting: Quoting, answer: AnswerResult) -> float:
    """How much of the whole score rests on an answer."""
    questionnaire = quoting.questionnaire
    bank = questionnaire.bank_by_id[_bank(answer)]
    weights = sum(question.weight for question in bank.questions)
    return bank.weight * questionnaire.questions[answer.question].weight / weights if weights else 0.0


def _bank(answer: AnswerResult) -> str:
    return answer.question.partition(".")[0]
