"""Flask-Security's forms with our limits: how often somebody may try, and what follows when they succeed."""

from datetime import timedelta
from typing import Any

from flask import g, request, session, url_for
from flask_security.forms import (
    ChangePasswordForm,
    LoginForm,
    LogoutForm,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
)
from flask_security.recovery_codes import MfRecoveryForm
from wtforms import StringField

from assessment.storage import limits, staff
from assessment.web.console.entrance import sessions
from assessment.web.console.person import someone
from assessment.web.site import site

PASSWORDS = (5, timedelta(minutes=15))
PASSWORDS_OF_A_NETWORK = (20, timedelta(minutes=15))
CODES = (5, timedelta(minutes=5))

TOO_MANY_PASSWORDS = "That was tried too often. Wait 15 minutes, then try once more."
TOO_MANY_CODES = "That was tried too often. Wait 5 minutes, then try once more with a new code."
USED_ALREADY = "This account has a second step already. Please sign in again."


class SignInForm(LoginForm):
    """Address and password; nobody is remembered beyond their session."""

    remember = None

    def validate(self, **kwargs: Any) -> bool:
        typed = str(self.email.data or "").strip()
        if not may_try_password(typed):
            self.form_errors.append(TOO_MANY_PASSWORDS)
            return False
        if not super().validate(**kwargs):
            with site().database.writing() as writing:
                sessions.note(writing, "fail to sign in", self.user.id if self.user else None)
            return False
        _forgive(_password_key(typed))
        sessions.begin_halfway()
        self.next.data = self.next.data or url_for("account.home")  # else it would lead on to the address of this form
        return True


class ConfirmForm(VerifyForm):
    """The password once more, before something that matters."""

    def validate(self, **kwargs: Any) -> bool:
        if not may_try_password(self.user.email):
            self.password.errors = [TOO_MANY_PASSWORDS]
            return False
        if not super().validate(**kwargs):
            return False
        _forgive(_password_key(self.user.email))
        sessions.freshen()
        return True


class NewPasswordForm(ChangePasswordForm):
    """A new password, and the old one to show who is asking."""

    def validate(self, **kwargs: Any) -> bool:
        email = g.person.email
        if not may_try_password(email):
            self.password.errors = [TOO_MANY_PASSWORDS]
            return False
        if not super().validate(**kwargs):
            return False
        _forgive(_password_key(email))
        return True


class SecondStepForm(TwoFactorSetupForm):
    """The way to set up a second step, of which there is one; in a field that does not ask WTForms for the old ways."""

    setup = StringField()


class Offers(StringField):  # type: ignore[misc]  # WTForms has no type annotations
    """A field that Flask-Security adds ways out to; none of them is shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices: list[Any] = []


class NoRescueForm(TwoFactorRescueForm):
    """Nothing can be sent to somebody who lost their phone: there are recovery codes, and there is the operator."""

    help_setup = Offers()


class CodeForm(TwoFactorVerifyCodeForm):
    """Six digits from an app; spaces between them are fine."""

    def validate(self, **kwargs: Any) -> bool:
        assert self.user is not None
        self.code.data = "".join(str(self.code.data or "").split())
        late = session.get("tf_state") == "validating_profile" and someone() is None and self.user.tf_totp_secret
        if late or not _may_try_code(self.user.id):
            self.code.errors = [USED_ALREADY if late else TOO_MANY_CODES]
            return False
        if super().validate(**kwargs):
            _forgive(_code_key(self.user.id))
            return True
        with site().database.writing() as writing:
            sessions.note(writing, "fail a code", self.user.id)
        return False


class RecoveryForm(MfRecoveryForm):
    """One recovery code, as it was written down."""

    def validate(self, **kwargs: Any) -> bool:
        assert self.user is not None
        if not _may_try_code(self.user.id):
            self.code.errors = [TOO_MANY_CODES]
            return False
        worked = super().validate(**kwargs)
        if worked:
            _forgive(_code_key(self.user.id))
        with site().database.writing() as writing:
            sessions.note(writing, "use a recovery code" if worked else "fail a recovery code", self.user.id)
        return bool(worked)


class SignOutForm(LogoutForm):
    """Signing out: nothing to fill in."""

    def validate(self, **kwargs: Any) -> bool:
        sessions.end_this()
        session.pop(sessions.KEY, None)
        return bool(super().validate(**kwargs))


def may_try_password(email: str) -> bool:
    """Count one more try for this account and for the network it comes from."""
    network = site().vault.place("sign-in", request.remote_addr or "", site().now())
    return _take((_password_key(email), *PASSWORDS), (network, *PASSWORDS_OF_A_NETWORK))


def _may_try_code(staff_id: int) -> bool:
    return _take((_code_key(staff_id), *CODES))


def _take(*counted: tuple[str, int, timedelta]) -> bool:
    now = site().now()
    with site().database.writing() as writing:
        left = [limits.take(writing, key, most, span, now) for key, most, span in counted]
    g.limited = not all(left)
    return all(left)


def _forgive(key: str) -> None:
    with site().database.writing() as writing:
        staff.forgive(writing, key)


def _password_key(email: str) -> str:
    return site().vault.address_hash(f"sign-in {email.strip().lower()}")


def _code_key(staff_id: int) -> str:
    return site().vault.address_hash(f"code {staff_id}")
