"""Bulk: makes the documents staff ordered, one at a time, so that a long order delays nothing and survives a kill."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from assessment.delivery.documents import Document, Opened, make, read
from assessment.settings import Settings
from assessment.storage import browsing, bulk, tenants
from assessment.storage.bulk import Claim
from assessment.storage.questionnaires import pinned
from assessment.storage.session import Database, Unavailable

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""Far longer than a document takes, so that nobody makes what somebody is still making."""


Make = Callable[[Opened, Document, Settings, bytes | None], bytes]


@dataclass(frozen=True, slots=True)
class Maker:
    """One pair of hands for documents; any number of them may work on the same database."""

    database: Database
    settings: Settings
    now: Callable[[], datetime]
    make: Make = make

    def __call__(self) -> bool:
        """Make one document; False when there was none to make. Raises Unavailable."""
        with self.database.reading() as session:
            if not bulk.waiting(session, self.now()):
                return False
        with self.database.writing() as session:
            claim = bulk.claim(session, self.now(), LEASE)
        if claim is None:
            return False
        made = self._try(claim)
        with self.database.writing() as session:
            bulk.settle(session, claim, made, self.now())
        return True

    def _try(self, claim: Claim) -> tuple[int, bytes] | None:
        if claim.given_up:
            log.error("given up on %s of %s: workers ended while they made it", claim.document, claim.reference)
            return None
        try:
            return self._make(claim)
        except Unavailable:
            raise
        except Exception:
            log.exception("a mistake of ours while making %s of %s", claim.document, claim.reference)
            return None

    def _make(self, claim: Claim) -> tuple[int, bytes] | None:
        """The document, made outside any transaction; None where its assessment is gone."""
        with self.database.reading() as session:
            assessment = browsing.sitting(session, claim.tenant_id, claim.reference)
            if assessment is None:
                return None
            found = read(session, assessment, pinned(session, assessment.pin))
            logo = tenants.logo_of(session, assessment.tenant)
        return assessment.id, self.make(found, Document(claim.document), self.settings, logo.png if logo else None)
