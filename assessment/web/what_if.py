"""What if only some steps of a plan were done: a form of ticks whose answer stands in its address; nothing is kept."""

from urllib.parse import urlencode

from flask import Blueprint, request

from assessment.engine.scoring import score
from assessment.reports import charts
from assessment.reports.what_if import WhatIf, what_if
from assessment.storage import assessments
from assessment.storage.assessments import LinkKind
from assessment.storage.session import Session
from assessment.web.pages import Frame, WhatIfPage
from assessment.web.reading import Reading, find, owner_frame, read, share_view
from assessment.web.site import Page, render, see, site

blueprint = Blueprint("what_if", __name__)

TITLE = "What if you did only some of it?"


@blueprint.get("/r/<token>/what-if")
def tried(token: str) -> Page:
    """The steps to tick, and where the ticked ones lead."""
    with site().database.reading() as session:
        reading = read(session, find(session, token), token)
        if reading.gated:
            return see(f"/r/{token}#contact")
        shared = share_view(session, reading).address
        return _page(session, reading, owner_frame(reading, TITLE), f"/r/{token}", shared)


@blueprint.get("/s/<token>/what-if")
def shared(token: str) -> Page:
    """The same for somebody the report was shared with."""
    with site().database.reading() as session:
        reading = read(session, find(session, token, LinkKind.SHARE), token)
        return _page(session, reading, site().frame(TITLE, reading.assessment.tenant), f"/s/{token}")


def _page(session: Session, reading: Reading, frame: Frame, report: str, shared: str = "") -> Page:
    """What the address asks for; of `shared`, the address of the report for others, a link to the same."""
    found, action = _what_if(session, reading), f"{report}/what-if"
    asked = _query(found.ticked) if found else ""
    reached = found.reached if found else None
    page = WhatIfPage(
        frame=frame,
        report=report,
        action=action,
        found=found,
        presets=tuple((one.says, action + _query(one.steps)) for one in found.presets) if found else (),
        picture=charts.score_scale(reached.then, "Your score then") if reached else "",
        shared=f"{shared}/what-if{asked}" if shared and reached else "",
    )
    return render("report/what-if.html", page)


def _what_if(session: Session, reading: Reading) -> WhatIf | None:
    answers = assessments.answers_of(session, reading.assessment)
    scored = score(reading.questionnaire, answers, reading.outcome.depth)
    return what_if(reading.report, reading.outcome, reading.questionnaire, scored, request.args.getlist("do"))


def _query(steps: tuple[str, ...]) -> str:
    return f"?{urlencode([('do', step) for step in steps])}" if steps else ""
