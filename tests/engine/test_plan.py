"""What a plan promises: an order that can be followed, gains that are real, and a way to the next band."""

from collections.abc import Iterable
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from assessment.engine.advice import Cost, Horizon
from assessment.engine.assess import assess
from assessment.engine.flow import State, walk
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import NOT_SURE
from assessment.engine.result import Action, Mode, Outcome
from assessment.engine.scoring import Scored, score
from tests.engine.strategies import Case, any_cases, cases


def prerequisites_come_before_what_needs_them(case: Case, outcome: Outcome) -> None:
    placed = [action.id for action in outcome.plan]
    for place, action in enumerate(outcome.plan):
        assert set(action.first) <= set(placed[:place]), action.id
        needs = {first.do for first in case.questionnaire.recommendations[action.id].needs.first if first.when is None}
        if action.mode is Mode.DO:
            assert needs.intersection(placed) <= set(action.first)


def every_recommendation_stands_once(case: Case, outcome: Outcome) -> None:
    placed = [action.id for action in outcome.plan]
    assert len(placed) == len(set(placed))
    assert set(placed) <= set(case.questionnaire.recommendations)


def horizons_never_get_earlier_down_the_page(case: Case, outcome: Outcome) -> None:
    orders = [action.horizon.order for action in outcome.plan]
    assert orders == sorted(orders)


def something_early_costs_nothing_where_anything_free_could_come_early(case: Case, outcome: Outcome) -> None:
    def free(action: Action) -> bool:
        cost = case.questionnaire.recommendations[action.id].cost
        return action.mode is Mode.FIND_OUT or cost is Cost.NONE

    started = {action.id for action in outcome.plan[:2]}
    if any(free(action) and set(action.first) <= started for action in outcome.plan[3:]):
        assert any(free(action) for action in outcome.plan[:3])


def no_action_lowers_the_score_alone_or_in_order(case: Case, outcome: Outcome) -> None:
    running = outcome.overall.score_exact if outcome.overall else Fraction(0)
    for action in outcome.plan:
        if action.after_exact is None:
            assert (action.alone, action.in_order, action.after) == (None, None, None)
            continue
        assert action.alone_exact is not None
        assert action.in_order_exact is not None
        assert action.alone_exact >= 0, action.id
        assert action.in_order_exact >= 0, action.id
        running += action.in_order_exact
        assert action.after_exact == running


def the_shown_gains_add_up_to_the_shown_score(case: Case, outcome: Outcome) -> None:
    if outcome.overall is not None:
        running = outcome.overall.score
        for action in outcome.plan:
            if action.after is not None:
                running += action.in_order or 0
                assert action.after == running


def the_trajectory_ends_where_the_plan_ends(case: Case, outcome: Outcome) -> None:
    if outcome.overall is None:
        assert outcome.trajectory == {}
        return
    reached = [outcome.trajectory[horizon] for horizon in Horizon]
    assert reached == sorted(reached)
    assert reached[0] >= outcome.overall.score
    assert reached[-1] == max([outcome.overall.score, *(a.after for a in outcome.plan if a.after is not None)])


def only_answers_that_were_given_settled_or_not_sure_are_reasons(case: Case, outcome: Outcome) -> None:
    standings = walk(case.questionnaire, case.answers, case.depth).standings
    raised = case.questionnaire.recommendations
    for action in outcome.plan:
        for question in set(action.reasons) & set(raised[action.id].raises):
            assert standings[question].state in (State.ANSWERED, State.SETTLED, State.NOT_SURE)
        for question in action.finds_out:
            assert standings[question].state is State.NOT_SURE


def the_way_to_the_next_band_reaches_it_and_nothing_in_it_can_be_left_out(case: Case, outcome: Outcome) -> None:
    if outcome.next_band is None:
        return
    scored = score(case.questionnaire, case.answers, case.depth)
    bands = [band.id for band in case.questionnaire.bands]
    goal = bands.index(outcome.next_band.band)
    assert outcome.overall is not None
    assert goal == bands.index(outcome.overall.band) + 1
    actions = outcome.next_band.actions
    assert band_after(scored, actions) >= goal
    for left_out in actions:
        assert band_after(scored, [action for action in actions if action != left_out]) < goal


def band_after(scored: Scored, actions: Iterable[str]) -> int:
    """The band once some actions are done, every settled answer written in first."""
    levels, unsure = dict(scored.levels), scored.unsure
    questionnaire = scored.route.questionnaire
    for action in actions:
        for question, target in questionnaire.recommendations[action].raises.items():
            level = questionnaire.ladders[question].index(target)
            if question in levels or (question in unsure and scored.ledger.never_costs(question, level)):
                levels[question] = max(level, levels.get(question, 0))
    place, _ = scored.ledger.band(scored.ledger.tally(levels, unsure - set(levels)))
    assert place is not None
    return place


@given(any_cases)
def test_every_plan_keeps_its_promises(case: Case) -> None:
    outcome = assess(case.questionnaire, case.answers, case.depth)
    for promise in (
        prerequisites_come_before_what_needs_them,
        every_recommendation_stands_once,
        horizons_never_get_earlier_down_the_page,
        something_early_costs_nothing_where_anything_free_could_come_early,
        no_action_lowers_the_score_alone_or_in_order,
        the_shown_gains_add_up_to_the_shown_score,
        the_trajectory_ends_where_the_plan_ends,
        only_answers_that_were_given_settled_or_not_sure_are_reasons,
        the_way_to_the_next_band_reaches_it_and_nothing_in_it_can_be_left_out,
    ):
        promise(case, outcome)


@given(cases(), st.data())
def test_the_order_of_a_plan_never_depends_on_what_its_actions_gain(case: Case, data: st.DataObject) -> None:
    """Other weights give other gains; where ignorance does not lead, the order stays."""
    before = assess(case.questionnaire, case.answers, case.depth)
    assume(len(before.plan) > 1 and before.overall is not None and not before.overall.provisional)
    after = assess(with_other_weights(case.questionnaire, data), case.answers, case.depth)
    assume(after.overall is not None and not after.overall.provisional)
    assert [(a.id, a.mode, a.horizon) for a in after.plan] == [(a.id, a.mode, a.horizon) for a in before.plan]


def with_other_weights(questionnaire: Questionnaire, data: st.DataObject) -> Questionnaire:
    weights = st.integers(1, 10)
    banks = [
        bank.model_copy(
            update={
                "weight": data.draw(weights) if bank.weight else 0,
                "questions": tuple(q.model_copy(update={"weight": data.draw(weights)}) for q in bank.questions),
            }
        )
        for bank in questionnaire.banks
    ]
    return Questionnaire.model_validate_json(
        questionnaire.model_copy(update={"banks": tuple(banks)}).model_dump_json(by_alias=True)
    )


@given(cases())
def test_what_is_not_answered_never_fires_a_recommendation(case: Case) -> None:
    """Without any scored answer and without a “not sure” there is nothing to raise."""
    facts = {q: a for q, a in case.answers.items() if q.startswith("profile.") and a != NOT_SURE}
    for action in assess(case.questionnaire, facts, case.depth).plan:
        advice = case.questionnaire.recommendations[action.id]
        assert not advice.raises
