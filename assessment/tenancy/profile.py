"""Profile: everything a tenant may set, with what is allowed. Nothing here can touch a weight, a rule or an order."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from assessment.engine.questions import Depth
from assessment.tenancy.colours import palette, parse
from assessment.tenancy.origins import PRESETS, parse_origin

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
TAKEN = ("account", "invitation", "second-step")
"""Slugs whose addresses in the console would be other pages of it."""

DAYS_LIMIT = 1095
"""Three years: what the French regulator names as the longest for people who never became customers."""


class BadProfile(ValueError):
    """A profile says something it may not; `problems` has one sentence each, naming the setting."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems

    @property
    def by_setting(self) -> dict[str, tuple[str, ...]]:
        """The same sentences, each under the setting it begins with, and without its name where a colon follows."""
        found: dict[str, tuple[str, ...]] = {}
        for problem in self.problems:
            name, colon, says = re.fullmatch(r"(\w+)(: )?(.*)", problem, re.DOTALL).groups()  # type: ignore[union-attr]
            found[name] = (*found.get(name, ()), says if colon else problem)
        return found


class Gate(StrEnum):
    """NONE: the whole report at once. SOFT: score, criticals and first steps at once, the rest by e-mail."""

    NONE = "none"
    SOFT = "soft"


class Ask(StrEnum):
    """Whether a contact field is on the form, and whether it may stay empty."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    ABSENT = "absent"


class Notices(StrEnum):
    """When staff are told about leads by mail."""

    EACH = "each"
    DAILY = "daily"
    NONE = "none"


def _line(value: str) -> str:
    if any(letter < " " or letter == "\x7f" for letter in value):
        raise ValueError("may not hold line breaks or control characters")
    return " ".join(value.split())


def _link(value: str) -> str:
    scheme = urlsplit(value).scheme
    if value and (scheme not in ("https", "mailto", "tel") or (scheme == "https" and not urlsplit(value).hostname)):
        raise ValueError("only https:, mailto: and tel: links are allowed")
    if re.search(r"[\s<>\"'\\]", value):
        raise ValueError("may not hold spaces, quotes or angle brackets")
    return value


def _page(value: str) -> str:
    if value and urlsplit(value).scheme != "https":
        raise ValueError("must be an https: link")
    return _link(value)


def _address(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False).normalized if value else ""
    except EmailNotValidError as error:
        raise ValueError(f"“{value[:80]}” is no e-mail address: {error}") from None


def _origin(value: str) -> str:
    return value if value in PRESETS else parse_origin(value)


def _accent(value: str) -> str:
    return palette(parse(value)).accent


def _parts(value: Any) -> Any:
    """A list may be written with commas between its parts."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Line = Annotated[str, AfterValidator(_line)]
Link = Annotated[str, Field(max_length=400), AfterValidator(_line), AfterValidator(_link)]
WebPage = Annotated[str, Field(max_length=400), AfterValidator(_line), AfterValidator(_page)]
Address = Annotated[str, Field(max_length=254), AfterValidator(_address)]


class Profile(BaseModel):
    """One firm's settings. The defaults suit a firm that sets nothing but its name."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    name: Annotated[Line, Field(min_length=1, max_length=120)] = Field(
        "IT health check", description="The firm's name, on the first page, in the report and in every mail."
    )
    contact: Annotated[Line, Field(max_length=200)] = Field(
        "", description="How to reach the firm, printed beside its name."
    )
    link: Link = Field("", description="The firm's website: an https, mailto or tel link.")
    accent: Annotated[str, AfterValidator(_accent)] = Field(
        "#1d4f7c", description="The colour of links and buttons, such as #1d4f7c; at least 4.5:1 against white."
    )
    action_says: Annotated[Line, Field(max_length=60)] = Field(
        "", description="The words on the button after the report, such as “Book a call”."
    )
    action_link: Link = Field("", description="Where that button leads: an https, mailto or tel link.")
    sender: Annotated[Line, Field(max_length=120)] = Field(
        "", description="The name mails come from; the firm's name without it."
    )
    reply_to: Address = Field("", description="Where answers to mails go.")
    privacy_link: WebPage = Field("", description="The firm's privacy notice: an https link.")
    controller: Annotated[Line, Field(max_length=200)] = Field(
        "", description="The legal name consent is given to; the firm's name without it."
    )
    questionnaire: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")] = Field(
        "it-health", description="The questionnaire visitors take."
    )
    depth: Literal["choose"] | Depth = Field(
        "choose", description="choose: visitors choose; or quick, standard, full: always that one."
    )
    currency: Literal["GBP", "USD", "EUR", "AUD"] = Field("GBP", description="The currency of cost ranges.")
    origins: Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], BeforeValidator(_parts)] = Field(
        (), max_length=40, description="Websites that may show the check in a frame, such as https://www.example.com."
    )
    gate: Gate = Field(
        Gate.NONE,
        description="none: the whole report at once. soft: score, critical findings and first steps at once, "
        "the rest by e-mail.",
    )
    ask_name: Ask = Field(Ask.OPTIONAL, description="The contact form's field for a name.")
    ask_email: Ask = Field(Ask.REQUIRED, description="The field for an e-mail address.")
    ask_company: Ask = Field(Ask.OPTIONAL, description="The field for a company.")
    ask_phone: Ask = Field(Ask.OPTIONAL, description="The field for a phone number.")
    ask_staff: Ask = Field(Ask.ABSENT, description="The field for how many people work there.")
    ask_devices: Ask = Field(Ask.ABSENT, description="The field for how many computers they use.")
    ask_message: Ask = Field(Ask.OPTIONAL, description="The field for a message.")
    ask_news: bool = Field(False, description="Whether to ask if news may be sent, in a box of its own.")
    fit_from: Annotated[int, Field(ge=1, le=100_000)] = Field(10, description="The smallest firm that fits, in people.")
    fit_to: Annotated[int, Field(ge=1, le=100_000)] = Field(250, description="The largest firm that fits, in people.")
    staff_mail: Annotated[tuple[Address, ...], BeforeValidator(_parts)] = Field(
        (), max_length=10, description="Who is told about leads, as e-mail addresses."
    )
    notices: Notices = Field(Notices.EACH, description="each: a mail for every lead. daily: one a day. none: no mail.")
    retention_days: Annotated[int, Field(ge=30, le=DAYS_LIMIT)] = Field(
        730, description="After how many days without a sign of life contact details are removed."
    )
    state: Literal["live", "paused"] = Field("live", description="paused: visitors see a friendly page instead.")
    test: bool = Field(False, description="Test mode: what is taken meanwhile is kept out of counts and leads.")

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.fit_from > self.fit_to:
            raise ValueError("fit_from is above fit_to")
        if bool(self.action_says) != bool(self.action_link):
            raise ValueError("action_says and action_link are set together or not at all")
        if self.gate is Gate.SOFT and self.ask_email is not Ask.REQUIRED:
            raise ValueError("gate soft sends the report by e-mail, so ask_email must be required")
        if self.ask_email is not Ask.REQUIRED and self.ask_phone is not Ask.REQUIRED:
            raise ValueError("ask_email or ask_phone must be required, or nobody could be answered")
        return self

    @property
    def named_controller(self) -> str:
        return self.controller or self.name

    def to_json(self) -> str:
        """As it is stored."""
        return self.model_dump_json()

    def changed(self, changes: Mapping[str, Any]) -> "Profile":
        """The profile with these settings changed. Raises BadProfile."""
        unknown = [name for name in changes if name not in Profile.model_fields]
        if unknown:
            known = ", ".join(Profile.model_fields)
            raise BadProfile(tuple(f"{name}: there is no such setting; there are {known}." for name in unknown))
        return read_profile({**self.model_dump(mode="json"), **changes})


def read_profile(data: Mapping[str, Any] | str) -> Profile:
    """A profile from what was stored or typed. Raises BadProfile with one sentence a problem."""
    try:
        return Profile.model_validate(json.loads(data) if isinstance(data, str) else data)
    except ValidationError as error:
        raise BadProfile(tuple(_sentence(dict(one)) for one in error.errors(include_url=False))) from None


PLAIN = {
    "string_too_long": "may have at most {max_length} characters",
    "too_short": "must not be empty",
    "too_long": "may hold at most {max_length}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number, and a smaller one",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
}
"""What is wrong, by its name in pydantic, in words for whoever typed it."""


def _sentence(error: Mapping[str, Any]) -> str:
    where = str(error["loc"][0]) + ": " if error["loc"] else ""
    kind = "string_too_long" if error["type"] == "too_long" and isinstance(error["input"], str) else str(error["type"])
    plain = PLAIN.get(kind, "").format(**error.get("ctx", {}))
    says = plain or str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{where}{says}."


def check_slug(text: str) -> str:
    """The slug, if it is one. Raises BadProfile."""
    if not SLUG.fullmatch(text):
        raise BadProfile((f"“{text[:80]}” is no slug: use small letters, digits and hyphens, at most 60.",))
    if text in TAKEN:
        raise BadProfile((f"“{text}” cannot be a slug: pages of the console have that address. Choose another one.",))
    return text
