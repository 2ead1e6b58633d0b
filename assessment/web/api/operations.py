"""What the API can do: an operation says its address, scope, parameters and answer once, for app and document alike."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response

from assessment.storage.browsing import REFERENCE, BadCursor
from assessment.storage.tokens import Scope
from assessment.web.api.bearer import bearer
from assessment.web.api.parameters import Parameters, read
from assessment.web.api.shapes import Shape, Wrong
from assessment.web.api.trouble import ADDRESS, refuse

ROOT = f"{ADDRESS}/v1"

blueprint = Blueprint("api", __name__, url_prefix=ROOT)

View = Callable[..., Shape | None]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a program can ask for. `gives` nothing: it answers 204."""

    name: str
    method: str
    path: str
    scope: Scope
    says: str
    asks: type[Parameters] | None
    gives: type[Shape] | None


OPERATIONS: list[Operation] = []


def operation(
    method: str,
    path: str,
    scope: Scope,
    *,
    asks: type[Parameters] | None = None,
    gives: type[Shape] | None = None,
) -> Callable[[View], Callable[..., Response]]:
    """A view for whoever holds a token for this scope: called with the bearer, the parts, and what they ask."""

    def mark(view: View) -> Callable[..., Response]:
        @wraps(view)
        def answered(**parts: str) -> Response:
            who = bearer()
            who.needs(scope)
            if not all(REFERENCE.fullmatch(part) for part in parts.values()):
                refuse(404)
            more: dict[str, Any] = {"asked": read(asks)} if asks else {}
            try:
                return _response(view(who, **parts, **more))
            except BadCursor:
                refuse(400, "There is no page after this.", wrong=[_NO_PAGE])

        OPERATIONS.append(Operation(view.__name__, method, path, scope, view.__doc__ or "", asks, gives))
        return blueprint.route(path, methods=[method])(answered)

    return mark


_NO_PAGE = Wrong(parameter="after", says="give it back as the page before said it, with the same sort")


def _response(found: Shape | None) -> Response:
    if found is None:
        return Response(status=204)
    return Response(found.model_dump_json(exclude_unset=True), content_type="application/json")
