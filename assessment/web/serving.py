"""Runs the app under a production server: gunicorn with threads, waitress where gunicorn does not run."""

import sys
from collections.abc import Callable
from typing import Any

from flask import Flask

from assessment.settings import Settings
from assessment.web import create_app

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
            return create_app(settings)

    Server().run()


def _waitress(settings: Settings, host: str, port: int) -> None:
    from waitress import serve  # only installed on Windows

    serve(create_app(settings), host=host, port=port, threads=2 * THREADS)
