"""What every response carries: content policy, framing, caching, compression. One place, one after_request."""

import gzip

from flask import Flask, Response, request

from assessment.web.framing import NOBODY, ancestors

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
    )
)

PRIVATE = "no-store"
BRIEFLY = "public, max-age=60"
WORTH_PACKING = 500
LISTED = ("assets", "embed")
"""What search engines may look at, besides the first page of a check."""


def install(app: Flask) -> None:
    """Put the headers on every response of this app."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Headers for one response; what a view has set stands."""
    headers = response.headers
    framed_by = ancestors()
    headers.setdefault("Content-Security-Policy", f"{POLICY}; frame-ancestors {framed_by}")
    if framed_by == NOBODY:  # where somebody may, older browsers would let this header win and refuse everybody
        headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    start_page = request.endpoint == "quiz.start" and response.status_code == 200
    headers.setdefault("Cache-Control", BRIEFLY if start_page else PRIVATE)
    if request.blueprint not in LISTED and not start_page:
        headers.setdefault("X-Robots-Tag", "noindex, nofollow, noarchive")
    return _pack(response)


def _pack(response: Response) -> Response:
    """Compress text on its way out. Nothing in a page is both secret and steered by a stranger's request."""
    packable = response.mimetype in ("text/html", "application/json") and not response.direct_passthrough
    if not packable or "Content-Encoding" in response.headers:
        return response
    response.headers["Vary"] = "Accept-Encoding"
    if request.accept_encodings.quality("gzip") and len(response.get_data()) >= WORTH_PACKING:
        response.set_data(gzip.compress(response.get_data(), 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
