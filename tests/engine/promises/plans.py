"""What the design promises of a plan, each sentence a function of one case."""

from collections.abc import Iterable
from fractions import Fraction
from functools import partial

from assessment.engine.advice import Cost, Horizon, Recommendation
from assessment.engine.firing import WHOLE, Firing
from assessment.engine.flow import State
from assessment.engine.questions import NOT_SURE, PROFILE
from assessment.engine.result import Action, Mode
from tests.engine import naive
from tests.engine.strategies import NOTHING, Case, Promise, weighed_otherwise


def of(case: Case, action: Action) -> Recommendation:
    return case.questionnaire.recommendations[action.id]


# Which recommendations apply.


def truth(case: Case, advice: Recommendation) -> bool | None:
    return True if advice.when is None else case.truth(advice.when)


def worse_and_unsure(case: Case, advice: Recommendation) -> tuple[list[str], list[str]]:
    answers, ladders = case.counted, case.questionnaire.ladders
    known = {q: answers[q] for q in advice.raises if answers.get(q, NOT_SURE) != NOT_SURE}
    worse = [q for q, a in known.items() if ladders[q].index(a) < ladders[q].index(advice.raises[q])]
    return worse, [q for q in advice.raises if answers.get(q) == NOT_SURE]


def rules_naming(case: Case, advice: Recommendation) -> list[str]:
    rules = case.questionnaire.all_rules.values()
    told = (rule for rule in rules if case.truths[rule.id] and not rule.contradiction and not rule.story)
    return [rule.id for rule in told if advice.id in rule.recommends]


def called_for(case: Case, advice: Recommendation) -> bool:
    if not advice.raises:
        return bool(rules_naming(case, advice)) or advice.when is not None
    answered = any(case.counted.get(question, NOT_SURE) != NOT_SURE for question in advice.raises)
    return bool(rules_naming(case, advice)) and answered


def what_is_to_be_done_is_exactly_what_some_known_answer_calls_for(case: Case) -> object:
    """An answer worse than what it is raised to, or a rule; no unknown one, and `when` must be sure."""
    expected = set()
    for advice in case.questionnaire.recommendations.values():
        worse, unsure = worse_and_unsure(case, advice)
        if truth(case, advice) is True and (worse or (not unsure and called_for(case, advice))):
            expected.add(advice.id)
    assert {action.id for action in case.outcome.plan if action.mode is Mode.DO} == expected
    return None if expected else NOTHING


def looked_at(case: Case, advice: Recommendation) -> list[str]:
    return [q for q in (advice.when.questions if advice.when else ()) if q in case.standings]


def what_is_to_be_found_out_is_what_is_not_sure_and_each_of_it_is_asked_once(case: Case) -> object:
    answers, asked, wanted = case.counted, set[str](), set[str]()
    unsure = {q for q, s in case.standings.items() if s.state is State.NOT_SURE}
    finding_out = {action.id: action for action in case.outcome.plan if action.mode is Mode.FIND_OUT}
    for action in finding_out.values():
        assert action.finds_out
        assert unsure.issuperset(action.finds_out)
        assert action.reasons == action.finds_out
        assert not asked.issuperset(action.finds_out) or len(finding_out) > 1
        asked.update(action.finds_out)
    for advice in case.questionnaire.recommendations.values():
        _, own = worse_and_unsure(case, advice)
        own = own if advice.raises else [q for q in looked_at(case, advice) if q in unsure]
        if truth(case, advice) is not False and own and advice.id not in [a.id for a in case.outcome.plan]:
            wanted.update(own if not advice.raises or worse_and_unsure(case, advice)[1] else ())
    assert wanted <= asked, (wanted, asked, answers)
    return None if finding_out else NOTHING


def what_is_not_answered_never_fires_a_recommendation(case: Case) -> object:
    """Without any scored answer and without a “not sure” there is nothing to raise."""
    facts = {q: a for q, a in case.answers.items() if q.startswith(f"{PROFILE}.") and a != NOT_SURE}
    for action in case.but(answers=facts).outcome.plan:
        assert not of(case, action).raises
    return None if case.answers else NOTHING


def only_answers_that_were_given_settled_or_not_sure_are_reasons(case: Case) -> object:
    for action in case.outcome.plan:
        for question in action.reasons:
            assert case.standings[question].state in (State.ANSWERED, State.SETTLED, State.NOT_SURE)
            assert not case.standings[question].hidden
    return None if case.outcome.plan else NOTHING


def a_rule_is_a_reason_only_if_it_is_confirmed_and_names_the_action(case: Case) -> object:
    for action in case.outcome.plan:
        naming = rules_naming(case, of(case, action)) if action.mode is Mode.DO else []
        assert sorted(action.rules) == sorted(naming)
        grave = [rule for rule in naming if case.questionnaire.all_rules[rule].severity == "critical"]
        assert action.critical is bool(grave)
    return None if any(action.rules for action in case.outcome.plan) else NOTHING


# In what order.


def every_recommendation_stands_once(case: Case) -> object:
    placed = [action.id for action in case.outcome.plan]
    assert len(placed) == len(set(placed))
    return None if placed else NOTHING


def prerequisites_come_before_what_needs_them(case: Case) -> object:
    placed = [action.id for action in case.outcome.plan]
    for place, action in enumerate(case.outcome.plan):
        assert set(action.first) <= set(placed[:place]), action.id
        needs = [f.do for f in of(case, action).needs.first if f.when is None or case.truth(f.when) is True]
        if action.mode is Mode.DO:
            assert set(needs).intersection(placed) <= set(action.first)
    return None if any(action.first for action in case.outcome.plan) else NOTHING


def what_is_settled_waits_for_what_raises_the_answer_that_settles_it(case: Case) -> object:
    tried, first = False, {action.id: set(action.first) for action in case.outcome.plan}
    for action in case.outcome.plan:
        own = of(case, action).raises
        gates = {case.standings[q].settled_by for q in action.reasons} - {None, *own}
        raisers = {a.id for a in case.outcome.plan if gates.intersection(of(case, a).raises)} - {action.id}
        if action.mode is Mode.DO:
            tried = tried or bool(raisers)
            assert all(one in action.first or action.id in waits_for(one, first) for one in raisers)
    return None if tried else NOTHING


def waits_for(action: str, first: dict[str, set[str]]) -> set[str]:
    """All that comes before an action because something waits for it."""
    return {one for need in first[action] for one in (need, *waits_for(need, first))}


def what_is_replaced_comes_after_what_replaces_it(case: Case) -> object:
    pairs = [(action, r) for action in case.outcome.plan for r in action.then]
    placed = [action.id for action in case.outcome.plan]
    for action, replaced in pairs:
        assert replaced in of(case, action).replaces
        assert placed.index(action.id) < placed.index(replaced)
    done = [action for action in case.outcome.plan if action.mode is Mode.DO]
    named = {r for action in done for r in of(case, action).replaces if r in [other.id for other in done]}
    assert named == {replaced for _, replaced in pairs}
    return None if pairs else NOTHING


def horizons_never_get_earlier_down_the_page(case: Case) -> object:
    orders = [action.horizon.order for action in case.outcome.plan]
    assert orders == sorted(orders)
    return None if orders else NOTHING


def something_early_costs_nothing_where_anything_free_could_come_early(case: Case) -> object:
    plan, started = case.outcome.plan, {action.id for action in case.outcome.plan[:2]}
    free = partial(is_free, case)
    if not any(free(action) and set(action.first) <= started for action in plan[3:]):
        return NOTHING
    assert any(free(action) for action in plan[:3])
    return None


def is_free(case: Case, action: Action) -> bool:
    return action.mode is Mode.FIND_OUT or of(case, action).cost is Cost.NONE


def confirmed_criticals_come_first(case: Case) -> object:
    """But for what they wait for, what leads, and what is free among the first three."""
    plan, needed = case.outcome.plan, set[str]()
    for action in reversed(plan):
        if action.critical or action.id in needed:
            needed.update(action.first)
    lead = {plan[0].id} if plan and case.outcome.overall and case.outcome.overall.provisional else set()
    early = lead | needed | {action.id for action in plan[:3] if is_free(case, action)}
    ready = [n for n, action in enumerate(plan) if action.critical and not action.first]
    for place in ready:
        assert all(action.critical or action.id in early for action in plan[:place]), plan[place].id
    return None if ready else NOTHING


def at_most_three_of_a_bank_are_among_the_first_ten(case: Case) -> object:
    """Unless they are critical, lead, or are what is free among the first three; or there is too little else."""
    plan = case.outcome.plan
    if len(plan) <= 10:
        return NOTHING
    banks = [a.bank for a in plan[:10] if not a.critical and not (a in plan[:3] and is_free(case, a))]
    if any(banks.count(bank) > 3 for bank in banks):
        early = [action.bank for action in plan[:10]]
        assert all(early.count(action.bank) >= 3 or action.first for action in plan[10:])
    return None


def without_prerequisites_it_is_by_time_then_critical_then_priority_then_id(case: Case) -> object:
    plan, overall = case.outcome.plan, case.outcome.overall
    banks = [action.bank for action in plan]
    if len(plan) < 2 or (overall and overall.provisional) or any(a.first or a.then for a in plan):
        return NOTHING
    expected = sorted(plan, key=lambda a: (horizon(case, a).order, not a.critical, -priority(case, a), a.id))
    if max(map(banks.count, banks)) > 3 or (len(plan) > 3 and not any(is_free(case, a) for a in expected[:3])):
        return NOTHING
    assert [action.id for action in plan] == [action.id for action in expected]
    assert [action.horizon for action in plan] == [horizon(case, action) for action in expected]
    return None


def impact(case: Case, action: Action) -> int:
    overriding = (o.impact for o in of(case, action).overrides if o.impact is not None and case.truth(o.when) is True)
    return next(overriding, of(case, action).impact)


def horizon(case: Case, action: Action) -> Horizon:
    """Authored; at most a month to find out; this week what is critical, or weighty and quick."""
    overriding = (o.horizon for o in of(case, action).overrides if o.horizon and case.truth(o.when) is True)
    authored = next(overriding, of(case, action).horizon)
    if action.mode is Mode.FIND_OUT:
        return min(authored, Horizon.MONTH, key=lambda h: h.order)
    quick = impact(case, action) >= 80 and action.owner_hours + action.it_hours <= 6
    return Horizon.NOW if action.critical or quick else authored


def priority(case: Case, action: Action) -> Fraction:
    """Impact, weighed by how bad the worst answer is; more where a rule names it, less where it is to be found out."""
    answers, questions = case.counted, case.questionnaire.questions
    about = [q for q in action.reasons or looked_at(case, of(case, action)) if q in answers]
    points = [naive.points_of(questions[q], answers[q]) for q in about]
    gap = 100 - min(points) if points else 50
    found = Fraction(impact(case, action) * (5500 + 45 * gap), 10_000)
    found *= Fraction(105, 100) if rules_naming(case, of(case, action)) else 1
    return found * (Fraction(60, 100) if action.mode is Mode.FIND_OUT else 1)


def priority_is_impact_weighed_by_how_bad_the_answers_are(case: Case) -> object:
    fires = Firing(case.scored)
    for action in case.outcome.plan:
        candidate = fires(of(case, action))
        assert candidate is not None
        assert Fraction(candidate.priority, WHOLE) == priority(case, action)
    return None if case.outcome.plan else NOTHING


def the_order_never_depends_on_what_actions_gain(case: Case) -> object:
    """Other weights give other gains; where ignorance does not lead, the order stays."""
    before = case.outcome
    if (
        len(before.plan) < 2
        or before.overall is None
        or before.overall.provisional
        or len(case.questionnaire.banks) > 3
    ):
        return NOTHING
    after = case.but(questionnaire=weighed_otherwise(case.questionnaire, case.dice)).outcome
    if after.overall is None or after.overall.provisional or after.not_sure_percent != before.not_sure_percent:
        return NOTHING
    assert [(a.id, a.mode, a.horizon) for a in after.plan] == [(a.id, a.mode, a.horizon) for a in before.plan]
    return None


# What it gains.


def after(case: Case, answers: dict[str, str], actions: Iterable[Action]) -> dict[str, str]:
    """The answers that count, settled ones written in, once some actions are done."""
    answers, ladders = dict(answers), case.questionnaire.ladders
    for action in actions:
        for question, target in of(case, action).raises.items() if action.mode is Mode.DO else ():
            unsure = answers.get(question) == NOT_SURE and naive.safe(case.questionnaire, question, target)
            known = question in answers and answers[question] != NOT_SURE
            if unsure or (known and ladders[question].index(answers[question]) < ladders[question].index(target)):
                answers[question] = target
    return answers


def what_an_action_gains_alone_and_in_order_is_the_score_taken_again(case: Case) -> object:
    """Of one action of the plan: each gain exact, what is reached, and what still holds it; no bank ever falls."""
    plan, before = case.outcome.plan, case.counted
    gaining = [n for n, action in enumerate(plan) if action.after_exact is not None]
    if not gaining:
        return NOTHING
    place = case.dice.choice(gaining)
    action, scores = plan[place], partial(naive.capped, case.questionnaire, case.facts)
    start, sooner = scores(before), scores(after(case, before, plan[:place]))
    alone, later = scores(after(case, before, [action])), scores(after(case, before, plan[: place + 1]))
    assert action.alone_exact == alone[""][0] - start[""][0]
    assert action.in_order_exact == later[""][0] - sooner[""][0]
    assert action.after_exact == later[""][0]
    raised = after(case, dict.fromkeys(before, NOT_SURE) | before, [action])
    banks = dict.fromkeys(
        q.partition(".")[0] for q in of(case, action).raises if q in raised and counts(case, q, action)
    )
    held = [rule for key in ("", *banks) for rule in later.get(key, (0, []))[1][:1]]
    assert list(action.held_by) == list(dict.fromkeys(held))
    for key, (score, _) in start.items():
        assert alone[key][0] >= score, key
        assert later[key][0] >= sooner[key][0], key
    return None


def counts(case: Case, question: str, action: Action) -> bool:
    """Whether an action works on an answer: one that is known, or one that it is safe to raise unknown."""
    answer = case.counted.get(question)
    target = of(case, action).raises[question]
    return answer is not None and (answer != NOT_SURE or naive.safe(case.questionnaire, question, target))


def an_action_that_changes_no_answer_by_itself_has_none_of_the_three_numbers(case: Case) -> object:
    for action in case.outcome.plan:
        works = action.mode is Mode.DO and any(counts(case, q, action) for q in of(case, action).raises)
        numbers = (action.alone, action.in_order, action.after, action.alone_exact, action.in_order_exact)
        assert all(n is not None for n in numbers) if works and case.outcome.overall else numbers == (None,) * 5
    return None if case.outcome.plan else NOTHING


def no_action_lowers_the_score_and_gains_add_up_exactly_and_as_shown(case: Case) -> object:
    overall, gaining = case.outcome.overall, [a for a in case.outcome.plan if a.after is not None]
    if overall is None or not gaining:
        assert not gaining
        return NOTHING
    exact, shown = overall.score_exact, overall.score
    for action in gaining:
        assert action.alone_exact is not None
        assert action.in_order_exact is not None
        assert min(action.alone_exact, action.in_order_exact) >= 0, action.id
        exact, shown = exact + action.in_order_exact, shown + (action.in_order or 0)
        assert (action.after_exact, action.after) == (exact, shown)
        assert action.alone == int(overall.score_exact + action.alone_exact + Fraction(1, 2)) - overall.score
    return None


def the_trajectory_is_what_is_reached_by_each_time(case: Case) -> object:
    overall, reached = case.outcome.overall, case.outcome.trajectory
    if overall is None:
        assert reached == {}
        return NOTHING
    by = {
        h: [a.after for a in case.outcome.plan if a.horizon.order <= h.order and a.after is not None] for h in Horizon
    }
    assert reached == {horizon: max([overall.score, *scores]) for horizon, scores in by.items()}
    return None


def hours_grow_with_the_people_in_the_firm_and_finding_out_takes_a_quarter_of_one(case: Case) -> object:
    values = [(q.options, case.facts[q.id]) for q in case.questionnaire.profile]
    heads = next((o.people for options, value in values for o in options if o.id == value and o.people is not None), 1)
    for action in case.outcome.plan:
        effort = of(case, action).effort
        owner, it = effort.owner + effort.owner_per_person * heads, effort.it + effort.it_per_person * heads
        expected = (round(4 * owner) / 4, round(4 * it) / 4) if action.mode is Mode.DO else (0.25, 0)
        assert (action.owner_hours, action.it_hours) == expected
    return None if case.outcome.plan else NOTHING


def the_way_to_the_next_band_reaches_it_and_nothing_in_it_can_be_left_out(case: Case) -> object:
    found, overall = case.outcome.next_band, case.outcome.overall
    if overall is None or overall.provisional:
        assert found is None
        return NOTHING
    bands = [band.id for band in case.questionnaire.bands]
    goal, plan = bands.index(overall.band) + 1, case.outcome.plan
    reaches = partial(band_after, case)
    if found is None:
        assert goal == len(bands) or reaches(plan) < goal
        return NOTHING
    assert bands.index(found.band) == goal
    actions = [action for action in plan if action.id in found.actions]
    enough = next(n for n in range(len(plan) + 1) if reaches(plan[:n]) >= goal)
    assert set(found.actions) <= {action.id for action in plan[:enough]}
    assert reaches(actions) >= goal
    assert all(reaches([other for other in actions if other is not left_out]) < goal for left_out in actions)
    return None


def band_after(case: Case, actions: Iterable[Action]) -> int:
    """The band once some actions are done, as the engine's own arithmetic has it."""
    scored, ladders = case.scored, case.questionnaire.ladders
    answers = after(case, case.counted, actions)
    levels = {q: ladders[q].index(a) for q, a in answers.items() if a != NOT_SURE}
    place, _ = scored.ledger.band(scored.ledger.tally(levels, scored.unsure - set(levels)))
    assert place is not None
    return place


PROMISES: tuple[Promise, ...] = (
    what_is_to_be_done_is_exactly_what_some_known_answer_calls_for,
    what_is_to_be_found_out_is_what_is_not_sure_and_each_of_it_is_asked_once,
    what_is_not_answered_never_fires_a_recommendation,
    only_answers_that_were_given_settled_or_not_sure_are_reasons,
    a_rule_is_a_reason_only_if_it_is_confirmed_and_names_the_action,
    every_recommendation_stands_once,
    prerequisites_come_before_what_needs_them,
    what_is_settled_waits_for_what_raises_the_answer_that_settles_it,
    what_is_replaced_comes_after_what_replaces_it,
    horizons_never_get_earlier_down_the_page,
    something_early_costs_nothing_where_anything_free_could_come_early,
    confirmed_criticals_come_first,
    at_most_three_of_a_bank_are_among_the_first_ten,
    without_prerequisites_it_is_by_time_then_critical_then_priority_then_id,
    priority_is_impact_weighed_by_how_bad_the_answers_are,
    the_order_never_depends_on_what_actions_gain,
    what_an_action_gains_alone_and_in_order_is_the_score_taken_again,
    an_action_that_changes_no_answer_by_itself_has_none_of_the_three_numbers,
    no_action_lowers_the_score_and_gains_add_up_exactly_and_as_shown,
    the_trajectory_is_what_is_reached_by_each_time,
    hours_grow_with_the_people_in_the_firm_and_finding_out_takes_a_quarter_of_one,
    the_way_to_the_next_band_reaches_it_and_nothing_in_it_can_be_left_out,
)
