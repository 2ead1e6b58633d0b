"""What many assessments say together: every chart of a dashboard as a sentence, a table and a figure of one source."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from assessment.engine.questionnaire import Questionnaire
from assessment.tenancy.counting import Kind, Sum

STAFF = "profile.staff"


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: what it says in a sentence, its numbers as a table, and the Plotly figure of the same numbers."""

    id: str
    title: str
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    figure: dict[str, object] = field(default_factory=dict)
    note: str = ""


class Cohort:
    """The sums of a dashboard, to be asked by kind."""

    def __init__(self, sums: Iterable[Sum], questionnaire: Questionnaire, source_says: Callable[[str], str]) -> None:
        self.questionnaire, self.source_says = questionnaire, source_says
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.totals: Counter[tuple[str, str, str]] = Counter()
        self.by_week: Counter[tuple[date, str]] = Counter()
        self.scores: Counter[date] = Counter()
        for one in sums:
            self.counts[one.kind, one.name, one.part] += one.times
            self.totals[one.kind, one.name, one.part] += one.total
            if one.week is not None:
                self.by_week[one.week, one.kind] += one.times
                self.scores[one.week] += one.total

    def count(self, kind: Kind) -> int:
        """How often something of this kind was counted."""
        return sum(self.named(kind).values())

    def named(self, kind: Kind, part: str | None = None) -> dict[str, int]:
        """How often, by name; of one part, or of all."""
        found: Counter[str] = Counter()
        for (this, name, of), count in self.counts.items():
            if this == kind and count > 0 and part in (None, of):
                found[name] += count
        return dict(found)

    def parts(self, kind: Kind) -> dict[tuple[str, str], int]:
        """How often, by name and part."""
        return {key[1:]: count for key, count in self.counts.items() if key[0] == kind and count > 0}

    def average(self, kind: Kind, name: str | None = None, part: str | None = None) -> int | None:
        """The average of the figures, rounded half up; None where nothing was counted."""
        fits = [key for key in self.counts if key[0] == kind and name in (None, key[1]) and part in (None, key[2])]
        return average(sum(self.totals[key] for key in fits), sum(self.counts[key] for key in fits))

    @property
    def people(self) -> Mapping[str, str]:
        """How many people work at a firm, in words, by option; in the order of the questionnaire."""
        asked = self.questionnaire.questions.get(STAFF)
        return {option.id: option.says for option in asked.options} if asked else {}


def average(total: int, count: int) -> int | None:
    """The rounded average; None of nothing."""
    return (2 * total + count) // (2 * count) if count > 0 else None


def number(count: int) -> str:
    """A number as it is read."""
    return f"{count:,}"


def some(count: int, one: str, many: str = "") -> str:
    """A number of things."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def percent(count: int, of: int) -> str:
    """A share in whole percent; none of nothing or of less, and never 0% or 100% of what is not."""
    if not of or count > of:
        return "–"
    share = round(100 * count / of)
    if share == 0 and count:
        return "under 1%"
    return "over 99%" if share == 100 and count < of else f"{share}%"
