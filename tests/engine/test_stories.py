"""Single cases told in full: what each finding, cap and action comes to on a questionnaire small enough to work out."""

from fractions import Fraction
from typing import Any

import pytest

from assessment.engine.assess import assess
from assessment.engine.findings import judge
from assessment.engine.flow import walk
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.engine.result import Action, Outcome
from tests.engine.tiny import tiny, tiny_with

GOOD = {
    "profile.staff": "few",
    "backups.made": "daily",
    "backups.tested": "often",
    "access.second-step": "everybody",
    "access.leavers": "always",
}
HARSH = "    when: {tested: {at_most: once}}\n    caps: {bank: 5}\n"
BACKUPS, ACCESS = "banks/backups.yaml", "banks/access.yaml"


def outcome(questionnaire: Questionnaire | None = None, depth: Depth = Depth.FULL, **other: Any) -> Outcome:
    answers = {**GOOD, **{key.replace("__", ".").replace("_", "-"): value for key, value in other.items()}}
    return assess(questionnaire or tiny(), {q: a for q, a in answers.items() if a is not None}, depth)


def action(of: Outcome, action_id: str) -> Action:
    return next(one for one in of.plan if one.id == action_id)


def test_everything_in_order_scores_100_and_needs_no_plan() -> None:
    best = outcome()
    assert best.overall is not None
    assert (best.overall.score, best.overall.band, best.overall.low, best.overall.high) == (100, "high", 100, 100)
    assert (best.plan, best.findings, best.losses, best.next_band) == ((), (), (), None)


def test_a_score_is_the_weighted_mean_of_weighted_means() -> None:
    mixed = outcome(backups__made="weekly", access__leavers="never")
    assert mixed.overall is not None
    assert {bank.id: bank.score_exact for bank in mixed.banks} == {"backups": Fraction(220, 3), "access": Fraction(50)}
    assert mixed.overall.score_exact == (2 * Fraction(220, 3) + 50) / 3


def test_half_a_point_is_rounded_up() -> None:
    half = outcome(tiny_with((BACKUPS, "{id: once, says: Once, points: 60}", "{id: once, says: Once, points: 50}")), **{
        "backups__made": None, "backups__tested": "once", "access__second_step": None, "access__leavers": None,
    })  # fmt: skip
    assert half.overall is not None
    assert half.overall.score_exact == 50
    one = tiny_with((ACCESS, "{id: some, says: For some, points: 60}", "{id: some, says: For some, points: 97}"))
    rounded = outcome(one, access__second_step="some")
    assert rounded.overall is not None
    assert (rounded.overall.score_exact, rounded.overall.score) == (Fraction(199, 2), 100)


def test_a_settled_answer_caps_but_is_told_under_what_settles_it() -> None:
    """Nothing backed up settles “tested”, whatever was said of it; its rule stands under the other’s."""
    bare = outcome(backups__made="never", backups__tested="often")
    finding = next(one for one in bare.findings if one.rule == "backups.none")
    assert (finding.certainty, finding.covers) == ("confirmed", ("backups.untested",))
    assert [one.rule for one in bare.findings] == ["backups.none", "held"]
    assert bare.overall is not None
    assert bare.overall.held_by == ()
    assert bare.banks[0].score == 0
    assert [one.id for one in bare.plan] == ["backups.make", "backups.test"]
    assert action(bare, "backups.test").first == ("backups.make",)


def test_a_cap_that_would_cost_nothing_is_not_said_to_hold() -> None:
    assert outcome(backups__made="never").banks[0].held_by == ()
    untested = outcome(backups__tested="never")
    assert untested.banks[0].held_by == ("backups.untested",)
    assert untested.banks[0].raw_exact == Fraction(200, 3)
    assert untested.banks[0].score == 60


def test_of_two_caps_the_lowest_costs_and_ties_go_by_id() -> None:
    second = "rules:\n  - id: also\n    code: K0\n    severity: info\n    when: {tested: never}\n    caps: {bank: 60}\n"
    tied = tiny_with((BACKUPS, "rules:\n", second + "    finding: It was not tested.\n"))
    assert outcome(tied, backups__tested="never").banks[0].held_by == ("backups.also", "backups.untested")
    costs = [loss for loss in outcome(tied, backups__tested="never").losses if loss.kind == "bank-cap"]
    assert [loss.rule for loss in costs] == ["backups.also"]
    lower = tiny_with((BACKUPS, "rules:\n", second.replace("60", "50") + "    finding: It was not tested.\n"))
    assert outcome(lower, backups__tested="never").banks[0].score == 50


def test_not_sure_of_a_gate_makes_the_rules_behind_it_possible() -> None:
    unsure = outcome(backups__made="not-sure", backups__tested="often")
    truths = judge(walk(tiny(), {**GOOD, "backups.made": "not-sure"}, Depth.FULL), 0)
    assert truths["backups.none"] is None
    assert truths["backups.untested"] is None
    assert [(one.rule, one.certainty, one.covers) for one in unsure.findings] == [
        ("backups.none", "possible", ("backups.untested",)),
        ("held", "possible", ()),
    ]


def test_an_unanswered_gate_makes_nothing_possible_and_takes_back_no_answer() -> None:
    """It might settle what was answered: so nothing is said for certain, and nothing is only possible either."""
    praise = "rules:\n  - {id: praise, code: K9, severity: info, when: {tested: {at_least: once}}, finding: So.}\n"
    praising = tiny_with((BACKUPS, "rules:\n", praise))
    assert [one.code for one in outcome(praising).findings] == ["K9"]
    silent = outcome(praising, backups__made=None)
    assert silent.findings == ()
    assert silent.overall is not None
    assert (silent.overall.score, silent.overall.provisional) == (100, False)


def test_what_does_not_apply_is_only_possible_where_a_not_sure_may_settle_it() -> None:
    excused = tiny_with(
        (BACKUPS, "    not_sure: 10\n", "    not_sure: 10\n    does_not_apply: {says: Nothing kept.}\n")
    )
    assert outcome(excused, backups__tested="does-not-apply").findings == ()
    unsure = {"backups.made": "not-sure", "backups.tested": "does-not-apply"}
    truths = judge(walk(excused, {**GOOD, **unsure}, Depth.FULL), 0)
    assert (truths["backups.none"], truths["backups.untested"]) == (None, None)


def test_an_unanswered_question_makes_nothing_possible_and_nothing_certain() -> None:
    assert outcome(backups__made=None).findings == ()
    denying = tiny_with(
        (BACKUPS, "    when: {tested: never}\n    caps: {bank: 60}\n", "    when: {not: {tested: often}}\n")
    )
    assert outcome(denying, backups__tested=None).findings == ()
    assert [one.rule for one in outcome(denying, backups__tested="once").findings] == ["backups.untested"]
    assert [one.certainty for one in outcome(denying, backups__tested="not-sure").findings] == ["possible"]


def test_where_ignorance_would_pay_the_low_end_leads_and_finding_out_comes_first() -> None:
    unsure = outcome(backups__made="not-sure")
    assert unsure.overall is not None
    assert (unsure.overall.score, unsure.overall.low, unsure.overall.high) == (64, 33, 100)
    assert (unsure.overall.provisional, unsure.overall.band) == (True, "low")
    assert (unsure.plan[0].id, unsure.plan[0].mode, unsure.plan[0].finds_out) == (
        "backups.make",
        "find-out",
        ("backups.made",),
    )
    assert unsure.next_band is None


def test_a_possible_cap_on_the_band_alone_is_enough_to_be_provisional() -> None:
    band_only = tiny_with(
        (BACKUPS, "    caps: {bank: 5, overall: 40}\n", ""),
        (BACKUPS, "    caps: {bank: 60}\n", ""),
        (BACKUPS, "    not_sure: 20\n", "    not_sure: 100\n"),
    )
    unsure = outcome(band_only, backups__made="not-sure")
    assert unsure.overall is not None
    assert (unsure.overall.score, unsure.overall.provisional, unsure.overall.band_by_score) == (100, True, "high")
    assert unsure.overall.band == "low"
    assert unsure.plan[0].finds_out == ("backups.made",)


def test_ignorance_that_costs_already_is_not_provisional() -> None:
    unsure = outcome(backups__tested="not-sure", backups__made="weekly")
    assert unsure.overall is not None
    assert not unsure.overall.provisional


def test_doing_something_never_turns_not_sure_into_a_poorer_answer() -> None:
    """Raised to “once”, the test would still hold the bank at 5: so the action leaves “not sure” as it is."""
    harsh = tiny_with(
        (BACKUPS, "    when: {tested: never}\n    caps: {bank: 60}\n", HARSH),
        (ACCESS, "raises: {second-step: everybody}", "raises: {second-step: everybody, backups.tested: once}"),
    )  # fmt: skip
    unsure = outcome(harsh, backups__tested="not-sure", access__second_step="none")
    switch_on = action(unsure, "access.switch-on")
    assert switch_on.alone_exact == Fraction(50, 3)
    assert switch_on.mode == "do"


def test_a_rule_calls_for_an_action_although_its_answer_is_good_but_never_for_an_unanswered_one() -> None:
    named = tiny_with((BACKUPS, "    recommends: [test]\n", "    recommends: [test, access.switch-on]\n"))
    assert "access.switch-on" in [one.id for one in outcome(named, backups__tested="never").plan]
    silent = outcome(named, backups__tested="never", access__second_step=None)
    assert "access.switch-on" not in [one.id for one in silent.plan]


def test_hours_grow_with_the_people_in_the_firm() -> None:
    assert action(outcome(backups__made="weekly"), "backups.make").it_hours == 2.5
    assert action(outcome(backups__made="weekly", profile__staff="many"), "backups.make").it_hours == 25
    assert action(outcome(backups__made="not-sure"), "backups.make").owner_hours == 0.25


@pytest.mark.parametrize(
    ("answers", "gains"),
    [
        ({"backups__made": "weekly"}, {"backups.make": (18, 18, 100)}),
        (
            {"backups__made": "weekly", "access__leavers": "never"},
            {"backups.make": (17, 17, 83), "access.lock-out": (16, 17, 100)},
        ),
        ({"backups__made": "never"}, {"backups.make": (40, 40, 73), "backups.test": (4, 27, 100)}),
    ],
)
def test_what_each_action_gains_alone_in_order_and_what_is_reached(
    answers: dict[str, str], gains: dict[str, tuple[int, int, int]]
) -> None:
    assert {one.id: (one.alone, one.in_order, one.after) for one in outcome(**answers).plan} == gains


def test_the_next_band_leaves_out_what_is_not_needed() -> None:
    """Testing comes first, but making backups is enough by itself."""
    first = tiny_with((BACKUPS, "impact: 80", "impact: 99"))
    far = outcome(first, backups__made="weekly", backups__tested="once", access__second_step="some")
    assert far.overall is not None
    assert (far.overall.score, far.overall.band) == (67, "fair")
    assert [one.id for one in far.plan] == ["backups.test", "backups.make", "access.switch-on"]
    assert far.next_band is not None
    assert (far.next_band.band, far.next_band.actions) == ("high", ("backups.make",))


def test_quick_says_which_rules_it_did_not_look_at_and_how_far_the_full_check_could_go() -> None:
    quick = outcome(depth=Depth.QUICK, backups__tested=None, access__leavers=None)
    assert quick.not_looked_at == ("backups.untested",)
    assert quick.overall is not None
    assert quick.overall.if_full == (57, 100)


@pytest.mark.parametrize(
    ("impact", "hours", "horizon"), [(80, 6, "now"), (79, 6, "90"), (80, 6.25, "90"), (100, 0, "now")]
)
def test_what_is_weighty_and_quick_is_for_this_week(impact: int, hours: float, horizon: str) -> None:
    effort = f'effort: {{owner: {hours}}}, horizon: "90", who: owner, impact: {impact}'
    quick = tiny_with((ACCESS, 'effort: {owner: 1}, horizon: "90", who: owner, impact: 30', effort))
    assert [one.horizon for one in outcome(quick, access__leavers="never").plan] == [horizon]


def test_what_leads_is_for_this_week_and_hurries_or_delays_nothing_else() -> None:
    late = tiny_with((BACKUPS, "horizon: now, who: owner, impact: 90", 'horizon: "90", who: owner, impact: 50'))
    unsure = outcome(late, backups__made="not-sure", access__second_step="none", access__leavers="never")
    assert [(one.id, one.horizon) for one in unsure.plan] == [
        ("backups.make", "now"),
        ("access.switch-on", "now"),
        ("access.lock-out", "90"),
    ]


def test_a_later_action_never_lowers_what_an_earlier_one_reached() -> None:
    both = tiny_with((ACCESS, "raises: {leavers: always}", "raises: {leavers: always, second-step: some}"))
    first, second = outcome(both, access__second_step="none", access__leavers="never").plan
    assert (first.id, first.after, second.id, second.after) == ("access.switch-on", 83, "access.lock-out", 100)


def test_an_action_waits_for_what_it_needs_and_never_stands_for_an_earlier_time() -> None:
    needy = tiny_with(
        (
            ACCESS,
            'horizon: "90", who: owner, impact: 30',
            'horizon: "90", who: owner, impact: 30, needs: {first: [backups.make]}',
        )
    )
    plan = outcome(needy, backups__made="weekly", access__leavers="never").plan
    assert [(one.id, one.horizon, one.first) for one in plan] == [
        ("backups.make", "now", ()),
        ("access.lock-out", "90", ("backups.make",)),
    ]


def test_what_is_replaced_comes_after_what_replaces_it_and_a_step_later() -> None:
    replacing = tiny_with((ACCESS, "raises: {leavers: always}", "raises: {leavers: always}, replaces: [switch-on]"))
    lock_out, switch_on = outcome(replacing, access__second_step="some", access__leavers="never").plan
    assert (lock_out.id, lock_out.horizon, lock_out.then) == ("access.lock-out", "90", ("access.switch-on",))
    assert (switch_on.id, switch_on.horizon, switch_on.first) == ("access.switch-on", "365", ("access.lock-out",))


def one_sided() -> Questionnaire:
    """Bank a has five pressing actions, bank b eight that can wait."""

    def bank(name: str, size: int, horizon: str) -> dict[str, Any]:
        options = [{"id": "bad", "says": "Bad", "points": 0}, {"id": "good", "says": "Good", "points": 100}]
        asked = {"short": "Q", "ask": "Q?", "weight": 1, "options": options}
        advice = {"do": "Do it.", "why": "So.", "effort": {}, "horizon": horizon, "who": "owner", "impact": 50}
        return {
            "id": name,
            "title": name,
            "about": name,
            "weight": 1,
            "questions": [{**asked, "id": f"{name}.q{n}"} for n in range(size)],
            "recommendations": [
                {**advice, "id": f"{name}.r{n}", "code": f"{name}{n}", "raises": {f"{name}.q{n}": "good"}}
                for n in range(size)
            ],
        }

    head = {"id": "x", "version": "1", "title": "X", "about": "X.", "good_enough": 85, "minutes": {}, "profile": []}
    bands = [{"id": "only", "name": "Only", "at_least": 0, "verdict": "So."}]
    banks = [bank("a", 5, "now"), bank("b", 8, "90")]
    return Questionnaire.model_validate({**head, "bands": bands, "banks": banks})


def test_three_of_a_bank_come_first_and_what_is_held_back_stands_for_no_earlier_time() -> None:
    questionnaire = one_sided()
    plan = assess(questionnaire, dict.fromkeys(questionnaire.questions, "bad"), Depth.FULL).plan
    assert [one.id for one in plan[:8]] == ["a.r0", "a.r1", "a.r2", "b.r0", "b.r1", "b.r2", "a.r3", "a.r4"]
    assert [one.horizon for one in plan] == ["now"] * 3 + ["90"] * 10


def test_one_free_action_stands_among_the_first_three() -> None:
    dear = [(BACKUPS, f"who: owner, impact: {n}}}", f"who: owner, cost: high, impact: {n}}}") for n in (90, 80)]
    costly = tiny_with(*dear, (ACCESS, "who: owner, impact: 85", "who: owner, cost: low, impact: 85"))
    plan = outcome(
        costly, backups__made="weekly", backups__tested="once", access__second_step="none", access__leavers="never"
    ).plan
    assert [one.id for one in plan] == ["access.switch-on", "backups.make", "access.lock-out", "backups.test"]
    assert [one.horizon for one in plan] == ["now"] * 4
