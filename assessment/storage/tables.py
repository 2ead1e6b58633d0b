"""The tables, as mapped classes. Every constraint is named, so that migrations and error messages can name it."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from assessment.tenancy.profile import Profile, read_profile

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


NO_SCORE = 101
"""Stands where there is no score: after every score there can be, however they are sorted."""


FILTERED = ("band", "criticals", "staff", "came_from", "lead_id", "status", "assignee_id", "rescores_id")
"""What a list is filtered by stands in its indexes too, so that rows that do not fit are never read."""


OPEN = text("submitted_at IS NULL")
"""What is unfinished is looked for every hour, among a million that are finished."""


PINNED = ("questionnaire_id", "questionnaire_version")

HANDED_ON = ""
"""Stands for the lead a link was mailed to where staff made it to hand it on."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; refuses a time without a zone, and always gives one back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Table(DeclarativeBase):
    """What every table shares."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime, str: String, Any: Text}


class Tenant(Table):
    """The firm that runs the questionnaire: the data boundary. What it may set is one profile, as JSON."""

    __tablename__ = "tenant"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    profile_json: Mapped[str] = mapped_column(Text)
    logo_name: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]

    @property
    def profile(self) -> Profile:
        """What the tenant has set."""
        return _profile(self.profile_json)

    @property
    def name(self) -> str:
        return self.profile.name


@lru_cache(maxsize=256)
def _profile(stored: str) -> Profile:
    return read_profile(stored)


class Logo(Table):
    """A tenant's logo, re-encoded; in a table of its own, so that no page load carries it."""

    __tablename__ = "logo"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    png: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]


class QuestionnaireVersion(Table):
    """A questionnaire as it was when it was first used; never changed afterwards."""

    __tablename__ = "questionnaire_version"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[str] = mapped_column(String(60), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    canonical_json: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Assessment(Table):
    """One sitting: depth, questionnaire version, state and, once submitted, the whole outcome as JSON.

    From `score` to `rank` stand copies of what a list sorts and filters by: of the outcome, the source, the lead's
    grade. After them stands what staff do with it; `left_at` is the question an unfinished one was counted as left at.
    One that rescores another has its answers, scored by another version: it is in no list or count, and goes with it.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        Index("ix_assessment_tenant_id_created_at", "tenant_id", "created_at"),
        Index("uq_assessment_reference", "reference", unique=True),
        Index("ix_assessment_newest", "tenant_id", "test", "submitted_at", "id", *FILTERED),
        Index("ix_assessment_lowest", "tenant_id", "test", "score", "id", "submitted_at", *FILTERED),
        Index("ix_assessment_grade", "tenant_id", "test", "rank", "id", "submitted_at", *FILTERED),
        Index("ix_assessment_came_from", "tenant_id", "came_from"),
        Index("ix_assessment_open", "created_at", "left_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_assessment_version", "tenant_id", "test", *PINNED, "submitted_at", "rescores_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20))
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"), index=True)
    questionnaire_id: Mapped[str] = mapped_column(String(60))
    questionnaire_version: Mapped[str] = mapped_column(String(60))
    depth: Mapped[str] = mapped_column(String(10))
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id", ondelete="SET NULL"), index=True)
    rescores_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, default="{}")
    test: Mapped[bool] = mapped_column(default=False)
    score: Mapped[int] = mapped_column(default=NO_SCORE)
    band: Mapped[str] = mapped_column(String(60), default="")
    criticals: Mapped[int] = mapped_column(default=0)
    staff: Mapped[str] = mapped_column(String(60), default="")
    came_from: Mapped[str] = mapped_column(String(200), default="")
    rank: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(12), default="new")
    assignee_id: Mapped[int | None]
    led_by_id: Mapped[int | None]
    left_at: Mapped[str] = mapped_column(String(121), default="")

    @property
    def pin(self) -> tuple[str, str]:
        """The questionnaire version this assessment belongs to."""
        return self.questionnaire_id, self.questionnaire_version

    tenant: Mapped[Tenant] = relationship(lazy="joined", innerjoin=True)
    lead: Mapped["Lead | None"] = relationship(back_populates="assessments")
    answers: Mapped[list["Answer"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    links: Mapped[list["Link"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, back_populates="assessment"
    )


class Answer(Table):
    """The answer given to one question, as JSON."""

    __tablename__ = "answer"

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(String(121), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime]


class Link(Table):
    """A key in somebody's hands: only its hash is kept. `named` is who asks, in a link that asks for help."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    gated: Mapped[bool] = mapped_column(default=False)
    number: Mapped[int] = mapped_column(default=0)
    of_id: Mapped[int | None]
    mailed_to: Mapped[str | None] = mapped_column(String(20))
    named: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    assessment: Mapped[Assessment] = relationship(back_populates="links")

    @property
    def handed_on(self) -> bool:
        """Whether staff made it to hand it on: then it shows nothing about who holds it."""
        return self.mailed_to == HANDED_ON


class Lead(Table):
    """A person who left contact details with a tenant; the same person twice is one lead with two assessments."""

    __tablename__ = "lead"
    __table_args__ = (
        UniqueConstraint("tenant_id", "test", "identity"),
        Index("ix_lead_tenant_id_company", "tenant_id", "company"),
        Index("ix_lead_tenant_id_domain", "tenant_id", "domain"),
        Index("ix_lead_search", "tenant_id", "test", "search", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    identity: Mapped[str | None] = mapped_column(String(300))
    contact: Mapped[str] = mapped_column(Text)
    grade: Mapped[str] = mapped_column(Text)
    search: Mapped[str] = mapped_column(Text, default="")
    company: Mapped[str] = mapped_column(String(160), default="")
    domain: Mapped[str] = mapped_column(String(254), default="")
    test: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)

    tenant: Mapped[Tenant] = relationship(lazy="joined", innerjoin=True)
    assessments: Mapped[list[Assessment]] = relationship(back_populates="lead", order_by=Assessment.id)
    consents: Mapped[list["Consent"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="Consent.id"
    )

    @property
    def sittings(self) -> list[Assessment]:
        """What they took themselves, without what was scored again for them."""
        return [assessment for assessment in self.assessments if assessment.rescores_id is None]


class Consent(Table):
    """What somebody was told, word for word, and whether they ticked it."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    assessment_reference: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(20))
    says: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(20))
    controller: Mapped[str] = mapped_column(String(200))
    given: Mapped[bool]
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Suppression(Table):
    """Somebody who asked to be forgotten: a keyed hash of the address, so that nothing brings it back."""

    __tablename__ = "suppression"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True)
    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


class Endpoint(Table):
    """Where a tenant wants its webhooks. Secrets are kept encrypted."""

    __tablename__ = "endpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[str] = mapped_column(Text)
    old_secret: Mapped[str | None] = mapped_column(Text)
    old_until: Mapped[datetime | None]
    flat: Mapped[bool] = mapped_column(default=False)
    events: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_because: Mapped[str | None] = mapped_column(Text)


class Delivery(Table):
    """One thing to be sent to one place, written in the transaction it tells about: the outbox."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_state_next_at", "state", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(60), unique=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="SET NULL"), index=True)
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id", ondelete="SET NULL"), index=True)
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("endpoint.id", ondelete="SET NULL"), index=True)
    channel: Mapped[str] = mapped_column(String(10))
    event: Mapped[str] = mapped_column(String(40))
    payload: Mapped[str] = mapped_column(Text)
    address_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    tried: Mapped[list["Attempt"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="Attempt.id"
    )


class Attempt(Table):
    """One try to send a delivery, with a sentence for a person."""

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(String(10))
    status: Mapped[int | None]
    says: Mapped[str] = mapped_column(Text)


class Bucket(Table):
    """How often something was done lately from one place; the place is a keyed hash that changes every day."""

    __tablename__ = "bucket"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)
