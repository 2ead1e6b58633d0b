"""What a sound questionnaire must satisfy: one generator per code, and its docstring is that code's documentation.

The code of a check is its name with hyphens. A check yields the part that is wrong, as `Loaded.places` names it, and a
message; the first line of its docstring is printed as the hint. Ids and references (`existence.py`) come first, and
what tries out firms comes last: a later stage relies on the ones before it, and is run once they find nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import prod

from assessment.engine.advice import Recommendation, Rule
from assessment.engine.answers import BadAnswer, parse_answer
from assessment.engine.conditions import Compare, Condition, Finding, Not, NotSureShare, World, admitted
from assessment.engine.existence import EXIST
from assessment.engine.loading import Loaded
from assessment.engine.problems import NOWHERE, Problem
from assessment.engine.proofs import PROVED
from assessment.engine.questions import PROFILE, Depth, Kind
from assessment.engine.ranges import MOST_FIRMS, classes
from assessment.engine.references import Role, Subject, Wrong, place_of
from assessment.engine.scenarios import run_scenarios as run_scenarios

Check = Callable[[Subject], Wrong]


def check(loaded: Loaded) -> tuple[Problem, ...]:
    """Everything wrong with a questionnaire, in the order of the files."""
    if loaded.questionnaire is None:
        return loaded.problems
    subject = Subject(loaded.questionnaire)
    found = next((problems for stage in STAGES if (problems := [*_run(stage, subject, loaded)])), [])
    return tuple(sorted(dict.fromkeys(found), key=lambda problem: (problem.source, problem.code, problem.message)))


def prove(loaded: Loaded) -> tuple[Problem, ...]:
    """What reasoning finds wrong with a questionnaire that `check` finds nothing wrong with."""
    subject = Subject(loaded.or_refuse())
    return tuple(sorted(_run(PROVED, subject, loaded), key=lambda problem: (problem.source, problem.code)))


def _run(checks: Sequence[Check], subject: Subject, loaded: Loaded) -> Iterator[Problem]:
    for one in checks:
        hint = (one.__doc__ or "").partition("\n")[0]
        for place, message in one(subject):
            yield Problem(code_of(one), message, hint, loaded.places.get(place, loaded.places.get("", NOWHERE)))


def code_of(one: Check) -> str:
    """The code of a check: its name with hyphens."""
    return one.__name__.replace("_", "-")


def duplicate_code(it: Subject) -> Wrong:
    """A code stands for one thing only, among questions, rules and recommendations."""
    named = [(place_of(q.id), q.code) for q in it.questionnaire.every_question() if q.code]
    named += [(f"rules:{rule.id}", rule.code) for rule in it.questionnaire.every_rule()]
    named += [(f"recommendations:{advice.id}", advice.code) for advice in it.questionnaire.every_recommendation()]
    seen: set[str] = set()
    for place, code in named:
        if code in seen:
            yield place, f"the code “{code}” is used a second time"
        seen.add(code)


def unfit_comparison(it: Subject) -> Wrong:
    """A comparison fits its question: facts and scored questions by option or number, several choices by `includes`."""
    for placed in it.conditions:
        for compare in placed.condition.comparisons:
            question = it.question(compare)
            if question.kind is Kind.TEXT or not (question.scored or question.bank == PROFILE):
                yield placed.at, f"“{question.id}” is never compared: it is neither scored nor a fact about the firm"
            elif (compare.test == "includes") is not (question.kind is Kind.MULTIPLE):
                yield placed.at, f"“{compare.test}” does not fit “{question.id}”, a {question.kind} question"


def idle_comparison(it: Subject) -> Wrong:
    """A comparison tells answers apart: one that every option passes says nothing."""
    for placed in it.conditions:
        for compare in placed.condition.comparisons:
            ladder = it.question(compare).ladder
            if ladder and admitted(compare.test, compare.values, ladder) >= set(ladder):
                yield placed.at, f"every option of “{compare.question}” passes this comparison"


def when_beyond_profile(it: Subject) -> Wrong:
    """What is asked, and where “does not apply” is offered, depends on facts about the firm only.

    If an answer hid a question, a better answer could uncover a bad one and lower the score. Named facts are held to
    the same, because conditions use them here. A question that an earlier answer decides is `settled` instead.
    """
    for placed in it.conditions:
        if placed.role in (Role.ASKED, Role.OFFERED, Role.FACT):
            for question in placed.condition.questions:
                if not question.startswith(f"{PROFILE}."):
                    yield placed.at, f"“{question}” is no fact about the firm, and decides {placed.role}"


def settled_by(it: Subject) -> Wrong:
    """A question is settled by low answers to scored questions that stand before it, and by nothing else."""
    order = [question.id for question in it.scored]
    for question in it.questionnaire.every_question():
        if question.settled is None:
            continue
        place = place_of(question.id)
        earlier = order[: order.index(question.id)] if question.scored else []
        for other in (*question.settled.when.facts, *question.settled.when.questions):
            if other not in earlier:
                yield place, f"“{other}” is no scored question before this one"
        for reason in _not_downward(question.settled.when, it):
            yield place, reason


def settles_to(it: Subject) -> Wrong:
    """A question is settled to its worst option."""
    for question in it.questionnaire.every_question():
        if question.settled is not None and question.settled.as_ != question.ladder[0]:
            yield place_of(question.id), f"it settles to “{question.settled.as_}”; the worst is “{question.ladder[0]}”"


def cap_not_downward(it: Subject) -> Wrong:
    """A condition with a cap on a score is downward closed: if it holds, it holds for every worse answer too.

    Over scored answers it uses at_most, or `is`/`in` the options at the bottom of the ladder, joined by all and any:
    no `not`, no `at_least`. Otherwise a better answer could be what brings the cap down. Facts may stand anywhere.
    """
    for rule in _capping(it):
        for reason in _not_downward(rule.when, it):
            yield f"rules:{rule.id}", reason


def _capping(it: Subject) -> Iterator[Rule]:
    return (rule for rule in it.questionnaire.every_rule() if rule.caps.banks or rule.caps.overall is not None)


def _not_downward(condition: Condition, it: Subject) -> Iterator[str]:
    for node in condition.walk():
        if isinstance(node, Finding | NotSureShare):
            yield "findings and “not sure” say nothing of single answers, so they cannot stand here"
        elif isinstance(node, Not) and any(it.question(compare).scored for compare in node.comparisons):
            yield "“not” over a scored answer lets a better answer make this true"
        elif isinstance(node, Compare) and it.question(node).scored:
            ladder, passing = it.question(node).ladder, admitted(node.test, node.values, it.question(node).ladder)
            if set(ladder[: len(passing)]) != passing:
                yield f"“{node.question}” passes on a better answer and fails on a worse one"


def cap_elsewhere(it: Subject) -> Wrong:
    """A cap on a bank depends on the answers in that bank: where all of them are best, it cannot hold.

    Otherwise a bank nobody answered would be capped unseen, and a first answer in it could widen the range.
    """
    facts = {fact: frozenset(values) for fact, values in classes(it.questionnaire, Depth.FULL).items()}
    for rule in _capping(it):
        for bank in rule.caps.banks:
            best = {q.id: frozenset(q.ladder[-1:] if q.bank == bank else q.ladder) for q in it.scored}
            world = World({**facts, **best}, it.questionnaire.ladders, it.questionnaire.fact_conditions, {})
            if rule.when.decide(world) is not False:
                yield f"rules:{rule.id}", f"the cap on “{bank}” can hold although every answer in that bank is the best"


def scale(it: Subject) -> Wrong:
    """The options of a scored question stand worst first: from 0 points to 100, never fewer than before."""
    for question in it.questionnaire.every_question():
        points = [option.points for option in question.options]
        given = [n for n in points if n is not None]
        if not question.scored:
            if given:
                yield place_of(question.id), "only a single question in a bank is scored, so no option has points here"
        elif len(given) < len(points):
            yield place_of(question.id), "an option has no points"
        elif given[0] != 0 or given[-1] != 100:
            yield place_of(question.id), f"the scale runs from {given[0]} to {given[-1]}, not from 0 to 100"
        elif any(less > more for less, more in pairwise(given)):
            yield place_of(question.id), f"the scale goes down somewhere: {', '.join(map(str, given))}"


def no_weight(it: Subject) -> Wrong:
    """The weight of a scored question is written down, 0 if it never counts; it is asked from its depth on."""
    for question in it.scored:
        if "weight" not in question.model_fields_set:
            yield place_of(question.id), "a scored question needs a weight from 0 to 10"
        if question.only:
            yield place_of(question.id), f"a scored question cannot be asked at “{question.only}” alone"


def assumed(it: Subject) -> Wrong:
    """A fact about the firm names what is assumed where nobody told us; it is chosen or a number, never a text."""
    for question in it.questionnaire.profile:
        if question.kind is Kind.TEXT:
            yield place_of(question.id), "a text is no fact that conditions can compare"
            continue
        try:
            parse_answer(question, question.assumed if question.kind is Kind.MULTIPLE else "".join(question.assumed))
        except BadAnswer:
            given = ", ".join(question.assumed)
            yield place_of(question.id), f"it assumes “{given}”, which is no answer" if given else "it assumes nothing"


def too_many_firms(it: Subject) -> Wrong:
    """The facts leave so few kinds of firm apart that a range can try them all: at most 4,096."""
    count = prod(len(values) for values in classes(it.questionnaire, Depth.FULL).values())
    if count > MOST_FIRMS:
        yield "profile", f"conditions tell {count:,} kinds of firm apart; at most {MOST_FIRMS:,} can be tried"


def idle_recommendation(it: Subject) -> Wrong:
    """A recommendation can apply: it raises an answer, has a `when`, or a rule recommends it."""
    named = {advice for rule in it.questionnaire.every_rule() for advice in rule.recommends}
    for advice in it.questionnaire.every_recommendation():
        if not advice.raises and advice.when is None and advice.id not in named:
            yield f"recommendations:{advice.id}", "it raises nothing, has no `when`, and no rule recommends it"


def raises(it: Subject) -> Wrong:
    """A recommendation raises scored answers, and to something better than the worst."""
    for advice in it.questionnaire.every_recommendation():
        for ref, option in advice.raises.items():
            question = it.questionnaire.questions[ref]
            if not question.scored:
                yield f"recommendations:{advice.id}", f"“{ref}” is not scored, so nothing can raise it"
            elif option == question.ladder[0]:
                yield f"recommendations:{advice.id}", f"“{option}” is the worst answer to “{ref}”"


def no_advice(it: Subject) -> Wrong:
    """Whoever loses points by an answer below good enough gets advice: a recommendation raises it, or looks at it."""
    for question in it.scored:
        if not (question.weight and it.questionnaire.bank_by_id[question.bank].weight):
            continue
        without = [
            option.id
            for level, option in enumerate(question.options)
            if (option.points or 0) < it.questionnaire.good_enough
            and not any(_advises(it, advice, question.id, level) for advice in it.questionnaire.every_recommendation())
        ]
        if without:
            yield place_of(question.id), f"no recommendation helps who answers {' or '.join(f'“{o}”' for o in without)}"


def _advises(it: Subject, advice: Recommendation, question: str, level: int) -> bool:
    ladder = it.questionnaire.ladders[question]
    if question in advice.raises:
        return ladder.index(advice.raises[question]) > level
    compared = advice.when.comparisons if advice.when is not None and not advice.raises else ()
    return any(ladder[level] in admitted(c.test, c.values, ladder) for c in compared if c.question == question)


def cycle(it: Subject) -> Wrong:
    """What must be done first never waits, in the end, for itself.

    An action waits for what it needs, for what replaces it, and for what raises the answer that settles its own.
    """
    every = tuple(it.questionnaire.every_recommendation())
    waits = {advice.id: [first.do for first in advice.needs.first] for advice in every}
    for advice in every:
        settled = [it.questionnaire.questions[question].settled for question in advice.raises]
        gates = {gate for one in settled if one for gate in one.when.questions} - set(advice.raises)
        waits[advice.id] += [other.id for other in every if gates & set(other.raises)]
        for replaced in advice.replaces:
            waits[replaced].append(advice.id)
    for waiting, ahead in waits.items():
        reached, following = set[str](), [*ahead]
        while following:
            if (one := following.pop()) not in reached:
                reached.add(one)
                following += waits[one]
        if waiting in reached:
            yield f"recommendations:{waiting}", "what must come before it must come after it as well"


def later_prerequisite(it: Subject) -> Wrong:
    """What must be done first is not planned for later than what needs it."""
    for advice in it.questionnaire.every_recommendation():
        for need in advice.needs.first:
            other = it.questionnaire.recommendations[need.do]
            if other.horizon.order > advice.horizon.order:
                wait = f"“{other.id}” is planned for “{other.horizon}”, this for “{advice.horizon}”"
                yield f"recommendations:{advice.id}", wait


def idle_rule(it: Subject) -> Wrong:
    """A rule has an effect: a cap, a finding, a contradiction or a story."""
    for rule in it.questionnaire.every_rule():
        if not (rule.caps or rule.finding or rule.contradiction or rule.story):
            yield f"rules:{rule.id}", "nothing follows where this rule holds"


def finding_out_of_place(it: Subject) -> Wrong:
    """Only rules across banks and recommendations look at findings or at the share of “not sure”: they come last."""
    for placed in it.conditions:
        about = any(isinstance(node, Finding | NotSureShare) for node in placed.condition.walk())
        if about and placed.role not in (Role.RULE, Role.ADVICE):
            yield placed.at, f"a condition on findings or on “not sure” cannot decide {placed.role}"


def bands(it: Subject) -> Wrong:
    """The first band begins at 0, and each later one at a higher score."""
    starts = [band.at_least for band in it.questionnaire.bands]
    if not starts or starts[0] != 0 or any(before >= after for before, after in pairwise(starts)):
        yield "bands", f"the bands begin at {', '.join(map(str, starts)) or 'nothing'}"


def signs(it: Subject) -> Wrong:
    """Every sign is a scored question with a name and a limit; some reading fits whatever shows."""
    asked = it.questionnaire.signs
    if asked is None:
        return
    for question in asked.questions:
        if question not in asked.names or question not in asked.at_most:
            yield "signs", f"“{question}” needs a name and the best answer that still shows the sign"
        if not it.questionnaire.questions[question].scored:
            yield "signs", f"“{question}” is not scored, so it shows no sign"
    if asked.quick and it.questionnaire.questions[asked.quick].kind is not Kind.MULTIPLE:
        yield "signs", f"“{asked.quick}” asks for all signs at once, so it is a multiple question"
    if not any(reading.when is None and reading.at_least <= 0 for reading in asked.readings):
        yield "signs", "no reading fits a firm that shows no sign"


def unread_figure(it: Subject) -> Wrong:
    """A figure is printed only where somebody has read the source: its status is `read`."""
    printed = [(f"rules:{rule.id}", rule.source) for rule in it.questionnaire.every_rule()]
    weighed = (question for question in it.questionnaire.every_question() if question.why_weight)
    printed += [(place_of(q.id), q.why_weight.source) for q in weighed if q.why_weight]
    for place, source in printed:
        if source and (figure := it.questionnaire.figure_by_id[source]).status != "read":
            yield place, f"“{source}” has status {figure.status}"


HOLD = (
    duplicate_code,
    unfit_comparison,
    idle_comparison,
    when_beyond_profile,
    settled_by,
    settles_to,
    cap_not_downward,
    scale,
    no_weight,
    assumed,
    idle_recommendation,
    raises,
    no_advice,
    cycle,
    later_prerequisite,
    idle_rule,
    finding_out_of_place,
    bands,
    signs,
    unread_figure,
)

STAGES: tuple[tuple[Check, ...], ...] = (EXIST, HOLD, (too_many_firms, cap_elsewhere))
