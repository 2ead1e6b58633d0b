"""How hypothesis runs (300 examples, more with `HYPOTHESIS_PROFILE=thorough`); one browser, and files read once."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from assessment import web
from assessment.engine.loading import Loaded, load
from tests.browsers import FLAGS, executable

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("usual", max_examples=300, deadline=None, suppress_health_check=QUIET, print_blob=True)
settings.register_profile("quick", settings.get_profile("usual"), max_examples=30)
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))

SHIPPED = Path("questions").resolve()


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
