"""Contact: what a visitor may leave, what each box they tick says word for word, and who counts as the same person."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from assessment.tenancy.profile import Ask, Profile

LANGUAGE = "en-GB"


class BadContact(ValueError):
    """One field holds something that cannot be used; the message says what and how to write it."""


@dataclass(frozen=True, slots=True)
class ContactField:
    """One field of the form: its name, what it is called, how long it may be, and what browsers may fill in."""

    name: str
    label: str
    limit: int
    autocomplete: str
    kind: str = "text"
    hint: str = ""


FIELDS = (
    ContactField("name", "Your name", 120, "name"),
    ContactField("email", "E-mail address", 254, "email", "email"),
    ContactField("company", "Company", 160, "organization"),
    ContactField("phone", "Phone number", 40, "tel", "tel"),
    ContactField("staff", "How many people work there", 7, "off", "number"),
    ContactField("devices", "How many computers you use", 7, "off", "number"),
    ContactField("message", "Anything we should know", 2000, "off", "long", "Please leave out passwords."),
)
"""Every field a tenant may ask for, in the order of the form."""


class Purpose(StrEnum):
    """What somebody agrees to, one box each."""

    CONTACT = "contact"
    NEWS = "news"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What stands beside a box: the exact words, and the version they are kept under."""

    purpose: Purpose
    says: str
    controller: str
    language: str = LANGUAGE

    @property
    def version(self) -> str:
        return hashlib.sha256(f"{self.language}\n{self.says}".encode()).hexdigest()[:12]


def asked(profile: Profile) -> tuple[tuple[ContactField, bool], ...]:
    """The fields on this tenant's form, each with whether it must be filled in."""
    asks: Mapping[str, Ask] = {field.name: getattr(profile, f"ask_{field.name}") for field in FIELDS}
    return tuple((field, asks[field.name] is Ask.REQUIRED) for field in FIELDS if asks[field.name] is not Ask.ABSENT)


def consents(profile: Profile) -> tuple[ConsentText, ...]:
    """The boxes on this tenant's form."""
    who = profile.named_controller
    texts = [ConsentText(Purpose.CONTACT, f"{who} may contact me about these results.", who)]
    if profile.ask_news:
        texts.append(ConsentText(Purpose.NEWS, f"{who} may send me news now and then. I can stop it any time.", who))
    return tuple(texts)


def clean(field: ContactField, value: str) -> str:
    """What was typed, in the form it is kept in. Raises BadContact."""
    keeps_lines = field.kind == "long"
    text = "".join(letter for letter in value if _printable(letter) or (keeps_lines and letter == "\n"))
    text = text.strip() if keeps_lines else " ".join(text.split())
    if len(text) > field.limit:
        raise BadContact(f"{field.label}: please use at most {field.limit} characters.")
    return CLEANERS[field.kind](field, text) if text else ""


def _printable(letter: str) -> bool:
    return not (letter < " " or "\x7f" <= letter <= "\x9f" or "\ud800" <= letter <= "\udfff" or letter in HIDING)


HIDING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2028\u2029\ufeff")
"""Characters that turn text round or hide it; nobody's name needs them."""


def _as_is(field: ContactField, text: str) -> str:
    return text


def _email(field: ContactField, text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise BadContact("Enter an e-mail address such as name@example.com.") from None


def _phone(field: ContactField, text: str) -> str:
    if not re.fullmatch(r"\+?[\d\s()./-]{5,}(?:(?:x|ext\.?)\s?\d{1,6})?", text, re.ASCII):
        raise BadContact("Enter a phone number with digits, such as +44 20 7946 0000.")
    return text


def _number(field: ContactField, text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise BadContact(f"{field.label}: enter a whole number, such as 12.")
    return str(int(text))


CLEANERS = {"text": _as_is, "long": _as_is, "email": _email, "tel": _phone, "number": _number}


def compared(address: str) -> str:
    """An e-mail address as it is compared with others: in small letters, and nothing else made alike.

    `straße@` and `strasse@` stay two people's, which folding letters further would make one.
    """
    return address.lower()


def identity(contact: Mapping[str, str]) -> str | None:
    """Who this is: the same e-mail address, else the same phone number. None where neither is known."""
    if contact.get("email"):
        return f"email:{compared(contact['email'])}"
    digits = re.sub(r"\D", "", contact.get("phone", ""))
    return f"phone:{digits}" if digits else None
