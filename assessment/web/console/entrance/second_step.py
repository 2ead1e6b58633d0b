"""The second step: codes from an app that count once, and recovery codes of which only hashes are kept."""

from typing import Any

from flask_security import MfRecoveryCodesUtil, Totp, UserMixin
from passlib.exc import UsedTokenError  # type: ignore[import-untyped]
from passlib.totp import TOTP, TotpMatch  # type: ignore[import-untyped]

from assessment.storage import staff
from assessment.web.console.entrance.store import User
from assessment.web.site import site


class Codes(Totp):
    """Codes by the clock of the instance. One that was used, or is older than one that was, counts no more."""

    def __init__(self, secrets: Any, issuer: str) -> None:
        super().__init__(secrets, issuer)
        self._totp = TOTP.using(issuer=issuer, secrets=secrets, now=lambda: site().now().timestamp())

    def get_last_counter(self, user: UserMixin) -> int | None:
        """Which code was the last."""
        assert isinstance(user, User)
        return user.tf_last_counter

    def set_last_counter(self, user: UserMixin, tmatch: TotpMatch) -> None:
        """Take this code out of use for good, even where two requests bring it at once. Raises UsedTokenError."""
        with site().database.writing() as writing:
            if not staff.spend_counter(writing, user.id, tmatch.counter):
                raise UsedTokenError


class RecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes: shown when they are made, and kept as keyed hashes that nobody can read back."""

    def get_recovery_codes(self, user: UserMixin) -> list[str]:
        """None: what was shown once cannot be shown again."""
        return []

    def check_recovery_code(self, user: UserMixin, code: str) -> bool:
        """Whether a code is right; it is used up with that, however many requests bring it at once."""
        with site().database.writing() as writing:
            return staff.spend_recovery_code(writing, user.id, _hash(code))

    def delete_recovery_code(self, user: UserMixin, code: str) -> bool:
        """Nothing: it was used up when it was checked."""
        return True

    def _encrypt_codes(self, codes: list[str]) -> list[str]:
        return [_hash(code) for code in codes]


def _hash(code: str) -> str:
    letters = "".join(letter for letter in code.lower() if letter.isalnum())
    return site().vault.address_hash(f"recovery {letters}")
