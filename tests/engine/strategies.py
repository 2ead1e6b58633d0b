"""Questionnaires and answers to them for property tests: generated ones that `check` accepts, and the shipped one."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from assessment.engine.answers import Answer, Answers
from assessment.engine.assess import assess
from assessment.engine.conditions import Condition
from assessment.engine.findings import Judge
from assessment.engine.flow import Standing, walk
from assessment.engine.loading import load
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, PROFILE, Depth, Kind, Question
from assessment.engine.result import Outcome
from assessment.engine.scoring import Scored, score
from tests.engine import naive
from tests.engine.sound import USUAL, Dice, Size, sound

SHIPPED = Path("questions/it-health")

EXAMPLES = settings().max_examples * 20 // 3
"""How many cases a promise of the engine is tried on: 2,000 usually, ten times that by the thorough profile."""

SMALL = Size(banks=2, questions=2)
"""Small enough to try every way its open answers could turn out."""

LARGE = Size(banks=5, questions=4)
"""Large enough for a plan of more than ten actions."""

SEEDS = st.integers(0, 2**48)


NOTHING = object()
"""What a promise returns of a case that does not try it."""

Promise = Callable[["Case"], object]
"""What must hold of every case; the name is the sentence."""


@dataclass(frozen=True)
class Case:
    """A questionnaire, answers to it, the depth they were given at, and the seed of what a test chooses further."""

    questionnaire: Questionnaire
    answers: Answers
    depth: Depth
    seed: int = 0

    def __repr__(self) -> str:
        answers = {question: self.answers[question] for question in sorted(self.answers)}
        by = "shipped" if self.questionnaire is shipped() else self.questionnaire.canonical_json
        return f"Case({self.depth}, {answers!r}, seed {self.seed}, {by})"

    @property
    def dice(self) -> Dice:
        return Dice(self.seed)

    def but(self, **change: Any) -> "Case":
        """The same with something else."""
        return replace(self, **change)

    def given(self, answers: Answers) -> "Case":
        """The same with more answers, or other ones."""
        return self.but(answers={**self.answers, **answers})

    @cached_property
    def scored(self) -> Scored:
        return score(self.questionnaire, self.answers, self.depth)

    @cached_property
    def outcome(self) -> Outcome:
        return assess(self.questionnaire, self.answers, self.depth)

    @cached_property
    def told(self) -> str:
        """The outcome, byte for byte."""
        return self.outcome.to_json()

    @cached_property
    def standings(self) -> dict[str, Standing]:
        return dict(self.scored.route.standings)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Each fact about the firm, what is not known as it is assumed."""
        return naive.facts_of(self.questionnaire, self.answers)

    @cached_property
    def counted(self) -> dict[str, str]:
        """Per scored question that counts its option, or "not-sure"."""
        return naive.counting(self.questionnaire, self.facts, self.answers, self.depth)

    @cached_property
    def idle(self) -> list[str]:
        """Answered questions that are hidden or settled at every depth from this one on, or deeper: never looked at."""
        full = walk(self.questionnaire, self.answers, Depth.FULL)
        if full.assumed:
            return []
        here, out = self.standings, ("settled", "deeper")
        found = [q for q in self.answers if q in here and (here[q].hidden or here[q].state in out)]
        return [q for q in found if full.standings[q].hidden or full.standings[q].state == "settled"]

    @cached_property
    def shuffled(self) -> Answers:
        """The same answers in another order."""
        order = list(self.answers)
        self.dice.shuffle(order)
        return {question: self.answers[question] for question in order}

    @cached_property
    def retold(self) -> "Case":
        """The same answers in another order, and without those that are never looked at."""
        return self.but(answers={q: a for q, a in self.shuffled.items() if q not in self.idle})

    @cached_property
    def _oracle(self) -> naive.Truths | Judge:
        """What decides conditions: of the shipped questionnaire, which is too large for brute force, the engine."""
        if self.questionnaire is shipped():
            return self.scored.judged
        return naive.Truths(self.questionnaire, self.facts, self.answers, self.depth)

    def truth(self, condition: Condition) -> bool | None:
        return self._oracle.truth(condition)

    @cached_property
    def truths(self) -> dict[str, bool | None]:
        """Per rule: confirmed, possible (None), or neither."""
        return dict(self._oracle.truths)

    @cached_property
    def exact(self) -> dict[str, Fraction]:
        """The scores: of each bank that has one, and under "" the overall score."""
        banks = {bank.id: bank.score_exact for bank in self.scored.banks}
        return banks | ({"": self.scored.overall.score_exact} if self.scored.overall else {})

    @cached_property
    def ends(self) -> dict[str, tuple[Fraction, Fraction]]:
        """The ranges, as the scores."""
        banks = {bank.id: (bank.low_exact, bank.high_exact) for bank in self.scored.banks}
        overall = self.scored.overall
        return banks | ({"": (overall.low_exact, overall.high_exact)} if overall else {})


def weighed_otherwise(questionnaire: Questionnaire, dice: Dice) -> Questionnaire:
    """The same questions, with other weights."""
    data = json.loads(questionnaire.canonical_json)
    for bank in data["banks"]:
        bank["weight"] = dice.randint(1, 10) if bank.get("weight") else 0
        for question in bank["questions"]:
            question["weight"] = dice.randint(1, 10)
    return Questionnaire.model_validate(data)


def answers_to(question: Question) -> list[Answer]:
    """Every answer a question accepts; of texts and of numbers without limits, some."""
    found: list[Answer] = [NOT_SURE] if question.offers_not_sure else []
    found += [DOES_NOT_APPLY] if question.does_not_apply else []
    if question.bank == PROFILE or question.kind is Kind.MULTIPLE:
        return found + naive.possible_answers(question)
    return found + {Kind.TEXT: ["In words"], Kind.NUMBER: [0, 12]}.get(question.kind, [*question.ladder])


def generated(seed: int, size: Size = USUAL) -> Case:
    """A questionnaire of its own for every seed, with some of its questions answered."""
    dice = Dice(seed)
    questionnaire = sound(seed, LARGE if size is USUAL and dice.chance(0.06) else size)
    missing = dice.choice([0.0, 0.1, 0.1, 0.4])
    answers = {q.id: dice.choice(answers_to(q)) for q in questionnaire.every_question() if not dice.chance(missing)}
    return Case(questionnaire, answers, dice.choice([Depth.FULL, Depth.FULL, Depth.STANDARD, Depth.QUICK]), seed)


@cache
def shipped() -> Questionnaire:
    return load(SHIPPED).or_refuse()


def shipped_case(seed: int, depth: Depth | None = None) -> Case:
    """Random answers to the shipped questionnaire, good ones to bad ones."""
    random = Random(seed)
    leaning, unknown = random.choice([0.5, 1.0, 2.0, 4.0]), random.choice([0.0, 0.05, 0.2])
    return Case(shipped(), dict(_lean(random, leaning, unknown)), depth or random.choice(list(Depth)), seed)


def _lean(random: Random, leaning: float, unknown: float) -> Iterator[tuple[str, Answer]]:
    facts_unknown = iter([random.random() < unknown for _ in range(3)])
    for question in shipped().questions.values():
        if question.bank == PROFILE:
            if not next(facts_unknown, False):
                yield question.id, random.choice(naive.possible_answers(question))
        elif question.kind is Kind.MULTIPLE:
            yield question.id, Dice(leaning).choice(naive.possible_answers(question))
        elif random.random() >= unknown and question.scored:
            level = int(len(question.ladder) * random.random() ** leaning)
            yield question.id, question.ladder[level]
        elif question.scored and random.random() < 0.8:
            open_ways = [a for a in answers_to(question) if a in (NOT_SURE, DOES_NOT_APPLY)]
            yield question.id, random.choice(open_ways or [question.ladder[0]])


questionnaires = st.builds(sound, SEEDS)
small_questionnaires = st.builds(sound, SEEDS, st.just(SMALL))
any_cases = st.one_of(st.builds(generated, SEEDS), st.builds(shipped_case, SEEDS))
