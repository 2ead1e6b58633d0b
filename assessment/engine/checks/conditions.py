"""Conditions that tell answers apart, look at what they may, and are downward closed where that matters.

One generator per code; its docstring is that code's documentation.
"""

from collections.abc import Iterator

from assessment.engine.advice import Severity
from assessment.engine.checks.subject import Subject, Wrong
from assessment.engine.conditions import Compare, Condition, Finding, Not, NotSureShare, admitted
from assessment.engine.ledger import ANY_CRITICAL
from assessment.engine.questions import PROFILE, Kind
from assessment.engine.references import Role


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


def finding_out_of_place(it: Subject) -> Wrong:
    """Only rules across banks and recommendations look at findings or at the share of “not sure”: they come last."""
    for placed in it.conditions:
        about = any(isinstance(node, Finding | NotSureShare) for node in placed.condition.walk())
        if about and placed.role not in (Role.RULE, Role.ADVICE):
            yield placed.at, f"a condition on findings or on “not sure” cannot decide {placed.role}"


def not_downward(condition: Condition, it: Subject, asking: bool = False) -> Iterator[str]:
    """Why a better answer could make a condition true; `asking` where it may look at findings and “not sure”."""
    for node in condition.walk():
        if isinstance(node, Finding | NotSureShare) and not asking:
            yield "findings and “not sure” say nothing of single answers, so they cannot stand here"
        elif isinstance(node, Finding):
            yield from _through(node, it)
        elif isinstance(node, Not) and any(isinstance(part, Finding | NotSureShare) for part in node.walk()):
            yield "“not” over findings or “not sure” lets a better answer make this true"
        elif isinstance(node, Not) and any(it.question(compare).scored for compare in node.comparisons):
            yield "“not” over a scored answer lets a better answer make this true"
        elif isinstance(node, Compare) and it.question(node).scored:
            ladder, passing = it.question(node).ladder, admitted(node.test, node.values, it.question(node).ladder)
            if set(ladder[: len(passing)]) != passing:
                yield f"“{node.question}” passes on a better answer and fails on a worse one"


def _through(finding: Finding, it: Subject) -> Iterator[str]:
    """The same of each rule a finding stands for."""
    for rule in it.questionnaire.all_rules.values():
        critical = finding.rule == ANY_CRITICAL and rule.severity is Severity.CRITICAL
        if critical or rule.id == finding.rule:
            for reason in not_downward(rule.when, it, asking=True):
                yield f"it asks about “{rule.id}”: {reason}"
