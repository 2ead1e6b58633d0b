"""Which websites may show a page in a frame: the tenant's list, on every page of its visitors, error pages included."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from flask import Flask, current_app, g, request

from assessment.storage.tables import Tenant
from assessment.tenancy.origins import frame_ancestors
from assessment.web.access import ROUTES
from assessment.web.site import Around, around_of

NOBODY = "'none'"
FRAMABLE = frozenset(name for name, (_, _, address) in ROUTES.items() if "<token>" in address or "<slug>" in address)
"""Every page of a visitor: one that a link opens, or that stands under a firm's name."""

REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose an address is: what stands around its pages, and who may frame them."""

    around: Around
    ancestors: str


def install(app: Flask) -> None:
    """Give the app its memory of whose addresses are whose: 10,000 of them, and no more than their hashes."""
    app.extensions["framing"] = OrderedDict()


def allow(tenant: Tenant) -> None:
    """This request belongs to a tenant: its websites may frame the answer, whatever the answer turns out to be."""
    g.whose = Whose(around_of(tenant), frame_ancestors(tenant.profile.origins))
    key, memory = _key(), current_app.extensions["framing"]
    if key:
        memory[key] = g.whose
        memory.move_to_end(key)
        while len(memory) > REMEMBERED:
            memory.popitem(last=False)


def whose() -> Whose | None:
    """Whose this request's address is; remembered from before where the database could not be asked."""
    if request.endpoint not in FRAMABLE:
        return None
    found: Whose | None = g.get("whose") or current_app.extensions["framing"].get(_key())
    return found


def ancestors() -> str:
    """Who may frame the answer to this request."""
    found = whose()
    return found.ancestors if found else NOBODY


def _key() -> str:
    """What in the address tells whose it is, as a hash: a token must not stand in memory longer than its request."""
    found = (request.view_args or {}).get("token") or (request.view_args or {}).get("slug")
    return hashlib.sha256(str(found).encode("utf-8", "surrogatepass")).hexdigest() if found else ""
