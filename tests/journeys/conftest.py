"""A real browser against a real server: Chromium as the system has it, or the one Playwright downloaded."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from assessment.settings import read_settings
from assessment.storage import tenants
from assessment.web import create_app
from tests.journeys.hosts import served

ACTION = {"action_says": "Book a call", "action_link": "https://north.example/call"}
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_databases(kept_apart: object) -> None:
    """On the kind of database that was chosen."""


@pytest.fixture(scope="session")
def address(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running instance."""
    folder = tmp_path_factory.mktemp("instance")
    environment = {"ASSESSMENT_INSTANCE": str(folder), "ASSESSMENT_TENANT_NAME": "Northgate Computers"}
    app = create_app(read_settings({**environment, "ASSESSMENT_MAIL_FOLDER": str(folder / "mail")}), lambda: NOW)
    with app.extensions["site"].database.writing() as session:
        branded = {"name": "North Star", "accent": "#7a1f5c", "gate": "soft", "ask_news": "yes", **ACTION}
        tenants.add(session, "branded", branded, NOW)
        tenants.add(session, "paused", {"state": "paused", "contact": "hello@paused.example"}, NOW)
    with served(app) as address:
        yield address


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Opens a page in a fresh profile; fails the test when a page asks another host for anything."""
    contexts = []
    strangers: list[str] = []

    def open_it(path: str = "/q/check", width: int = 360, javascript: bool = True, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 740},
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: None if r.url.startswith((address, "data:")) else strangers.append(r.url))
        page.goto(address + path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert strangers == []


@pytest.fixture(scope="session")
def questions() -> Path:
    return Path("questions/it-health")
