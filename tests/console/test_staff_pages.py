"""Staff arranged by owners: roles, an end to access, and invitations that take nobody's account over."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from assessment.storage import members, staff, tenants
from assessment.storage.members import LastOwner
from assessment.storage.session import Database
from assessment.storage.staff import AuditEntry, Invitation, Role, Staff
from assessment.web.console.entrance import joining
from tests.console.conftest import HOME, PASSWORD, Join, Worker, invite, read, token_of
from tests.web.conftest import Clock, Page

PLACE = "/check/settings/staff"
THEIRS = "another otter entirely"


def post(worker: Worker, path: str, data: dict[str, Any] | None = None, expect: int = 303) -> Any:
    return worker.send(path, data, expect, worker.token("/account"))


def ask(worker: Worker, email: str, role: str = "editor", place: str = PLACE) -> str:
    """An owner invites somebody; gives the path of the link."""
    page = read(post(worker, place, {"email": email, "role": role}, 200), 200)
    link = page.one("input", id="once").get("value") or ""
    assert link.startswith(f"{HOME}/console/invitation/")
    return link.removeprefix(f"{HOME}/console")


def register(worker: Worker, path: str, password: str = PASSWORD, expect: int = 303) -> Any:
    return worker.send(path, {"name": "Lee Ray", "password": password}, expect, worker.token(path))


def person(app: Flask, email: str) -> Staff:
    with app.extensions["site"].database.reading() as session:
        found = staff.by_email(session, email)
        assert found is not None
        assert isinstance(found.memberships, list)
        return found


def roles(app: Flask, email: str) -> dict[str, str]:
    with app.extensions["site"].database.reading() as session:
        found = staff.by_email(session, email)
        return {one.tenant.slug: one.role for one in found.memberships} if found else {}


def join_with(worker: Worker, path: str, expect: int = 303) -> Any:
    return worker.send(f"{path}/join", expect=expect, token=worker.token("/account"))


@pytest.fixture
def lee(kim: Worker) -> Worker:
    return Worker(kim.app, kim.clock, "lee@northgate.example")


def without_marks(page: Page, *emails: str) -> str:
    """A page without what is different every time."""
    text = re.sub(r'value="[^"]*"|invitation/[\w-]+', "", page.text)
    for email in emails:
        text = text.replace(email, "EMAIL")
    return text


def test_somebody_new_makes_an_account_signs_in_and_joins(kim: Worker, lee: Worker) -> None:
    path = ask(kim, "Lee@Northgate.example")
    page = kim.open(PLACE)
    assert "lee@northgate.example" in page.says()
    assert "Invited by Kim Lee" in page.says()
    assert "If there was no account" in lee.follow(register(lee, path)).says()
    assert not lee.is_in()
    assert roles(kim.app, lee.email) == {}
    assert lee.give_password().location == "/console/second-step"
    lee.set_up_second_step()
    assert lee.get("/").location == "/console/recovery-codes"
    lee.make_recovery_codes()
    assert lee.get("/").location == f"/console{path}", "they are led on to what they came for"
    page = lee.open(path)
    action = page.all("form")[-1].get("action") or ""
    assert action == f"/console{path}/join"
    assert (
        "You work for Northgate Computers now"
        in lee.follow(lee.send(f"{path}/join", expect=303, token=token_of(page))).says()
    )
    assert roles(kim.app, lee.email) == {"check": "editor"}
    assert lee.get("/").location.startswith("/console/check/")
    page = kim.open(PLACE)
    assert "Invited by" not in page.says()
    assert "with a second step" in page.says()


def test_who_has_an_account_keeps_password_and_second_step_and_works_for_both(kim: Worker, join: Join) -> None:
    bea = join("bea@south.example", Role.OWNER, "south")
    before = person(kim.app, bea.email)
    path = ask(kim, bea.email, "viewer")
    bea.sign_out()
    bea.open(path)
    bea.sign_in()
    bea.make_recovery_codes()
    assert bea.get("/").location == f"/console{path}"
    join_with(bea, path)
    after = person(kim.app, bea.email)
    assert roles(kim.app, bea.email) == {"south": "owner", "check": "viewer"}
    kept = ("password", "tf_totp_secret", "fs_uniquifier", "name")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]


def test_an_owner_who_opens_the_link_themselves_neither_takes_an_account_over_nor_learns_of_it(
    kim: Worker, join: Join
) -> None:
    bea = join("bea@south.example", Role.OWNER, "south")
    before = person(kim.app, bea.email)
    emails = (bea.email, "nobody@south.example")
    answers, pages, invited = [], [], []
    for email in emails:
        shown = read(post(kim, PLACE, {"email": email, "role": "owner"}, 200), 200)
        invited.append(without_marks(shown, email))
        path = (shown.one("input", id="once").get("value") or "").removeprefix(f"{HOME}/console")
        eve = Worker(kim.app, kim.clock, email)
        pages.append(without_marks(eve.open(path), email))
        wrong = read(register(eve, path, "short", 422), 422)
        answer = register(eve, path, THEIRS)
        answers.append((without_marks(wrong, email), answer.location, without_marks(eve.follow(answer), email)))
    assert invited[0] == invited[1]
    assert pages[0] == pages[1]
    assert answers[0] == answers[1]
    after = person(kim.app, bea.email)
    assert (after.password, after.fs_uniquifier, after.name) == (before.password, before.fs_uniquifier, before.name)
    assert bea.is_in()
    with kim.app.extensions["site"].database.reading() as session:
        wanted = select(AuditEntry).where(AuditEntry.action == "answer an invitation")
        assert [entry.staff_id for entry in session.scalars(wanted)] == [None, None]
    eve = Worker(kim.app, kim.clock, bea.email)
    eve.give_password(THEIRS, 422)


def test_an_account_is_made_with_the_same_work_as_none(
    kim: Worker, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    bea = join("bea@south.example", Role.OWNER, "south")
    hashed: list[str] = []
    real = joining.hash_password
    monkeypatch.setattr(joining, "hash_password", lambda password: hashed.append("one") or real(password))
    for email in (bea.email, "nobody@south.example"):
        register(Worker(kim.app, kim.clock, email), ask(kim, email), THEIRS)
    assert len(hashed) == 2


def test_only_who_it_names_takes_it_up(kim: Worker, join: Join, lee: Worker) -> None:
    bea = join("bea@south.example", Role.OWNER, "south")
    path = ask(kim, lee.email, "owner")
    page = bea.open(path)
    assert "you are signed in as bea@south.example" in page.says()
    join_with(bea, path, 404)
    assert roles(kim.app, bea.email) == {"south": "owner"}
    assert "Sign out here" in kim.open(path).says()
    out = bea.send("/sign-out", {"next": f"/console{path}"}, token=token_of(page))
    assert bea.follow(out).says().count("Make my account") == 1
    assert lee.send(f"{path}/join", expect=303).location.startswith("/console/sign-in")
    assert roles(kim.app, lee.email) == {}


def test_a_link_is_good_for_one_person_once(kim: Worker, lee: Worker) -> None:
    path = ask(kim, lee.email)
    register(lee, path)
    lee.give_password()
    lee.set_up_second_step()
    join_with(lee, path)
    join_with(lee, path, 404)
    lee.open(path, 404)
    Worker(kim.app, kim.clock).open(path, 404)
    Worker(kim.app, kim.clock).send(path, {"name": "Eve", "password": THEIRS}, 404)


def test_a_link_opens_nothing_once_it_is_old_taken_back_replaced_or_its_owner_is_none(kim: Worker, join: Join) -> None:
    mo = join("mo@northgate.example")
    replaced, current = ask(kim, "a@new.example"), ask(kim, "a@new.example")
    taken_back, of_mo = ask(kim, "b@new.example"), ask(mo, "c@new.example", "owner")
    page = kim.open(PLACE)
    first = next(form for form in page.all("form") if "b@new" in "".join(form.itertext()))
    action = (first.get("action") or "").removeprefix("/console")
    assert "opens nothing any more" in kim.follow(post(kim, action)).says()
    post(kim, action, expect=404)
    post(kim, f"{PLACE}/{person(kim.app, mo.email).id}/role", {"role": "editor"})
    for path in (replaced, taken_back, of_mo):
        Worker(kim.app, kim.clock).open(path, 404)
        Worker(kim.app, kim.clock).send(path, {"name": "Eve", "password": THEIRS}, 404)
    assert "c@new.example" not in kim.open(PLACE).says()
    Worker(kim.app, kim.clock).open(current)
    kim.clock.passes(days=7)
    Worker(kim.app, kim.clock).open(current, 404)


def test_an_owner_s_invitation_never_gives_a_password_even_if_it_reaches_the_operator_s_way(
    kim: Worker, join: Join
) -> None:
    bea = join("bea@south.example", Role.OWNER, "south")
    ask(kim, bea.email)
    with kim.app.extensions["site"].database.writing() as session:
        found = session.scalars(select(Invitation).where(Invitation.by_id.is_not(None))).one()
        assert staff.accept(session, found, bea.email, "Eve", "a hash", kim.clock()) is None
    assert person(kim.app, bea.email).password != "a hash"


def test_an_account_left_half_made_is_begun_anew_by_a_link_and_no_other_is(kim: Worker, lee: Worker) -> None:
    path = ask(kim, lee.email)
    register(lee, path, "a forgotten otter 7")
    register(lee, path)
    lee.give_password()
    lee.set_up_second_step()
    register(Worker(kim.app, kim.clock, lee.email), path, THEIRS)
    lee.sign_out()
    Worker(kim.app, kim.clock, lee.email).give_password(THEIRS, 422)
    lee.sign_in()
    assert lee.is_in()


def test_taking_up_a_lesser_role_takes_nothing_away(kim: Worker, lee: Worker) -> None:
    lesser, better = ask(kim, lee.email, "viewer"), invite(kim.app, lee.email, Role.EDITOR)
    lee.accept(better)
    lee.set_up_second_step()
    join_with(lee, lesser)
    assert roles(kim.app, lee.email) == {"check": "editor"}


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ("", "write one such as kim@example.com"),
        ("lee", "write one such as kim@example.com"),
        ("a@b@c.example", "write one such as kim@example.com"),
        ("x" * 250 + "@y.example", "write one such as kim@example.com"),
        ("a b\u0000@", "write one such as kim@example.com"),
        ("KIM@northgate.example ", "works here already"),
    ],
    ids=range(6),
)
def test_who_cannot_be_invited_is_said_in_a_sentence_and_what_was_typed_stays(
    kim: Worker, email: str, says: str
) -> None:
    page = read(post(kim, PLACE, {"email": email, "role": "editor"}, 422), 422)
    assert says in page.says()
    assert page.one("input", id="field-email").get("value") == email.strip().replace("\u0000", "")
    assert [one.get("value") for one in page.all("option") if one.get("selected") is not None][-1] == "editor"
    assert "Invited by" not in page.says()


@pytest.mark.parametrize("role", ["", "king", "OWNER", "owner\u0000"])
def test_a_role_there_is_not_is_never_the_highest(kim: Worker, lee: Worker, role: str) -> None:
    ask(kim, lee.email, role)
    with kim.app.extensions["site"].database.reading() as session:
        assert [one.role for one in members.invited(session, 1, kim.clock())] == ["viewer"]


def test_only_so_many_are_invited_in_a_day(kim: Worker) -> None:
    for number in range(20):
        ask(kim, f"n{number}@new.example")
    assert "enough for today" in read(post(kim, PLACE, {"email": "z@new.example", "role": "viewer"}, 429), 429).says()
    for _ in range(50):
        kim.clock.passes(minutes=29)
        assert kim.is_in() or kim.sign_in() is None
    kim.sign_out()
    kim.sign_in()
    ask(kim, "z@new.example")


def test_roles_and_endings_count_at_once(kim: Worker, join: Join) -> None:
    mo = join("mo@northgate.example")
    number = person(kim.app, mo.email).id
    mo.open(PLACE)
    post(kim, f"{PLACE}/{number}/role", {"role": "viewer"})
    mo.open(PLACE, 404)
    mo.open("/check/assessments")
    assert "have no access here any more" in kim.follow(post(kim, f"{PLACE}/{number}/end")).says()
    mo.open("/check/assessments", 404)
    assert mo.is_in(), "their account is their own"
    post(kim, f"{PLACE}/{number}/end", expect=404)
    post(kim, f"{PLACE}/{number}/role", {"role": "owner"}, 404)
    post(kim, f"{PLACE}/1/role", {"role": "king"}, 400)


def test_the_last_owner_stays(kim: Worker, join: Join) -> None:
    assert "The only owner" in kim.open(PLACE).says()
    for path, data in ((f"{PLACE}/1/end", {}), (f"{PLACE}/1/role", {"role": "viewer"})):
        post(kim, path, data)
    assert "There must be an owner" in kim.open("/account").says()
    assert roles(kim.app, kim.email) == {"check": "owner"}
    join("mo@northgate.example")
    assert "This is you." in kim.open(PLACE).says()
    assert post(kim, f"{PLACE}/1/end").location == "/console/"
    kim.make_recovery_codes()
    assert "You work for no firm" in kim.open("/").says()
    assert roles(kim.app, kim.email) == {}


def test_another_tenant_s_people_and_invitations_are_out_of_reach(join: Join) -> None:
    mine, theirs = join("a@a.example", Role.OWNER, "mine"), join("b@b.example", Role.OWNER, "theirs")
    join("c@b.example", Role.OWNER, "theirs")
    ask(theirs, "d@b.example", place="/theirs/settings/staff")
    number = person(mine.app, theirs.email).id
    post(mine, f"/mine/settings/staff/{number}/role", {"role": "viewer"}, 404)
    post(mine, f"/mine/settings/staff/{number}/end", expect=404)
    with mine.app.extensions["site"].database.reading() as session:
        for found in session.scalars(select(Invitation)):
            post(mine, f"/mine/settings/staff/invitations/{found.id}/take-back", expect=404)
    assert roles(mine.app, theirs.email) == {"theirs": "owner"}
    for said in ("b@b.example", "c@b.example", "d@b.example"):
        assert said not in mine.open("/mine/settings/staff").text
    assert "d@b.example" in theirs.open("/theirs/settings/staff").text


def test_who_did_not_just_sign_in_confirms_first(kim: Worker, join: Join) -> None:
    join("mo@northgate.example")
    kim.clock.passes(minutes=20)
    page = kim.open(PLACE)
    assert "confirm first that it is you" in page.says()
    assert [form.get("action") for form in page.all("form")] == ["/console/sign-out"]
    for path, data in (
        (PLACE, {"email": "x@new.example"}),
        (f"{PLACE}/2/end", {}),
        (f"{PLACE}/2/role", {"role": "owner"}),
    ):
        assert "/console/confirm" in post(kim, path, data).location
    assert kim.open(PLACE).says().count("Owner") == 2


def two_owners(database: Database, clock: Clock) -> tuple[int, list[int]]:
    with database.writing() as session:
        tenant = tenants.add(session, "firm", {"name": "Firm"}, clock())
        found = [staff.invite(session, tenant, Role.OWNER, f"{name}@firm.example", clock()) for name in "ab"]
        people = []
        for token, name in zip(found, "ab", strict=True):
            invitation = staff.invitation(session, token, clock())
            assert invitation
            person = staff.accept(session, invitation, f"{name}@firm.example", name, "x", clock())
            assert person
            people.append(person.id)
        return tenant.id, people


def test_two_owners_who_leave_at_once_leave_one(database: Database, clock: Clock) -> None:
    tenant_id, people = two_owners(database, clock)

    def leave(staff_id: int) -> bool:
        try:
            with database.writing() as session:
                return members.end(session, tenant_id, staff_id)
        except LastOwner:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(leave, people)) == 1


def test_an_invitation_taken_up_twice_at_once_counts_once(database: Database, clock: Clock) -> None:
    tenant_id, (owner, _) = two_owners(database, clock)
    with database.writing() as session:
        token = members.invite(session, tenant_id, Role.EDITOR, "new@firm.example", owner, clock())
        found = staff.invitation(session, token, clock())
        assert found
        members.register(session, found, "New", "x", clock())

    def take(_: int) -> bool:
        with database.writing() as session:
            invitation = staff.invitation(session, token, clock())
            person = staff.by_email(session, "new@firm.example")
            return bool(invitation and person and members.join(session, invitation, person, clock()))

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(take, range(12))) == 1
    with database.reading() as session:
        assert [one.role for one in members.of_tenant(session, tenant_id)].count(Role.EDITOR) == 1
