"""Every route of the console with another tenant's ids, by every role and by nobody: all it ever says is 404."""

import itertools
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from assessment.storage import assessments, browsing, endpoints, outbox, staff, tokens, work
from assessment.storage.bulk import Bulk
from assessment.storage.outbox import Channel, Parcel
from assessment.storage.staff import Role
from assessment.storage.tables import Delivery, Table, Tenant
from assessment.storage.tokens import Scope
from assessment.web.console.access import ROUTES
from tests.console.conftest import BROWN, HOME, Join, Send, Worker, invite, site_of

ROLES = tuple(Role)
WRITES = ("audit", "bucket", "staff_session")
"""Where being refused, or signed in, may leave a trace."""


NOBODY_S = {"slug", "name", "questionnaire_id", "version", "colour"}
"""What in an address names nothing of a tenant's: formats, and published questionnaires, which all may read."""

TYPED = {"what": "person", "status": "won", "assignee": "", "kind": "verified", "role": "viewer", "depth": "quick"}
"""What makes the forms of all these routes complete, so that it is the ids that are refused."""


@pytest.fixture
def theirs(app: Flask, join: Join, send: Send) -> dict[str, str]:
    """The other tenant with one of everything that has an id; gives the ids by the name they have in an address."""
    join("olga@other.example", Role.OWNER, "other")
    first, second = send(contact=BROWN, slug="other"), send("c8-architecture-firm", slug="other")
    site = site_of(app)
    invite(app, "new@other.example", Role.VIEWER, "other")
    with site.database.writing() as session:
        tenant = session.scalars(select(Tenant).where(Tenant.slug == "other")).one()
        sitting = browsing.sitting(session, tenant.id, first)
        assert sitting is not None
        person = staff.colleagues(session, tenant.id)[0]
        note = work.add_note(session, sitting, person.id, "Theirs alone", site.now())
        url, events = "https://other.example/hook", "lead.received"
        endpoint = endpoints.add(session, tenant, url, "whsec_x", site.vault, site.now(), flat=False, events=events)
        token, _ = tokens.make(session, tenant, "Theirs", [Scope.ERASE], site.now())
        parcel = Parcel(
            tenant.id, Channel.WEBHOOK, "lead.received", "{}", endpoint.id, sitting.id, message_id="msg_theirs"
        )
        outbox.enqueue(session, parcel, site.now())
        more = {"documents": "report", "wanted": first, "total": 1, "state": "pending", "created_at": site.now()}
        session.add(Bulk(reference="b" * 16, tenant_id=tenant.id, staff_id=person.id, asked="", **more))
        link = assessments.links_that_work(session, sitting, site.now())[0]
        waiting = session.scalars(select(staff.Invitation).where(staff.Invitation.used_at.is_(None))).one()
        return {
            "reference": first,
            "before": first,
            "after": second,
            "note_id": str(note.id),
            "link_id": str(link.id),
            "staff_id": str(person.id),
            "invitation_id": str(waiting.id),
            "message_id": session.scalars(select(Delivery.message_id).where(Delivery.endpoint_id == endpoint.id)).one(),
            "endpoint": endpoint.reference,
            "token": token.reference,
            "bulk": "b" * 16,
            "question": "backups.tested-restore",
            "questionnaire_id": "it-health",
            "version": sitting.questionnaire_version,
            "name": "csv",
            "colour": "1d4f7c",
        }


def filled(path: str, slug: str, ids: Mapping[str, str]) -> str:
    """The address of a route about somebody's things."""
    kind = next((kind for kind in ("endpoint", "bulk", "token") if f"/{kind}" in path), "reference")
    known = {**ids, "reference": ids[kind], "slug": slug}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known[found[1]], path)


def everything(app: Flask) -> dict[str, list[Any]]:
    """Every row there is, but where looking leaves a trace."""
    with site_of(app).database.reading() as session:
        return {
            table.name: session.execute(text(f'SELECT * FROM "{table.name}"')).all()
            for table in Table.metadata.sorted_tables
            if table.name not in WRITES
        }


def test_no_role_reaches_anything_of_another_tenant_by_any_route(
    app: Flask, join: Join, theirs: dict[str, str], newcomer: Worker
) -> None:
    people: dict[str, Worker] = {role: join(f"{role}@mine.example", role, "mine") for role in ROLES}
    people["nobody"] = newcomer
    tokens = {who: worker.token("/account" if who != "nobody" else "/sign-in") for who, worker in people.items()}
    mine = [path for _, (wanted, _, path) in ROUTES.items() if path.startswith("/<slug>/")]
    before, tried = everything(app), Counter[str]()
    methods = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")
    for path, method, (who, worker), slug in itertools.product(mine, methods, people.items(), ("other", "mine")):
        if slug == "mine" and not set(re.findall(r"<(?:\w+:)?(\w+)>", path)) - NOBODY_S:
            continue  # a page of their own
        address = filled(path, slug, theirs)
        data = {"csrf_token": tokens[who], **TYPED}
        sent = worker.client.open(
            f"/console{address}",
            method=method,
            data=data if method != "GET" else None,
            headers=worker.headers,
            base_url=HOME,
        )
        tried[method] += 1
        allowed = {303} if who == "nobody" else {404}
        told = (path, method, who, slug, sent.status, sent.location)
        assert sent.status_code in allowed | {405} or _asks_for_the_password(sent), told
        assert b"Brown" not in sent.data, told
    assert everything(app) == before
    print(f"access matrix: {len(mine)} routes × {len(methods)} methods × {len(people)} people: {tried.total()} tried")


def _asks_for_the_password(answer: Any) -> bool:
    """Nothing was done, and nothing told: a page of one's own comes first."""
    return answer.status_code == 303 and answer.location.startswith("/console/confirm?")
