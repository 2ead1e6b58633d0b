"""Records: a stored outcome in words, as the plain values that exports are made of, and the columns of a table of them.

An outcome is read here as plain JSON: ten thousand of them through its models would take five times as long.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import Depth
from assessment.engine.result import AnswerResult
from assessment.reports.formats import Cell, Column, Record
from assessment.reports.quoting import answer_says
from assessment.reports.words import DEPTHS
from assessment.tenancy.contact import FIELDS

Json = Mapping[str, Any]
STAFF = "profile.staff"
FIRST_ACTIONS = 3
CALLED = {"name": "Name", "staff": "People, as they wrote", "devices": "Computers", "message": "Message"}


def record(facts: Json, outcome: Json, questionnaire: Questionnaire) -> Record:
    """Everything about one assessment: what is known beside its outcome, and its outcome in words."""
    answers = {answer["question"]: _answer(answer, questionnaire) for answer in outcome["answers"]}
    overall, signs = outcome["overall"], outcome["signs"]
    names = {band.id: band.name for band in questionnaire.bands}
    return {
        **facts,
        "score": overall and {**_spread(overall), "band": overall["band"], "band_name": names[overall["band"]]},
        "criticals": list(_criticals(outcome["findings"], questionnaire)),
        "signs": signs and {"count": signs["count"], "of": signs["of"]},
        "people": answers.get(STAFF, {}).get("says"),
        "banks": {bank["id"]: _spread(bank) for bank in outcome["banks"]},
        "measures": {one["id"]: _measure(one) for one in outcome.get("measures", ())},
        "actions": [_action(action, questionnaire) for action in outcome["plan"]],
        "answers": answers,
    }


def _spread(scored: Json) -> dict[str, int]:
    return {name: scored[name] for name in ("score", "low", "high")}


def _measure(result: Json) -> dict[str, Any]:
    """Its state, and its number with range, least and most, or the id of the level or word it comes to."""
    numbers = ("value", "low", "high", "least", "most")
    amount = {name: result["amount"][name] for name in numbers} if result["amount"] else {}
    words = {"comes_to": result["comes_to"], "could_be": result["could_be"]} if result["comes_to"] else {}
    return {"state": result["state"], **amount, **words}


def _criticals(findings: Sequence[Json], questionnaire: Questionnaire) -> Iterator[dict[str, str]]:
    for found in findings:
        if found["severity"] == "critical" and found["certainty"] == "confirmed":
            rule = questionnaire.all_rules[found["rule"]]
            yield {"id": found["rule"], "code": found["code"], "says": rule.finding or rule.code}


def _action(action: Json, questionnaire: Questionnaire) -> dict[str, Any]:
    kept = {name: action[name] for name in ("id", "code", "mode", "horizon", "critical", "alone", "after")}
    return {**kept, "says": questionnaire.recommendations[action["id"]].do}


def _answer(answer: Json, questionnaire: Questionnaire) -> dict[str, Any]:
    question = questionnaire.questions[answer["question"]]
    given = AnswerResult.model_construct(**answer)
    kept = {name: answer[name] for name in ("state", "options", "number", "text") if answer[name] not in (None, [])}
    return {"code": question.code, **kept, "says": answer_says(question, given)}


def columns(questionnaire: Questionnaire) -> list[Column]:
    """The columns of a table: the same for everybody, then those of this questionnaire's banks and questions.

    Answers given under another version stand in the column of the question with the same id.
    """
    return [
        *_facts(),
        *_contact(),
        *(Column(bank.title, partial(_bank, bank.id)) for bank in questionnaire.banks),
        *(Column(measure.title, partial(_measured, measure.id), 18) for measure in questionnaire.measures),
        *(Column(_nth_action(place), partial(_said, place), 50) for place in range(FIRST_ACTIONS)),
        *(
            Column(f"{question.code} {question.short}" if question.code else question.short, partial(_given, name), 30)
            for name, question in questionnaire.questions.items()
        ),
    ]


def _facts() -> Iterator[Column]:
    yield Column("Reference", _plain("reference"), 18)
    yield Column("Sent in (UTC)", _plain("sent_in"), 21)
    yield Column("Questionnaire", lambda record: record["questionnaire"]["id"], 14)
    yield Column("Version", lambda record: record["questionnaire"]["version"])
    yield Column("Depth", lambda record: DEPTHS[Depth(record["depth"])], 15)
    for name, title in (("score", "Score"), ("low", "Low end"), ("high", "High end")):
        yield Column(title, partial(_score, name), 8)
    yield Column("Band", partial(_score, "band_name"), 16)
    yield Column("Critical findings", lambda record: len(record["criticals"]), 8)
    yield Column("What is critical", lambda record: "; ".join(one["says"] for one in record["criticals"]), 50)
    yield Column("Signs", lambda record: record["signs"] and record["signs"]["count"], 8)
    yield Column("Grade", _plain("grade"), 8)
    yield Column("Status", _plain("status"))
    yield Column("Looked after by", _plain("assignee"), 18)
    yield Column("People", _plain("people"))
    yield Column("Came from", _plain("came_from"), 24)
    yield Column("Scored again", _again, 24)
    yield Column("Test", lambda record: "yes" if record["test"] else "no", 6)


def _contact() -> Iterator[Column]:
    yield Column("May be contacted", lambda record: "yes" if record["may_be_contacted"] else "no", 10)
    for field in FIELDS:
        yield Column(CALLED.get(field.name, field.label), partial(_left, field.name), 24)
    yield Column("Agreed to", lambda record: " ".join(one["says"] for one in record["consents"]), 50)
    yield Column("Agreed on (UTC)", lambda record: "; ".join(one["at"] for one in record["consents"]), 21)


def _again(record: Record) -> Cell:
    """By which other versions it was scored, and what it came to."""
    return "; ".join(
        f"{one['version']}: {'no score' if one['score'] is None else one['score']}" for one in record["rescored"]
    )


def _plain(name: str) -> Any:
    return lambda record: record[name]


def _score(name: str, record: Record) -> Cell:
    found: Cell = record["score"] and record["score"][name]
    return found


def _left(name: str, record: Record) -> Cell:
    found: Cell = record["contact"].get(name)
    return found


def _bank(bank: str, record: Record) -> Cell:
    found = record["banks"].get(bank)
    score: Cell = found and found["score"]
    return score


def _measured(measure: str, record: Record) -> Cell:
    found = record["measures"].get(measure, {})
    came_to: Cell = found.get("value", found.get("comes_to", found.get("state")))
    return came_to


def _nth_action(place: int) -> str:
    return f"Action {place + 1}"


def _said(place: int, record: Record) -> Cell:
    actions = record["actions"]
    return actions[place]["says"] if place < len(actions) else None


def _given(question: str, record: Record) -> Cell:
    """An answer in words; a number as one."""
    found = record["answers"].get(question)
    said: Cell = found and found.get("number", found["says"])
    return said
