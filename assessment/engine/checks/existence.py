"""Ids and references of a questionnaire: what must exist before anything else is worth checking.

One generator per code; conditions and sums may rely on everything here once it passes.
"""

from collections import Counter
from collections.abc import Iterator

from assessment.engine.advice import Severity
from assessment.engine.checks.subject import Subject, Wrong
from assessment.engine.conditions import Finding
from assessment.engine.ledger import ANY_CRITICAL
from assessment.engine.measures import FirstMatch, Levels, Measure
from assessment.engine.questions import PROFILE, RESERVED, Kind
from assessment.engine.references import Kind as Refers
from assessment.engine.references import place_of, published, references


def duplicate_id(it: Subject) -> Wrong:
    """An id stands for one thing only, among things of its kind."""
    questionnaire = it.questionnaire
    named = [place_of(question.id) for question in questionnaire.every_question()]
    named += [f"rules:{rule.id}" for rule in questionnaire.every_rule()]
    named += [f"recommendations:{advice.id}" for advice in questionnaire.every_recommendation()]
    named += [f"banks:{bank.id}" for bank in questionnaire.banks]
    named += [f"bands:{band.id}" for band in questionnaire.bands]
    named += [f"facts:{fact.id}" for fact in questionnaire.facts]
    named += [f"figures:{figure.id}" for figure in questionnaire.figures]
    named += [name for measure in questionnaire.measures for name in _named_by(measure)]
    for name, n in Counter(named).items():
        if n > 1:
            yield name, f"“{name.partition(':')[2]}” stands here {n} times"
    for question in questionnaire.every_question():
        for option, n in Counter(question.ladder).items():
            if n > 1:
                yield place_of(question.id), f"option “{option}” stands here {n} times"


def _named_by(measure: Measure) -> Iterator[str]:
    """A measure, and its levels or words."""
    yield f"measures:{measure.id}"
    parts = measure.levels if isinstance(measure, Levels) else ()
    for part in measure.words if isinstance(measure, FirstMatch) else parts:
        yield f"measures:{measure.id}.{part.id}"


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


def reserved_id(it: Subject) -> Wrong:
    """Some ids have a meaning of their own: not-sure and does-not-apply, the bank profile, the rule any-critical."""
    for question in it.questionnaire.every_question():
        for option in question.ladder:
            if option in RESERVED:
                yield place_of(question.id), f"no option may be called “{option}”"
    if PROFILE in it.questionnaire.bank_by_id:
        yield f"banks:{PROFILE}", f"no bank may be called “{PROFILE}”"
    if ANY_CRITICAL in it.questionnaire.all_rules:
        yield f"rules:{ANY_CRITICAL}", f"no rule may be called “{ANY_CRITICAL}”"


def retired_id(it: Subject) -> Wrong:
    """What is listed under `retired` is used by nothing: an id that comes back would mean two things."""
    for name, place in published(it.questionnaire):
        if name in it.questionnaire.retired:
            yield place, f"“{name}” is retired, and here it is in use"


def no_options(it: Subject) -> Wrong:
    """A question with options has at least two; a number or a text has none."""
    for question in it.questionnaire.every_question():
        chosen = question.kind in (Kind.SINGLE, Kind.MULTIPLE)
        if chosen and len(question.options) < 2:
            yield place_of(question.id), f"a {question.kind} question needs options to choose from"
        elif question.options and not chosen:
            yield place_of(question.id), f"a {question.kind} question has no options"


def unknown_question(it: Subject) -> Wrong:
    """Every question referred to exists."""
    yield from it.missing(Refers.QUESTION, it.questionnaire.questions)


def unknown_option(it: Subject) -> Wrong:
    """Every option referred to is one of its question; a number is compared with whole numbers."""
    for reference in references(it.questionnaire):
        question = it.questionnaire.questions.get(reference.question)
        if reference.kind is not Refers.OPTION or question is None or reference.to in question.ladder:
            continue
        if question.kind is not Kind.NUMBER or not reference.to.removeprefix("-").isdigit():
            yield reference.at, f"“{question.id}” has no option “{reference.to}”"


def unknown_bank(it: Subject) -> Wrong:
    """Every bank a cap names exists."""
    yield from it.missing(Refers.BANK, it.questionnaire.bank_by_id)


def unknown_band(it: Subject) -> Wrong:
    """Every band a cap names exists."""
    yield from it.missing(Refers.BAND, {band.id for band in it.questionnaire.bands})


def unknown_rule(it: Subject) -> Wrong:
    """Every rule a condition asks about exists; one across banks may ask only about rules before it.

    `any-critical` stands for all the critical ones, so no critical rule may ask about it or come after one that does.
    """
    yield from it.missing(Refers.RULE, {*it.questionnaire.all_rules, ANY_CRITICAL})
    before = {rule.id for bank in it.questionnaire.banks for rule in bank.rules}
    asked = False
    for rule in it.questionnaire.rules:
        names = {node.rule for node in rule.when.walk() if isinstance(node, Finding)}
        asked = asked or ANY_CRITICAL in names
        for name in sorted(names - before - {ANY_CRITICAL}):
            yield f"rules:{rule.id}", f"rule “{name}” does not stand before this one"
        if asked and rule.severity is Severity.CRITICAL:
            yield f"rules:{rule.id}", "a critical rule cannot follow a condition on any-critical, or hold one"
        before.add(rule.id)


def unknown_recommendation(it: Subject) -> Wrong:
    """Every recommendation referred to exists: by rules, as a prerequisite, as replaced."""
    yield from it.missing(Refers.RECOMMENDATION, it.questionnaire.recommendations)


def unknown_fact(it: Subject) -> Wrong:
    """Every named fact referred to exists; a fact may refer only to facts before it."""
    yield from it.missing(Refers.FACT, it.questionnaire.fact_conditions)
    before: set[str] = set()
    for fact in it.questionnaire.facts:
        for name in sorted(set(fact.when.facts) - before):
            yield f"facts:{fact.id}", f"fact “{name}” does not stand before this one"
        before.add(fact.id)


def unknown_source(it: Subject) -> Wrong:
    """Every source named stands in sources.yaml."""
    yield from it.missing(Refers.SOURCE, it.questionnaire.figure_by_id)


EXIST = (
    duplicate_id,
    duplicate_code,
    reserved_id,
    retired_id,
    no_options,
    unknown_question,
    unknown_option,
    unknown_bank,
    unknown_band,
    unknown_rule,
    unknown_recommendation,
    unknown_fact,
    unknown_source,
)
"""In the order they run."""
