"""Raw form or JSON values to typed answers, or problems that say which answer is wrong and what may be given."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessment.engine.problems import NOWHERE, Problem, Source
from assessment.engine.questionnaire import Questionnaire
from assessment.engine.questions import DOES_NOT_APPLY, NOT_SURE, PROFILE, Depth, Kind, Question

Answer = str | int | frozenset[str]
"""An option's id (or text, or a reserved word), a number, or the ids chosen."""

Answers = Mapping[str, Answer]

MAX_TEXT = 2000
MAX_NUMBER = 10**12


class BadAnswer(ValueError):
    """A raw value that is no answer to its question; the code names the message, the text is for the respondent."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse_answer(question: Question, raw: object) -> Answer:
    """One raw value as an answer to one question. Raises BadAnswer."""
    if raw == NOT_SURE and question.kind is not Kind.TEXT:
        if not question.offers_not_sure:
            raise BadAnswer("not-sure-not-offered", "Choose one of the answers; this question has no “not sure”.")
        return NOT_SURE
    if raw == DOES_NOT_APPLY and question.kind is not Kind.TEXT:
        if question.does_not_apply is None:
            raise BadAnswer("always-applies", "Choose one of the answers; this question applies to every firm.")
        return DOES_NOT_APPLY
    return PARSERS[question.kind](question, raw)


def _single(question: Question, raw: object) -> Answer:
    if isinstance(raw, str) and raw in question.ladder:
        return raw
    raise BadAnswer("unknown-option", "Choose one of the answers.")


def _multiple(question: Question, raw: object) -> Answer:
    values = [raw] if isinstance(raw, str) else raw
    if not isinstance(values, Sequence) or not values or not all(isinstance(value, str) for value in values):
        raise BadAnswer("nothing-chosen", "Choose everything that fits, or the answer that says none do.")
    if unknown := [value for value in values if value not in question.ladder]:
        raise BadAnswer("unknown-option", f"“{str(unknown[0])[:60]}” is not one of the answers.")
    chosen = frozenset(values)
    alone = [question.option(value).says for value in chosen if question.option(value).exclusive]
    if alone and len(chosen) > 1:
        raise BadAnswer("exclusive", f"“{alone[0]}” cannot be chosen together with another answer.")
    return chosen


def _number(question: Question, raw: object) -> Answer:
    text = str(raw).strip().replace(",", "").replace(" ", "") if isinstance(raw, str | int) else ""
    if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 13:
        raise BadAnswer("not-a-number", "Enter a whole number, such as 12.")
    value = int(text)
    if question.at_least is not None and value < question.at_least:
        raise BadAnswer("too-small", f"Enter a number of {question.at_least} or more.")
    most = MAX_NUMBER if question.at_most is None else question.at_most
    if value > most:
        raise BadAnswer("too-large", f"Enter a number of {most} or less.")
    return value


def _free_text(question: Question, raw: object) -> Answer:
    text = raw if isinstance(raw, str) else ""
    text = "".join(letter for letter in text if letter in "\n\t" or not (letter < " " or "\x7f" <= letter <= "\x9f"))
    text = text.strip()
    if not text:
        raise BadAnswer("empty", "Write something, or go back.")
    if len(text) > MAX_TEXT:
        raise BadAnswer("too-long", f"Keep it to {MAX_TEXT} characters.")
    return text.encode("utf-8", "replace").decode()


PARSERS: Mapping[Kind, Callable[[Question, object], Answer]] = {
    Kind.SINGLE: _single,
    Kind.MULTIPLE: _multiple,
    Kind.NUMBER: _number,
    Kind.TEXT: _free_text,
}


def as_data(answer: Answer) -> Any:
    """The answer as JSON holds it; `parse_answer` reads it back."""
    return sorted(answer) if isinstance(answer, frozenset) else answer


def carry(questionnaire: Questionnaire, answers: Answers) -> Answers:
    """The answers that another version of a questionnaire offers as well, to be scored by it."""
    return {name: answer for name, answer in answers.items() if _offers(questionnaire.questions.get(name), answer)}


def _offers(question: Question | None, answer: Answer) -> bool:
    if question is None:
        return False
    try:
        return parse_answer(question, as_data(answer)) == answer
    except BadAnswer:
        return False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one respondent gave: the depth asked for and the answers by question id."""

    depth: Depth
    answers: Answers
    problems: tuple[Problem, ...] = ()


def read_sheet(questionnaire: Questionnaire, data: object, source: Source = NOWHERE) -> Sheet:
    """Read an answers file, by id (`answers:`) or by code and level (`codes:` and `profile:`); all problems at once."""
    problems: list[Problem] = []

    def complain(code: str, message: str, hint: str = "") -> None:
        problems.append(Problem(code, message, hint, source))

    if not isinstance(data, Mapping):
        complain("not-answers", "an answers file is one JSON object", 'such as {"answers": {"profile.staff": "5-9"}}')
        return Sheet(Depth.FULL, {}, tuple(problems))
    for key in sorted(set(map(str, data)) - {"questionnaire", "version", "depth", "answers", "codes", "profile"}):
        complain("unknown-key", f"“{key}” is no key of an answers file", "use questionnaire, depth, answers or codes")
    if data.get("questionnaire", questionnaire.id) != questionnaire.id:
        complain("other-questionnaire", f"these answers are for “{data['questionnaire']}”, not “{questionnaire.id}”")
    depth = data.get("depth", "full")
    if depth not in list(Depth):
        complain("unknown-depth", f"“{depth}” is no depth", f"use one of {', '.join(Depth)}")
        depth = "full"
    raws = list(_raws(questionnaire, data, complain))
    answers = {}
    for question, raw in raws:
        try:
            answers[question.id] = parse_answer(question, raw)
        except BadAnswer as error:
            if raw == DOES_NOT_APPLY and "codes" in data:
                continue  # a reference case may mark what its profile hides anyway
            offered = ", ".join(question.ladder) or question.kind
            complain(error.code, f"{question.id}: {error} (got {str(raw)[:60]!r})", f"offered: {offered}")
    return Sheet(Depth(depth), answers, tuple(problems))


def _raws(
    questionnaire: Questionnaire, data: Mapping[str, Any], complain: Callable[..., None]
) -> Iterator[tuple[Question, object]]:
    for part in ("answers", "codes", "profile"):
        given = data.get(part, {})
        if not isinstance(given, Mapping):
            complain("not-answers", f"“{part}” must be an object of question and answer")
            continue
        for key, raw in given.items():
            found = _find(questionnaire, part, str(key))
            if found is None:
                complain("unknown-question", f"there is no question “{str(key)[:80]}”", "see the bank files for ids")
            elif part != "codes":
                yield found, raw
            elif (option := _by_level(found, raw)) is None:
                complain("unknown-level", f"{key}: {str(raw)[:60]!r} is no level", "use 0 (worst) to 4, NS or NA")
            else:
                yield found, option


def _find(questionnaire: Questionnaire, part: str, key: str) -> Question | None:
    if part == "codes":
        return questionnaire.codes.get(key)
    if part == "profile" and "." not in key:
        key = f"{PROFILE}.{key}"
    return questionnaire.questions.get(key)


def _by_level(question: Question, raw: object) -> str | None:
    if raw in ("NS", "NA"):
        return NOT_SURE if raw == "NS" else DOES_NOT_APPLY
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw < len(question.ladder):
        return None
    return question.ladder[raw]
