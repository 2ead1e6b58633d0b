"""What a questionnaire has authored beside the score: how help is paid, what to ask it, a bad day, insurance."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from assessment.engine.conditions import Condition
from assessment.engine.questions import Id, Model, Ref, Text, When


class Aspect(Model):
    """One line of the comparison: what repairs and what prevention mean here, and the answers that show where they are.

    An aspect names questions, or whole banks where no single answer stands for it.
    """

    id: Id
    title: Text
    repairs: Text
    prevention: Text
    questions: tuple[Ref, ...] = ()
    banks: tuple[Id, ...] = ()


class Stance(Model):
    """What a way of paying rewards, said to whom it concerns; the first that fits is used.

    `signs_at_most` is the most signs it may have shown. `change` marks advice to look for another way of paying: the
    neutral sentence stands beside it. `stay` marks those told that staying as they are is reasonable.
    """

    when: When | None = None
    signs_at_most: Annotated[int, Field(ge=0)] | None = None
    title: Text
    says: Text
    change: bool = False
    stay: bool = False


class Arrangement(Model):
    """How help is paid and what that rewards: a comparison filled from the answers, and the stance that fits."""

    title: Text
    about: Text
    repairs: Text
    prevention: Text
    aspects: tuple[Aspect, ...]
    stances: tuple[Stance, ...]


class Sharper(Model):
    """The same question as it is put to those to whom a condition applies."""

    when: When
    ask: Text


class TalkQuestion(Model):
    """A question to put to whoever helps, and the answers that raise it.

    It is asked while `when` holds or may hold; without `when`, always. The first of `sharper` that holds replaces it.
    """

    id: Id
    ask: Text
    because: tuple[Ref, ...]
    when: When | None = None
    sharper: tuple[Sharper, ...] = ()


class Addressed(Model):
    """A heading and an opening line, for those to whom a condition applies; the first that fits is used."""

    when: When | None = None
    title: Text
    says: Text


class Talk(Model):
    """The talk with whoever helps: its questions in the order they matter, at most eight of them in a report."""

    addressed: tuple[Addressed, ...]
    questions: tuple[TalkQuestion, ...]


class FirstHour(Model):
    """What to do when something bad is happening at this moment."""

    title: Text
    about: Text
    steps: tuple[Text, ...]


class InsuranceItem(Model):
    """One thing forms ask about, and the questions here that answer it."""

    id: Id
    says: Text
    questions: tuple[Ref, ...]


class Insurance(Model):
    """The same answers set against what insurers' forms commonly ask."""

    title: Text
    about: Text
    items: tuple[InsuranceItem, ...]


class Downtime(Model):
    """What a standstill costs: the words around the sum, and the answers on recovery that stand beside it."""

    title: Text
    about: Text
    because: tuple[Ref, ...]


class Guidance(Model):
    """Everything a report says beside the score; each part may be left out."""

    arrangement: Arrangement | None = None
    talk: Talk | None = None
    first_hour: FirstHour | None = None
    insurance: Insurance | None = None
    downtime: Downtime | None = None

    def conditions(self) -> Iterator[Condition]:
        """Every condition that decides which of its words are used."""
        stances = self.arrangement.stances if self.arrangement else ()
        questions = self.talk.questions if self.talk else ()
        addressed = self.talk.addressed if self.talk else ()
        sharper = (one for question in questions for one in question.sharper)
        found = [
            *(one.when for one in stances),
            *(one.when for one in addressed),
            *(one.when for one in questions),
            *(one.when for one in sharper),
        ]
        return (when for when in found if when is not None)

    def questions(self) -> Iterator[Ref]:
        """Every question whose answer is quoted."""
        if self.arrangement:
            yield from (question for aspect in self.arrangement.aspects for question in aspect.questions)
        if self.talk:
            yield from (question for one in self.talk.questions for question in one.because)
        if self.insurance:
            yield from (question for item in self.insurance.items for question in item.questions)
        if self.downtime:
            yield from self.downtime.because

    def texts(self) -> Iterator[tuple[Text, ...]]:
        """Whatever is read together."""
        if self.arrangement:
            yield self.arrangement.title, self.arrangement.about
            yield from ((one.title, one.repairs, one.prevention) for one in self.arrangement.aspects)
            yield from ((one.title, one.says) for one in self.arrangement.stances)
        if self.talk:
            yield from ((one.title, one.says) for one in self.talk.addressed)
            yield from ((one.ask, *(sharper.ask for sharper in one.sharper)) for one in self.talk.questions)
        if self.first_hour:
            yield self.first_hour.title, self.first_hour.about, *self.first_hour.steps
        if self.insurance:
            yield self.insurance.title, self.insurance.about, *(item.says for item in self.insurance.items)
        if self.downtime:
            yield self.downtime.title, self.downtime.about

    def banks(self) -> Iterator[Id]:
        """Every bank whose score is quoted."""
        if self.arrangement:
            yield from (bank for aspect in self.arrangement.aspects for bank in aspect.banks)


MOST_QUESTIONS = 8
"""How many questions a report gives to take along: more than that nobody asks."""
