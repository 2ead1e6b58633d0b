"""How long we wait for PostgreSQL: for a connection, a lock, a statement, and for a server that has fallen silent.

The server ends a statement that takes too long by itself; that keeps the connection. One that is frozen cannot, and its
machine still confirms every packet, so no limit of the network notices: then we hang up.
"""

import os
from collections.abc import Generator
from functools import partial
from time import monotonic
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event

LOST = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 30_000}
"""How a machine that is gone is noticed, within half a minute to a minute, by whoever waits for as long as it takes."""

GRACE = 0.5
"""Seconds the server has to end a statement itself before we hang up."""

REST = 1.0
"""Seconds after which somebody asks a silent server again."""

LIMIT = "SELECT extract(epoch FROM current_setting('statement_timeout')::interval)::float8"


def open_engine(url: URL, busy_seconds: int, statement_seconds: int | None) -> Engine:
    """An engine that waits no longer than this; without a limit for statements, as long as they take."""
    limits = arguments(url, busy_seconds, statement_seconds)
    options: dict[str, Any] = {"pool_timeout": busy_seconds, "connect_args": limits, "hide_parameters": True}
    engine = create_engine(url, pool_pre_ping=True, **options)
    event.listen(engine, "do_connect", Line(busy_seconds, engine.dialect.dbapi).connect)
    return engine


def arguments(url: URL, busy_seconds: int, statement_seconds: int | None) -> dict[str, Any]:
    """What to connect with; what the address says itself is left as it is, and of two options the last one counts."""
    asked = {"lock_timeout": busy_seconds, "statement_timeout": statement_seconds}
    options = [f"-c {name}={seconds}s" for name, seconds in asked.items() if seconds]
    own = url.query.get("options", os.environ.get("PGOPTIONS", ""))
    options += [own] if isinstance(own, str) else own
    ours = {"connect_timeout": busy_seconds, **LOST}
    return {name: ours[name] for name in ours if name not in url.query} | {"options": " ".join(options)}


class Line:
    """The way to one server. Where it has fallen silent one caller asks again; nobody else waits meanwhile."""

    def __init__(self, busy_seconds: int, driver: Any) -> None:
        self._busy, self._driver = busy_seconds, driver
        self._silent_until = 0.0

    def connect(self, dialect: Any, record: Any, arguments: Any, options: Any) -> Any:
        """Open a connection that hangs up where the server does not keep the limit it has for statements."""
        if monotonic() < self._silent_until:
            raise self._driver.OperationalError("the database server does not answer")
        if self._silent_until:
            self._rest(self._busy)
        try:
            connection = self._driver.connect(*arguments, **options)
        except self._driver.errors.ConnectionTimeout:
            self._rest(REST)
            raise
        self._hurry(connection, self._busy)
        (limit,) = connection.execute(LIMIT).fetchone()
        connection.rollback()
        self._hurry(connection, limit)
        self._silent_until = 0.0
        return connection

    def _rest(self, seconds: float) -> None:
        self._silent_until = monotonic() + seconds

    def _hurry(self, connection: Any, seconds: float) -> None:
        """Let no call wait for a silent server longer than this; 0: as long as it takes."""
        wait = partial(type(connection).wait, connection)

        def wait_in_time(steps: Any, *more: Any, **options: Any) -> Any:
            return wait(self._in_time(connection, seconds + GRACE, steps), *more, **options)

        connection.wait = wait_in_time if seconds else wait

    def _in_time(self, connection: Any, seconds: float, steps: Any) -> Generator[Any, Any, Any]:
        """The steps of a conversation, broken off where the other side says nothing for too long."""
        try:
            waits_for, heard = next(steps), monotonic()
            while True:
                ready = yield waits_for
                if ready:
                    heard = monotonic()
                elif monotonic() - heard > seconds:
                    self._rest(REST)
                    connection.close()
                    raise self._driver.OperationalError(f"the database server said nothing for {seconds:g} seconds")
                waits_for = steps.send(ready)
        except StopIteration as done:
            return done.value
