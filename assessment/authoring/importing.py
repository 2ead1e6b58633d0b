"""A spreadsheet to the files of a questionnaire, as an author would write them, checked before anybody sees them.

What the check finds is told at the cell it came from, because that is where the author mends it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from assessment.authoring.columns import are_headings
from assessment.authoring.csv_files import read_csv
from assessment.authoring.grid import MAX_BYTES, Grid, Unreadable
from assessment.authoring.rows import Draft, Drafts, read_rows
from assessment.authoring.xlsx_files import read_xlsx
from assessment.authoring.yaml_text import entry, listed
from assessment.engine.checks import check, prove
from assessment.engine.documents import read_yaml
from assessment.engine.loading import Loaded, assemble
from assessment.engine.problems import Problem, Source

MINUTES_A_QUESTION = 0.4
INVENTED = "The sheet has no advice here; this was made from the best answer. Write what to do, and why."


@dataclass(frozen=True, slots=True)
class Made:
    """The files of a new questionnaire by name, what was taken for granted, and what has to be mended first."""

    files: Mapping[str, str]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    questions: int = 0


def make(data: bytes, file: str, head: str) -> Made:
    """A questionnaire from the bytes of a CSV or .xlsx file; `head` is its questionnaire.yaml, but for the banks."""
    try:
        grid = _grid(data, file)
    except Unreadable as error:
        return Made({}, (), (Problem("unreadable", str(error), "", Source(file)),))
    drafts = read_rows(grid)
    notes = (*grid.notes, *drafts.notes)
    if drafts.problems:
        return Made({}, notes, drafts.problems)
    files = {"questionnaire.yaml": _head(head, drafts), **dict(_banks(drafts))}
    loaded = assemble({name: read_yaml(text, name) for name, text in files.items()})
    problems = loaded.problems or check(loaded) or prove(loaded)
    mapped = tuple(_at_cell(problem, loaded, drafts, grid) for problem in problems)
    return Made(files, notes, mapped, len(drafts.rows))


def _grid(data: bytes, file: str) -> Grid:
    if len(data) > MAX_BYTES:
        raise Unreadable(f"it is over {MAX_BYTES // 1024**2} MiB; keep the questions alone in it")
    if not data.strip():
        raise Unreadable("it is empty")
    if file.lower().endswith(".csv"):
        return read_csv(data, file, are_headings)
    if file.lower().endswith(".xlsx"):
        return read_xlsx(data, are_headings)
    raise Unreadable("only .xlsx and .csv files are read; save it as one of them")


def _head(head: str, drafts: Drafts) -> str:
    """The questionnaire's own file: the text it is made from, with minutes and banks put in."""
    asked = [draft.question["tier"] for draft in drafts.rows]
    counts = [sum(tier in tiers for tier in asked) for tiers in (TIERS[:1], TIERS[:2], TIERS)]
    quick, standard, full = (max(1, round(count * MINUTES_A_QUESTION)) for count in counts)
    banks = "".join(f"  - {{bank: {bank}, weight: {weight}}}\n" for bank, weight in _weights(drafts).items())
    minutes = f"minutes: {{quick: {quick}, standard: {standard}, full: {full}}}"
    text = re.sub(r"(?m)^minutes: \{.*?\}", minutes, head)
    return re.sub(r"(?m)^banks:\n(?:  - .*\n)+", lambda _: f"banks:\n{banks}", text)


TIERS = ("quick", "standard", "full")


def _weights(drafts: Drafts) -> dict[str, int]:
    """Each bank counts as much as its questions together, so that a question counts the same wherever it stands."""
    total = {bank: sum(int(d.question["weight"]) for d in _of(drafts, bank)) for bank in drafts.banks}
    most = max(total.values())
    return {bank: weight if most <= 100 else max(1, round(100 * weight / most)) for bank, weight in total.items()}


def _of(drafts: Drafts, bank: str) -> list[Draft]:
    return [draft for draft in drafts.rows if draft.bank == bank]


def _banks(drafts: Drafts) -> Iterator[tuple[str, str]]:
    for bank, title in drafts.banks.items():
        lines = [
            *entry("id", bank, 0),
            *entry("title", title, 0),
            "# One sentence for the report: what this part looks at.",
            *entry("about", f"How you stand with “{title}”.", 0),
            "",
            "questions:",
        ]
        for draft in _of(drafts, bank):
            lines += [*listed(draft.question, (), 2), ""]
        lines.append("recommendations:")
        for draft in _of(drafts, bank):
            lines += [*listed(draft.advice, (INVENTED,) if "do" in draft.silent else (), 2), ""]
        yield f"banks/{bank}.yaml", "\n".join(lines)


def _at_cell(problem: Problem, loaded: Loaded, drafts: Drafts, grid: Grid) -> Problem:
    """The problem at the row its part came from; one that belongs to no row keeps its place."""
    rows = {
        f"{part}:{draft.bank}.{item['id']}": draft.row
        for draft in drafts.rows
        for part, item in (("questions", draft.question), ("recommendations", draft.advice))
    }
    before = [
        (source, rows[key])
        for key, source in loaded.places.items()
        if key in rows and source.file == problem.source.file and source.line <= problem.source.line
    ]
    if not before:
        return problem
    return replace(problem, source=Source(grid.name(max(before)[1], 1)))
