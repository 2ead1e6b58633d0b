"""What is said beside the score fits whoever it is said to, moves no number, and leaves nobody out."""

from itertools import product

import pytest
from hypothesis import given, settings

from assessment.engine.accounts import signs
from assessment.engine.answers import Answers
from assessment.engine.assess import assess
from assessment.engine.guidance import MOST_QUESTIONS, Guidance, Stance
from assessment.engine.guiding import guide
from assessment.engine.questions import NOT_SURE, Depth
from assessment.engine.result import Cover, GuidanceResult, Leaning, Outcome
from assessment.engine.scoring import score
from tests.engine.strategies import SEEDS, shipped, shipped_case
from tests.engine.tiny import tiny

ALWAYS = ("last-month", "next-years", "what-pay-rewards")
"""The three questions of the article everybody takes along."""

PROVIDER = {"profile.it-support": "provider", "profile.staff": "10-19"}
QUIET = {
    "five-signs.recurring": "causes-removed",
    "five-signs.worry": "plan-followed",
    "five-signs.surprise-bills": "fixed-and-reviewed",
    "five-signs.dated-technology": "regularly-reviewed",
    "five-signs.own-time": "decisions-only",
}
LOUD = {**QUIET, "five-signs.recurring": "every-week", "five-signs.surprise-bills": "most-months"}


def authored() -> Guidance:
    found = shipped().guidance
    assert found is not None
    return found


def guided(answers: Answers, depth: Depth = Depth.FULL) -> GuidanceResult:
    scored = score(shipped(), answers, depth)
    found = guide(scored, signs(scored))
    assert found is not None
    return found


def stance(answers: Answers, depth: Depth = Depth.FULL) -> Stance:
    place, arrangement = guided(answers, depth).stance, authored().arrangement
    assert place is not None
    assert arrangement is not None
    return arrangement.stances[place]


@pytest.mark.parametrize(
    ("answers", "title", "stay"),
    [
        ({"provider.payment-model": "flat-fee", "provider.prevention-evidence": "told-only"}, "in name only", False),
        ({"provider.payment-model": "flat-fee", "provider.prevention-evidence": "during-visits"}, "steadier", False),
        ({"provider.payment-model": "flat-fee", "provider.prevention-evidence": "monthly-list"}, "fit together", True),
        ({"provider.payment-model": "per-repair", "provider.prevention-evidence": "monthly-list"}, "although", True),
        ({"provider.payment-model": "per-repair", **LOUD}, "so repairs are what you get", False),
        ({"provider.payment-model": "prepaid-hours", **LOUD}, "wait for trouble", False),
        ({"provider.payment-model": "per-repair", **QUIET}, "suits you so far", True),
        ({"provider.payment-model": "per-repair", "profile.staff": "2-4", **QUIET}, "reasonable", True),
        ({"provider.payment-model": "per-repair", "profile.staff": "2-4", **LOUD}, "Keep your helper", False),
        ({"provider.payment-model": "mixed"}, "Half of each", False),
        ({"profile.it-support": "in-house"}, "quiet week", False),
        ({"profile.it-support": "volunteer"}, "kindness", False),
        ({"profile.it-support": "staff-member", "profile.staff": "2-4", **QUIET}, "reasonable", True),
        ({"profile.it-support": "staff-member", **LOUD}, "beside another job", False),
        ({"profile.it-support": "nobody", "profile.staff": "1", **QUIET}, "reasonable", True),
        ({"profile.it-support": "nobody", "profile.staff": "2-4", **LOUD}, "some help", False),
        ({"profile.it-support": "nobody", **LOUD}, "Nobody is paid", False),
    ],
)
def test_each_way_of_paying_is_read_fairly_and_small_firms_are_told_that_staying_is_fine(
    answers: dict[str, str], title: str, stay: bool
) -> None:
    found = stance({**PROVIDER, **answers})
    assert title in found.title
    assert found.stay is stay


def test_every_firm_at_every_depth_finds_a_stance_and_a_heading_for_its_talk() -> None:
    supports, sizes = shipped().ladders["profile.it-support"], ("1", "2-4", "5-9")
    models = [None, *shipped().ladders["provider.payment-model"]]
    for support, size, model, shown, depth in product(supports, sizes, models, (QUIET, LOUD), Depth):
        answers = {"profile.it-support": support, "profile.staff": size, **shown}
        found = guided({**answers, **({"provider.payment-model": model} if model else {})}, depth)
        assert found.stance is not None, (support, size, model, depth)
        assert found.addressed is not None


def test_whoever_is_told_to_compare_ways_of_paying_gets_the_neutral_sentence_and_nobody_to_stay_does() -> None:
    arrangement = authored().arrangement
    assert arrangement is not None
    for one in arrangement.stances:
        advises = "compare" in one.says.lower() or "what prevention would cost" in one.says
        assert one.change is advises, one.title
        assert not (one.change and one.stay), one.title


@given(SEEDS)
def test_the_talk_has_the_three_questions_first_and_eight_at_most_each_raised_by_an_answer(seed: int) -> None:
    case = shipped_case(seed)
    found = guided(case.answers, case.depth)
    asked = tuple(one.id for one in found.talk)
    assert asked[:3] == ALWAYS
    assert len(set(asked)) == len(asked) <= MOST_QUESTIONS
    for one in found.talk:
        assert one.because or one.id in ALWAYS, one.id


def test_what_they_were_not_sure_about_raises_a_question_and_what_is_well_does_not() -> None:
    def asked(answer: str) -> set[str]:
        return {one.id for one in guided({**PROVIDER, "backups.tested-restore": answer}).talk}

    assert "restore" in asked(NOT_SURE)
    assert "restore" in asked("never")
    assert "restore" not in asked("every-quarter")


def test_the_questions_are_sharpened_by_the_answers() -> None:
    talk = authored().talk
    assert talk is not None
    for model, says in (("per-repair", "when something goes wrong"), ("flat-fee", "the hours of a quiet month")):
        [found] = [one for one in guided({**PROVIDER, "provider.payment-model": model}).talk if one.id == ALWAYS[2]]
        [question] = [one for one in talk.questions if one.id == ALWAYS[2]]
        assert found.sharper is not None
        assert says in question.sharper[found.sharper].ask


@pytest.mark.parametrize(
    ("answers", "cover"),
    [
        (("always-one-safe", "last-year"), Cover.YES),
        (("always-one-safe", "by-chance"), Cover.PARTLY),
        (("any-computer", "never"), Cover.NOT_YET),
        (("always-one-safe", NOT_SURE), Cover.FIND_OUT),
    ],
)
def test_an_insurers_form_is_answered_by_the_worst_that_was_said(answers: tuple[str, str], cover: Cover) -> None:
    copy, restore = answers
    found = guided({**PROVIDER, "backups.protected-copy": copy, "backups.tested-restore": restore})
    assert found.cover == {"backups": cover}


@pytest.mark.parametrize(
    ("bills", "leaning"),
    [
        ("most-months", Leaning.REPAIRS),
        ("except-emergencies", Leaning.BETWEEN),
        ("agreed-beforehand", Leaning.PREVENTION),
    ],
)
def test_an_aspect_leans_to_where_its_answers_are(bills: str, leaning: Leaning) -> None:
    assert guided({**PROVIDER, "five-signs.surprise-bills": bills}).leanings == {"cost": leaning}


@settings(max_examples=60)
@given(SEEDS)
def test_guidance_moves_no_number_and_no_action(seed: int) -> None:
    case = shipped_case(seed)
    without = case.questionnaire.model_copy(update={"guidance": None})
    bare, full = (assess(one, case.answers, case.depth) for one in (without, case.questionnaire))
    assert bare.model_copy(update={"guidance": full.guidance, "questionnaire": full.questionnaire}) == full


def test_a_questionnaire_without_guidance_says_nothing_and_older_outcomes_are_still_read() -> None:
    outcome = assess(tiny(), {}, Depth.FULL)
    assert outcome.guidance is None
    older = outcome.to_json().replace('"guidance":null,', "")
    assert Outcome.model_validate_json(older) == outcome
