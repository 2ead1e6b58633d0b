"""Which words of a questionnaire's guidance fit a firm: a way of paying, questions to ask, an insurer's form."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from assessment.engine.conditions import World
from assessment.engine.flow import State
from assessment.engine.guidance import MOST_QUESTIONS, Addressed, Aspect, Guidance, InsuranceItem, Stance, TalkQuestion
from assessment.engine.result import Cover, GuidanceResult, Leaning, SignsResult, TalkResult
from assessment.engine.scoring import Scored

MOSTLY_REPAIRS, MOSTLY_PREVENTION = 40, 70
"""Below the first, answers come closer to repairs, from the second on to prevention: mean points. Our judgement."""

HALF_WAY = 50
"""From these points on an answer says at least part of what an insurer’s form asks."""


def guide(scored: Scored, signs: SignsResult | None) -> GuidanceResult | None:
    """What fits these answers; nothing where the questionnaire has no guidance."""
    authored = scored.route.questionnaire.guidance
    return None if authored is None else _Guide(scored, authored, signs).found()


class _Guide:
    """The guidance of one questionnaire for one firm."""

    def __init__(self, scored: Scored, authored: Guidance, signs: SignsResult | None) -> None:
        self.scored, self.authored = scored, authored
        self.signs = signs.count if signs else 0
        self.standings = scored.route.standings
        self.world: World = scored.route.world(unsure=False, unknown=False)

    def found(self) -> GuidanceResult:
        arrangement, talk, insurance = self.authored.arrangement, self.authored.talk, self.authored.insurance
        leanings = {one.id: self._leaning(one) for one in arrangement.aspects} if arrangement else {}
        cover = {item.id: self._cover(item) for item in insurance.items} if insurance else {}
        return GuidanceResult(
            stance=self._first(arrangement.stances) if arrangement else None,
            leanings={aspect: leaning for aspect, leaning in leanings.items() if leaning is not None},
            addressed=self._first(talk.addressed) if talk else None,
            talk=tuple(self._talk(talk.questions)) if talk else (),
            cover={item: said for item, said in cover.items() if said is not None},
        )

    def _first(self, offered: Iterable[Stance | Addressed]) -> int | None:
        return next((place for place, one in enumerate(offered) if self._fits(one)), None)

    def _fits(self, one: Stance | Addressed) -> bool:
        most = one.signs_at_most if isinstance(one, Stance) else None
        return (most is None or self.signs <= most) and (one.when is None or one.when.decide(self.world) is True)

    def _leaning(self, aspect: Aspect) -> Leaning | None:
        points = [Fraction(points) for points in self._points(aspect.questions) if points is not None]
        points += [bank.score_exact for bank in self.scored.banks if bank.id in aspect.banks]
        if not points:
            return None
        mean = sum(points) / len(points)
        if mean < MOSTLY_REPAIRS:
            return Leaning.REPAIRS
        return Leaning.PREVENTION if mean >= MOSTLY_PREVENTION else Leaning.BETWEEN

    def _points(self, questions: Iterable[str]) -> Iterator[int | None]:
        """The points of each answer that was given or settled; None for "not sure"; the rest is left out."""
        for question in questions:
            standing = self.standings[question]
            if standing.option is not None:
                yield standing.question.option(standing.option).points or 0
            elif standing.state is State.NOT_SURE:
                yield None

    def _talk(self, questions: Iterable[TalkQuestion]) -> Iterator[TalkResult]:
        """What is always asked, then what the answers raise, in the order written, so many in all."""
        raised = [one for one in questions if one.when is None or self.scored.judged.truth(one.when) is not False]
        kept = sorted(raised, key=lambda one: one.when is not None)[:MOST_QUESTIONS]
        for question in kept:
            fitting = (place for place, one in enumerate(question.sharper) if one.when.decide(self.world) is True)
            told = tuple(dict.fromkeys(ref for because in question.because for ref in self._behind(because)))
            yield TalkResult(id=question.id, sharper=next(fitting, None), because=told)

    def _behind(self, question: str) -> tuple[str, ...]:
        """The answer itself, or what was answered "not sure" and may decide it."""
        settled = self.standings[question].question.settled
        if self._told(question) or settled is None:
            return (question,) if self._told(question) else ()
        return tuple(gate for gate in settled.when.questions if self.standings[gate].state is State.NOT_SURE)

    def _told(self, question: str) -> bool:
        standing = self.standings[question]
        return standing.option is not None or standing.state is State.NOT_SURE

    def _cover(self, item: InsuranceItem) -> Cover | None:
        points = list(self._points(item.questions))
        if not points:
            return None
        if None in points:
            return Cover.FIND_OUT
        known = [one for one in points if one is not None]
        if min(known) >= self.scored.route.questionnaire.good_enough:
            return Cover.YES
        return Cover.PARTLY if max(known) >= HALF_WAY else Cover.NOT_YET
