"""What two assessments come to in one sentence, and what to be careful about when their scores are set side by side."""

from collections.abc import Iterator, Sequence
from datetime import date

from assessment.engine.questions import PROFILE
from assessment.engine.result import Certainty
from assessment.reports.comparison.comparison import AnswerMove, Fate, FindingMove, Move, Side
from assessment.reports.comparison.matching import Matching
from assessment.reports.report import ScoreView
from assessment.reports.words import joined

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ENGINES = "How a score is worked out from the answers changed between the two, so the scores do not compare exactly."
FIRM_CHANGED = "What was said about the business itself changed too, so other questions or other advice may apply."
WORDING = "in wording, weights or rules only"
RANKED = "Answers whose choices changed are shown, and not ranked"
WORDS = {
    Move.BETTER: ("better", "better"),
    Move.WORSE: ("worse", "worse"),
    Move.KNOWN: ("known now", "known now"),
    Move.UNKNOWN: ("not known any more", "not known any more"),
}


def number(count: int) -> str:
    """A small number as a word."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def verdict(before: Side, after: Side, criticals: Sequence[FindingMove], alike: bool) -> str:
    """The whole comparison in one sentence."""
    scores = _scores(before, after) if alike else _apart(before, after)
    return f"{scores}: {', '.join(_criticals(criticals)) or 'no critical finding, then or now'}."


def _scores(before: Side, after: Side) -> str:
    since = _day("since", before.on, after.on)
    if before.score is None or after.score is None:
        return _apart(before, after)
    if before.score.score == after.score.score:
        return f"{_score(after.score)}, the same as {_day('in', before.on, after.on)}"
    return f"From {_score(before.score)} to {_score(after.score)} {since}"


def _apart(before: Side, after: Side) -> str:
    """Both scores without a word on the way between them: they do not rest on the same questions."""
    sides = []
    for side, other, when in ((before, after, _day("in", before.on, after.on)), (after, before, "now")):
        by = side.depth_says[:1].lower() + side.depth_says[1:]
        differs = [f"by a {by}"] if side.depth_says != other.depth_says else []
        differs += [f"by version {side.version}"] if side.version != other.version else []
        words = " ".join([when, *differs])
        sides.append(f"{_score(side.score)} {words}" if side.score else f"no score {words}")
    return f"{sides[0][:1].upper()}{sides[0][1:]}, {sides[1]}"


def _score(score: ScoreView) -> str:
    return (
        f"{score.score} (but {score.low} if an open answer turns out badly)" if score.provisional else f"{score.score}"
    )


def _day(word: str, before: date, after: date) -> str:
    """When the earlier one was, as exactly as is needed to tell it from the later one."""
    if before == after:
        return "on the same day" if word == "since" else "earlier that day"
    if (before.year, before.month) == (after.year, after.month):
        return f"{'on' if word == 'in' else word} {before.day} {before:%B}"
    return f"{word} {before:%B}" if before.year == after.year else f"{word} {before:%B %Y}"


def _criticals(moves: Sequence[FindingMove]) -> Iterator[str]:
    """How many critical findings are gone, new, certain, there still; only those that are certain are counted."""
    certain = Certainty.CONFIRMED
    kinds = (
        ("is gone", "are gone", lambda m: m.fate is Fate.GONE and m.was is certain),
        ("is new", "are new", lambda m: m.fate is Fate.NEW and m.now is certain),
        ("is now certain", "are now certain", lambda m: (m.was, m.now) == (Certainty.POSSIBLE, certain)),
        ("is now only possible", "are now only possible", lambda m: (m.was, m.now) == (certain, Certainty.POSSIBLE)),
        ("is still there", "are still there", lambda m: m.was is certain and m.now is certain),
        ("was not looked at then", "were not looked at then", lambda m: m.fate is Fate.FIRST_SEEN and m.now is certain),
        ("was not looked at now", "were not looked at now", lambda m: m.fate is Fate.NOT_SEEN and m.was is certain),
    )
    first = True
    for one, more, fits in kinds:
        if count := sum(map(fits, moves)):
            named = (" critical finding" if count == 1 else " critical findings") if first else ""
            yield f"{number(count)}{named} {one if count == 1 else more}"
            first = False


def cautions(matching: Matching, before: Side, after: Side, answers: Sequence[AnswerMove], asked: int) -> Iterator[str]:
    """What to know before reading the difference as progress, the weightiest first."""
    was, now = matching.was.outcome, matching.now.outcome
    if was.depth != now.depth:
        yield _depths(matching, answers, asked)
    if was.questionnaire.digest != now.questionnaire.digest:
        yield _versions(matching)
    if was.engine != now.engine:
        yield ENGINES
    yield from _scoreless(before, after)
    yield from _open(before, after)
    if any(move.question.startswith(f"{PROFILE}.") for move in answers):
        yield FIRM_CHANGED


def _depths(matching: Matching, answers: Sequence[AnswerMove], asked: int) -> str:
    was, now = matching.was.outcome.depth, matching.now.outcome.depth
    more = "more" if now.order > was.order else "fewer"
    return (
        f"The second check asked {more} questions: it was a {now} check, the first a {was} check. "
        f"{asked} questions were asked both times. {_moved(matching, answers)}"
    )


def _moved(matching: Matching, answers: Sequence[AnswerMove]) -> str:
    """What moved over the questions asked both times, in numbers."""
    asked = [move for move in answers if matching.was.asked(move.question) and matching.now.asked(move.question)]
    counts = {says: sum(one.move is move for one in asked) for move, (says, _) in WORDS.items()}
    parts = [f"{count} {'is' if count == 1 else 'are'} {says}" for says, count in counts.items() if count]
    return f"Of those answers, {joined(parts)}." if parts else "None of those answers is better or worse."


def _versions(matching: Matching) -> str:
    was, now = matching.was.questionnaire, matching.now.questionnaire
    new, gone = now.questions.keys() - was.questions.keys(), was.questions.keys() - now.questions.keys()
    other = [q for q in now.questions.keys() & was.questions.keys() if not matching.same_choices(q)]
    parts = [f"{len(new)} {'question is' if len(new) == 1 else 'questions are'} new"] if new else []
    parts += [f"{len(gone)} {'is' if len(gone) == 1 else 'are'} gone"] if gone else []
    parts += [f"{len(other)} {'has' if len(other) == 1 else 'have'} other choices"] if other else []
    named = f" (version {was.version}, then {now.version})" if was.version != now.version else ""
    said = f"The questions changed between the two{named}: {joined(parts) or WORDING}."
    return f"{said} {RANKED}." if other else said


def _scoreless(before: Side, after: Side) -> Iterator[str]:
    for side, which in ((before, "first"), (after, "second")):
        if side.score is None:
            yield f"The {which} check has no score, because no scored question was answered."


def _open(before: Side, after: Side) -> Iterator[str]:
    """What open answers leave uncertain: a provisional score, or ranges that overlap."""
    was, now = before.score, after.score
    for score, which in ((was, "first"), (now, "second")):
        if score is not None and score.provisional:
            yield f"The {which} score is provisional: {score.low} if the worst is true of what is still open."
    if was is None or now is None or was.score == now.score or not (was.ranged or now.ranged):
        return
    if max(was.low, now.low) <= min(was.high, now.high):
        yield (
            f"Some answers were open, so each score has a range: {was.low} to {was.high} then, "
            f"{now.low} to {now.high} now. The two overlap, so the true change may be smaller."
        )
