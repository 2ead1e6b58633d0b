"""How long checking a large questionnaire takes: banks of 20 questions each, with gates, facts and caps."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from assessment.engine.checks.folder import examine_folder
from benchmarks.timing import Runs, milliseconds

MANY, IN_A_BANK = 1_000, 20
LADDER = {"never": 0, "sometimes": 30, "often": 60, "mostly": 85, "always": 100}

Data = dict[str, Any]
Timed = Callable[[Callable[[], object], int], Runs]


def checked(folder: Path, questions: int = MANY, times: int = 3, timed: Timed = milliseconds) -> Runs:
    """Reading and checking it all, proofs and wording included; what is found would make the figure worthless."""
    write(folder, questions)
    return timed(partial(_afresh, folder, questions, count(1)), times)


def _afresh(folder: Path, questions: int, versions: Iterator[int]) -> None:
    """Check a version of its own, of which nothing can have been remembered."""
    _dump(folder / "questionnaire.yaml", _head(_banks(questions)) | {"version": str(next(versions))})
    found = examine_folder(folder).found
    assert found == (), "\n".join(map(str, found[:5]))


def write(folder: Path, questions: int) -> None:
    """The files of a questionnaire of so many questions, about as tangled as ours."""
    banks = _banks(questions)
    (folder / "banks").mkdir(parents=True)
    _dump(folder / "questionnaire.yaml", _head(banks))
    for number in range(banks):
        _dump(folder / "banks" / f"bank-{number}.yaml", _bank(number, questions // banks))


def _banks(questions: int) -> int:
    return -(-questions // IN_A_BANK)


def _dump(path: Path, data: Data) -> None:
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")


def _head(banks: int) -> Data:
    profile = [
        {"id": f"fact-{n}", "short": "A fact", "ask": "Which is it?", "assumed": ["size-0"], "options": _sizes()}
        for n in range(4)
    ]
    bands = [{"id": f"from-{n}", "name": f"From {n}", "at_least": n, "verdict": "So it is."} for n in (0, 40, 70)]
    return {
        "id": "large",
        "version": "1",
        "title": "Large",
        "about": "Very many questions.",
        "good_enough": 85,
        "minutes": {"quick": 10, "standard": 60, "full": 200},
        "banks": [{"bank": f"bank-{n}", "weight": 10} for n in range(banks)],
        "profile": profile,
        "bands": bands,
        "rules": [{**_rule(n, f"bank-{n}.question-5"), "caps": {"overall": 30}} for n in range(0, banks, 5)],
    }


def _sizes() -> list[Data]:
    return [{"id": f"size-{n}", "says": f"About {10 * n + 5}"} for n in range(4)]


def _bank(number: int, questions: int) -> Data:
    return {
        "id": f"bank-{number}",
        "title": "A bank",
        "about": "What it is about.",
        "questions": [_question(number, place) for place in range(questions)],
        "rules": list(_rules(number, questions)),
        "recommendations": [_advice(number, place) for place in range(questions)],
    }


def _question(bank: int, place: int) -> Data:
    question: Data = {
        "id": f"question-{place}",
        "code": f"Q{bank}-{place}",
        "short": f"Topic {place}",
        "ask": "How often does somebody look at this and write down what they saw?",
        "help": "Think of the last three months. A note on paper counts as much as one on a screen.",
        "tier": "quick" if place < 2 else "standard",
        "weight": 1 + place % 5,
        "not_sure": 15,
        "options": [{"id": name, "says": f"It is {name} so", "points": n} for name, n in LADDER.items()],
    }
    if place % 4 == 2:
        question["settled"] = {"when": {f"question-{place - 1}": "never"}, "as": "never"}
    if place % 4 == 3:
        question["when"] = {f"profile.fact-{bank % 4}": ["size-1", "size-3"]}
    return question


def _rules(bank: int, questions: int) -> Iterator[Data]:
    """Caps from low to high, each on two answers of which one may be settled by a third."""
    for place in range(2, questions, 2):
        when = {f"question-{place}": {"at_most": "sometimes"}, f"question-{place - 2}": "never"}
        yield {**_rule(place, ""), "code": f"K{bank}-{place}", "when": when, "caps": {"bank": 10 + 3 * place}}
    yield {**_rule(0, "question-1"), "code": f"K{bank}-0", "caps": {"bank": 5, "overall": 50}}


def _rule(number: int, about: str) -> Data:
    return {
        "id": f"rule-{number}",
        "code": f"K{number}",
        "severity": "high",
        "when": {about: "never"},
        "finding": "This is looked at too seldom.",
    }


def _advice(bank: int, place: int) -> Data:
    return {
        "id": f"look-at-{place}",
        "code": f"R{bank}-{place}",
        "do": "Look at it every month.",
        "why": "What is seen early is mended with less.",
        "raises": {f"question-{place}": "always"},
        "effort": {"owner": 1},
        "horizon": "30",
        "who": "owner",
        "impact": 50,
        "needs": {"first": [f"look-at-{place - 1}"] if place % 3 else []},
    }
