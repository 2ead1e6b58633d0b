"""Proofs against brute force: what reasoning says can happen is what trying every complete set of answers shows."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.engine import proofs
from assessment.engine.answers import Answers
from assessment.engine.conditions import Condition, parse
from assessment.engine.cubes import ABSENT, MOST, SHARE, Cube, Space, TooTangled
from assessment.engine.findings import judge
from assessment.engine.firing import Firing
from assessment.engine.flow import Route, State, walk
from assessment.engine.loading import load
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, PROFILE, Depth, Question
from assessment.engine.result import Mode
from assessment.engine.scoring import score
from tests.engine.naive import possible_answers
from tests.engine.strategies import SHIPPED, questionnaires
from tests.engine.tiny import tiny

SMALL = questionnaires(most_banks=2, most_questions=2)


def everybody(questionnaire: Questionnaire) -> Iterator[Route]:
    """Every firm there can be with every complete set of answers, each way of going through once."""
    facts = [[(q.id, value) for value in possible_answers(q)] for q in questionnaire.profile]
    scored = [[(q.id, value) for value in offered(q)] for q in questionnaire.every_question() if q.bank != PROFILE]
    for firm in product(*facts):
        seen = set()
        for answers in product(*scored):
            route = walk(questionnaire, dict((*firm, *answers)), Depth.FULL)
            if any(standing.state is State.UNANSWERED for standing in route.standings.values()):
                continue  # "does not apply" where that is not offered
            if (way := tuple(standing.option for standing in route.standings.values())) not in seen:
                seen.add(way)
                yield route


def offered(question: Question) -> list[str]:
    return [*question.ladder, *([DOES_NOT_APPLY] if question.does_not_apply else [])]


@given(SMALL)
def test_a_rule_is_dead_exactly_where_no_firm_shows_it(questionnaire: Questionnaire) -> None:
    shares = Space(questionnaire).domain(SHARE)
    held, asked = set(), set()
    for route in everybody(questionnaire):
        asked |= {name for name, standing in route.standings.items() if standing.may_be_settled}
        for share in shares:
            held |= {rule for rule, truth in judge(route, int(str(share))).items() if truth}
    alive = {proof.place for proof in proofs.rules(questionnaire) if proof.firm is not None}
    assert alive == {f"rules:{rule}" for rule in held}
    reached = {proof.place for proof in proofs.questions(questionnaire) if proof.firm is not None}
    assert reached == {f"questions:{question}" for question in asked}


@given(SMALL)
def test_a_recommendation_is_dead_exactly_where_no_firm_is_given_it(questionnaire: Questionnaire) -> None:
    alive = {proof.place.partition(":")[2] for proof in proofs.recommendations(questionnaire) if proof.firm is not None}
    waiting = {advice.id for advice in questionnaire.every_recommendation()}
    for route in everybody(questionnaire):
        firing = Firing(score(questionnaire, route.answers, Depth.FULL))
        for advice in [questionnaire.recommendations[one] for one in sorted(waiting)]:
            candidate = firing(advice)
            if candidate is not None and candidate.mode is Mode.DO:
                assert advice.id in alive
                waiting.discard(advice.id)
        if not waiting & alive:
            break
    assert waiting.isdisjoint(alive)


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
    questionnaire = data.draw(SMALL)
    space = Space(questionnaire)
    for rule in questionnaire.every_rule():
        for_it, against = space.cubes(rule.when), space.cubes(rule.when, False)
        names = {name for cube in (*for_it, *against) for name in cube}
        for values in product(*[[(name, value) for value in space.domain(name)] for name in sorted(names)]):
            at = dict(values)
            inside = [any(all(at[n] in v for n, v in cube.items()) for cube in cubes) for cubes in (for_it, against)]
            assert inside.count(True) == 1
