"""Writes what stands beside the score: finds the words of the questionnaire's guidance for a stored outcome."""

from assessment.engine.guidance import Aspect
from assessment.engine.result import GuidanceResult
from assessment.reports.guidance import (
    ArrangementView,
    AspectView,
    DowntimeView,
    FirstHourView,
    InsuranceItemView,
    InsuranceView,
    TalkQuestionView,
    TalkView,
)
from assessment.reports.quoting import Quoting
from assessment.reports.standstill import Standstill
from assessment.reports.words import COVERS, LEANINGS, NEUTRAL


class Guiding:
    """The guidance of one outcome, in the words of its questionnaire version; each part may be absent."""

    def __init__(self, quoting: Quoting) -> None:
        self.quoting = quoting
        self.authored = quoting.questionnaire.guidance
        self.found = quoting.outcome.guidance or GuidanceResult()
        self.scores = {bank.id: bank for bank in quoting.outcome.banks}

    def arrangement(self) -> ArrangementView | None:
        """How help is paid and what that rewards; only where an answer says something about it."""
        authored = self.authored.arrangement if self.authored else None
        if authored is None or self.found.stance is None or not self.found.leanings:
            return None
        stance = authored.stances[self.found.stance]
        return ArrangementView(
            title=authored.title,
            about=authored.about,
            repairs=authored.repairs,
            prevention=authored.prevention,
            aspects=tuple(self._aspect(one) for one in authored.aspects if one.id in self.found.leanings),
            stance=stance.title,
            says=stance.says,
            stay=stance.stay,
            neutral=NEUTRAL if stance.change else "",
        )

    def _aspect(self, aspect: Aspect) -> AspectView:
        banks = (self.scores[bank] for bank in aspect.banks if bank in self.scores)
        scores = tuple((self.quoting.bank_titles[bank.id], bank.score) for bank in banks)
        leaning = LEANINGS[self.found.leanings[aspect.id]]
        quotes = self.quoting.answered(aspect.questions)
        return AspectView(aspect.title, aspect.repairs, aspect.prevention, quotes, scores, leaning)

    def talk(self) -> TalkView | None:
        """The questions to take along."""
        authored = self.authored.talk if self.authored else None
        if authored is None or self.found.addressed is None or not self.found.talk:
            return None
        by_id = {question.id: question for question in authored.questions}
        questions = []
        for number, one in enumerate(self.found.talk, 1):
            question = by_id[one.id]
            says = question.ask if one.sharper is None else question.sharper[one.sharper].ask
            questions.append(TalkQuestionView(number, says, self.quoting.answered(one.because)))
        addressed = authored.addressed[self.found.addressed]
        return TalkView(addressed.title, addressed.says, tuple(questions))

    def downtime(self, currency: str, standstill: Standstill | None) -> DowntimeView | None:
        """What a standstill costs, by the figures given; without them an invitation."""
        authored = self.authored.downtime if self.authored else None
        if authored is None or self.quoting.outcome.overall is None:
            return None
        money = self.quoting.questionnaire.currencies.get(currency)
        symbol = money.symbol if money else ""
        shown = standstill.view(symbol) if standstill else None
        return DowntimeView(authored.title, authored.about, self.quoting.answered(authored.because), symbol, shown)

    def insurance(self) -> InsuranceView | None:
        """The answers beside an insurer's form."""
        authored = self.authored.insurance if self.authored else None
        if authored is None or not self.found.cover:
            return None
        rows = tuple(
            InsuranceItemView(item.says, cover, COVERS[cover], self.quoting.answered(item.questions))
            for item in authored.items
            if (cover := self.found.cover.get(item.id)) is not None
        )
        return InsuranceView(authored.title, authored.about, rows)

    def first_hour(self) -> FirstHourView | None:
        """What to do when something bad is happening at this moment: for everybody, whatever they answered."""
        authored = self.authored.first_hour if self.authored else None
        return FirstHourView(authored.title, authored.about, authored.steps) if authored else None
