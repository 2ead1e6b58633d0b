"""What made-up assessments add to the tallies: found again from each of them, so that it can be taken back."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import NamedTuple

from assessment.engine.result import Outcome
from assessment.storage.tallies import Place, week_of
from assessment.tenancy.counting import BEFORE, Counted, Counts, Kind, of_lead, of_outcome, of_start

LEFT_BEHIND, AT_ONCE = 0.45, 0.2
"""How often somebody who gave up stands beside one who did not, and how often that was before the first question."""

LOOKED = (1, 5)
"""How many more only looked at the first page."""


class Seen(NamedTuple):
    """One made-up assessment as far as it is counted."""

    reference: str
    test: bool
    begun_at: datetime
    sent_in_at: datetime
    outcome: str
    people: str
    source: str
    lead: bool


def counts_of(tenant_id: int, sittings: Iterable[Seen]) -> dict[Place, dict[Counted, tuple[int, int]]]:
    """What these add up to, with those who only looked and those who gave up."""
    many: dict[Place, dict[Counted, tuple[int, int]]] = {}

    def add(at: datetime, counts: Counts, times: int = 1) -> None:
        here = many.setdefault(Place(tenant_id, one.test, week_of(at)), {})
        for counted, (count, total) in counts.items():
            before = here.get(counted, (0, 0))
            here[counted] = (before[0] + times * count, before[1] + times * total)

    for one in sittings:
        chance = Random(one.reference)  # noqa: S311  # the same each time is what is wanted
        outcome, answered = _of_text(one.outcome, one.people)
        add(one.sent_in_at, outcome)
        add(one.sent_in_at, {Counted(Kind.SOURCE, one.source, Kind.COMPLETE): (1, 0)})
        if one.lead:
            add(one.sent_in_at, of_lead(one.source))
        gave_up = int(chance.random() < LEFT_BEHIND)
        add(one.begun_at, of_start(one.source), 1 + gave_up)
        add(one.begun_at, {Counted(Kind.VIEW): (1 + gave_up + chance.randint(*LOOKED), 0)})
        if gave_up:
            early = int(len(answered) * chance.random() ** 2)
            last = BEFORE if chance.random() < AT_ONCE or not answered else answered[early]
            add(one.begun_at, {Counted(Kind.LEFT, last): (1, 0)})
    return many


@lru_cache(maxsize=512)
def _of_text(text: str, people: str) -> tuple[Counts, tuple[str, ...]]:
    """What an outcome adds, and what was answered; a few hundred firms make up a million assessments."""
    outcome = Outcome.model_validate_json(text)
    return of_outcome(outcome, people), tuple(one.question for one in outcome.answers if one.state == "answered")
