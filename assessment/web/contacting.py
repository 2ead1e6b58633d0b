"""The contact form as a report page shows it: empty, with what is wrong, or with what became of it."""

from collections.abc import Mapping

from assessment.storage.leads import agreed, contact_of, with_staff
from assessment.storage.session import Session
from assessment.storage.tables import Lead, Link, Tenant
from assessment.tenancy.contact import asked, consents
from assessment.web.forms import ContactForm, contact_form
from assessment.web.pages import ConsentBox, ContactInput, ContactView
from assessment.web.site import site
from assessment.web.stamps import stamp


def contact_view(session: Session, link: Link, path: str, gated: bool, form: ContactForm | None = None) -> ContactView:
    """The form under a report; one that was just sent in comes back with all that was typed."""
    tenant, lead = link.assessment.tenant, link.assessment.lead
    again = form is not None and lead is None
    form = form or contact_form(tenant.profile)
    title, says, button = _wording(tenant, gated)
    return ContactView(
        action=f"{path}/contact",
        title=title,
        says=says,
        done=_done(tenant, lead, gated, not with_staff(session, link)) if lead is not None else (),
        inputs=_inputs(tenant, form),
        boxes=tuple(
            ConsentBox(f"consent_{text.purpose}", text.says, form.given(text.purpose))
            for text in consents(tenant.profile)
        ),
        errors=tuple(_errors(form)),
        stamp=stamp(about(link), site().now()),
        trapped=bool(form.fax_extension.data),
        button=button,
        again="" if lead is None or again else "Send it again, or change what you left",
        withdraw=f"{path}/contact/withdraw" if lead is not None and agreed(lead) else "",
    )


def about(link: Link) -> str:
    """What a form under a report is stamped for."""
    return f"contact {link.assessment.reference}"


def _inputs(tenant: Tenant, form: ContactForm) -> tuple[ContactInput, ...]:
    return tuple(
        ContactInput(
            name=field.name,
            label=field.label,
            kind=field.kind,
            autocomplete=field.autocomplete,
            hint=field.hint,
            limit=field.limit,
            required=required,
            typed=(form[field.name].data or "")[: 2 * field.limit],
            errors=tuple(map(str, form[field.name].errors)),
        )
        for field, required in asked(tenant.profile)
    )


def _errors(form: ContactForm) -> list[tuple[str, str]]:
    """Each error with the id of the field it belongs to, in the order of the form."""
    fields: Mapping[str, object] = form._fields
    found = [(f"contact-{name}", str(error)) for name in fields for error in form[name].errors]
    return found + [("contact-send", str(error)) for error in form.form_errors]


def _wording(tenant: Tenant, gated: bool) -> tuple[str, tuple[str, ...], str]:
    if gated:
        says = (
            "We send you a link to the whole report: every step with its reasons, where you stand in each area, "
            "and a PDF to keep.",
            "The link comes at once. It also opens on other devices.",
        )
        return "Get the whole report by e-mail", says, "Send me the whole report"
    mails = site().settings.sends_mail
    by_mail = ("You get the link to your report by e-mail as well.",) if mails else ()
    says = (
        f"You need not. If you do, {tenant.name} gets this report with it, and you need not explain it twice.",
        *by_mail,
    )
    return f"Talk it through with {tenant.name}", says, "Send my details"


def _done(tenant: Tenant, lead: Lead, gated: bool, theirs: bool) -> tuple[str, ...]:
    if any(consent.withdrawn_at for consent in lead.consents) and not agreed(lead):
        return (f"{tenant.name} may no longer contact you about these results.",)
    address = contact_of(lead).get("email", "")
    name, _, domain = address.partition("@")
    shown = f"{name[:1]}…@{domain}"
    if not address or not theirs or not site().settings.sends_mail:
        return (f"{tenant.name} has your details.",)
    sent = f"We have sent the link to the whole report to {shown}." if gated else f"We have sent the link to {shown}."
    return (sent, "It can take a few minutes. If it does not come, look among the unwanted mail.")
