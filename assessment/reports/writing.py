"""Writes a report: finds the words for a stored outcome in the questionnaire version it is pinned to.

Nothing is scored again, and no sentence an owner reads is put together anywhere else.
"""

from collections.abc import Iterator
from datetime import date

from assessment.engine.advice import Cost, Horizon, Severity, Who
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Action, AnswerResult, BankResult, Certainty, FindingResult, Mode, Outcome
from assessment.reports.report import (
    ActionView,
    AnswersView,
    BandView,
    BankView,
    FigureView,
    FindingView,
    HorizonView,
    LossView,
    Quote,
    Report,
    ScoreView,
    SignsView,
    Sponsor,
)
from assessment.reports.words import COSTS, DEPTHS, HORIZONS, NEUTRAL, WHO, hours, joined, points, with_stop


def build(outcome: Outcome, questionnaire: Questionnaire, sponsor: Sponsor, taken_on: date) -> Report:
    """The report of one stored outcome, in the words of its own questionnaire version."""
    writer = _Writer(outcome, questionnaire, sponsor)
    actions = tuple(writer.action(number, action) for number, action in enumerate(outcome.plan, 1))
    findings = tuple(writer.finding(finding) for finding in outcome.findings if _tells(questionnaire, finding))
    return Report(
        title=questionnaire.title,
        sponsor=sponsor,
        taken_on=taken_on,
        depth=outcome.depth,
        depth_says=DEPTHS[outcome.depth],
        version=questionnaire.version,
        digest=outcome.questionnaire.digest[:12],
        verdict=writer.verdict(),
        score=writer.score(),
        criticals=tuple(f for f in findings if f.severity == Severity.CRITICAL and not f.possible),
        first=actions[:3],
        banks=tuple(writer.bank(bank) for bank in outcome.banks),
        findings=tuple(f for f in findings if f.severity != Severity.CRITICAL or f.possible),
        stories=tuple(writer.stories()),
        next_band=writer.next_band(),
        plan=tuple(writer.horizons(actions)),
        signs=writer.signs(),
        losses=tuple(writer.losses()),
        assumed=tuple(writer.quote(answer) for answer in outcome.answers if answer.question in outcome.assumed),
        not_looked_at=tuple(questionnaire.all_rules[rule].finding or "" for rule in outcome.not_looked_at),
        answers=tuple(writer.all_answers()),
        figures=tuple(writer.figures.values()),
    )


def _tells(questionnaire: Questionnaire, finding: FindingResult) -> bool:
    return bool(questionnaire.all_rules[finding.rule].finding)


class _Writer:
    """Finds the words for one outcome; remembers which figures were cited, and numbers them."""

    def __init__(self, outcome: Outcome, questionnaire: Questionnaire, sponsor: Sponsor) -> None:
        self.outcome = outcome
        self.questionnaire = questionnaire
        self.sponsor = sponsor
        self.given = {answer.question: answer for answer in outcome.answers}
        self.bank_titles = {bank.id: bank.title for bank in questionnaire.banks}
        self.band_names = {band.id: band.name for band in questionnaire.bands}
        self.numbers = {action.id: number for number, action in enumerate(outcome.plan, 1)}
        self.figures: dict[str, FigureView] = {}
        money = questionnaire.currencies.get(sponsor.currency)
        self.amounts = money.amounts if money else {}
        self.paid_help = any(
            answer.question == "profile.it-support" and set(answer.options) & {"provider", "in-house"}
            for answer in outcome.answers
        )

    def verdict(self) -> str:
        overall = self.outcome.overall
        if overall is None:
            return "There is no score yet, because no scored question has been answered."
        return next(band.verdict for band in self.questionnaire.bands if band.id == overall.band)

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
                f"{with_stop(caps[0].finding or caps[0].code)}"
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

    def quote(self, answer: AnswerResult) -> Quote:
        question = self.questionnaire.questions[answer.question]
        return Quote(question.id, question.short, self.says(answer))

    def says(self, answer: AnswerResult) -> str:
        """An answer in the words it was offered in."""
        question = self.questionnaire.questions[answer.question]
        if answer.state == "not-sure" and not answer.options:
            return question.not_sure_says
        if answer.state == "does-not-apply":
            return question.does_not_apply.says if question.does_not_apply else "Does not apply"
        if answer.number is not None:
            return f"{answer.number} {question.unit or ''}".strip()
        if answer.text is not None:
            return answer.text
        if not answer.options:
            return "Not answered"
        return "; ".join(question.option(option).says for option in answer.options)

    def _quotes(self, questions: tuple[str, ...]) -> tuple[Quote, ...]:
        return tuple(self.quote(self.given[question]) for question in questions if question in self.given)

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
            quotes=self._quotes(finding.questions),
            covers=tuple(self.questionnaire.all_rules[other].finding or "" for other in finding.covers),
            figure=self._figure(rule.source),
        )

    def _figure(self, source: str | None) -> FigureView | None:
        found = self.questionnaire.figure_by_id.get(source or "")
        if found is None or found.status != "read":
            return None
        if found.id not in self.figures:
            source_says = f"{found.publisher}, “{found.title}”, {found.year}"
            number = len(self.figures) + 1
            self.figures[found.id] = FigureView(number, found.figure, source_says, found.link, found.year)
        return self.figures[found.id]

    def bank(self, bank: BankResult) -> BankView:
        authored = self.questionnaire.bank_by_id[bank.id]
        held = ""
        if bank.held_by:
            rule = self.questionnaire.all_rules[bank.held_by[0]]
            held = f"{bank.raw} by your answers, held at {bank.score}: {with_stop(rule.finding or rule.code)}"
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

    def action(self, number: int, action: Action) -> ActionView:
        advice = self.questionnaire.recommendations[action.id]
        find_out = action.mode is Mode.FIND_OUT
        quotes = self._quotes(action.finds_out if find_out else action.reasons)
        asks = joined(f"“{self.questionnaire.questions[q].short}”" for q in action.finds_out)
        return ActionView(
            number=number,
            id=action.id,
            code=action.code,
            bank=self.bank_titles[action.bank],
            find_out=find_out,
            critical=action.critical,
            do=f"Find out about {asks}." if find_out else advice.do,
            steps=() if find_out else advice.steps,
            why=f"You were not sure. If it turns out badly, the next step is: {advice.do}" if find_out else advice.why,
            quotes=quotes,
            gain=self._gain(action),
            after=action.after,
            held=self._still_held(action),
            opens="" if find_out else advice.opens or "",
            effort=hours(action.owner_hours, action.it_hours),
            cost=COSTS[Cost.NONE] if find_out else COSTS[advice.cost],
            money="" if find_out else self.amounts.get(advice.cost, ""),
            who=WHO[Who.OWNER] if find_out else self._who(advice.who),
            first=tuple(f"Step {self.numbers[need]}" for need in action.first if self.numbers[need] < number),
            then=tuple(self.questionnaire.recommendations[other].do for other in action.then),
            by_yourself="" if find_out or self.paid_help else advice.without_provider or "",
            neutral=NEUTRAL if advice.neutral and not find_out else "",
        )

    def _who(self, who: Who) -> str:
        return WHO[who] if self.paid_help or who is not Who.PROVIDER else "You, or a technician you book"

    def _gain(self, action: Action) -> str:
        if action.in_order is None or action.after is None:
            return ""
        if action.in_order == 0:
            return f"after this: {action.after}"
        return f"+{points(action.in_order)}, after this: {action.after}"

    def _still_held(self, action: Action) -> str:
        if not action.held_by:
            return ""
        rule = self.questionnaire.all_rules[action.held_by[0]]
        return f"Still held back by: {with_stop(rule.finding or rule.code)}"

    def horizons(self, actions: tuple[ActionView, ...]) -> Iterator[HorizonView]:
        for horizon in Horizon:
            placed = [a for a, b in zip(actions, self.outcome.plan, strict=True) if b.horizon is horizon]
            if placed:
                score_after = self.outcome.trajectory.get(horizon, 0)
                yield HorizonView(horizon.value, HORIZONS[horizon], score_after, tuple(placed))

    def next_band(self) -> tuple[str, tuple[str, ...]] | None:
        found = self.outcome.next_band
        if found is None:
            return None
        steps = tuple(f"Step {self.numbers[action]}" for action in found.actions)
        return self.band_names[found.band], steps

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
