"""Views of start pages, counted in memory: no cookie, nothing about anybody, and no visitor waits for a write.

They are written with the next start in the same process, else after the answer to a view that comes a minute or more
after the first one counted, else when the process ends. When a process is killed, what it counted since is lost:
a minute of views, or those of a quiet stretch after which nobody came.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from flask import Response, request

from assessment.storage import tallies
from assessment.storage.session import Database, Session, Unavailable
from assessment.storage.tables import Tenant
from assessment.storage.tallies import Place, week_of
from assessment.tenancy.counting import Counted, Kind

KEPT_FOR = timedelta(minutes=1)
FETCHED_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


class Visits:
    """The views one process has counted and not written down yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Place] = Counter()
        self._since: datetime | None = None

    def count(self, tenant: Tenant, response: Response, database: Database, now: datetime) -> Response:
        """Count a view, unless a machine looks ahead; what has waited long enough is written after the answer."""
        if request.method != "GET" or any("fetch" in request.headers.get(name, "") for name in FETCHED_AHEAD):
            return response
        with self._lock:
            self._counts[Place(tenant.id, tenant.profile.test, week_of(now))] += 1
            self._since = self._since or now
            late = now - self._since >= KEPT_FOR
        if late:
            response.call_on_close(lambda: self.write(database))
        return response

    @contextmanager
    def handed_over(self) -> Iterator[Counter[Place]]:
        """What was counted, for a transaction that is opened inside; taken back if that does not end well."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
            since, self._since = self._since, None
        try:
            yield taken
        except BaseException:
            with self._lock:
                self._counts.update(taken)
                self._since = since
            raise

    def write(self, database: Database) -> None:
        """Write down what was counted; if the database does not answer, the next time."""
        with suppress(Unavailable), self.handed_over() as seen:
            if seen:
                with database.writing() as session:
                    note(session, seen)


def note(session: Session, seen: Counter[Place]) -> None:
    """Add views to the tallies."""
    tallies.add_many(session, {place: {Counted(Kind.VIEW): (count, 0)} for place, count in seen.items()})
