"""How robust the first actions are: `docs/ranking.md` says what comes out; `make faults` draws for every firm."""

import os
import re
from random import Random

from assessment.engine.answers import read_sheet
from assessment.engine.loading import Scenario
from benchmarks import ranking
from benchmarks.ranking import FIRST, LOOKED_AT, PAGE, Ranking, firms, first_of, moved, questionnaire, rankings

ALL = os.environ.get("ASSESSMENT_STORM") == "long"
SOME_DRAWS = 100
WIDTH = 15
"""So many percent a hundred draws may be away from a thousand: three standard deviations at the worst."""

ROW = re.compile(r"\| (\w+) \| (\d|challenger) \| \S+ `([\w.-]+)` \| (\d+) %( · looked at)? \|")


def told() -> dict[tuple[str, str], tuple[str, int, bool]]:
    """Per firm and action: its place, in how many draws out of a hundred it is early, and whether it is looked at."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {(firm, action): (place, int(share), bool(mark)) for firm, place, action, share, mark in rows}


def first_five(firm: Scenario) -> dict[str, str]:
    sheet = read_sheet(questionnaire(), {"answers": firm.case.answers, "depth": firm.case.depth})
    return {action: str(place) for place, action in enumerate(first_of(questionnaire(), sheet), 1)}


def test_the_page_tells_of_the_first_five_that_each_firm_is_shown_today() -> None:
    now = {(firm.case.code, action): place for firm in firms() for action, place in first_five(firm).items()}
    assert len(now) == FIRST * len(firms())
    assert {key: place for key, (place, _, _) in told().items() if place != "challenger"} == now


def test_what_leaves_the_first_five_often_is_looked_at_and_nothing_else_is() -> None:
    shaky = {key for key, (place, share, _) in told().items() if place != "challenger" and share < 67}
    assert shaky == {key for key, (_, _, looked_at) in told().items() if looked_at} == set(LOOKED_AT)
    assert all(" ".join(why.split()) in PAGE.read_text(encoding="utf-8") for why in LOOKED_AT.values())


def test_every_share_of_a_firm_adds_up_to_five_actions() -> None:
    for firm in firms():
        shares = [share for (code, _), (_, share, _) in told().items() if code == firm.case.code]
        assert abs(sum(shares) - 100 * FIRST) <= 3


def close(one: Ranking, width: float) -> None:
    shares = {action: share for (code, action), (_, share, _) in told().items() if code == one.firm.case.code}
    for stays in (*one.first, *one.challengers):
        assert abs(100 * stays.draws / one.draws - shares.get(stays.action, 0)) <= width, stays


def test_drawing_again_comes_to_what_the_page_says() -> None:
    """One firm a hundred times; in `make faults` all of them a thousand times, to the letter."""
    if ALL:
        assert ranking.page(rankings(firms())) == PAGE.read_text(encoding="utf-8")
    close(next(rankings([firms()[-1]], draws=SOME_DRAWS)), WIDTH)


def test_a_moved_questionnaire_shares_nothing_that_was_worked_out_before() -> None:
    """Rankings would be of the questionnaire as authored, if anything were remembered under the same name."""
    whole, drawn = questionnaire(), moved(questionnaire(), Random(1))
    assert drawn != whole
    assert hash(drawn) != hash(whole)
    assert moved(whole, Random(1)) == drawn
    pairs = zip(whole.every_recommendation(), drawn.every_recommendation(), strict=True)
    factors = [float(new.impact / old.impact) for old, new in pairs if old.impact]
    assert 0.9 <= min(factors) < 0.92
    assert 1.08 < max(factors) <= 1.1
    asked = zip(whole.every_question(), drawn.every_question(), strict=True)
    weights = [new.weight / (ranking.FINE * old.weight) for old, new in asked if old.weight]
    assert 0.9 <= min(weights) < 1 < max(weights) <= 1.1
    assert drawn.recommendations["access.mfa-on-email"].impact != whole.recommendations["access.mfa-on-email"].impact
