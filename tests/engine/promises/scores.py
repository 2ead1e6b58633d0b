"""What the design promises of scores and findings, each sentence a function of one case.

A promise returns NOTHING where a case has nothing to try it on, so that it is counted only where it was tried.
"""

from fractions import Fraction

from assessment.engine.advice import Rule, Severity
from assessment.engine.assess import assess
from assessment.engine.conditions import NotSureShare
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, PROFILE, Depth
from assessment.engine.result import Certainty, Outcome
from tests.engine import naive
from tests.engine.strategies import NOTHING, Case, Promise


def every_question_stands_where_the_design_says(case: Case) -> None:
    expected = naive.standings(case.questionnaire, case.facts, case.answers, case.depth)
    assert {q: (str(s.state), s.option or "") for q, s in case.standings.items()} == expected


def what_is_settled_follows_from_a_question_before_it(case: Case) -> object:
    settled = {name: s for name, s in case.standings.items() if s.settled_by}
    order = list(case.standings)
    for name, standing in settled.items():
        assert standing.question.settled is not None
        gate = case.standings[standing.settled_by or ""].option
        tests = (test for test in standing.question.settled.when.comparisons if test.question == standing.settled_by)
        assert any(gate and test.admits(gate, case.questionnaire.ladders[test.question]) for test in tests)
        assert order.index(standing.settled_by) < order.index(name)
    return None if settled else NOTHING


def scores_are_what_the_design_says_they_are(case: Case) -> None:
    counted = case.counted
    assert case.exact == naive.scores(case.questionnaire, case.facts, counted)


def no_scored_answer_means_no_score(case: Case) -> None:
    counted = case.counted
    weigh = {bank.id for bank in case.questionnaire.banks if bank.weight}
    assert (case.outcome.overall is None) is not any(name.partition(".")[0] in weigh for name in counted)
    for spread in (*case.outcome.banks, *([case.outcome.overall] if case.outcome.overall else [])):
        assert spread.raw_exact >= spread.score_exact


def every_number_lies_between_0_and_100_and_in_its_own_range(case: Case) -> None:
    for spread in (*case.outcome.banks, *([case.outcome.overall] if case.outcome.overall else [])):
        assert 0 <= spread.low_exact <= spread.score_exact <= spread.high_exact <= 100
        assert 0 <= spread.low <= spread.score <= spread.high <= 100
        assert spread.score_exact <= spread.raw_exact <= 100


def numbers_are_rounded_once_halves_upwards(case: Case) -> None:
    for spread in (*case.outcome.banks, *([case.outcome.overall] if case.outcome.overall else [])):
        for shown, exact in (
            (spread.score, spread.score_exact),
            (spread.low, spread.low_exact),
            (spread.high, spread.high_exact),
            (spread.raw, spread.raw_exact),
        ):
            assert shown == rounded(exact)


def rounded(exact: Fraction) -> int:
    return int(exact + Fraction(1, 2))


def the_lowest_cap_costs_and_ties_go_to_the_first_by_id(case: Case) -> object:
    counted = case.counted
    held = {key: rules for key, (_, rules) in naive.capped(case.questionnaire, case.facts, counted).items() if rules}
    assert {bank.id: list(bank.held_by) for bank in case.outcome.banks if bank.held_by} == {
        bank: rules for bank, rules in held.items() if bank
    }
    overall = list(case.outcome.overall.held_by) if case.outcome.overall else []
    assert overall[: len(held.get("", []))] == held.get("", [])
    weigh = [bank.id for bank in case.questionnaire.banks if bank.weight] + [""]
    costs = {loss.bank or "": loss.rule for loss in case.outcome.losses if loss.rule}
    assert costs == {key: rules[0] for key, rules in held.items() if key in weigh}
    return None if held else NOTHING


def the_band_is_that_of_the_shown_score_unless_a_rule_or_the_low_end_holds_it(case: Case) -> object:
    overall = case.outcome.overall
    if overall is None:
        return NOTHING
    bands, found, rules = case.questionnaire.bands, case.truths, case.questionnaire.all_rules
    place = {band.id: n for n, band in enumerate(bands)}
    by_score = max(n for n, band in enumerate(bands) if band.at_least <= overall.score)
    assert place[overall.band_by_score] == by_score
    caps = {rule: place[rules[rule].caps.band or ""] for rule in found if rules[rule].caps.band is not None}
    confirmed = min([by_score, *(caps[rule] for rule in caps if found[rule])])
    holding = [rule for rule in caps if found[rule] and caps[rule] == confirmed < by_score]
    assert list(overall.held_by)[len(overall.held_by) - len(holding) :] == holding
    if not overall.provisional:
        assert place[overall.band] == confirmed
        return None
    low = max(n for n, band in enumerate(bands) if band.at_least <= overall.low)
    possible = [caps[rule] for rule in caps if found[rule] is None and caps[rule] < confirmed]
    assert place[overall.band] == min([confirmed, low, *possible])
    return None


def what_if_starts_from_the_share_of_not_sure_that_is_shown(case: Case) -> object:
    rules = case.questionnaire.all_rules.values()
    shares = {rule.id for rule in rules if isinstance(rule.when, NotSureShare) and rule.caps.band}
    starting = {rule for _, rule in case.scored.ledger.tally(case.scored.levels, case.scored.unsure).band_caps}
    assert starting & shares == {rule for rule in shares if case.truths[rule]}
    return None if shares else NOTHING


def confirmed_is_true_in_every_completion_and_possible_in_some_because_of_a_not_sure(case: Case) -> object:
    assert dict(case.scored.judged.truths) == case.truths
    return None if case.truths else NOTHING


def the_share_of_not_sure_is_counted_among_the_scored_questions_asked(case: Case) -> None:
    assert case.outcome.not_sure_percent == naive.share(case.questionnaire, case.facts, case.answers, case.depth)


def every_rule_that_holds_or_may_is_told_once_confirmed_and_grave_ones_first(case: Case) -> object:
    judged, rules = case.scored.judged.truths, case.questionnaire.all_rules
    told = [(f.rule, f.certainty) for f in case.outcome.findings]
    told += [(rule, f.certainty) for f in case.outcome.findings for rule in f.covers]
    expected = [
        (rule, Certainty.CONFIRMED if truth else Certainty.POSSIBLE)
        for rule, truth in judged.items()
        if truth is not False and not rules[rule].contradiction and not rules[rule].story
    ]
    assert sorted(told) == sorted(expected)
    for finding in case.outcome.findings:
        looked_at = [question for question in rules[finding.rule].when.questions if question in case.standings]
        assert (list(finding.questions), finding.caps) == (looked_at, bool(rules[finding.rule].caps))
        assert (finding.code, finding.severity) == (rules[finding.rule].code, rules[finding.rule].severity)
    order = [(f.certainty is Certainty.POSSIBLE, list(Severity).index(f.severity)) for f in case.outcome.findings]
    assert order == sorted(order)
    return None if told else NOTHING


def a_rule_is_told_under_another_only_if_both_go_back_to_one_answer(case: Case) -> object:
    rules = case.questionnaire.all_rules
    covers = [(rule, finding.rule) for finding in case.outcome.findings for rule in finding.covers]
    for rule, under in covers:
        assert behind(case, rules[rule]) & behind(case, rules[under]), (rule, under)
        assert any(case.questionnaire.questions[q].settled for q in rules[rule].when.questions)
        assert rules[rule].finding
    return None if covers else NOTHING


def behind(case: Case, rule: Rule) -> set[str]:
    """The questions a rule looks at, with all that settles them."""
    found, around = set[str](), list(rule.when.questions)
    while around:
        found.add(question := around.pop())
        settled = case.questionnaire.questions[question].settled
        around += settled.when.questions if settled else ()
    return found


def contradictions_and_at_most_two_stories_are_told_where_they_are_confirmed(case: Case) -> object:
    rules, judged = case.questionnaire.all_rules, case.scored.judged.truths
    sure = [rule for rule, truth in judged.items() if truth]
    assert list(case.outcome.contradictions) == [rule for rule in sure if rules[rule].contradiction]
    assert list(case.outcome.stories) == [rule for rule in sure if rules[rule].story][:2]
    return None if case.outcome.contradictions or case.outcome.stories else NOTHING


def an_outcome_is_read_back_from_its_json(case: Case) -> None:
    assert Outcome.model_validate_json(case.told) == case.outcome


def every_lost_point_is_accounted_for_exactly_and_as_shown(case: Case) -> object:
    overall, losses = case.outcome.overall, case.outcome.losses
    if overall is None:
        assert losses == ()
        return NOTHING
    assert sum(loss.points_exact for loss in losses) == 100 - overall.score_exact
    assert sum(loss.points for loss in losses) == 100 - overall.score
    assert all(loss.points >= 0 and loss.points_exact > 0 for loss in losses)
    assert all(abs(loss.points - loss.points_exact) < 1 for loss in losses)
    return None if losses else NOTHING


def an_answer_costs_its_own_share_of_the_score(case: Case) -> object:
    """Its weight in its bank, that of its bank among those with a score, and the points it lacks."""
    counted = case.counted
    banks = [b for b in case.questionnaire.banks if b.weight and any(q.id in counted for q in b.questions)]
    total, expected = sum(bank.weight for bank in banks), {}
    for bank in banks:
        rows = [question for question in bank.questions if question.id in counted]
        weight = sum(question.weight for question in rows)
        for question in rows if weight else ():
            lacks = 100 - naive.points_of(question, counted[question.id])
            expected[question.id] = Fraction(bank.weight * question.weight * lacks, total * weight)
    lost = {loss.question: loss.points_exact for loss in case.outcome.losses if loss.kind == "answer"}
    assert lost == {question: points for question, points in expected.items() if points}
    return None if lost else NOTHING


def not_sure_never_pays(case: Case) -> object:
    """Where the worst of what is not sure would bring a cap down, the low end leads and finding out comes first."""
    overall = case.outcome.overall
    if overall is None:
        return NOTHING
    biting = rules_that_would_bite(case, case.outcome)
    assert not biting or overall.provisional, biting
    if not overall.provisional:
        return NOTHING
    assert any(a == NOT_SURE for q, a in case.answers.items() if not q.startswith(PROFILE))
    assert case.outcome.plan[0].mode == "find-out", (case.outcome.plan[0].id, biting)
    assert case.outcome.next_band is None
    return None


def rules_that_would_bite(case: Case, outcome: Outcome) -> list[str]:
    """The rules with a cap on a score that lower it once every "not sure" is taken at its worst."""
    questionnaire, facts = case.questionnaire, case.facts
    found = naive.standings(questionnaire, facts, case.answers, case.depth)
    worst = {
        q: questionnaire.ladders[q][0]
        for q, (state, _) in found.items()
        if state == "not-sure"
        if questionnaire.questions[q].scored
    }
    known = {**facts, **naive.counting(questionnaire, facts, {**case.answers, **worst}, case.depth)}
    banks = {bank.id: bank.score_exact for bank in outcome.banks if bank.weight}
    assert outcome.overall is not None
    return [
        rule.id
        for rule in questionnaire.all_rules.values()
        if (rule.caps.banks or rule.caps.overall is not None) and naive.holds(rule.when.data(), known, questionnaire)
        if any(most < banks.get(bank, 0) for bank, most in rule.caps.banks.items())
        or (rule.caps.overall is not None and rule.caps.overall < outcome.overall.score_exact)
    ]


# What holds between the outcomes of one firm.


def a_better_answer_never_lowers_a_bank_an_index_or_the_overall_score(case: Case) -> object:
    ladders = {q.id: q.ladder for q in case.questionnaire.questions.values() if q.scored}
    raisable = sorted(q for q, a in case.answers.items() if q in ladders and a in ladders[q][:-1])
    if not raisable:
        return NOTHING
    chosen = case.dice.choice(raisable)
    better = case.dice.choice(ladders[chosen][ladders[chosen].index(str(case.answers[chosen])) + 1 :])
    then = case.given({chosen: better})
    assert {key: value for key, value in case.exact.items() if key in then.exact and then.exact[key] < value} == {}
    assert place_of(then) >= place_of(case) or then.scored.not_sure_percent > case.scored.not_sure_percent
    return None


def place_of(case: Case) -> int:
    """The place of the band the score has by what is certain, the lowest first."""
    return case.scored.ledger.band(case.scored.tally)[0] or 0


def answers_to_questions_that_are_hidden_or_settled_or_deeper_never_matter(case: Case) -> object:
    """With every fact known: what an unknown fact only may hide still counts in the range."""
    if not case.idle:
        return NOTHING
    if case.retold.told != case.told:
        without = {question: answer for question, answer in case.answers.items() if question not in case.idle}
        assert case.but(answers=without).outcome == case.outcome
    return None


def the_same_answers_in_any_order_give_the_same_bytes(case: Case) -> None:
    if len(case.questionnaire.banks) < 5:
        again = Questionnaire.model_validate_json(case.questionnaire.canonical_json)
        assert again.digest == case.questionnaire.digest
        assert assess(again, case.answers, case.depth).to_json() == case.told
    if case.retold.told != case.told:
        assert case.but(answers=case.shuffled).outcome.to_json() == case.told


def a_fact_that_is_not_known_counts_as_it_is_assumed(case: Case) -> object:
    assumed = {q: case.facts[q] for q in case.outcome.assumed}
    assert all(case.answers.get(q) in (None, NOT_SURE, DOES_NOT_APPLY) for q in assumed)
    assert case.given(assumed).exact == case.exact
    unnamed = [q for q in case.facts if q not in assumed and case.answers.get(q) in (None, NOT_SURE)]
    for fact in unnamed:
        other = case.given({fact: case.dice.choice(naive.possible_answers(case.questionnaire.questions[fact]))})
        assert other.ends == case.ends, fact
        assert case.depth is not Depth.FULL or other.scored.findings == case.scored.findings, fact
    return None if assumed or unnamed else NOTHING


def signs_are_shown_by_answers_at_or_below_their_limit(case: Case) -> object:
    signs, shown = case.questionnaire.signs, case.outcome.signs
    if signs is None:
        return NOTHING
    if signs.quick and case.standings[signs.quick].state == "answered":
        assert shown is not None
        chosen = case.answers[signs.quick]
        assert [q for q in signs.questions if q.partition(".")[2] in chosen] == list(shown.shown_by)  # type: ignore[operator]
        return None
    if all(case.counted.get(question, NOT_SURE) == NOT_SURE for question in signs.questions):
        assert shown is None
        return NOTHING
    assert shown is not None
    ladders = case.questionnaire.ladders
    counted = case.counted
    found = [
        q for q in signs.questions if counted.get(q, NOT_SURE) in ladders[q][: ladders[q].index(signs.at_most[q]) + 1]
    ]
    assert (list(shown.shown_by), shown.count, shown.of) == (found, len(found), len(signs.questions))
    known = {**case.facts, **counted}
    reads = [n for n, r in enumerate(signs.readings) if len(found) >= r.at_least
             and (r.when is None or naive.holds(r.when.data(), known, case.questionnaire))]  # fmt: skip
    assert shown.reading == next(iter(reads), None)
    return None


def every_answer_that_counted_is_told_with_what_settled_it(case: Case) -> None:
    told = {answer.question: answer for answer in case.outcome.answers}
    shown = {q: s for q, s in case.standings.items() if not s.hidden and s.state != "deeper"}
    assert [q for q in told if q in case.standings] == list(shown)
    for name, standing in shown.items():
        answer = told[name]
        assert (answer.state, answer.settled_by) == (standing.state, standing.settled_by)
        if standing.option:
            assert answer.options == (standing.option,)


def a_rule_is_not_looked_at_where_its_question_is_deeper(case: Case) -> object:
    found = naive.standings(case.questionnaire, case.facts, case.answers, case.depth)
    deeper = {question for question, (state, _) in found.items() if state == "deeper"}
    rules = case.questionnaire.all_rules.values()
    expected = [rule.id for rule in rules if rule.finding and deeper.intersection(rule.when.questions)]
    assert list(case.outcome.not_looked_at) == expected
    return None if expected else NOTHING


PROMISES: tuple[Promise, ...] = (
    every_question_stands_where_the_design_says,
    what_is_settled_follows_from_a_question_before_it,
    scores_are_what_the_design_says_they_are,
    no_scored_answer_means_no_score,
    every_number_lies_between_0_and_100_and_in_its_own_range,
    numbers_are_rounded_once_halves_upwards,
    the_lowest_cap_costs_and_ties_go_to_the_first_by_id,
    the_band_is_that_of_the_shown_score_unless_a_rule_or_the_low_end_holds_it,
    what_if_starts_from_the_share_of_not_sure_that_is_shown,
    confirmed_is_true_in_every_completion_and_possible_in_some_because_of_a_not_sure,
    the_share_of_not_sure_is_counted_among_the_scored_questions_asked,
    every_rule_that_holds_or_may_is_told_once_confirmed_and_grave_ones_first,
    a_rule_is_told_under_another_only_if_both_go_back_to_one_answer,
    contradictions_and_at_most_two_stories_are_told_where_they_are_confirmed,
    an_outcome_is_read_back_from_its_json,
    every_lost_point_is_accounted_for_exactly_and_as_shown,
    an_answer_costs_its_own_share_of_the_score,
    not_sure_never_pays,
    a_better_answer_never_lowers_a_bank_an_index_or_the_overall_score,
    answers_to_questions_that_are_hidden_or_settled_or_deeper_never_matter,
    the_same_answers_in_any_order_give_the_same_bytes,
    a_fact_that_is_not_known_counts_as_it_is_assumed,
    signs_are_shown_by_answers_at_or_below_their_limit,
    every_answer_that_counted_is_told_with_what_settled_it,
    a_rule_is_not_looked_at_where_its_question_is_deeper,
)
