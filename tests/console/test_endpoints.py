"""Endpoints in the console: a secret that is shown once, what was sent and what was not, and sending it once more."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from assessment.delivery.addresses import Rule
from assessment.delivery.channels import webhook_sender
from assessment.delivery.chores import conclude
from assessment.delivery.worker import Worker as Hands
from assessment.settings import Settings, read_settings
from assessment.storage import endpoints as rows
from assessment.storage import outbox
from assessment.storage.outbox import Channel, Parcel, State
from assessment.storage.staff import AuditEntry, Role
from assessment.storage.tables import Attempt, Delivery, Endpoint
from assessment.web.console.settings.endpoint_showing import MOST
from tests.console.conftest import HOME, PASSWORD, Join, Worker, read, token_of
from tests.web.conftest import Page, words

PLACE = "/check/settings/endpoints"
URL = "https://127.0.0.1:8443/in"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An instance whose operator lets webhooks go to this machine, so that no name need be looked up."""
    return read_settings(
        {
            "ASSESSMENT_INSTANCE": str(tmp_path / "instance"),
            "ASSESSMENT_BASE_URL": HOME,
            "ASSESSMENT_TENANT_NAME": "Northgate Computers",
            "ASSESSMENT_BUSY_SECONDS": "1",
            "ASSESSMENT_WEBHOOK_NETWORKS": "127.0.0.0/8",
        }
    )


def site(worker: Worker) -> Any:
    return worker.app.extensions["site"]


def post(worker: Worker, path: str, data: dict[str, Any] | None = None, expect: int = 303) -> Any:
    return worker.send(path, data, expect, worker.token("/account"))


def add(worker: Worker, url: str = URL, expect: int = 200, place: str = PLACE, **more: Any) -> Page:
    data = {"url": url, "events": ["lead.received", "contact.erased"], **more}
    return read(post(worker, place, data, expect), expect)


def secret_on(page: Page) -> str:
    return page.one("input", id="once").get("value") or ""


def endpoint(worker: Worker) -> Endpoint:
    with site(worker).database.reading() as session:
        return session.scalars(select(Endpoint).order_by(Endpoint.id.desc())).first()  # type: ignore[return-value]


def actions(worker: Worker) -> list[str]:
    with site(worker).database.reading() as session:
        wanted = select(AuditEntry).where(AuditEntry.tenant_id.is_not(None)).order_by(AuditEntry.id)
        return [f"{entry.action}: {entry.object}" for entry in session.scalars(wanted) if "endpoint" in entry.object]


def deliver(worker: Worker, says: str, state: State = State.DEAD, event: str = "endpoint.test") -> str:
    """Something was sent to the newest endpoint, with this outcome."""
    to, at = endpoint(worker), site(worker).now()
    name = outbox.message_id()
    with site(worker).database.writing() as session:
        parcel = Parcel(to.tenant_id, Channel.WEBHOOK, event, '{"x":1}', endpoint_id=to.id, message_id=name)
        outbox.enqueue(session, parcel, at)
        session.execute(update(Delivery).where(Delivery.message_id == name).values(state=state))
        (row,) = outbox.of_endpoint(session, to.id, 1)
        session.add(Attempt(delivery_id=row.id, at=at, verdict="again", says=says))
    return name


def test_a_secret_is_shown_once_and_is_the_one_that_signs(kim: Worker) -> None:
    page = add(kim)
    secret = secret_on(page)
    assert secret.startswith("whsec_")
    found = endpoint(kim)
    assert rows.signing_secrets(found, site(kim).vault, kim.clock()) == (secret,)
    assert (found.url, found.events, found.flat) == (URL, "lead.received contact.erased", False)
    cookies = " ".join(f"{one.value}" for one in kim.client._cookies.values())
    for path in (PLACE, f"{PLACE}/{found.reference}", "/check/settings/activity"):
        assert secret not in kim.open(path).text
    assert secret not in cookies
    assert secret not in found.secret
    assert actions(kim) == [f"add an endpoint: endpoint {found.reference}"]


def test_a_form_sent_twice_adds_one_endpoint_and_shows_no_second_secret(kim: Worker) -> None:
    add(kim)
    page = add(kim, expect=422)
    assert "There is an endpoint with this address already" in page.says()
    assert "whsec_" not in page.text
    assert words(kim.open(PLACE).one("main")).count(URL) == 1


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "must begin with https://"),
        ("http://127.0.0.1/in", "must begin with https://"),
        ("https://10.0.0.1/in", "private or reserved network"),
        ("https://127.0.0.1:25/in", "Use port 443 or 8443"),
        ("https://kim:pass@127.0.0.1/in", "user name or password"),
        ("https://no.invalid/in", "could not be found"),
        ("https://127.0.0.1/\u0000", "invisible character"),
        ("javascript:alert(1)", "must begin with https://"),
        ("https://127.0.0.1/" + "x" * 2000, "longer than 2,000"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_address_no_webhook_may_go_to_is_refused_with_the_reason_and_kept_in_the_form(
    kim: Worker, url: str, says: str
) -> None:
    page = add(kim, url, expect=422)
    assert says in page.says()
    assert page.one("input", id="field-url").get("aria-invalid") == "true"
    ticked = [box.get("value") for box in page.all("input", type="checkbox") if box.get("checked") is not None]
    assert ticked == ["lead.received", "contact.erased"]
    assert "There is none yet" in kim.open(PLACE).says()


def test_an_endpoint_must_hear_of_something_and_of_nothing_that_is_not_offered(kim: Worker) -> None:
    for events in ([], ["endpoint.test"], ["everything", ""]):
        assert "Tick at least one thing" in add(kim, expect=422, events=events).says()
    add(kim, events=["assessment.completed", "everything"], flat="yes")
    assert (endpoint(kim).events, endpoint(kim).flat) == ("assessment.completed", True)


def test_a_tenant_has_only_so_many_endpoints(kim: Worker) -> None:
    for number in range(MOST):
        add(kim, f"{URL}/{number}")
    assert "as many as one tenant can have" in add(kim, expect=422).says()


def test_a_secret_is_shown_to_who_has_just_signed_in_only(kim: Worker) -> None:
    add(kim)
    at = f"{PLACE}/{endpoint(kim).reference}"
    kim.clock.passes(minutes=20)
    before = endpoint(kim).secret
    for path in (PLACE, at):
        page = kim.open(path)
        assert not [form for form in page.all("form") if form.get("action", "").endswith(("rotate", "endpoints"))]
        assert any(link.startswith("/console/confirm?next=") for link in page.links())
    assert "/console/confirm" in post(kim, PLACE, {"url": f"{URL}/2", "events": "lead.received"}).location
    assert "/console/confirm" in post(kim, f"{at}/rotate").location
    assert endpoint(kim).secret == before
    kim.send("/confirm", {"password": PASSWORD}, token=kim.token("/confirm"))
    assert secret_on(add(kim, f"{URL}/2"))


def rotate(worker: Worker, page: Page, expect: int = 200) -> Any:
    seal = page.one("input", name="seal").get("value") or ""
    action = next(form.get("action", "") for form in page.all("form") if form.get("action", "").endswith("rotate"))
    sent = {"seal": seal}
    return worker.send(action.removeprefix("/console"), sent, expect, token_of(page))


def test_a_new_secret_signs_beside_the_old_one_for_a_day_and_a_reload_makes_no_third(kim: Worker) -> None:
    old = secret_on(add(kim))
    path = f"{PLACE}/{endpoint(kim).reference}"
    page = kim.open(path)
    new = secret_on(read(rotate(kim, page), 200))
    assert rows.signing_secrets(endpoint(kim), site(kim).vault, kim.clock()) == (new, old)
    assert "since you opened the page" in kim.follow(rotate(kim, page, 303)).says()
    assert rows.signing_secrets(endpoint(kim), site(kim).vault, kim.clock()) == (new, old)
    assert "goes on working until" in kim.open(path).says()
    for _ in range(50):
        kim.clock.passes(minutes=29)
        assert kim.is_in() or kim.sign_in() is None
    assert "goes on working until" not in kim.open(path).says()
    assert rows.signing_secrets(endpoint(kim), site(kim).vault, kim.clock()) == (new,)


def test_a_test_message_is_put_into_the_outbox_and_its_page_says_what_became_of_it(kim: Worker) -> None:
    add(kim, flat="yes")
    page = kim.follow(post(kim, f"{PLACE}/{endpoint(kim).reference}/test"))
    assert "It has not arrived yet" in page.says()
    here = next(link for link in page.links() if "/deliveries/" in link).removeprefix("/console")
    with site(kim).database.reading() as session:
        (sent,) = session.scalars(select(Delivery)).all()
    assert sent.message_id == here.rsplit("/", 1)[1]
    assert '"tenant_slug":"check"' in sent.payload
    hands = Hands(
        site(kim).database,
        {Channel.WEBHOOK: webhook_sender(site(kim).database, site(kim).vault, Rule(), kim.clock)},
        kim.clock,
        lambda: 0.5,
        aftermath=conclude(site(kim).settings, site(kim).vault),
    )
    assert hands.once()
    assert "private or reserved network" in kim.open(here).says()
    assert "Failing since" in kim.open(PLACE).says()


def test_off_holds_back_what_is_due_and_on_sends_it(kim: Worker) -> None:
    add(kim)
    at = f"{PLACE}/{endpoint(kim).reference}"
    assert "switched off" in kim.follow(post(kim, f"{at}/off")).says()
    name = deliver(kim, "Not reached.", State.PENDING)
    assert "It waits: the endpoint is switched off" in kim.open(f"{at}/deliveries/{name}").says()
    with site(kim).database.reading() as session:
        assert not outbox.waiting(session, kim.clock())
    page = kim.follow(post(kim, f"{at}/on"))
    assert "On. Last tried" in page.says()
    with site(kim).database.reading() as session:
        assert outbox.waiting(session, kim.clock())


def test_what_was_given_up_is_sent_again_one_or_all_of_this_endpoint_alone(kim: Worker) -> None:
    add(kim, f"{URL}/other")
    elsewhere = deliver(kim, "Gone.")
    add(kim)
    at = f"{PLACE}/{endpoint(kim).reference}"
    first, second, done = deliver(kim, "Not found."), deliver(kim, "Timed out."), deliver(kim, "Taken.", State.DONE)
    page = kim.open(at)
    assert "Timed out." in page.says()
    assert "Send the 2 given up once more" in page.says()
    assert "It did not arrive" in kim.open(f"{at}/deliveries/{first}").says()
    assert "sent once more" in kim.follow(post(kim, f"{at}/deliveries/{first}/replay")).says()
    post(kim, f"{at}/deliveries/{first}/replay", expect=404)
    post(kim, f"{at}/deliveries/{done}/replay", expect=404)
    post(kim, f"{at}/deliveries/{elsewhere}/replay", expect=404)
    assert "1 of 1 are sent once more." in kim.follow(post(kim, f"{at}/replay")).says()
    with site(kim).database.reading() as session:
        states = {one.message_id: one.state for one in session.scalars(select(Delivery))}
    assert states == {first: "pending", second: "pending", done: "done", elsewhere: "dead"}


def test_nothing_about_somebody_who_may_not_be_contacted_is_sent_again(kim: Worker) -> None:
    add(kim)
    at = f"{PLACE}/{endpoint(kim).reference}"
    name = deliver(kim, "Not found.", event="lead.received")
    assert "took their consent back" in kim.follow(post(kim, f"{at}/deliveries/{name}/replay")).says()
    assert "0 of 1" in kim.follow(post(kim, f"{at}/replay")).says()
    with site(kim).database.reading() as session:
        assert session.scalars(select(Delivery.state)).all() == ["dead"]


def test_a_removed_endpoint_is_sent_nothing_more(kim: Worker) -> None:
    add(kim)
    gone = endpoint(kim).reference
    deliver(kim, "Not yet.", State.PENDING)
    assert "is removed" in kim.follow(post(kim, f"{PLACE}/{gone}/remove")).says()
    assert "There is none yet" in kim.open(PLACE).says()
    kim.open(f"{PLACE}/{gone}", 404)
    with site(kim).database.reading() as session:
        (left,) = session.scalars(select(Delivery)).all()
        assert (left.state, left.payload, left.endpoint_id) == ("cancelled", "{}", None)
    assert actions(kim)[-1] == f"remove an endpoint: endpoint {gone}"


def test_another_tenant_s_endpoint_is_not_there_whatever_is_asked_of_it(join: Join) -> None:
    mine, theirs = join("a@a.example", Role.OWNER, "mine"), join("b@b.example", Role.OWNER, "theirs")
    add(theirs, place="/theirs/settings/endpoints")
    found, name = endpoint(theirs), deliver(theirs, "Not found.")
    before = (found.secret, found.disabled_at)
    at = f"/mine/settings/endpoints/{found.reference}"
    mine.open(at, 404)
    mine.open(f"{at}/deliveries/{name}", 404)
    for action in ("off", "on", "test", "remove", "replay", "rotate", f"deliveries/{name}/replay"):
        post(mine, f"{at}/{action}", expect=404)
    assert URL not in mine.open("/mine/settings/endpoints").text
    assert (endpoint(theirs).secret, endpoint(theirs).disabled_at) == before
    theirs.open(f"/theirs/settings/endpoints/{found.reference}/deliveries/{name}")


def test_what_an_endpoint_answered_is_text_and_nothing_else(kim: Worker) -> None:
    add(kim, f"{URL}?<script>alert(1)</script>")
    deliver(kim, "It said <script>alert(2)</script>")
    page = kim.open(f"{PLACE}/{endpoint(kim).reference}")
    assert not re.search(r"<script>alert", page.text)
