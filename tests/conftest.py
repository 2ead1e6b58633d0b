"""How hypothesis runs (300 examples; ten times that with `HYPOTHESIS_PROFILE=thorough`); what is made once for all."""

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, sync_playwright
from werkzeug.routing import Rule

from assessment import web
from assessment.engine.loading import Loaded, load
from assessment.settings import Settings
from assessment.storage.migrating import Migration, migrate
from assessment.storage.session import Database
from tests.browsers import FLAGS, executable
from tests.databases import CHOSEN, KINDS, SQLITE, Copies, server

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("usual", max_examples=300, deadline=None, suppress_health_check=QUIET, print_blob=True)
settings.register_profile("quick", settings.get_profile("usual"), max_examples=30)
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))

SHIPPED = Path("questions").resolve()

KIND = pytest.StashKey[str]()

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
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A template is compiled once for all the apps a run makes."""
    compiled = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": compiled})
        yield


@pytest.fixture(scope="session", autouse=True)
def routed_once() -> Iterator[None]:
    """How the address of a route is written is worked out once for all the apps a run makes, not anew for each."""
    build, built = Rule._compile_builder, dict[object, Any]()

    def build_once(rule: Rule, append_unknown: bool = True) -> Any:
        key = rule.rule, rule.endpoint, append_unknown, str(rule._trace), str(rule.defaults)
        if key not in built:
            built[key] = build(rule, append_unknown)
        return built[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", build_once)
        yield


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with nothing in it but the newest schema."""
    path = tmp_path_factory.mktemp("schema") / "new.db"
    with (new := Database(f"sqlite:///{path}")).closing():
        migrate(new)
    return path


@pytest.fixture(scope="session", autouse=True)
def migrated_once(migrated: Path) -> Iterator[None]:
    """A new SQLite database is a copy of one that was migrated: the same bytes in a tenth of the time."""

    def migrate_copy(database: Database) -> Migration:
        name = database.url.database
        if database.is_sqlite and name and not Path(name).exists():
            with suppress(OSError):  # where nothing can be written, migrating says so
                shutil.copy(migrated, name)
        return migrate(database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "migrate", migrate_copy)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, one for a whole process.

    Its folder is none of pytest's: of those, the next run that begins takes everybody's way in but its own user's, and
    for root the server runs as somebody else.
    """
    with TemporaryDirectory(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"), ignore_cleanup_errors=True) as folder:
        (runtime := Path(folder, "runtime")).mkdir(mode=0o700)
        own = server(Path(folder, "postgres"), runtime)
        yield own.get_uri()
        own.cleanup()


@pytest.fixture(scope="session")
def copies(postgres: str) -> Iterator[Copies]:
    """Databases on that server, each a copy of one that was migrated."""
    made = Copies(postgres)
    yield made
    made.close()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database with nothing in it, of each kind in turn."""
    if request.param == SQLITE:
        file = shutil.copy(request.getfixturevalue("migrated"), tmp_path / "test.db")
        with (database := Database(f"sqlite:///{file}", busy_seconds=5)).closing():
            yield database
        return
    copies: Copies = request.getfixturevalue("copies")
    name = copies.copy()
    with (database := Database(copies.url(name))).closing():
        yield database
    copies.drop(name)


def pytest_collection_finish() -> None:
    """All that is loaded by now stays; looking through it for rubbish again and again is a sixth of a run's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is marked with `databases` is tried on each kind in turn, unless one was chosen; or on those it names."""
    marked = metafunc.definition.get_closest_marker("databases")
    if marked and (marked.args or not CHOSEN):
        metafunc.parametrize("database_kind", marked.args or KINDS, indirect=True, scope="session")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Function) -> None:
    """Before anything of a test is made: which kind of database it is for."""
    given = item.callspec.params if hasattr(item, "callspec") else {}
    here = "database_kind" in item.fixturenames
    item.config.stash[KIND] = given.get("database_kind", CHOSEN or SQLITE) if here else SQLITE


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """The kind of database a test is for. What is made for several tests and has a database must ask for it."""
    return request.config.stash[KIND]


@pytest.fixture(scope="session", autouse=True)
def at_home(request: pytest.FixtureRequest) -> Iterator[None]:
    """An instance that is not told where to keep its data keeps it in a database of the kind its test is for."""
    usual = Settings.database

    def database(settings: Settings) -> str:
        if settings.database_url or request.config.stash[KIND] == SQLITE:
            return usual.__get__(settings)
        copies: Copies = request.getfixturevalue("copies")
        return copies.url(copies.home(settings.instance))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Settings, "database", property(database))
        yield


@pytest.fixture
def kept_apart(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[Copies | None]:
    """Each test has databases of its own, which are dropped after it; gives where they are if not in files."""
    copies: Copies | None = request.getfixturevalue("copies") if database_kind != SQLITE else None
    yield copies
    if copies:
        copies.forget(tmp_path)
