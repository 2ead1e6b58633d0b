"""The OpenAPI document, made of the operations and the models that requests and answers go through."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from assessment import __version__
from assessment.storage.tokens import Scope
from assessment.web.api.operations import OPERATIONS, ROOT, Operation
from assessment.web.api.parameters import Parameters
from assessment.web.api.shapes import Problem
from assessment.web.api.trouble import MEDIA

Json = dict[str, Any]

SAYS = (
    "Read and erase what was sent in to one tenant. Show a token in the header Authorization; each is made in the "
    "settings of the console, for one tenant and for what it names. Nothing here can be changed."
)
REFERS = "#/components/schemas/{model}"
REFUSED = {
    400: "A parameter cannot be read; `errors` says which and why.",
    401: "No token was shown, or one that opens nothing.",
    403: "The token is not for this; the answer names the scope it lacks.",
    404: "There is nothing of this reference, or it is not this tenant’s, or it was erased.",
    429: "The token was shown too often; Retry-After says in how many seconds to go on.",
    503: "The database does not answer just now; Retry-After says when to try again.",
}
RETRIED = (429, 503)
AFTER = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}


@cache
def document(base_url: str) -> str:
    """The document of an instance at this address."""
    return json.dumps(described(base_url), ensure_ascii=False)


def described(base_url: str) -> Json:
    """The document as plain values."""
    paths: dict[str, Json] = {}
    for one in OPERATIONS:
        paths.setdefault(re.sub(r"<(\w+)>", r"{\1}", one.path), {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "IT health self-assessment", "version": __version__, "description": SAYS},
        "servers": [{"url": f"{base_url}{ROOT}"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "responses": {str(status): _problem(status, says) for status, says in REFUSED.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _scopes()}},
        },
    }


def _scopes() -> str:
    return f"A token of the tenant, for one or more of: {', '.join(Scope)}."


def _schemas() -> Json:
    """Every model of an answer, by name. As they are read: what may be left out is not required."""
    models = {one.gives: None for one in OPERATIONS if one.gives} | {Problem: None}
    _, found = models_json_schema([(model, "validation") for model in models], ref_template=REFERS)
    schemas: Json = _plain(found["$defs"])
    return schemas


def _operation(one: Operation) -> Json:
    summary, _, more = one.says.partition(". ")
    return {
        "operationId": one.name,
        "summary": f"{summary.removesuffix('.')}.",
        **({"description": more} if more else {}),
        "security": [{"token": [one.scope]}],
        "parameters": [*_parts(one.path), *(_parameters(one.asks) if one.asks else ())],
        "responses": _responses(one),
    }


def _parts(path: str) -> Iterator[Json]:
    for name in re.findall(r"<(\w+)>", path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _parameters(model: type[Parameters]) -> Iterator[Json]:
    for name, schema in _inlined(model.model_json_schema(ref_template="{model}")).items():
        says = schema.pop("description", "")
        yield {"name": name, "in": "query", "required": False, "description": says, "schema": schema}


def _inlined(schema: Json) -> Json:
    """The properties of a model, each with what it refers to written in."""
    known = schema.get("$defs", {})
    found: Json = _plain(schema["properties"])
    return {name: {**_plain(known.get(one.pop("$ref", ""), {})), **one} for name, one in found.items()}


def _responses(one: Operation) -> Json:
    can_be = {400: one.asks, 404: "<" in one.path}
    good: Json = {"description": "It is done." if one.gives is None else "Here it is."}
    if one.gives is not None:
        good["content"] = {"application/json": {"schema": {"$ref": REFERS.format(model=one.gives.__name__)}}}
    return {
        "200" if one.gives else "204": good,
        **{str(it): {"$ref": f"#/components/responses/{it}"} for it in REFUSED if can_be.get(it, True)},
    }


def _problem(status: int, says: str) -> Json:
    content = {MEDIA: {"schema": {"$ref": REFERS.format(model=Problem.__name__)}}}
    return {"description": says, "content": content, **({"headers": AFTER} if status in RETRIED else {})}


def _plain(schema: Any) -> Any:
    """A schema without what the models add for themselves: titles, and null where something may be left out."""
    if isinstance(schema, dict):
        kept = {name: _plain(part) for name, part in schema.items() if not (name == "title" and isinstance(part, str))}
        return {name: part for name, part in kept.items() if (name, part) != ("default", None)}
    return [_plain(part) for part in schema] if isinstance(schema, list) else schema
