"""How visitors come through: from first look to contact details, where they stop, week by week, and where from."""

from datetime import date, timedelta
from itertools import pairwise

from assessment.reports.dashboard import figures
from assessment.reports.dashboard.cohort import Chart, Cohort, average, number, percent, some
from assessment.tenancy.counting import BEFORE, Kind

MOST = 10
DIRECT = "Straight to the address"
WEEK = timedelta(days=7)
STEPS = {
    Kind.VIEW: "Saw the first page",
    Kind.START: "Began",
    Kind.COMPLETE: "Sent in their answers",
    Kind.LEAD: "Left contact details",
}


def funnel(cohort: Cohort) -> Chart:
    """From the first page to contact details."""
    values = [cohort.count(kind) for kind in STEPS]
    shares = ["–", *(percent(now, before) for before, now in pairwise(values))]
    began, done = cohort.count(Kind.START), cohort.count(Kind.COMPLETE)
    says = f"{some(began, 'check was', 'checks were')} begun and {number(done)} sent in."
    return Chart(
        "funnel",
        "From first look to contact details",
        says if began or done else "Nobody has begun a check in this time.",
        ("Step", "How many", "Of the step before"),
        tuple(zip(STEPS.values(), map(number, values), shares, strict=True)),
        figures.bars(list(STEPS.values()), values, said(values, shares)),
        "A first page that a browser keeps for a minute is counted once. "
        "Checks your staff lead in a meeting are not in these numbers.",
    )


def left(cohort: Cohort) -> Chart:
    """Where people stop, in the order of the questions."""
    found, began, asked = cohort.named(Kind.LEFT), cohort.count(Kind.START), cohort.questionnaire.questions
    names = {BEFORE: "Before the first answer"} | {one: question.short for one, question in asked.items()}
    places = [one for one in names if one in found] + sorted(set(found) - set(names))
    titles, values = [names.get(one, one) for one in places], [found[one] for one in places]
    shares = [percent(n, began) for n in values]
    shown = f"The chart shows the {MOST} commonest places, the table all of them. " if len(values) > MOST else ""
    went_on = [number(max(0, began - sum(values[: place + 1]))) for place in range(len(values))]
    return Chart(
        "left",
        "Where people stop",
        _stopped(titles, values),
        ("Last question answered", "Stopped here", "Of those who began", "Went on"),
        tuple(zip(titles, map(number, values), shares, went_on, strict=True)),
        _worst(titles, values, said(values, shares)),
        f"{shown}Somebody has stopped when a day has gone by. Who comes back and finishes is taken out again.",
    )


def _worst(titles: list[str], values: list[int], says: list[str]) -> figures.Figure:
    """Where most stop, in the order of the questions."""
    if not values:
        return {}
    most = sorted(sorted(range(len(values)), key=lambda place: -values[place])[:MOST])
    return figures.bars([titles[n] for n in most], [values[n] for n in most], [says[n] for n in most])


def _stopped(titles: list[str], values: list[int]) -> str:
    if not values:
        return "Nobody has left a check unfinished for more than a day."
    most = max(values)
    worst = titles[values.index(most)]
    where = f"{worst[0].lower()}{worst[1:]}" if worst.startswith("Before") else f"after “{worst}”"
    return f"{some(sum(values), 'check was', 'checks were')} left unfinished, most often {where} ({number(most)})."


def trend(cohort: Cohort, first: date, last: date) -> Chart:
    """Week by week, those in which nothing happened included."""
    weeks = [first + n * WEEK for n in range((last - first) // WEEK + 1)]
    done = [cohort.by_week[week, Kind.COMPLETE] for week in weeks]
    leads = [cohort.by_week[week, Kind.LEAD] for week in weeks]
    means = [average(cohort.scores[week], cohort.by_week[week, Kind.SCORE]) for week in weeks]
    days = [f"{week.day} {week:%b %Y}" for week in weeks]
    shown = zip(days, map(number, done), map(number, leads), map(figure, means), strict=True)
    return Chart(
        "trend",
        "Week by week",
        f"Since Monday {some(done[-1], 'check was', 'checks were')} sent in; "
        f"{some(leads[-1], 'visitor', 'visitors')} left contact details.",
        ("Week from", "Sent in", "Left details", "Average score"),
        tuple(shown)[::-1],
        figures.weeks([week.isoformat() for week in weeks], done, leads, means),
        "A week begins on Monday, UTC. The last one is not over yet.",
    )


def sources(cohort: Cohort) -> Chart:
    """Where people come from, and how many of them finish and leave details."""
    by_step = [cohort.named(Kind.SOURCE, part) for part in (Kind.START, Kind.COMPLETE, Kind.LEAD)]
    began, done, _ = by_step
    order = sorted(set().union(*by_step), key=lambda one: (-done.get(one, 0), -began.get(one, 0), one))
    groups = [(cohort.source_says(one) if one else DIRECT, [one]) for one in order[:MOST]]
    if rest := order[MOST:]:
        groups.append((some(len(rest), "other"), rest))
    titles = [title for title, _ in groups]
    counted = [[sum(step.get(one, 0) for one in them) for _, them in groups] for step in by_step]
    values, total = counted[1], sum(done.values())
    return Chart(
        "sources",
        "Where people come from",
        f"Most came by “{titles[0]}”: {number(values[0])} of the {number(total)} who sent in their answers."
        if total
        else "Nobody has sent in answers yet.",
        ("Came from", "Began", "Sent in", "Left details"),
        tuple(zip(titles, *(map(number, column) for column in counted), strict=True)),
        figures.bars(titles, values, [f"{number(n)} sent in" for n in values]) if titles else {},
    )


def said(values: list[int], shares: list[str]) -> list[str]:
    """Each number with its share, where it has one."""
    return [number(n) if share == "–" else f"{number(n)} ({share})" for n, share in zip(values, shares, strict=True)]


def figure(score: int | None) -> str:
    """A score, or that there is none."""
    return "–" if score is None else str(score)
