"""A PostgreSQL that is there and does not answer: everybody gets a page in time, and all is well once it goes on."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import html5lib  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text

from assessment.delivery.channels import worker_of
from assessment.delivery.worker import Worker
from assessment.settings import Settings, read_settings
from assessment.storage import patience
from assessment.storage.session import Database, Unavailable
from assessment.web import serving
from tests.faults.instance import Clock, Instance, answers_kept
from tests.faults.processes import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows can stop no process like that")


@pytest.fixture
def kind() -> str:
    return "postgresql"


@pytest.fixture
def hasty(own_environment: dict[str, str]) -> Iterator[Instance]:
    """An instance with as little patience as can be set."""
    limits = {"ASSESSMENT_BUSY_SECONDS": "1", "ASSESSMENT_STATEMENT_SECONDS": "1"}
    made = Instance({**own_environment, **limits}, Clock())
    with made.database.closing():
        yield made


Stop = Callable[[], list[int]]


@pytest.fixture
def frozen(hasty: Instance) -> Iterator[Stop]:
    """Stops every process of the server in its tracks; gives them, to be sent on, at the latest at the end."""
    with hasty.database.reading() as session:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
    postmaster = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    stopped: list[int] = []

    def stop() -> list[int]:
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text()
        stopped.extend([postmaster, *map(int, children.split())])
        tell(stopped, signal.SIGSTOP)
        return stopped

    yield stop
    tell(stopped, signal.SIGCONT)


def tell(processes: list[int], what: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):  # it has come to its end meanwhile
            os.kill(process, what)


def test_while_the_server_is_frozen_nobody_waits_for_long_and_what_was_typed_is_kept_to_send_again(
    hasty: Instance, frozen: Stop
) -> None:
    (sitting,) = hasty.prepare(1)
    at, typed = f"/t/{sitting.token}/backups.schedule", {"answer": "none"}
    client = hasty.app.test_client()
    stopped = frozen()
    refused = client.post(at, data=typed)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert [client.get(at).status_code for _ in range(20)] == [503] * 20
    assert [client.get(path).status_code for path in ("/readyz", "/healthz")] == [503, 200]
    tell(stopped, signal.SIGCONT)
    until(lambda: client.get(at).status_code == 200, "that pages are shown again")
    hasty.post(*sent_again(refused.get_data(as_text=True)))
    hasty.post(sitting.submit)
    assert answers_kept(hasty, sitting)["backups.schedule"] == "none"


def sent_again(page: str) -> tuple[str, dict[str, str]]:
    """Where the form of a page leads, and what is in it."""
    form = html5lib.parse(page, namespaceHTMLElements=False).find(".//form")
    return form.get("action"), {field.get("name"): field.get("value") for field in form.iter("input")}


def test_one_waits_for_a_silent_server_and_tells_the_others(hasty: Instance, frozen: Stop) -> None:
    talking, greeting = (Database(with_options(hasty.settings.database, SOON), 1) for _ in range(2))
    with talking.closing(), greeting.closing():
        with pytest.raises(Unavailable, match="said nothing"), talking.reading() as session:
            session.execute(text("SELECT 1"))
            stopped = frozen()
            session.execute(text("SELECT 1"))
        assert says(talking) == "the database server does not answer"
        assert says(greeting) == "connection timeout expired"
        assert says(greeting) == "the database server does not answer"
        tell(stopped, signal.SIGCONT)
        until(lambda: talking.answers() and greeting.answers(), "that it answers again")


SOON = "-c statement_timeout=40ms -c lock_timeout=20ms"


def with_options(url: str, options: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}options={quote(options)}"


def says(database: Database, statement: str = "SELECT 1") -> str:
    """What becomes of a statement."""
    try:
        with database.reading() as session:
            return str(session.scalar(text(statement)))
    except Unavailable as error:
        return str(error)


def test_a_slow_statement_and_a_lock_are_given_up_and_the_connection_is_good_for_more(postgres: str) -> None:
    database, other = Database(with_options(postgres, SOON), 5, 5), Database(postgres)
    with database.closing(), other.closing(), other.writing() as holder:
        holder.execute(text("SELECT pg_advisory_xact_lock(11)"))
        assert says(database, "SELECT pg_backend_pid() FROM pg_sleep(1)") == (
            "canceling statement due to statement timeout"
        )
        assert says(database, "SELECT pg_advisory_xact_lock(11)") == "canceling statement due to lock timeout"
        assert says(database) == "1"


LIMITS = "SELECT current_setting('statement_timeout') || ' ' || current_setting('lock_timeout')"


def test_requests_have_limits_and_long_work_has_none_but_for_locks(postgres: str) -> None:
    hurried = Database(postgres, 3, 7)
    with hurried.closing():
        assert says(hurried, LIMITS) == "7s 3s"
        unhurried = hurried.unhurried()
        with unhurried.closing():
            assert says(unhurried, LIMITS) == "0 3s"


def test_the_worker_in_a_server_has_the_time_its_pages_have_not(
    own_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work: list[Database] = []

    def noting(settings: Settings, database: Database, now: Callable[[], datetime]) -> Worker:
        at_work.append(database)
        return worker_of(settings, database, now)

    ended: list[tuple[Callable[..., object], ...]] = []
    monkeypatch.setattr(serving, "worker_of", noting)
    monkeypatch.setattr(serving.atexit, "register", lambda *called: ended.append(called))
    app = serving.with_worker(
        read_settings({**own_environment, "ASSESSMENT_STATEMENT_SECONDS": "7", "ASSESSMENT_DELIVERY": "inside"})
    )
    pages = app.extensions["site"].database
    with pages.closing(), at_work[0].closing():
        assert [says(database, LIMITS).split()[0] for database in (pages, *at_work)] == ["7s", "0"]
        for finish, *given in ended:
            finish(*given)


def test_what_the_address_says_itself_is_left_as_it_is(postgres: str) -> None:
    address = with_options(postgres, "-c statement_timeout=2min") + "&connect_timeout=77&keepalives_idle=9"
    own = Database(address, 3, 7)
    with own.closing():
        assert says(own, LIMITS) == "2min 3s"
    given = patience.arguments(own.url, 3, 7)
    assert {"connect_timeout", "keepalives_idle"} & set(given) == set()
    assert given["tcp_user_timeout"] == patience.LOST["tcp_user_timeout"]
