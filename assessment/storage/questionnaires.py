"""Questionnaire versions: published once, never changed, always found again by whoever answered them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from assessment.engine.questionnaire import Questionnaire
from assessment.storage.tables import Assessment, QuestionnaireVersion


class VersionTaken(Exception):
    """The same version was published before with other content."""


@dataclass(frozen=True, slots=True)
class Published:
    """One version without its content, and how many assessments were sent in with it."""

    id: str
    version: str
    digest: str
    created_at: datetime
    taken: int


def publish(session: Session, questionnaire: Questionnaire, now: datetime, development: bool = False) -> str:
    """Keep this version for good and say under which name. Raises VersionTaken if the name is used for other content.

    In development a changed questionnaire is kept beside the old one, under its version and the start of its digest.
    """
    name = questionnaire.version
    found = session.get(QuestionnaireVersion, (questionnaire.id, name))
    if found is not None and found.digest != questionnaire.digest:
        if not development:
            raise VersionTaken(
                f"version {name} of “{questionnaire.id}” was already used with other content; "
                f"give the questionnaire a new `version:`, or set ASSESSMENT_DEVELOPMENT=yes"
            )
        name = f"{name}+{questionnaire.digest[:8]}"
        found = session.get(QuestionnaireVersion, (questionnaire.id, name))
    if found is None:
        session.add(
            QuestionnaireVersion(
                id=questionnaire.id,
                version=name,
                digest=questionnaire.digest,
                canonical_json=questionnaire.canonical_json,
                created_at=now,
            )
        )
    return name


def pinned(session: Session, pin: tuple[str, str]) -> Questionnaire:
    """The questionnaire of a stored version (id, version)."""
    return _read(session.get_one(QuestionnaireVersion, pin).canonical_json)


def newest(session: Session, questionnaire_id: str) -> tuple[Questionnaire, str] | None:
    """The version of a questionnaire that was published last, and its name."""
    versions = select(QuestionnaireVersion).where(QuestionnaireVersion.id == questionnaire_id)
    found = session.scalar(versions.order_by(QuestionnaireVersion.created_at.desc()).limit(1))
    return (_read(found.canonical_json), found.version) if found else None


def titles(session: Session) -> dict[str, str]:
    """Every questionnaire that was ever published, by its id, with the title of its latest version."""
    ids = session.scalars(select(QuestionnaireVersion.id).distinct().order_by(QuestionnaireVersion.id))
    return {name: found[0].title for name in ids if (found := newest(session, name))}


def stored(session: Session, pin: tuple[str, str]) -> Questionnaire | None:
    """The same, where it is not certain that there is one."""
    found = session.get(QuestionnaireVersion, pin)
    return _read(found.canonical_json) if found else None


def by_digest(session: Session, questionnaire: Questionnaire) -> QuestionnaireVersion | None:
    """The version of a questionnaire with this very content, if there is one."""
    same = (QuestionnaireVersion.id == questionnaire.id, QuestionnaireVersion.digest == questionnaire.digest)
    return session.scalar(select(QuestionnaireVersion).where(*same).order_by(QuestionnaireVersion.created_at).limit(1))


def published(session: Session, tenant_id: int | None = None) -> Sequence[Published]:
    """Every version there is, the newest first, with what one tenant's visitors took, or everybody's; no tests."""
    version = (Assessment.questionnaire_id, Assessment.questionnaire_version)
    real: list[ColumnElement[bool]] = [Assessment.test.is_(False), Assessment.submitted_at.is_not(None)]
    real.append(Assessment.rescores_id.is_(None))
    if tenant_id is not None:
        real.append(Assessment.tenant_id == tenant_id)
    counted = select(*version, func.count().label("taken")).where(*real).group_by(*version).subquery()
    kept = QuestionnaireVersion
    same = (kept.id == counted.c.questionnaire_id) & (kept.version == counted.c.questionnaire_version)
    columns = (kept.id, kept.version, kept.digest, kept.created_at, func.coalesce(counted.c.taken, 0))
    found = select(*columns).outerjoin(counted, same)
    return [Published(*row) for row in session.execute(found.order_by(kept.created_at.desc(), kept.id, kept.version))]


@lru_cache(maxsize=8)
def _read(canonical_json: str) -> Questionnaire:
    return Questionnaire.model_validate_json(canonical_json)
