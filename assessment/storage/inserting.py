"""Insert or, where the row exists, update: each database has its own words for it."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

INSERTS: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert(session: Session, table: type) -> Any:
    """An insert that knows `on_conflict_do_update` in the words of this session's database."""
    return INSERTS[session.get_bind().dialect.name](table)
