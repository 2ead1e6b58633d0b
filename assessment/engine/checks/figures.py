"""Figures that somebody measured: each has a source, and somebody on our side has read it."""

import re
from collections.abc import Iterator

from assessment.engine.checks.subject import Subject, Wrong
from assessment.engine.references import place_of

MEASURED = re.compile(
    r"\d[\d.,]*\s?%|\bper ?cent\b|\b\d+ (?:out )?of \d+|[£$€]\s?\d|\b\d[\d.,]* (?:million|billion)"
    r"|\b(?:half|twice|(?:\d+|two|three|four|five|ten) times) as (?:likely|often|many)",
    re.IGNORECASE,
)


def unread_figure(it: Subject) -> Wrong:
    """A figure is printed only where somebody has read the source: its status is `read`."""
    for place, source, _ in _cited(it):
        if source and (figure := it.questionnaire.figure_by_id[source]).status != "read":
            yield place, f"“{source}” has status {figure.status}"


def figure_without_source(it: Subject) -> Wrong:
    """A figure that somebody measured stands beside its source, in a rule or in `why_weight`, and nowhere else."""
    said = [(place, text) for place, source, text in _cited(it) if not source]
    for question in it.questionnaire.every_question():
        said += [(place_of(question.id), text) for text in (question.ask, question.help or "")]
    for advice in it.questionnaire.every_recommendation():
        said += [(f"recommendations:{advice.id}", text) for text in (advice.do, *advice.steps, advice.why)]
    for place, text in said:
        if found := MEASURED.search(text):
            yield place, f"“{found[0]}” has no source here"


def _cited(it: Subject) -> Iterator[tuple[str, str | None, str]]:
    """The texts that may name a source."""
    for rule in it.questionnaire.every_rule():
        yield f"rules:{rule.id}", rule.source, " ".join(text for text in (rule.finding, rule.because) if text)
    for question in it.questionnaire.every_question():
        if question.why_weight is not None:
            yield place_of(question.id), question.why_weight.source, question.why_weight.says
    for measure in it.questionnaire.measures:
        yield f"measures:{measure.id}", measure.source, measure.says
