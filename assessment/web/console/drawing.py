"""Draws the pages of the console: what stands around each of them, and a template that sees nothing but its page."""

from typing import Any

from flask import Response, current_app, get_flashed_messages, request, url_for
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]

from assessment.storage.staff import Role
from assessment.web.console import access
from assessment.web.console.pages import ConsoleFrame, Entry
from assessment.web.console.person import Member, Person, at_work, someone
from assessment.web.site import render, site

NAVIGATION: tuple[tuple[str, str], ...] = (
    ("assessments.listed", "Assessments"),
    ("dashboard.dashboard", "Dashboard"),
    ("settings.index", "Settings"),
)
"""What a tenant's pages offer at their top: endpoint, and what it is called. The first is where a tenant opens."""


def draw(template: str, page: Any, status: int = 200) -> Response:
    """A page of the console from its template."""
    return render(template, page, status)


def frame(title: str) -> ConsoleFrame:
    """What stands around a page of this request, whoever is asking."""
    who, member = someone(), at_work()
    return ConsoleFrame(
        title=title,
        name=member.tenant_name if member else site().settings.tenant_name,
        css=(site().css, current_app.extensions["console_css"]),
        script=site().script,
        console_script=current_app.extensions["console_js"],
        home=url_for("account.home"),
        person=who.name if who else "",
        account=url_for("account.account") if who else "",
        tenants=_tenants(who, member),
        slug=member.slug if member else "",
        entries=_entries(member),
        token=generate_csrf(),
        sign_out=url_for("security.logout") if who else "",
        messages=tuple(str(message) for message in get_flashed_messages() if message),
    )


def tenant_address(slug: str) -> str:
    """Where a tenant's pages begin."""
    return url_for(NAVIGATION[0][0], slug=slug) if NAVIGATION else url_for("account.home")


def _tenants(who: Person | None, member: Member | None) -> tuple[Entry, ...]:
    if who is None or len(who.tenants) < 2:
        return ()
    here = member.slug if member else ""
    return tuple(Entry(name, tenant_address(slug), slug == here) for slug, name, _ in who.tenants)


def _entries(member: Member | None) -> tuple[Entry, ...]:
    if member is None:
        return ()
    open_at = request.endpoint
    return tuple(
        Entry(says, url_for(to, slug=member.slug), to == open_at) for to, says in NAVIGATION if _may(member, to)
    )


def _may(member: Member, endpoint: str) -> bool:
    return member.role.covers(Role(access.ROUTES[endpoint][0].value))
