"""Leaving contact details beside a report: kept, and what was asked for is put in the outbox, in one transaction."""

from flask import Blueprint, request

from assessment.delivery import outgoing
from assessment.storage import leads, limits
from assessment.storage.session import Session
from assessment.tenancy.contact import Purpose, consents
from assessment.web import limiting, sending
from assessment.web.contacting import about
from assessment.web.forms import ContactForm, contact_form
from assessment.web.reading import Reading, find, owner_page, read
from assessment.web.site import Page, render, see, site
from assessment.web.stamps import read_stamp

blueprint = Blueprint("contact", __name__)

ONCE_MORE = "Please look over what you typed and press the button once more."
LEAVE_EMPTY = "Please leave the field “Fax extension” empty. It is there to catch machines."
NOBODY_TO_TELL = "Tick the box if {name} may contact you. Without it, nobody may use your details."
ENOUGH = "This report went to that address three times today. Look among the unwanted mail, or try again tomorrow."
TOO_MANY = "This form was sent too often from your network in the last hour. Please try again later."


@blueprint.post("/r/<token>/contact")
def leave(token: str) -> Page:
    """Keep the details and send what was asked for; or show the form again, with what is wrong and what was typed."""
    posted = request.form  # all of it, before others have to wait: somebody may send it a byte a minute
    with site().database.writing() as session:
        reading = read(session, find(session, token, lock=True), token)
        form = contact_form(reading.assessment.tenant.profile, posted)
        fresh, occasion = read_stamp(about(reading.link), form.stamp.data or "", site().now())
        if not (fresh and limits.used(session, occasion, site().now())):  # the same form twice is once
            status = _judge(session, reading, form, fresh)
            if status != 200:
                return render("report/report.html", owner_page(session, reading, form=form), status)
            limits.take(session, occasion, 1, site().readable_for, site().now())
            said = [(text, form.given(text.purpose)) for text in consents(reading.assessment.tenant.profile)]
            sending.receive(session, reading.assessment, reading.outcome, reading.report, form.contact, said, occasion)
    site().wake()
    return see(f"/r/{token}?notice=received#contact")


@blueprint.post("/r/<token>/contact/withdraw")
def withdraw(token: str) -> Page:
    """Take back what was agreed to, as easily as it was given."""
    with site().database.writing() as session:
        link = find(session, token, lock=True)
        lead, about = link.assessment.lead, None if leads.proven(session, link) else link.assessment.reference
        if lead is not None and leads.withdraw(lead, site().now(), about):
            outgoing.withdrawn(sending.room(session), link.assessment.tenant, lead)
    site().wake()
    return see(f"/r/{token}#contact")


def _judge(session: Session, reading: Reading, form: ContactForm, fresh: bool) -> int:
    """The status a posted form deserves; what is wrong with it is written into the form."""
    valid = form.validate()
    profile = reading.assessment.tenant.profile
    wrong = []
    if form.fax_extension.data:
        wrong.append(LEAVE_EMPTY)
    elif valid and not fresh:
        wrong.append(ONCE_MORE)
    if valid and not site().settings.sends_mail and not form.given(Purpose.CONTACT):
        wrong.append(NOBODY_TO_TELL.format(name=profile.named_controller))
    form.form_errors.extend(wrong)
    if wrong or not valid:
        return 422
    if not limiting.allows(session, "contact", site().settings.contacts_per_hour):
        form.form_errors.append(TOO_MANY)
    elif _mailed_enough(session, form.contact.get("email", "")):
        form.form_errors.append(ENOUGH)
    return 429 if form.form_errors else 200


def _mailed_enough(session: Session, address: str) -> bool:
    """Whether this address was sent as many reports today as any should be."""
    return bool(site().settings.sends_mail and address and not outgoing.may_mail(sending.room(session), address))
