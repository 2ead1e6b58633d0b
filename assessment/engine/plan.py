"""A scored assessment to a plan: which recommendations apply, in what order, what each gains, what comes first.

The order never depends on gain: it is by when a thing should be done, confirmed critical findings first, then by
authored impact and how bad the answer is, with prerequisites before what needs them. What each action gains is found
by running the arithmetic again with that answer improved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from assessment.engine.advice import Horizon
from assessment.engine.firing import Candidate, Firing
from assessment.engine.result import Mode
from assessment.engine.scoring import Scored

EARLY, MOST_OF_A_BANK = 10, 3
"""At most so many of the first ten actions come from one bank, unless a confirmed critical finding names them."""


def candidates(scored: Scored) -> tuple[Candidate, ...]:
    """Everything that applies, in the order to do it."""
    fires = Firing(scored)
    found = [
        one for advice in scored.route.questionnaire.recommendations.values() if (one := fires(advice)) is not None
    ]
    linked = _link(_ask_once(found), scored, fires)
    ordered = _prerequisites_first(sorted(linked, key=lambda one: one.order))
    ordered = _spread_banks(ordered)
    ordered = _something_free_early(ordered)
    return tuple(_never_earlier(ordered))


def _ask_once(found: list[Candidate]) -> list[Candidate]:
    """Of the actions that only wait for the same answers, keep the weightiest; the rest apply once it is known."""
    asked: set[str] = set()
    kept = []
    for one in sorted(found, key=lambda one: (not one.leads, -one.priority, one.id)):
        if one.mode is Mode.FIND_OUT and set(one.finds_out) <= asked:
            continue
        asked.update(one.finds_out)
        kept.append(one)
    leading = next((one for one in kept if one.leads), None)
    return [replace(one, leads=False) if one.leads and one is not leading else one for one in kept]


def _link(found: list[Candidate], scored: Scored, fires: Firing) -> list[Candidate]:
    """Add what comes first and what is replaced; a replaced action waits a step longer, finding out never waits.

    What its author says comes first, then what replaces it, and last what lifts the answer that settles its own, unless
    that waits for it by now.
    """
    by_id = {one.id: one for one in found}
    done = {one.id: one for one in found if one.mode is Mode.DO}
    replaced = {r: one for one in done.values() for r in one.advice.replaces if r in done}
    waits: dict[str, list[str]] = {one.id: [] for one in found}
    for one in done.values():
        waits[one.id] = [need.do for need in one.advice.needs.first if need.do in by_id and fires.holds(need.when)]
    for one_id, by in replaced.items():
        waits[one_id].append(by.id)
    for one in done.values():
        waits[one.id] += [other for other in _lifting(one, scored, found) if one.id not in _ahead(other, waits)]
    return [
        replace(
            one,
            first=tuple(dict.fromkeys(waits[one.id])),
            then=tuple(r for r in one.advice.replaces if replaced.get(r) is one),
            horizon=_later(one.horizon, replaced.get(one.id)),
        )
        for one in found
    ]


def _later(horizon: Horizon, by: Candidate | None) -> Horizon:
    """When a replaced action is due: a step after what replaces it."""
    return horizon if by is None else max(horizon, _next(by.horizon), key=lambda h: h.order)


def _lifting(one: Candidate, scored: Scored, found: list[Candidate]) -> Iterable[str]:
    """The actions that raise an answer which settles what this one is about."""
    gates = {scored.route.standings[q].settled_by for q in one.reasons} - {None, *one.advice.raises}
    return [other.id for other in found if not gates.isdisjoint(other.advice.raises)] if gates else []


def _ahead(action: str, waits: Mapping[str, Sequence[str]]) -> set[str]:
    """An action and all that comes before it, in the end."""
    ahead, following = {action}, [action]
    while following:
        new = set(waits[following.pop()]) - ahead
        ahead |= new
        following += new
    return ahead


def _next(horizon: Horizon) -> Horizon:
    return list(Horizon)[min(horizon.order + 1, len(Horizon) - 1)]


def _prerequisites_first(ordered: list[Candidate]) -> list[Candidate]:
    """Keep the order, but put what must be done first directly before the first action that needs it.

    Where two wait for each other (one needs what it replaces), the later one's wait goes.
    """
    by_id = {one.id: one for one in ordered}
    placed: dict[str, Candidate] = {}

    def place(one: Candidate, horizon: Horizon, above: frozenset[str]) -> None:
        if one.id in placed or one.id in above:
            return
        soonest = min(one.horizon, horizon, key=lambda h: h.order)
        for need in one.first:
            if need in by_id:
                place(by_id[need], soonest, above | {one.id})
        done = tuple(need for need in one.first if need in placed or need not in by_id)
        same = done == one.first and soonest is one.horizon
        placed[one.id] = one if same else replace(one, first=done, horizon=soonest)

    for one in ordered:
        place(one, one.horizon, frozenset())
    return list(placed.values())


def _spread_banks(ordered: list[Candidate]) -> list[Candidate]:
    """Hold the fourth and later actions of one bank back until ten have been placed, and what needs them too."""
    early: list[Candidate] = []
    held: list[Candidate] = []
    for place, one in enumerate(ordered):
        if len(early) == EARLY:
            held += ordered[place:]
            break
        waits = any(other.id in one.first for other in held)
        crowded = sum(other.advice.bank == one.advice.bank for other in early) >= MOST_OF_A_BANK
        (held if not one.leads and (waits or (crowded and not one.critical)) else early).append(one)
    if len(early) < EARLY:
        return early + held
    rest = sorted(map(_after_the_first_week, held), key=lambda one: one.order)
    return early + _prerequisites_first(rest)


def _after_the_first_week(one: Candidate) -> Candidate:
    """Ten actions fill a first week: what comes after them has a month, unless a critical finding names it."""
    return one if one.critical or one.horizon is not Horizon.NOW else replace(one, horizon=Horizon.MONTH)


def _something_free_early(ordered: list[Candidate]) -> list[Candidate]:
    """At least one of the first three costs nothing, where anything in the plan does; it is done with them."""
    if any(one.free for one in ordered[:3]) or len(ordered) <= 3:
        return ordered
    done = {one.id for one in ordered[:2]}
    third = next((one for one in ordered[3:] if one.free and set(one.first) <= done), None)
    if third is None:
        return ordered
    soonest = replace(third, horizon=min(third.horizon, ordered[2].horizon, key=lambda h: h.order))
    return [*ordered[:2], soonest, *(one for one in ordered[2:] if one is not third)]


def _never_earlier(ordered: list[Candidate]) -> Iterable[Candidate]:
    """Read down the plan, horizons only ever get later."""
    latest = Horizon.NOW
    for one in ordered:
        latest = max(latest, one.horizon, key=lambda h: h.order)
        yield one if one.horizon is latest else replace(one, horizon=latest)
