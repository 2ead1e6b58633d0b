"""What each area of the settings shows: its form, and beside it what the settings mean for visitors."""

from collections.abc import Iterator

from flask import request, url_for

from assessment.storage import questionnaires, wordings
from assessment.storage.questionnaires import Published
from assessment.storage.session import Session
from assessment.storage.staff import Role
from assessment.storage.tables import Tenant
from assessment.storage.wordings import Wording
from assessment.tenancy.contact import consents
from assessment.tenancy.origins import PRESETS, verdict
from assessment.tenancy.snippets import snippets
from assessment.web.console.areas import AREAS
from assessment.web.console.drawing import frame
from assessment.web.console.person import member
from assessment.web.console.settings.fields import CONTACT, KEEPING, WEBSITE, Group, Groups, Setting
from assessment.web.console.settings.forms import Typed, Wrong, form, typed_of, visible
from assessment.web.console.settings.pages import (
    Box,
    ContactPage,
    IndexPage,
    KeepingPage,
    QuestionnairePage,
    SettingsForm,
    VersionRow,
    WebsitePage,
    WordingRow,
    WordingsPage,
)
from assessment.web.site import site

LONGEST_ADDRESS = 2000
NO_MAIL = "This instance sends no mail yet: nobody is told about leads, and no report is held back."


def index_page(slug: str) -> IndexPage:
    """The areas this member may open."""
    open_to = (area for area in AREAS if member().role.covers(area.role))
    return IndexPage(
        frame("Settings"), tuple((url_for(one.endpoint, slug=slug), one.title, one.says) for one in open_to)
    )


def website_page(session: Session, tenant: Tenant, typed: Typed, wrong: Wrong) -> WebsitePage:
    """Which websites may show the check, what to paste into them, and whether one page could show it."""
    asked = visible(request.args.get("page", "")[:LONGEST_ADDRESS]).strip()
    allowed, why = verdict(tenant.profile.origins, asked) if asked else (False, "")
    check = f"/q/{tenant.slug}"
    return WebsitePage(
        frame=frame("Website"),
        back=_back(tenant),
        form=_form("website", tenant, WEBSITE, typed, wrong),
        presets=tuple((name, ", ".join(addresses)) for name, addresses in PRESETS.items()),
        snippets=snippets(site().settings.base_url, tenant.slug, site().taken_at(session, tenant)[0].title),
        check=f"{site().settings.base_url}{check}",
        shown=f"{check}?embed=plain",
        ask=url_for("settings.website", slug=tenant.slug),
        asked=asked,
        allowed=allowed,
        verdict=why,
    )


def contact_page(session: Session, tenant: Tenant, typed: Typed, wrong: Wrong) -> ContactPage:
    """What visitors see and may leave, and the boxes they tick as they read now."""
    return ContactPage(
        frame=frame("Results and contact form"),
        back=_back(tenant),
        says=() if site().settings.sends_mail else (NO_MAIL,),
        form=_form("contact", tenant, CONTACT, typed, wrong),
        boxes=tuple(Box(text.says, text.version) for text in consents(tenant.profile)),
        wordings=url_for("settings.wordings", slug=tenant.slug),
    )


def keeping_page(session: Session, tenant: Tenant, typed: Typed, wrong: Wrong) -> KeepingPage:
    """Who is told, how long details are kept, and what is forgotten when."""
    days = tenant.profile.retention_days
    sweeps = (
        "Once an hour, what is past its time is deleted for good:",
        f"checks nobody finished, {site().settings.days_open} days after they were begun;",
        f"contact details with all their assessments, {days} days after that person last sent something in;",
        f"assessments without contact details, {days} days after they were sent in.",
        "Counts by week stay: they say nothing about anybody.",
    )
    return KeepingPage(
        frame=frame("Mail and keeping"),
        back=_back(tenant),
        says=() if site().settings.sends_mail else (NO_MAIL,),
        sweeps=sweeps,
        form=_form("keeping", tenant, KEEPING, typed, wrong),
    )


def wordings_page(session: Session, tenant: Tenant) -> WordingsPage:
    """Every text people have agreed to."""
    now = {text.version for text in consents(tenant.profile)}
    rows = wordings.agreed_to(session, tenant.id)
    return WordingsPage(
        frame=frame("What people agreed to"),
        back=url_for("settings.contact", slug=tenant.slug),
        rows=tuple(_wording(row, row.version in now) for row in rows),
    )


def _wording(row: Wording, now: bool) -> WordingRow:
    people = "person" if row.agreed == 1 else "people"
    back = f"; {row.taken_back} took it back" if row.taken_back else ""
    return WordingRow(row.says, row.version, f"{row.agreed} {people} agreed{back}", row.first, row.last, now)


def taken_from(session: Session, tenant: Tenant) -> Groups:
    """The choice between the questionnaires this instance has: those in use, and all that were published."""
    titles = questionnaires.titles(session)
    titles |= {name: questionnaire.title for name, (questionnaire, _) in site().others.items()}
    titles.setdefault(tenant.profile.questionnaire, tenant.profile.questionnaire)
    choices = tuple((name, title if name == title else f"{title} ({name})") for name, title in titles.items())
    return (Group("What visitors take", (Setting("questionnaire", "Questionnaire", kind="choice", choices=choices),)),)


def questionnaire_page(session: Session, tenant: Tenant, typed: Typed, wrong: Wrong) -> QuestionnairePage:
    """Which questionnaire visitors take, and every version there is."""
    taken, version = site().taken_at(session, tenant)
    groups = taken_from(session, tenant)
    may = member().role.covers(Role.OWNER) and (wrong or len(groups[0].settings[0].choices) > 1)
    return QuestionnairePage(
        frame=frame("Questionnaire"),
        back=_back(tenant),
        form=_form("questionnaire", tenant, groups, typed, wrong) if may else None,
        versions=tuple(_versions(session, tenant, (taken.id, version))),
    )


def _versions(session: Session, tenant: Tenant, now: tuple[str, str]) -> Iterator[VersionRow]:
    for one in questionnaires.published(session, tenant.id):
        yield VersionRow(
            id=one.id,
            version=one.version,
            digest=one.digest[:12],
            published=one.created_at,
            taken=_taken(one),
            now=(one.id, one.version) == now,
            preview=url_for("settings.laid_open", slug=tenant.slug, questionnaire_id=one.id, version=one.version),
        )


def _taken(one: Published) -> str:
    return f"{one.taken:,} {'assessment' if one.taken == 1 else 'assessments'} sent in"


def _back(tenant: Tenant) -> str:
    return url_for("settings.index", slug=tenant.slug)


def _form(area: str, tenant: Tenant, groups: Groups, typed: Typed, wrong: Wrong) -> SettingsForm:
    action = url_for(f"settings.save_{area}", slug=tenant.slug)
    return form(action, groups, {**typed_of(tenant.profile), **typed}, wrong)
