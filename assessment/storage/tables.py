"""The tables, as mapped classes. Every constraint is named, so that migrations and error messages can name it."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, ForeignKey, Index, MetaData, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


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
    """The firm that runs the questionnaire: the data boundary."""

    __tablename__ = "tenant"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(400), default="")
    link: Mapped[str] = mapped_column(String(400), default="")
    currency: Mapped[str] = mapped_column(String(3), default="GBP")
    created_at: Mapped[datetime]


class QuestionnaireVersion(Table):
    """A questionnaire as it was when it was first used; never changed afterwards."""

    __tablename__ = "questionnaire_version"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[str] = mapped_column(String(60), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    canonical_json: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Assessment(Table):
    """One sitting: depth, questionnaire version, state and, once submitted, the whole outcome as JSON."""

    __tablename__ = "assessment"
    __table_args__ = (Index("ix_assessment_tenant_id_created_at", "tenant_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    questionnaire_id: Mapped[str] = mapped_column(String(60))
    questionnaire_version: Mapped[str] = mapped_column(String(60))
    depth: Mapped[str] = mapped_column(String(10))
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)

    @property
    def pin(self) -> tuple[str, str]:
        """The questionnaire version this assessment belongs to."""
        return self.questionnaire_id, self.questionnaire_version

    tenant: Mapped[Tenant] = relationship(lazy="joined", innerjoin=True)
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
    """A key in somebody's hands: only its hash is kept."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    assessment: Mapped[Assessment] = relationship(back_populates="links")
