"""What a standstill costs: a form whose figures stand in the address of the report and nowhere else."""

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict
from wtforms import DecimalField, Form, IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from assessment.reports.standstill import Standstill
from assessment.web.pages import StandstillInput, StandstillView

MOST = 1_000_000
FIGURE = "Please write a number, such as 25."


class _Decimal(DecimalField):  # type: ignore[misc]  # WTForms has no type annotations
    """A number as people write it: with a decimal comma, or with separators of thousands."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([_plain(value) for value in valuelist])
        given: Decimal | None = self.data
        if given is not None and not given.is_finite():
            self.data: Decimal | None = None
            raise ValueError(FIGURE)


def _plain(value: str) -> str:
    value = value.strip().replace(" ", "").replace("\u00a0", "")
    whole, comma, rest = value.rpartition(",")
    return (
        f"{whole.replace(',', '')}.{rest}" if comma and len(rest) != 3 and "." not in rest else value.replace(",", "")
    )


def _amount(label: str, least: float, *more: object) -> DecimalField:
    return _Decimal(label, [*more, NumberRange(least, MOST, f"Please write a number from {least:g} to {MOST:,}.")])


class StandstillForm(Form):  # type: ignore[misc]  # WTForms has no type annotations
    """The figures of one standstill."""

    people = IntegerField(
        "How many people could not work?",
        [InputRequired("Please write how many."), NumberRange(0, MOST, f"Please write a number from 0 to {MOST:,}.")],
    )
    pay = _amount("What does one of them cost you in an hour?", 0, InputRequired(FIGURE))
    margin = _amount("How much do you earn in an hour, after what your goods cost?", 0, Optional())
    least = _amount("After how many hours could you work again, if all goes well?", 0, InputRequired(FIGURE))
    most = _amount("And if it goes badly?", 0, InputRequired(FIGURE))

    def figures(self) -> Standstill:
        """The figures; only after a successful `validate`."""
        margin = self.margin.data or Decimal(0)
        return Standstill(self.people.data, self.pay.data, margin, self.least.data, self.most.data)


HINTS = {
    "pay": "Wages with everything on top. A guess is fine.",
    "margin": "Leave it empty if customers would simply come back later.",
    "least": "Your answers on recovery stand above. If nobody has tried it, guess with care.",
}


def read_standstill(given: MultiDict[str, str]) -> tuple[Standstill | None, StandstillView]:
    """The figures in an address, if they are whole, and the form with what was typed and what is wrong with it."""
    asked = any(given.get(name, "").strip() for name in StandstillForm()._fields)
    form = StandstillForm(given if asked else None)
    sound = asked and form.validate()
    view = StandstillView(tuple(_inputs(form)), asked and not sound, _query(form) if sound else "")
    return form.figures() if sound else None, view


def _inputs(form: StandstillForm) -> Iterator[StandstillInput]:
    for name, field in form._fields.items():
        typed = _printable(field.raw_data[0] if field.raw_data else "")
        errors = tuple(FIGURE if str(error).startswith("Not a valid") else str(error) for error in field.errors)
        yield StandstillInput(name, str(field.label.text), HINTS.get(name, ""), typed[:40], errors[:1])


def _printable(typed: str) -> str:
    """What was typed, without what no page may hold."""
    return "".join(letter for letter in typed if letter >= " " and letter != "\x7f")


def _query(form: StandstillForm) -> str:
    return "?" + urlencode({name: field.raw_data[0][:40] for name, field in form._fields.items() if field.raw_data})
