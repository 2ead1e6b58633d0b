"""How often something may be done from one network in an hour; counted in the database."""

from datetime import timedelta

from flask import request

from assessment.storage import limits
from assessment.storage.session import Session
from assessment.web.site import site

HOUR = timedelta(hours=1)


def allows(session: Session, kind: str, limit: int) -> bool:
    """Count one more from the visitor's network; False when it has had its share. A limit of 0 is none."""
    if not limit:
        return True
    key = site().vault.place(kind, request.remote_addr or "", site().now())
    return limits.take(session, key, limit, HOUR, site().now())
