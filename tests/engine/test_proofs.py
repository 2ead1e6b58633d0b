"""Proofs against brute force: what reasoning says can happen is what trying every complete set of answers shows."""

from collections.abc import Iterable, Iterator
from itertools import product
from math import prod
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assessment.engine.advice import Recommendation, Severity
from assessment.engine.answers import Answers
from assessment.engine.checks import proofs
from assessment.engine.conditions import Condition, parse
from assessment.engine.cubes import ABSENT, MOST, SHARE, Cube, Space, TooTangled
from assessment.engine.findings import judge
from assessment.engine.flow import walk
from assessment.engine.loading import load
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, PROFILE, Depth, Question
from tests.engine import naive
from tests.engine.naive import Known
from tests.engine.sound import Size, sound
from tests.engine.strategies import EXAMPLES, SEEDS, SHIPPED, small_questionnaires
from tests.engine.tiny import tiny

TINIEST = Size(banks=2, questions=2, facts=1)
MOST_WAYS = 3000
"""A questionnaire that can be gone through in more ways is left out."""


def everybody(questionnaire: Questionnaire) -> Iterator[Known]:
    """Every firm there can be with every complete set of answers that count, each once."""
    scored = [q for q in questionnaire.every_question() if q.scored]
    for firm in naive.firms(questionnaire, {}):
        seen = set()
        for options in product(*(offered(questionnaire, q, firm) for q in scored)):
            answers = {q.id: option for q, option in zip(scored, options, strict=True)}
            found = naive.standings(questionnaire, firm, answers, Depth.FULL)
            way = {name: option for name, (_, option) in found.items() if option}
            if (key := tuple(way.items())) not in seen:
                seen.add(key)
                yield {**firm, **way}


def offered(questionnaire: Questionnaire, question: Question, firm: Known) -> list[str]:
    return [*question.ladder, *([DOES_NOT_APPLY] if naive.offered(questionnaire, question, firm) else [])]


class Seen:
    """What any firm at all shows of a questionnaire."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.rules: set[str] = set()
        self.questions: set[str] = set()
        self.recommendations: set[str] = set()
        self.binding: set[tuple[str, str]] = set()
        self.rule_data = [(rule, rule.when.data()) for rule in questionnaire.every_rule()]
        self.advice = [(a, a.when.data() if a.when else None) for a in questionnaire.every_recommendation()]
        shares = Space(questionnaire).domain(SHARE)
        for known in everybody(questionnaire):
            self.asked(known)
            for share in shares:
                self.follows({**known, "share": int(str(share)), "finding any-critical": False})

    def asked(self, known: Known) -> None:
        for question in (q for bank in self.questionnaire.banks for q in bank.questions):
            settled = question.settled and naive.holds(question.settled.when.data(), known, self.questionnaire)
            if not settled and not naive.hidden(self.questionnaire, question, known):
                self.questions.add(question.id)

    def follows(self, known: dict[str, Any]) -> None:
        holding = []
        for rule, when in self.rule_data:
            holds = known[f"finding {rule.id}"] = naive.holds(when, known, self.questionnaire)
            known["finding any-critical"] |= holds and rule.severity is Severity.CRITICAL
            holding += [rule] if holds else []
        self.rules.update(rule.id for rule in holding)
        capped: dict[str, dict[str, int]] = {}
        for rule in holding:
            overall = {"": rule.caps.overall} if rule.caps.overall is not None else {}
            for what, most in {**rule.caps.banks, **overall}.items():
                capped.setdefault(what, {})[rule.id] = most
        for what, caps in capped.items():
            self.binding.update((rule, what) for rule, most in caps.items() if most == min(caps.values()))
        named = {advice for rule in holding for advice in rule.recommends}
        for advice, when in self.advice:
            if advice.id not in self.recommendations and self.given(advice, when, advice.id in named, known):
                self.recommendations.add(advice.id)

    def given(self, advice: Recommendation, when: Known | None, named: bool, known: Known) -> bool:
        ladders = self.questionnaire.ladders
        if when is not None and not naive.holds(when, known, self.questionnaire):
            return False
        if not advice.raises:
            return named or when is not None
        answered = [q for q in advice.raises if q in known]
        worse = any(ladders[q].index(known[q]) < ladders[q].index(advice.raises[q]) for q in answered)
        return worse or (named and bool(answered))


@settings(max_examples=EXAMPLES)
@given(st.builds(sound, SEEDS, st.just(TINIEST)))
def test_what_is_dead_or_idle_is_what_trying_everybody_never_shows(questionnaire: Questionnaire) -> None:
    answers = prod(len(q.ladder) + (q.does_not_apply is not None) for q in questionnaire.every_question() if q.scored)
    assume(answers * prod(len(naive.possible_answers(q)) for q in questionnaire.profile) <= MOST_WAYS)
    seen = Seen(questionnaire)
    assert alive(proofs.questions(questionnaire)) == {f"questions:{name}" for name in seen.questions}
    assert alive(proofs.rules(questionnaire)) == {f"rules:{name}" for name in seen.rules}
    assert alive(proofs.recommendations(questionnaire)) == {f"recommendations:{name}" for name in seen.recommendations}
    caps = {
        (rule.id, "" if "overall" in what else what.strip("“”")): p.firm for rule, what, p in proofs.caps(questionnaire)
    }
    assert {capping for capping, firm in caps.items() if firm is not None} == seen.binding


def alive(found: Iterable[proofs.Proof]) -> set[str]:
    """The places of what some firm shows."""
    return {proof.place for proof in found if proof.firm is not None}


def answers_of(questionnaire: Questionnaire, firm: Cube) -> Answers:
    """Somebody who fits a cube, with the best answer to all it says nothing of."""
    space, answers = Space(questionnaire), {}
    for question in questionnaire.every_question():
        values = firm.get(question.id)
        if values is None:
            if question.bank != PROFILE and question.scored:
                answers[question.id] = question.ladder[-1]
            continue
        value = next(one for one in space.domain(question.id) if one in values)
        if value is not ABSENT:
            answers[question.id] = value
        elif question.does_not_apply is not None:
            answers[question.id] = DOES_NOT_APPLY
    return answers


@pytest.mark.parametrize("questionnaire", [tiny(), load(SHIPPED).or_refuse()], ids=["tiny", "shipped"])
def test_the_firm_that_is_shown_for_a_rule_does_show_it(questionnaire: Questionnaire) -> None:
    for rule, proof in zip(questionnaire.every_rule(), proofs.rules(questionnaire), strict=True):
        assert proof.firm is not None, rule.id
        route = walk(questionnaire, answers_of(questionnaire, proof.firm), Depth.FULL)
        share = max(int(str(value)) for value in proof.firm.get(SHARE, {0}))
        assert judge(route, share)[rule.id] is True, rule.id


def test_a_firm_is_told_in_words() -> None:
    questionnaire = load(SHIPPED).or_refuse()
    space = Space(questionnaire)
    firm = space.witness(parse({"backups.tested-restore": "never"}))
    assert firm is not None
    assert space.words(firm) == "profile.outside-cloud is yes, B2 is by-hand-or-synced, B5 is never"
    assert space.words({}) == "any firm"


def condition_of_many(questionnaire: Questionnaire, count: int) -> Condition:
    """One that takes two to the power of `count` cubes: each of many questions is bad or good, for either reason."""
    scored = [question for question in questionnaire.every_question() if question.scored][: 2 * count]
    pairs = zip(scored[::2], scored[1::2], strict=True)
    either = [{"any": [{one.id: one.ladder[0]}, {other.id: other.ladder[0]}]} for one, other in pairs]
    return parse({"all": either})


def test_what_is_too_tangled_is_not_guessed_at() -> None:
    space = Space(load(SHIPPED).or_refuse())
    assert len(space.cubes(condition_of_many(space.questionnaire, 10))) == 1024 <= MOST
    with pytest.raises(TooTangled):
        space.cubes(condition_of_many(space.questionnaire, 14))


@given(st.data())
def test_a_condition_and_its_opposite_leave_nothing_out_and_share_nothing(data: st.DataObject) -> None:
    questionnaire = data.draw(small_questionnaires)
    space = Space(questionnaire)
    for rule in questionnaire.every_rule():
        for_it, against = space.cubes(rule.when), space.cubes(rule.when, False)
        names = {name for cube in (*for_it, *against) for name in cube}
        for values in product(*[[(name, value) for value in space.domain(name)] for name in sorted(names)]):
            at = dict(values)
            inside = [any(all(at[n] in v for n, v in cube.items()) for cube in cubes) for cubes in (for_it, against)]
            assert inside.count(True) == 1
