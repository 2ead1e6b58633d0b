"""The outbox and what stands around it, on SQLite and on PostgreSQL alike."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from assessment.settings import read_settings
from assessment.storage import endpoints, limits, outbox, tenants
from assessment.storage.outbox import CROSSED_OUT, Channel, Claim, Parcel, State
from assessment.storage.session import Database, Session
from assessment.storage.tables import Attempt, Delivery, Endpoint
from assessment.storage.vault import Sealed, Vault
from tests.storage.conftest import NOW

LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
VAULT = Vault("a secret key")


def parcel(session: Session, **more: object) -> Parcel:
    tenant = tenants.default_tenant(session, read_settings({}), NOW)
    return Parcel(**{"tenant_id": tenant.id, "channel": Channel.WEBHOOK, "event": "e", "payload": '{"a":1}', **more})  # type: ignore[arg-type]


def endpoint(session: Session) -> Endpoint:
    tenant = tenants.default_tenant(session, read_settings({}), NOW)
    return endpoints.add(session, tenant, "https://x.example/", "whsec_1", VAULT, NOW, flat=False, events="e")


def put(database: Database, how_many: int = 1, **more: object) -> None:
    with database.writing() as session:
        for _ in range(how_many):
            outbox.enqueue(session, parcel(session, **more), NOW)


def claim(database: Database, at=NOW) -> Claim | None:  # type: ignore[no-untyped-def]
    with database.writing() as session:
        return outbox.claim(session, at, LEASE)


def settle(database: Database, claimed: Claim, state: State, at=NOW, next_at=None) -> bool:  # type: ignore[no-untyped-def]
    with database.writing() as session:
        return outbox.settle(session, claimed, state, Attempt(at=at, verdict="x", says="said"), next_at)


def rows(database: Database) -> list[Delivery]:
    with database.reading() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def test_what_is_claimed_is_claimed_by_one(database: Database) -> None:
    put(database, 20)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: claim(database), range(20)))
    names = [one.message_id for one in taken if one]
    assert len(names) == len(set(names))
    while one := claim(database):
        names.append(one.message_id)
    assert sorted(names) == sorted(row.message_id for row in rows(database))


def test_a_lease_that_ran_out_passes_to_the_next_and_the_first_settles_nothing(database: Database) -> None:
    put(database)
    first = claim(database)
    assert first
    assert claim(database, NOW + LEASE - SECOND) is None
    second = claim(database, NOW + LEASE)
    assert second
    assert (second.message_id, second.attempts) == (first.message_id, 2)
    assert settle(database, first, State.DONE) is False
    assert settle(database, second, State.DONE) is True
    (row,) = rows(database)
    assert row.state == State.DONE


def test_what_failed_waits_for_its_time(database: Database) -> None:
    put(database)
    first = claim(database)
    assert first
    settle(database, first, State.PENDING, next_at=NOW + 10 * SECOND)
    assert claim(database, NOW + 9 * SECOND) is None
    assert claim(database, NOW + 10 * SECOND) is not None


def test_the_same_occasion_is_put_in_once(database: Database) -> None:
    name = outbox.message_id("lead.received", "one", "ep_1")
    assert (
        name == outbox.message_id("lead.received", "one", "ep_1") != outbox.message_id("lead.received", "two", "ep_1")
    )
    put(database, 3, message_id=name)
    assert len(rows(database)) == 1


def test_one_delivery_at_a_time_to_each_endpoint_and_none_to_one_that_is_off(database: Database) -> None:
    with database.writing() as session:
        one, other = endpoint(session), endpoint(session)
        for _ in range(2):
            for to in (one, other):
                outbox.enqueue(session, parcel(session, endpoint_id=to.id), NOW)
    first, second = claim(database), claim(database)
    assert first and second  # noqa: PT018
    assert {first.endpoint_id, second.endpoint_id} == {one.id, other.id}
    assert claim(database) is None
    settle(database, first, State.DONE)
    with database.writing() as session:
        endpoints.switch_off(session.get_one(Endpoint, first.endpoint_id), "gone", NOW)
    assert claim(database) is None
    with database.writing() as session:
        endpoints.switch_on(session.get_one(Endpoint, first.endpoint_id))
    again = claim(database)
    assert again
    assert again.endpoint_id == first.endpoint_id


def test_a_mail_that_was_sent_is_crossed_out_and_a_webhook_can_be_sent_again(database: Database) -> None:
    put(database, channel=Channel.MAIL)
    put(database)
    for _ in range(2):
        claimed = claim(database)
        assert claimed
        settle(database, claimed, State.DONE)
    mail, webhook = rows(database)
    assert (mail.payload, webhook.payload) == (CROSSED_OUT, '{"a":1}')
    with database.writing() as session:
        again = [outbox.replay(session, session.merge(row), NOW) for row in (mail, webhook)]
    assert again == [False, True]
    replayed = claim(database)
    assert replayed
    assert replayed.message_id == webhook.message_id


def test_the_last_twenty_attempts_are_kept(database: Database) -> None:
    put(database)
    for number in range(25):
        claimed = claim(database, NOW + number * SECOND)
        assert claimed
        settle(database, claimed, State.PENDING, next_at=NOW)
    with database.reading() as session:
        assert len(session.scalars(select(Attempt)).all()) == outbox.KEPT_ATTEMPTS


def test_cancelled_is_not_sent_and_says_nothing_any_more(database: Database) -> None:
    put(database, address_hash="h")
    claimed = claim(database)
    assert claimed
    with database.writing() as session:
        outbox.cancel(session, Delivery.address_hash == "h", now=NOW)
    with database.reading() as session:
        assert outbox.still_wanted(session, claimed) is False
    assert settle(database, claimed, State.DONE) is False
    (row,) = rows(database)
    assert (row.state, row.payload) == (State.CANCELLED, CROSSED_OUT)


def test_a_bucket_counts_through_every_process_and_empties_with_time(database: Database) -> None:
    def take(_: int) -> bool:
        with database.writing() as session:
            return limits.take(session, "k", 5, timedelta(hours=1), NOW)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(take, range(12))) == 5
    with database.writing() as session:
        assert limits.take(session, "k", 5, timedelta(hours=1), NOW + timedelta(hours=1)) is True


def test_an_old_secret_signs_beside_the_new_one_for_a_day(database: Database) -> None:
    with database.writing() as session:
        found = endpoint(session)
        endpoints.rotate(found, "whsec_2", VAULT, NOW)
        assert endpoints.signing_secrets(found, VAULT, NOW) == ("whsec_2", "whsec_1")
        assert endpoints.signing_secrets(found, VAULT, NOW + timedelta(days=1)) == ("whsec_2",)
        assert "whsec" not in found.secret
        with pytest.raises(Sealed, match="ASSESSMENT_SECRET_KEY"):
            endpoints.signing_secrets(found, Vault("another"), NOW)


def test_a_place_is_a_network_and_its_name_changes_every_day() -> None:
    def place(address: str, days: int = 0) -> str:
        return VAULT.place("start", address, NOW + timedelta(days=days))

    assert place("192.0.2.1") == place("192.0.2.254") != place("192.0.3.1")
    assert place("2001:db8::1") == place("2001:db8::ffff:1") != place("2001:db8:1::1")
    assert place("192.0.2.1") != place("192.0.2.1", days=1)
    assert place("nonsense") == place("")
