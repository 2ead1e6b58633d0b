"""How hypothesis runs (300 examples; ten times that with `HYPOTHESIS_PROFILE=thorough`); one browser; one reading."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from assessment import web
from assessment.engine.loading import Loaded, load
from assessment.storage.migrating import Migration, migrate
from assessment.storage.session import Database
from tests.browsers import FLAGS, executable

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("usual", max_examples=300, deadline=None, suppress_health_check=QUIET, print_blob=True)
settings.register_profile("quick", settings.get_profile("usual"), max_examples=30)
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))

SHIPPED = Path("questions").resolve()

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3

# A commit waits milliseconds for a disk, and a run makes a hundred thousand of them.
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for a whole process: a second one beside it could not be driven."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """The shipped files are read once for all the apps a run makes: they are frozen, and there are a thousand apps."""
    read = cache(load)

    def load_once(folder: Path) -> Loaded:
        return read(folder) if folder.resolve().parent == SHIPPED else load(folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "load", load_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A new SQLite database is a copy of one that was migrated: the same bytes in a tenth of the time."""
    path = tmp_path_factory.mktemp("schema") / "new.db"
    new = Database(f"sqlite:///{path}")
    migrate(new)
    new.engine.dispose()

    def migrate_copy(database: Database) -> Migration:
        name = database.url.database
        if database.is_sqlite and name and not Path(name).exists():
            with suppress(OSError):  # where nothing can be written, migrating says so
                shutil.copy(path, name)
        return migrate(database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "migrate", migrate_copy)
        yield
