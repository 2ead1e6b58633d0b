"""Stamps on forms: when a form was drawn and for whom, signed, so that machines that post blindly are told apart."""

import secrets
from datetime import datetime, timedelta

from flask import current_app
from itsdangerous import BadSignature, Signer

TOO_QUICK = timedelta(seconds=2)
"""Nobody reads a form and fills it in faster; their browser might, and then they press the button once more."""


def stamp(about: str, now: datetime) -> str:
    """A stamp for one drawing of a form about something."""
    return _signer(about).sign(f"{int(now.timestamp())}-{secrets.token_hex(8)}").decode()


def read_stamp(about: str, text: str, now: datetime) -> tuple[bool, str]:
    """Whether a form may count: it was drawn by us, for this, and not a moment ago; and what names this drawing."""
    try:
        drawn = _signer(about).unsign(text.encode("utf-8", "replace")).decode()
    except BadSignature:
        return False, ""
    age = now - datetime.fromtimestamp(int(drawn.split("-")[0]), now.tzinfo)
    return age >= TOO_QUICK, drawn


def _signer(about: str) -> Signer:
    return Signer(current_app.config["SECRET_KEY"], salt=f"form of {about}")
