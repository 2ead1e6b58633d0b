"""Standing: what of an outcome, a source and a lead is copied into columns, for lists to sort, filter and search by."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from assessment.engine.result import Certainty, Outcome
from assessment.storage.tables import NO_SCORE

STAFF = "profile.staff"
"""The question that asks how many people work there."""

LEGAL_WORDS = "ltd limited llp llc inc plc gmbh co company corp corporation pty the and"
PUBLIC_MAIL = """
aol.com btinternet.com fastmail.com gmail.com gmx.com gmx.de gmx.net googlemail.com hotmail.co.uk hotmail.com
icloud.com live.co.uk live.com mac.com mail.com me.com msn.com outlook.com pm.me proton.me protonmail.com sky.com
talktalk.net virginmedia.com web.de yahoo.co.uk yahoo.com ymail.com zoho.com
"""
"""Where anybody can have an address, so that sharing it says nothing."""

SEARCHED = ("name", "company", "email")
CAME_BY = ("host", "utm_source", "ref", "embed")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a list sorts and filters by of an outcome, kept in columns of its own."""

    score: int
    band: str
    criticals: int
    staff: str


def standing(outcome: Outcome) -> Standing:
    """The columns of an outcome."""
    staff = [a.options[0] for a in outcome.answers if a.question == STAFF and a.state == "answered" and a.options]
    certain = [f for f in outcome.findings if f.severity == "critical" and f.certainty is Certainty.CONFIRMED]
    return Standing(
        score=outcome.overall.score if outcome.overall else NO_SCORE,
        band=outcome.overall.band if outcome.overall else "",
        criticals=len(certain),
        staff=staff[0] if staff else "",
    )


def came_from(source: Mapping[str, str]) -> str:
    """The one word for a source: the website, else the campaign, else how the check was shown; nothing for a visit."""
    return next((source[name] for name in CAME_BY if source.get(name)), "")[:200]


def searchable(contact: Mapping[str, str]) -> str:
    """What somebody can be found by, in one spelling."""
    return folded(" ".join(contact.get(name, "") for name in SEARCHED))


def folded(text: str) -> str:
    """A text as it is compared: one spelling, no difference of case, nothing that cannot be seen."""
    return unicodedata.normalize("NFKC", "".join(c if c.isprintable() else " " for c in text)).casefold()


def company_of(contact: Mapping[str, str]) -> str:
    """The name of a company as it is compared: without its legal form, and without what people write in many ways."""
    words = re.findall(r"\w+", folded(contact.get("company", "")))
    return " ".join(word for word in words if word not in LEGAL_WORDS.split())[:160]


def domain_of(contact: Mapping[str, str]) -> str:
    """The domain of a company's mail; nothing where anybody can have an address there."""
    domain = contact.get("email", "").rpartition("@")[2].lower()
    return "" if domain in PUBLIC_MAIL.split() else domain[:254]
