"""Since then: puts a comparison with an earlier report into an owner's words; nothing is scored or planned again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Certainty
from assessment.reports.comparison.comparing import compare
from assessment.reports.comparison.comparison import (
    ActionMove,
    BankMove,
    Comparison,
    Fate,
    Move,
    Progress,
    Taken,
)
from assessment.reports.comparison.following import FOUND_OUT, NEXT_STEP, STILL_ADVISED
from assessment.reports.report import Report, ScoreView
from assessment.reports.then_and_now import AnswerThen, AreaThen, StepsThen, StepThen, ThenAndNow
from assessment.reports.words import joined, points

LISTED = 10
CHANGED = "The questions here have changed since then, so part of this may come from them."
CAREFUL = (
    "The questions have changed since then. So part of the difference may come from the questions, and not from you. "
    "We say below where."
)
FIRM = "What you said about your business has changed too, so some questions and steps may be others."
OPEN_ANSWERS = "Some answers are still open, so the true difference may be smaller or larger."


def with_earlier(report: Report, before: Taken, after: Taken) -> Report:
    """The report, with what became of the earlier one."""
    made = compare(before, after, report.sponsor)
    return replace(report, then_and_now=_told(made, before.questionnaire, after.questionnaire))


def _told(made: Comparison, then: Questionnaire, now: Questionnaire) -> ThenAndNow:
    steps = {group.id: group.of for group in made.actions}
    worse = [one for group in made.answers if group.id in (Move.WORSE, Move.UNKNOWN) for one in group.of]
    gone = [one for group in made.criticals if group.id == Fate.GONE for one in group.of]
    changed = {bank.id for bank in now.banks if _counts(then, bank.id) != _counts(now, bank.id)}
    areas = [bank for bank in made.banks if bank.weighs and bank.before and bank.after]
    return ThenAndNow(
        on=made.before.on,
        says=tuple(_says(made, bool(changed))),
        put_right=tuple(one.title for one in gone if one.was is Certainty.CONFIRMED),
        steps=tuple(_steps(steps)),
        open=_open(steps),
        areas=tuple(_area(bank, bank.id in changed) for bank in areas if bank.difference),
        unmoved=_unmoved(sum(not bank.difference for bank in areas), len(areas)),
        worse=tuple(AnswerThen(one.ask, one.was, one.now) for one in worse[:LISTED]),
        more_worse=max(0, len(worse) - LISTED),
    )


def _counts(questionnaire: Questionnaire, bank_id: str) -> object:
    """All of a bank that can move its score without anybody answering otherwise."""
    bank = questionnaire.bank_by_id.get(bank_id)
    if bank is None:
        return None
    asked = [
        (q.id, q.weight, q.tier, q.when, q.settled, q.not_sure, [(o.id, o.points) for o in q.options])
        for q in bank.questions
    ]
    return bank.weight, asked, [(rule.id, rule.when, rule.caps) for rule in bank.rules]


def _says(made: Comparison, questions_changed: bool) -> Iterator[str]:
    was, now = made.before.score, made.after.score
    if was is None or now is None:
        which = "then" if was is None else "now"
        yield f"There is no score {which}, as nothing that counts was answered. So the two cannot be set side by side."
        return
    yield f"{_on(made.before.on)} your score was {_score(was)}. Now it is {_score(now)}: {_difference(was, now)}"
    if questions_changed:
        yield CAREFUL
    if was.ranged or now.ranged:
        yield OPEN_ANSWERS
    if any(move.question.startswith("profile.") for group in made.answers for move in group.of):
        yield FIRM


def _on(day: date) -> str:
    return f"On {day.day} {day:%B %Y}"


def _score(score: ScoreView) -> str:
    low = f", or {score.low} if an open answer turns out badly" if score.provisional else ""
    return f"{score.score} of 100{low} (“{score.band_name}”)"


def _difference(was: ScoreView, now: ScoreView) -> str:
    moved = now.score - was.score
    if moved > 0:
        return f"{points(moved)} more. Well done."
    if moved < 0:
        return f"{points(-moved)} fewer. That also happens when a closer look shows what was there before."
    return "the same number. What it rests on may still have moved."


TITLES = {Progress.DONE: "done", Progress.PARTLY: "partly done"}
NOTES = {
    FOUND_OUT: "You know now.",
    NEXT_STEP: "You know now, and what to do about it stands in your plan.",
    STILL_ADVISED: "It is better than it was, and not all of it is done.",
}


def _steps(steps: dict[str, tuple[ActionMove, ...]]) -> Iterator[StepsThen]:
    """The steps that moved; those that did not stand in the new plan."""
    for progress, title in TITLES.items():
        if found := steps.get(progress, ()):
            listed = tuple(StepThen(one.do, NOTES.get(one.note, "")) for one in found[:LISTED])
            yield StepsThen(f"{len(found)} {_plural(len(found))} {title}", listed, len(found) - len(listed))


def _open(steps: dict[str, tuple[ActionMove, ...]]) -> str:
    """The rest of the earlier plan, in one sentence."""
    still, gone, unseen = (len(steps.get(p, ())) for p in (Progress.OPEN, Progress.NO_LONGER_APPLIES, Progress.UNSEEN))
    parts = [f"{still} {_plural(still)} of your earlier plan {_are(still)} still to do"] if still else []
    parts += [f"{gone} {_are(gone)} not needed any more"] if gone else []
    parts += [f"about {unseen} we did not ask this time"] if unseen else []
    said = joined(parts)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _plural(count: int) -> str:
    return "step" if count == 1 else "steps"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _area(bank: BankMove, changed: bool) -> AreaThen:
    assert bank.before is not None
    assert bank.after is not None
    moved = bank.after.score - bank.before.score
    return AreaThen(
        title=bank.title,
        then=bank.before.score,
        now=bank.after.score,
        difference=f"{points(moved)} more" if moved > 0 else f"{points(-moved)} fewer",
        note=CHANGED if changed else "",
    )


def _unmoved(count: int, of: int) -> str:
    if not count:
        return ""
    if count == of:
        return "Every area has the score it had then."
    return "One area has the score it had then." if count == 1 else f"{count} areas have the score they had then."
