"""The report page, its PDF, going deeper, and deleting. A report link never changes an answer."""

from flask import Blueprint, Response, abort, request

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.engine.result import Outcome
from assessment.reports import charts, pdf
from assessment.reports.report import Report
from assessment.reports.words import JUDGEMENT, SELF_REPORTED
from assessment.reports.writing import build
from assessment.storage import assessments
from assessment.storage.assessments import LinkKind
from assessment.storage.session import Session
from assessment.storage.tables import Assessment
from assessment.web.forms import DepthForm
from assessment.web.pages import DeletePage, MessagePage, ReportPage
from assessment.web.showing import depth_choices
from assessment.web.site import Page, render, see, site, sponsor_of

blueprint = Blueprint("report", __name__)

NOTICES = {"closed": "You have sent these answers in, so they can no longer change. You can go deeper from here."}


@blueprint.get("/r/<token>")
def report(token: str) -> Page:
    """The whole report on one page."""
    with site().database.reading() as session:
        assessment = _find(session, token)
        written, questionnaire = _written(session, assessment)
        deeper = tuple(depth for depth in Depth if depth.order > written.depth.order)
        page = ReportPage(
            frame=site().frame("Your report", assessment.tenant),
            report=written,
            score_picture=charts.score_scale(written.score) if written.score else "",
            bank_pictures={bank.id: charts.bank_bar(bank) for bank in written.banks},
            plan_picture=charts.running_score(written),
            pdf=f"/r/{token}/report.pdf",
            delete=f"/r/{token}/delete",
            deepen=f"/r/{token}/deepen",
            deeper=depth_choices(questionnaire, deeper),
            notice=NOTICES.get(request.args.get("notice", ""), ""),
            self_reported=SELF_REPORTED,
            judgement=JUDGEMENT,
        )
        return render("report/report.html", page)


@blueprint.get("/r/<token>/report.pdf")
def report_pdf(token: str) -> Page:
    """The same report as a PDF."""
    with site().database.reading() as session:
        written, _ = _written(session, _find(session, token))
    response = Response(
        pdf.render(written, site().settings.template("report/report.typ")), content_type="application/pdf"
    )
    name = f"it-health-report-{written.taken_on.isoformat()}.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@blueprint.post("/r/<token>/deepen")
def deepen(token: str) -> Page:
    """Carry on with the same answers at another depth."""
    form = DepthForm(request.form)
    with site().database.writing() as session:
        assessment = _find(session, token)
        if not form.validate():
            return see(f"/r/{token}")
        depth = Depth(form.depth.data)
        write_token = assessments.go_deeper(session, assessment, depth, site().now(), site().open_for)
    return see(f"/t/{write_token}")


@blueprint.get("/r/<token>/delete")
def delete(token: str) -> Page:
    """What deleting does, and the button that does it."""
    with site().database.reading() as session:
        frame = site().frame("Delete your answers and this report", _find(session, token).tenant)
    return render("report/delete.html", DeletePage(frame, action=f"/r/{token}/delete", back=f"/r/{token}"))


@blueprint.post("/r/<token>/delete")
def erase(token: str) -> Page:
    """Remove the assessment with everything that hangs on it."""
    with site().database.writing() as session:
        assessments.erase(session, _find(session, token))
    return see("/deleted")


@blueprint.get("/deleted")
def deleted() -> Page:
    """Says that it is done."""
    frame = site().frame("Your answers and your report are deleted")
    says = ("Nothing of this assessment is left here, and its links open nothing any more.",)
    return render("errors/message.html", MessagePage(frame, 200, says, (("Start again", frame.home),)))


def _find(session: Session, token: str) -> Assessment:
    assessment = assessments.by_token(session, token, LinkKind.REPORT, site().now())
    return assessment if assessment is not None else abort(404)


def _written(session: Session, assessment: Assessment) -> tuple[Report, Questionnaire]:
    """The stored outcome in the words of its own questionnaire version; nothing is scored again."""
    assert assessment.outcome is not None
    assert assessment.submitted_at is not None
    questionnaire = site().questionnaire_of(session, assessment)
    outcome = Outcome.model_validate_json(assessment.outcome)
    taken_on = assessment.submitted_at.date()
    return build(outcome, questionnaire, sponsor_of(assessment.tenant), taken_on), questionnaire
