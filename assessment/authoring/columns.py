"""The columns of a spreadsheet of questions: one table that the reader, the empty sheet and the documents follow."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST_ANSWERS = 7


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, what stands in it, what an empty cell means, and what else people call it."""

    heading: str
    says: str
    empty: str = ""
    also: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    width: int = 14

    @property
    def required(self) -> bool:
        return not self.empty


def _answers() -> Iterable[Column]:
    """The answers, and behind them their points, which few sheets have."""
    says = {1: "The worst answer.", 2: "The next better answer; the last one filled is the best."}
    for n in range(1, MOST_ANSWERS + 1):
        empty = "" if n <= 2 else "there are no more answers"
        yield Column(f"answer {n}", says.get(n, "A better answer still."), empty, (f"option {n}",), width=26)


def _points() -> Iterable[Column]:
    says = "What the answer counts, from 0 for the worst to 100 for the best."
    for n in range(1, MOST_ANSWERS + 1):
        yield Column(f"points {n}", says, "spread evenly from 0 to 100", (f"score {n}",), width=9)


COLUMNS = (
    Column(
        "bank", "The topic of the question.", "the topic of the row above", ("topic", "section", "category"), width=20
    ),
    Column("question", "What you ask: one question, one idea.", also=("ask",), width=44),
    Column("help", "A sentence under the question that makes it easier to answer.", "no such sentence", width=36),
    *_answers(),
    Column("do", "The advice to whoever has not given the best answer: one sentence.", "made from the best answer",
           ("recommendation", "advice", "action"), width=40),
    Column("why", "Why that helps.", "a sentence that says it lifts the score", ("reason",), width=40),
    Column("steps", "How to do it, one step a line (Alt+Enter).", "no steps", width=40),
    Column("weight", "How much the question counts, from 1 (little) to 10 (much).", "3"),
    Column("depth", "The shortest check that asks it.", "quick", ("tier",), ("quick", "standard", "full")),
    Column("not sure", "The points for “I’m not sure”, or: no, to not offer it.", "0"),
    Column("hours", "Hours of work for the owner and the staff.", "1", ("effort",)),
    Column("outside hours", "Hours of work for somebody who is paid for it.", "0"),
    Column("cost", "What it costs besides hours.", "none", allowed=("none", "low", "medium", "high", "very-high")),
    Column("horizon", "By when: now (this week), or within 30, 90 or 365 days.", "90", ("when", "by when"),
           ("now", "30", "90", "365")),
    Column("who", "Who does most of it.", "owner", allowed=("owner", "staff", "provider")),
    Column("impact", "How early the advice comes in the plan, from 0 to 100.", "ten times the weight", ("priority",)),
    Column("short", "The question in a few words, for the report.", "the question, cut short", width=24),
    Column("code", "A short label of the question for your staff, such as B5.", "no label"),
    Column("id", "A lasting name of small letters, digits and hyphens.", "made from the question", width=22),
    *_points(),
)  # fmt: skip
BY_HEADING: Mapping[str, Column] = {name: column for column in COLUMNS for name in (column.heading, *column.also)}


def column_of(text: str) -> Column | None:
    """The column a heading means; small and capital letters, spaces and a colon make no difference."""
    words = re.sub(r"(?<=[a-z])(?=\d)", " ", re.sub(r"[\s_-]+", " ", text.strip().rstrip(":*").lower()))
    return BY_HEADING.get(words.strip())


def are_headings(texts: Iterable[str]) -> bool:
    """Whether these texts are a row of headings: the question and an answer are among them."""
    found = {column.heading for text in texts if (column := column_of(text))}
    return {"question", "answer 1"} <= found or ("question" in found and len(found) > 2)
