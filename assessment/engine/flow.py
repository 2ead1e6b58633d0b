"""What applies, what is settled, what is next and how far: the one place that decides what a respondent sees.

Form, progress, score, report and PDF all read a `Route`; nothing else asks whether a question is visible.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from assessment.engine.advice import Recommendation
from assessment.engine.answers import Answer, Answers
from assessment.engine.conditions import All, AnyOf, Compare, Condition, Not, Possible, Truth, Value, World
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, PROFILE, Depth, Kind, Question, Settled


class State(StrEnum):
    """Where a question stands for one respondent."""

    ANSWERED = "answered"
    NOT_SURE = "not-sure"
    DOES_NOT_APPLY = "does-not-apply"
    SETTLED = "settled"
    UNANSWERED = "unanswered"
    DEEPER = "deeper"


@dataclass(frozen=True, slots=True)
class Standing:
    """One question for one respondent: its state, the option that counts, and what settled or hid it."""

    question: Question
    state: State
    option: str | None = None
    settled_by: str | None = None
    hidden: bool = False

    @property
    def may_be_settled(self) -> bool:
        """Whether it is asked and nothing has settled it so far."""
        return not self.hidden and self.state not in (State.SETTLED, State.DEEPER)

    @property
    def level(self) -> int | None:
        """The place of the counting option in ladder order, 0 = worst."""
        return None if self.option is None else self.question.ladder.index(self.option)


NOTHING: frozenset[Possible] = frozenset()


@dataclass(frozen=True)
class Route:
    """One respondent's way through a questionnaire at one depth."""

    questionnaire: Questionnaire
    depth: Depth
    answers: Answers
    facts: Mapping[str, frozenset[Value]]
    assumed: tuple[str, ...]
    standings: Mapping[str, Standing]

    @cached_property
    def profile_steps(self) -> tuple[Question, ...]:
        return tuple(q for q in self.questionnaire.profile if q.id in relevant_facts(self.questionnaire, self.depth))

    @cached_property
    def steps(self) -> tuple[Question, ...]:
        """The questions to put to this respondent, in order: facts about the firm first."""
        shown = (State.ANSWERED, State.NOT_SURE, State.UNANSWERED)
        asked = tuple(
            standing.question
            for standing in self.standings.values()
            if standing.state in shown or (standing.state is State.DOES_NOT_APPLY and not standing.hidden)
        )
        return self.profile_steps + asked

    @cached_property
    def open_steps(self) -> tuple[Question, ...]:
        """The steps that have no answer yet."""
        return tuple(question for question in self.steps if question.id not in self.answers)

    def place(self, question_id: str) -> int | None:
        """The place of a question among the steps, from 1; None when it is not asked."""
        return next((n for n, question in enumerate(self.steps, 1) if question.id == question_id), None)

    def after(self, question_id: str) -> Question | None:
        """The next open step after this one, else the first open one, else None: time to check the answers."""
        place = self.place(question_id) or 0
        later = (question for question in self.steps[place:] if question.id not in self.answers)
        return next(later, self.open_steps[0] if self.open_steps else None)

    def before(self, question_id: str) -> Question | None:
        """The step before this one, None at the first."""
        place = self.place(question_id) or 1
        return self.steps[place - 2] if place > 1 else None

    def world(self, unsure: bool, unknown: bool, settling: bool = True) -> World:
        """What the answers leave possible: `unsure` opens "not sure", `unknown` opens what was not answered.

        With `settling`, a question that an open one may yet settle may count as the option it would settle to,
        whatever was answered.
        """
        opened = {State.NOT_SURE: unsure, State.UNANSWERED: unknown, State.DEEPER: unknown}
        possible: dict[str, frozenset[Possible]] = dict(self.facts)
        for question_id, standing in self.standings.items():
            if standing.option is not None:
                possible[question_id] = frozenset([standing.option])
            elif opened.get(standing.state):
                possible[question_id] = frozenset(standing.question.ladder)
            else:
                possible[question_id] = NOTHING
        world = World(possible, self.questionnaire.ladders, self.questionnaire.fact_conditions, {})
        return self.settling(world, {}) if settling else world

    def settling(self, world: World, given: Mapping[str, frozenset[Possible]]) -> World:
        """The same world with what is given, where whatever that settles or may settle counts as what it settles to."""
        possible = {**world.possible, **given}
        after = world.where(possible)
        for question_id, settled in self.to_settle:
            truth = settled.when.decide(after)
            if truth is not False:
                unless = NOTHING if truth else possible[question_id] or {None}
                possible[question_id] = frozenset([settled.as_]) | unless
        return after

    @cached_property
    def to_settle(self) -> tuple[tuple[str, Settled], ...]:
        """What an earlier answer may yet settle, the earlier questions first."""
        may = (standing.question for standing in self.standings.values() if standing.may_be_settled)
        return tuple((question.id, question.settled) for question in may if question.settled is not None)


def walk(questionnaire: Questionnaire, answers: Answers, depth: Depth) -> Route:
    """The route of one respondent. Answers to hidden questions are kept by the caller and never looked at here."""
    facts, assumed = _facts(questionnaire, answers, depth)
    known: dict[str, frozenset[Value]] = dict(facts)
    world = World(known, questionnaire.ladders, questionnaire.fact_conditions, {})
    asked = questionnaire.asked[depth]
    standings: dict[str, Standing] = {}
    for bank in questionnaire.banks:
        for question in bank.questions:
            standing = _standing(question, answers, question.id in asked, world)
            standings[question.id] = standing
            if standing.option is not None:
                known[question.id] = frozenset([standing.option])
    return Route(questionnaire, depth, answers, facts, assumed, standings)


def _standing(question: Question, answers: Answers, asked: bool, world: World) -> Standing:
    """One question, in a world of certain facts and of the answers before it."""
    if question.when is not None and not question.when.decide(world):
        return Standing(question, State.DOES_NOT_APPLY, hidden=True)
    if not asked:
        return Standing(question, State.DEEPER)
    settled = question.settled
    if settled is not None and settled.when.decide(world):
        holding = next(test for test in settled.when.comparisons if test.decide(world))
        return Standing(question, State.SETTLED, settled.as_, holding.question)
    answer = answers.get(question.id)
    if answer is None:
        return Standing(question, State.UNANSWERED)
    if answer == NOT_SURE:
        return Standing(question, State.NOT_SURE)
    if answer == DOES_NOT_APPLY:
        return Standing(question, State.DOES_NOT_APPLY if offers_does_not_apply(question, world) else State.UNANSWERED)
    return Standing(question, State.ANSWERED, answer if question.scored and isinstance(answer, str) else None)


def offers_does_not_apply(question: Question, world: World) -> bool:
    """Whether this firm may answer "does not apply": only where a reason is listed, and to whom it is listed for."""
    offer = question.does_not_apply
    return offer is not None and (offer.when is None or offer.when.decide(world) is True)


def _facts(
    questionnaire: Questionnaire, answers: Answers, depth: Depth
) -> tuple[dict[str, frozenset[Value]], tuple[str, ...]]:
    """Each fact about the firm as one certain value; an unknown one is taken as its assumed value, and named."""
    facts: dict[str, frozenset[Value]] = {}
    assumed = []
    relevant = relevant_facts(questionnaire, depth)
    for question in questionnaire.profile:
        answer = answers.get(question.id)
        if answer is None or answer in (NOT_SURE, DOES_NOT_APPLY):
            answer = assumed_answer(question)
            if question.id in relevant:
                assumed.append(question.id)
        facts[question.id] = frozenset([answer])
    return facts, tuple(assumed)


def assumed_answer(question: Question) -> Answer:
    """What is taken for a fact nobody told us."""
    if question.kind is Kind.MULTIPLE:
        return frozenset(question.assumed)
    return int(question.assumed[0]) if question.kind is Kind.NUMBER else question.assumed[0]


@lru_cache(maxsize=64)
def relevant_facts(questionnaire: Questionnaire, depth: Depth) -> frozenset[str]:
    """The profile questions some condition at this depth looks at; only these are asked."""
    found: set[str] = set()
    for condition in _conditions(questionnaire, depth):
        found.update(ref for ref in questionnaire.refers_to(condition) if ref.startswith(f"{PROFILE}."))
    return frozenset(found)


def _conditions(questionnaire: Questionnaire, depth: Depth) -> list[Condition]:
    def reached(condition: Condition | None) -> bool:
        refs = questionnaire.refers_to(condition)
        return all(ref.startswith(f"{PROFILE}.") or questionnaire.questions[ref].asked_at(depth) for ref in refs)

    asked = [q for q in questionnaire.questions.values() if q.bank != PROFILE and q.asked_at(depth)]
    found = [question.when for question in asked]
    found += [question.does_not_apply.when for question in asked if question.does_not_apply]
    for rule in questionnaire.all_rules.values():
        if reached(rule.when) or (rule.caps and _can_hold(questionnaire, rule.when, depth) is not False):
            found.append(rule.when)
    for advice in questionnaire.recommendations.values():
        if _may_fire(questionnaire, advice, depth) and reached(advice.when):
            found += [advice.when, *(override.when for override in advice.overrides if reached(override.when))]
            found += [first.when for first in advice.needs.first if reached(first.when)]
    if questionnaire.signs:
        found += [reading.when for reading in questionnaire.signs.readings if reached(reading.when)]
    found += [when for measure in questionnaire.measures for when in measure.conditions() if reached(when)]
    return [condition for condition in found if condition is not None]


def _can_hold(questionnaire: Questionnaire, condition: Condition, depth: Depth) -> Truth:
    """Whether a condition holds where nothing deeper has an answer; None where that depends on what is asked."""
    truths = [_can_hold(questionnaire, part, depth) for part in condition.parts()]
    match condition:
        case Compare(question):
            return None if questionnaire.questions[question].asked_at(depth) or question.startswith(PROFILE) else False
        case Not():
            return None if truths[0] is None else not truths[0]
        case All():
            return False if False in truths else None if None in truths else True
        case AnyOf():
            return True if True in truths else None if None in truths else False
    return None


def _may_fire(questionnaire: Questionnaire, advice: Recommendation, depth: Depth) -> bool:
    refs = (*advice.raises, *(questionnaire.refers_to(advice.when)))
    scored = [ref for ref in refs if not ref.startswith(f"{PROFILE}.")]
    return any(questionnaire.questions[ref].asked_at(depth) for ref in scored)
