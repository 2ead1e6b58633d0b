"""API tokens: keys that a tenant's own programs show, each for what its scopes name; only their hashes are kept."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from assessment.storage.tables import Table, Tenant

BEGINS = "ita_"
"""What every token begins with, so that people and programs that look for lost keys know one when they see it."""

SHOWN = len(BEGINS) + 6
LONGEST_NAME = 80
MOST = 20
"""How many one tenant may have that work."""


class Scope(StrEnum):
    """What a token is for."""

    ASSESSMENTS = "assessments:read"
    LEADS = "leads:read"
    ERASE = "erase"


class NotMade(ValueError):
    """A token cannot be made; the message says why, and what to do."""


class Token(Table):
    """A key in the hands of a program: what it begins with, to be recognised by, and the hash of all of it."""

    __tablename__ = "token"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    begins: Mapped[str] = mapped_column(String(SHOWN))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    last_used: Mapped[date | None]

    def works(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.ended_at is None and (self.expires_at is None or now < self.expires_at)


def make(
    session: Session,
    tenant: Tenant,
    name: str,
    scopes: Collection[Scope],
    now: datetime,
    works_for: timedelta | None = None,
) -> tuple[Token, str]:
    """A new token, and its text, which nobody can read here after this. Raises NotMade."""
    session.scalar(select(Tenant.id).where(Tenant.id == tenant.id).with_for_update())  # of two at once, one sees both
    name = _sound(name, scopes, [one.name for one in of_tenant(session, tenant.id) if one.works(now)])
    text = BEGINS + secrets.token_urlsafe(32)
    token = Token(
        reference=f"tk_{secrets.token_hex(6)}",
        tenant_id=tenant.id,
        name=name,
        begins=text[:SHOWN],
        sha256=_hash(text),
        scopes=" ".join(scope for scope in Scope if scope in scopes),
        created_at=now,
        expires_at=now + works_for if works_for else None,
    )
    session.add(token)
    session.flush()
    return token, text


def _sound(name: str, scopes: Collection[Scope], taken: Sequence[str]) -> str:
    """The name as it is kept. Raises NotMade."""
    name = " ".join(name.split())
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise NotMade(f"Say in at most {LONGEST_NAME} letters which program the token is for.")
    if not scopes:
        raise NotMade("Say what the token is for: at least one of what it could do.")
    if name in taken:
        raise NotMade(f"There is a token named “{name}” already. End that one first, or choose another name.")
    if len(taken) >= MOST:
        raise NotMade(f"There are {MOST} tokens that work, which is as many as one tenant can have. End one first.")
    return name


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def shown(session: Session, text: str, now: datetime) -> Token | None:
    """The token with this text, if it works; a hash is looked up, so that time tells nothing about a near miss."""
    wanted = _hash(text)
    found = session.scalar(select(Token).where(Token.sha256 == wanted))
    if found is None or not hmac.compare_digest(found.sha256, wanted):
        return None
    return found if found.works(now) else None


def used(session: Session, token: Token, on: date) -> None:
    """Keep the day a token was last used on."""
    session.execute(update(Token).where(Token.id == token.id).values(last_used=on))


def of_tenant(session: Session, tenant_id: int) -> Sequence[Token]:
    """Every token a tenant ever had, the newest first."""
    return session.scalars(select(Token).where(Token.tenant_id == tenant_id).order_by(Token.id.desc())).all()


def end(session: Session, tenant_id: int, reference: str, now: datetime) -> Token | None:
    """End a token of this tenant at once; None where it has none such that works."""
    mine = (Token.tenant_id == tenant_id, Token.reference == reference)
    found = session.scalar(select(Token).where(*mine).with_for_update())
    if found is None or not found.works(now):
        return None
    found.ended_at = now
    return found
