"""Flask-Security as the console uses it: what is on, what is off, and what it says."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import timedelta

from flask import Flask
from flask_security import Security

from assessment.settings import Settings
from assessment.web.console.entrance import forms, screens, sessions
from assessment.web.console.entrance.passwords import Passwords
from assessment.web.console.entrance.second_step import Codes, RecoveryCodes
from assessment.web.console.entrance.store import Addresses, StaffDatastore

ADDRESSES = {
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "VERIFY_URL": "/confirm",
    "CHANGE_URL": "/change-password",
    "TWO_FACTOR_SETUP_URL": "/second-step",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/code",
    "MULTI_FACTOR_RECOVERY_URL": "/recovery-code",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/recovery-codes",
    "POST_LOGIN_VIEW": "account.home",
    "POST_LOGOUT_VIEW": "security.login",
    "POST_CHANGE_VIEW": "account.account",
    "POST_VERIFY_VIEW": "account.account",
    "TWO_FACTOR_POST_SETUP_VIEW": "account.account",
    "TWO_FACTOR_ERROR_VIEW": "security.login",
}

WAYS = {
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_SINGLE_HASH": ["argon2"],
    "PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__memory_cost": 19 * 1024,
        "argon2__time_cost": 2,
        "argon2__parallelism": 1,
    },
    "RETURN_GENERIC_RESPONSES": True,
    "CHANGEABLE": True,
    "SEND_PASSWORD_CHANGE_EMAIL": False,
    "TWO_FACTOR": True,
    "TWO_FACTOR_REQUIRED": True,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_IMPLEMENTATIONS": {"code": "flask_security.twofactor.CodeTfPlugin"},
    "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
    "TWO_FACTOR_RESCUE_EMAIL": False,
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "MULTI_FACTOR_RECOVERY_CODES_N": 8,
    "FRESHNESS": sessions.FRESH_FOR,
    "FRESHNESS_GRACE_PERIOD": timedelta(0),
    "API_ENABLED_METHODS": ["session"],
    "STATIC_FOLDER": None,
    "CLI_USERS_NAME": None,
    "CLI_ROLES_NAME": None,
}

SAYS = {
    "GENERIC_AUTHN_FAILED": "That address and password do not belong together. Check both and try once more.",
    "INVALID_PASSWORD": "That is not your password. Check it and try once more.",
    "PASSWORD_NOT_PROVIDED": "Type in a password.",
    "PASSWORD_IS_THE_SAME": "That is the password you have now. Choose another one.",
    "RETYPE_PASSWORD_MISMATCH": "The two passwords differ. Type the same one twice.",
    "PASSWORD_CHANGE": "Your password is changed. Everywhere else, you are signed out.",
    "TWO_FACTOR_INVALID_TOKEN": (
        "That code is not right, or it was used before. Wait for the next one; your phone’s clock must be right."
    ),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": "Your second step is changed. Everywhere else, you are signed out.",
    "TWO_FACTOR_PERMISSION_DENIED": "That page was open too long. Please sign in again.",
    "TWO_FACTOR_SETUP_EXPIRED": "That page was open too long. Please begin once more.",
    "TWO_FACTOR_LOGIN_SUCCESSFUL": "",
    "INVALID_RECOVERY_CODE": "That recovery code is not right, or it was used before. Try another one.",
    "REAUTHENTICATION_REQUIRED": "",
    "REAUTHENTICATION_SUCCESSFUL": "Thank you.",
}


def install(app: Flask, settings: Settings, secret: str) -> None:
    """Put Flask-Security into the app. The instance's secret key gives one key for each use."""
    https = settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=_key(secret, "cookie"),
        SESSION_COOKIE_NAME="__Host-assessment" if https else "assessment",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        SECURITY_TOTP_SECRETS={"1": _key(secret, "totp")},
        SECURITY_TOTP_ISSUER=settings.tenant_name.replace(":", " "),
        **{f"SECURITY_{name}": value for name, value in (ADDRESSES | WAYS).items()},
        **{f"SECURITY_MSG_{name}": (says, "info") for name, says in SAYS.items()},
    )
    with app.app_context():
        extension = Security(
            app,
            StaffDatastore(),
            login_form=forms.SignInForm,
            logout_form=forms.SignOutForm,
            verify_form=forms.ConfirmForm,
            change_password_form=forms.NewPasswordForm,
            two_factor_setup_form=forms.SecondStepForm,
            two_factor_rescue_form=forms.NoRescueForm,
            two_factor_verify_code_form=forms.CodeForm,
            mf_recovery_form=forms.RecoveryForm,
            mail_util_cls=Addresses,
            password_util_cls=Passwords,
            totp_cls=Codes,
            mf_recovery_codes_util_cls=RecoveryCodes,
            render_template=screens.show,  # type: ignore[arg-type]  # a response will do as well as a text
        )
    extension.want_json(lambda request: False)
    sessions.install(app)


def _key(secret: str, use: str) -> str:
    return urlsafe_b64encode(hmac.digest(secret.encode(), f"console:{use}".encode(), hashlib.sha256)).decode()
