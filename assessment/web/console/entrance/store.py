"""Staff as Flask-Security sees them: plain objects, read and written in short transactions of their own.

No transaction stays open while a password is hashed, and only what Flask-Security has changed is written back.
"""

from dataclasses import dataclass, fields
from typing import Any

from flask import g
from flask_security import MailUtil, UserMixin
from flask_security.datastore import UserDatastore
from flask_security.mail_util import EmailValidateException

from assessment.storage import staff
from assessment.storage.staff import BadEmail, Staff
from assessment.web.site import site

WRITTEN = ("password", "fs_uniquifier", "tf_primary_method", "tf_totp_secret", "mf_recovery_codes")


@dataclass(eq=False)
class User(UserMixin):
    """One of the staff, as long as one request lasts."""

    id: int = 0
    email: str = ""
    name: str = ""
    password: str | None = ""
    active: bool = False
    fs_uniquifier: str = ""
    tf_primary_method: str | None = None
    tf_totp_secret: str | None = None
    tf_last_counter: int | None = None
    mf_recovery_codes: Any = None

    def __post_init__(self) -> None:
        self.read = {name: getattr(self, name) for name in WRITTEN}

    def changed(self) -> dict[str, Any]:
        """What is different from what was read."""
        return {name: getattr(self, name) for name in WRITTEN if getattr(self, name) != self.read[name]}


COLUMNS = tuple(field.name for field in fields(User))


def user_of(row: Staff) -> User:
    """A row as Flask-Security sees it."""
    return User(**{name: getattr(row, name) for name in COLUMNS})


class StaffDatastore(UserDatastore):
    """Finds staff and writes changes back. Somebody whose access was ended is not found at all."""

    def __init__(self) -> None:
        super().__init__(User, None)  # type: ignore[arg-type]  # roles are memberships, of which it knows nothing

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> User | None:
        """The person with this address, or with this mark."""
        with site().database.reading() as session:
            try:
                if "email" in kwargs:
                    row = staff.by_email(session, kwargs["email"])
                else:
                    row = staff.by_uniquifier(session, kwargs["fs_uniquifier"])
            except BadEmail:
                return None
            return user_of(row) if row is not None and row.active else None

    def put(self, model: Any) -> Any:
        """Remember that somebody was changed."""
        g.setdefault("changed_users", []).append(model)
        return model

    def commit(self) -> None:
        """Write back what was changed."""
        for user in g.pop("changed_users", []):
            if changed := user.changed():
                with site().database.writing() as session:
                    staff.change(session, user.id, changed)
                user.read |= changed

    def mf_set_recovery_codes(self, user: Any, rcs: list[str] | None) -> None:
        """Keep the hashes of recovery codes in one column."""
        user.mf_recovery_codes = " ".join(rcs or ())
        self.put(user)

    def mf_get_recovery_codes(self, user: Any) -> list[str]:
        """The hashes of the codes that are left."""
        return (user.mf_recovery_codes or "").split()


class Addresses(MailUtil):
    """E-mail addresses as they are kept; no mail is ever sent from here."""

    def normalize(self, email: str) -> str:
        """An address as it is kept. Raises EmailValidateException."""
        try:
            return staff.in_lower_case(email)
        except BadEmail as error:
            raise EmailValidateException(str(error)) from None

    def validate(self, email: str) -> str:
        """The same: whether it can be reached is not asked."""
        return self.normalize(email)
