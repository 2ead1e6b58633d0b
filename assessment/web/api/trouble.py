"""What the API answers when something is wrong: problem details (RFC 9457), for every status and every address."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import NoReturn

from flask import Response, abort, request

from assessment.web.api.shapes import Problem, Wrong
from assessment.web.request_log import told

MEDIA = "application/problem+json"
ADDRESS = "/api"

SAYS = {
    400: "The request cannot be read.",
    404: "There is nothing at this address, or it is not this tenant’s, or it was erased.",
    405: "This address has no such method; the header Allow says which it has.",
    413: "What was sent is larger than anything this address takes.",
    500: "A mistake on our side. Nothing of the request was kept.",
    503: "The database does not answer just now. Nothing of the request was kept; try again.",
}


def is_here() -> bool:
    """Whether this request is for the API, be there such an address or not."""
    return request.path == ADDRESS or request.path.startswith(f"{ADDRESS}/")


def problem(
    status: int, says: str = "", headers: Mapping[str, str] | None = None, wrong: Sequence[Wrong] = ()
) -> Response:
    """What is wrong, as a response."""
    reference = told() if status >= 500 else ()
    detail = " ".join((says or SAYS.get(status, SAYS[400 if status < 500 else 500]), *reference))
    about = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    found = Problem.model_validate({**about, "errors": list(wrong)} if wrong else about)
    return Response(found.model_dump_json(exclude_unset=True), status, headers, content_type=MEDIA)


def refuse(
    status: int, says: str = "", headers: Mapping[str, str] | None = None, wrong: Sequence[Wrong] = ()
) -> NoReturn:
    """End this request with what is wrong."""
    abort(problem(status, says, headers, wrong))
