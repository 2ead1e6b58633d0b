"""`assessment serve`: the app under a production server."""

import os
import socket

import click

from assessment.cli import fail, failing, settings_in_force
from assessment.engine.problems import Refused
from assessment.settings import BadSetting
from assessment.storage.questionnaires import VersionTaken
from assessment.storage.session import Unavailable
from assessment.web.serving import run

HOST, PORT = "127.0.0.1", 8000


@click.command()
@click.option("--host", default=lambda: os.environ.get("HOST", HOST), show_default=HOST, help="Address to listen on.")
@click.option("--port", default=lambda: int(os.environ.get("PORT", PORT)), show_default=str(PORT), type=int)
def serve(host: str, port: int) -> None:
    """Serve the app; makes and migrates the database and the secret key where they are missing."""
    os.environ.setdefault("ASSESSMENT_BASE_URL", f"http://{_reachable(host)}:{port}")
    settings = settings_in_force()
    with failing(BadSetting, VersionTaken, Unavailable, OSError):
        try:
            run(settings, host, port)
        except Refused as error:
            fail(*map(str, error.problems))


def _reachable(host: str) -> str:
    """The address others reach this machine at, when it listens on every one."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address: nothing is sent, the route alone tells
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostbyname(socket.gethostname())
