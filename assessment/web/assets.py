"""Style sheet and scripts: read once, compressed once, served under a name that changes with their content."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, request

from assessment.web import plotly
from assessment.web.site import Page, site

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

blueprint = Blueprint("assets", __name__)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, plain and compressed, and the name it is served under."""

    name: str
    media_type: str
    plain: bytes
    packed: bytes


def read_assets(folder: Path = STATIC) -> Mapping[str, Asset]:
    """Every style sheet and script by its plain name, such as app.css."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in TYPES:
            plain = path.read_bytes()
            name = f"{path.stem}.{hashlib.sha256(plain).hexdigest()[:10]}{path.suffix}"
            found[path.name] = Asset(name, TYPES[path.suffix], plain, gzip.compress(plain, 9, mtime=0))
    return found


@blueprint.get("/static/<name>")
def asset(name: str) -> Page:
    """One file, for good: another content has another name."""
    if name == plotly.NAME:
        return _for_good(plotly.script(site().settings.instance))
    found = {asset.name: asset for asset in current_app.extensions["assets"].values()}.get(name)
    if found is None:
        abort(404)
    packs = request.accept_encodings.quality("gzip") > 0
    response = Response(found.packed if packs else found.plain, content_type=found.media_type)
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    return _for_good(response)


def _for_good(response: Response) -> Response:
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
