"""Storms: server and workers are killed at random while owners send; every lead arrives, and nothing stays by half."""

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from assessment.storage.outbox import Channel
from assessment.web import utc_now
from tests.faults.conftest import OpenReceiver
from tests.faults.instance import STAFF_MAIL, Instance
from tests.faults.processes import Dying, Mortal, deliver, free_port, serve
from tests.faults.soundness import half_written, kept, people
from tests.faults.storm import Arrivals, Owners, Trap, finish, kill_the_server, kill_workers

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no fork and no SIGKILL")

TIMES = 10 if os.environ.get("ASSESSMENT_STORM") == "long" else 1
SECONDS = 6 * TIMES
PREPARED = 150 * TIMES
RECEIVERS = 4
STEPS = 80


@pytest.fixture
def stormy(own_environment: dict[str, str]) -> Iterator[Instance]:
    """An instance on the clock of this machine, for its other processes have no other."""
    made = Instance(own_environment, utc_now)
    made.change(staff_mail=[STAFF_MAIL])
    with made.database.closing():
        yield made


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Prints one line about a storm, whether it went well or not."""

    def told(what: str, counts: dict[str, int]) -> None:
        with capsys.disabled():
            print(f"\n{what}: {', '.join(f'{name} {number}' for name, number in counts.items())}")

    return told


def test_a_server_killed_again_and_again_loses_nothing_it_acknowledged_and_keeps_nothing_by_half(
    stormy: Instance, kind: str, tmp_path: Path, tell: Callable[..., None]
) -> None:
    for place in range(2):
        stormy.listen(f"https://127.0.0.1:8443/{place}")
    owners = Owners(stormy, free_port(), stormy.prepare(PREPARED))
    with Mortal(tmp_path / "server.log", serve, stormy.environment, owners.port) as server:
        with owners.at_work():
            kill_the_server(owners, server, SECONDS, random.Random())
        kills, broken = server.kills, half_written(stormy.database)
        finish(owners, server)
    broken += half_written(stormy.database)
    sent_in, left = kept(stormy.database)
    lost = (owners.submitted - sent_in) | (owners.left - left)
    counts = {"tried": owners.tried, "acknowledged": owners.acknowledged, "lost": len(lost)}
    doubled = people(stormy.database) - len(left)
    tell(f"server storm, {kind}", {**counts, "half-written": len(broken), "duplicates": doubled, "kills": kills})
    assert (lost, broken, owners.refused, doubled) == (set(), [], [], 0)
    assert kills > 1
    assert owners.acknowledged > kills


def test_workers_killed_in_the_middle_of_sending_lose_nothing_and_a_message_that_comes_twice_keeps_its_name(
    stormy: Instance, kind: str, tmp_path: Path, receiver: OpenReceiver, tell: Callable[..., None]
) -> None:
    trap = Trap(random.Random())
    sink = receiver(trap)
    secrets = {f"/{place}": stormy.listen(sink.url(f"/{place}", "127.0.0.1")) for place in range(RECEIVERS)}
    for sitting in stormy.prepare(15 * TIMES):
        stormy.post(sitting.submit)
        stormy.post(sitting.contact, stormy.form(sitting))
    arrivals = Arrivals(sink.requests, secrets)
    with ExitStack() as stack:
        made = (Mortal(tmp_path / "worker.log", deliver, stormy.environment) for _ in range(2))
        workers = [stack.enter_context(worker) for worker in made]
        kill_workers(stormy, workers, trap, arrivals, SECONDS, random.Random())
    tried, counted = arrivals.count(), arrivals.counted
    due = stormy.messages(Channel.WEBHOOK)
    lost = (due - set(counted)) | (stormy.messages(Channel.MAIL) - stormy.mails())
    counts = {"tried": tried, "acknowledged": len(due), "lost": len(lost)}
    broken = half_written(stormy.database)
    doubled, kills = tried - len(counted), sum(worker.kills for worker in workers)
    tell(f"worker storm, {kind}", {**counts, "half-written": len(broken), "duplicates": doubled, "kills": kills})
    assert (lost, set(counted) - due, broken) == (set(), set(), [])
    assert doubled > 0, "no worker died in the middle of a message, so this storm proved nothing"


@pytest.fixture
def dying(stormy: Instance, tmp_path: Path) -> Iterator[Dying]:
    with Dying(stormy.environment, tmp_path / "dying.log") as process:
        yield process


def die_at_each_step(stormy: Instance, dying: Dying, ready: Callable[[], tuple[str, dict[str, str]]]) -> int:
    """Die before the first statement, before the second, …, before and after the commit; then try again each time."""
    for step in range(1, STEPS):
        path, form = ready()
        died = dying.post(step, path, form)
        assert half_written(stormy.database) == [], f"after dying at step {step}"
        stormy.post(path, form)
        if not died:
            assert half_written(stormy.database) == []
            return step
    raise AssertionError("a request takes more steps than this test goes")


def test_dying_at_any_step_of_sending_in_leaves_nothing_by_half(stormy: Instance, dying: Dying) -> None:
    stormy.listen("https://127.0.0.1:8443/in")

    def ready() -> tuple[str, dict[str, str]]:
        (sitting,) = stormy.prepare(1)
        return sitting.submit, {}

    steps = die_at_each_step(stormy, dying, ready)
    assert steps > 8
    assert len(kept(stormy.database)[0]) == steps


def test_dying_at_any_step_of_leaving_details_leaves_nothing_by_half(stormy: Instance, dying: Dying) -> None:
    stormy.listen("https://127.0.0.1:8443/in")

    def ready() -> tuple[str, dict[str, str]]:
        sitting = stormy.submit()
        return sitting.contact, stormy.form(sitting)

    steps = die_at_each_step(stormy, dying, ready)
    assert steps > 15
    assert len(kept(stormy.database)[1]) == people(stormy.database) == steps
