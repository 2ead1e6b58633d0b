"""What is proved of a sound questionnaire by reasoning: that nothing in it is dead, and no cap or advice is idle.

One generator per code, as in `checks.py`. Each proof is a set of answers that must be possible, or must not be.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from assessment.engine.advice import Recommendation, Rule
from assessment.engine.conditions import All, Not
from assessment.engine.cubes import ABSENT, EVERYTHING, Cube, Cubes, Space, TooTangled, either, together
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import PROFILE, Depth
from assessment.engine.references import Subject, Wrong, place_of


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


def _shown(space: Space, place: str, asked: Callable[[], Cubes]) -> Proof:
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
    return tuple(_shown(space, place_of(one.id), partial(space.asked, one)) for one in every)


@lru_cache(maxsize=4)
def rules(questionnaire: Questionnaire) -> tuple[Proof, ...]:
    """For each rule a firm for which it holds."""
    space, every = space_of(questionnaire), questionnaire.every_rule()
    return tuple(_shown(space, f"rules:{rule.id}", partial(space.cubes, rule.when)) for rule in every)


@lru_cache(maxsize=4)
def recommendations(questionnaire: Questionnaire) -> tuple[Proof, ...]:
    """For each recommendation a firm it is given to."""
    space, every = space_of(questionnaire), questionnaire.every_recommendation()
    return tuple(_shown(space, f"recommendations:{one.id}", partial(fires, space, one)) for one in every)


def fires(space: Space, advice: Recommendation) -> Cubes:
    """The complete answers for which a recommendation is given, as `firing.py` decides it. Raises TooTangled."""
    when = space.cubes(advice.when) if advice.when is not None else EVERYTHING
    naming = (rule for rule in space.questionnaire.every_rule() if advice.id in rule.recommends)
    named = either([space.cubes(rule.when) for rule in naming])
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
    space, every = space_of(questionnaire), tuple(questionnaire.every_rule())
    found = []
    for rule in every:
        for what, cap in _caps(rule):
            lower = [other for other in every for name, at in _caps(other) if name == what and at < cap]
            binding = All((rule.when, *(Not(other.when) for other in lower)))
            found.append((rule, what, _shown(space, f"rules:{rule.id}", partial(space.cubes, binding))))
    return tuple(found)


def _caps(rule: Rule) -> Iterator[tuple[str, int]]:
    yield from ((f"“{bank}”", cap) for bank, cap in rule.caps.banks.items())
    if rule.caps.overall is not None:
        yield "the overall score", rule.caps.overall


def cap_beyond_standard(it: Subject) -> Wrong:
    """Whatever can hold a score back is asked at the standard depth: a rule with a cap looks at nothing deeper."""
    for rule in it.questionnaire.every_rule():
        for ref in it.questionnaire.refers_to(rule.when) if any(_caps(rule)) else ():
            if not ref.startswith(f"{PROFILE}.") and not it.questionnaire.questions[ref].asked_at(Depth.STANDARD):
                yield f"rules:{rule.id}", f"it caps a score, and “{ref}” is asked at the full depth alone"


def advice_for_the_best(it: Subject) -> Wrong:
    """Where everything a recommendation raises, or its `when` asks, is at its best, it is not given.

    One that is all the same says why in `although_best`.
    """
    space = space_of(it.questionnaire)
    for advice in it.questionnaire.every_recommendation():
        asked = () if advice.although_best else tuple(advice.raises) or _asked(it, advice)
        best = {name: frozenset([it.questionnaire.ladders[name][-1], ABSENT]) for name in asked}
        try:
            firm = next(space.firms(together([fires(space, advice), (best,)])), None) if asked else None
        except TooTangled:
            continue
        if firm is not None:
            yield f"recommendations:{advice.id}", f"it is given where nothing can be better: {space.words(firm)}"


def _asked(it: Subject, advice: Recommendation) -> tuple[str, ...]:
    compared = it.questionnaire.refers_to(advice.when)
    return tuple(name for name in compared if not name.startswith(f"{PROFILE}."))


def too_tangled(it: Subject) -> Wrong:
    """Every proof ends within 10,000 cubes: what is more tangled than that is for nobody to read either."""
    proofs = [*questions(it.questionnaire), *rules(it.questionnaire), *recommendations(it.questionnaire)]
    proofs += [proof for _, _, proof in caps(it.questionnaire)]
    for place in dict.fromkeys(proof.place for proof in proofs if proof.tangled):
        yield place, "whether this can ever happen takes too many cases to decide"


PROVED = (
    too_tangled,
    unreachable_question,
    dead_rule,
    dead_recommendation,
    idle_cap,
    cap_beyond_standard,
    advice_for_the_best,
)
