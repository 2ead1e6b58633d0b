"""The console is made when somebody first asks for it: once, and without visitors waiting for it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask

from assessment.settings import Settings
from assessment.web import create_app
from assessment.web.serving import Later, mount, with_console
from tests.web.conftest import Clock


def test_whoever_asks_at_the_same_moment_gets_the_same_console(app: Flask) -> None:
    made: list[Flask] = []
    together = Barrier(4)

    def make() -> Flask:
        made.append(Flask("console"))
        return made[-1]

    def ask(_: int) -> int:
        together.wait()
        return app.test_client().get("/console/sign-in").status_code

    mount(app, Later(make))
    assert app.test_client().get("/q/check").status_code == 200
    assert made == []
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [404] * 4
    assert len(made) == 1


def test_a_console_that_could_not_be_made_is_tried_again(app: Flask) -> None:
    tries: list[int] = []

    def make() -> Flask:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("too many open files")
        return Flask("console")

    mount(app, Later(make))
    with pytest.raises(OSError, match="open files"):
        app.test_client().get("/console/")
    assert app.test_client().get("/console/").status_code == 404


def test_staff_find_the_console_behind_the_first_request(settings: Settings, clock: Clock) -> None:
    app = with_console(create_app(settings, clock))
    assert app.test_client().get("/console/sign-in").status_code == 200
    app.extensions["site"].database.engine.dispose()
