"""Freshness: before what matters most, the password is asked for once more unless it was given a moment ago."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from flask import current_app, g, request, url_for

from assessment.web.site import Page, see

View = Callable[..., Page]

LONGEST_QUERY = 600
"""A longer one would make an address that servers refuse; then the page is shown without it."""

ASKING: dict[View, str] = {}
"""Each view that asks for the password, and the page with its form, where somebody is led back to."""


def fresh(page: str) -> Callable[[View], View]:
    """A view that works for the freshly signed in only; others confirm, and come back to this page (an endpoint).

    Stands below the route: `@blueprint.post("/<slug>/x")`, then `@fresh("blueprint.page")`. The page gets those parts
    of the address that it has too, and its query.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def asked_first(**parts: object) -> Page:
            return view(**parts) if g.fresh else see(confirm_address(page))

        ASKING[asked_first] = page
        return asked_first

    return mark


def confirm_address(page: str) -> str:
    """Where the password is given once more; it leads on to this page, about the same things as this request."""
    known = {name for rule in current_app.url_map.iter_rules(page) for name in rule.arguments}
    parts = {name: value for name, value in (request.view_args or {}).items() if name in known}
    query = urlencode(list(request.args.items(multi=True)))
    query = f"?{query}" if 0 < len(query) <= LONGEST_QUERY else ""
    return url_for("security.verify", next=f"{url_for(page, **parts)}{query}")


def confirm_first(page: str) -> str:
    """The same for a page to show in place of its buttons; empty while none is needed."""
    return "" if g.fresh else confirm_address(page)
