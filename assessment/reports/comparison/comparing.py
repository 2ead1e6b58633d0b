"""Compares two stored outcomes of one firm: what moved, what was done, the score before and after, in plain words.

Nothing is scored again. Across versions questions and choices are matched by id, and points are not compared where
the choices changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from assessment.engine.flow import State
from assessment.reports.comparison.comparison import (
    FATES,
    MOVES,
    PROGRESS,
    BankMove,
    Comparison,
    Fate,
    Group,
    MeasureMove,
    Move,
    Progress,
    Side,
    SignsMove,
    Taken,
)
from assessment.reports.comparison.following import Following
from assessment.reports.comparison.judging import cautions, verdict
from assessment.reports.comparison.matching import Half, Matching
from assessment.reports.comparison.persisting import Persisting
from assessment.reports.report import BankView, Report, Sponsor
from assessment.reports.writing import build

COUNTED = (State.ANSWERED, State.NOT_SURE, State.SETTLED)
T = TypeVar("T")


class OtherQuestionnaire(ValueError):
    """The two are of different questionnaires, so that nothing in them can be set against each other."""


def compare(before: Taken, after: Taken, sponsor: Sponsor) -> Comparison:
    """Two outcomes of one questionnaire set against each other. Raises OtherQuestionnaire."""
    if before.questionnaire.id != after.questionnaire.id:
        raise OtherQuestionnaire(f"{before.questionnaire.id} is not {after.questionnaire.id}")
    reports = tuple(build(one.outcome, one.questionnaire, sponsor, one.on) for one in (before, after))
    was, now = map(_side, reports)
    matching = Matching(before, after)
    answers, findings = tuple(matching.moved()), tuple(Persisting(matching).moves())
    criticals = tuple(one for one in findings if one.critical)
    following = Following(matching, reports[0].actions, reports[1].actions)
    asked = [q for q in matching.questions if matching.was.asked(q) and matching.now.asked(q)]
    alike = _alike(before, after)
    return Comparison(
        title=f"{reports[1].title}: then and now",
        sponsor=sponsor,
        taken_on=after.on,
        before=was,
        after=now,
        verdict=verdict(was, now, criticals, alike),
        difference=now.score.score - was.score.score if was.score and now.score else None,
        alike=alike,
        cautions=tuple(cautions(matching, was, now, answers, len(asked))),
        asked_both_times=len(asked),
        unmoved=sum(matching.move(question) is None for question in asked),
        criticals=_grouped(criticals, "fate", Fate, FATES),
        actions=_grouped(tuple(following.moves()), "progress", Progress, PROGRESS),
        new_actions=tuple(following.new()),
        banks=tuple(_banks(matching, *reports)),
        answers=_grouped(answers, "move", Move, MOVES),
        newly_asked=tuple(matching.asked_once(matching.now, matching.was)),
        no_longer_asked=tuple(matching.asked_once(matching.was, matching.now)),
        findings=_grouped(tuple(one for one in findings if not one.critical), "fate", Fate, FATES),
        signs=_signs(matching),
        measures=tuple(_measures(*reports)),
    )


def _side(report: Report) -> Side:
    return Side(report.taken_on, report.depth_says, report.version, report.digest, report.score)


def _alike(before: Taken, after: Taken) -> bool:
    """Whether both were asked and scored by the same rules."""
    was, now = before.outcome, after.outcome
    return (was.depth, was.questionnaire.digest, was.engine) == (now.depth, now.questionnaire.digest, now.engine)


def _grouped(moves: Sequence[T], by: str, kinds: Iterable[Any], titles: Any) -> tuple[Group[T], ...]:
    """What moved, by how it moved, in the order of the kinds; a kind that nothing moved in is left out."""
    found = {kind: tuple(one for one in moves if getattr(one, by) is kind) for kind in kinds}
    return tuple(Group(str(kind), titles[kind], of) for kind, of in found.items() if of)


def _banks(matching: Matching, before: Report, after: Report) -> Iterator[BankMove]:
    """The banks that had a score then or now: those that weigh first, the greatest difference first."""
    was, now = ({bank.id: bank for bank in report.banks} for report in (before, after))
    moves = [_bank(matching, was.get(bank), now.get(bank)) for bank in {**now, **was}]
    yield from sorted(moves, key=lambda one: (not one.weighs, -abs(one.difference or 0), one.id))


def _bank(matching: Matching, was: BankView | None, now: BankView | None) -> BankMove:
    bank = now or was
    assert bank is not None
    return BankMove(
        id=bank.id,
        title=bank.title,
        weighs=bank.weighs,
        before=was,
        after=now,
        difference=now.score - was.score if was and now else None,
        note=_rests_on(_counted(matching.was, bank.id), _counted(matching.now, bank.id)) if was and now else "",
    )


def _counted(half: Half, bank: str) -> set[str]:
    """The questions a bank's score rests on."""
    return {a.question for a in half.outcome.answers if a.question.partition(".")[0] == bank and a.state in COUNTED}


def _rests_on(was: set[str], now: set[str]) -> str:
    more, fewer = len(now - was), len(was - now)
    if more and fewer:
        return f"Rests on {more} other {_questions(more)} than before, and not on {fewer} of then."
    if more:
        return f"Rests on {more} more {_questions(more)} than before."
    return f"Rests on {fewer} fewer {_questions(fewer)} than before." if fewer else ""


def _questions(count: int) -> str:
    return "question" if count == 1 else "questions"


def _measures(before: Report, after: Report) -> Iterator[MeasureMove]:
    was, now = ({one.id: one for one in report.measures} for report in (before, after))
    for name, one in {**was, **now}.items():
        told = (half[name].comes_to if name in half else "" for half in (was, now))
        yield MeasureMove(one.title, *told)


def _signs(matching: Matching) -> SignsMove | None:
    was, now = matching.was.outcome.signs, matching.now.outcome.signs
    authored = [half.questionnaire.signs for half in (matching.was, matching.now)]
    if was is None or now is None or authored[0] is None or authored[1] is None:
        return None
    if authored[0].questions != authored[1].questions:
        return None
    gone = tuple(authored[0].names[q] for q in was.shown_by if q not in now.shown_by)
    new = tuple(authored[1].names[q] for q in now.shown_by if q not in was.shown_by)
    return SignsMove(was.count, now.count, now.of, authored[1].outgrown, gone, new)
