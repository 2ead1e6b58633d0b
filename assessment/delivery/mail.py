"""Mail: composing a message no field can break out of, one attempt to hand it over, and a folder for development."""

import os
import re
import secrets
import smtplib
import ssl
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from io import BufferedReader, RawIOBase
from pathlib import Path
from socket import socket
from ssl import SSLContext
from time import monotonic
from typing import Any, Literal

from email_validator import EmailNotValidError, validate_email

from assessment.delivery.attempts import Attempt, Verdict
from assessment.delivery.letters import Letter
from assessment.delivery.mails import one_line

LISTENS = 64 * 1024
SIGN_IN_FIRST = frozenset({530, 534, 535, 538})
UNPRINTED = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


@dataclass(frozen=True, slots=True)
class Mailer:
    """The mail server in use, and who the mail is from; `limits` is how many seconds one attempt may take."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: Literal["starttls", "tls", "none"]
    sender: str
    limits: float = 15

    @property
    def place(self) -> str:
        """The server as a sentence names it."""
        return f"{self.host}:{self.port}"


def compose(letter: Letter, from_address: str) -> EmailMessage:
    """A letter as a message of two parts. Raises ValueError when an address is none; other fields become one line."""
    message = EmailMessage()
    message["From"] = _address(from_address, one_line(letter.sender_name, 80))
    message["To"] = _address(letter.to)
    if letter.reply_to:
        message["Reply-To"] = _address(letter.reply_to)
    message["Subject"] = one_line(letter.subject, 150)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(_body(letter.text), cte="quoted-printable")
    message.add_alternative(_body(letter.html), subtype="html", cte="quoted-printable")
    return message


def send(mailer: Mailer, message: EmailMessage, message_id: str, ssl_context: SSLContext | None = None) -> Attempt:
    """One attempt to hand a message over. What the other side does is in the attempt and is never raised."""
    context = ssl_context or ssl.create_default_context()
    content = _content(message, message_id)
    talk = None
    try:
        name = _party(message, "From").domain
        talk = _Sealed(mailer, name, context=context) if mailer.security == "tls" else _Talk(mailer, name)
        return _encrypted(talk, mailer, context) or _signed_in(talk, mailer) or _handed_over(talk, message, content)
    except OSError as error:
        return _explained(error, mailer, _party(message, "To").addr_spec)
    finally:
        if talk is not None:
            with suppress(OSError):
                talk.quit()
            talk.close()


def keep(folder: Path, message: EmailMessage, message_id: str = "") -> Attempt:
    """Writes a message into a folder instead of sending it: <message_id>.eml, whole or not at all."""
    message_id = message_id or f"msg_{secrets.token_hex(13)}"
    content = _content(message, message_id)
    path = folder / f"{message_id}.eml"
    part = folder / f".{message_id}.{secrets.token_hex(4)}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        os.replace(part, path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        return Attempt(Verdict.AGAIN, f"The mail could not be written into {folder}: {error.strerror}.")
    return Attempt(Verdict.DONE, f"No mail server is set, so the mail was written to {path}.")


class _Replies(RawIOBase):
    """What a server says, read no longer and no further than the conversation allows."""

    def __init__(self, line: socket, until: float) -> None:
        self.line, self.until, self.heard = line, until, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self.until - monotonic()
        if left <= 0:
            raise TimeoutError
        self.line.settimeout(left)
        count = self.line.recv_into(buffer)
        self.heard += count
        if self.heard > LISTENS:
            raise OSError("the server does not stop talking")
        return count


class _Talk(smtplib.SMTP):
    """A conversation with a mail server that ends in time as a whole, not only step by step."""

    def __init__(self, mailer: Mailer, name: str, **more: Any) -> None:
        self.until = monotonic() + mailer.limits
        super().__init__(mailer.host, mailer.port, local_hostname=name, timeout=mailer.limits, **more)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = BufferedReader(_Replies(self.sock, self.until))
        return super().getreply()

    def send(self, s: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(max(0.001, self.until - monotonic()))
        super().send(s)


class _Sealed(_Talk, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte on."""


def _encrypted(talk: _Talk, mailer: Mailer, context: SSLContext) -> Attempt | None:
    """Switches to TLS where that is set; an attempt where it cannot be, for then nothing may be sent."""
    if mailer.security != "starttls":
        return None
    try:
        talk.starttls(context=context)
        return None
    except smtplib.SMTPNotSupportedError:
        code, said = None, "it does not offer STARTTLS"
    except smtplib.SMTPResponseException as error:
        if isinstance(error, smtplib.SMTPHeloError) or error.smtp_code < 500:
            raise
        code, said = error.smtp_code, _said(error.smtp_code, error.smtp_error)
    says = (
        f"The mail server {mailer.place} would not encrypt ({said}), so nothing was sent; check its port and security."
    )
    return Attempt(Verdict.DEAD, says, code)


def _signed_in(talk: _Talk, mailer: Mailer) -> Attempt | None:
    """Signs in where a user is set; a wrong password is for the operator to mend, so the mail waits."""
    if not mailer.user:
        return None
    try:
        talk.login(mailer.user, mailer.password)
        return None
    except (smtplib.SMTPServerDisconnected, smtplib.SMTPHeloError):
        raise
    except smtplib.SMTPResponseException as error:
        return _not_signed_in(mailer, error.smtp_code, _said(error.smtp_code, error.smtp_error))
    except (smtplib.SMTPException, ValueError):
        return _not_signed_in(mailer, None, "it offers no way that works with this user name and password")


def _handed_over(talk: _Talk, message: EmailMessage, content: bytes) -> Attempt:
    talk.ehlo_or_helo_if_needed()
    options = ["SMTPUTF8", "BODY=8BITMIME"] if _international(message) else []
    if options and not talk.has_extn("smtputf8"):
        says = "The address has letters beyond a to z before the @, which the mail server cannot handle."
        return Attempt(Verdict.DEAD, says)
    talk.sendmail(_party(message, "From").addr_spec, [_party(message, "To").addr_spec], content, options)
    return Attempt(Verdict.DONE, "The mail server took the mail.", 250)


def _explained(error: OSError, mailer: Mailer, to: str) -> Attempt:
    """What came of an attempt that failed: for good only where the server said so about this very mail."""
    match error:
        case OSError() if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            says = f"did not answer within {mailer.limits:g} seconds"
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            says = f"turned us away ({_said(error.smtp_code, error.smtp_error)})"
        case smtplib.SMTPRecipientsRefused():
            code, text = next(iter(error.recipients.values()))
            return _refused(mailer, "this address", code, _said(code, text, to))
        case smtplib.SMTPResponseException():
            return _refused(mailer, "the mail", error.smtp_code, _said(error.smtp_code, error.smtp_error, to))
        case smtplib.SMTPException():
            says = "hung up before it took the mail"
        case ssl.SSLCertVerificationError():
            says = f"has a certificate that cannot be trusted ({error.verify_message}); its operator can mend that"
        case ssl.SSLError():
            says = "does not speak TLS as it should; check its port and security in the settings"
        case _:
            says = f"could not be reached ({error.strerror or error})"
    return Attempt(Verdict.AGAIN, f"The mail server {mailer.place} {says}.")


def _refused(mailer: Mailer, what: str, code: int, said: str) -> Attempt:
    if code in SIGN_IN_FIRST:
        return _not_signed_in(mailer, code, said)
    if code >= 500:
        return Attempt(Verdict.DEAD, f"The mail server refused {what} for good ({said}).", code)
    return Attempt(Verdict.AGAIN, f"The mail server did not take {what} for now ({said}).", code)


def _not_signed_in(mailer: Mailer, code: int | None, said: str) -> Attempt:
    says = f"The mail server {mailer.place} did not let us sign in ({said}); check the mail user name and password."
    return Attempt(Verdict.AGAIN, says, code)


def _said(code: int, text: bytes | str, to: str = "") -> str:
    """What a server answered, short and in one line, without the address it was about."""
    words = one_line(text.decode("utf-8", "replace") if isinstance(text, bytes) else text, 200)
    return f"{code}: {re.sub(re.escape(to), 'the address', words, flags=re.IGNORECASE) if to else words}"


def _content(message: EmailMessage, message_id: str) -> bytes:
    """The bytes of a message. Its Message-ID is the same at every attempt, so a mail that came twice is seen once."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", message_id):
        raise ValueError(f"“{message_id}” cannot be a Message-ID; use letters, digits, dots, hyphens and underscores.")
    sent = copy(message)
    for name in ("Message-ID", "Date"):
        del sent[name]
    sent["Message-ID"] = f"<{message_id}@{_party(message, 'From').domain}>"
    sent["Date"] = format_datetime(datetime.now(UTC))
    return sent.as_bytes(policy=SMTP.clone(utf8=_international(message)))


def _party(message: EmailMessage, header: str) -> Address:
    party: Address = message[header].addresses[0]
    return party


def _international(message: EmailMessage) -> bool:
    return not (_party(message, "From").addr_spec + _party(message, "To").addr_spec).isascii()


def _address(text: str, name: str = "") -> Address:
    try:
        checked = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(f"“{one_line(text, 80)}” is no e-mail address: {error}") from None
    return Address(name, checked.local_part, checked.ascii_domain)


def _body(text: str) -> str:
    return text.translate(UNPRINTED).encode("utf-8", "replace").decode()
