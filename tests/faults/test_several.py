"""Two servers and one PostgreSQL: a server is killed and the database restarted under people, and no answer is lost."""

import http.client
import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assessment.web import utc_now
from tests.faults.instance import Instance, environment
from tests.faults.processes import Mortal, PostgreSQL, free_port, listens, serve, until
from tests.faults.respondents import Connect, Crowd, lost
from tests.faults.soundness import half_written

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no fork and no SIGKILL")

RESPONDENTS = 4


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[PostgreSQL]:
    """A server of this test alone: others would notice that it stops."""
    with PostgreSQL(tmp_path) as server:
        yield server


def well_again(crowd: Crowd) -> None:
    """Somebody's answer was taken after this moment, without anybody's hand."""
    now = time.monotonic()
    until(lambda: any(one.posted and one.status == 303 for one in crowd.since(now)), "an answer that is taken")


def test_one_of_two_servers_is_killed_and_their_database_restarted_and_nobody_loses_an_answer(
    postgresql: PostgreSQL, tmp_path: Path
) -> None:
    settings = environment(tmp_path, postgresql.url, BUSY_SECONDS="5")
    instance = Instance(settings, utc_now)
    ports = [free_port(), free_port()]

    def connect(visitor: int) -> Connect:
        doors = itertools.cycle(ports if visitor % 2 else ports[::-1])
        return lambda: http.client.HTTPConnection("127.0.0.1", next(doors), timeout=30)

    crowd = Crowd(instance.site.questionnaire, connect)
    first, second = (Mortal(tmp_path / f"{port}.log", serve, settings, port) for port in ports)
    with instance.database.closing(), first, second:
        for server in (first, second):
            server.start()
        until(lambda: all(map(listens, ports)), "two servers that listen")
        with crowd.at_work(RESPONDENTS):
            well_again(crowd)
            first.kill()
            well_again(crowd)
            postgresql.stop()
            until(lambda: any(one.status == 503 for one in crowd.tried), "a visitor who is told so")
            postgresql.start()
            well_again(crowd)
            first.start()
            postgresql.kill_one(instance.database)
            well_again(crowd)
        broken = half_written(instance.database)
        missing = lost(instance.database, crowd.told, utc_now())
    assert (missing, broken, crowd.refused) == ([], [], [])
    assert sum(one.sent_in for one in crowd.told) >= RESPONDENTS
    assert {one.status for one in crowd.tried} == {0, 200, 303, 503}, (
        "killed, well, and told what is wrong; no mistakes"
    )
