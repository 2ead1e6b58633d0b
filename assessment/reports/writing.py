"""Writes a report: finds the words for a stored outcome in the questionnaire version it is pinned to.

Nothing is scored again, and no sentence an owner reads is put together anywhere else.
"""

from collections.abc import Iterator
from datetime import date
from itertools import islice

from assessment.engine.advice import Severity
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import PROFILE
from assessment.engine.result import AnswerResult, BankResult, Certainty, FindingResult, Outcome
from assessment.reports.cards import Cards
from assessment.reports.guiding import Guiding
from assessment.reports.measures import Measuring
from assessment.reports.quotes import Quote
from assessment.reports.quoting import Quoting
from assessment.reports.report import (
    AnswersView,
    BandView,
    BankView,
    FindingView,
    LossView,
    Report,
    ScoreView,
    SignsView,
    Sponsor,
)
from assessment.reports.roadmap import look_again, roadmap
from assessment.reports.standstill import Standstill
from assessment.reports.strengths import strengths
from assessment.reports.words import DEPTHS, MUCH_UNKNOWN, joined, with_stop

MOST_FACTS = 3
MUCH = 30
"""Percent of "not sure" from which the verdict says that it rests on guesses."""


def build(
    outcome: Outcome,
    questionnaire: Questionnaire,
    sponsor: Sponsor,
    taken_on: date,
    standstill: Standstill | None = None,
) -> Report:
    """The report of one stored outcome, in the words of its own questionnaire version."""
    writer = _Writer(outcome, questionnaire)
    cards, guiding = Cards(writer, sponsor), Guiding(writer)
    actions = cards.all()
    findings = tuple(writer.finding(finding) for finding in outcome.findings if _tells(questionnaire, finding))
    return Report(
        title=questionnaire.title,
        sponsor=sponsor,
        taken_on=taken_on,
        depth=outcome.depth,
        depth_says=DEPTHS[outcome.depth],
        version=questionnaire.version,
        digest=outcome.questionnaire.digest[:12],
        firm=writer.firm(),
        verdict=writer.verdict(),
        score=writer.score(),
        criticals=tuple(f for f in findings if f.severity == Severity.CRITICAL and not f.possible),
        first=actions[:3],
        banks=tuple(writer.bank(bank) for bank in outcome.banks),
        findings=tuple(f for f in findings if f.severity != Severity.CRITICAL or f.possible),
        stories=tuple(writer.stories()),
        next_band=cards.next_band(),
        plan=tuple(cards.horizons(actions)),
        roadmap=roadmap(cards, taken_on),
        look_again=look_again(outcome.overall, questionnaire, taken_on),
        strengths=strengths(writer),
        signs=writer.signs(),
        measures=tuple(Measuring(writer).all()),
        arrangement=guiding.arrangement(),
        talk=guiding.talk(),
        downtime=guiding.downtime(sponsor.currency, standstill),
        insurance=guiding.insurance(),
        first_hour=guiding.first_hour(),
        losses=tuple(writer.losses()),
        assumed=tuple(writer.quote(answer) for answer in outcome.answers if answer.question in outcome.assumed),
        not_looked_at=tuple(questionnaire.all_rules[rule].finding or "" for rule in outcome.not_looked_at),
        answers=tuple(writer.all_answers()),
        figures=tuple(writer.figures.values()),
    )


def _tells(questionnaire: Questionnaire, finding: FindingResult) -> bool:
    return bool(questionnaire.all_rules[finding.rule].finding)


class _Writer(Quoting):
    """Writes every part of a report but the plan."""

    def firm(self) -> tuple[Quote, ...]:
        """The first things they said about the firm: what it is, not what was assumed of it."""
        said = (a for a in self.outcome.answers if a.question.startswith(f"{PROFILE}.") and a.state == "answered")
        return tuple(self.quote(answer) for answer in islice(said, MOST_FACTS))

    def verdict(self) -> str:
        overall = self.outcome.overall
        if overall is None:
            return "There is no score yet, because no scored question has been answered."
        verdict = next(band.verdict for band in self.questionnaire.bands if band.id == overall.band)
        return f"{verdict} {MUCH_UNKNOWN}" if self.outcome.not_sure_percent >= MUCH else verdict

    def score(self) -> ScoreView | None:
        overall = self.outcome.overall
        if overall is None:
            return None
        bands = self.questionnaire.bands
        ends = [*(band.at_least - 1 for band in bands[1:]), 100]
        return ScoreView(
            score=overall.score,
            low=overall.low,
            high=overall.high,
            band=overall.band,
            band_name=self.band_names[overall.band],
            provisional=overall.provisional,
            headline=self._headline(),
            range_says=self._range_says(),
            held=tuple(self._held()),
            bands=tuple(
                BandView(band.id, band.name, band.at_least, until, band.id == overall.band)
                for band, until in zip(bands, ends, strict=True)
            ),
        )

    def _headline(self) -> str:
        overall = self.outcome.overall
        assert overall is not None
        if not overall.provisional:
            return f"{overall.score} of 100"
        return f"{overall.score} of 100, but {overall.low} if the worst is true of what you were not sure about"

    def _range_says(self) -> str:
        overall = self.outcome.overall
        assert overall is not None
        said = []
        if overall.low != overall.high:
            said.append(f"Your open answers leave room between {overall.low} and {overall.high}.")
        if overall.if_full is not None and overall.if_full != (overall.low, overall.high):
            low, high = overall.if_full
            said.append(f"The full check could move this to between {low} and {high}.")
        return " ".join(said)

    def _held(self) -> Iterator[str]:
        overall = self.outcome.overall
        assert overall is not None
        rules = [self.questionnaire.all_rules[rule] for rule in overall.held_by]
        caps = [rule for rule in rules if rule.caps.overall is not None]
        if caps:
            yield (
                f"Your answers alone would add up to {overall.raw}. The score is held at {overall.score} because: "
                f"{self.rule_says(caps[0].id)}"
            )
        if overall.provisional:
            yield (
                f"An answer is still open that could pull the score down to {overall.low}. Until you know, we name "
                f"the band by that lower number: “{self.band_names[overall.band]}”."
            )
        elif overall.band != overall.band_by_score:
            why = joined(with_stop(rule.finding or rule.code).rstrip(".") for rule in rules if rule.caps.band)
            yield (
                f"{overall.score} points would be “{self.band_names[overall.band_by_score]}”. The band is held at "
                f"“{self.band_names[overall.band]}” because: {with_stop(why)}"
            )

    def finding(self, finding: FindingResult) -> FindingView:
        rule = self.questionnaire.all_rules[finding.rule]
        possible = finding.certainty is Certainty.POSSIBLE
        return FindingView(
            rule=rule.id,
            code=rule.code,
            severity=finding.severity,
            possible=possible,
            title=rule.finding or "",
            because=rule.because or "",
            quotes=self.quotes(finding.questions),
            covers=tuple(self.questionnaire.all_rules[other].finding or "" for other in finding.covers),
            figure=self.figure(rule.source),
        )

    def bank(self, bank: BankResult) -> BankView:
        authored = self.questionnaire.bank_by_id[bank.id]
        held = ""
        if bank.held_by:
            held = f"{bank.raw} by your answers, held at {bank.score}: {self.rule_says(bank.held_by[0])}"
        reading = next(b.name for b in reversed(self.questionnaire.bands) if b.at_least <= bank.score)
        return BankView(
            id=bank.id,
            title=authored.title,
            about=authored.about,
            weighs=bank.weight > 0,
            score=bank.score,
            low=bank.low,
            high=bank.high,
            raw=bank.raw,
            held=held,
            reading=reading,
        )

    def stories(self) -> Iterator[tuple[str, str]]:
        for rule in self.outcome.stories:
            story = self.questionnaire.all_rules[rule].story
            if story is not None:
                yield story.title, story.says

    def signs(self) -> SignsView | None:
        found, authored = self.outcome.signs, self.questionnaire.signs
        if found is None or authored is None or found.reading is None:
            return None
        reading = authored.readings[found.reading]
        return SignsView(
            count=found.count,
            of=found.of,
            outgrown=authored.outgrown,
            title=reading.title,
            says=reading.says,
            shown=tuple(
                (authored.names[q], self.says(self.given[q]) if q in self.given else "") for q in found.shown_by
            ),
            not_shown=tuple(authored.names[q] for q in authored.questions if q not in found.shown_by),
        )

    def _evidence(self, question: str) -> str:
        return self.says(self.given[question]) if question in self.given else ""

    def losses(self) -> Iterator[LossView]:
        for bank in self.questionnaire.banks:
            lost = [loss for loss in self.outcome.losses if loss.bank == bank.id]
            parts = []
            for loss in lost:
                if loss.question is not None:
                    short = self.questionnaire.questions[loss.question].short
                    parts.append((short, self.says(self.given[loss.question]), loss.points))
                elif loss.rule is not None:
                    rule = self.questionnaire.all_rules[loss.rule]
                    parts.append(("Held by a rule", rule.finding or rule.code, loss.points))
            if parts:
                parts.sort(key=lambda part: -part[2])
                yield LossView(bank.title, sum(loss.points for loss in lost), tuple(parts))
        for loss in self.outcome.losses:
            if loss.kind == "overall-cap" and loss.rule is not None:
                rule = self.questionnaire.all_rules[loss.rule]
                held = ("Held by a rule", rule.finding or rule.code, loss.points)
                yield LossView("The whole score", loss.points, (held,))

    def all_answers(self) -> Iterator[AnswersView]:
        titles = {"profile": "Your business", **self.bank_titles}
        for bank, title in titles.items():
            answers = [answer for answer in self.outcome.answers if answer.question.partition(".")[0] == bank]
            if answers:
                rows = tuple(
                    (self.questionnaire.questions[a.question].ask, self.says(a), self._note(a)) for a in answers
                )
                yield AnswersView(title, rows)

    def _note(self, answer: AnswerResult) -> str:
        if answer.settled_by is not None:
            return f"follows from “{self.questionnaire.questions[answer.settled_by].short}”"
        if answer.question in self.outcome.assumed:
            return "you did not say, so we took this as likely"
        return ""
