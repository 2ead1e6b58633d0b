"""A server as it is shipped, on a database of either kind, in processes of its own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.processes import PostgreSQL, command, free_port, listens, until

DATABASES = ("SQLite", "PostgreSQL")


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is reached, and the processes that started all others: its own, and that of a database beside it."""

    address: str
    processes: tuple[int, ...]


@contextmanager
def serving(folder: Path, database: str, **settings: str) -> Iterator[Server]:
    """`assessment serve` until the block ends, with as many starts from one network as there may be."""
    folder.mkdir(parents=True)
    wanted = {"INSTANCE": str(folder / "instance"), "STARTS_PER_HOUR": "0", **settings}
    with ExitStack() as stack:
        beside = stack.enter_context(PostgreSQL(folder)) if database == "PostgreSQL" else None
        if beside:
            wanted["DATABASE_URL"] = beside.url
        environment = {f"ASSESSMENT_{name}": value for name, value in wanted.items()}
        port = free_port()
        log = stack.enter_context((folder / "log").open("w"))
        app = subprocess.Popen(
            command("serve", "--port", str(port)), env={**os.environ, **environment}, stdout=log, stderr=log
        )
        stack.callback(app.wait)
        stack.callback(app.terminate)
        until(lambda: listens(port), "a server that listens")
        yield Server(f"127.0.0.1:{port}", (app.pid, beside.pid) if beside else (app.pid,))
