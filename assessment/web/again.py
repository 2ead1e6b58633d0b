"""Taking the check again: a new assessment that shows what was said last time, and counts it once it is said again."""

from flask import Blueprint, abort

from assessment.engine.answers import carry
from assessment.engine.flow import walk
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.storage import assessments, carrying, counting, leads
from assessment.storage.carrying import Earlier
from assessment.storage.session import Session
from assessment.storage.tables import Assessment
from assessment.web import limiting
from assessment.web.reading import find
from assessment.web.showing import answer_says
from assessment.web.site import Page, see, site
from assessment.web.source import source_of, where

blueprint = Blueprint("again", __name__)


@blueprint.post("/r/<token>/again")
def again(token: str) -> Page:
    """Begin the check anew, by the questions as they are today; the report it is begun from stays as it is."""
    with site().database.writing() as session:
        link = find(session, token)
        before = link.assessment
        if before.tenant.profile.state == "paused":
            return see(f"/q/{before.tenant.slug}{where(source_of(before))}")
        if not limiting.allows(session, "start", site().settings.starts_per_hour):
            abort(429)
        questionnaire, version = site().taken_at(session, before.tenant)
        said = said_before(session, before, questionnaire)
        pin, now, named = (questionnaire.id, version), site().now(), leads.proven(session, link)
        write_token = carrying.take_again(session, before, pin, said, now, site().open_for, named)
        counting.begun(session, before.tenant, before.came_from, now)
    return see(f"/t/{write_token}/check" if said else f"/t/{write_token}")


def said_before(session: Session, before: Assessment, questionnaire: Questionnaire) -> dict[str, Earlier]:
    """What was said then of every question that was asked, in the words of then; nothing of another questionnaire."""
    if before.questionnaire_id != questionnaire.id or before.submitted_at is None:
        return {}
    given = assessments.answers_of(session, before)
    route = walk(site().questionnaire_of(session, before), given, Depth(before.depth))
    fits = carry(questionnaire, given)
    return {
        asked.id: Earlier(fits.get(asked.id), answer_says(asked, given[asked.id]), before.submitted_at)
        for asked in route.steps
        if asked.id in given
    }
