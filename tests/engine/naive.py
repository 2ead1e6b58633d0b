"""The score as the design tells it, written again as plainly as possible: the oracle of the property tests.

Nothing here is shared with the engine but its vocabulary; conditions are read from their plain data.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any

from assessment.engine.advice import Rule, Severity
from assessment.engine.conditions import Condition
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
    if key == "finding":
        return bool(known[f"finding {value}"])
    if key == "not_sure_share":
        return bool(known["share"] >= int(value["at_least"]))
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


def standings(questionnaire: Questionnaire, facts: Known, answers: Known, depth: Depth) -> dict[str, tuple[str, str]]:
    """Per question of a bank its state, and the option that counts ("" for none)."""
    known: dict[str, Any] = dict(facts)
    found = {}
    for bank in questionnaire.banks:
        for question in bank.questions:
            found[question.id] = standing(questionnaire, question, known, answers.get(question.id), depth)
            if found[question.id][1]:
                known[question.id] = found[question.id][1]
    return found


def standing(
    questionnaire: Questionnaire, question: Question, known: Known, answer: Any, depth: Depth
) -> tuple[str, str]:
    if hidden(questionnaire, question, known):
        return "does-not-apply", ""
    if not question.asked_at(depth):
        return "deeper", ""
    if question.settled is not None and holds(question.settled.when.data(), known, questionnaire):
        return "settled", question.settled.as_
    if answer in (None, NOT_SURE):
        return ("unanswered" if answer is None else "not-sure"), ""
    if answer == DOES_NOT_APPLY:
        return ("does-not-apply" if offered(questionnaire, question, known) else "unanswered"), ""
    return "answered", answer if question.scored else ""


def hidden(questionnaire: Questionnaire, question: Question, facts: Known) -> bool:
    return question.when is not None and not holds(question.when.data(), facts, questionnaire)


def offered(questionnaire: Questionnaire, question: Question, facts: Known) -> bool:
    """Whether a firm may say that a question does not apply to it."""
    offer = question.does_not_apply
    return offer is not None and (offer.when is None or holds(offer.when.data(), facts, questionnaire))


def counting(questionnaire: Questionnaire, facts: Known, answers: Known, depth: Depth) -> dict[str, str]:
    """Per scored question that counts its option, or `not-sure`; settled ones written in."""
    found = standings(questionnaire, facts, answers, depth)
    counted = {q: option or (NOT_SURE if state == "not-sure" else "") for q, (state, option) in found.items()}
    return {q: option for q, option in counted.items() if option and questionnaire.questions[q].scored}


@lru_cache(maxsize=8)
def capping(questionnaire: Questionnaire) -> list[tuple[Rule, Mapping[str, Any]]]:
    """The rules with a cap on a score, each with the plain data of its condition."""
    rules = questionnaire.all_rules.values()
    return [(rule, rule.when.data()) for rule in rules if rule.caps.banks or rule.caps.overall is not None]


def scores(questionnaire: Questionnaire, facts: Known, counted: Mapping[str, str]) -> dict[str, Fraction]:
    """Per bank that has a score its score, and the overall score under ""."""
    return {key: score for key, (score, _) in capped(questionnaire, facts, counted).items()}


def capped(
    questionnaire: Questionnaire, facts: Known, counted: Mapping[str, str]
) -> dict[str, tuple[Fraction, list[str]]]:
    """The same, each with the rules that hold it: the lowest cap first, and of equal ones the first by id."""
    known = {**facts, **{q: a for q, a in counted.items() if a != NOT_SURE}}
    holding = [rule for rule, when in capping(questionnaire) if holds(when, known, questionnaire)]
    found: dict[str, tuple[Fraction, list[str]]] = {}
    for bank in questionnaire.banks:
        rows = [question for question in bank.questions if question.id in counted]
        weight = sum(question.weight for question in rows)
        if weight:
            points = sum(question.weight * points_of(question, counted[question.id]) for question in rows)
            caps = {rule.id: rule.caps.banks[bank.id] for rule in holding if bank.id in rule.caps.banks}
            found[bank.id] = hold(Fraction(points, weight), caps)
    weighed = [bank for bank in questionnaire.banks if bank.weight and bank.id in found]
    if weighed:
        total = sum(bank.weight for bank in weighed)
        overall = {rule.id: rule.caps.overall for rule in holding if rule.caps.overall is not None}
        found[""] = hold(sum((bank.weight * found[bank.id][0] for bank in weighed), Fraction(0)) / total, overall)
    return found


def hold(raw: Fraction, caps: dict[str, int]) -> tuple[Fraction, list[str]]:
    below = sorted((rule for rule, most in caps.items() if most < raw), key=lambda rule: (caps[rule], rule))
    return (Fraction(caps[below[0]]) if below else raw), below


def safe(questionnaire: Questionnaire, name: str, option: str) -> bool:
    """Whether an answer is never worth less than "not sure": no condition with a cap looks at it, nor fewer points."""
    question = questionnaire.questions[name]
    tests = [c for rule in questionnaire.all_rules.values() if rule.caps for c in rule.when.comparisons]
    looked_at = any(
        compares(test, operand, option, question)
        for compare in tests
        if compare.question == name
        for test, operand in compare.data()[name].items()
    )
    return not looked_at and (question.option(option).points or 0) >= (question.not_sure or 0)


def points_of(question: Question, answer: str) -> int:
    return (question.not_sure or 0) if answer == NOT_SURE else (question.option(answer).points or 0)


def firms(questionnaire: Questionnaire, answers: Known) -> Iterator[dict[str, Any]]:
    """Every firm there can be, as far as its facts are known."""
    known = {q.id: answers.get(q.id) for q in questionnaire.profile}
    ways = [possible_answers(q) if known[q.id] in (None, NOT_SURE) else [known[q.id]] for q in questionnaire.profile]
    return (dict(zip(known, values, strict=True)) for values in product(*ways))


def opened(questionnaire: Questionnaire, facts: Known, answers: Known, depth: Depth) -> list[Question]:
    """The scored questions asked of a firm that have no answer, or "not sure", or one that it is not offered."""
    asked = (q for q in questionnaire.every_question() if q.scored and q.asked_at(depth))
    return [
        q
        for q in asked
        if (answer := answers.get(q.id)) in (None, NOT_SURE)
        or (answer == DOES_NOT_APPLY and not offered(questionnaire, q, facts))
    ]


def completions(questionnaire: Questionnaire, facts: Known, answers: Known, depth: Depth) -> Iterator[dict[str, Any]]:
    """Every way the open answers of one firm could turn out."""
    questions = opened(questionnaire, facts, answers, depth)
    for options in product(*(q.ladder for q in questions)):
        yield {**answers, **{q.id: option for q, option in zip(questions, options, strict=True)}}


# Which rules hold.


def share(questionnaire: Questionnaire, facts: Known, answers: Known, depth: Depth) -> int:
    """How many of the scored questions asked, in banks that weigh, were answered "not sure", in percent."""
    found = standings(questionnaire, facts, answers, depth)
    weigh = [question for bank in questionnaire.banks if bank.weight for question in bank.questions if question.scored]
    asked = [found[q.id][0] for q in weigh if not hidden(questionnaire, q, facts) and q.asked_at(depth)]
    return 100 * asked.count("not-sure") // max(1, len(asked))


class Truths:
    """Per rule whether it is confirmed (True), possible because of a "not sure" (None), or neither."""

    def __init__(self, questionnaire: Questionnaire, facts: Known, answers: Known, depth: Depth) -> None:
        self.questionnaire, self.facts = questionnaire, facts
        self.standings = standings(questionnaire, facts, answers, depth)
        critical: bool | None = False
        self.known: dict[str, Any] = {**facts, "share": share(questionnaire, facts, answers, depth)}
        self.truths: dict[str, bool | None] = {}
        for rule in questionnaire.all_rules.values():
            self.known["finding any-critical"] = critical
            truth = self.truths[rule.id] = self.known[f"finding {rule.id}"] = self.truth(rule.when)
            if rule.severity is Severity.CRITICAL and critical is not True:
                critical = truth if truth is not False else critical
        self.known["finding any-critical"] = critical

    def truth(self, asked: Condition) -> bool | None:
        condition = asked.data()
        behind = list(dict.fromkeys(self.behind(condition)))
        ladders = self.questionnaire.ladders
        unsure: Ways = {q: ladders[q] for q in behind if q in ladders and self.standings[q][0] == "not-sure"}
        unsure |= {name: (True, False) for name in behind if name not in ladders and self.known[name] is None}
        missing: Ways = {
            q: ladders[q] for q in behind if q in ladders and self.standings[q][0] in ("unanswered", "deeper")
        }
        judged = [all(self.given(condition, {**u, **m}) for m in ways(missing)) for u in ways(unsure)]
        return True if all(judged) else None if any(judged) else False

    def behind(self, condition: Mapping[str, Any]) -> Iterator[str]:
        """What a condition looks at, rules it asks about among them, and what may settle that."""
        ((key, value),) = condition.items()
        if key in ("all", "any"):
            for part in value:
                yield from self.behind(part)
        elif key == "not":
            yield from self.behind(value)
        elif key == "finding":
            yield f"finding {value}"
        elif key in self.standings:
            settled = self.questionnaire.questions[key].settled
            yield from self.behind(settled.when.data()) if settled else ()
            yield key

    def given(self, condition: Mapping[str, Any], own: Known) -> bool:
        """Whether a condition holds once what is open is given, and what that settles is settled."""
        known = {**self.known, **own}
        for name, (state, option) in self.standings.items():
            question = self.questionnaire.questions[name]
            settled = (
                None if state == "deeper" or hidden(self.questionnaire, question, self.facts) else question.settled
            )
            if settled and holds(settled.when.data(), known, self.questionnaire):
                known[name] = settled.as_
            elif option:
                known[name] = option
        return holds(condition, known, self.questionnaire)


Ways = dict[str, tuple[Any, ...]]


def ways(of: Ways) -> list[dict[str, Any]]:
    """Every way to give each of some things one of its values."""
    return [dict(zip(of, values, strict=True)) for values in product(*of.values())]
