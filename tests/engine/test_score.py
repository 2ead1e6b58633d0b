"""What a score promises, for every sound questionnaire and for the shipped one."""

from fractions import Fraction
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assessment.engine.assess import assess
from assessment.engine.conditions import Finding, NotSureShare
from assessment.engine.flow import State, walk
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, PROFILE, Depth
from assessment.engine.result import Outcome
from assessment.engine.scoring import score
from tests.engine import naive
from tests.engine.strategies import Case, answers_to, any_cases, cases, questionnaires


def outcome_of(case: Case) -> Outcome:
    return assess(case.questionnaire, case.answers, case.depth)


def exact(outcome: Outcome) -> dict[str, Fraction]:
    """Bank scores and, under "", the overall score."""
    banks = {bank.id: bank.score_exact for bank in outcome.banks}
    return banks | ({"": outcome.overall.score_exact} if outcome.overall else {})


# What holds for one outcome by itself: checked together, because drawing a questionnaire costs more than checking it.


def scores_are_what_the_design_says_they_are(case: Case, outcome: Outcome) -> None:
    facts = naive.facts_of(case.questionnaire, case.answers)
    given = {q: a for q, a in case.answers.items() if a != DOES_NOT_APPLY}
    offered = walk(case.questionnaire, case.answers, case.depth).standings
    given |= {q: DOES_NOT_APPLY for q, s in offered.items() if s.state is State.DOES_NOT_APPLY}
    counted = naive.counting(case.questionnaire, facts, given, case.depth)
    assert exact(outcome) == naive.scores(case.questionnaire, facts, counted)


def every_number_lies_between_0_and_100_and_in_its_own_range(case: Case, outcome: Outcome) -> None:
    for spread in (*outcome.banks, *([outcome.overall] if outcome.overall else [])):
        assert 0 <= spread.low_exact <= spread.score_exact <= spread.high_exact <= 100
        assert 0 <= spread.low <= spread.score <= spread.high <= 100
        assert spread.score_exact <= spread.raw_exact <= 100


def an_outcome_is_read_back_from_its_json(case: Case, outcome: Outcome) -> None:
    assert Outcome.model_validate_json(outcome.to_json()) == outcome


def every_lost_point_is_accounted_for_exactly_and_as_shown(case: Case, outcome: Outcome) -> None:
    if outcome.overall is None:
        assert outcome.losses == ()
        return
    assert sum(loss.points_exact for loss in outcome.losses) == 100 - outcome.overall.score_exact
    assert sum(loss.points for loss in outcome.losses) == 100 - outcome.overall.score
    assert all(loss.points >= 0 and loss.points_exact > 0 for loss in outcome.losses)


def not_sure_never_pays(case: Case, outcome: Outcome) -> None:
    """Where the worst of what is not sure would bring a cap down, the low end leads and finding out comes first."""
    if outcome.overall is None:
        return
    biting = rules_that_would_bite(case, outcome)
    assert not biting or outcome.overall.provisional, biting
    if outcome.overall.provisional:
        questionnaire = case.questionnaire
        bands = [band.id for band in questionnaire.bands]
        by_low = max(n for n, band in enumerate(questionnaire.bands) if band.at_least <= outcome.overall.low)
        assert bands.index(outcome.overall.band) <= by_low
        assert any(a == NOT_SURE for q, a in case.answers.items() if not q.startswith(PROFILE))
        assert outcome.plan[0].mode == "find-out", (outcome.plan[0].id, biting)
        assert outcome.next_band is None


def rules_that_would_bite(case: Case, outcome: Outcome) -> list[str]:
    """The rules with a cap on a score that lower it once every "not sure" is taken at its worst."""
    questionnaire, facts = case.questionnaire, naive.facts_of(case.questionnaire, case.answers)
    standings = walk(questionnaire, case.answers, case.depth).standings
    worst = {q: questionnaire.ladders[q][0] if s.state is State.NOT_SURE else s.option for q, s in standings.items()}
    worst |= {q: DOES_NOT_APPLY for q, s in standings.items() if s.state is State.DOES_NOT_APPLY}
    known = {**facts, **naive.counting(questionnaire, facts, {q: a for q, a in worst.items() if a}, case.depth)}
    banks = {bank.id: bank.score_exact for bank in outcome.banks if bank.weight}
    assert outcome.overall is not None
    return [
        rule.id
        for rule in questionnaire.all_rules.values()
        if (rule.caps.banks or rule.caps.overall is not None) and naive.holds(rule.when.data(), known, questionnaire)
        if any(most < banks.get(bank, 0) for bank, most in rule.caps.banks.items())
        or (rule.caps.overall is not None and rule.caps.overall < outcome.overall.score_exact)
    ]


@given(any_cases)
def test_every_outcome_keeps_its_promises(case: Case) -> None:
    outcome = outcome_of(case)
    for promise in (
        scores_are_what_the_design_says_they_are,
        every_number_lies_between_0_and_100_and_in_its_own_range,
        an_outcome_is_read_back_from_its_json,
        every_lost_point_is_accounted_for_exactly_and_as_shown,
        not_sure_never_pays,
    ):
        promise(case, outcome)


# What holds between the outcomes of one firm.


@given(any_cases, st.data())
def test_a_better_answer_never_lowers_a_bank_an_index_or_the_overall_score(case: Case, data: st.DataObject) -> None:
    ladders = {q.id: q.ladder for q in case.questionnaire.questions.values() if q.scored}
    raisable = [q for q, a in case.answers.items() if q in ladders and a in ladders[q][:-1]]
    assume(raisable)
    chosen = data.draw(st.sampled_from(raisable))
    better = data.draw(st.sampled_from(ladders[chosen][ladders[chosen].index(case.answers[chosen]) + 1 :]))  # type: ignore[arg-type]
    before, after = exact(outcome_of(case)), exact(better_outcome(case, chosen, better))
    assert {key: value for key, value in before.items() if key in after and after[key] < value} == {}


def better_outcome(case: Case, question: str, answer: str) -> Outcome:
    return assess(case.questionnaire, {**case.answers, question: answer}, case.depth)


@given(any_cases, st.data())
def test_answers_to_questions_that_are_hidden_or_settled_or_deeper_never_matter(
    case: Case, data: st.DataObject
) -> None:
    case = with_known_firm(case)
    standings = walk(case.questionnaire, case.answers, case.depth).standings
    hidden = [q for q, s in standings.items() if s.hidden or s.state in (State.SETTLED, State.DEEPER)]
    without = {q: a for q, a in case.answers.items() if q not in hidden}
    other = {q: data.draw(st.sampled_from(answers_to(case.questionnaire.questions[q]) or ["x"])) for q in hidden[:3]}
    first = assess(case.questionnaire, without, case.depth)
    second = assess(case.questionnaire, {**without, **other}, case.depth)
    assert exact(first) == exact(second)
    if case.depth is Depth.FULL:
        assert first.to_json() == second.to_json()


def with_known_firm(case: Case) -> Case:
    """The same with every fact known: what an unknown fact only may hide still counts in the range."""
    facts = naive.facts_of(case.questionnaire, case.answers)
    return Case(case.questionnaire, {**case.answers, **facts}, case.depth)


@given(any_cases, st.data())
def test_the_same_answers_in_any_order_give_the_same_bytes(case: Case, data: st.DataObject) -> None:
    shuffled = list(case.answers.items())
    Random(0).shuffle(shuffled)
    again = Questionnaire.model_validate_json(case.questionnaire.canonical_json)
    assert again.digest == case.questionnaire.digest
    assert assess(again, dict(shuffled), case.depth).to_json() == outcome_of(case).to_json()


@given(cases(settling=False))
def test_confirmed_means_true_in_every_completion_and_possible_in_some_because_of_a_not_sure(case: Case) -> None:
    questionnaire, judged = case.questionnaire, score(case.questionnaire, case.answers, case.depth).judged
    standings = walk(questionnaire, case.answers, case.depth).standings
    missing = [q for q, s in standings.items() if s.state in (State.UNANSWERED, State.DEEPER)]
    unsure = [q for q, s in standings.items() if s.state is State.NOT_SURE]
    facts = naive.facts_of(questionnaire, case.answers)
    known = facts | {q: s.option for q, s in standings.items() if s.option}
    for rule in questionnaire.all_rules.values():
        if any(isinstance(node, Finding | NotSureShare) for node in rule.when.walk()):
            continue
        asked = [q for q in rule.when.questions if q in unsure]
        rest = [q for q in rule.when.questions if q in missing]
        sure = [
            all(naive.holds(rule.when.data(), known | firm | others, questionnaire) for others in ways(case, rest))
            for firm in ways(case, asked)
        ]
        assert judged.truths[rule.id] is (True if all(sure) else None if any(sure) else False)


def ways(case: Case, questions: list[str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = [{}]
    for question in questions:
        found = [{**one, question: option} for one in found for option in case.questionnaire.ladders[question]]
    return found


@given(questionnaires())
@settings(max_examples=50)
def test_no_answers_mean_no_score_but_never_an_error(questionnaire: Questionnaire) -> None:
    outcome = assess(questionnaire, {}, Depth.FULL)
    assert outcome.overall is None
    assert outcome.losses == ()
    assert outcome.plan == () or all(action.mode == "do" for action in outcome.plan)
