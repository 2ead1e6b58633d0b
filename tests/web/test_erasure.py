"""Erasing somebody leaves no byte of them: not in the database file or its log, not in the outbox, not in a log line.

A mail that was sent is with its receiver; so a mail in the folder for trying out stays, like one in a letter box.
"""

import json
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from assessment.cli import main
from assessment.delivery.attempts import Attempt, Verdict
from assessment.storage import outbox
from assessment.storage.outbox import CROSSED_OUT, Channel, Claim, State
from assessment.storage.session import Database
from assessment.storage.tables import Answer, Assessment, Delivery, Endpoint, Lead, Link
from tests.databases import Copies
from tests.delivery.sink import Sink
from tests.web.conftest import token_of
from tests.web.corpus import BASE, Place, parts, place, wordy
from tests.web.test_hostile import Ear

ANA = {
    "name": "Zorblatt Quimby",
    "email": "Zorblatt@quimby-bakery.example",
    "phone": "+44 20 7946 0958",
    "company": "Quimby Bakery",
    "message": "Ask for the purple giraffe.",
    "consent_contact": "yes",
}
OTHER = {"name": "Ben Other", "email": "ben@other.example", "company": "Other Ltd", "consent_contact": "yes"}
SPOKEN = "quimbly spoken words"
STAFF = "staff@check.example"


@dataclass
class Scene:
    """Somebody about whom everything is kept that can be kept, among others."""

    at: Place
    sink: Sink
    report: str
    whole: str
    shared: str
    deeper: str
    ear: Ear

    def files(self) -> dict[str, bytes]:
        """Every file of the instance: the database, its log, its index, the key."""
        return {path.name: path.read_bytes() for path in self.at.settings.instance.rglob("*") if path.is_file()}

    def needles(self) -> list[str]:
        """What must be gone: words she left, and the keys she held."""
        keys = [token_of(path) for path in (self.report, self.whole, self.shared)]
        return [ANA[name] for name in ("name", "email", "phone", "company", "message")] + keys

    def run(self, *arguments: str) -> str:
        """A command of ours on this instance, as another process would run it."""
        found = CliRunner().invoke(main, list(arguments), env=environment(self.at), catch_exceptions=False)
        assert found.exit_code == 0, found.output
        return found.stdout


def environment(at: Place) -> Mapping[str, str]:
    return {
        "ASSESSMENT_INSTANCE": str(at.settings.instance),
        "ASSESSMENT_BASE_URL": BASE,
        "ASSESSMENT_QUESTIONS": str(at.settings.questions),
        "ASSESSMENT_QUESTIONNAIRE": "wordy",
        "ASSESSMENT_MAIL_FROM": "mail@check.example.com",
        "ASSESSMENT_MAIL_FOLDER": str(at.folder),
    }


@pytest.fixture(scope="module")
def lived(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """An instance at the end of all that: where it is, at what time, and the addresses she was given."""
    folder = tmp_path_factory.mktemp("lived")
    at = place(folder, wordy(folder))
    at.tenant("check", gate="soft", staff_mail=[STAFF], ask_news=True)
    with Sink(lambda call: call.answer(200)) as sink:
        for address in (sink.url("/in", "127.0.0.1"), "http://127.0.0.1:9/dead"):
            at.endpoint("check", address)
        for number in range(15):
            at.leave(at.once(), {**OTHER, "email": f"ben{number}@other.example"})
        report = at.sit(words=[SPOKEN], utm_source="letter")
        at.leave(report, ANA)
        at.send_all(sink.port, 9)
        assert sink.requests
    (mail,) = to_her(at)
    whole = next(line for line in parts(mail)[0].splitlines() if line.startswith(f"{BASE}/r/")).removeprefix(BASE)
    shared = at.share(whole)
    deeper = at.answer(at.visitor.client.get(at.visitor.post(f"{whole}/deepen", {"depth": "full"})).location)
    at.leave(report, {**ANA, "consent_news": "yes"})
    refused(at)
    at.leave(report, ANA)
    for number in range(15, 25):
        at.leave(at.once(), {**OTHER, "email": f"ben{number}@other.example"})
    at.database.forget()
    at.database.engine.dispose()
    now = at.clock().isoformat()
    return {"folder": str(folder), "now": now, "report": report, "whole": whole, "shared": shared, "deeper": deeper}


@pytest.fixture
def scene(lived: Mapping[str, str], tmp_path: Path, kept_apart: Copies | None) -> Iterator[Scene]:
    folder = tmp_path / "again"
    shutil.copytree(lived["folder"], folder)
    if kept_apart:
        kept_apart.home(folder / "instance", like=Path(lived["folder"], "instance"))
    at = place(folder, folder)
    at.clock.at = datetime.fromisoformat(lived["now"])
    ear, root = Ear(), logging.getLogger()
    root.addHandler(ear)
    level = root.level
    root.setLevel(logging.DEBUG)
    with Sink(lambda call: call.answer(200)) as sink:
        with at.database.writing() as session:
            session.scalars(select(Endpoint).order_by(Endpoint.id)).first().url = sink.url("/in", "127.0.0.1")
        yield Scene(at, sink, lived["report"], lived["whole"], lived["shared"], lived["deeper"], ear)
    root.removeHandler(ear)
    root.setLevel(level)
    at.database.engine.dispose()


def to_her(at: Place) -> list[EmailMessage]:
    return [mail for mail in at.mails() if "zorblatt" in str(mail["To"]).lower()]


def refused(at: Place) -> None:
    """Every mail that waits is refused for good by the mail server."""
    worker = at.worker()

    def refuse(claim: Claim) -> Attempt:
        return Attempt(Verdict.DEAD, f"Refused: {ANA['email'] if 'uimby' in claim.payload else 'somebody'}.")

    worker.senders = dict.fromkeys(Channel, refuse)
    while worker.once():
        pass


def by_page(scene: Scene) -> None:
    assert scene.at.visitor.post(f"{scene.report}/delete") == "/q/check/deleted"


def by_command(scene: Scene) -> None:
    said = scene.run("privacy", "erase", "--email", ANA["email"].upper().replace("ZORBLATT", "zorblatt"))
    assert "Erased 1 lead" in said


Erase = Callable[[Scene], None]
WAYS = pytest.mark.parametrize("erase", [by_page, by_command])


def about_her(scene: Scene) -> list[Delivery]:
    return [one for one in scene.at.deliveries() if "uimby" in one.payload]


@WAYS
@pytest.mark.databases("sqlite")
def test_no_byte_of_hers_is_left_in_any_file_of_the_instance(scene: Scene, erase: Erase) -> None:
    before = b"".join(scene.files().values())
    for needle in (*scene.needles()[:5], "ben7@other.example"):
        assert needle.encode() in before, f"{needle} was never there, so the test proves nothing"
    states = {one.state for one in about_her(scene)}
    assert states >= {State.PENDING, State.DONE, State.DEAD}
    with scene.at.database.reading() as session:
        hers = select(Lead.id).where(Lead.identity.like("%zorb%")).scalar_subquery()
        first = select(Assessment.id).where(Assessment.lead_id == hers).order_by(Assessment.id).limit(1)
        hashes = set(session.scalars(select(Link.sha256).where(Link.assessment_id == first.scalar_subquery())))
        hashes |= {d.address_hash or "" for d in about_her(scene) if d.event == "mail.report"} - {""}
    erase(scene)
    suppressed = {row[1] for row in scene.at.dump()["suppression"]}
    for name, content in scene.files().items():
        for needle in (*scene.needles(), *(hashes - suppressed)):
            assert needle.lower().encode() not in content.lower(), (needle, name)
    assert b"ben7@other.example" in scene.files()["assessment.db"], "nobody else is erased"
    assert len(suppressed) == 1


@WAYS
def test_the_outbox_says_nothing_of_her_and_sends_nothing_more_to_her(scene: Scene, erase: Erase) -> None:
    hers = [one.id for one in about_her(scene)]
    with scene.at.database.writing() as session:
        session.get_one(Delivery, hers[-1]).attempts = 1
    erase(scene)
    rows = {one.id: one for one in scene.at.deliveries()}
    for number in hers:
        assert (rows[number].payload, rows[number].address_hash) == (CROSSED_OUT, None)
        assert rows[number].state != State.PENDING
    with scene.at.database.writing() as session:
        assert not any(outbox.replay(session, session.get_one(Delivery, number), scene.at.clock()) for number in hers)
    before = len(to_her(scene.at))
    scene.sink.requests.clear()
    scene.at.clock.passes(days=2)
    scene.at.send_all(scene.sink.port, 9)
    assert len(to_her(scene.at)) == before
    told = [json.loads(request.body) for request in scene.sink.requests]
    assert [one["type"] for one in told].count("contact.erased") == 1
    assert "uimby" not in json.dumps(told)


@WAYS
def test_no_log_line_of_all_of_this_names_her(scene: Scene, erase: Erase) -> None:
    erase(scene)
    scene.at.send_all(scene.sink.port, 9)
    heard = "\n".join(scene.ear.heard).lower()
    assert len(scene.ear.heard) > 3, "nothing was heard, so the test proves nothing"
    for needle in scene.needles():
        assert needle.lower() not in heard


@WAYS
def test_every_key_she_held_to_what_was_erased_opens_nothing(scene: Scene, erase: Erase) -> None:
    erase(scene)
    for path in (scene.report, scene.whole, scene.shared):
        for rest in ("", "/report.pdf"):
            assert scene.at.visitor.client.get(path + rest).status_code == 404
    assert scene.at.visitor.client.post(f"{scene.report}/share").status_code == 404


@WAYS
def test_a_mail_that_was_claimed_a_moment_before_is_not_sent(scene: Scene, erase: Erase) -> None:
    at = scene.at
    with at.database.writing() as session:
        hers = {one.id for one in about_her(scene) if one.event == "mail.report"}
        claimed = []
        while claim := outbox.claim(session, at.clock(), timedelta(seconds=60)):
            claimed += [claim] if claim.id in hers else []
    assert claimed
    erase(scene)
    before = len(at.mails())
    for claim in claimed:
        assert at.worker().senders[Channel.MAIL](claim).verdict is Verdict.DEAD
    assert len(at.mails()) == before


@WAYS
def test_what_was_sent_stays_with_its_receiver(scene: Scene, erase: Erase) -> None:
    before = scene.at.mails()
    erase(scene)
    assert len(scene.at.mails()) == len(before)
    assert any("Zorblatt" in parts(mail)[0] for mail in before)


@WAYS
def test_leaving_details_anew_works(scene: Scene, erase: Erase) -> None:
    erase(scene)
    at, before = scene.at, len(to_her(scene.at))
    at.clock.passes(days=2)
    at.leave(at.once(), ANA)
    at.send_all(scene.sink.port, 9)
    assert len(to_her(at)) == before + 1
    assert at.dump()["suppression"] == []


def test_erasing_at_one_tenant_leaves_what_she_left_with_another(scene: Scene) -> None:
    at = scene.at
    at.tenant("other", name="Other", questionnaire="wordy")
    at.clock.passes(days=2)
    report = at.once("other")
    at.leave(report, {"email": ANA["email"], "consent_contact": "yes"})
    scene.run("privacy", "erase", "--email", ANA["email"], "--tenant", "check")
    assert at.visitor.get(report)
    at.send_all(scene.sink.port, 9)
    assert any("zorblatt" in str(mail["To"]).lower() and "Other" in str(mail["From"]) for mail in at.mails())


@pytest.mark.databases("sqlite")
def test_a_database_that_somebody_is_reading_forgets_all_the_same(scene: Scene) -> None:
    """The log can be emptied only once the reader is done; until then its pages of hers are still there."""
    database = Database(scene.at.settings.database)
    with closing(database.engine.raw_connection()) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM lead").fetchone()
        by_page(scene)
        reader.execute("COMMIT")
    database.engine.dispose()
    scene.run("privacy", "sweep")
    for name, content in scene.files().items():
        assert not any(needle.encode() in content for needle in scene.needles()), name


# Taking it along


def test_the_export_holds_every_word_that_is_stored_about_her(scene: Scene) -> None:
    at = scene.at
    from_page = at.visitor.client.get(f"{scene.report}/data.json").get_data(as_text=True)
    assert json.loads(scene.run("privacy", "export", "--email", ANA["email"])) == json.loads(from_page)
    with at.database.reading() as session:
        (lead,) = session.scalars(select(Lead).where(Lead.identity == f"email:{ANA['email'].lower()}"))
        mine = list(lead.assessments)
        answers = session.scalars(select(Answer).where(Answer.assessment_id.in_([one.id for one in mine]))).all()
        stored = [*json.loads(lead.contact).values(), *map(str, json.loads(lead.grade)["reasons"])]
        stored += [text for c in lead.consents for text in (c.says, c.controller, c.version, c.at.isoformat())]
        stored += [text for one in mine for text in (one.reference, one.depth, one.created_at.isoformat())]
        stored += [text for one in mine for text in (one.questionnaire_version, *json.loads(one.source).values())]
        outcomes = [json.loads(one.outcome or "") for one in mine]
        values = [{a.question: json.loads(a.value) for a in answers if a.assessment_id == one.id} for one in mine]
        counted = len(lead.consents)
    for text in stored:
        assert json.dumps(text, ensure_ascii=False)[1:-1] in from_page, text
    (known,) = json.loads(from_page)
    assert [one["outcome"] for one in known["assessments"]] == outcomes
    assert [one["answers"] for one in known["assessments"]] == values
    assert len(known["consents"]) == counted == 6
    assert SPOKEN in from_page


def test_the_export_of_a_sitting_without_details_is_that_sitting(scene: Scene) -> None:
    at = scene.at
    report = at.sit(words=["only this"])
    (known,) = json.loads(at.visitor.client.get(f"{report}/data.json").data)
    assert known["answers"]["backups.words-0"] == "only this"
    assert "contact" not in known
    assert "uimby" not in json.dumps(known)


# In time


def sweep(at: Place) -> None:
    at.worker().chores()


def counts(at: Place) -> dict[str, int]:
    return {name: len(rows) for name, rows in at.dump().items()}


@pytest.mark.parametrize(("days", "left"), [(30, 1), (30.01, 0)])
def test_an_unfinished_sitting_is_kept_as_long_as_it_can_be_continued(quiet: Place, days: float, left: int) -> None:
    first = quiet.visitor.post("/q/check/start", {"depth": "quick"})
    quiet.visitor.post(first, {"answer": "never"})
    quiet.clock.passes(days=days)
    sweep(quiet)
    assert (counts(quiet)["assessment"], counts(quiet)["answer"]) == (left, left)


KEPT = [("check", 59, 1), ("check", 61, 0), ("long", 61, 1), ("long", 91, 0)]


@pytest.mark.parametrize(("slug", "days", "left"), KEPT)
def test_details_are_kept_as_long_as_their_tenant_says_after_the_last_sign_of_life(
    quiet: Place, slug: str, days: int, left: int
) -> None:
    quiet.tenant("check", retention_days=60)
    quiet.tenant("long", name="Long", questionnaire="wordy", retention_days=90, ask_news=True)
    quiet.leave(quiet.once(slug), ANA)
    quiet.clock.passes(days=20)
    quiet.leave(quiet.once(slug), {**ANA, "company": "Quimby Ltd"})
    quiet.clock.passes(days=days)
    sweep(quiet)
    found = counts(quiet)
    assert (found["lead"], found["consent"], found["assessment"]) == (left, 4 * left, 2 * left)
    if not left:
        content = b"".join(path.read_bytes() for path in quiet.settings.instance.rglob("*") if path.is_file())
        assert b"uimby" not in content
        assert {one.payload for one in quiet.deliveries()} == {CROSSED_OUT}


@pytest.mark.parametrize(("days", "left"), [(59, 1), (61, 0)])
def test_a_report_without_details_is_kept_as_long(quiet: Place, days: int, left: int) -> None:
    quiet.tenant("check", retention_days=60)
    quiet.once()
    quiet.clock.passes(days=days)
    sweep(quiet)
    assert counts(quiet)["assessment"] == left


def test_links_go_a_month_after_they_end_and_what_counts_no_more_goes_at_once(quiet: Place) -> None:
    report = quiet.once()
    quiet.share(report)
    quiet.set(starts_per_hour=9)
    quiet.once()
    assert counts(quiet)["bucket"] == 1
    quiet.clock.passes(days=2)
    sweep(quiet)
    assert counts(quiet)["bucket"] == 0
    quiet.clock.passes(days=59)
    sweep(quiet)
    with quiet.database.reading() as session:
        assert {one.kind for one in session.scalars(select(Link))} == {"report", "share"}
    quiet.clock.passes(days=60)
    sweep(quiet)
    assert counts(quiet)["link"] == 0
    assert counts(quiet)["assessment"] == 2


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
def test_what_was_sent_can_be_sent_again_for_a_month(quiet: Place, days: int, kept: bool) -> None:
    quiet.endpoint("check", "http://127.0.0.1:9/x")
    quiet.leave(quiet.once(), ANA)
    refused(quiet)
    quiet.clock.passes(days=days)
    sweep(quiet)
    told = [one for one in quiet.deliveries() if one.event == "lead.received"]
    assert [one.payload != CROSSED_OUT for one in told] == [kept]


def test_what_waits_is_never_crossed_out_by_time_alone(quiet: Place) -> None:
    quiet.endpoint("check", "http://127.0.0.1:9/x")
    quiet.leave(quiet.once(), ANA)
    quiet.clock.passes(days=100)
    sweep(quiet)
    told = [one for one in quiet.deliveries() if one.event == "lead.received"]
    assert all(one.payload != CROSSED_OUT and one.state == State.PENDING for one in told)


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Place]:
    at = place(tmp_path, wordy(tmp_path))
    at.tenant("check", ask_news=True)
    yield at
    at.database.engine.dispose()


def test_a_digest_that_waits_names_nobody_who_was_erased(quiet: Place) -> None:
    quiet.tenant("check", staff_mail=[STAFF], notices="daily")
    report = quiet.once()
    quiet.leave(report, ANA)
    quiet.clock.passes(days=1)
    sweep(quiet)
    assert any(one.event == "mail.digest" and "Quimby" in one.payload for one in quiet.deliveries())
    quiet.visitor.post(f"{report}/delete")
    assert not any("uimby" in one.payload for one in quiet.deliveries())


def test_a_mail_about_an_address_that_was_put_right_is_erased_with_it(quiet: Place) -> None:
    quiet.tenant("check", staff_mail=[STAFF])
    report = quiet.once()
    quiet.leave(report, {**ANA, "email": "zorblatt@quimby-bakery.exmaple.com"})
    quiet.leave(report, ANA)
    quiet.visitor.post(f"{report}/delete")
    assert not any("uimby" in one.payload for one in quiet.deliveries())


@pytest.mark.databases("sqlite")
def test_what_the_sweep_crosses_out_is_gone_from_the_files_too(quiet: Place) -> None:
    quiet.endpoint("check", "http://127.0.0.1:9/x")
    report = quiet.once()
    quiet.leave(report, ANA)
    refused(quiet)
    quiet.leave(report, {**ANA, "name": "Another Name", "company": "Another Firm", "phone": "", "message": "Another"})
    refused(quiet)
    quiet.clock.passes(days=31)
    sweep(quiet)
    content = b"".join(path.read_bytes() for path in quiet.settings.instance.rglob("*") if path.is_file())
    assert b"Zorblatt Quimby" not in content
