"""The mails there are, as plain values: what each says in short, and what may stand in its subject and links."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class ReportMail:
    """To the owner who asked for it: the report in short, and the links to all of it."""

    to: str
    name: str
    sponsor_name: str
    reply_to: str
    title: str
    taken_on: date
    score: int | None
    band: str
    headline: str
    criticals: tuple[str, ...]
    first: tuple[str, ...]
    report_url: str
    pdf_url: str
    expires_on: date
    delete_url: str
    privacy_url: str

    @property
    def subject(self) -> str:
        return f"Your report: {self.title}"

    @property
    def greeting(self) -> str:
        """By name, unless what was typed as a name would put a link of somebody's choosing into our mail."""
        name = one_line(self.name, 60)
        return f"Hello {name}," if name and not _links(name) else "Hello,"

    @property
    def taken(self) -> str:
        return day(self.taken_on)

    @property
    def expires(self) -> str:
        return day(self.expires_on)

    @property
    def links(self) -> dict[str, str]:
        """Links as they may stand in the mail: ours as they are, the privacy notice by https or on our own site."""
        ours = {name: _ours(getattr(self, f"{name}_url")) for name in ("report", "pdf", "delete")}
        return {**ours, "privacy": _theirs(self.privacy_url, ours["report"])}


@dataclass(frozen=True, slots=True)
class LeadMail:
    """To the sponsor's staff: somebody left their details."""

    to: str
    sponsor_name: str
    lead: tuple[tuple[str, str], ...]
    grade: str
    grade_reasons: tuple[str, ...]
    score: int | None
    band: str
    criticals: tuple[str, ...]
    first: tuple[str, ...]
    consents: tuple[tuple[str, bool], ...]
    source: str
    test: bool

    @property
    def subject(self) -> str:
        who = one_line(self.lead[0][1], 60) if self.lead else ""
        return f"{'Test: new' if self.test else 'New'} lead, grade {self.grade}{': ' if who else ''}{who}"


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One lead of the day; `when` in the hours of whoever reads it."""

    name: str
    company: str
    grade: str
    score: int | None
    when: datetime

    @property
    def says(self) -> str:
        """The line under the name: when, which grade, which score."""
        score = "no score" if self.score is None else f"score {self.score}"
        return f"{self.when:%H:%M}, grade {self.grade}, {score}"


@dataclass(frozen=True, slots=True)
class DigestMail:
    """To the sponsor's staff: one day in one mail."""

    to: str
    sponsor_name: str
    day: date
    leads: tuple[DigestLine, ...]
    completed: int

    @property
    def counted(self) -> str:
        return _count(len(self.leads), "new lead")

    @property
    def subject(self) -> str:
        return f"{self.counted} on {day(self.day)}"

    @property
    def on(self) -> str:
        return day(self.day)

    @property
    def taken(self) -> str:
        return _count(self.completed, "assessment")


@dataclass(frozen=True, slots=True)
class EndpointMail:
    """To the sponsor's staff: an endpoint failed for five days and was switched off."""

    to: str
    sponsor_name: str
    endpoint: str
    since: date
    says: str
    how: str

    @property
    def subject(self) -> str:
        return "Please look: new leads no longer reach one of your systems"

    @property
    def failing_since(self) -> str:
        return day(self.since)


def day(when: date) -> str:
    """A date as a person writes it: 22 November 2026."""
    return f"{when.day} {when:%B %Y}"


def one_line(text: str, longest: int) -> str:
    """Text as it may stand in a header: one line, no control or direction mark, no encoded word, cut to length."""
    unfit = ("Cc", "Cs", "Zl", "Zp")
    kept = "".join(" " if unicodedata.category(letter) in unfit or letter in TURNS else letter for letter in text)
    return " ".join(kept.replace("=?", "= ?").split())[:longest].rstrip()


def _links(text: str) -> bool:
    """Whether a mail program could make a link or an address of a part of this text."""
    return any("@" in word or "://" in word or "." in word.strip(".") for word in text.split())


def _ours(url: str) -> str:
    if not _is_web(url, ("https", "http")):
        raise ValueError(f"“{url}” cannot be linked in a mail; an address on this site begins with https://.")
    return url


def _theirs(url: str, ours: str) -> str:
    own_site = _is_web(url, ("http",)) and urlsplit(url)[:2] == urlsplit(ours)[:2]
    return url if own_site or _is_web(url, ("https",)) else ""


def _is_web(url: str, schemes: tuple[str, ...]) -> bool:
    """Whether this is a link and nothing else: urlsplit alone overlooks line breaks and quotes."""
    if any(letter <= " " or letter in "<>\"'`\\{}|^" for letter in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and "@" not in parts.netloc


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count or 'No'} {what}s"
