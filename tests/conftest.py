"""How hypothesis runs (300 examples of a property, more with `HYPOTHESIS_PROFILE=thorough`); files read once."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from assessment import web
from assessment.engine.loading import Loaded, load

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("usual", max_examples=300, deadline=None, suppress_health_check=QUIET, print_blob=True)
settings.register_profile("quick", settings.get_profile("usual"), max_examples=30)
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))

SHIPPED = Path("questions").resolve()


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """The shipped files are read once for all the apps a run makes: they are frozen, and there are a thousand apps."""
    read = cache(load)

    def load_once(folder: Path) -> Loaded:
        return read(folder) if folder.resolve().parent == SHIPPED else load(folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "load", load_once)
        yield
