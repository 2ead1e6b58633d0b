"""What is proved of a sound questionnaire by reasoning: that nothing in it is dead, and no cap or advice is idle.

One generator per code. Each proof is a set of answers that must be possible, or must not be.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from assessment.engine.advice import Recommendation, Rule
from assessment.engine.checks.subject import Subject, Wrong
from assessment.engine.conditions import All, Not
from assessment.engine.cubes import ABSENT, EVERYTHING, Cube, Cubes, Space, TooTangled, either, together
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import PROFILE
from assessment.engine.references import place_of


@dataclass(frozen=True)
class Proof:
    """What was asked of one thing: a firm that shows it, None where there is none; or that it could not be decided."""

    place: str
    firm: Cube | None
    tangled: bool = False


@lru_cache(maxsize=4)
def space_of(questionnaire: Questionnaire) -> Space:
    """The space of a questionnaire, which keeps what it has worked out."""
    return Space(questionnaire)


def shown(space: Space, place: str, asked: Callable[[], Cubes]) -> Proof:
    """The first firm that fits the cubes asked for."""
    try:
        return Proof(place, next(space.firms(asked()), None))
    except TooTangled:
        return Proof(place, None, tangled=True)


@lru_cache(maxsize=4)
def questions(questionnaire: Questionnaire) -> tuple[Proof, ...]:
    """For each question of a bank a firm that is asked it."""
    space = space_of(questionnaire)
    every = (question for bank in questionnaire.banks for question in bank.questions)
    return tuple(shown(space, place_of(one.id), partial(space.asked, one)) for one in every)


@lru_cache(maxsize=4)
def rules(questionnaire: Questionnaire) -> tuple[Proof, ...]:
    """For each rule a firm for which it holds."""
    space, every = space_of(questionnaire), questionnaire.every_rule()
    return tuple(shown(space, f"rules:{rule.id}", partial(space.cubes, rule.when)) for rule in every)


@lru_cache(maxsize=4)
def recommendations(questionnaire: Questionnaire) -> tuple[Proof, ...]:
    """For each recommendation a firm it is given to."""
    space, every = space_of(questionnaire), questionnaire.every_recommendation()
    return tuple(shown(space, f"recommendations:{one.id}", partial(fires, space, one)) for one in every)


def fires(space: Space, advice: Recommendation) -> Cubes:
    """The complete answers for which a recommendation is given, as `firing.py` decides it. Raises TooTangled."""
    when = space.cubes(advice.when) if advice.when is not None else EVERYTHING
    named = either([space.cubes(rule.when) for rule in space.naming.get(advice.id, ())])
    if not advice.raises:
        return when if advice.when is not None else named
    ladders = space.questionnaire.ladders
    worse = [{q: frozenset(ladders[q][: ladders[q].index(to)])} for q, to in advice.raises.items()]
    known = [{q: frozenset(ladders[q])} for q in advice.raises]
    return together([when, either([worse, together([named, known])])])


def unreachable_question(it: Subject) -> Wrong:
    """Some firm is asked every question: it applies to somebody, and an earlier answer does not always settle it."""
    for proof in questions(it.questionnaire):
        if proof.firm is None and not proof.tangled:
            yield proof.place, "no firm is ever asked this"


def dead_rule(it: Subject) -> Wrong:
    """Every rule holds for some firm."""
    for proof in rules(it.questionnaire):
        if proof.firm is None and not proof.tangled:
            yield proof.place, "there are no answers for which this holds"


def dead_recommendation(it: Subject) -> Wrong:
    """Every recommendation is given to some firm."""
    for proof in recommendations(it.questionnaire):
        if proof.firm is None and not proof.tangled:
            yield proof.place, "there are no answers for which this is given"


def idle_cap(it: Subject) -> Wrong:
    """Every cap is the lowest for some firm: where another always lies lower, it changes nothing."""
    for rule, what, proof in caps(it.questionnaire):
        if proof.firm is None and not proof.tangled:
            yield f"rules:{rule.id}", f"wherever it holds, a lower cap on {what} holds too"


@lru_cache(maxsize=4)
def caps(questionnaire: Questionnaire) -> tuple[tuple[Rule, str, Proof], ...]:
    """For each cap of a rule a firm for which no lower one holds."""
    space, on = space_of(questionnaire), defaultdict[str, list[tuple[int, Rule]]](list)
    for rule in questionnaire.every_rule():
        for what, cap in _caps(rule):
            on[what].append((cap, rule))
    found = []
    for what, capping in on.items():
        for cap, rule in capping:
            binding = All((rule.when, *(Not(other.when) for at, other in capping if at < cap)))
            found.append((rule, what, shown(space, f"rules:{rule.id}", partial(space.cubes, binding))))
    return tuple(found)


def _caps(rule: Rule) -> Iterator[tuple[str, int]]:
    yield from ((f"“{bank}”", cap) for bank, cap in rule.caps.banks.items())
    if rule.caps.overall is not None:
        yield "the overall score", rule.caps.overall


def target_not_better(it: Subject) -> Wrong:
    """Whatever a recommendation raises can be worse than its target where the recommendation is given."""
    space, ladders = space_of(it.questionnaire), it.questionnaire.ladders
    proofs = (*questions(it.questionnaire), *recommendations(it.questionnaire))
    alive = {proof.place for proof in proofs if proof.firm is not None}
    for advice in it.questionnaire.every_recommendation():
        place = f"recommendations:{advice.id}"
        for name, target in advice.raises.items() if place in alive else ():
            worse: Cubes = ({name: frozenset(ladders[name][: ladders[name].index(target)])},)
            proof = shown(space, place, partial(_both, space, advice, worse))
            if proof.firm is None and not proof.tangled and place_of(name) in alive:
                yield place, f"whoever gets it has “{target}” or better for “{name}” already"


def advice_for_the_best(it: Subject) -> Wrong:
    """Where all that a recommendation raises is at its target, or all its `when` asks at its best, it is not given.

    One that is all the same says why in `although_best`.
    """
    space = space_of(it.questionnaire)
    for advice in it.questionnaire.every_recommendation():
        firm = None if advice.although_best else given_to_the_best(space, advice)
        if firm is not None:
            yield f"recommendations:{advice.id}", f"it is given where nothing can be better: {space.words(firm)}"


def given_to_the_best(space: Space, advice: Recommendation) -> Cube | None:
    """A firm that is given a recommendation though nothing it is about can be better; None where it takes too long."""
    ladders = space.questionnaire.ladders
    asked = advice.raises or {name: ladders[name][-1] for name in _asked(space.questionnaire, advice)}
    best = {name: frozenset([*ladders[name][ladders[name].index(to) :], ABSENT]) for name, to in asked.items()}
    return shown(space, "", partial(_both, space, advice, (best,))).firm if asked else None


def _both(space: Space, advice: Recommendation, among: Cubes) -> Cubes:
    return together([fires(space, advice), among])


def _asked(questionnaire: Questionnaire, advice: Recommendation) -> tuple[str, ...]:
    compared = questionnaire.refers_to(advice.when)
    return tuple(name for name in compared if not name.startswith(f"{PROFILE}."))


def too_tangled(it: Subject) -> Wrong:
    """Every proof ends within 10,000 cubes: what is more tangled than that is for nobody to read either."""
    proofs = [*questions(it.questionnaire), *rules(it.questionnaire), *recommendations(it.questionnaire)]
    proofs += [proof for _, _, proof in caps(it.questionnaire)]
    for place in dict.fromkeys(proof.place for proof in proofs if proof.tangled):
        yield place, "whether this can ever happen takes too many cases to decide"


USEFUL = (
    too_tangled,
    unreachable_question,
    dead_rule,
    dead_recommendation,
    idle_cap,
    target_not_better,
    advice_for_the_best,
)
