"""Sets the answers of two outcomes against each other, question by question, by the ids that never change meaning."""

from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property

from assessment.engine.flow import State, relevant_facts
from assessment.engine.questions import PROFILE, Question
from assessment.engine.result import AnswerResult
from assessment.reports.comparison.comparison import AnswerMove, AskedOnce, Evidence, Move, Taken
from assessment.reports.quoting import Quoting

NOT_ANSWERED, DOES_NOT_APPLY = "Not answered", "Does not apply"


class Where(StrEnum):
    """Where a question stands in one outcome. DEEPER: this depth does not ask it; ABSENT: this version has none."""

    KNOWN = "known"
    OPEN = "open"
    NOT = "not"
    DEEPER = "deeper"
    ABSENT = "absent"


APPLIED = (Where.KNOWN, Where.OPEN, Where.NOT)
ASKED = (State.ANSWERED, State.NOT_SURE, State.UNANSWERED, State.DOES_NOT_APPLY)
OPENED = (State.NOT_SURE, State.UNANSWERED)


class Half(Quoting):
    """One of the two, with its words."""

    def __init__(self, taken: Taken) -> None:
        super().__init__(taken.outcome, taken.questionnaire)

    def where(self, question: str) -> Where:
        """Where a question stands; what a fact about the firm hides does not apply."""
        answer = self.given.get(question)
        if answer is None:
            return self._why_not(self.questionnaire.questions.get(question))
        if answer.state == State.DOES_NOT_APPLY:
            return Where.NOT
        return Where.OPEN if answer.state in OPENED else Where.KNOWN

    def _why_not(self, asked: Question | None) -> Where:
        if asked is None:
            return Where.ABSENT
        depth = self.outcome.depth
        if asked.bank == PROFILE:
            return Where.NOT if asked.id in relevant_facts(self.questionnaire, depth) else Where.DEEPER
        return Where.NOT if asked.asked_at(depth) else Where.DEEPER

    def asked(self, question: str) -> bool:
        """Whether it was put to them; what an earlier answer settled was not."""
        answer = self.given.get(question)
        return answer is not None and answer.state in ASKED

    def told(self, question: str) -> str:
        """The answer in words; a fact that was only assumed was not told. Empty where it was not asked."""
        where = self.where(question)
        if where in (Where.DEEPER, Where.ABSENT):
            return ""
        answer = self.given.get(question)
        if answer is None:
            return DOES_NOT_APPLY
        if where is Where.OPEN:
            unsure = answer.state == State.NOT_SURE
            return self.questionnaire.questions[question].not_sure_says if unsure else NOT_ANSWERED
        return self.says(answer)

    def level(self, question: str) -> int | None:
        """The place of the answer in ladder order, 0 = worst; None where it is not known."""
        if self.where(question) is not Where.KNOWN or not self.questionnaire.questions[question].scored:
            return None
        return self.questionnaire.ladders[question].index(self.given[question].options[0])

    def points(self, question: str) -> int:
        """What the answer is worth; nothing where there is none."""
        asked, level = self.questionnaire.questions[question], self.level(question)
        return (asked.not_sure or 0) if level is None else (asked.options[level].points or 0)

    @cached_property
    def critical(self) -> frozenset[str]:
        """The questions a critical finding rests on."""
        return frozenset(q for f in self.outcome.findings if f.severity == "critical" for q in f.questions)

    @cached_property
    def settled(self) -> dict[str, str]:
        """What was not asked because of an earlier answer, with the short name of the question that decides it."""
        by = {answer.question: answer.settled_by for answer in self.outcome.answers if answer.settled_by}
        return {question: self.questionnaire.questions[gate].short for question, gate in by.items()}


class Matching:
    """Two outcomes of one questionnaire, perhaps of different versions and depths."""

    def __init__(self, before: Taken, after: Taken) -> None:
        self.was, self.now = Half(before), Half(after)
        self.questions = tuple(dict.fromkeys((*self.now.questionnaire.questions, *self.was.questionnaire.questions)))

    def asked(self, question: str) -> Question:
        """The question as the later version asks it, or as the earlier one did."""
        found = self.now.questionnaire.questions.get(question)
        return found or self.was.questionnaire.questions[question]

    def same_choices(self, question: str) -> bool:
        """Whether both versions offer the same choices, worth the same; only then can two answers be ranked."""
        pair = [half.questionnaire.questions[question] for half in (self.was, self.now)]
        choices = [(one.kind, [(option.id, option.points) for option in one.options]) for one in pair]
        return choices[0] == choices[1]

    def both(self) -> Iterator[str]:
        """The questions that stand in both, with an answer or waiting for one."""
        for question in self.questions:
            if self.was.where(question) in APPLIED and self.now.where(question) in APPLIED:
                yield question

    def move(self, question: str) -> Move | None:
        """How an answer that stands in both moved; None where it is the same."""
        was, now = self.was.where(question), self.now.where(question)
        if was is not now:
            return _crossed(was, now)
        if was is Where.NOT or _value(self.was.given[question]) == _value(self.now.given[question]):
            return None
        if was is Where.OPEN:
            return Move.CHANGED
        before, after = self.was.level(question), self.now.level(question)
        if before is None or after is None or not self.same_choices(question):
            return Move.CHANGED
        return Move.BETTER if after > before else Move.WORSE

    def moved(self) -> Iterator[AnswerMove]:
        """Every answer that moved, the weightiest first."""
        found = [(question, move) for question in self.both() if (move := self.move(question)) is not None]
        for question, move in sorted(found, key=lambda pair: self._order(pair[0])):
            asked, bank = self.asked(question), self.bank(question)
            yield AnswerMove(
                question=question,
                code=asked.code or "",
                bank=bank,
                ask=asked.ask,
                was=self.was.told(question),
                now=self.now.told(question),
                move=move,
                critical=self.critical(question),
                notes=tuple(self._notes(question, move)),
            )

    def critical(self, question: str) -> bool:
        """Whether a critical finding rests on it, then or now."""
        return question in self.was.critical or question in self.now.critical

    def bank(self, question: str) -> str:
        """The title of its bank."""
        bank = self.asked(question).bank
        titles = {PROFILE: "The business", **self.was.bank_titles, **self.now.bank_titles}
        return titles[bank]

    def _order(self, question: str) -> tuple[bool, int, str]:
        return (not self.critical(question), -self._difference(question), question)

    def _difference(self, question: str) -> int:
        """How much the answer moved, by points and weights; nothing where the choices are not the same."""
        asked = self.asked(question)
        if not asked.scored or not self.same_choices(question):
            return 0
        points = abs(self.now.points(question) - self.was.points(question))
        bank = self.now.questionnaire.bank_by_id.get(asked.bank)
        return points * asked.weight * (bank.weight if bank else 0)

    def _notes(self, question: str, move: Move) -> Iterator[str]:
        for half, when in ((self.was, "Then"), (self.now, "Now")):
            if question in half.settled:
                yield f"{when} it followed from “{half.settled[question]}”."
        if move is Move.CHANGED and self.asked(question).scored and not self.same_choices(question):
            yield "Its choices are not the same any more, so the two answers are not ranked."

    def asked_once(self, mine: Half, other: Half) -> Iterator[AskedOnce]:
        """The questions that only one of the two asked, with the reason why the other did not."""
        for question in self.questions:
            missing = other.where(question)
            if mine.where(question) not in (Where.KNOWN, Where.OPEN) or missing in APPLIED:
                continue
            asked = mine.questionnaire.questions[question]
            absent = f"Not in version {other.questionnaire.version}"
            why = absent if missing is Where.ABSENT else f"Not part of a {other.outcome.depth} check"
            yield AskedOnce(question, asked.code or "", self.bank(question), asked.ask, mine.told(question), why)

    def evidence(self, questions: tuple[str, ...]) -> tuple[Evidence, ...]:
        """Some answers then and now, by the short names of their questions."""
        return tuple(
            Evidence(self.asked(question).short, self.was.told(question), self.now.told(question))
            for question in questions
        )


CROSSED = {(Where.OPEN, Where.KNOWN): Move.KNOWN, (Where.KNOWN, Where.OPEN): Move.UNKNOWN}


def _crossed(was: Where, now: Where) -> Move:
    if Where.NOT in (was, now):
        return Move.NOW_APPLIES if was is Where.NOT else Move.NO_LONGER_APPLIES
    return CROSSED[was, now]


def _value(answer: AnswerResult) -> tuple[object, ...]:
    """What was answered, however it came about; of what is not known, how it was left open."""
    if answer.state in OPENED:
        return (answer.state,)
    return (frozenset(answer.options), answer.number, answer.text)
