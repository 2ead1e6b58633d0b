"""Bulk: the PDFs of many assessments, made one by one in the background and kept for a day, to be fetched as a ZIP."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assessment.storage.tables import Table


class Bulk(Table):
    """One order for many PDFs: whose, what the list was filtered by, the references wanted, and how far it is."""

    __tablename__ = "bulk"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int]
    asked: Mapped[str] = mapped_column(Text)
    documents: Mapped[str] = mapped_column(String(30))
    wanted: Mapped[str] = mapped_column(Text)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10))
    says: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(40))
    settled_at: Mapped[datetime | None]


class BulkPart(Table):
    """One PDF of an order; it goes when its assessment is erased."""

    __tablename__ = "bulk_part"

    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    content: Mapped[bytes] = mapped_column(LargeBinary)
