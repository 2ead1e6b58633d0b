"""Documents in bulk: each made once, whoever is killed, erased, cancelled or working beside; gone after a day."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import delete, select

from assessment.delivery.bulk import LEASE, Maker
from assessment.delivery.channels import worker_of
from assessment.delivery.chores import Chores
from assessment.delivery.documents import Document, Opened
from assessment.engine.answers import read_sheet
from assessment.engine.assess import assess
from assessment.engine.loading import load, load_scenarios
from assessment.engine.questions import Depth
from assessment.settings import Settings, read_settings
from assessment.storage import assessments, bulk, questionnaires, tenants
from assessment.storage.bulk import Bulk, BulkPart, State
from assessment.storage.migrating import migrate
from assessment.storage.session import Database, Unavailable
from assessment.storage.tables import Assessment
from assessment.storage.vault import Vault
from tests.reports.conftest import FOLDER

pytestmark = pytest.mark.databases

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FIRMS = ("c1-dental-practice", "c8-architecture-firm", "c1-dental-practice")


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(read_settings({"ASSESSMENT_INSTANCE": str(tmp_path)}), mail_folder=str(tmp_path / "mail"))


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database)
    migrate(database)
    yield database
    database.engine.dispose()


@pytest.fixture
def references(database: Database) -> list[str]:
    """Three assessments that were sent in to one tenant."""
    questionnaire = load(FOLDER).or_refuse()
    scenarios = {one.id: one for one in load_scenarios(FOLDER)[0]}
    made = []
    with database.writing() as session:
        tenant = tenants.add(session, "north", {"name": "North"}, NOON)
        pin = questionnaire.id, questionnaires.publish(session, questionnaire, NOON)
        for firm in FIRMS:
            sheet = read_sheet(
                questionnaire, {"depth": scenarios[firm].depth, "answers": dict(scenarios[firm].answers)}
            )
            sitting, token = assessments.start(session, tenant, pin, Depth.FULL, NOON, DAY)
            outcome = assess(questionnaire, sheet.answers, sheet.depth).to_json()
            assessments.submit(session, sitting, outcome, token, NOON, DAY)
            made.append(sitting.reference)
    return made


Order = Callable[..., str]


@pytest.fixture
def order(database: Database, references: list[str]) -> Order:
    """Orders documents of the three, or of some of them; gives the reference of the order."""

    def one(documents: tuple[str, ...] = ("report",), of: list[str] | None = None) -> str:
        with database.writing() as session:
            made = bulk.order(session, 1, 7, ["band"], documents, references if of is None else of, NOON)
            assert made is not None
            return made.reference

    return one


@dataclass
class Press:
    """Makes documents at once, for what is not about what stands in them; knows what it made, or does what is asked."""

    made: list[str] = field(default_factory=list)
    instead: Callable[[], None] = lambda: None

    def __call__(self, found: Opened, kind: Document, settings: Settings, logo: bytes | None) -> bytes:
        self.instead()
        self.made.append(f"{found.assessment.reference} {kind}")
        return f"%PDF {kind}".encode()


@pytest.fixture
def press() -> Press:
    return Press()


@pytest.fixture
def maker(database: Database, settings: Settings, clock: Clock, press: Press) -> Maker:
    return Maker(database, settings, clock, press)


class Killed(BaseException):
    """What nothing in the code catches, as nothing catches a kill."""


def die() -> None:
    raise Killed


def fail() -> None:
    raise ValueError


def lose_the_database() -> None:
    raise Unavailable("away")


def work(maker: Maker) -> None:
    while maker():
        pass


def row(database: Database, reference: str) -> Bulk:
    with database.reading() as session:
        return session.scalars(select(Bulk).where(Bulk.reference == reference)).one()


def parts(database: Database) -> list[BulkPart]:
    with database.reading() as session:
        return list(session.scalars(select(BulkPart).order_by(BulkPart.bulk_id, BulkPart.number)))


def test_a_worker_makes_every_document_in_order(
    database: Database, settings: Settings, clock: Clock, order: Order, references: list[str]
) -> None:
    reference, maker = order(("report", "brief")), Maker(database, settings, clock)
    for done in range(6):
        assert (row(database, reference).done, row(database, reference).state) == (done, State.PENDING)
        assert maker()
    assert not maker()
    assert row(database, reference).state == State.DONE
    assert row(database, reference).settled_at == NOON
    made = parts(database)
    assert [(part.number, part.name) for part in made] == list(enumerate(["report", "brief"] * 3))
    for part in made:
        assert len(PdfReader(BytesIO(part.content), strict=True).pages) >= 2
    with database.reading() as session:
        about = [session.get_one(Assessment, part.assessment_id).reference for part in made]
    assert about == [one for one in references for _ in range(2)]
    assert made[0].content == made[4].content != made[2].content, "the same answers give the same report"


def test_a_worker_of_a_process_makes_them_beside_what_it_sends(
    database: Database, settings: Settings, clock: Clock, order: Order
) -> None:
    reference, worker = order(), worker_of(settings, database, clock)
    threads = worker.start(1)
    try:
        worker.wake()
        for _ in range(400):
            if row(database, reference).state == State.DONE:
                break
            threading.Event().wait(0.05)
    finally:
        worker.finish(threads)
    assert row(database, reference).state == State.DONE
    assert len(parts(database)) == 3
    assert len(threads) == 2, "a lane of its own, so that what is sent never waits for it"


def test_a_killed_worker_is_followed_by_one_that_goes_on_where_it_was(
    database: Database, clock: Clock, order: Order, maker: Maker, press: Press
) -> None:
    reference = order()
    assert maker()
    press.instead = die
    with pytest.raises(Killed):
        maker()
    press.instead = lambda: None
    assert not maker(), "the lease stands"
    assert row(database, reference).done == 1
    clock.at += LEASE
    work(maker)
    assert [part.number for part in parts(database)] == [0, 1, 2]
    assert len(press.made) == len(set(press.made)) == 3
    assert row(database, reference).state == State.DONE


def test_a_document_that_kills_two_workers_is_left_out_and_the_rest_is_made(
    database: Database, clock: Clock, order: Order, maker: Maker, press: Press
) -> None:
    reference = order()
    assert maker()
    press.instead = die
    for _ in range(2):
        with pytest.raises(Killed):
            maker()
        clock.at += LEASE
    press.instead = lambda: None
    work(maker)
    assert [part.number for part in parts(database)] == [0, 2]
    assert (row(database, reference).state, row(database, reference).done) == (State.DONE, 3)


def test_a_mistake_of_ours_costs_one_document(database: Database, order: Order, maker: Maker, press: Press) -> None:
    reference, press.instead = order(), fail
    assert maker()
    press.instead = lambda: None
    work(maker)
    assert [part.number for part in parts(database)] == [1, 2]
    assert row(database, reference).state == State.DONE


def test_a_database_that_does_not_answer_costs_no_document(
    database: Database, clock: Clock, order: Order, maker: Maker, press: Press
) -> None:
    press.instead, _ = lose_the_database, order()
    with pytest.raises(Unavailable):
        maker()
    press.instead = lambda: None
    clock.at += LEASE
    work(maker)
    assert [part.number for part in parts(database)] == [0, 1, 2]


def test_several_workers_at_once_make_each_document_once(
    database: Database, order: Order, maker: Maker, press: Press, references: list[str]
) -> None:
    reference = order(("report", "brief"), references * 5)

    def until_done() -> None:
        while row(database, reference).state == State.PENDING:
            maker()

    threads = [threading.Thread(target=until_done) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert row(database, reference).done == 30
    assert [part.number for part in parts(database)] == list(range(30))
    assert len(press.made) == 30


def test_hands_whose_lease_has_passed_on_keep_nothing(
    database: Database, settings: Settings, clock: Clock, order: Order, maker: Maker, press: Press
) -> None:
    order()
    slow = Press()

    def overtaken() -> None:
        clock.at += LEASE
        work(maker)

    slow.instead = overtaken
    Maker(database, settings, clock, lambda *more: slow(*more) + b" late")()
    assert [part.number for part in parts(database)] == [0, 1, 2]
    assert [part.content for part in parts(database)] == [b"%PDF report"] * 3


@pytest.mark.parametrize("after", [0, 1, 3])
def test_an_erased_assessment_takes_its_documents_with_it(
    database: Database, order: Order, maker: Maker, references: list[str], after: int
) -> None:
    reference = order()
    for _ in range(after):
        maker()
    erase(database, references[0])
    work(maker)
    assert [part.number for part in parts(database)] == [1, 2]
    assert (row(database, reference).state, row(database, reference).done) == (State.DONE, 3)
    with database.reading() as session:
        assert bulk.kept(session, row(database, reference)) == 2
        assert bulk.part(session, row(database, reference).id, 0) is None


def erase(database: Database, reference: str) -> None:
    with database.writing() as session:
        session.execute(delete(Assessment).where(Assessment.reference == reference))


def test_an_assessment_erased_while_its_document_is_made_leaves_none(
    database: Database, order: Order, maker: Maker, press: Press, references: list[str]
) -> None:
    reference = order(of=references[:1])
    press.instead = lambda: erase(database, references[0])
    assert maker()
    assert len(press.made) == 1
    assert parts(database) == []
    assert row(database, reference).state == State.DONE


def test_a_cancelled_order_is_made_no_further_and_nothing_of_it_is_kept(
    database: Database, clock: Clock, order: Order, maker: Maker, press: Press
) -> None:
    reference = order()
    maker()

    def cancel() -> bool:
        with database.writing() as session:
            return bulk.cancel(session, session.get_one(Bulk, row(database, reference).id), clock())

    press.instead = lambda: None if cancel() else fail()
    assert maker()
    assert not maker()
    assert (len(press.made), parts(database)) == (2, [])
    assert row(database, reference).state == State.CANCELLED
    assert not cancel()


def test_an_order_is_forgotten_a_day_after(
    database: Database, settings: Settings, clock: Clock, order: Order, maker: Maker
) -> None:
    order()
    work(maker)
    chores = Chores(database, settings, Vault("key"), clock)
    for hours, left in ((0, 3), (23, 3), (25, 0)):
        clock.at = NOON + timedelta(hours=hours)
        chores()
        assert len(parts(database)) == left
    with database.reading() as session:
        assert session.scalars(select(Bulk)).all() == []


def test_one_order_of_a_tenant_is_made_at_a_time(database: Database, order: Order, references: list[str]) -> None:
    first = order()
    with database.writing() as session:
        other = tenants.add(session, "south", {"name": "South"}, NOON)
        assert bulk.order(session, 1, 7, [], ["brief"], references, NOON) is None
        assert bulk.order(session, other.id, 7, [], ["brief"], ["x"], NOON) is not None
        assert bulk.cancel(session, session.get_one(Bulk, row(database, first).id), NOON)
        assert bulk.order(session, 1, 7, [], ["brief"], references, NOON) is not None


def test_an_order_never_reaches_into_another_tenant(
    database: Database, maker: Maker, press: Press, references: list[str]
) -> None:
    with database.writing() as session:
        other = tenants.add(session, "south", {"name": "South"}, NOON)
        bulk.order(session, other.id, 7, [], ["report"], references, NOON)
    work(maker)
    assert (parts(database), press.made) == ([], [])
