"""What mails say: plain values in, a letter out, its words in templates/mail as text and as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from assessment.delivery.mails import DigestMail, EndpointMail, LeadMail, ReportMail


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written to one address, in words: as text and as HTML."""

    to: str
    subject: str
    text: str
    html: str
    sender_name: str = ""
    reply_to: str = ""


class Mail(Protocol):
    """What every mail has."""

    @property
    def to(self) -> str: ...
    @property
    def sponsor_name(self) -> str: ...
    @property
    def subject(self) -> str: ...


def report_letter(folders: Sequence[Path], mail: ReportMail) -> Letter:
    """The mail an owner asked for. Raises ValueError when a link of ours is none."""
    return _letter(folders, "report", mail, mail.reply_to)


def lead_letter(folders: Sequence[Path], mail: LeadMail) -> Letter:
    """The mail to staff about one new lead."""
    return _letter(folders, "lead", mail)


def digest_letter(folders: Sequence[Path], mail: DigestMail) -> Letter:
    """The mail to staff about one day."""
    return _letter(folders, "digest", mail)


def endpoint_letter(folders: Sequence[Path], mail: EndpointMail) -> Letter:
    """The mail to staff about an endpoint that was switched off."""
    return _letter(folders, "endpoint", mail)


def _letter(folders: Sequence[Path], name: str, mail: Mail, reply_to: str = "") -> Letter:
    environment = _environment(tuple(folders))
    text, html = (environment.get_template(f"mail/{name}.{kind}").render(page=mail) for kind in ("txt", "html"))
    return Letter(mail.to, mail.subject, text, html, mail.sponsor_name, reply_to)


@lru_cache
def _environment(folders: tuple[Path, ...]) -> Environment:
    return Environment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
