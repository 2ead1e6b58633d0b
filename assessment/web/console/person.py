"""Who is asking: the person of this request, and what they are to the tenant in its address."""

from dataclasses import dataclass

from flask import g

from assessment.storage.staff import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in, with the slug, name and role of each tenant they work for."""

    staff_id: int
    name: str
    email: str
    tenants: tuple[tuple[str, str, Role], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody at work for one tenant."""

    person: Person
    tenant_id: int
    slug: str
    tenant_name: str
    role: Role


def someone() -> Person | None:
    """Who is signed in, if anybody is."""
    found: Person | None = g.get("person")
    return found


def person() -> Person:
    """Who is signed in; on routes that nobody else reaches."""
    found = someone()
    assert found is not None, "this route needs a row in ROUTES that asks for somebody to be signed in"
    return found


def member() -> Member:
    """Who is at work for which tenant; on routes that nobody else reaches."""
    found = at_work()
    assert found is not None, "this route needs a row in ROUTES that asks for a role"
    return found


def at_work() -> Member | None:
    """Who is at work for a tenant, if this request is about one."""
    found: Member | None = g.get("member")
    return found
