"""Who asks: the token in the Authorization header and nowhere else, what it is for, and how often it was shown."""

import re
from dataclasses import dataclass
from datetime import timedelta

from flask import request

from assessment.storage import limits, staff, tokens
from assessment.storage.session import Session
from assessment.storage.tokens import Scope, Token
from assessment.web.api.trouble import refuse
from assessment.web.limiting import HOUR
from assessment.web.site import site

SHOWN = re.compile(r"Bearer +([!-~]{1,200})", re.IGNORECASE)
REALM = 'Bearer realm="api"'
DAY = timedelta(days=1)

NONE_SHOWN = "Show a token: Authorization: Bearer ita_…"
NO_SUCH = "This token opens nothing: it is misspelt, or was ended, or its time is over."
TOO_MANY = "This token was shown too often in the last hour."


@dataclass(frozen=True, slots=True)
class Bearer:
    """A program that shows a token, of which tenant, and what for."""

    token: str
    tenant_id: int
    scopes: frozenset[str]

    def has(self, scope: Scope) -> bool:
        """Whether its token is for this."""
        return scope in self.scopes

    def needs(self, scope: Scope) -> None:
        """End the request unless its token is for this."""
        if not self.has(scope):
            says = f"This token is not for “{scope}”. Make one that is, in the settings of the console."
            refuse(403, says, {"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scope}"'})

    def note(self, session: Session, action: str, about: str = "") -> None:
        """Write down what it did."""
        door = f"token {self.token}"
        staff.audit(session, site().now(), action, tenant_id=self.tenant_id, about=about, request_id=door)


def bearer() -> Bearer:
    """Who asks; the request ends where nobody does who may, or somebody too often."""
    shown = SHOWN.fullmatch(request.headers.get("Authorization", "").strip())
    if shown is None:
        refuse(401, NONE_SHOWN, {"WWW-Authenticate": REALM})
    with site().database.reading() as session:
        token = tokens.shown(session, shown[1], site().now())
    if token is None:
        refuse(401, NO_SUCH, {"WWW-Authenticate": f'{REALM}, error="invalid_token"'})
    _count(token)
    return Bearer(token.reference, token.tenant_id, frozenset(token.scopes.split()))


def _count(token: Token) -> None:
    """Count one more, and keep the day, so that a token nobody needs is seen to be one."""
    now, limit = site().now(), site().settings.api_per_hour
    key = site().vault.address_hash(f"api|{token.reference}")
    with site().database.writing() as session:
        within = not limit or limits.take(session, key, limit, HOUR, now)
        wait = limits.wait(session, key, now)
        if token.last_used != now.date():
            tokens.used(session, token, now.date())
    if not within:
        refuse(429, TOO_MANY, {"Retry-After": str(1 + int(wait.total_seconds()))})


def note_reading(who: Bearer) -> None:
    """Write down that leads are read by the page: once a day, whatever number of pages it is."""
    now = site().now()
    with site().database.writing() as session:
        if limits.take(session, site().vault.address_hash(f"api leads|{who.token}"), 1, DAY, now):
            who.note(session, "read leads")
