"""What a list may be asked for in its address; read strictly, as a filter that is misspelt must not show everything."""

import re
from datetime import date
from typing import Annotated, Literal, TypeVar

from flask import request
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from pydantic.json_schema import SkipJsonSchema

from assessment.storage import browsing, lead_pages
from assessment.storage.browsing import Sort
from assessment.storage.standing import folded
from assessment.storage.work import Status
from assessment.web.api.shapes import Wrong
from assessment.web.api.trouble import refuse

LARGEST_PAGE, USUAL_PAGE = 100, 25
SAID = {"yes": True, "no": False}
DIRECT, NOBODY = "direct", "nobody"


def _day(text: object) -> object:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("write a day, such as 2026-11-22")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("there is no such day") from None


def _words(text: str) -> str:
    if not folded(text).split():
        raise ValueError("write a word")  # else nothing would be looked for, and everything found
    return text


def _whole(text: object) -> object:
    if isinstance(text, str) and not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError("write a whole number in digits")
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Words = Annotated[Text, AfterValidator(_words)]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE), BeforeValidator(_whole)]
YesNo = Literal["yes", "no"]
Someone = Annotated[str, StringConstraints(pattern=r"^(nobody|[0-9]{1,9})$")]


class Parameters(BaseModel):
    """What every list may be asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    after: Text | SkipJsonSchema[None] = None
    """Where the page before this one ended, as its `after` said."""

    limit: Limit = USUAL_PAGE
    """How many a page has at most."""

    since: Day | SkipJsonSchema[None] = Field(None, alias="from")
    """From this day on, in UTC."""

    until: Day | SkipJsonSchema[None] = Field(None, alias="to")
    """Up to this day, in UTC; the day itself is in it."""

    contact: YesNo | SkipJsonSchema[None] = None
    """Only those who may be contacted, or only the others."""

    test: YesNo = "no"
    """yes: tests, which are in no other list."""


class AssessmentFilters(Parameters):
    """The filters of the console's list and of its exports."""

    q: Words | SkipJsonSchema[None] = None
    """Words in name, company or e-mail address, or how a reference begins; needs `leads:read` too."""

    band: Text | SkipJsonSchema[None] = None
    """The id of a band."""

    critical: YesNo | SkipJsonSchema[None] = None
    """Whether there is a critical finding."""

    source: Text | SkipJsonSchema[None] = None
    """Where they came from, as `came_from` says; `direct` for nowhere in particular."""

    staff: Text | SkipJsonSchema[None] = None
    """How many people work there: the id of an option of that question."""

    status: Status | SkipJsonSchema[None] = None
    """How far the conversation is."""

    assignee: Someone | SkipJsonSchema[None] = None
    """Who looks after it: the number in the address of the console's list, or `nobody`."""

    sort: Sort = Sort.NEWEST
    """Which come first."""

    def wanted(self) -> browsing.Wanted:
        """The same for the database."""
        return browsing.Wanted(
            text=self.q or "",
            band=self.band or "",
            critical=SAID[self.critical] if self.critical else None,
            since=self.since,
            until=self.until,
            came_from="" if self.source == DIRECT else self.source,
            staff=self.staff or "",
            contact=SAID[self.contact] if self.contact else None,
            status=self.status or "",
            assignee=None if self.assignee is None else 0 if self.assignee == NOBODY else int(self.assignee),
            test=SAID[self.test],
        )


class LeadFilters(Parameters):
    """Days are those on which somebody last left something."""

    def wanted(self) -> lead_pages.Wanted:
        """The same for the database."""
        contact = SAID[self.contact] if self.contact else None
        return lead_pages.Wanted(contact, self.since, self.until, SAID[self.test])


Asked = TypeVar("Asked", bound=Parameters)


def read(model: type[Asked]) -> Asked:
    """What this request asks for; the request ends where something in it is wrong."""
    wrong = {name: "given more than once" for name, given in request.args.lists() if len(given) > 1}
    try:
        found = model.model_validate(request.args.to_dict())
    except ValidationError as error:
        for one in error.errors():
            wrong.setdefault(str(one["loc"][0]), one["msg"].removeprefix("Value error, "))
    if wrong:
        says = f"Nothing was looked for, as this cannot be read in the address: {', '.join(wrong)}."
        refuse(400, says, wrong=[Wrong(parameter=name, says=why) for name, why in wrong.items()])
    return found
