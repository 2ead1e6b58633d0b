"""The charts of a dashboard in their order, all from the same sums."""

from collections.abc import Callable, Sequence
from datetime import date

from assessment.engine.questionnaire import Questionnaire
from assessment.reports.dashboard import firms, visitors
from assessment.reports.dashboard.cohort import Chart, Cohort
from assessment.tenancy.counting import Sum


def charts(
    sums: Sequence[Sum],
    questionnaire: Questionnaire,
    source_says: Callable[[str], str],
    since: date | None,
    last_week: date,
) -> tuple[Chart, ...]:
    """Every chart of a tenant's dashboard, from the sums of its tallies since a week, if any, up to this one."""
    cohort = Cohort(sums, questionnaire, source_says)
    first = since or min((week for week, _ in cohort.by_week), default=last_week)
    return (
        visitors.funnel(cohort),
        visitors.left(cohort),
        firms.scores(cohort),
        visitors.trend(cohort, first, last_week),
        firms.banks(cohort),
        firms.criticals(cohort),
        firms.actions(cohort),
        visitors.sources(cohort),
    )
