"""One call for everything there is to say about one set of answers: the result and the plan."""

from assessment.engine.accounts import answer_results, losses, not_looked_at, signs
from assessment.engine.answers import Answers
from assessment.engine.findings import noted
from assessment.engine.gains import actions, next_band, trajectory
from assessment.engine.guiding import guide
from assessment.engine.measuring import measure_all
from assessment.engine.plan import candidates
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.engine.result import ENGINE, Outcome, Pin
from assessment.engine.scoring import score


def assess(questionnaire: Questionnaire, answers: Answers, depth: Depth) -> Outcome:
    """Score the answers and place every recommendation. The same input gives the same outcome, byte for byte."""
    scored = score(questionnaire, answers, depth)
    plan = actions(scored, candidates(scored))
    shown = signs(scored)
    contradictions, stories = noted(scored.route, scored.judged.truths)
    return Outcome(
        questionnaire=Pin(id=questionnaire.id, version=questionnaire.version, digest=questionnaire.digest),
        engine=ENGINE,
        depth=depth,
        overall=scored.overall,
        banks=scored.banks,
        signs=shown,
        findings=scored.findings,
        contradictions=contradictions,
        stories=stories,
        losses=losses(scored),
        not_sure_percent=scored.not_sure_percent,
        assumed=scored.route.assumed,
        not_looked_at=not_looked_at(scored.route),
        answers=answer_results(scored.route),
        plan=plan,
        next_band=next_band(scored, plan),
        trajectory=trajectory(scored, plan),
        measures=measure_all(scored.route),
        guidance=guide(scored, shown),
    )
