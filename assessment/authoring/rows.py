"""The rows of a spreadsheet to questions with their advice, with the keys of a bank file; or every problem, by cell."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from assessment.authoring.cells import Row, columns_of
from assessment.authoring.columns import BY_HEADING, COLUMNS, MOST_ANSWERS, are_headings
from assessment.authoring.grid import Grid
from assessment.authoring.naming import apart, id_of
from assessment.engine.problems import Problem
from assessment.engine.questions import PROFILE, RESERVED

SHORTEST_NAME = 60
ANSWERS = tuple(f"answer {n}" for n in range(1, MOST_ANSWERS + 1))
ID = re.compile(r"[a-z0-9][a-z0-9+-]*")


SPREAD = "The sheet gave no points, so they were spread evenly."
WRITTEN = "So the points stand in the sheet."
"""Why all steps of a question are worth the same."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One row: a question and its advice, and the headings under which nothing stood."""

    row: int
    bank: str
    question: Mapping[str, Any]
    advice: Mapping[str, Any]
    silent: frozenset[str]


@dataclass(frozen=True, slots=True)
class Drafts:
    """Every row read, the banks in their order with their titles, and what the author should know or mend."""

    rows: tuple[Draft, ...] = ()
    banks: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_rows(grid: Grid) -> Drafts:
    """The questions of a sheet; what is wrong is named cell by cell, all of it at once."""
    head = next((row for row, texts in grid.cells.items() if are_headings(texts.values())), 0)
    if not head:
        message = "no row of headings was found: “question”, “answer 1” and “answer 2” must be among them"
        hint = "`assessment import --template FILE.xlsx` writes an empty sheet with the headings"
        return Drafts(problems=(grid.problem(min(grid.cells, default=1), 1, message, hint),))
    columns, unknown, problems = columns_of(grid, head)
    missing = [column.heading for column in COLUMNS if column.required and column.heading not in columns]
    problems += [grid.problem(head, 1, f"there is no column “{heading}”") for heading in missing]
    if problems:
        return Drafts(problems=tuple(problems))
    sheet = _Sheet()
    below = {*grid.cells, *(row for row, _ in grid.wrong)}
    drafts = [sheet.draft(Row(grid, columns, row, problems)) for row in sorted(below) if row > head]
    rows = tuple(filter(None, drafts))
    if not rows and not problems:
        problems.append(grid.problem(head, columns["question"], "no question stands below the headings"))
    return Drafts(rows, sheet.banks, (*_unknown(unknown), *_silent(rows)), tuple(dict.fromkeys(problems)))


def _unknown(headings: list[str]) -> list[str]:
    notes = []
    for heading in headings:
        near = get_close_matches(heading.lower(), BY_HEADING, 1)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        notes.append(f"The column “{heading[:60]}” was left out: it is none we know.{hint}")
    return notes


SAID = ("do", "why", "weight", "depth", "not sure", "hours", "cost", "horizon", "who", "points")
"""The defaults worth saying aloud, because somebody else would have chosen otherwise."""


def _silent(rows: tuple[Draft, ...]) -> list[str]:
    """What was taken where the sheet says nothing, in a sentence a column."""
    count = Counter(heading for draft in rows for heading in draft.silent)
    return [
        f"{heading}: empty for {count[heading]} of {len(rows)} questions; taken: {DEFAULTS[heading]}."
        for heading in SAID
        if count[heading]
    ]


DEFAULTS = {column.heading: column.empty for column in COLUMNS} | {"points": BY_HEADING["points 1"].empty}


class _Sheet:
    """Makes drafts of rows, and remembers the bank we are in and which names are taken."""

    def __init__(self) -> None:
        self.banks: dict[str, str] = {}
        self.bank = "Questions"
        self.taken: dict[str, set[str]] = {}
        self.codes: dict[str, int] = {}
        self.count = 0

    def draft(self, row: Row) -> Draft | None:
        """One question with its advice; nothing for a row that is empty or only names the topic of those below."""
        if row.filled <= {"bank"}:
            self.bank = row.text("bank", SHORTEST_NAME) or self.bank
            return None
        self.count += 1
        bank = self._bank(row)
        question = self._question(row, bank)
        return Draft(row.at, bank, question, self._advice(row, bank, question), frozenset(row.silent))

    def _bank(self, row: Row) -> str:
        """The id of the bank a row belongs to: its own, or that of the row above."""
        self.bank = row.text("bank", SHORTEST_NAME) or self.bank
        known = next((bank for bank, title in self.banks.items() if title == self.bank), None)
        if known:
            return known
        bank = apart(id_of(self.bank, f"bank-{len(self.banks) + 1}"), self.taken.setdefault("", set()))
        if bank == PROFILE:
            row.complain("bank", "no bank may be called “profile”", "give this topic another name")
        self.banks[bank] = self.bank
        return bank

    def _question(self, row: Row, bank: str) -> dict[str, Any]:
        ask = row.text("question")
        if not ask:
            row.complain("question", "the question is missing in this row")
        found = {
            "id": self._id(row, bank, ask),
            "code": self._code(row),
            "short": row.text("short", SHORTEST_NAME) or cut(ask),
            "ask": ask,
            "help": row.text("help"),
            "tier": row.choice("depth"),
            "weight": row.number("weight", 10),
        }
        if row.text("not sure").lower() not in ("no", "-"):
            found["not_sure"] = row.number("not sure", 100)
        options = _options(row)
        steps = {int(better["points"]) - int(worse["points"]) for worse, better in pairwise(options)}
        if len(options) > 2 and len(steps) == 1:
            found["equal_steps"] = SPREAD if "points" in row.silent else WRITTEN
        return {key: value for key, value in found.items() if value or key in ("short", "ask")} | {"options": options}

    def _id(self, row: Row, bank: str, ask: str) -> str:
        taken, given = self.taken.setdefault(bank, set()), row.text("id", SHORTEST_NAME)
        if not given:
            return apart(id_of(ask, f"question-{self.count}"), taken)
        if not ID.fullmatch(given):
            row.complain("id", f"“{given}” is no id", "use small letters, digits and hyphens")
        if given in taken:
            row.complain("id", f"“{given}” stands in “{self.bank}” already", "give each question an id of its own")
        taken.add(given)
        return given

    def _code(self, row: Row) -> str:
        code = row.text("code", 20)
        if code and (earlier := self.codes.setdefault(code, row.at)) != row.at:
            row.complain("code", f"“{code}” stands in row {earlier} already", "give each question a code of its own")
        return code

    def _advice(self, row: Row, bank: str, question: Mapping[str, Any]) -> dict[str, Any]:
        best = question["options"][-1]
        do, why, steps = row.text("do"), row.text("why"), row.lines("steps")
        name = id_of(do, "") if do else f"improve-{question['id']}"
        effort = {"owner": row.number("hours", 1000, False), "it": row.number("outside hours", 1000, False)}
        return {
            "id": apart(name or f"improve-{question['id']}", self.taken.setdefault(f"advice of {bank}", set())),
            "code": f"R-{question['code']}" if "code" in question else f"R{self.count}",
            "do": do or f"Work towards this answer: “{best['says'].rstrip('.')}”.",
            **({"steps": steps} if steps else {}),
            "why": why or f"It lifts your answer on “{question['short']}” to the best there is.",
            "raises": {question["id"]: best["id"]},
            "effort": {who: hours for who, hours in effort.items() if hours != "0"} or {"owner": "0"},
            "cost": row.choice("cost"),
            "horizon": row.choice("horizon"),
            "who": row.choice("who"),
            "impact": row.number("impact", 100) if row.text("impact") else str(10 * int(question["weight"])),
        }


def cut(text: str) -> str:
    """A question in at most 60 characters, between two words."""
    text = text.rstrip("?.! ")
    if len(text) <= SHORTEST_NAME:
        return text
    return text[: SHORTEST_NAME - 1].rpartition(" ")[0].rstrip(",;:-– ") + "…" if " " in text[:59] else text[:59] + "…"


def _options(row: Row) -> list[dict[str, str]]:
    """The answers, worst first, with their points."""
    says = {heading: row.text(heading) for heading in ANSWERS}
    last = max((place for place, heading in enumerate(ANSWERS) if says[heading]), default=0)
    there = ANSWERS[: max(last, 1) + 1]
    taken: set[str] = set()
    options = []
    for heading, points in zip(there, _points(row, there), strict=True):
        name = id_of(says[heading], heading.replace(" ", "-"))
        if not says[heading]:
            hint = "a question has at least two answers, the worst first, without gaps"
            row.complain(heading, f"{heading} is missing", hint)
        elif name in RESERVED:
            hint = "leave it out: every question offers it, and the column “not sure” says what it counts"
            row.complain(heading, f"“{says[heading]}” is no step on the way from worst to best", hint)
        options.append({"id": apart(name, taken), "says": says[heading], "points": points})
    return options


def _points(row: Row, answers: tuple[str, ...]) -> list[str]:
    """The points of the answers: all of them as written, or all spread evenly."""
    headings = [heading.replace("answer", "points") for heading in answers]
    if not any(row.text(heading) for heading in headings):
        row.silent.add("points")
        return [str(round(100 * place / (len(answers) - 1))) for place in range(len(answers))]
    for heading in headings:
        if not row.text(heading):
            row.complain(heading, "points are missing", "give every answer of a question points, or none of them")
    points = [row.number(heading, 100) if row.text(heading) else "0" for heading in headings]
    for heading, wanted, end in ((headings[0], "0", "worst"), (headings[-1], "100", "best")):
        if row.text(heading) and row.text(heading) != wanted:
            row.complain(heading, f"the {end} answer counts {wanted} points, not {row.text(heading)[:20]}")
    for heading, (less, more) in zip(headings[1:], pairwise(points), strict=True):
        if int(less) > int(more):
            row.complain(heading, f"this answer is better than the one before, and counts less: {more} after {less}")
    return points
