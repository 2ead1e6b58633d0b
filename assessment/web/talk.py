"""The questions for whoever helps, on a page of their own to print or copy, and as plain text to send."""

from flask import Blueprint, Response, abort

from assessment.storage.assessments import LinkKind
from assessment.web.pages import Frame, TalkPage
from assessment.web.reading import Reading, find, owner_frame, read
from assessment.web.site import Page, render, see, site

blueprint = Blueprint("talk", __name__)


@blueprint.get("/r/<token>/questions")
def page(token: str) -> Page:
    """The page, for the owner of a report."""
    with site().database.reading() as session:
        reading = read(session, find(session, token), token)
        if reading.gated:
            return see(f"/r/{token}#contact")
        return _page(reading, f"/r/{token}", owner_frame(reading, _title(reading)))


@blueprint.get("/r/<token>/questions.txt")
def page_text(token: str) -> Page:
    """The same as plain text."""
    with site().database.reading() as session:
        reading = read(session, find(session, token), token)
        return see(f"/r/{token}#contact") if reading.gated else _text(reading)


@blueprint.get("/s/<token>/questions")
def shared(token: str) -> Page:
    """The page, for somebody the report was shared with."""
    with site().database.reading() as session:
        reading = read(session, find(session, token, LinkKind.SHARE), token)
        return _page(reading, f"/s/{token}", site().frame(_title(reading), reading.assessment.tenant))


@blueprint.get("/s/<token>/questions.txt")
def shared_text(token: str) -> Page:
    """The same as plain text."""
    with site().database.reading() as session:
        return _text(read(session, find(session, token, LinkKind.SHARE), token))


def _title(reading: Reading) -> str:
    return (reading.report.talk or abort(404)).title


def _page(reading: Reading, report: str, frame: Frame) -> Page:
    found = reading.report.talk or abort(404)
    return render("report/questions.html", TalkPage(frame, found, report, f"{report}/questions.txt"))


def _text(reading: Reading) -> Response:
    return Response((reading.report.talk or abort(404)).text, content_type="text/plain; charset=utf-8")
