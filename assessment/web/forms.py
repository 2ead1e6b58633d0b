"""Forms parse and validate what is posted; templates draw it. One field a question kind."""

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from assessment.engine.answers import Answer, BadAnswer, parse_answer
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, RESERVED, Depth, Kind, Question
from assessment.tenancy.contact import FIELDS as FIELDS_OF_CONTACT
from assessment.tenancy.contact import BadContact, ContactField, asked, clean, consents
from assessment.tenancy.profile import Profile


class AnswerForm(Form):  # type: ignore[misc]  # WTForms has no type annotations
    """The answer to one question."""

    answer: Field
    given: Answer

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(str(error) for error in self.answer.errors)


def answer_form(question: Question, posted: MultiDict[str, str]) -> AnswerForm:
    """The form of one question, filled with what was posted; after a successful `validate` it holds `given`."""

    def check(form: AnswerForm, field: Field) -> None:
        try:
            form.given = parse_answer(question, _pressed(field.data))
        except BadAnswer as error:
            raise ValidationError(str(error)) from None

    field = FIELDS[question.kind](question, check)
    kind: type[AnswerForm] = type("QuestionForm", (AnswerForm,), {"answer": field})
    return kind(posted)


def _pressed(data: Any) -> Any:
    """Of ticked boxes and a pressed "not sure" button, the button counts."""
    if isinstance(data, list):
        return next((value for value in data if value in RESERVED), data)
    return data


def choices(question: Question) -> list[SelectChoice]:
    """Everything that may be posted for a question, in the order it is offered."""
    offered = [SelectChoice(value=option.id, label=option.says) for option in question.options]
    if question.offers_not_sure:
        offered.append(SelectChoice(value=NOT_SURE, label=question.not_sure_says))
    if question.does_not_apply is not None:
        offered.append(SelectChoice(value=DOES_NOT_APPLY, label=question.does_not_apply.says))
    return offered


Check = Callable[[AnswerForm, Field], None]


def _single(question: Question, check: Check) -> Field:
    return RadioField(question.ask, [check], choices=choices(question), validate_choice=False)


def _multiple(question: Question, check: Check) -> Field:
    return SelectMultipleField(question.ask, [check], choices=choices(question), validate_choice=False)


def _number(question: Question, check: Check) -> Field:
    return StringField(question.ask, [check])


def _text(question: Question, check: Check) -> Field:
    return TextAreaField(question.ask, [check])


FIELDS: Mapping[Kind, Callable[[Question, Check], Field]] = {
    Kind.SINGLE: _single,
    Kind.MULTIPLE: _multiple,
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
}


class DepthForm(Form):  # type: ignore[misc]  # WTForms has no type annotations
    """How much to ask."""

    depth = RadioField("How much time do you have?", choices=[SelectChoice(value=depth) for depth in Depth])


class ContactForm(Form):  # type: ignore[misc]  # WTForms has no type annotations
    """Contact details: the fields and boxes of one tenant, a stamp, and a field that people leave empty."""

    stamp = StringField()
    fax_extension = StringField()

    @property
    def contact(self) -> dict[str, str]:
        """What was left, cleaned, by field; only after a successful `validate`."""
        return {
            name: field.data for name, field in self._fields.items() if isinstance(field.data, str) and name in NAMES
        }

    def given(self, purpose: str) -> bool:
        """Whether the box of this purpose was ticked."""
        return bool(self[f"consent_{purpose}"].data)


NAMES = frozenset(field.name for field in FIELDS_OF_CONTACT)


def contact_form(profile: Profile, posted: MultiDict[str, str] | None = None) -> ContactForm:
    """The contact form of a tenant, empty or filled with what was posted."""
    fields = {field.name: StringField(field.label, [_contact_check(field, needed)]) for field, needed in asked(profile)}
    boxes = {f"consent_{text.purpose}": BooleanField(text.says) for text in consents(profile)}
    kind: type[ContactForm] = type("TenantContactForm", (ContactForm,), {**fields, **boxes})
    return kind(posted)


def _contact_check(about: ContactField, needed: bool) -> Callable[[Form, Field], None]:
    def check(form: Form, field: Field) -> None:
        try:
            field.data = clean(about, field.data or "")
        except BadContact as error:
            raise ValidationError(str(error)) from None
        if needed and not field.data:
            raise ValidationError(f"{about.label}: please fill this in.")

    return check
