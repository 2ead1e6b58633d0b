"""Runs the app under a production server: gunicorn with threads, waitress where gunicorn does not run."""

import atexit
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask

from assessment.delivery.channels import worker_of
from assessment.delivery.worker import Worker
from assessment.settings import Settings
from assessment.web import create_app, utc_now

THREADS = 4


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped. The app is made once to migrate and check, and again in each worker after the fork."""
    create_app(settings).extensions["site"].database.engine.dispose()
    print(f"The check is at {settings.base_url}/q/{settings.tenant}", flush=True)
    if sys.platform == "win32":
        _waitress(settings, host, port)
    else:
        _gunicorn(settings, host, port)


def _gunicorn(settings: Settings, host: str, port: int) -> None:
    from gunicorn.app.base import BaseApplication  # not installed on Windows

    options: dict[str, Any] = {
        "bind": f"{host}:{port}",
        "workers": settings.workers,
        "threads": THREADS,
        "worker_class": "gthread",
        "worker_tmp_dir": "/dev/shm" if sys.platform == "linux" else None,  # noqa: S108  # a heartbeat, no data
        "limit_request_line": 2048,
        "graceful_timeout": 20,
        "loglevel": "warning",
    }

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no type annotations
        def load_config(self) -> None:
            for name, value in options.items():
                if value is not None:
                    self.cfg.set(name, value)

        def load(self) -> Callable[..., Any] | Flask:
            return with_worker(settings)  # after the fork: threads do not survive one

    Server().run()


def with_worker(settings: Settings) -> Flask:
    """The app, with a delivery worker in threads of the same process unless `assessment worker` runs apart."""
    if settings.delivery == "apart":
        return create_app(settings)
    working: list[Worker] = []
    app = create_app(settings, wake=lambda: working[0].wake())
    working.append(worker_of(settings, app.extensions["site"].database, utc_now))
    atexit.register(working[0].finish, working[0].start())
    return app


def _waitress(settings: Settings, host: str, port: int) -> None:
    from waitress import serve  # only installed on Windows

    serve(with_worker(settings), host=host, port=port, threads=2 * THREADS)
