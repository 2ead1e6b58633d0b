"""What is in the outbox arrives, whatever the other side, the clock or a signal does; nobody waits for another."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import trustme

from assessment.delivery import channels, webhooks
from assessment.delivery.webhooks import Limits
from assessment.delivery.worker import LEASE, Worker
from assessment.settings import read_settings
from assessment.storage import endpoints, outbox
from assessment.storage.outbox import Claim, State
from assessment.storage.tables import Delivery, Endpoint
from tests.delivery.sink import Call, Script, Sink
from tests.delivery.smtp import DROP, HALFWAY, STALL, running, server_context
from tests.faults.conftest import HERE, OpenReceiver
from tests.faults.instance import STAFF_MAIL, Clock, Instance
from tests.faults.processes import command, free_port, listens, until

COMPLETED, LEAD = "assessment.completed", "lead.received"
ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
DAY = timedelta(days=1)
LIMIT = 2
"""How many seconds an attempt at sending a mail may take here."""


def takes(call: Call) -> None:
    call.answer(200)


def answers(status: int, headers: str = "") -> Script:
    return lambda call: call.answer(status, headers)


def hangs(call: Call) -> None:
    call.ended.wait(60)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts that end after half a second, so that a test of hanging does not hang."""
    monkeypatch.setattr(webhooks, "post", partial(webhooks.post, limits=Limits(total=0.5)))


def message_ids(sink: Sink) -> list[str]:
    return [{k.lower(): v for k, v in request.headers.items()}["webhook-id"] for request in sink.requests]


# What the other side does: R20, R21


@ONE_KIND
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("script", "state", "says"),
    [
        (takes, State.DONE, "accepted it (200)"),
        (answers(301, "Location: https://example.com/\r\n"), State.PENDING, "redirect (301)"),
        (answers(429, "Retry-After: 7200\r\n"), State.PENDING, "asked to wait"),
        (answers(500), State.PENDING, "answered 500"),
        (hangs, State.PENDING, "did not finish its answer within 0.5 seconds"),
    ],
    ids=["200", "301", "429", "500", "hang"],
)
def test_an_endpoint_decides_what_becomes_of_a_message(
    instance: Instance, receiver: OpenReceiver, clock: Clock, script: Script, state: State, says: str
) -> None:
    sink = receiver(script)
    instance.listen(sink.url("/in", HERE))
    instance.submit()
    assert instance.drain() == 1
    found = instance.delivery(COMPLETED)
    assert (found.state, len(sink.requests)) == (state, 1)
    assert says in found.tried[-1].says
    assert instance.endpoint().disabled_at is None
    if state is State.PENDING:
        assert found.next_at == clock() + timedelta(hours=2) if "wait" in says else found.next_at > clock()
        assert instance.drain() == 0, "not before its time"


@ONE_KIND
def test_an_endpoint_with_a_certificate_nobody_vouches_for_is_sent_nothing(
    instance: Instance, receiver: OpenReceiver
) -> None:
    sink = receiver(takes, issuer=trustme.CA())
    instance.listen(sink.url("/in", HERE))
    instance.submit()
    instance.drain()
    assert (instance.delivery(COMPLETED).state, sink.requests) == (State.PENDING, [])
    assert "cannot be trusted" in instance.last_try(COMPLETED).says


@ONE_KIND
def test_an_endpoint_that_is_gone_is_switched_off_at_once(instance: Instance, receiver: OpenReceiver) -> None:
    sink = receiver(answers(410))
    instance.change(staff_mail=[STAFF_MAIL])
    instance.listen(sink.url("/in", HERE))
    instance.submit()
    instance.submit()
    instance.drain()
    assert len(sink.requests) == 1
    assert [one.state for one in instance.deliveries(COMPLETED)] == [State.DEAD, State.PENDING]
    assert "gone for good" in (instance.endpoint().disabled_because or "")
    assert instance.delivery("mail.endpoint").state == State.DONE


@contextmanager
def mail_server(script: dict[str, str] | None, authority: trustme.CA) -> Iterator[int]:
    """A mail server that follows a script; gives its port. None is one that is not there."""
    if script is None:
        yield free_port()
        return
    options = {} if "STARTTLS" in script else {"tls_context": server_context(authority)}
    with running({key: value for key, value in script.items() if value}, **options) as server:
        yield server.port


@ONE_KIND
@pytest.mark.parametrize(
    ("script", "state", "says"),
    [
        ({}, State.DONE, "took the mail"),
        (None, State.PENDING, "could not be reached"),
        ({"MAIL": "451 later"}, State.PENDING, "for now (451: later)"),
        ({"RCPT": "550 nobody here"}, State.DEAD, "for good (550: nobody here)"),
        ({HALFWAY: DROP}, State.PENDING, "hung up"),
        ({"RCPT": STALL}, State.PENDING, "did not answer within 2 seconds"),
        ({"STARTTLS": ""}, State.DEAD, "does not offer STARTTLS"),
    ],
    ids=["250", "down", "451", "550", "drop in DATA", "stall", "STARTTLS refused"],
)
def test_a_mail_server_decides_what_becomes_of_a_mail_and_the_owner_sees_no_difference(
    instance: Instance,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    script: dict[str, str] | None,
    state: State,
    says: str,
) -> None:
    usual = channels.mailer
    instance.environment |= {"ASSESSMENT_SMTP_HOST": HERE, "ASSESSMENT_MAIL_FROM": "check@northgate.example"}
    with mail_server(script, authority) as port:
        quick = {"port": port, "limits": LIMIT}
        monkeypatch.setattr(channels, "mailer", lambda settings: replace(usual(settings), **quick))
        sitting = instance.lead()
        instance.drain()
        found = instance.delivery("mail.report")
        assert (found.state, len(found.tried)) == (state, 1)
        assert says in found.tried[-1].says
        assert "of 100" in instance.page(sitting.report)
        assert "It can take a few minutes" in instance.page(sitting.report)


# An endpoint that fails for days: R22


@ONE_KIND
def test_an_endpoint_that_fails_for_five_days_is_switched_off_and_its_staff_get_one_mail(
    instance: Instance, receiver: OpenReceiver, clock: Clock
) -> None:
    broken = [True]
    sink = receiver(lambda call: call.answer(500 if broken else 200))
    instance.change(staff_mail=[STAFF_MAIL])
    instance.listen(sink.url("/in", HERE))
    began = clock()
    while instance.endpoint().disabled_at is None:
        instance.submit()
        instance.drain()
        clock.passes(hours=12)
    off = instance.endpoint()
    assert off.disabled_at
    assert timedelta(days=5) <= off.disabled_at - began < timedelta(days=6)
    assert instance.delivery("mail.endpoint").state == State.DONE
    tried = len(sink.requests)
    while_off = [instance.submit().reference for _ in range(5)]
    clock.passes(days=2)
    assert (instance.drain(), len(sink.requests)) == (0, tried)
    broken.clear()
    switch_on(instance)
    instance.drain()
    order = [
        reference for request in sink.requests[tried:] for reference in while_off if reference in str(request.body)
    ]
    assert order == while_off, "what waited is sent, in order"
    assert {one.state for one in instance.deliveries()} <= {State.DONE, State.DEAD}
    assert instance.endpoint().failing_since is None
    assert len(instance.deliveries("mail.endpoint")) == 1


def switch_on(instance: Instance) -> None:
    with instance.database.writing() as session:
        endpoints.switch_on(session.get_one(Endpoint, instance.endpoint().id))


@ONE_KIND
def test_one_success_ends_the_count_of_days(instance: Instance, receiver: OpenReceiver, clock: Clock) -> None:
    replies = iter([500, 500, 200, 500, 500])
    sink = receiver(lambda call: call.answer(next(replies)))
    instance.listen(sink.url("/in", HERE))
    instance.submit()
    for _ in range(5):
        instance.drain()
        clock.passes(days=2)
        if not instance.undelivered():
            instance.submit()
    assert len(sink.requests) == 5
    assert instance.endpoint().disabled_at is None


# Leases and the clock: R18


def claim(instance: Instance) -> Claim | None:
    with instance.database.writing() as session:
        return outbox.claim(session, instance.now(), LEASE)


def sending_meanwhile(instance: Instance, meanwhile: Callable[[], object]) -> Worker:
    """A worker that something happens to between its message and writing down that it arrived."""
    worker = instance.worker()
    usual = dict(worker.senders)

    def slow(found: Claim) -> channels.Attempt:
        attempt = usual[found.channel](found)
        meanwhile()
        return attempt

    worker.senders = dict.fromkeys(usual, slow)
    return worker


def test_a_clock_put_forward_during_a_lease_sends_twice_under_one_name_and_settles_once(
    instance: Instance, receiver: OpenReceiver, clock: Clock
) -> None:
    sink = receiver(takes)
    instance.listen(sink.url("/in", HERE))
    instance.submit()

    def a_day_later() -> None:
        clock.passes(days=1)
        assert instance.drain() == 1, "the lease is over, so somebody else sends it"

    assert sending_meanwhile(instance, a_day_later).once()
    found = instance.delivery(COMPLETED)
    assert (found.state, found.attempts, len(found.tried)) == (State.DONE, 2, 1)
    assert message_ids(sink) == [found.message_id] * 2


def test_a_worker_whose_lease_passed_on_says_nothing_even_while_the_other_one_is_still_sending(
    instance: Instance, receiver: OpenReceiver, clock: Clock
) -> None:
    instance.listen(receiver(answers(500)).url("/in", HERE))
    instance.submit()
    others: list[Claim | None] = []

    def somebody_else_claims() -> None:
        clock.passes(minutes=2)
        others.append(claim(instance))

    sending_meanwhile(instance, somebody_else_claims).once()
    found = instance.delivery(COMPLETED)
    assert others[0]
    assert (found.lease, found.tried) == (others[0].lease, [])
    assert instance.endpoint().failing_since is None


@pytest.mark.parametrize("status", [200, 500])
def test_a_clock_put_back_during_a_lease_disturbs_nobody(
    instance: Instance, receiver: OpenReceiver, clock: Clock, status: int
) -> None:
    instance.listen(receiver(answers(status)).url("/in", HERE))
    instance.submit()
    sending_meanwhile(instance, lambda: clock.passes(days=-1)).once()
    found = instance.delivery(COMPLETED)
    if status == 200:
        assert found.state == State.DONE
    else:
        assert timedelta(0) < found.next_at - clock() < timedelta(seconds=10)
        clock.passes(minutes=1)
        assert instance.drain() == 1


def test_what_a_dead_worker_held_is_sent_once_its_lease_is_over_even_if_the_clock_was_put_back(
    instance: Instance, receiver: OpenReceiver, clock: Clock
) -> None:
    sink = receiver(takes)
    instance.listen(sink.url("/in", HERE))
    instance.submit()
    assert claim(instance), "by a worker that dies now"
    clock.passes(days=-1)
    assert instance.drain() == 0
    clock.passes(days=1)
    assert instance.drain() == 0
    clock.passes(seconds=LEASE.total_seconds())
    assert instance.drain() == 1
    assert instance.undelivered() == 0


def test_a_message_sent_again_keeps_its_name_and_is_signed_at_its_own_time(
    instance: Instance, receiver: OpenReceiver, clock: Clock
) -> None:
    sink = receiver(takes)
    instance.listen(sink.url("/in", HERE))
    instance.submit()
    instance.drain()
    clock.passes(days=3)
    with instance.database.writing() as session:
        assert outbox.replay(session, session.get_one(Delivery, instance.delivery(COMPLETED).id), clock())
    instance.drain()
    first, again = sink.requests
    assert len(set(message_ids(sink))) == 1
    assert first.body == again.body
    assert int(again.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == DAY.total_seconds() * 3


# Nobody waits for somebody else's endpoint


def test_an_endpoint_that_hangs_holds_up_nobody_else_and_is_sent_one_message_at_a_time(
    instance: Instance, receiver: OpenReceiver
) -> None:
    stuck, quick = receiver(hangs), receiver(takes)
    instance.change("slow-firm")
    instance.listen(stuck.url("/in", HERE), "slow-firm")
    instance.listen(quick.url("/in", HERE))
    for _ in range(5):
        instance.submit("slow-firm")
    for _ in range(10):
        instance.submit()
    worker = instance.worker()
    threads = worker.start()
    try:
        until(lambda: len(quick.requests) == 10, "ten messages to the endpoint that answers")
        assert len(stuck.requests) == 1
    finally:
        worker.stop()
        stuck.ended.set()
        worker.finish(threads)
    assert not any(thread.is_alive() for thread in threads)


def test_two_lanes_that_claim_at_the_same_moment_do_not_send_to_the_same_endpoint(instance: Instance) -> None:
    instance.listen("https://127.0.0.1:8443/in")
    instance.submit()
    instance.submit()
    second: list[Claim | None] = []
    with instance.database.writing() as session:
        assert outbox.claim(session, instance.now(), LEASE)
        lane = threading.Thread(target=lambda: second.append(claim(instance)))
        lane.start()
        until(lambda: second or instance.database.is_sqlite or instance.waiting(), "a lane that waits or is done")
    lane.join(60)
    assert second == [None]


# A polite end: R03

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc to see what a process is doing")


@contextmanager
def started(instance: Instance, log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The `assessment` command at work."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            command(*arguments), env={**os.environ, **instance.environment}, stdout=said, stderr=said
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@linux
@ONE_KIND
def test_a_worker_told_to_stop_finishes_what_it_is_sending_and_begins_nothing_new(
    instance: Instance, receiver: OpenReceiver, tmp_path: Path
) -> None:
    go_on = threading.Event()
    sink = receiver(lambda call: call.answer(200) if go_on.wait(60) else None)
    instance.listen(sink.url("/in", HERE))
    for _ in range(3):
        instance.submit()
    instance.make_due()
    with started(instance, tmp_path / "log", "worker") as process:
        until(lambda: sink.requests, "a message on its way")
        process.send_signal(signal.SIGTERM)
        until(lambda: lanes(process.pid) == 1, "a worker of which only the busy lane is left")
        assert process.poll() is None
        go_on.set()
        assert process.wait(60) == 0, (tmp_path / "log").read_text()
    assert len(sink.requests) == 1
    found = instance.deliveries(COMPLETED)
    assert [one.state for one in found] == [State.DONE, State.PENDING, State.PENDING]
    assert [one.attempts for one in found] == [1, 0, 0]


def lanes(pid: int) -> int:
    """How many threads a process has beside the first."""
    return len(os.listdir(f"/proc/{pid}/task")) - 1


@linux
@ONE_KIND
def test_a_server_told_to_stop_lets_its_worker_finish(
    instance: Instance, receiver: OpenReceiver, tmp_path: Path
) -> None:
    go_on = threading.Event()
    sink = receiver(lambda call: call.answer(200) if go_on.wait(60) else None)
    instance.listen(sink.url("/in", HERE))
    instance.environment["ASSESSMENT_DELIVERY"] = "inside"
    for _ in range(3):
        instance.submit()
    instance.make_due()
    port = free_port()
    with started(instance, tmp_path / "log", "serve", "--port", str(port)) as process:
        until(lambda: sink.requests, "a message on its way")
        process.send_signal(signal.SIGTERM)
        until(lambda: not listens(port), "a server that takes nobody in any more")
        go_on.set()
        assert process.wait(60) == 0, (tmp_path / "log").read_text()
    found = instance.deliveries(COMPLETED)
    assert found[0].state == State.DONE
    assert [one.leased_until for one in found] == [None] * 3


# Small promises


@ONE_KIND
def test_everything_that_waited_for_an_endpoint_is_sent_when_it_is_switched_on_in_the_order_it_came_to_be(
    instance: Instance, receiver: OpenReceiver
) -> None:
    """As the mail to the staff says."""
    replies = iter([500, 500])
    sink = receiver(lambda call: call.answer(next(replies, 200)))
    instance.listen(sink.url("/in", HERE))
    tried = [instance.submit().reference for _ in range(2)]
    instance.drain()
    with instance.database.writing() as session:
        endpoints.switch_off(session.get_one(Endpoint, instance.endpoint().id), "by hand", instance.now())
    waited = [instance.submit().reference for _ in range(2)]
    assert instance.drain() == 0
    switch_on(instance)
    assert instance.drain() == 4
    assert [
        one for request in sink.requests[2:] for one in tried + waited if one in str(request.body)
    ] == tried + waited


@ONE_KIND
def test_a_digest_that_is_in_the_outbox_already_takes_nothing_from_the_mails_of_the_day(
    instance: Instance, clock: Clock
) -> None:
    """Every process looks every hour; a mail to an owner may not have to wait a day for that."""
    few = Instance({**instance.environment, "ASSESSMENT_MAILS_PER_DAY": "4"}, clock)
    with few.database.closing():
        few.change(staff_mail=[STAFF_MAIL], notices="daily")
        few.submit()
        clock.passes(days=1)
        for _ in range(5):
            few.worker().chores()
            clock.passes(hours=1)
        assert len(few.deliveries("mail.digest")) == 1
        few.lead()
        assert few.delivery("mail.report").next_at == clock()


def test_a_mail_server_may_listen_on_any_port() -> None:
    here = {"ASSESSMENT_SMTP_HOST": "mail.example.com", "ASSESSMENT_MAIL_FROM": "check@northgate.example"}
    assert read_settings({**here, "ASSESSMENT_SMTP_PORT": "10025"}).smtp_port == 10025
