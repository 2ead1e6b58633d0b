"""For whoever runs an instance, and their machines: does it live, is it ready, how is it doing."""

import hmac
from collections.abc import Iterator
from functools import cache

from flask import Blueprint, Response, abort, request

from assessment import __version__
from assessment.storage.migrating import current, newest
from assessment.storage.session import Unavailable
from assessment.storage.vitals import Vitals, disk_free, has_room, vitals
from assessment.tenancy.counting import Kind
from assessment.web.site import Site, site

blueprint = Blueprint("operation", __name__)

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"

COUNTERS = {
    "views": (Kind.VIEW, "Views of start pages"),
    "starts": (Kind.START, "Assessments begun by visitors"),
    "completed": (Kind.COMPLETE, "Assessments sent in by visitors"),
    "leads": (Kind.LEAD, "Visitors who left their details"),
}

needed = cache(newest)
"""The revision this version works with: found by reading the migrations, once."""

Sample = tuple[str, float]
"""Labels as they stand in braces, and a figure."""


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process lives and answers. Nothing else is looked at."""
    return _plain("alive")


@blueprint.get("/readyz")
def readyz() -> Response:
    """This instance can do its work; else one plain word on what is in the way, and 503."""
    trouble = in_the_way(site())
    return _plain(trouble or "ready", 503 if trouble else 200)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus; for whoever shows the token, and for nobody while none is set."""
    wanted = site().settings.metrics_token
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not wanted or not hmac.compare_digest(shown.encode("utf-8", "replace"), wanted.encode()):
        abort(404)
    return Response("".join(exposition(site())), content_type=PROMETHEUS)


def in_the_way(site: Site) -> str:
    """What keeps this instance from working, in a few words; nothing if nothing does."""
    try:
        revision = current(site.database)
    except Unavailable:
        return "the database does not answer"
    if revision != needed():
        return "the database has the schema of another version"
    return "" if has_room(site.database) else "the disk is full"


def exposition(site: Site) -> Iterator[str]:
    """The figures in Prometheus's text format, one family after the other. Raises Unavailable."""
    found = vitals(site.database, site.now())
    yield from _family("build_info", "gauge", "Always 1; the version.", (f'version="{__version__}"', 1))
    for name, (kind, says) in COUNTERS.items():
        says = f"{says}, without those of test tenants."
        yield from _family(f"{name}_total", "counter", says, ("", found.counted[kind]))
    yield from _outbox(found)
    yield from _family("workers", "gauge", "Machines with a worker seen in the last two minutes.", ("", found.workers))
    if found.last_sign:
        at = ("", found.last_sign.timestamp())
        yield from _family("worker_last_seen_timestamp_seconds", "gauge", "When a worker was last seen at work.", at)
    size = ("", found.database_bytes)
    yield from _family("database_bytes", "gauge", "The size of the database, in bytes.", size)
    free = disk_free(site.database)
    if free is not None:
        yield from _family("disk_free_bytes", "gauge", "What is free beside the SQLite file, in bytes.", ("", free))


def _outbox(found: Vitals) -> Iterator[str]:
    backlog = found.backlog
    for name, says, counts in (
        ("outbox_waiting", "What is to be sent, now or later.", backlog.waiting),
        ("outbox_failed", "What was given up; `assessment outbox replay --dead` sends it again.", backlog.given_up),
    ):
        samples = [(f'channel="{channel}"', float(counts.get(channel, 0))) for channel in ("mail", "webhook")]
        yield from _family(name, "gauge", says, *samples)
    overdue = ("", backlog.overdue.total_seconds())
    yield from _family("outbox_oldest_due_seconds", "gauge", "For how long the longest waiting has been due.", overdue)
    yield from _family("endpoints_off", "gauge", "Endpoints that are switched off.", ("", found.endpoints_off))


def _family(name: str, kind: str, says: str, *samples: Sample) -> Iterator[str]:
    name = f"assessment_{name}"
    yield f"# HELP {name} {says}\n# TYPE {name} {kind}\n"
    for labels, figure in samples:
        yield f"{name}{{{labels}}} {figure:.15g}\n" if labels else f"{name} {figure:.15g}\n"


def _plain(says: str, status: int = 200) -> Response:
    return Response(f"{says}\n", status, content_type="text/plain; charset=utf-8")
