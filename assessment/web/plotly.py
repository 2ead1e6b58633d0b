"""Plotly's script for pages with its charts: found without importing its package, which is large and slow.

It is compressed once, into the instance folder, and sent from there: no worker holds its five megabytes.
"""

import gzip
import logging
import os
import shutil
import tempfile
from contextlib import suppress
from importlib.metadata import distribution
from pathlib import Path

from flask import Response, request, send_file

INSTALLED = distribution("plotly")
NAME = f"plotly-{INSTALLED.version}.js"

log = logging.getLogger(__name__)


def script(folder: Path) -> Response:
    """The script, compressed where that is understood and the folder can be written to."""
    found = packed(folder) if request.accept_encodings.quality("gzip") else None
    response = send_file(found or original(), mimetype="text/javascript", etag=False)
    if found:
        response.headers["Content-Encoding"] = "gzip"
    return response


def original() -> Path:
    """Where the script is installed."""
    return Path(str(INSTALLED.locate_file("plotly/package_data/plotly.min.js"))).resolve()


def packed(folder: Path) -> Path | None:
    """The script as it is sent; made at the first time, whole or not at all. None where it cannot be kept."""
    path = folder.resolve() / f"{NAME}.gz"
    if path.exists():
        return path
    part = ""
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix="plotly-", suffix=".part")
        with (
            os.fdopen(handle, "wb") as raw,
            gzip.GzipFile("", "wb", 9, raw, 0) as into,
            original().open("rb") as source,
        ):
            shutil.copyfileobj(source, into)
        Path(part).replace(path)
    except OSError as error:
        log.warning("Plotly’s script is sent uncompressed: %s", error)
        with suppress(OSError):
            Path(part).unlink()
        return None
    for older in set(path.parent.glob("plotly-*.js.gz")) - {path}:
        older.unlink(missing_ok=True)
    return path
