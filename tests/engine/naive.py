"""The score as the design tells it, written again as plainly as possible: the oracle of the property tests.

Nothing here is shared with the engine but its vocabulary; conditions are read from their plain data.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, Depth, Kind, Question

Known = Mapping[str, Any]


def holds(data: Mapping[str, Any], known: Known, questionnaire: Questionnaire) -> bool:
    """Whether a condition holds; a question that is not in `known` fails every comparison."""
    ((key, value),) = data.items()
    if key == "all":
        return all(holds(part, known, questionnaire) for part in value)
    if key == "any":
        return any(holds(part, known, questionnaire) for part in value)
    if key == "not":
        return not holds(value, known, questionnaire)
    if key == "fact":
        return holds(questionnaire.fact_conditions[value].data(), known, questionnaire)
    if key not in known:
        return False
    ((test, operand),) = value.items()
    return compares(test, operand, known[key], questionnaire.questions[key])


def compares(test: str, operand: Any, answer: Any, question: Question) -> bool:
    if question.kind is Kind.MULTIPLE:
        return any(option in answer for option in operand)
    if test in ("is", "in"):
        return str(answer) in (operand if isinstance(operand, list) else [operand])
    rank = (lambda value: int(value)) if question.kind is Kind.NUMBER else question.ladder.index
    return rank(answer) <= rank(operand) if test == "at_most" else rank(answer) >= rank(operand)


def possible_answers(question: Question) -> list[Any]:
    """Every answer a fact can have."""
    if question.kind is Kind.NUMBER:
        return list(range(question.at_least or 0, (question.at_most or 0) + 1))
    if question.kind is Kind.SINGLE:
        return list(question.ladder)
    alone = [frozenset([option.id]) for option in question.options if option.exclusive]
    together = [option.id for option in question.options if not option.exclusive]
    chosen = product([False, True], repeat=len(together))
    return alone + [frozenset(o for o, on in zip(together, which, strict=True) if on) for which in chosen if any(which)]


def assumed(question: Question) -> Any:
    if question.kind is Kind.MULTIPLE:
        return frozenset(question.assumed)
    return int(question.assumed[0]) if question.kind is Kind.NUMBER else question.assumed[0]


def facts_of(questionnaire: Questionnaire, answers: Known) -> dict[str, Any]:
    found = {q.id: answers.get(q.id) for q in questionnaire.profile}
    return {q: assumed(questionnaire.questions[q]) if a in (None, NOT_SURE) else a for q, a in found.items()}


def counting(questionnaire: Questionnaire, facts: Known, answers: Known, depth: Depth) -> dict[str, str]:
    """Per scored question that counts its option, or `not-sure`; settled ones written in."""
    known: dict[str, Any] = dict(facts)
    found = {}
    for question in questionnaire.questions.values():
        if question.id in facts or not question.scored or not question.asked_at(depth):
            continue
        if question.when is not None and not holds(question.when.data(), facts, questionnaire):
            continue
        answer = answers.get(question.id)
        if question.settled is not None and holds(question.settled.when.data(), known, questionnaire):
            answer = question.settled.as_
        if answer is None or answer == DOES_NOT_APPLY:
            continue
        found[question.id] = answer
        if answer != NOT_SURE:
            known[question.id] = answer
    return found


def scores(questionnaire: Questionnaire, facts: Known, counted: Mapping[str, str]) -> dict[str, Fraction]:
    """Per bank that has a score its score, and the overall score under ""."""
    known = {**facts, **{q: a for q, a in counted.items() if a != NOT_SURE}}
    capping = [rule for rule in questionnaire.all_rules.values() if rule.caps.banks or rule.caps.overall is not None]
    holding = [rule for rule in capping if holds(rule.when.data(), known, questionnaire)]
    found: dict[str, Fraction] = {}
    for bank in questionnaire.banks:
        rows = [question for question in bank.questions if question.id in counted]
        weight = sum(question.weight for question in rows)
        if weight:
            points = sum(question.weight * points_of(question, counted[question.id]) for question in rows)
            caps = [rule.caps.banks[bank.id] for rule in holding if bank.id in rule.caps.banks]
            found[bank.id] = min([Fraction(points, weight), *map(Fraction, caps)])
    weighed = [bank for bank in questionnaire.banks if bank.weight and bank.id in found]
    if weighed:
        total = sum(bank.weight for bank in weighed)
        caps = [rule.caps.overall for rule in holding if rule.caps.overall is not None]
        mean = sum((bank.weight * found[bank.id] for bank in weighed), Fraction(0)) / total
        found[""] = min([mean, *map(Fraction, caps)])
    return found


def points_of(question: Question, answer: str) -> int:
    return (question.not_sure or 0) if answer == NOT_SURE else (question.option(answer).points or 0)


def completions(
    questionnaire: Questionnaire, answers: Known, depth: Depth, opened: tuple[Any, ...] = (None, NOT_SURE)
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every way the open answers could turn out: facts, and answers to scored questions."""
    questions = [q for q in questionnaire.questions.values() if q.scored and q.asked_at(depth)]
    facts = [[answers[q.id]] if answers.get(q.id) not in (None, NOT_SURE) else possible_answers(q)
             for q in questionnaire.profile]  # fmt: skip
    choices = [list(q.ladder) if answers.get(q.id) in opened else [answers.get(q.id)] for q in questions]
    for values in product(*facts):
        firm = {q.id: value for q, value in zip(questionnaire.profile, values, strict=True)}
        for options in product(*choices):
            yield firm, {q.id: option for q, option in zip(questions, options, strict=True) if option is not None}
