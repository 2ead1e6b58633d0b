"""`assessment audit`: what was done on this instance and by whom, a line of JSON each."""

import json
from datetime import UTC, datetime

import click

from assessment.cli.tenants import find, migrated
from assessment.storage import activity


@click.command()
@click.option("--tenant", "slug", metavar="SLUG", help="Only what was done for this tenant.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Only from then on, in UTC.")
def audit(slug: str | None, since: datetime | None) -> None:
    """Print what staff and commands did, the oldest first, a line of JSON each: ids only, nothing about a person."""
    with migrated() as database, database.reading() as session:
        tenant_id = find(session, slug).id if slug else None
        for entry, of in activity.every(session, tenant_id, since.replace(tzinfo=UTC) if since else None):
            line = {
                "at": entry.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "id": entry.id,
                "tenant": of,
                "staff": entry.staff_id,
                "action": entry.action,
                "about": entry.object,
                "request": entry.request_id,
            }
            click.echo(json.dumps(line, ensure_ascii=False))
