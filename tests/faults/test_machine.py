"""A machine that is short of something, elsewhere on the globe, or has much to catch up with: all is as it was."""

import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from sqlalchemy import select

from assessment.storage import outbox, tenants
from assessment.storage.outbox import Channel, Parcel, State
from assessment.storage.tables import Assessment, Consent, Delivery
from tests.faults.conftest import OpenReceiver
from tests.faults.instance import STAFF_MAIL, Clock, Instance, environment
from tests.faults.soundness import half_written, kept

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no fork and no such limits")

LONG = os.environ.get("ASSESSMENT_STORM") == "long"
ONLY_SQLITE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@ONLY_SQLITE
def test_where_no_file_may_grow_nothing_stays_by_half_and_all_is_well_once_it_may(instance: Instance) -> None:
    """The log beside the database hits the limit, as it would a full disk; the limit is the child's alone."""
    sittings = instance.prepare(12)
    said = os.pipe()
    instance.database.engine.dispose()
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60 * 1024, resource.RLIM_INFINITY))
        statuses = {instance.app.test_client().post(sitting.submit).status_code for sitting in sittings}
        os.write(said[1], repr(sorted(statuses)).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    answered = os.read(said[0], 1000).decode()
    assert "503" in answered
    assert "500" not in answered
    assert half_written(instance.database) == []
    for sitting in sittings:
        instance.post(sitting.submit)
    assert len(kept(instance.database)[0]) == 12


def stored(folder: Path, zone: str, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    """All the moments a lead leaves behind on a machine in this time zone, and what an endpoint is told."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    instance = Instance(environment(folder / zone.replace("/", "-")), Clock())
    with instance.database.closing():
        instance.listen("https://127.0.0.1:8443/in")
        sitting = instance.lead()
        body = instance.delivery("lead.received").payload.split('"references"')[0]
        with instance.database.reading() as session:
            found = session.scalars(select(Assessment)).one()
            moments = (found.created_at, found.submitted_at, session.scalars(select(Consent.at)).first())
        stamped = [part.split('"')[1] for part in body.split('_at":')[1:] if part.startswith('"')]
        return (*moments, *stamped, "22 November 2026" in instance.page(sitting.report))


def test_wherever_the_machine_stands_all_times_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zones = ("UTC", "Pacific/Apia", "America/St_Johns")
    try:
        first, *others = (stored(tmp_path, zone, monkeypatch) for zone in zones)
        assert [one for one in others if one != first] == []
        assert first[-1] is True
    finally:
        monkeypatch.undo()
        time.tzset()


@ONLY_SQLITE
def test_a_pile_of_messages_from_before_a_restart_is_sent_once_each_while_pages_are_shown(
    instance: Instance, receiver: OpenReceiver
) -> None:
    waiting = 10_000 if LONG else 60
    sink = receiver(lambda call: call.answer(200))
    for place in range(4):
        instance.listen(sink.url(f"/{place}", "127.0.0.1"))
    with instance.database.writing() as session:
        tenant = tenants.by_slug(session, "check")
        assert tenant
        for number in range(waiting):
            told = Parcel(tenant.id, Channel.WEBHOOK, "lead.received", "{}", 1 + number % 4)
            outbox.enqueue(session, told, instance.now())
    with ThreadPoolExecutor(2) as pool:
        drained = pool.submit(instance.drain)
        shown = 0
        while wait([drained], 0.2).not_done:
            instance.page("/q/check")
            shown += 1
        drained.result()
    names = [{key.lower(): value for key, value in one.headers.items()}["webhook-id"] for one in sink.requests]
    assert len(names) == len(set(names)) == waiting
    assert shown > 0
    with instance.database.reading() as session:
        assert set(session.scalars(select(Delivery.state))) == {State.DONE}


@ONLY_SQLITE
def test_many_pdfs_at_the_same_moment_are_all_made(instance: Instance) -> None:
    many = 20 if LONG else 4
    instance.change(staff_mail=[STAFF_MAIL])
    sitting = instance.lead()
    with ThreadPoolExecutor(many) as pool:
        path = f"{sitting.report}/report.pdf"
        made = list(pool.map(lambda _: instance.app.test_client().get(path), range(many)))
    assert {one.status_code for one in made} == {200}
    assert all(one.data.startswith(b"%PDF-") and one.data.rstrip().endswith(b"%%EOF") for one in made)
