"""An outcome as lines for a terminal: score, banks, findings, plan, and where every lost point went."""

from collections.abc import Iterator

from assessment.engine.measuring import short
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.result import Certainty, Outcome
from assessment.reports.words import points


def explain(outcome: Outcome, questionnaire: Questionnaire, with_losses: bool) -> Iterator[str]:
    """The outcome in lines; with `with_losses` every lost point as well."""
    overall = outcome.overall
    if overall is None:
        yield "no score: no scored question was answered"
        return
    held = f", held by {', '.join(overall.held_by)}" if overall.held_by else ""
    lead = " (provisional: the band is that of the low end)" if overall.provisional else ""
    yield f"{overall.score} of 100, range {overall.low} to {overall.high}, band {overall.band}{held}{lead}"
    for bank in outcome.banks:
        cap = f"  {bank.raw} held by {', '.join(bank.held_by)}" if bank.held_by else ""
        yield f"  {bank.id:<12} {bank.score:>3}  weight {bank.weight:<3} range {bank.low} to {bank.high}{cap}"
    for measure in outcome.measures:
        yield f"  {measure.id:<12} {short(measure)}  {questionnaire.measure_by_id[measure.id].title}"
    for finding in outcome.findings:
        rule = questionnaire.all_rules[finding.rule]
        sure = "" if finding.certainty is Certainty.CONFIRMED else "possible "
        yield f"{sure}{finding.severity} {finding.code}: {rule.finding or finding.rule}"
    yield "plan:"
    for number, action in enumerate(outcome.plan, 1):
        gain = f"+{action.in_order} → {action.after}" if action.after is not None else action.mode
        do = questionnaire.recommendations[action.id].do
        yield f"  {number:>2}. {action.code:<7} {action.horizon:<4} {gain:<10} {do}"
    if with_losses:
        yield from _losses(outcome, questionnaire)


def _losses(outcome: Outcome, questionnaire: Questionnaire) -> Iterator[str]:
    assert outcome.overall is not None
    yield f"lost, from 100 to {outcome.overall.score}:"
    for loss in outcome.losses:
        about = questionnaire.questions[loss.question].short if loss.question else f"rule {loss.rule}"
        exact = f"{loss.points_exact.numerator}/{loss.points_exact.denominator}"
        yield f"  {points(loss.points):>10}  ({exact:>9})  {loss.bank or 'overall'}: {about}"
