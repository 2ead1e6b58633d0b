"""Words an owner understands: no text asks too much of its reader, and no term stands where a plain word does.

One generator per code. Whatever an owner may read is looked at; codes, and why a question weighs what it weighs, are
for staff. A questionnaire in English is held to what stands here, and may set its own under `plain`.
"""

import re
from collections.abc import Iterator

from assessment.engine.advice import Recommendation, Rule
from assessment.engine.checks.subject import Subject, Wrong
from assessment.engine.measures import FirstMatch, Levels, Measure
from assessment.engine.questionnaire import Plain
from assessment.engine.questions import Question
from assessment.engine.reading_age import count, sentences
from assessment.engine.references import place_of

ENOUGH = 30
"""Words it takes to tell a reading age: in a shorter text one long name decides it."""

PLAIN = Plain(
    reading_age=13,
    forbidden={
        "2FA": "a second step at sign-in",
        "actionable": "useful",
        "attack surface": "ways in",
        "BYOD": "people’s own devices",
        "catastrophic": "what it would mean",
        "credentials": "name and password",
        "cutting-edge": "what it does",
        "deploy": "put in place",
        "devastating": "what it would mean",
        "EDR": "protection somebody watches",
        "endpoint": "computer or phone",
        "end user": "person",
        "holistic": "whole",
        "leverage": "use",
        "malware": "harmful program",
        "MDM": "a way to manage phones",
        "MFA": "a second step at sign-in",
        "mitigate": "lower or prevent",
        "multi-factor": "a second step",
        "patch": "update",
        "phishing": "fake messages",
        "proactive": "before it fails",
        "remediate": "mend",
        "RMM": "remote care",
        "robust": "strong",
        "RPO": "how much work may be lost",
        "RTO": "how long you can be down",
        "SaaS": "online program",
        "SIEM": "somebody who reads the logs",
        "SLA": "promised time",
        "SSO": "one sign-in for everything",
        "stakeholder": "who it is",
        "threat actor": "attacker",
        "utilise": "use",
        "vulnerability": "hole or weakness",
    },
)
"""What English texts for the owner of a small firm are held to: 9 to 12 is the aim, and 13 leaves room for a name."""


def plain(it: Subject) -> Plain:
    """What a questionnaire is held to: its own choice, and ours for what it leaves open in English."""
    own = it.questionnaire.plain or Plain()
    if not it.questionnaire.language.startswith("en"):
        return Plain(forbidden=own.forbidden)
    return PLAIN.model_copy(update=own.model_dump(exclude_none=True))


def reading_age(it: Subject) -> Wrong:
    """A question, a finding or an action is read with ease at the age of 13: shorter sentences, shorter words.

    Each is measured as a whole, since a sentence alone says little, and what has fewer than 30 words is not. Another
    age is set under `plain` in questionnaire.yaml. The formula is for English, so other languages are not measured.
    """
    bar = plain(it).reading_age
    if bar is None:
        return
    for place, texts in _texts(it):
        counts = count(texts)
        if counts.words >= ENOUGH and counts.age > bar:
            longest = max(sentences(texts), key=lambda sentence: len(sentence.split()))
            length, begins = len(longest.split()), " ".join(longest.split()[:4])
            age = f"to read this with ease takes an age of {counts.age:.1f}, over {bar}"
            yield place, f"{age}; its longest sentence, “{begins} …”, has {length} words"


def forbidden_term(it: Subject) -> Wrong:
    """A term of the trade, or one that frightens or boasts, stands in no text for an owner: say the plain word.

    Our list is for English; `plain` in questionnaire.yaml replaces it, each term with what to say instead.
    """
    instead = {term.lower(): plainer for term, plainer in (plain(it).forbidden or {}).items()}
    if not instead:
        return
    terms = re.compile(rf"\b({'|'.join(map(re.escape, instead))})(?:s|es|ed|d|ing)?\b", re.IGNORECASE)
    for place, texts in _texts(it):
        found = {match[0]: match[1].lower() for text in texts for match in terms.finditer(text)}
        for said, term in found.items():
            yield place, f"“{said}” is a word to avoid: say “{instead[term]}”"


def _texts(it: Subject) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What an owner reads together, and where it stands."""
    questionnaire = it.questionnaire
    yield from ((place_of(question.id), tuple(_of_question(question))) for question in questionnaire.every_question())
    yield from ((f"rules:{rule.id}", tuple(_of_rule(rule))) for rule in questionnaire.every_rule())
    for advice in questionnaire.every_recommendation():
        yield f"recommendations:{advice.id}", tuple(_of_advice(advice))
    yield from ((f"measures:{measure.id}", tuple(_of_measure(measure))) for measure in questionnaire.measures)
    yield "bands", tuple(band.verdict for band in questionnaire.bands)
    for bank in questionnaire.banks:
        yield f"banks:{bank.id}", (bank.title, bank.about)
    if questionnaire.signs:
        yield from (("signs", (reading.title, reading.says)) for reading in questionnaire.signs.readings)
    if questionnaire.guidance:
        yield from (("guidance", texts) for texts in questionnaire.guidance.texts())


def _of_question(question: Question) -> Iterator[str]:
    yield question.ask
    if question.help:
        yield question.help
    yield from (option.says for option in question.options)
    if question.does_not_apply is not None:
        yield question.does_not_apply.says


def _of_rule(rule: Rule) -> Iterator[str]:
    yield from (text for text in (rule.finding, rule.because, rule.contradiction) if text)
    if rule.story is not None:
        yield from (rule.story.title, rule.story.says)


def _of_advice(advice: Recommendation) -> Iterator[str]:
    yield from (advice.do, *advice.steps, advice.why)
    yield from (text for text in (advice.without_provider, advice.opens) if text)


def _of_measure(measure: Measure) -> Iterator[str]:
    yield from (measure.title, measure.says)
    if isinstance(measure, Levels):
        yield from (level.says for level in measure.levels if level.says)
    if isinstance(measure, FirstMatch):
        yield from (word.says for word in measure.words)
